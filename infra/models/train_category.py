"""Trains the category model: writes model.onnx, manifest.json, golden.json and CARD.md.

    python train_category.py --data <folder with nsi_brands.tsv and mcc.tsv> --out category

Brands are kept together: every published figure, and the temperature, comes from models that saw no name of the brand
they answer for. Two runs write the same bytes.
"""

import os

# One thread: the order of floating-point sums must not depend on the machine's cores.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import hashlib
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

import category_card
import category_data as cd
import category_model as cm
from train_failure import canonical, significant

Array = NDArray[np.float64]

FOLDS = 5
# From here on an answer is told, and from here on it has to be right this often.
TOLD, SURE, RIGHT = 0.5, 0.7, 0.93
# How sure the ledger is of a trade that a name says.
BY_TRADE = 0.85
TEMPERATURES = [1.0 + 0.05 * step for step in range(41)]
GOLDEN = [
    "dakshin cafe",
    "SRI KRISHNA SWEETS",
    "zylo",
    "Crème Brûlée & Co",
    "H&M",
    "tiruvannamalai panchayat union elementary",
    "ramesh kumar",
    "LAXMI KIRANA BHAND",
    "a",
    "24x7",
    "किराना",
    "",
    "pharmaci",
    "o'neill's",
    "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz",
    "one two three four five six seven eight nine ten",
    "bajrang automobi",
    "green valley publ school",
    "sunrise diagnost",
    "power gener corporation",
    "vishwakarma international pharmaceuticals manufacturing distribution hyderabad telangana",
]


def scores(model: cm.Model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    graph = cm.to_onnx(model).SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return lambda names: session.run(None, {"rows": cm.tensor(names)})[0].astype(np.float64)


def fit(rows: list[cd.Row]) -> cm.Model:
    return cm.fit([r.name for r in rows], [r.label for r in rows], np.array([r.weight for r in rows]))


def tempered(probabilities: Array, temperature: float) -> Array:
    logits = np.log(np.maximum(probabilities, 1e-30)) / temperature
    power = np.exp(logits - logits.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


def cross_validate(brands: list[cd.Row], always: list[cd.Row], brands_together: bool) -> Array:
    """What models answer for brands (or only names) that they have not seen, before it is tempered."""
    fold = np.array([cd.fold(row, FOLDS, brands_together) for row in brands])
    answers = np.zeros((len(brands), len(cm.LABELS)))
    for which in range(FOLDS):
        model = fit([row for row, other in zip(brands, fold) if other != which] + always)
        inside = np.flatnonzero(fold == which)
        answers[inside] = scores(model)([brands[index].name for index in inside])
        print(f"fold {which + 1} of {FOLDS}", flush=True)
    return answers


def calibrate(answers: Array, truth: NDArray[np.intp], weights: Array) -> dict[str, float]:
    """The temperature at which answers are likeliest, raised until those from SURE on are right often enough."""

    def loss(temperature: float) -> float:
        told = tempered(answers, temperature)[np.arange(len(truth)), truth]
        return float(-(weights * np.log(np.maximum(told, 1e-30))).sum() / weights.sum())

    def right(temperature: float) -> float:
        told = tempered(answers, temperature)
        sure = told.max(axis=1) >= SURE
        return float(np.average(told.argmax(axis=1)[sure] == truth[sure], weights=weights[sure]))

    likeliest = min(TEMPERATURES, key=loss)
    chosen = next((t for t in TEMPERATURES if t >= likeliest and right(t) >= RIGHT), TEMPERATURES[-1])
    return {"likeliest": significant(likeliest, 4), "temperature": significant(chosen, 4)}


def interval(right: int, all: int) -> dict[str, float]:
    """Wilson's 95 % interval."""
    if all == 0:
        return {"mean": 0.0, "low": 0.0, "high": 1.0}
    z, share = 1.959964, right / all
    centre = (share + z * z / (2 * all)) / (1 + z * z / all)
    half = z * math.sqrt(share * (1 - share) / all + z * z / (4 * all * all)) / (1 + z * z / all)
    ends = {"low": max(centre - half, 0.0), "high": min(centre + half, 1.0)}
    return {name: significant(value, 4) for name, value in ({"mean": share} | ends).items()}


def figures(rows: list[cd.Row], told: Array, trades: list[str | None] | None) -> dict[str, Any]:
    """Accuracy of the likeliest label, and of those from TOLD and SURE on. With `trades`, a name that says its trade
    is answered by that."""
    labels = [cm.LABELS[index] for index in told.argmax(axis=1)]
    confidence = told.max(axis=1)
    for index, trade in enumerate(trades or []):
        if trade is not None:
            labels[index], confidence[index] = trade, BY_TRADE
    right = np.array([label == row.label for label, row in zip(labels, rows)])
    each: dict[str, Any] = {"rows": len(rows), "accuracy": interval(int(right.sum()), len(rows))}
    for name, limit in (("told", TOLD), ("sure", SURE)):
        inside = confidence >= limit
        each[name] = {
            "share": significant(inside.mean(), 4),
            "accuracy": interval(int(right[inside].sum()), int(inside.sum())),
        }
    of = {label: np.array([row.label == label for row in rows]) for label in cm.LABELS}
    each["labels"] = {
        label: {"rows": int(of[label].sum()), "right": significant(right[of[label]].mean(), 4)}
        for label in cm.LABELS
        if of[label].any()
    }
    return each


def reliability(told: Array, truth: NDArray[np.intp]) -> list[dict[str, float]]:
    """How often answers of each confidence are right."""
    confidence, right = told.max(axis=1), told.argmax(axis=1) == truth
    table = []
    for low, high in zip([0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01]):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            table.append(
                {
                    "from": low,
                    "rows": int(inside.sum()),
                    "told": float(confidence[inside].mean()),
                    "right": float(right[inside].mean()),
                }
            )
    return table


def evaluate(
    brands: list[cd.Row], told: Array, told_by_name: Array, model: cm.Model, tables: cd.Tables
) -> dict[str, dict[str, Any]]:
    own = cd.held_out()
    own_told = scores(model)([row.name for row in own])
    unknown = [not tables.knows(row.name) for row in own]
    india = [row.indian and not tables.knows(row.name) for row in brands]
    world = [not tables.knows(row.name) for row in brands]
    sets = {
        "india": (india, brands, told),
        "brands": (world, brands, told),
        "india_by_name": (india, brands, told_by_name),
        "brands_by_name": (world, brands, told_by_name),
        "small_businesses": (unknown, own, own_told),
    }
    found = {}
    for name, (kept, rows, answers) in sets.items():
        rows, answers = [row for row, keep in zip(rows, kept) if keep], answers[np.array(kept)]
        trades = [tables.trade(row.name) for row in rows]
        found[name] = {"model": figures(rows, answers, None), "with_trades": figures(rows, answers, trades)}
    return found


def golden_cases(model: cm.Model) -> list[dict[str, Any]]:
    answers = scores(model)(GOLDEN)
    return [
        {"name": name, "rows": cm.rows(name), "probabilities": significant(answer, 9)}
        for name, answer in zip(GOLDEN, answers)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of nsi_brands.tsv and mcc.tsv")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    args = parser.parse_args()
    # The fit stops after a fixed number of steps: the last ones change nothing that is told.
    warnings.simplefilter("ignore", ConvergenceWarning)
    tables = cd.Tables()
    apart = {frozenset(cm.words(row.name)) for row in cd.held_out()}
    brands, always = (
        [row for row in rows if frozenset(cm.words(row.name)) not in apart]
        for rows in (cd.brands(args.data), cd.always(args.data))
    )
    args.out.mkdir(parents=True, exist_ok=True)

    answers = cross_validate(brands, always, brands_together=True)
    by_name = cross_validate(brands, always, brands_together=False)
    truth = np.array([cm.LABELS.index(row.label) for row in brands])
    asked = np.array([not tables.knows(row.name) and tables.trade(row.name) is None for row in brands])
    weights = np.array([cd.INDIAN if row.indian else 1.0 for row in brands])
    calibration = calibrate(answers[asked], truth[asked], weights[asked])
    model = fit(brands + always).cooled(calibration["temperature"])
    told, told_by_name = (tempered(each, calibration["temperature"]) for each in (answers, by_name))
    summary = evaluate(brands, told, told_by_name, model, tables)
    for name, each in summary.items():
        for way, found in each.items():
            sure = found["sure"]
            print(
                f"{name}, {way}: {found['rows']} names, accuracy {found['accuracy']['mean']}, "
                f"told {found['told']['share']} right {found['told']['accuracy']['mean']}, "
                f"sure {sure['share']} right {sure['accuracy']['mean']}",
                flush=True,
            )

    graph = cm.to_onnx(model).SerializeToString(deterministic=True)
    manifest = {
        "name": "merchant-category",
        "version": "1.0.0",
        "format": 1,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "input": {"name": "rows", "width": cm.MOST_ROWS},
        "output": {"name": "probabilities", "labels": cm.LABELS},
        "features": {
            "buckets": cm.BUCKETS,
            "shortest": cm.SHORTEST,
            "longest": cm.LONGEST,
            "words": cm.MOST_WORDS,
            "letters": cm.MOST_LETTERS,
        },
        "temperature": calibration["temperature"],
        "training_data": [
            {
                "name": "name-suggestion-index",
                "sha256": cd.SHA256["nsi_brands.tsv"],
                "rows": len(brands),
                "licence": "BSD-3-Clause",
            },
            {
                "name": "mcc-codes",
                "sha256": cd.SHA256["mcc.tsv"],
                "rows": sum(row.source == "codes" for row in always),
                "licence": "Unlicense",
            },
        ],
        "metrics": {
            f"{name}_{what}": found["accuracy"]
            for name, each in summary.items()
            for what, found in (("all", each["with_trades"]), ("sure", each["with_trades"]["sure"]))
        },
    }
    card = category_card.render(
        manifest=manifest,
        model_bytes=len(graph),
        calibration=calibration,
        summary=summary,
        reliability=reliability(told[asked], truth[asked]),
        brands=brands,
        always=always,
        folds=FOLDS,
        limits=(TOLD, SURE, RIGHT, BY_TRADE),
    )
    golden = {"sha256": manifest["sha256"], "tolerance": 5e-7, "cases": golden_cases(model)}
    (args.out / "model.onnx").write_bytes(graph)
    (args.out / "manifest.json").write_bytes(canonical(manifest))
    (args.out / "golden.json").write_bytes(canonical(golden))
    (args.out / "CARD.md").write_text(card, encoding="utf-8")
    print(f"model {manifest['sha256']}, {len(graph)} bytes, temperature {calibration}")


if __name__ == "__main__":
    main()
