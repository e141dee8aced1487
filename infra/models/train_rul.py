"""Trains the remaining-life model: writes model.onnx, manifest.json, golden.json and CARD.md.

    python train_rul.py --data cmapss_train_FD001.txt --out rul

Engines are kept together: every published figure, and every calibration of an interval, comes from models that saw
no cycle of the engine they answer for. Two runs write the same bytes.
"""

import os

# One thread: the order of floating-point sums must not depend on the machine's cores.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

import rul_card
import rul_model as rm
from train_failure import canonical, significant

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

SEED = 20261122
DATA_SHA256 = "963b5e22825b34d8b21c69e1aeb4af3e647050eb672ee8834ba4b5d91d2de0f8"
DATA_HELP = f"""\
The training data are train_FD001.txt of the Turbofan Engine Degradation Simulation Data Set:
  A. Saxena and K. Goebel, 2008, NASA Prognostics Center of Excellence, public domain.
Columns: engine, cycle, three settings, 21 sensors. Expected sha256: {DATA_SHA256}"""

# Name, unit, accepted minimum and maximum, and the step in which the data set records it. The ranges hold every
# operating condition of the simulation, so that an engine in another one than FD001's is answered and marked.
FEATURES = [
    ("cycle", "cycles", 1.0, 10000.0, 1.0),
    ("setting_1", "kft", -5.0, 60.0, 1e-4),
    ("setting_2", "Mach", -0.1, 2.0, 1e-4),
    ("setting_3", "deg", 0.0, 150.0, 1.0),
    ("sensor_1", "degR", 300.0, 700.0, 1e-2),
    ("sensor_2", "degR", 300.0, 900.0, 1e-2),
    ("sensor_3", "degR", 800.0, 2200.0, 1e-2),
    ("sensor_4", "degR", 600.0, 2000.0, 1e-2),
    ("sensor_5", "psia", 0.0, 30.0, 1e-2),
    ("sensor_6", "psia", 0.0, 45.0, 1e-2),
    ("sensor_7", "psia", 50.0, 1000.0, 1e-2),
    ("sensor_8", "rpm", 1000.0, 3500.0, 1e-2),
    ("sensor_9", "rpm", 5000.0, 12000.0, 1e-2),
    ("sensor_10", "ratio", 0.1, 5.0, 1e-2),
    ("sensor_11", "psia", 10.0, 100.0, 1e-2),
    ("sensor_12", "pps/psi", 50.0, 1000.0, 1e-2),
    ("sensor_13", "rpm", 1000.0, 3500.0, 1e-2),
    ("sensor_14", "rpm", 5000.0, 12000.0, 1e-2),
    ("sensor_15", "ratio", 2.0, 20.0, 1e-4),
    ("sensor_16", "ratio", 0.0, 0.2, 1e-2),
    ("sensor_17", "ratio", 200.0, 600.0, 1.0),
    ("sensor_18", "rpm", 1000.0, 3500.0, 1.0),
    ("sensor_19", "percent", 20.0, 150.0, 1e-2),
    ("sensor_20", "lbm/s", 1.0, 100.0, 1e-2),
    ("sensor_21", "lbm/s", 1.0, 60.0, 1e-4),
]

FOLDS = 10
COVERAGE = 0.9
# Intervals are corrected in cells of window length and answer. A length's row holds from it up to the next, and is
# calibrated on windows of exactly that length: those that know least of all it holds for.
CELL_READINGS = [1, 2, 3, 5, 8, 12, 20, 30, 40, 50]
CELL_ANSWERS = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 115.0]
# A held-out engine is cut after any of its cycles from here on, as the published test engines are.
EARLIEST_CUT = 31
REPORTED = [50, 30, 10, 1]
PRINCIPAL = [50, 30]
TEST_SETS = 2000
FAMILIAR_SHARE = 0.999
GOLDEN_LENGTHS = [1, 2, 5, 12, 29, 30, 50]


@dataclass(frozen=True)
class Data:
    engine: Array
    cycle: Array
    channels: Array
    remaining: Array

    @property
    def sensors(self) -> Array:
        return self.channels[:, [2 + number for number in rm.SENSORS]]

    @property
    def capped(self) -> Array:
        return np.minimum(self.remaining, rm.CAP)


def load(path: Path) -> Data:
    if not path.is_file():
        sys.exit(f"{path}: no such file.\n{DATA_HELP}")
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != DATA_SHA256:
        sys.exit(f"{path}: not the expected file (sha256 differs).\n{DATA_HELP}")
    table = np.array([[float(number) for number in line.split()] for line in raw.decode("ascii").splitlines()])
    engine, cycle = table[:, 0], table[:, 1]
    last = np.array([cycle[engine == number].max() for number in np.unique(engine)])
    return Data(engine, cycle, table[:, 2:], last[np.unique(engine, return_inverse=True)[1]] - cycle)


def runtime(model: rm.Model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    graph = rm.to_onnx(model).SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"features": x.astype(np.float32)})[0].astype(np.float64)


def folds(data: Data) -> Array:
    """The fold of each row; all rows of an engine are in one."""
    numbers, of_row = np.unique(data.engine, return_inverse=True)
    order = np.random.default_rng(SEED).permutation(len(numbers))
    fold = np.zeros(len(numbers))
    for which in range(FOLDS):
        fold[order[which::FOLDS]] = which
    return fold[of_row]


def outputs_by_length(data: Data, score, rows: Rows) -> dict[int, Array]:
    """What a graph answers in `rows` for windows of each length that is reported or calibrated."""
    answers = {}
    for length in sorted({*CELL_READINGS, *REPORTED}):
        answers[length] = score(rm.summaries(data.engine, data.cycle, data.sensors, length)[rows])
    return answers


def weighted_quantile(values: Array, weights: Array, level: float) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][min(np.searchsorted(total, level * total[-1]), len(values) - 1)])


def cell(edges: list[Any], value: Array) -> NDArray[np.intp]:
    return np.searchsorted(np.array(edges), value, side="right") - 1


def engine_weights(engine: Array) -> Array:
    """Every engine counts the same, however long it lived."""
    return 1.0 / np.unique(engine, return_counts=True)[1][np.unique(engine, return_inverse=True)[1]]


def calibrate(data: Data, answers: dict[int, Array], rows: NDArray[np.bool_]) -> list[list[float]]:
    """By how many cycles the model's quantiles must be moved apart in each cell.

    Conformalised quantile regression (Romano, Patterson, Candes 2019) within cells of what is known beforehand, the
    window length and the answer. The level has the correction for as many exchangeable units as there are engines.
    """
    engines = len(np.unique(data.engine[rows]))
    level = min(COVERAGE * (engines + 1) / engines, 1.0)
    corrections = []
    for length in CELL_READINGS:
        answer = answers[length]
        whole = rows & (data.cycle >= length)
        excess = np.maximum(answer[:, 1] - data.capped, data.capped - answer[:, 2])
        which = cell(CELL_ANSWERS, answer[:, 0])
        row = []
        for index in range(len(CELL_ANSWERS)):
            inside = whole & (which == index)
            row.append(weighted_quantile(excess[inside], engine_weights(data.engine[inside]), level))
        corrections.append(significant(row, 6))
    return corrections


def intervals(readings: Array, answer: Array, corrections: list[list[float]]) -> tuple[Array, Array]:
    move = np.array(corrections)[cell(CELL_READINGS, readings), cell(CELL_ANSWERS, answer[:, 0])]
    low = np.clip(np.minimum(answer[:, 1] - move, answer[:, 0]), 0.0, rm.CAP)
    return low, np.clip(np.maximum(answer[:, 2] + move, answer[:, 0]), 0.0, rm.CAP)


@dataclass(frozen=True)
class Held:
    """Answers for engines that neither the model nor the calibration saw, by window length: [rows] each."""

    remaining: dict[int, Array]
    low: dict[int, Array]
    high: dict[int, Array]


def cross_validate(data: Data, inputs: Array) -> tuple[dict[int, Array], Held]:
    fold = folds(data)
    inside = [np.flatnonzero(fold != which) for which in range(FOLDS)]
    models = rm.fit(inputs, data.capped, inside, SEED)
    answers = {length: np.zeros((len(fold), len(rm.OUTPUTS))) for length in {*CELL_READINGS, *REPORTED}}
    for which, model in enumerate(models):
        rows = np.flatnonzero(fold == which)
        for length, answer in outputs_by_length(data, runtime(model), rows).items():
            answers[length][rows] = answer
    low, high = ({length: np.zeros(len(fold)) for length in REPORTED} for _ in range(2))
    for which in range(FOLDS):
        corrections = calibrate(data, answers, fold != which)
        rows = np.flatnonzero(fold == which)
        for length in REPORTED:
            readings = np.minimum(data.cycle[rows], length)
            low[length][rows], high[length][rows] = intervals(readings, answers[length][rows], corrections)
    return answers, Held({length: answers[length][:, 0] for length in REPORTED}, low, high)


def by_engine(data: Data, values: Array, rows: NDArray[np.bool_]) -> list[Array]:
    return [values[rows & (data.engine == number)] for number in np.unique(data.engine)]


def cuts(data: Data) -> NDArray[np.bool_]:
    return (data.cycle >= EARLIEST_CUT) & (data.remaining >= 1.0)


def figures(data: Data, held: Held, length: int) -> dict[str, dict[str, float]]:
    """Figures over all cuts, engines counting the same, and their 95 % range over test sets: as many engines drawn
    with replacement as there are, each cut once at random."""
    rows = cuts(data)
    squares = by_engine(data, (held.remaining[length] - data.capped) ** 2, rows)
    covered = (held.low[length] <= data.capped) & (data.capped <= held.high[length])
    parts = [squares, by_engine(data, covered.astype(float), rows)]
    parts.append(by_engine(data, held.high[length] - held.low[length], rows))
    random = np.random.default_rng(SEED)
    engines = len(squares)
    draws = np.zeros((TEST_SETS, len(parts)))
    for draw in draws:
        for number in random.integers(0, engines, engines):
            cut = random.integers(0, len(squares[number]))
            draw += [part[number][cut] for part in parts]
    draws /= engines
    mean = np.array([np.mean([part.mean() for part in each]) for each in parts])
    draws[:, 0], mean[0] = np.sqrt(draws[:, 0]), np.sqrt(mean[0])
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return {
        name: {"mean": significant(mean[i], 5), "low": significant(low[i], 5), "high": significant(high[i], 5)}
        for i, name in enumerate(["rmse", "coverage", "width"])
    }


def describe_inputs(data: Data) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    columns = np.column_stack([data.cycle, data.channels])
    features = [
        {
            "name": name,
            "unit": unit,
            "minimum": low,
            "maximum": high,
            "quantiles": significant(np.quantile(columns[:, i], np.linspace(0.0, 1.0, 11))),
        }
        for i, (name, unit, low, high, _) in enumerate(FEATURES)
    ]
    mean, inverse = familiarity(columns)
    limit = float(np.quantile(distance(columns, mean, inverse), FAMILIAR_SHARE))
    familiar = {"kind": "mahalanobis", "mean": mean.tolist(), "inverse_covariance": inverse.tolist()}
    return features, familiar | {"limit": significant(limit, 6)}


def familiarity(columns: Array) -> tuple[Array, Array]:
    """Mean and inverse covariance of single readings; a channel that never changes still has its rounding."""
    rounding = np.array([step**2 / 12.0 for *_, step in FEATURES])
    mean = np.array(significant(columns.mean(axis=0)))
    inverse = np.linalg.inv(np.cov(columns, rowvar=False) + np.diag(rounding))
    return mean, np.array(significant((inverse + inverse.T) / 2.0))


def distance(columns: Array, mean: Array, inverse: Array) -> Array:
    centred = columns - mean
    return np.einsum("ni,ij,nj->n", centred, inverse, centred)


def strangers(data: Data) -> float:
    """The share of single readings of held-out engines that count as unlike the training data."""
    fold = folds(data)
    columns = np.column_stack([data.cycle, data.channels])
    marked = np.zeros(len(fold), dtype=bool)
    for which in range(FOLDS):
        inside = columns[fold != which]
        mean, inverse = familiarity(inside)
        limit = np.quantile(distance(inside, mean, inverse), FAMILIAR_SHARE)
        marked[fold == which] = distance(columns[fold == which], mean, inverse) > limit
    return float(marked.mean())


def golden_windows(data: Data) -> list[list[dict[str, Any]]]:
    """Made-up engines between new and worn out, in the steps of the data set; some with cycles left out."""
    random = np.random.default_rng(SEED)
    fresh = data.channels[data.remaining >= 150.0].mean(axis=0)
    worn = data.channels[data.remaining == 0.0].mean(axis=0)
    noise = data.channels[data.remaining >= 150.0].std(axis=0)
    steps = np.array([step for *_, step in FEATURES[1:]])
    windows = []
    for number, length in enumerate([*GOLDEN_LENGTHS, *GOLDEN_LENGTHS]):
        gap = 3 if number >= len(GOLDEN_LENGTHS) and length in (5, 12) else 1
        first = int(random.integers(20, 150))
        wear = float(random.uniform(0.0, 0.8))
        window = []
        for k in range(length):
            wear_now = wear + 0.004 * k
            channels = fresh + wear_now * (worn - fresh) + noise * random.standard_normal(len(noise))
            channels = [float(f"{v:.10g}") for v in np.round(channels / steps) * steps]
            window.append({"cycle": first + gap * k, "settings": channels[:3], "sensors": channels[3:]})
        windows.append(window)
    return windows


def window_summary(window: list[dict[str, Any]]) -> Array:
    """The model's input for one window as clients send it: cycles may be missing."""
    cycle = np.array([float(reading["cycle"]) for reading in window])
    inside = cycle > cycle[-1] - rm.WINDOW
    cycle = cycle[inside]
    sensors = np.array([[r["sensors"][number - 1] for number in rm.SENSORS] for r in window])[inside]
    centred = cycle - cycle.mean()
    spread = float(centred @ centred)
    slope = centred @ sensors / spread if spread > 0.0 else np.zeros(sensors.shape[1])
    count = float(len(cycle))
    return np.concatenate([sensors.mean(axis=0), slope, [cycle[-1], count, 1.0 / np.sqrt(count)]])


def golden_cases(data: Data, score, corrections: list[list[float]]) -> list[dict[str, Any]]:
    cases = []
    for window in golden_windows(data):
        summary = window_summary(window)[None]
        answer = score(summary)
        low, high = intervals(summary[:, -2], answer, corrections)
        cases.append(
            {
                "cycles": window,
                "outputs": significant(answer[0], 7),
                "remaining_cycles": significant(answer[0, 0], 7),
                "low": significant(low[0], 7),
                "high": significant(high[0], 7),
            }
        )
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="train_FD001.txt of C-MAPSS")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    args = parser.parse_args()
    data = load(args.data)
    args.out.mkdir(parents=True, exist_ok=True)
    inputs = np.stack([rm.summaries(data.engine, data.cycle, data.sensors, length) for length in rm.LENGTHS])

    answers, held = cross_validate(data, inputs)
    summary = {length: figures(data, held, length) for length in REPORTED}
    for length, each in summary.items():
        print(f"windows of {length}: " + ", ".join(f"{k} {v['mean']}" for k, v in each.items()), flush=True)
    corrections = calibrate(data, answers, np.ones(len(data.engine), dtype=bool))
    (model,) = rm.fit(inputs, data.capped, [np.arange(len(data.engine))], SEED)
    graph = rm.to_onnx(model).SerializeToString(deterministic=True)
    score = runtime(model)

    features, familiar = describe_inputs(data)
    manifest = {
        "name": "remaining-life",
        "version": "1.0.0",
        "format": 1,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "input": {"name": "features", "width": rm.WIDTH},
        "output": {"name": "life", "labels": rm.OUTPUTS},
        "features": features,
        "window": {"cycles": rm.WINDOW, "sensors": rm.SENSORS},
        "longest": rm.CAP,
        "calibration": {
            "coverage": COVERAGE,
            "readings": CELL_READINGS,
            "answers": CELL_ANSWERS,
            "corrections": corrections,
        },
        "in_distribution": familiar,
        "training_data": {
            "name": "C-MAPSS FD001",
            "sha256": DATA_SHA256,
            "rows": len(data.engine),
            "licence": "public domain",
        },
        "metrics": {f"{name}_{length}": each for length in PRINCIPAL for name, each in summary[length].items()},
    }
    cases = golden_cases(data, score, corrections)
    card = rul_card.render(
        manifest=manifest,
        data=data,
        model=model,
        model_bytes=len(graph),
        summary=summary,
        held=held,
        cuts=cuts(data),
        strangers=strangers(data),
        folds=FOLDS,
        earliest_cut=EARLIEST_CUT,
        test_sets=TEST_SETS,
    )
    (args.out / "model.onnx").write_bytes(graph)
    (args.out / "manifest.json").write_bytes(canonical(manifest))
    (args.out / "golden.json").write_bytes(canonical({"sha256": manifest["sha256"], "tolerance": 1e-3, "cases": cases}))
    (args.out / "CARD.md").write_text(card, encoding="utf-8")
    print(f"model {manifest['sha256']}, {len(graph)} bytes")


if __name__ == "__main__":
    main()
