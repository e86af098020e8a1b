"""Weights to begin with, by name.

A layer draws weights as PyTorch does. To try another way: `initialise(net, "he_normal", rng)`.

A weight (O, I, ...) has fan_in numbers coming in for each output, and fan_out going out for each
input. If sums over many inputs are to stay as large as the inputs, the spread must be ~ 1/√fan.
"""

import math
from collections.abc import Callable

import numpy as np

from dlcourse.scratch.layer import Layer
from dlcourse.scratch.norm import BatchNorm1d, BatchNorm2d, LayerNorm
from dlcourse.trace import Array

Rng = np.random.Generator
NORMS = BatchNorm1d, BatchNorm2d, LayerNorm
Draw = Callable[[tuple[int, ...], int, int, Rng], Array]


def _uniform(bound: Callable[[int, int], float]) -> Draw:
    return lambda shape, fan_in, fan_out, rng: rng.uniform(-1, 1, shape) * bound(fan_in, fan_out)


def _normal(spread: Callable[[int, int], float]) -> Draw:
    return lambda shape, fan_in, fan_out, rng: rng.normal(size=shape) * spread(fan_in, fan_out)


def _orthogonal(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: Rng) -> Array:
    """Rows at right angles to each other: lengths pass through unchanged."""
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))  # without this the draw would favour some directions
    return (q if rows >= columns else q.T).reshape(shape)


INITIAL: dict[str, Draw] = {
    "zeros": lambda shape, fan_in, fan_out, rng: np.zeros(shape),  # every unit the same: no good
    "small_normal": _normal(lambda fan_in, fan_out: 0.02),
    "large_normal": _normal(lambda fan_in, fan_out: 1.0),  # signals explode: to see why not
    "torch": _uniform(lambda fan_in, fan_out: 1 / math.sqrt(fan_in)),
    "xavier_uniform": _uniform(lambda fan_in, fan_out: math.sqrt(6 / (fan_in + fan_out))),
    "xavier_normal": _normal(lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out))),
    "he_uniform": _uniform(lambda fan_in, fan_out: math.sqrt(6 / fan_in)),
    "he_normal": _normal(lambda fan_in, fan_out: math.sqrt(2 / fan_in)),
    "orthogonal": _orthogonal,
}


def initialise(net: Layer, name: str, rng: Rng) -> None:
    """Draw all weights of a net anew; biases become zero, scales of norm layers stay."""
    if name not in INITIAL:
        raise ValueError(f"no initialisation is called {name!r}; there are {', '.join(INITIAL)}")
    norms = [layer for _, layer in net.named_layers() if isinstance(layer, NORMS)]
    scales = {id(layer.weight) for layer in norms}
    for path, param in net.named_parameters().items():
        shape, dtype = param.data.shape, param.data.dtype
        if "bias" in path.rpartition(".")[2]:
            param.data = np.zeros(shape, dtype)
        elif len(shape) > 1 and id(param) not in scales:
            receptive = math.prod(shape[2:])  # a convolution's kernel counts on both sides
            fan_in, fan_out = shape[1] * receptive, shape[0] * receptive
            param.data = INITIAL[name](shape, fan_in, fan_out, rng).astype(dtype)
