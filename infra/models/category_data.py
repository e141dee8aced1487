"""What the category model is trained on: two public lists, the tables of the ledger, and names made up from them."""

import hashlib
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from category_model import fnv, words

SEED = 20261122
TABLES = Path(__file__).parents[2] / "shared/ledger/src/category"
HELD_OUT = Path(__file__).parent / "category_held_out.tsv"
SHA256 = {
    "nsi_brands.tsv": "e8daaf8c73eddf548a3de8b4be2475544e1b94bc8d43b4d250e409f107c1a18a",
    "mcc.tsv": "1bc5c6f3aaec4395a0d4f745b6d28be8b8bfa10a443bcfeac628a91734176c64",
}
DATA_HELP = """\
The training data are two tab-separated files in one folder:
  nsi_brands.tsv  name, category, 1 when the brand is in India or everywhere; from the name-suggestion-index of
                  OpenStreetMap, https://github.com/osmlab/name-suggestion-index, BSD-3-Clause
  mcc.tsv         description, category; from https://github.com/greggles/mcc-codes, Unlicense"""

# What a row counts, by where it is from; brands of India, and lists of schools, bus lines and power stations.
INDIAN, TABLE, MADE_UP = 3.0, 3.0, 0.5
BY_LABEL = {"education": 0.35, "transportation": 0.5, "utilities": 0.6, "other": 0.6}
# Made-up names for each trade, and for each word that tells no trade.
PER_TRADE, PER_GENERIC, PEOPLE = 6, 36, 2400

FIRST = """aditya amman anand andhra annapurna arun ashoka ayyappa balaji bengal best bharat bismillah blue bombay
bangalore central chandra chennai city classic deepa delhi diamond divya durga east elite family famous friends ganesh
ganesha gayathri global golden grand green gujarat gupta guru hanuman happy hill hindustan hyderabad india indian iyer
jai jain jasmine jaya kerala khan kiran krishna lake lakshmi laxmi little lotus lucky maa madina madras mahalaxmi mata
metro modern moon mumbai murugan mysore nanak national new noor north om pai patel pearl perfect popular prime priya
pune punjab raj raja rajasthan rama rani reddy river rose royal ruby sai sandhya saraswathi sea shakti shanti sharma
shetty shiva shree shri silver singh south sree sri star sun sunrise super surya taj the town unique universal usha
venkatesh venkateswara vijaya west""".split()
LAST = """pvt_ltd private_limited and_sons and_co bros enterprises traders stores centre center shop house point corner
world hub palace gallery plaza mart services agencies company kendra bhandar india""".split()
# What such a name usually is, as far as that can be said; "other" where it cannot.
GENERIC = [
    *((word, "other") for word in "enterprises enterprise traders trading agencies associates industries".split()),
    *((word, "other") for word in "services solutions technologies".split()),
    *((word, "groceries") for word in "stores store mart bhandar".split()),
    *((word, "shopping") for word in "stores store mart bazaar".split()),
    *((word, "food_dining") for word in "hotel hotel bhavan bhawan palace".split()),
    ("hotel", "travel"),
]

_INSURANCE = re.compile(r"\b(insur\w*|assuran\w*|versicherung\w*|life|seguros|allianz|axa|generali|lic)\b")
_LENDING = re.compile(r"\b(loans?|finance|financial|fincorp|credit services|lending|tax payments)\b")
_INVESTING = re.compile(r"securit|broker|asset manage|wealth|mutual fund|capital markets")
_FITNESS = re.compile(r"fitness|\bgyms?\b|yoga|crossfit|pilates")


@dataclass(frozen=True)
class Row:
    name: str
    label: str
    weight: float
    # Brands with variants of one name are one group, and are held out together.
    group: str
    source: str

    @property
    def indian(self) -> bool:
        return self.source == "india"


def relabel(name: str, label: str) -> str:
    """The lists know no utilities, investments and lenders: their "bills" are power companies and telephones."""
    if label == "bills":
        return "bills" if "cable" in name else "utilities"
    if label == "shopping" and _FITNESS.search(name):
        return "entertainment"
    if label == "other" and _INSURANCE.search(name):
        return "bills"
    if label == "other" and _INVESTING.search(name):
        return "investment"
    if label == "other" and _LENDING.search(name) and "bank" not in name and "institutions" not in name:
        return "bills"
    return label


def table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def read(folder: Path, file: str) -> list[list[str]]:
    path = folder / file
    if not path.is_file():
        sys.exit(f"{path}: no such file.\n{DATA_HELP}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256[file]:
        sys.exit(f"{path}: not the expected file (sha256 differs from {SHA256[file]}).\n{DATA_HELP}")
    return table(path)


def brands(folder: Path) -> list[Row]:
    listed = read(folder, "nsi_brands.tsv")
    common = Counter(word for name, *_ in listed for word in set(words(name)))

    def group(name: str) -> str:
        """The first word that few brands have; two names with the same words are in one group in any case."""
        for word in words(name):
            if common[word] <= 30 and len(word) > 2:
                return word
        return " ".join(sorted(set(words(name))))

    found = []
    for name, label, indian in listed:
        label = relabel(name, label)
        weight = BY_LABEL.get(label, 1.0) * (INDIAN if indian == "1" else 1.0)
        found.append(Row(name, label, weight, group(name), "india" if indian == "1" else "world"))
    return [row for row in found if words(row.name)]


def always(folder: Path) -> list[Row]:
    """What no figure is computed on: the list of trades, the tables of the ledger, and made-up names."""
    codes = [Row(name, relabel(name, label), 1.0, "", "codes") for name, label in read(folder, "mcc.tsv")]
    known = table(TABLES / "merchants.tsv") + table(TABLES / "words.tsv")
    tables = [Row(name.lstrip("="), label, TABLE, "", "tables") for name, label, _ in known]
    return [row for row in [*codes, *tables, *made_up()] if words(row.name)]


def made_up() -> list[Row]:
    """Small businesses as messages name them: a few words before a trade, often cut off; and people."""
    draw = random.Random(SEED)
    people = (TABLES / "people.txt").read_text(encoding="utf-8").split()
    before = FIRST * 3 + people
    found = []
    for trade, label, _ in table(TABLES / "words.tsv"):
        for _ in range(PER_TRADE):
            count = draw.choices([0, 1, 2], [0.15, 0.5, 0.35])[0]
            parts = [*draw.choices(before, k=count), trade]
            if draw.random() < 0.35:
                parts.append(draw.choice(LAST).replace("_", " "))
            name = " ".join(parts)
            if draw.random() < 0.4:
                name = name[: draw.randint(14, 22)].strip()
            # A name that was cut off before its trade teaches nothing.
            if trade[:5] in name:
                found.append((name, label))
    for word, label in GENERIC:
        for _ in range(PER_GENERIC):
            found.append((" ".join([*draw.choices(before, k=draw.choice([1, 1, 2])), word]), label))
    initials = list("abcdghjkmnprsv") * 20
    for _ in range(PEOPLE):
        parts = [draw.choice(people), draw.choice(people + initials)]
        if draw.random() < 0.25:
            parts.append(draw.choice(people + initials))
        found.append((" ".join(parts[:1] if draw.random() < 0.12 else parts), "transfer"))
    return [Row(name, label, MADE_UP, "", "made_up") for name, label in found]


def held_out() -> list[Row]:
    """Small Indian businesses as messages name them, written down before the model was trained and used for nothing."""
    return [Row(name, label, 0.0, name, "own") for name, label in table(HELD_OUT)]


class Tables:
    """The ledger's own way to a category, as far as a name alone decides."""

    def __init__(self) -> None:
        merchants = table(TABLES / "merchants.tsv")
        self.whole = {name[1:] for name, *_ in merchants if name.startswith("=")}
        self.merchants = self._by_first(merchants)
        self.trades = self._by_first(table(TABLES / "words.tsv"))

    @staticmethod
    def _by_first(lines: list[list[str]]) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for phrase, label, _ in lines:
            if not phrase.startswith("=") and words(phrase):
                found.setdefault(words(phrase)[0], []).append((" ".join(words(phrase)), label))
        return found

    @staticmethod
    def _among(phrases: dict[str, list[tuple[str, str]]], name: str) -> list[tuple[str, str]]:
        rest, found = words(name), []
        while rest:
            text = " ".join(rest) + " "
            here = [each for each in phrases.get(rest[0], []) if text.startswith(each[0] + " ")]
            longest = max(here, key=lambda each: len(each[0]), default=None)
            found += [longest] if longest else []
            rest = rest[len(longest[0].split()) if longest else 1 :]
        return found

    def knows(self, name: str) -> bool:
        return " ".join(words(name)) in self.whole or bool(self._among(self.merchants, name))

    def trade(self, name: str) -> str | None:
        found = self._among(self.trades, name)
        return found[-1][1] if found else None


def fold(row: Row, folds: int, brands_together: bool) -> int:
    """Together are the names of a brand, or only those with the same words."""
    group = row.group if brands_together else " ".join(sorted(set(words(row.name))))
    return fnv(f"fold {group}".encode()) % folds
