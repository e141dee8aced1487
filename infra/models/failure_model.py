"""The machine-failure model: competing causes with soft limits, and its ONNX graph.

Each failure mode is a product of gates, each gate a sigmoid of the distance to a physical limit; the machine
fails when any mode fires or an unexplained failure happens: P(failure) = 1 - (1 - p0) * prod(1 - P(mode)).
So the failure probability can never be below that of a mode, and every number in the graph has a meaning.

The *position* of the limits is published knowledge (Matzka 2020). What is fitted, mode by mode and by penalised
maximum likelihood, is how soft each limit is, a shift of at most half a sensor step, how sure a mode is on each
side of its limits, the hazard of a worn tool and the rate of unexplained failures.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from scipy.optimize import minimize

Array = NDArray[np.float64]

INPUTS = ["is_L", "is_M", "is_H", "air", "process", "speed", "torque", "wear"]
LABELS = ["failure", "tool_wear", "heat_dissipation", "power", "overstrain"]

# Published limits. Power is kept as torque * speed (Nm * rpm): one constant less to round in float32.
WATT = 60.0 / (2.0 * np.pi)
COOLING_K = 8.6
SLOW_RPM = 1380.0
LOW_POWER = 3500.0 * WATT
HIGH_POWER = 9000.0 * WATT
OVERSTRAIN = {"is_L": 11000.0, "is_M": 12000.0, "is_H": 13000.0}
WORN_MIN = 200.0
# The hazard of a worn tool stays constant from here: almost nothing was observed beyond.
WORN_FLAT_MIN = 240.0
# Minutes of wear one process step adds, also published: a step fails in proportion to the wear it adds.
WEAR_PER_STEP = {"is_L": 2.0, "is_M": 3.0, "is_H": 5.0}

# A gate is (left factor) * (right factor) + constant > 0; each entry maps an input to its weight in that part.
# The step is the smallest change of the quantity that the recorded sensors can show.
ONE = {"is_L": 1.0, "is_M": 1.0, "is_H": 1.0}


def constant(value: float) -> dict[str, float]:
    """A constant as weights of the one-hot machine type, whose sum is 1."""
    return {name: value for name in ONE}


@dataclass(frozen=True)
class Gate:
    left: dict[str, float]
    right: dict[str, float]
    offset: dict[str, float]
    step: float


GATES = {
    "poor_cooling": Gate({"air": 1.0, "process": -1.0}, ONE, constant(COOLING_K), 0.1),
    "slow": Gate({"speed": -1.0}, ONE, constant(SLOW_RPM), 1.0),
    "low_power": Gate({"torque": -1.0}, {"speed": 1.0}, constant(LOW_POWER), 0.1 * 2000.0),
    "high_power": Gate({"torque": 1.0}, {"speed": 1.0}, constant(-HIGH_POWER), 0.1 * 1400.0),
    "overstrain": Gate({"torque": 1.0}, {"wear": 1.0}, {k: -v for k, v in OVERSTRAIN.items()}, 0.1 * 200.0),
    "worn": Gate({"wear": 1.0}, ONE, constant(-WORN_MIN), 1.0),
}
MODES = {
    "tool_wear": ["worn"],
    "heat_dissipation": ["poor_cooling", "slow"],
    "power": ["low_power", "high_power"],
    "overstrain": ["overstrain"],
}


@dataclass(frozen=True)
class Model:
    shift: dict[str, float]
    softness: dict[str, float]
    floor: dict[str, float]
    ceiling: dict[str, float]
    hazard_at_limit: float
    hazard_slope: float
    unexplained: float


def sigmoid(z: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-np.clip(z, -60.0, 60.0)))


def weights(part: dict[str, float]) -> Array:
    return np.array([part.get(name, 0.0) for name in INPUTS])


def margin(gate: Gate, x: Array) -> Array:
    return (x @ weights(gate.left)) * (x @ weights(gate.right)) + x @ weights(gate.offset)


def worn_minutes(x: Array) -> Array:
    return np.clip(x[:, INPUTS.index("wear")] - WORN_MIN, 0.0, WORN_FLAT_MIN - WORN_MIN)


def step_offset(x: Array) -> Array:
    """Log-odds of a tool failure relative to a step that adds one minute."""
    return x @ weights({name: np.log(minutes) for name, minutes in WEAR_PER_STEP.items()})


def log_loss(y: Array, p: Array) -> float:
    return -float(np.sum(y * np.log(p) + (1.0 - y) * np.log1p(-p)))


def rounded(value: float) -> float:
    """Six significant digits: below the noise of the fit, above the differences between processors."""
    return float(f"{value:.6g}")


def fit_mode(mode: str, x: Array, y: Array) -> dict[str, Array]:
    """Penalised maximum likelihood of one mode's gates; penalties count as about one observation each."""
    gates = [GATES[name] for name in MODES[mode]]
    margins = [margin(gate, x) / gate.step for gate in gates]
    n = len(gates)
    worn = mode == "tool_wear"
    minutes = worn_minutes(x) / (WORN_FLAT_MIN - WORN_MIN)
    added = step_offset(x)

    def probability(theta: Array) -> Array:
        opened = [sigmoid((m + theta[i]) / np.exp(theta[n + i])) for i, m in enumerate(margins)]
        # The two power gates cannot both be open, so their sum is their union.
        joint = opened[0] + opened[1] if mode == "power" else np.prod(opened, axis=0)
        floor, top = sigmoid(theta[2 * n]), sigmoid(theta[2 * n + 1])
        rise = top - floor
        if worn:
            rise = sigmoid(theta[2 * n + 1] + theta[2 * n + 2] * minutes + added)
        return np.clip(floor + rise * joint, 1e-9, 1.0 - 1e-9)

    def objective(theta: Array) -> float:
        shift, softness, level = theta[:n], theta[n : 2 * n], theta[2 * n : 2 * n + 2]
        prior = np.sum((2.0 * shift) ** 2) + 0.5 * np.sum((softness + 1.0) ** 2)
        # Half a pseudo-observation on each side keeps both levels away from 0 and 1.
        prior -= 0.5 * np.sum(np.log(sigmoid(level)) + np.log(sigmoid(-level)))
        return log_loss(y, probability(theta)) + float(prior)

    start = [0.0] * n + [-1.0] * n + [-7.0, -4.0 if worn else 4.0] + ([1.0] if worn else [])
    bounds = [(-0.5, 0.5)] * n + [(np.log(0.1), 0.0)] * n + [(-12.0, -2.0), (-8.0, 8.0)]
    bounds += [(0.0, 6.0)] if worn else []
    theta = minimize(objective, start, method="L-BFGS-B", bounds=bounds).x
    return {"shift": theta[:n], "softness": np.exp(theta[n : 2 * n]), "level": theta[2 * n :]}


def fit(x: Array, failure: Array, modes: Array) -> Model:
    """`x` is [n, 8] in INPUTS order, `modes` is [n, 4] in LABELS[1:] order; both labels are targets only."""
    shift, softness, floor, ceiling = {}, {}, {}, {}
    hazard = (0.0, 0.0)
    for column, mode in enumerate(LABELS[1:]):
        found = fit_mode(mode, x, modes[:, column])
        for i, name in enumerate(MODES[mode]):
            shift[name] = rounded(found["shift"][i] * GATES[name].step)
            softness[name] = rounded(found["softness"][i] * GATES[name].step)
        floor[mode] = rounded(float(sigmoid(found["level"][0])))
        if mode != "tool_wear":
            ceiling[mode] = rounded(float(sigmoid(found["level"][1])))
        else:
            hazard = (rounded(found["level"][1]), rounded(found["level"][2] / (WORN_FLAT_MIN - WORN_MIN)))
    healthy = modes.sum(axis=1) == 0
    unexplained = (failure[healthy].sum() + 0.5) / (healthy.sum() + 1.0)
    return Model(shift, softness, floor, ceiling, *hazard, rounded(unexplained))


def to_onnx(model: Model) -> onnx.ModelProto:
    """The graph: raw units in, every derived quantity inside, nothing but dense operators, and few of them, because
    the runtime's time to load is paid per operator.

    Rows run along the last axis inside, so that every step works on long contiguous lines. Left factors are picked
    with weights 0 and +-1, and every other part is one product per row: float32 rounding is then the same in every
    runtime, which matters next to a sharp limit.
    """
    # The hazard of a worn tool is a gate too: its left factor, the minutes past the limit, stays within bounds.
    gates, modes, endless = [*GATES, "hazard"], LABELS[1:], float(np.finfo(np.float32).max)
    lefts = [*(gate.left for gate in GATES.values()), {"wear": 1.0, **constant(-WORN_MIN)}]
    least = [-endless] * len(GATES) + [0.0]
    most = [endless] * len(GATES) + [WORN_FLAT_MIN - WORN_MIN]
    rights, limits = [], []
    for name, gate in GATES.items():
        steepness = 1.0 / model.softness[name]
        rights.append({i: v * steepness for i, v in gate.right.items()})
        limits.append({i: (v + model.shift[name] * ONE.get(i, 0.0)) * steepness for i, v in gate.offset.items()})
    rights.append(constant(model.hazard_slope))
    limits.append({name: model.hazard_at_limit + np.log(minutes) for name, minutes in WEAR_PER_STEP.items()})
    # Each mode is (sum of the first gates) * (second gate or 1) + floor.
    first = {"tool_wear": ["worn"], "heat_dissipation": ["poor_cooling"], "power": MODES["power"]}
    first["overstrain"] = ["overstrain"]
    second = {"tool_wear": ["hazard"], "heat_dissipation": ["slow"], "power": [], "overstrain": []}
    # A worn tool's ceiling is its hazard, already a probability: only the other modes are scaled.
    span = {m: 1.0 if m == "tool_wear" else model.ceiling[m] - model.floor[m] for m in modes}
    # A first line without gates stands for what no mode explains.
    pick = [[0.0] * len(gates)] + [[span[m] * (name in first[m]) for name in gates] for m in modes]
    pick += [[0.0] * len(gates)] + [[float(name in second[m]) for name in gates] for m in modes]

    def line(values: list[float]) -> Array:
        return np.array(values)[:, None]

    constants = {
        "parts_of_inputs": np.stack([weights(part) for part in [*lefts, *rights, *limits]]),
        "least": line(least),
        "most": line(most),
        "modes_of_gates": np.array(pick),
        "second_missing": line([1.0] + [float(not second[m]) for m in modes]),
        "spared": line([1.0 - model.unexplained] + [1.0 - model.floor[m] for m in modes]),
        "one": line([1.0]),
    }
    splits = {"part_sizes": [len(gates)] * 3, "factor_sizes": [len(LABELS)] * 2, "cause_sizes": [1, len(modes)]}
    node = helper.make_node
    nodes = [
        node("Gemm", ["parts_of_inputs", "features"], ["parts"], transB=1),
        node("Split", ["parts", "part_sizes"], ["left", "right", "limit"], axis=0),
        node("Max", ["left", "least"], ["from_least"]),
        node("Min", ["from_least", "most"], ["bounded"]),
        node("Mul", ["bounded", "right"], ["quantity"]),
        node("Add", ["quantity", "limit"], ["logits"]),
        node("Sigmoid", ["logits"], ["gates"]),
        node("MatMul", ["modes_of_gates", "gates"], ["factors"]),
        node("Split", ["factors", "factor_sizes"], ["first", "second"], axis=0),
        node("Add", ["second", "second_missing"], ["second_or_one"]),
        node("Mul", ["first", "second_or_one"], ["fired"]),
        node("Sub", ["spared", "fired"], ["no_cause"]),
        node("ReduceProd", ["no_cause"], ["no_failure"], axes=[0], keepdims=1),
        node("Split", ["no_cause", "cause_sizes"], ["not_unexplained", "no_mode"], axis=0),
        node("Concat", ["no_failure", "no_mode"], ["nothing"], axis=0),
        node("Sub", ["one", "nothing"], ["outputs"]),
        node("Transpose", ["outputs"], ["probabilities"], perm=[1, 0]),
    ]
    initial = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()]
    initial += [numpy_helper.from_array(np.array(sizes, dtype=np.int64), name) for name, sizes in splits.items()]
    graph = helper.make_graph(
        nodes,
        "machine-failure",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", len(INPUTS)])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(LABELS)])],
        initial,
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="palisade")
    proto.ir_version = 8
    onnx.checker.check_model(proto, full_check=True)
    return proto


def multiply_adds(proto: onnx.ModelProto) -> int:
    """Multiply-adds of the matrix products, per row."""
    sizes = {tensor.name: int(np.prod(tensor.dims)) for tensor in proto.graph.initializer}
    return sum(sizes[node.input[0]] for node in proto.graph.node if node.op_type in ("MatMul", "Gemm"))
