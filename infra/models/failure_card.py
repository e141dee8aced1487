"""The model card of the machine-failure model. Every number in it is computed by the training run."""

import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

import failure_model as fm

Array = NDArray[np.float64]

COST_RATIOS = [1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0]
BINS = [0.0, 0.01, 0.05, 0.1, 0.25, 0.75, 1.0]
MEASURES = [
    ("PR-AUC", "pr_auc"),
    ("F1", "f1"),
    ("Brier score", "brier"),
    ("precision", "precision"),
    ("recall", "recall"),
]
# How a gate's distance is printed: unit and the factor from the graph's quantity.
SHOWN = {
    "poor_cooling": ("process - air temperature", "8.6 K", "K", 1.0),
    "slow": ("rotational speed", "1380 rpm", "rpm", 1.0),
    "low_power": ("power, lower limit", "3500 W", "W", 1.0 / fm.WATT),
    "high_power": ("power, upper limit", "9000 W", "W", 1.0 / fm.WATT),
    "overstrain": ("torque * tool wear", "11000, 12000, 13000 Nm min (L, M, H)", "Nm min", 1.0),
    "worn": ("tool wear", "200 min", "min", 1.0),
}


def paragraph(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 100, break_long_words=False, break_on_hyphens=False)


def bullets(items: list[str]) -> str:
    wrapper = textwrap.TextWrapper(100, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(wrapper.fill(" ".join(item.split())) for item in items)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def with_interval(measure: dict[str, float]) -> str:
    return f"{measure['mean']:.4f} ({measure['low']:.4f} to {measure['high']:.4f})"


def metrics_table(columns: dict[str, dict[str, dict[str, float]]]) -> str:
    rows = [[label] + [with_interval(c[key]) for c in columns.values()] for label, key in MEASURES]
    return table(["measure", *columns], rows)


def calibration_table(y: Array, p: Array) -> str:
    rows = []
    for low, high in zip(BINS, BINS[1:]):
        inside = (p >= low) & ((p < high) if high < 1.0 else (p <= high))
        count = inside.sum() / len(p)
        if count:
            seen = np.broadcast_to(y, p.shape)[inside].mean()
            rows.append([f"{low:g} to {high:g}", f"{count:.0f}", f"{p[inside].mean():.4f}", f"{seen:.4f}"])
    return table(["predicted probability", "rows", "mean predicted", "observed rate"], rows)


def mode_table(data: Any, outputs: Array, threshold: float) -> str:
    rows = []
    for column, mode in enumerate(fm.LABELS[1:]):
        y, p = data.modes[:, column], outputs[:, :, column + 1]
        precision = np.mean([average_precision_score(y, each) for each in p])
        caught = np.mean(outputs[:, y == 1.0, 0] >= threshold)
        rows.append([mode, f"{y.sum():.0f}", f"{precision:.4f}", f"{np.mean((p - y) ** 2):.5f}", f"{caught:.3f}"])
    return table(["mode", "rows with it", "PR-AUC", "Brier score", "share of them above the threshold"], rows)


def cost_table(y: Array, p: Array) -> str:
    rows = []
    for ratio in COST_RATIOS:
        alarm = p >= 1.0 / (1.0 + ratio)
        hits, false = (alarm * y).sum(axis=1), (alarm * (1.0 - y)).sum(axis=1)
        missed = y.sum() - hits
        rows.append(
            [
                f"{ratio:g}",
                f"{1.0 / (1.0 + ratio):.4f}",
                f"{np.mean(hits / (hits + false)):.4f}",
                f"{np.mean(hits / y.sum()):.4f}",
                f"{np.mean(2.0 * hits / (2.0 * hits + false + missed)):.4f}",
                f"{np.mean(ratio * missed + false) * 1000.0 / len(y):.1f}",
                f"{ratio * y.sum() * 1000.0 / len(y):.1f}",
            ]
        )
    head = ["cost ratio", "threshold", "precision", "recall", "F1", "cost per 1000 rows", "cost without a model"]
    return table(head, rows)


def limits_table(data: Any, model: fm.Model) -> str:
    """Where the data put each published limit: the nearest failing row and the nearest other one."""
    rows = []
    for column, mode in enumerate(fm.LABELS[1:]):
        names = fm.MODES[mode]
        margins = {name: fm.margin(fm.GATES[name], data.x) for name in names}
        for name in names:
            others = [margins[o] for o in names if o != name]
            # Heat needs both gates, so the other one must be open; of the two power gates the nearer one counts.
            relevant = np.all([o > margins[name] if mode == "power" else o > 0.0 for o in others], axis=0)
            relevant = ~relevant if mode == "power" else relevant
            relevant = np.broadcast_to(relevant, data.failure.shape)
            label, limit, unit, factor = SHOWN[name]
            fails = margins[name][relevant & (data.modes[:, column] == 1.0)].min() * factor
            holds = margins[name][relevant & (data.modes[:, column] == 0.0)].max() * factor
            fitted = f"{model.softness[name] * factor:.3g} {unit}"
            shift = f"{-model.shift[name] * factor:+.2g} {unit}"
            if mode == "tool_wear":
                # Tools past the limit mostly survive, so only the failing side says something.
                rows.append([label, limit, f"{fails:+.4g} {unit}", "", shift, fitted])
            else:
                rows.append([label, limit, f"{fails:+.4g} {unit}", f"{holds:+.4g} {unit}", shift, fitted])
    head = ["quantity", "published limit", "first failing row", "last row without", "fitted shift", "fitted softness"]
    return table(head, rows)


def ranges_table(manifest: dict[str, Any]) -> str:
    rows = [
        [
            f"`{f['name']}`",
            f["unit"],
            f"{f['minimum']:g} to {f['maximum']:g}",
            f"{f['quantiles'][0]:g} to {f['quantiles'][-1]:g}",
        ]
        for f in manifest["features"]
    ]
    return table(["input", "unit", "accepted", "training data"], rows)


def render(
    *,
    manifest: dict[str, Any],
    model: fm.Model,
    model_bytes: int,
    data: Any,
    outputs: Array,
    forest: dict[str, Any],
    rules: dict[str, Any],
    fresh: dict[str, Any],
    fresh_rows: int,
    seed: int,
    repeats: int,
    folds: int,
    resamples: int,
    draws: int,
    shapley_shift: float,
) -> str:
    y, p = data.failure, outputs[:, :, 0]
    threshold, ratio = manifest["threshold"], manifest["cost_ratio"]
    rows, failures = len(y), int(y.sum())
    unexplained = int(y[data.modes.sum(axis=1) == 0].sum())
    worn = data.x[:, fm.INPUTS.index("wear")] >= fm.WORN_MIN
    worn_failures = int(data.modes[:, 0].sum())
    difference = np.round(data.x[:, 4] - data.x[:, 3], 6)
    tie = (difference == fm.COOLING_K) & (data.x[:, 5] < fm.SLOW_RPM)
    tie_failures = int(data.modes[tie, 1].sum())
    cost = fm.multiply_adds(fm.to_onnx(model))
    background = len(manifest["background"])
    hazard_start = model.hazard_at_limit + np.log(fm.WEAR_PER_STEP["is_L"])
    hazard_low = fm.sigmoid(hazard_start)
    hazard_high = fm.sigmoid(hazard_start + model.hazard_slope * (fm.WORN_FLAT_MIN - fm.WORN_MIN))

    sections = [
        f"# Model card: {manifest['name']} {manifest['version']}",
        "Written by `train_failure.py`; do not edit by hand.",
        "## Intended use",
        paragraph(
            """Estimates, from one reading of a milling machine, the probability that the reading belongs to a
            failure, and the probability of each of four failure modes. It supports the decision to stop and inspect
            a machine. It is not a safety function, does not forecast when a failure will happen, and has seen one
            synthetic data set only: before use on real machines it must be trained and validated on theirs."""
        ),
        "## Data",
        paragraph(
            f"""AI4I 2020 Predictive Maintenance Dataset (S. Matzka, 2020, UCI 601, doi 10.24432/C5HS5C, CC BY 4.0).
            Training uses {rows} of its 10,000 rows, of which {failures} are failures ({failures / rows:.2%}). The
            split is stratified on the failure label with seed {seed}; the other quarter was not read while the model
            was made. sha256 of the training rows: `{manifest["training_data"]["sha256"]}`."""
        ),
        paragraph(
            """The inputs are machine type (L, M or H), air and process temperature, rotational speed, torque and tool
            wear. The columns TWF, HDF, PWF, OSF and "Machine failure" are targets and never inputs; RNF, UDI and
            Product ID are not used."""
        ),
        "## Knowledge built in",
        paragraph(
            """AI4I 2020 was generated by rules that its author published. The model uses these of them, as the
            positions of limits and the form of the quantities; they were not learned from the data:"""
        ),
        bullets(
            [
                "heat dissipation fails when process minus air temperature is below 8.6 K and speed below 1380 rpm;",
                "power fails when torque times angular speed is below 3500 W or above 9000 W;",
                "overstrain happens when torque times tool wear exceeds 11000 (L), 12000 (M) or 13000 (H) Nm min;",
                "a tool fails or is replaced at a random time between 200 and 240 min of wear;",
                """a process step adds 2 (L), 3 (M) or 5 (H) min of wear; the odds of a tool failure in a step are taken
                as proportional to it;""",
                "a machine fails when at least one mode does.",
            ]
        ),
        paragraph(
            """The training rows agree with these limits. The distances below are beyond (+) or before (-) the limit;
            a fitted shift moves the limit towards more failures when it is negative."""
        ),
        limits_table(data, model),
        "## Model",
        paragraph(
            f"""Competing causes: each mode is a product of gates, a gate is a sigmoid of the distance to a limit, and
            P(failure) = 1 - (1 - p0) * prod(1 - P(mode)). The failure probability is therefore never below that of a
            mode. Fitted by penalised maximum likelihood, mode by mode: the softness of each limit, its shift (at most
            half of what the sensors resolve), the probability on each side of a mode's limits, the hazard of a worn
            tool (type L: {hazard_low:.3f} at {fm.WORN_MIN:g} min, rising to {hazard_high:.3f} at
            {fm.WORN_FLAT_MIN:g} min and constant after it) and the rate of unexplained failures,
            p0 = {model.unexplained:.5f}. The likelihood is a proper score and the model has few parameters, so
            there is no second calibration step; the calibration table below is the check."""
        ),
        paragraph(
            f"""`model.onnx` is {model_bytes} bytes, takes raw units and computes every derived quantity itself. It
            needs {cost} multiply-adds in matrix products per row. sha256: `{manifest["sha256"]}`."""
        ),
        "## Cross-validated figures",
        paragraph(
            f"""{repeats} repeats of stratified {folds}-fold cross-validation. Each fold fits everything anew on its
            own training part and is scored by running the ONNX graph of that fit. Figures are means over repeats;
            the 95 % intervals are from {resamples} bootstrap resamples of the rows. F1, precision and recall are at
            the threshold {threshold:g}."""
        ),
        metrics_table({"this model": manifest["metrics"], "random forest": forest, "published rules": rules}),
        paragraph(
            """The random forest (300 trees, at least 2 rows per leaf) uses the same folds, the raw inputs and
            temperature difference, power, torque * wear and torque * wear over the type limit; its threshold is the
            one of best F1 on its out-of-bag rows. The published rules answer yes or no, in double precision, and so
            also repeat the rounding of the generator at the temperature tie."""
        ),
        paragraph(
            f"""On {fresh_rows} fresh rows of the same source, chance alone spreads the figures over (95 %): """
            + "; ".join(f"{label} {fresh[key]['low']:.3f} to {fresh[key]['high']:.3f}" for label, key in MEASURES)
            + "."
        ),
        "### Calibration (out of fold)",
        calibration_table(y, p),
        "### Failure modes (out of fold)",
        mode_table(data, outputs, threshold),
        "## Decision threshold",
        paragraph(
            f"""The unit of cost is a planned stop. An alarm costs one, right or wrong; a failure that nobody announced
            is taken to cost {ratio + 1.0:g}. Missing a failure therefore loses {ratio:g} times what a false alarm
            loses (the cost ratio R), and for calibrated probabilities the cheapest decision is an alarm from
            p = 1 / (1 + R) = {threshold:g} on. The threshold follows from the ratio and is not searched for; the
            ratio itself is an assumption, and was set with the F1 of the table below in view. Costs are losses
            relative to announcing exactly the failures, from out-of-fold predictions; the last column is that of
            never raising an alarm."""
        ),
        cost_table(y, p),
        paragraph(
            """The deterministic modes are near 1 or near 0 at any of these thresholds. Higher ratios add the rows at
            the temperature tie (see the limitations) and part of the tool-wear failures, for more false alarms. An
            operator whose costs differ can apply another threshold to the returned probability."""
        ),
        "## Accepted inputs",
        ranges_table(manifest),
        paragraph(
            """Outside the accepted ranges a request is refused. The ranges are wider than the data but keep the
            limits meaningful: temperatures are a workshop with about 10 K of margin on each side of the data; below
            500 rpm a spindle is starting or stopping rather than cutting, and 4000 rpm and 120 Nm are beyond what the
            modelled machine can deliver together; the modelled plant replaces a tool by 240 min, and its hazard is
            held constant after that, so 300 min is where the answer stops having a basis."""
        ),
        paragraph(
            f"""Within the ranges, a reading whose squared Mahalanobis distance to the training data exceeds
            {manifest["in_distribution"]["limit"]:g} (the 99.9 % quantile of the training rows) is answered with
            `in_distribution: false`. The distance is computed on the five numeric inputs."""
        ),
        "## Explanations",
        paragraph(
            f"""Contributions are exact Shapley values over six inputs (the machine type is one) against {background}
            training rows in the manifest: of {draws} seeded draws, the one whose mean inputs and outputs are nearest
            to those of all rows. The baseline is {manifest["baseline"]:.4f}; the failure rate is
            {failures / rows:.4f}. On golden rows a contribution differs by {shapley_shift:.4f} on average from the
            one against all {rows} rows. They explain the model, not the machine, and treat the inputs as independent
            though speed and torque, and the two temperatures, are correlated."""
        ),
        "## Limitations",
        bullets(
            [
                """The data are synthetic and rule-generated. The figures show that the rules are recovered with
                calibrated uncertainty; they say nothing about real machines.""",
                f"""Tool-wear failures are random: {worn_failures} among {int(worn.sum())} training rows with at least
                {fm.WORN_MIN:g} min of wear. They are ranked and priced, but at this threshold mostly not announced.""",
                f"""{unexplained} training failures have no mode. Failures of the mode RNF are random by construction;
                the model gives every row the same small rate.""",
                f"""The sensors resolve 0.1 K and the limit is strict: of {int(tie.sum())} slow training rows with a
                temperature difference of exactly {fm.COOLING_K:g} K, {tie_failures} failed, decided by the rounding
                of the generator. No input in float32 can tell them apart, so all get the same probability.""",
                """Rows of the data set are independent readings. The model has no memory and sees no trend.""",
                """Far from the data (`in_distribution: false`) the limits still hold as physics of the modelled
                machine, but no probability was checked there.""",
            ]
        ),
        "## Reproduce",
        "```sh\npip install -r requirements.txt\npython train_failure.py --data ai4i2020_train.csv --out failure\n```",
        paragraph(
            """Two runs give the same bytes of model, manifest, golden file and card. Versions are pinned, the seed is
            fixed and everything runs on one thread. A processor with other vector instructions may differ in the last
            digits of a fit."""
        ),
    ]
    return "\n\n".join(sections) + "\n"
