"""Layers that keep signals of a healthy size: take out mean and spread, and learn both anew.

    x̂ = (x - μ) / σ        with μ = mean x and σ = √(mean (x - μ)² + ε)
    y = γ x̂ + β            so dγ = Σ dy x̂,  dβ = Σ dy,  dx̂ = γ dy
                           and dx = (dx̂ - mean dx̂ - x̂ · mean (x̂ dx̂)) / σ

Why the means on the last line? Were all x to grow by the same amount, μ would grow with them and
y stay as it is; were all stretched, σ would be. So a push that all numbers share, or that only
stretches them, has no effect, and is taken out.

Batch norm looks at one channel over the whole batch, layer norm at one example over all channels.
Axes: B batch, C channels, T time, H rows, W columns, D width.
"""

import math

import numpy as np

from dlcourse.scratch.layer import Back, Layer, Param
from dlcourse.scratch.mistakes import LayerError, expect_axes, expect_numbers
from dlcourse.trace import Array

__all__ = ["BatchNorm1d", "BatchNorm2d", "LayerNorm"]


def normalise(rows: Array, eps: float) -> tuple[Array, Back, Array, Array]:
    """x̂ and the way back, row by row; also the mean and the variance of each row, as a column."""
    mean = rows.mean(1, keepdims=True)
    xhat = rows - mean
    variance = _mean_product(xhat, xhat)
    sigma = np.sqrt(variance + eps)
    xhat /= sigma

    def back(dxhat: Array) -> Array:
        drows = dxhat - dxhat.mean(1, keepdims=True)
        drows -= xhat * _mean_product(xhat, dxhat)
        drows /= sigma
        return drows

    return xhat, back, mean, variance


def _mean_product(a: Array, b: Array) -> Array:
    """(a * b).mean(1, keepdims=True), without an array for the products"""
    return np.vecdot(a, b)[:, None] / a.shape[1]


class _BatchNorm(Layer):
    """y = γ·(x - μ)/σ + β for each channel; μ and σ of this batch, or running ones in use

    running ← (1 - momentum)·running + momentum·batch; the variance there is n/(n - 1) as large, for
    a sample looks a little narrower than the whole.
    """

    layouts: tuple[str, ...] = ()

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = Param(np.ones(num_features, np.float32))
        self.bias = Param(np.zeros(num_features, np.float32))
        self.running_mean = np.zeros(num_features, np.float32)
        self.running_var = np.ones(num_features, np.float32)
        self.num_batches_tracked = np.array(0)

    def forward(self, x: Array) -> tuple[Array, Back]:
        gamma, beta = self.weight, self.bias
        expect_numbers(x, gamma.data.dtype)
        layout = next((each for each in self.layouts if len(each.split()) == x.ndim), None)
        expect_axes(x, layout or self.layouts[0], C=self.num_features)
        rows = _channel_rows(x)  # (C, all its numbers)
        xhat, back_xhat = self._learn(rows) if self.training else self._use(rows)
        y = xhat * gamma.data[:, None]
        y += beta.data[:, None]

        def back(dy: Array) -> Array:
            drows = _channel_rows(dy)
            gamma.add_grad(np.vecdot(drows, xhat))
            beta.add_grad(drows.sum(1))
            return _as_before(back_xhat(drows * gamma.data[:, None]), x.shape)

        return _as_before(y, x.shape), back

    def _learn(self, rows: Array) -> tuple[Array, Back]:
        """By mean and variance of this batch, which the running ones follow."""
        seen, m = rows.shape[1], self.momentum
        if seen < 2:
            hint = "a larger batch, or net.eval()?"
            raise LayerError(f"got one number a channel, which has no spread: {hint}")
        xhat, back, mean, variance = normalise(rows, self.eps)
        wider = variance * (seen / (seen - 1))
        for running, now in ((self.running_mean, mean), (self.running_var, wider)):
            running *= 1 - m
            running += m * now[:, 0]
        self.num_batches_tracked += 1
        return xhat, back

    def _use(self, rows: Array) -> tuple[Array, Back]:
        """In use, an answer does not depend on who else is in the batch: μ and σ are constants."""
        sigma = np.sqrt(self.running_var + self.eps)[:, None]
        return (rows - self.running_mean[:, None]) / sigma, lambda dxhat: dxhat / sigma


def _channel_rows(x: Array) -> Array:
    """(B, C, ...) → (C, all numbers of a channel); free of cost where B lies last in memory"""
    return np.moveaxis(x, 0, -1).reshape(x.shape[1], -1)


def _as_before(rows: Array, shape: tuple[int, ...]) -> Array:
    """(C, all numbers of a channel) → (B, C, ...)"""
    B, C, *places = shape
    return np.moveaxis(rows.reshape(C, *places, B), -1, 0)


class BatchNorm1d(_BatchNorm):
    """y = γ·(x - μ)/σ + β over (B, C), or over (B, C, T), for each channel C"""

    layouts = ("B C", "B C T")


class BatchNorm2d(_BatchNorm):
    """y = γ·(x - μ)/σ + β over pictures (B, C, H, W), for each channel C"""

    layouts = ("B C H W",)


class LayerNorm(Layer):
    """y = γ·(x - μ)/σ + β with μ and σ of each example by itself, over its last axes"""

    def __init__(self, normalized_shape: int | tuple[int, ...], eps: float = 1e-5) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else normalized_shape
        self.normalized_shape, self.eps = tuple(shape), eps
        self.weight = Param(np.ones(shape, np.float32))
        self.bias = Param(np.zeros(shape, np.float32))

    def forward(self, x: Array) -> tuple[Array, Back]:
        gamma, beta, shape = self.weight, self.bias, self.normalized_shape
        expect_numbers(x, gamma.data.dtype)
        sizes = {f"D{i}": size for i, size in enumerate(shape)}
        expect_axes(x, f"... {' '.join(sizes)}", **sizes)
        rows = x.reshape(-1, math.prod(shape))  # (all examples, D)
        xhat, back_xhat, *_ = normalise(rows, self.eps)
        y = xhat * gamma.data.ravel()
        y += beta.data.ravel()

        def back(dy: Array) -> Array:
            drows = dy.reshape(rows.shape)
            gamma.add_grad((drows * xhat).sum(0).reshape(shape))
            beta.add_grad(drows.sum(0).reshape(shape))
            return back_xhat(drows * gamma.data.ravel()).reshape(x.shape)

        return y.reshape(x.shape), back
