"""The remaining-life model: what it reads from a window of cycles, how it is fitted, and its ONNX graph.

A window is the last readings of one engine, at most WINDOW of them. Of each sensor that changes, the model reads
the mean and the least-squares slope over the window; further the number of the last cycle and of the readings.
More detailed summaries (moving averages, curvature, several lags) did not lower the cross-validated error.

The model is a mean of small networks with three outputs each: the remaining life up to CAP, and its 5 % and 95 %
quantiles. Windows are cut short at random while it is fitted, so that it knows what a short window is worth.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float64]
Single = NDArray[np.float32]

WINDOW = 50
CAP = 125.0
SENSORS = [2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15, 17, 20, 21]
WIDTH = 2 * len(SENSORS) + 3
OUTPUTS = ["remaining_cycles", "low", "high"]
TAIL = 0.05

# Lengths that windows are cut to while fitting, and how often: mostly whole ones, since clients have them.
LENGTHS = [1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 35, 40, 45, 50]
OFTEN = {50: 0.35, 30: 0.2}

HIDDEN = (64, 32)
MEMBERS = 6
STEPS = 3000
BATCH = 128
STEP_SIZE = 1e-2
DECAY = 0.05
# The quantiles share the hidden layers; their part of the loss is small enough not to disturb the mean.
QUANTILE_WEIGHT = 0.15


@dataclass(frozen=True)
class Model:
    """Weights are [member, in, out], biases [member, 1, out]; inputs are clipped, centred and scaled first."""

    lowest: Array
    highest: Array
    centre: Array
    scale: Array
    layers: list[Single]


def window_sums(engine: Array, values: Array, length: int) -> tuple[Array, Array, Array]:
    """Mean and slope of `values` over the last `length` rows of the same engine, and the number of rows there were.

    Rows of an engine are consecutive and one cycle apart.
    """
    rows = len(values)
    starts = np.flatnonzero(np.r_[True, engine[1:] != engine[:-1]])
    age = np.arange(rows) - np.repeat(starts, np.diff(np.r_[starts, rows]))
    count = np.minimum(age + 1, length)
    total, moment = np.zeros_like(values), np.zeros_like(values)
    for lag in range(length):
        inside = np.flatnonzero(lag < count)
        total[inside] += values[inside - lag]
        moment[inside] += ((count[inside] - 1) / 2.0 - lag)[:, None] * values[inside - lag]
    spread = (count**3 - count) / 12.0
    return total / count[:, None], moment / np.where(count > 1, spread, 1.0)[:, None], count.astype(float)


def summaries(engine: Array, cycle: Array, sensors: Array, length: int) -> Array:
    """The model's input [n, WIDTH] for windows of at most `length` cycles that end in each row."""
    # Sums of differences from a constant keep all digits.
    offset = sensors[0]
    mean, slope, count = window_sums(engine, sensors - offset, length)
    return np.column_stack([mean + offset, slope, cycle, count, 1.0 / np.sqrt(count)])


def sampling_weights() -> Array:
    rest = (1.0 - sum(OFTEN.values())) / (len(LENGTHS) - len(OFTEN))
    return np.array([OFTEN.get(length, rest) for length in LENGTHS])


def forward(layers: list[Single], x: Single) -> list[Single]:
    """Activations of all layers; `x` is [member, rows, WIDTH] or broadcasts to it."""
    activations = [x]
    for i in range(0, len(layers), 2):
        x = np.matmul(x, layers[i]) + layers[i + 1]
        if i < len(layers) - 2:
            np.maximum(x, 0.0, out=x)
        activations.append(x)
    return activations


def loss_gradient(outputs: Single, target: Single) -> Single:
    """Squared error of the first output, pinball loss of the others."""
    quantile = np.array([TAIL, 1.0 - TAIL], dtype=np.float32)
    pinball = np.where(target > outputs[..., 1:], -quantile, 1.0 - quantile)
    gradient = np.concatenate([outputs[..., :1] - target, QUANTILE_WEIGHT * pinball], axis=-1)
    return (gradient / outputs.shape[1]).astype(np.float32)


def initial(members: int, random: np.random.Generator) -> list[Single]:
    sizes = [WIDTH, *HIDDEN, len(OUTPUTS)]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers.append(random.normal(0.0, np.sqrt(2.0 / inputs), (members, inputs, outputs)).astype(np.float32))
        layers.append(np.zeros((members, 1, outputs), dtype=np.float32))
    layers[-2] *= np.float32(0.1)
    return layers


def descend(layers: list[Single], draw, steps: int) -> None:
    """Adam with decoupled weight decay and a cosine schedule, in place; all members at once."""
    first = [np.zeros_like(layer) for layer in layers]
    second = [np.zeros_like(layer) for layer in layers]
    for step in range(steps):
        x, target = draw()
        activations = forward(layers, x)
        gradient = loss_gradient(activations[-1], target)
        gradients = [np.zeros(0, dtype=np.float32)] * len(layers)
        for i in range(len(layers) - 2, -1, -2):
            gradients[i] = np.matmul(activations[i // 2].transpose(0, 2, 1), gradient)
            gradients[i + 1] = gradient.sum(axis=1, keepdims=True)
            if i:
                gradient = np.matmul(gradient, layers[i].transpose(0, 2, 1)) * (activations[i // 2] > 0.0)
        rate = STEP_SIZE * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * step / steps))
        for i, (layer, g) in enumerate(zip(layers, gradients)):
            first[i] += np.float32(0.1) * (g - first[i])
            second[i] += np.float32(0.001) * (g * g - second[i])
            unbiased = second[i] * np.float32(1.0 / (1.0 - 0.999 ** (step + 1)))
            layer -= np.float32(rate / (1.0 - 0.9 ** (step + 1))) * first[i] / (np.sqrt(unbiased) + np.float32(1e-8))
            if i % 2 == 0:
                layer *= np.float32(1.0 - rate * DECAY)


def fit(inputs: Array, remaining: Array, subsets: list[NDArray[np.intp]], seed: int) -> list[Model]:
    """One model for each subset of rows, all fitted side by side.

    `inputs` is [len(LENGTHS), rows, WIDTH]; `remaining` is capped. A model sees its own rows only.
    """
    random = np.random.default_rng(seed)
    whole = inputs[-1]
    centre = [whole[rows].mean(axis=0) for rows in subsets]
    scale = [whole[rows].std(axis=0) for rows in subsets]
    members = [which for which in range(len(subsets)) for _ in range(MEMBERS)]
    layers = initial(len(members), random)
    frequency = sampling_weights()
    target = (remaining / CAP).astype(np.float32)
    centres, scales = np.stack(centre)[members][:, None], np.stack(scale)[members][:, None]

    def draw() -> tuple[Single, Single]:
        rows = np.stack([random.choice(subsets[which], BATCH) for which in members])
        length = random.choice(len(LENGTHS), rows.shape, p=frequency)
        x = (inputs[length, rows] - centres) / scales
        return x.astype(np.float32), target[rows][:, :, None]

    descend(layers, draw, STEPS)
    models = []
    for which, rows in enumerate(subsets):
        own = slice(which * MEMBERS, (which + 1) * MEMBERS)
        seen = inputs[:, rows].reshape(-1, WIDTH)
        parts = [layer[own] for layer in layers]
        models.append(Model(seen.min(axis=0), seen.max(axis=0), centre[which], scale[which], parts))
    return models


def to_onnx(model: Model) -> onnx.ModelProto:
    """The graph: raw units in, cycles out, nothing but dense operators.

    The centre is subtracted before anything is multiplied: in float32, a speed of 9000 rpm has few digits left for
    its changes otherwise. Inputs beyond those of the training data count as the nearest of them.
    """
    (w1, b1, w2, b2, w3, b3) = model.layers
    constants = {
        "lowest": model.lowest[None],
        "highest": model.highest[None],
        "centre": model.centre[None],
        "weights_1": w1 / model.scale[:, None],
        "bias_1": b1,
        "weights_2": w2,
        "bias_2": b2,
        "weights_3": w3 * CAP,
        "bias_3": b3 * CAP,
        "zero": np.array(0.0),
        "cap": np.array(CAP),
    }
    node = helper.make_node
    nodes = [
        node("Max", ["features", "lowest"], ["not_below"]),
        node("Min", ["not_below", "highest"], ["seen"]),
        node("Sub", ["seen", "centre"], ["centred"]),
        node("MatMul", ["centred", "weights_1"], ["product_1"]),
        node("Add", ["product_1", "bias_1"], ["sum_1"]),
        node("Relu", ["sum_1"], ["hidden_1"]),
        node("MatMul", ["hidden_1", "weights_2"], ["product_2"]),
        node("Add", ["product_2", "bias_2"], ["sum_2"]),
        node("Relu", ["sum_2"], ["hidden_2"]),
        node("MatMul", ["hidden_2", "weights_3"], ["product_3"]),
        node("Add", ["product_3", "bias_3"], ["members"]),
        node("ReduceMean", ["members"], ["mean"], axes=[0], keepdims=0),
        node("Clip", ["mean", "zero", "cap"], ["life"]),
    ]
    initializers = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()]
    graph = helper.make_graph(
        nodes,
        "remaining-life",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", WIDTH])],
        [helper.make_tensor_value_info("life", TensorProto.FLOAT, ["N", len(OUTPUTS)])],
        initializers,
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="palisade")
    proto.ir_version = 8
    onnx.checker.check_model(proto, full_check=True)
    return proto


def multiply_adds(model: Model) -> int:
    """Multiply-adds of the matrix products, per row."""
    return sum(int(layer.size) for layer in model.layers[::2])
