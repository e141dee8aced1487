"""Trains the machine-failure model: writes model.onnx, manifest.json, golden.json and CARD.md.

    python train_failure.py --data ai4i2020_train.csv --out failure

Everything that is fitted is fitted inside each cross-validation fold, and a fold is scored by running its ONNX
graph, so the published figures are those of the whole procedure. Two runs write the same bytes.
"""

import os

# One thread: the order of floating-point sums must not depend on the machine's cores.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import csv
import hashlib
import itertools
import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold

import failure_card
import failure_model as fm

Array = NDArray[np.float64]
Alarm = Array | NDArray[np.bool_]
Score = Callable[[Array], Array]

SEED = 20261122
DATA_SHA256 = "40718740c5d51fbc58d0ce8aa4a69009963ba76fa28b8cdab97847592b08e335"
DATA_HELP = f"""\
The training data are three quarters (7,500 rows) of the AI4I 2020 Predictive Maintenance Dataset:
  S. Matzka, 2020, UCI Machine Learning Repository, id 601, https://doi.org/10.24432/C5HS5C, licence CC BY 4.0.
The split is stratified on "Machine failure" with seed {SEED}; rows keep the order and columns of the original.
Expected sha256: {DATA_SHA256}"""

NUMERIC = {
    # name, column, unit, accepted minimum and maximum
    "air_temperature_k": ("Air temperature [K]", "K", 285.0, 315.0),
    "process_temperature_k": ("Process temperature [K]", "K", 295.0, 325.0),
    "rotational_speed_rpm": ("Rotational speed [rpm]", "rpm", 500.0, 4000.0),
    "torque_nm": ("Torque [Nm]", "Nm", 0.0, 120.0),
    "tool_wear_min": ("Tool wear [min]", "min", 0.0, 300.0),
}
TYPES = ["L", "M", "H"]
MODE_COLUMNS = ["TWF", "HDF", "PWF", "OSF"]

# In planned stops: an alarm costs one, right or wrong; a failure nobody announced costs this many. Missing a
# failure then loses COST_RATIO times what a false alarm loses, and for calibrated probabilities the cheapest
# decision is an alarm from p = 1 / UNPLANNED_STOP on: no data are needed to tune it.
UNPLANNED_STOP = 2.5
COST_RATIO = UNPLANNED_STOP - 1.0
THRESHOLD = 1.0 / UNPLANNED_STOP

REPEATS, FOLDS = 5, 5
RESAMPLES = 1000
HELD_OUT_ROWS = 2500
BACKGROUND_ROWS, BACKGROUND_DRAWS = 64, 5000
SHAPLEY_GROUPS = [[0, 1, 2], [3], [4], [5], [6], [7]]


@dataclass(frozen=True)
class Data:
    x: Array
    failure: Array
    modes: Array


def load(path: Path) -> Data:
    if not path.is_file():
        sys.exit(f"{path}: no such file.\n{DATA_HELP}")
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != DATA_SHA256:
        sys.exit(f"{path}: not the expected file (sha256 differs).\n{DATA_HELP}")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    one_hot = np.array([[float(row["Type"] == t) for t in TYPES] for row in rows])
    numeric = np.array([[float(row[c]) for c, *_ in NUMERIC.values()] for row in rows])
    failure = np.array([float(row["Machine failure"]) for row in rows])
    modes = np.array([[float(row[c]) for c in MODE_COLUMNS] for row in rows])
    return Data(np.hstack([one_hot, numeric]), failure, modes)


def runtime(model: bytes) -> Score:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"features": x.astype(np.float32)})[0].astype(np.float64)


def train(data: Data, rows: Any = slice(None)) -> bytes:
    model = fm.fit(data.x[rows], data.failure[rows], data.modes[rows])
    return fm.to_onnx(model).SerializeToString(deterministic=True)


def forest_inputs(x: Array) -> Array:
    """What the comparison forest sees: the raw inputs and the same derived quantities."""
    air, process, speed, torque, wear = x[:, 3:].T
    limit = x[:, :3] @ np.array(list(fm.OVERSTRAIN.values()))
    return np.column_stack([x, process - air, torque * speed / fm.WATT, torque * wear, torque * wear / limit])


def forest(x: Array, y: Array, seed: int) -> tuple[RandomForestClassifier, float]:
    """A forest and the threshold of best F1 on its out-of-bag rows."""
    model = RandomForestClassifier(300, min_samples_leaf=2, oob_score=True, random_state=seed, n_jobs=1)
    p = model.fit(forest_inputs(x), y).oob_decision_function_[:, 1]
    grid = np.arange(0.05, 0.96, 0.01)
    return model, float(grid[np.argmax([classify(y, p >= t)["f1"] for t in grid])])


def rules(x: Array) -> Array:
    """The published deterministic rules alone, as a yes or no."""
    air, process, speed, torque, wear = x[:, 3:].T
    power = torque * speed
    limit = x[:, :3] @ np.array(list(fm.OVERSTRAIN.values()))
    heat = (process - air < fm.COOLING_K) & (speed < fm.SLOW_RPM)
    return (heat | (power < fm.LOW_POWER) | (power > fm.HIGH_POWER) | (torque * wear > limit)).astype(float)


def classify(y: Array, alarm: Alarm) -> dict[str, float]:
    hit, alarms, failures = float(np.sum(y * alarm)), float(np.sum(alarm)), float(np.sum(y))
    return {
        "f1": 2.0 * hit / (alarms + failures),
        "precision": hit / alarms if alarms else 1.0,
        "recall": hit / failures,
    }


def measure(y: Array, p: Array, alarm: Alarm) -> dict[str, float]:
    brier = float(np.mean((p - y) ** 2))
    return {"pr_auc": float(average_precision_score(y, p)), "brier": brier, **classify(y, alarm)}


def cross_validate(data: Data) -> dict[str, Array]:
    """Out-of-fold outputs: [repeats, rows, 5] of the model; [repeats, rows] of the forest, and its alarms."""
    rows = len(data.failure)
    out = {
        "model": np.zeros((REPEATS, rows, len(fm.LABELS))),
        "forest": np.zeros((REPEATS, rows)),
        "forest_alarm": np.zeros((REPEATS, rows)),
    }
    for repeat in range(REPEATS):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED + repeat)
        for fold, (inside, outside) in enumerate(folds.split(data.x, data.failure)):
            out["model"][repeat, outside] = runtime(train(data, inside))(data.x[outside])
            trees, threshold = forest(data.x[inside], data.failure[inside], SEED + fold)
            p = trees.predict_proba(forest_inputs(data.x[outside]))[:, 1]
            out["forest"][repeat, outside] = p
            out["forest_alarm"][repeat, outside] = p >= threshold
        print(f"cross-validation: repeat {repeat + 1} of {REPEATS}", flush=True)
    return out


def interval(y: Array, p: Array, alarm: Alarm, size: int | None = None) -> dict[str, dict[str, float]]:
    """Mean over repeats, and the 95 % interval of a bootstrap over rows (each draw uses the next repeat)."""
    repeats = [measure(y, p[r], alarm[r]) for r in range(len(p))]
    random = np.random.default_rng(SEED)
    draws = []
    for i in range(RESAMPLES):
        pick, r = random.integers(0, len(y), size or len(y)), i % len(p)
        draws.append(measure(y[pick], p[r, pick], alarm[r, pick]))
    summary = {}
    for name in repeats[0]:
        low, high = np.quantile([d[name] for d in draws], [0.025, 0.975])
        mean = np.mean([m[name] for m in repeats])
        summary[name] = {"mean": round(float(mean), 5), "low": round(float(low), 5), "high": round(float(high), 5)}
    return summary


def choose_background(x: Array, score: Score) -> Array:
    """Of many seeded draws of training rows, the one whose mean inputs and outputs are nearest to all rows'.

    A plain draw keeps the spread of the data, which centroids would not; choosing among draws keeps the
    baseline of the explanations at the base rate.
    """
    columns = np.hstack([x, score(x)])
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    random = np.random.default_rng(SEED)
    draws = [np.sort(random.choice(len(x), BACKGROUND_ROWS, replace=False)) for _ in range(BACKGROUND_DRAWS)]
    distance = [float(np.sum(((columns[d].mean(axis=0) - centre) / spread) ** 2)) for d in draws]
    return x[draws[int(np.argmin(distance))]]


def shapley(row: Array, background: Array, score: Score) -> Array:
    """Exact Shapley values of the failure output over the six inputs (the machine type is one input)."""
    players = len(SHAPLEY_GROUPS)
    value = {}
    for coalition in itertools.product([0, 1], repeat=players):
        mixed = background.copy()
        for present, group in zip(coalition, SHAPLEY_GROUPS):
            if present:
                mixed[:, group] = row[group]
        value[coalition] = float(score(mixed)[:, 0].mean())
    result = np.zeros(players)
    for coalition, v in value.items():
        for player in range(players):
            size = sum(coalition) - coalition[player]
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            result[player] += weight * v * (1 if coalition[player] else -1)
    return result


def golden_rows() -> list[list[float]]:
    """Rows on both sides of every limit, for each machine type."""
    rows = []
    for one_hot, limit in zip(np.eye(3).tolist(), fm.OVERSTRAIN.values()):
        near = limit / 55.0
        points = [
            (300.0, 310.0, 1500.0, 40.0, 100.0),
            (302.0, 310.4, 1350.0, 50.0, 50.0),
            (302.0, 310.6, 1350.0, 50.0, 50.0),
            (302.0, 310.8, 1350.0, 50.0, 50.0),
            (302.0, 310.4, 1379.0, 50.0, 50.0),
            (302.0, 310.4, 1381.0, 50.0, 50.0),
            (299.0, 309.0, 2500.0, 13.3, 20.0),
            (299.0, 309.0, 2500.0, 13.4, 20.0),
            (299.0, 309.0, 1400.0, 61.3, 20.0),
            (299.0, 309.0, 1400.0, 61.5, 20.0),
            (298.0, 308.5, 1420.0, 55.0, float(round(near) - 2)),
            (298.0, 308.5, 1420.0, 55.0, float(round(near) + 2)),
            (300.0, 310.0, 1550.0, 38.0, 199.0),
            (300.0, 310.0, 1550.0, 38.0, 201.0),
            (300.0, 310.0, 1550.0, 38.0, 225.0),
            (300.0, 310.0, 1550.0, 38.0, 253.0),
        ]
        rows += [one_hot + list(point) for point in points]
    lowest = [bounds[2] for bounds in NUMERIC.values()]
    highest = [bounds[3] for bounds in NUMERIC.values()]
    return rows + [[1.0, 0.0, 0.0] + lowest, [0.0, 0.0, 1.0] + highest]


def significant(values: Any, digits: int = 9) -> Any:
    """Nested lists of floats with few enough digits to be the same on every processor."""
    return [significant(v, digits) for v in values] if np.ndim(values) else float(f"{values:.{digits}g}")


def squared_distance(x: Array, mean: Array, inverse: Array) -> Array:
    centred = x - mean
    return np.einsum("ni,ij,nj->n", centred, inverse, centred)


def describe_inputs(x: Array) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    numeric = x[:, len(TYPES) :]
    features = [
        {
            "name": name,
            "unit": unit,
            "minimum": low,
            "maximum": high,
            "quantiles": significant(np.quantile(numeric[:, i], np.linspace(0.0, 1.0, 11))),
        }
        for i, (name, (_, unit, low, high)) in enumerate(NUMERIC.items())
    ]
    mean = np.array(significant(numeric.mean(axis=0)))
    inverted = np.linalg.inv(np.cov(numeric, rowvar=False))
    inverse = np.array(significant((inverted + inverted.T) / 2.0))
    limit = float(np.quantile(squared_distance(numeric, mean, inverse), 0.999))
    familiar = {"kind": "mahalanobis", "mean": mean.tolist(), "inverse_covariance": inverse.tolist()}
    return features, familiar | {"limit": significant(limit, 6)}


def canonical(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8, one line: the exact bytes that are signed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the AI4I 2020 training rows (CSV)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    args = parser.parse_args()
    data = load(args.data)
    args.out.mkdir(parents=True, exist_ok=True)

    model = train(data)
    score = runtime(model)
    background = choose_background(data.x, score)
    baseline = float(score(background)[:, 0].mean())

    outputs = cross_validate(data)
    probability = outputs["model"][:, :, 0]
    summary = interval(data.failure, probability, probability >= THRESHOLD)
    features, familiar = describe_inputs(data.x)
    manifest = {
        "name": "machine-failure",
        "version": "1.0.0",
        "format": 1,
        "sha256": hashlib.sha256(model).hexdigest(),
        "input": {"name": "features", "width": len(fm.INPUTS)},
        "output": {"name": "probabilities", "labels": fm.LABELS},
        "features": features,
        "categories": {"machine_type": TYPES},
        "threshold": THRESHOLD,
        "baseline": significant(baseline, 7),
        "background": background.tolist(),
        "in_distribution": familiar,
        "training_data": {
            "name": "AI4I 2020",
            "sha256": DATA_SHA256,
            "rows": len(data.failure),
            "licence": "CC BY 4.0",
        },
        "metrics": summary,
        "cost_ratio": COST_RATIO,
    }
    golden = np.array(golden_rows())
    cases = [{"features": x, "probabilities": p} for x, p in zip(golden.tolist(), significant(score(golden)))]

    explained = golden[: 3 * 16 : 3]
    shift = [shapley(row, background, score) - shapley(row, data.x, score) for row in explained]
    forest_summary = interval(data.failure, outputs["forest"], outputs["forest_alarm"])
    known = np.tile(rules(data.x), (REPEATS, 1))
    card = failure_card.render(
        manifest=manifest,
        model=fm.fit(data.x, data.failure, data.modes),
        model_bytes=len(model),
        data=data,
        outputs=outputs["model"],
        forest=forest_summary,
        rules=interval(data.failure, known, known),
        fresh=interval(data.failure, probability, probability >= THRESHOLD, HELD_OUT_ROWS),
        fresh_rows=HELD_OUT_ROWS,
        seed=SEED,
        repeats=REPEATS,
        folds=FOLDS,
        resamples=RESAMPLES,
        draws=BACKGROUND_DRAWS,
        shapley_shift=float(np.mean(np.abs(shift))),
    )
    (args.out / "model.onnx").write_bytes(model)
    (args.out / "manifest.json").write_bytes(canonical(manifest))
    (args.out / "golden.json").write_bytes(canonical({"sha256": manifest["sha256"], "tolerance": 1e-5, "cases": cases}))
    (args.out / "CARD.md").write_text(card, encoding="utf-8")
    print(f"model {manifest['sha256']}; " + ", ".join(f"{k} {v['mean']:.4f}" for k, v in summary.items()))


if __name__ == "__main__":
    main()
