"""Codes in a plane: where each example lies, and which code a place of the plane stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.stacks import evenly

MOST = 3000  # examples drawn; more of them cover each other


@dataclass(frozen=True)
class Codes:
    """Examples that can be drawn, and the plane they are drawn in.

    A code is `rest` + place @ basis; where it has more than two numbers, that is its shadow.
    """

    count: int  # examples that were given
    numbers: Array  # (M,) which of them are drawn
    codes: Array  # (M, L)
    places: Array  # (M, 2)
    rest: Array  # (L,)
    basis: Array  # (2, L)
    axis_names: list[str]
    left_out: int  # codes that are not finite

    @property
    def flat(self) -> bool:
        """The plane holds the whole code."""
        return self.codes.shape[1] == 2

    @property
    def frame(self) -> Array:
        """Left, right, bottom, top, with some air around the outermost examples."""
        low, high = self.places.min(0), self.places.max(0)
        air = np.where(high > low, 0.06 * (high - low), 1.0)
        return np.stack([low - air, high + air], axis=1).ravel().round(6)

    @property
    def middle(self) -> list[float]:
        return self.places.mean(0).round(3).tolist()

    def lift(self, places: Array) -> Array:
        """The codes (P, L) that places (P, 2) stand for, in the precision of the examples."""
        return (self.rest + np.asarray(places) @ self.basis).astype(self.codes.dtype)

    def lattice(self, side: int) -> Array:
        """Codes of the middles of side × side tiles, row by row from the bottom left."""
        left, right, bottom, top = self.frame
        middles = (np.arange(side) + 0.5) / side
        x, y = np.meshgrid(left + middles * (right - left), bottom + middles * (top - bottom))
        return self.lift(np.stack([x.ravel(), y.ravel()], axis=1))

    def row(self, number: Any, name: str) -> int:
        """Where an example stands among those drawn."""
        found = np.flatnonzero(self.numbers == number)
        if isinstance(number, bool) or not found.size:
            last = self.count - 1
            raise ValueError(f"{name}={number!r} is none of the examples shown here: 0 to {last}?")
        return int(found[0])


def plane_of(codes: Any, axes: tuple[int, int] | str) -> Codes:
    """The codes in the plane of two of their numbers, or of their two main directions ("pca")."""
    codes = np.asarray(codes)
    if codes.ndim != 2 or codes.shape[1] < 2 or codes.dtype.kind not in "fiu":
        got = f"{codes.dtype} numbers of shape {codes.shape}"
        raise ValueError(f"codes are {got}; needs (N, 2) or more numbers for each of N examples")
    codes = codes if codes.dtype.kind == "f" else codes.astype(np.float32)
    fine = np.flatnonzero(np.isfinite(codes).all(1))
    if not fine.size:
        raise ValueError(f"of {len(codes)} codes none is finite, so there is nothing to draw")
    numbers = fine[evenly(len(fine), MOST)]
    mean, rest, basis, names = _basis(codes[fine], axes)
    places = (codes[numbers].astype(float) - mean) @ basis.T
    left_out = len(codes) - len(fine)
    return Codes(len(codes), numbers, codes[numbers], places, rest, basis, names, left_out)


def _basis(codes: Array, axes: Any) -> tuple[Array, Array, Array, list[str]]:
    """Where the plane's origin is, what all its codes have in common, and its two directions."""
    width, mean = codes.shape[1], codes.mean(0, dtype=float)
    if isinstance(axes, str):
        if axes != "pca":
            raise ValueError(f'axes={axes!r} is unknown: two numbers such as (0, 1), or "pca"')
        _, _, ways = np.linalg.svd(codes[:20_000].astype(float) - mean, full_matrices=False)
        if len(ways) < 2:
            raise ValueError("one example has no directions: give two examples or more for pca")
        peak = np.abs(ways[:2]).argmax(1)
        basis = ways[:2] * np.sign(ways[[0, 1], peak])[:, None]  # else its sign would be luck
        return mean, mean, basis, ["main direction", "second direction"]
    if len(axes) != 2 or any(type(i) is not int or not 0 <= i < width for i in axes):
        raise ValueError(f"axes={axes!r} must be two of the codes' numbers, each 0 to {width - 1}")
    if axes[0] == axes[1]:
        raise ValueError(f"axes={axes!r} are one and the same: a plane needs two")
    basis = np.eye(width)[list(axes)]
    rest = mean * (1 - basis.sum(0))
    return np.zeros(width), rest, basis, [f"code[{axis}]" for axis in axes]


def in_classes(labels: Any, names: Sequence[str], count: int) -> tuple[Array, list[str]]:
    """The class of each of the examples, counted from 0, and what the classes are called."""
    if labels is None:
        return np.zeros(count, np.int32), []
    labels = np.asarray(labels)
    if labels.shape != (count,):
        raise ValueError(
            f"labels of shape {labels.shape} for {count} codes: one for each is needed"
        )
    if not len(names):
        found, kinds = np.unique(labels, return_inverse=True)
        return kinds.astype(np.int32), [str(name) for name in found]
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= len(names):
        raise ValueError(
            f"labels must be whole numbers from 0 to {len(names) - 1}: the class_names"
        )
    return labels.astype(np.int32), [str(name) for name in names]


def far_apart(where: Codes, kinds: Array) -> tuple[int, int]:
    """Two examples worth a walk: in the middle of the two classes that lie farthest apart."""
    middles = np.stack([where.places[kinds == k].mean(0) for k in np.unique(kinds)])
    if len(middles) < 2:
        ends = [where.places[:, 0].argmin(), where.places[:, 0].argmax()]
    else:
        gaps = np.linalg.norm(middles[:, None] - middles, axis=-1)
        pair = np.unravel_index(gaps.argmax(), gaps.shape)
        ends = [np.linalg.norm(where.places - middles[k], axis=1).argmin() for k in pair]
    return int(where.numbers[ends[0]]), int(where.numbers[ends[1]])
