"""The model card of the category model. Every number in it is computed by the training run."""

from collections import Counter
from typing import Any

import category_data as cd
import category_model as cm
from failure_card import bullets, paragraph, table

SETS = {
    "india": "brands that are in India or everywhere, held out",
    "brands": "all brands, held out",
    "india_by_name": "names of brands that are in India or everywhere, held out",
    "brands_by_name": "names of all brands, held out",
    "small_businesses": "small Indian businesses (`category_held_out.tsv`)",
}


def share(found: dict[str, float]) -> str:
    return f"{found['mean']:.3f} ({found['low']:.3f} to {found['high']:.3f})"


def figures_table(summary: dict[str, dict[str, Any]], way: str) -> str:
    rows = []
    for name, label in SETS.items():
        each = summary[name][way]
        rows.append([label, str(each["rows"]), share(each["accuracy"])])
        for limit in ("told", "sure"):
            rows[-1] += [f"{each[limit]['share']:.3f}", share(each[limit]["accuracy"])]
    return table(["names", "number", "accuracy", "told", "of these right", "sure", "of these right"], rows)


def labels_table(summary: dict[str, dict[str, Any]]) -> str:
    rows = []
    for label in cm.LABELS:
        line = [label]
        for name in SETS:
            found = summary[name]["with_trades"]["labels"].get(label)
            line.append(f"{found['right']:.3f} of {found['rows']}" if found else "none")
        rows.append(line)
    return table(["category", "India", "all brands", "names, India", "names, all", "small businesses"], rows)


def reliability_table(reliability: list[dict[str, float]]) -> str:
    rows = [[f"{r['from']:g}", f"{r['rows']}", f"{r['told']:.3f}", f"{r['right']:.3f}"] for r in reliability]
    return table(["confidence from", "names", "mean confidence", "right"], rows)


def render(
    *,
    manifest: dict[str, Any],
    model_bytes: int,
    calibration: dict[str, float],
    summary: dict[str, dict[str, Any]],
    reliability: list[dict[str, float]],
    brands: list[cd.Row],
    always: list[cd.Row],
    folds: int,
    limits: tuple[float, float, float, float],
) -> str:
    told, sure, right, by_trade = limits
    sources = Counter(row.source for row in [*brands, *always])
    sections = [
        f"# Model card: {manifest['name']} {manifest['version']}",
        "Written by `train_category.py`; do not edit by hand.",
        "## Intended use",
        paragraph(
            """Guesses from the name of a merchant what a payment was for. The ledger asks it last: only for names that
            its rules, its dictionary of merchants, its list of people's names and its list of trades do not decide.
            It sees nothing but the name, and learns nothing from requests."""
        ),
        "## Data",
        bullets(
            [
                f"""{sources["india"] + sources["world"]} brands of the name-suggestion-index of OpenStreetMap
                (BSD-3-Clause), {sources["india"]} of them in India or everywhere; sha256
                `{manifest["training_data"][0]["sha256"]}`.""",
                f"""{sources["codes"]} descriptions of merchant category codes (greggles/mcc-codes, Unlicense); sha256
                `{manifest["training_data"][1]["sha256"]}`.""",
                f"""{sources["tables"]} merchants and trades of the ledger's own tables, and {sources["made_up"]} names
                made up from them: small businesses as bank messages write them, often cut off, and people.""",
            ]
        ),
        paragraph(
            f"""Categories of the brands were mapped from tags and are noisy. The lists know no utilities: their "bills"
            are power companies and telephones, and count as utilities here; insurers and lenders count as bills,
            brokers as investment, gyms as entertainment. Brands of India count {cd.INDIAN:g} times; schools,
            bus lines, power companies and banks, of which the lists are full, count less."""
        ),
        "## Model",
        paragraph(
            f"""Logistic regression over the hashed words of a name, their runs of {cm.SHORTEST} to {cm.LONGEST} letters
            with the ends of the word, pairs of neighbouring words, and the last word: {cm.BUCKETS} rows (FNV-1a) of
            {len(cm.LABELS)} whole numbers in one byte each. The graph adds up the rows of a name, at most
            {cm.MOST_ROWS}, and takes a softmax. `model.onnx` is {model_bytes} bytes. sha256: `{manifest["sha256"]}`."""
        ),
        "## Confidence",
        paragraph(
            f"""The answers of held-out models to the names that the ledger would ask about, tempered. They are
            likeliest at a temperature of {calibration["likeliest"]:g}; the model has {calibration["temperature"]:g},
            where {right:.0%} of the answers with a confidence from {sure:g} on are right (a brand of India counting
            {cd.INDIAN:g} times), or the highest that was tried. It is rather too unsure than too sure."""
        ),
        reliability_table(reliability),
        paragraph(
            f"""From {told:g} on the ledger tells the guess; below it says `other`, with the confidence, and `unsure` as
            the reason."""
        ),
        "## Figures",
        paragraph(
            f"""Names that the dictionary knows are left out of every figure. Brands: {folds} folds; brands that share
            their first rare word, and names of the same words, are in one fold; each fold is answered by a model that
            saw none of it, run by its ONNX graph. Names of brands: the same, but only names of the same words are kept
            together, so that other names of a brand may have been seen. Small businesses: names as bank messages write
            them, written down before the first training and used for no choice; no training row has the same words.
            Told: confidence from {told:g} on; sure: from {sure:g} on; in brackets 95 % intervals (Wilson)."""
        ),
        "### The ledger: trades first, then the model",
        paragraph(
            f"""A name that says its trade (`medicals`, `tiffins`) is decided by that, with confidence {by_trade:g}, as
            the ledger does. The ledger also takes some names for people's; the example `evaluate_categories` of
            `inference` counts that in."""
        ),
        figures_table(summary, "with_trades"),
        "### The model alone",
        figures_table(summary, "model"),
        "### By category: the ledger, likeliest answer",
        labels_table(summary),
        "## Limitations",
        bullets(
            [
                """Brand names need not say anything: nobody can tell from the letters what an unknown brand sells. That
                bounds the figures for brands; the released model has seen all of them, and then the dictionary.""",
                """Names in other scripts than Latin have no features and get no answer that is told.""",
                """The small businesses are from one hand, like the list of trades.""",
            ]
        ),
        "## Reproduce",
        "```sh\npip install -r requirements.txt\npython train_category.py --data <folder> --out category\n```",
        paragraph(
            """Two runs give the same bytes of model, manifest, golden file and card. Versions are pinned, the seed is
            fixed and everything runs on one thread. A processor with other vector instructions may differ in the last
            digits of a fit."""
        ),
    ]
    return "\n\n".join(sections) + "\n"
