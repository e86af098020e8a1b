"""Convolution, which looks for one small pattern everywhere in a picture, and its reverse.

Axes: B batch, C channels in, O channels out, H rows, W columns, h and w those of the window, R and
S its places. How windows become columns, and why memory is (C, H, W, B), is told in windows.py.

It is made of three functions. With X for the windows of x as columns, Y = W X + b, and so:

    gather   each window, weighted, becomes one number      Y = W X + b
    spread   each number, weighted, goes back to a window   dX = Wᵀ dY    the way back of gather
    blame    what each weight had to do with it             dW = dY Xᵀ    and db = Σ dY
"""

import math

import numpy as np

from dlcourse.scratch.layer import Back, Layer, Param
from dlcourse.scratch.layers import Rng, uniform
from dlcourse.scratch.mistakes import LayerError, expect_axes, expect_numbers
from dlcourse.scratch.windows import Pair, Window, batch_first, batch_last, both_ways
from dlcourse.trace import Array

__all__ = ["Conv2d", "ConvTranspose2d"]


def gather(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """(C, H, W, B) → (O, R, S, B)"""
    x, flat = window.frame(x), weight.reshape(len(weight), -1)  # (O, C·h·w)
    y = np.empty((len(flat), *window.places(x), x.shape[-1]), x.dtype)
    for rows, columns in window.columns(x):
        strip = y[:, rows].reshape(len(flat), -1)  # a view: what is written to it is in y
        np.matmul(flat, columns, out=strip)
        if bias is not None:
            strip += bias[:, None]
    return y


def spread(dy: Array, weight: Array, window: Window, size: tuple[int, ...]) -> Array:
    """(O, R, S, B) → (C, H, W, B): where windows overlap, their gradients add up"""
    (p, q), (H, W) = window.padding, size
    flat = weight.reshape(len(weight), -1)  # (O, C·h·w)
    dx = np.zeros((weight.shape[1], H + 2 * p, W + 2 * q, dy.shape[-1]), dy.dtype)
    for rows in window.strips(dx):
        dcolumns = flat.T @ dy[:, rows].reshape(len(flat), -1)  # (C·h·w, rows·S·B)
        window.add_columns(dcolumns, dx, rows)
    return window.inside(dx)


def blame(x: Array, dy: Array, window: Window) -> Array:
    """The gradient of the weights, (O, C, h, w)"""
    x, (h, w) = window.frame(x), window.size
    dflat = np.zeros((len(x) * h * w, len(dy)), x.dtype)  # (C·h·w, O): X dYᵀ is faster than dY Xᵀ
    # The columns are made anew: kept from the way forward, they would need h·w times x's memory.
    for rows, columns in window.columns(x):
        dflat += columns @ dy[:, rows].reshape(len(dy), -1).T
    return dflat.T.reshape(len(dy), len(x), h, w)


class Conv2d(Layer):
    """y[o, r, s] = b[o] + Σ over c, i, j of W[o, c, i, j] · x[c, r·stride + i, s·stride + j]

    On the way back dx[c, r·stride + i, s·stride + j] += Σ over o of W[o, c, i, j] · dy[o, r, s]
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        *,
        bias: bool = True,
        rng: Rng,
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = both_ways(kernel_size, "kernel_size", 1)
        self.stride, self.padding = both_ways(stride, "stride", 1), both_ways(padding, "padding", 0)
        draw = uniform(rng, 1 / math.sqrt(in_channels * math.prod(self.kernel_size)))
        self.weight = Param(draw(out_channels, in_channels, *self.kernel_size))
        self.bias = Param(draw(out_channels)) if bias else None

    def forward(self, x: Array) -> tuple[Array, Back]:
        W, b = self.weight, self.bias
        expect_numbers(x, W.data.dtype)
        expect_axes(x, "B C H W", C=self.in_channels)
        window = Window(self.kernel_size, self.stride, self.padding)
        x = batch_last(x)
        y = gather(x, W.data, None if b is None else b.data, window)

        def back(dy: Array) -> Array | None:
            dy = batch_last(dy)
            W.add_grad(blame(x, dy, window))
            if b is not None:
                b.add_grad(dy.sum((1, 2, 3)))
            return batch_first(spread(dy, W.data, window, x.shape[1:3])) if self.wants_dx else None

        return batch_first(y), back


class ConvTranspose2d(Layer):
    """Conv2d turned round, which makes pictures larger: its way forward is the other's way back"""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        output_padding: int | Pair = 0,
        *,
        bias: bool = True,
        rng: Rng,
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = both_ways(kernel_size, "kernel_size", 1)
        self.stride, self.padding = both_ways(stride, "stride", 1), both_ways(padding, "padding", 0)
        self.output_padding = both_ways(output_padding, "output_padding", 0)
        if any(o >= s for o, s in zip(self.output_padding, self.stride, strict=True)):
            raise LayerError(f"got output_padding={output_padding}, needs less than the stride")
        draw = uniform(rng, 1 / math.sqrt(out_channels * math.prod(self.kernel_size)))
        self.weight = Param(draw(in_channels, out_channels, *self.kernel_size))
        self.bias = Param(draw(out_channels)) if bias else None

    def forward(self, x: Array) -> tuple[Array, Back]:
        W, b = self.weight, self.bias
        expect_numbers(x, W.data.dtype)
        expect_axes(x, "B C H W", C=self.in_channels)
        window = Window(self.kernel_size, self.stride, self.padding)
        x = batch_last(x)
        y = spread(x, W.data, window, self.grown(x.shape[1:3]))
        if b is not None:
            y += b.data[:, None, None, None]

        def back(dy: Array) -> Array | None:
            dy = batch_last(dy)
            W.add_grad(blame(dy, x, window))
            if b is not None:
                b.add_grad(dy.sum((1, 2, 3)))
            return batch_first(gather(dy, W.data, None, window)) if self.wants_dx else None

        return batch_first(y), back

    def grown(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """How large the picture becomes; `output_padding` is for rows that a stride skipped."""
        sides = self.kernel_size, self.stride, self.padding, self.output_padding
        turns = zip(size, *sides, strict=True)
        return tuple((n - 1) * stride - 2 * p + k + out for n, k, stride, p, out in turns)
