"""The model card of the remaining-life model. Every number in it is computed by the training run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import rul_model as rm
from failure_card import bullets, paragraph, ranges_table, table

Array = NDArray[np.float64]

TRUTH = [0.0, 25.0, 50.0, 75.0, 100.0, rm.CAP]
MEASURES = [("RMSE, cycles", "rmse", 2), ("coverage", "coverage", 3), ("mean width, cycles", "width", 1)]


def figures_table(summary: dict[int, dict[str, dict[str, float]]]) -> str:
    rows = []
    for length, figures in summary.items():
        line = [f"{length}"]
        for _, key, digits in MEASURES:
            each = figures[key]
            line.append(f"{each['mean']:.{digits}f} ({each['low']:.{digits}f} to {each['high']:.{digits}f})")
        rows.append(line)
    return table(["cycles in the window", *(label for label, *_ in MEASURES)], rows)


def truth_table(data: Any, held: Any, cuts: NDArray[np.bool_], length: int) -> str:
    truth = data.capped[cuts]
    answer, low, high = held.remaining[length][cuts], held.low[length][cuts], held.high[length][cuts]
    edges = [*zip(TRUTH, TRUTH[1:]), (rm.CAP, np.inf)]
    rows = []
    for start, end in edges:
        inside = (truth >= start) & (truth < end)
        error = answer[inside] - truth[inside]
        covered = (low[inside] <= truth[inside]) & (truth[inside] <= high[inside])
        rows.append(
            [
                f"{start:g} to {end:g}" if np.isfinite(end) else f"{start:g} or more",
                f"{inside.sum()}",
                f"{np.sqrt(np.mean(error**2)):.2f}",
                f"{error.mean():+.2f}",
                f"{covered.mean():.3f}",
                f"{(high[inside] - low[inside]).mean():.1f}",
            ]
        )
    return table(["true remaining cycles", "cuts", "RMSE", "bias", "coverage", "mean width"], rows)


def near_cap(data: Any, held: Any, cuts: NDArray[np.bool_], length: int) -> tuple[float, float]:
    """How often an engine answered with 120 or more has at least the cap left; and the median it then really has."""
    told = cuts & (held.remaining[length] >= 120.0)
    return float(np.mean(data.remaining[told] >= rm.CAP)), float(np.median(data.remaining[told]))


def corrections_table(calibration: dict[str, Any]) -> str:
    head = ["readings", *(f"answer from {answer:g}" for answer in calibration["answers"])]
    rows = [
        [f"from {readings}", *(f"{value:+.1f}" for value in row)]
        for readings, row in zip(calibration["readings"], calibration["corrections"])
    ]
    return table(head, rows)


def render(
    *,
    manifest: dict[str, Any],
    data: Any,
    model: rm.Model,
    model_bytes: int,
    summary: dict[int, dict[str, dict[str, float]]],
    held: Any,
    cuts: NDArray[np.bool_],
    strangers: float,
    folds: int,
    earliest_cut: int,
    test_sets: int,
) -> str:
    engines = len(np.unique(data.engine))
    lives = np.array([data.cycle[data.engine == number].max() for number in np.unique(data.engine)])
    share, median = near_cap(data, held, cuts, rm.WINDOW)
    coverage = manifest["calibration"]["coverage"]
    sections = [
        f"# Model card: {manifest['name']} {manifest['version']}",
        "Written by `train_rul.py`; do not edit by hand.",
        "## Intended use",
        paragraph(
            f"""Estimates, from the last cycles of an engine (1 to {rm.WINDOW}), how many cycles it has left before it
            fails, with an interval that holds the truth {coverage:.0%} of the time. It supports the planning of
            maintenance. It is not a safety function, and has seen one simulated engine type with one way to fail in
            one operating condition: before use on real assets it must be trained and validated on their histories."""
        ),
        "## What an answer near the cap means",
        paragraph(
            f"""A new engine shows no wear, so its sensors cannot tell 150 cycles from 250. The target is therefore
            min(remaining, {rm.CAP:g}), as in the published comparisons, and answers are never above {rm.CAP:g}. Read
            an answer near {rm.CAP:g} as "{rm.CAP:g} or more", and an upper end of {rm.CAP:g} as no upper limit. Of
            held-out cuts that were answered with 120 or more, {share:.0%} had at least {rm.CAP:g} cycles left; half
            of them had more than {median:.0f}. Coverage is counted against the capped truth."""
        ),
        "## Data",
        paragraph(
            f"""Training file FD001 of the Turbofan Engine Degradation Simulation Data Set (C-MAPSS; A. Saxena and
            K. Goebel, 2008, NASA Prognostics Center of Excellence, public domain): {engines} engines run to failure,
            {len(data.engine)} cycles, lives of {lives.min():.0f} to {lives.max():.0f} cycles. The test file was not
            read. sha256: `{manifest["training_data"]["sha256"]}`."""
        ),
        "## Model",
        paragraph(
            f"""Of the {len(rm.SENSORS)} sensors that change (numbers {", ".join(map(str, rm.SENSORS))}), the window's
            mean and least-squares slope against the cycle number; further the number of the last cycle, the number
            of readings and one over its root. Readings older than {rm.WINDOW} cycles before the last are left out.
            Missing cycles are allowed: the slope uses the cycle numbers. The slope of a single reading is zero. The
            settings only count for `in_distribution`."""
        ),
        paragraph(
            f"""{rm.MEMBERS} networks with {rm.HIDDEN[0]} and {rm.HIDDEN[1]} hidden units are averaged; each has three
            outputs: remaining cycles (squared error) and their {rm.TAIL:.0%} and {1 - rm.TAIL:.0%} quantiles (pinball
            loss). While they are fitted, windows are cut to random lengths. `model.onnx` is {model_bytes} bytes,
            takes raw units and needs {rm.multiply_adds(model)} multiply-adds per row; inputs beyond those of the
            training data count as the nearest of them. sha256: `{manifest["sha256"]}`."""
        ),
        "## Interval",
        paragraph(
            f"""Conformalised quantile regression: the two quantiles are moved apart by as much as {coverage:.0%} of
            held-out engines need, with the finite-sample correction for {engines} engines, each counting the same.
            The correction (in cycles; negative moves them together) is computed apart for each cell of window length
            and answer, from the out-of-fold answers of {folds}-fold cross-validation over engines, so that no
            training data are lost to calibration. A row holds from its length up to the next and is calibrated on
            windows of exactly its length. Ends are clipped to 0 and {rm.CAP:g}."""
        ),
        corrections_table(manifest["calibration"]),
        paragraph(
            """The promise is over engines like the training engines, cut at a random cycle. It is not a promise for
            each engine, nor for each cycle of one: errors of neighbouring cycles are alike."""
        ),
        "## Cross-validated figures",
        paragraph(
            f"""{folds} folds of whole engines. A fold's networks and its corrections are computed without its
            engines, and are scored by running the ONNX graph. Each held-out engine is cut after each of its cycles
            from {earliest_cut} to the last but one, engines count the same, and the window before the cut is scored
            against the capped truth. In brackets the 95 % range over {test_sets} simulated test sets: {engines}
            engines drawn with replacement, each cut once at random."""
        ),
        figures_table(summary),
        paragraph(
            """Published RMSE on the FD001 test file, last window of 100 engines, target capped: convolutional network
            12.6, LSTM 14.9, gradient boosting 11.6, with windows of about 30 cycles. The table is from other engines
            and cuts, and so is no direct comparison. The length of the window decides: the slope of a sensor over 50
            cycles is known twice as well as over 30. Choices of features, sizes and steps were made on such
            cross-validations over the same engines (other folds), which flatters the figures a little."""
        ),
        f"### By true remaining life (windows of {rm.WINDOW})",
        truth_table(data, held, cuts, rm.WINDOW),
        "### By true remaining life (windows of 30)",
        truth_table(data, held, cuts, 30),
        "## Accepted inputs",
        paragraph(
            """Outside the accepted ranges a request is refused. They hold all operating conditions of the simulation;
            FD001 has one, and in it some channels never change."""
        ),
        ranges_table(manifest),
        paragraph(
            f"""Within the ranges, a window whose last cycle number and mean settings and sensors have a squared
            Mahalanobis distance to the training readings above {manifest["in_distribution"]["limit"]:g} (their 99.9 %
            quantile) is answered with `in_distribution: false`; the interval promises nothing there. Of single
            readings of held-out engines, {strangers:.2%} are beyond it."""
        ),
        "## Limitations",
        bullets(
            [
                """Simulated engines, one operating condition, one fault (high-pressure compressor). Other engines are
                marked by `in_distribution`, as far as their values are unlike these, and not answered well.""",
                """The cycle number is the age since the engine was new. Counting from the start of a recording makes
                every engine look young, and the answer too long.""",
                """With a few readings only, sensors are dominated by noise: the interval says so, and the answer leans
                on age and level alone.""",
                f"""Beyond {rm.CAP:g} cycles nothing is estimated.""",
                """Maintenance in between, by which an engine recovers, did not occur in the training data.""",
            ]
        ),
        "## Reproduce",
        "```sh\npip install -r requirements.txt\npython train_rul.py --data cmapss_train_FD001.txt --out rul\n```",
        paragraph(
            """Two runs give the same bytes of model, manifest, golden file and card. Versions are pinned, the seed is
            fixed and everything runs on one thread. A processor with other vector instructions may differ in the last
            digits of a fit."""
        ),
    ]
    return "\n\n".join(sections) + "\n"
