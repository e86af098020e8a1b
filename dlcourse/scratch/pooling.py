"""Pooling: a picture made smaller, each window of it told by one number. Axes as in windows.py."""

from collections.abc import Callable, Iterable
from functools import reduce

import numpy as np

from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.mistakes import LayerError, expect_axes, expect_numbers
from dlcourse.scratch.windows import Pair, Window, batch_first, batch_last, both_ways
from dlcourse.trace import Array

Shares = Callable[[Array], Iterable[Array]]


class _Pool2d(Layer):
    """What both kinds of pooling share: where the windows stand; usually side by side."""

    frame = 0.0  # what a window sees beyond the edge of the picture

    def __init__(
        self, kernel_size: int | Pair, stride: int | Pair | None = None, padding: int | Pair = 0
    ) -> None:
        self.kernel_size = both_ways(kernel_size, "kernel_size", 1)
        self.stride = both_ways(kernel_size if stride is None else stride, "stride", 1)
        self.padding = both_ways(padding, "padding", 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise LayerError(
                f"got padding={padding}, needs at most half of the kernel's {kernel_size}"
            )

    def pool(self, corners: list[Array]) -> tuple[Array, Shares]:
        """One number for each window, and a function that divides a gradient among the corners."""
        raise NotImplementedError(f"{type(self).__name__} has no pool yet")

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        expect_axes(x, "B C H W")
        window = Window(self.kernel_size, self.stride, self.padding)
        framed = window.frame(batch_last(x), self.frame)
        y, shares = self.pool(window.corners(framed))
        overlap = any(s < k for s, k in zip(self.stride, self.kernel_size, strict=True))

        def back(dy: Array) -> Array:
            dframed = np.zeros(framed.shape, dy.dtype)
            dcorners = window.corners(dframed)
            for dcorner, share in zip(dcorners, shares(batch_last(dy)), strict=True):
                if overlap:
                    dcorner += share
                else:  # nothing is there yet to add to; writing takes half the time
                    dcorner[:] = share
            return batch_first(window.inside(dframed))

        return batch_first(y), back


class MaxPool2d(_Pool2d):
    """y = the largest number of a window, which gets all of dy; among equals it is the first"""

    frame = -np.inf

    def pool(self, corners: list[Array]) -> tuple[Array, Shares]:
        y = reduce(np.maximum, corners)

        def shares(dy: Array) -> Iterable[Array]:
            for corner in corners[:-1]:
                share = dy * (corner == y)
                dy = dy - share  # what is given away cannot be given again
                yield share
            yield dy  # whatever is left was meant for the last corner

        return y, shares


class AvgPool2d(_Pool2d):
    """y = the mean of a window of n numbers, so each of them gets dy / n"""

    def pool(self, corners: list[Array]) -> tuple[Array, Shares]:
        n = len(corners)
        return reduce(np.add, corners) / n, lambda dy: [dy / n] * n
