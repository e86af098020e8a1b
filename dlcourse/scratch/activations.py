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
    """y = x·½(1 + tanh u) with u = √(2/π)·(x + 0.044715 x³): a ReLU with a soft corner

    This is the tanh form, `nn.GELU(approximate="tanh")` in PyTorch.
    """

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        a = math.sqrt(2 / math.pi)
        b = a * 0.044715
        xx = x * x  # never x**3: a power is some fifty times slower than two products
        t = np.tanh(x * (a + b * xx))
        half = 0.5 + 0.5 * t

        def back(dy: Array) -> Array:
            du = a + (3 * b) * xx
            return dy * (half + (0.5 * x) * (1 - t * t) * du)

        return x * half, back


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
    e = np.exp(x - x.max(dim, keepdims=True))
    return e / e.sum(dim, keepdims=True)
