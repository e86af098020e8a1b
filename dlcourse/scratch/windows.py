"""Small windows that slide over pictures: what convolution is made of.

Axes: B pictures of a batch, C channels, H rows and W columns of a picture, h rows and w columns
of the window, which stands at R places downwards and S places across.

A convolution multiplies every window with the same weights. Window by window that would be many
thousands of tiny products. Instead all windows are written side by side, each as one column of a
large matrix ("im2col"), and one large product does the work of all. With windows of 2×2:

    picture      its four windows               as columns

     a b c       a b   b c   d e   e f           a b d e     each window's top left corner
     d e f       d e   e f   g h   h i           b c e f     top right
     g h i                                       d e g h     bottom left
                                                 e f h i     bottom right

Read by rows, the matrix is simple too: its first row is the picture without its last row and
column, the others are the same, shifted. So it takes h·w large copies, not R·S small ones.
On the way back a number collects the gradients of all columns that hold it: e stands in all four.

Layers speak of pictures as (B, C, H, W), as PyTorch does, but in memory they lie as (C, H, W, B).
Then each copy is made of long unbroken runs, the product comes out as the next layer's picture,
and nothing is ever transposed in between: nets learn nearly three times as fast as with B first.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dlcourse.scratch.mistakes import LayerError
from dlcourse.trace import Array

__all__: list[str] = []  # what is here is for its neighbours

Pair = tuple[int, int]
AT_ONCE = 2**19  # so many numbers of the columns (2 MB) exist at a time: this keeps them in cache


def batch_last(x: Array) -> Array:
    """(B, C, H, W) → (C, H, W, B); costs nothing where x came out of `batch_first`."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0))


def batch_first(x: Array) -> Array:
    """(C, H, W, B) → (B, C, H, W); only the axes get new names, the numbers stay where they are."""
    return x.transpose(3, 0, 1, 2)


def both_ways(value: int | Pair, name: str, least: int) -> Pair:
    """One number for both directions, or one each for down and across."""
    both = value if isinstance(value, tuple) else (value, value)
    if len(both) != 2 or not all(isinstance(n, int) and n >= least for n in both):
        raise LayerError(f"got {name}={value!r}, needs a whole number from {least} up, or two")
    return both


class Window(NamedTuple):
    """How large the window is, how far it steps, and how wide a frame is put round the picture."""

    size: Pair
    stride: Pair
    padding: Pair

    def frame(self, x: Array, filled_with: float = 0.0) -> Array:
        """The picture (C, H, W, B) in its frame: (C, H + 2p, W + 2q, B)."""
        if self.padding == (0, 0):
            return x
        (p, q), (C, H, W, B) = self.padding, x.shape
        framed = np.full((C, H + 2 * p, W + 2 * q, B), filled_with, x.dtype)
        self.inside(framed)[:] = x
        return framed

    def inside(self, framed: Array) -> Array:
        """The picture without its frame (a view)."""
        (p, q), (_, H, W, _) = self.padding, framed.shape
        return framed[:, p : H - p, q : W - q]

    def places(self, framed: Array) -> Pair:
        """R, S: at how many places the window can stand."""
        (h, w), (_, H, W, _) = self.size, framed.shape
        if h > H or w > W:
            raise LayerError(
                f"got pictures of {H}×{W} (padding included), but its window is {h}×{w}: "
                f"larger pictures, more padding, or fewer layers before it that shrink them?"
            )
        return (H - h) // self.stride[0] + 1, (W - w) // self.stride[1] + 1

    def strips(self, framed: Array) -> Iterator[slice]:
        """All rows of places, a few at a time, so that their columns do not fill the memory."""
        R, S = self.places(framed)
        numbers_per_row = len(framed) * math.prod(self.size) * S * framed.shape[-1]
        step = max(1, AT_ONCE // max(1, numbers_per_row))
        for start in range(0, R, step):
            yield slice(start, min(start + step, R))

    def corners(self, framed: Array, rows: slice | None = None) -> list[Array]:
        """What all windows (of these rows) have in their first corner, in the next, ...: views."""
        (h, w), (down, across), (R, S) = self.size, self.stride, self.places(framed)
        first, last = (rows.start, rows.stop) if rows else (0, R)
        return [
            framed[:, first * down + i : last * down + i : down, j : S * across + j : across]
            for i, j in np.ndindex(h, w)
        ]

    def columns(self, framed: Array) -> Iterator[tuple[slice, Array]]:
        """All windows, each as a column, strip by strip: (rows, columns (C·h·w, rows·S·B)).

        Every strip is written over the one before: memory just used is quicker than new memory.
        """
        columns = np.empty(0, framed.dtype)
        for rows in self.strips(framed):
            corners = self.corners(framed, rows)
            C, *places = corners[0].shape
            if columns.shape != (C, len(corners), *places):
                columns = np.empty((C, len(corners), *places), framed.dtype)
            for i, corner in enumerate(corners):
                columns[:, i] = corner
            yield rows, columns.reshape(C * len(corners), -1)

    def add_columns(self, columns: Array, framed: Array, rows: slice) -> None:
        """The way back of `columns`: each number is added where it was once copied from."""
        corners = self.corners(framed, rows)
        C, *places = corners[0].shape
        columns = columns.reshape(C, len(corners), *places)
        for i, corner in enumerate(corners):
            corner += columns[:, i]
