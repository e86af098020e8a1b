"""Layers without weights that bend a straight line: number by number, and softmax."""

import math

import numpy as np

from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.mistakes import expect_numbers
from dlcourse.trace import Array


class ReLU(Layer):
    """y = max(x, 0), so dy/dx = 1 where x > 0, else 0"""

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        y = np.clip(x, 0, np.inf)  # the same as np.maximum(x, 0), three times as fast
        return y, lambda dy: dy * (y > 0)


class LeakyReLU(Layer):
    """y = x where x > 0, else slope·x: a little gradient always comes through"""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        slope = np.where(x > 0, x.dtype.type(1), x.dtype.type(self.negative_slope))
        return x * slope, lambda dy: dy * slope


class Tanh(Layer):
    """y = tanh x, so dy/dx = 1 - y²"""

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        y = np.tanh(x)
        return y, lambda dy: dy * (1 - y * y)


class Sigmoid(Layer):
    """y = 1 / (1 + e⁻ˣ), so dy/dx = y (1 - y)"""

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        y = sigmoid(x)
        return y, lambda dy: dy * y * (1 - y)


def sigmoid(x: Array) -> Array:
    """The same curve as 1 / (1 + e⁻ˣ), but by tanh: it never overflows, and is faster."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


class GELU(Layer):
    """y = x·p with p = ½(1 + tanh u), u = √(2/π)·(x + 0.044715 x³): a ReLU with a soft corner

    So dy/dx = p·(1 + 2x (1 - p) du/dx). This is the tanh form, `nn.GELU(approximate="tanh")`.
    """

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        a = math.sqrt(2 / math.pi)
        b = a * 0.044715
        # Never x**3: a power is some fifty times slower than two products.
        p = 0.5 + 0.5 * np.tanh(x * (a + b * (x * x)))

        def back(dy: Array) -> Array:
            twice_du = 2 * a + 6 * b * (x * x)
            return dy * p * (1 + x * (1 - p) * twice_du)

        return x * p, back


class Softmax(Layer):
    """yᵢ = eˣⁱ / Σⱼ eˣʲ, so dxᵢ = yᵢ (dyᵢ - Σⱼ dyⱼ yⱼ): a raise for one is a cut for the others"""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        y = softmax(x, self.dim)
        return y, lambda dy: y * (dy - (dy * y).sum(self.dim, keepdims=True))


def softmax(x: Array, dim: int = -1) -> Array:
    """Shifted by the largest, which changes nothing but keeps e^x from overflowing."""
    e = x - x.max(dim, keepdims=True)
    np.exp(e, out=e)  # in place, here and below: a fresh array costs more than its numbers
    e /= e.sum(dim, keepdims=True)
    return e
