"""Where a token stands. Attention alone could not tell a sentence from its shuffled words.

Axes: B batch, T places, D width.
"""

import math

import numpy as np

from dlcourse.scratch.layer import Back, Layer, Param
from dlcourse.scratch.layers import Rng
from dlcourse.scratch.mistakes import LayerError, expect_axes, expect_numbers
from dlcourse.trace import Array


class LearnedPositions(Layer):
    """y = x + W[place], so dW[place] = Σ dy over the batch: each place learns its own numbers

    `start` is the place of the first token: more than 0 where x goes on with a sentence.
    """

    def __init__(self, context: int, width: int, *, rng: Rng) -> None:
        self.context, self.width = context, width
        self.weight = Param(rng.normal(size=(context, width)).astype(np.float32))

    def forward(self, x: Array, start: int = 0) -> tuple[Array, Back]:
        W = self.weight
        expect_numbers(x, W.data.dtype)
        places = _places(x, start, self.context, self.width)

        def back(dy: Array) -> Array:
            dW = np.zeros_like(W.data)
            dW[places] = dy.sum(0)
            W.add_grad(dW)
            return dy

        return x + W.data[places], back


class SinusoidalPositions(Layer):
    """y = x + table[place]: hands of many clocks, fast ones and slow ones; nothing to learn"""

    def __init__(self, context: int, width: int) -> None:
        self.context, self.width = context, width
        self.table = sinusoids(np.arange(context), width)

    def forward(self, x: Array, start: int = 0) -> tuple[Array, Back]:
        expect_numbers(x, self.table.dtype)
        places = _places(x, start, self.context, self.width)
        return x + self.table[places], lambda dy: dy


def sinusoids(places: Array, width: int) -> Array:
    """Sine and cosine of each place at width / 2 speeds, from 1 down to almost 1 / 10,000

    Row p holds sin(p·s₀), cos(p·s₀), sin(p·s₁), ... with sᵢ = 10000^(-2i / width).
    """
    if width % 2:
        raise LayerError(f"cannot pair sines with cosines in a width of {width}: make it even")
    speeds = np.exp(np.arange(0, width, 2) * (-math.log(10_000) / width))
    angles = places[:, None] * speeds  # (T, D / 2)
    pairs = np.stack([np.sin(angles), np.cos(angles)], -1)  # (T, D / 2, 2)
    return pairs.reshape(len(places), width).astype(np.float32)


def _places(x: Array, start: int, context: int, width: int) -> slice:
    expect_axes(x, "B T D", D=width)
    if start < 0:
        raise LayerError(f"got start={start}, needs the place of the first token, 0 or more")
    if start + x.shape[1] > context:
        raise LayerError(
            f"got {x.shape[1]} tokens from place {start} on, but knows only {context} places: "
            f"a shorter text, or a net with a longer context?"
        )
    return slice(start, start + x.shape[1])
