"""Points in the plane that a person can draw over.

Every change gives a new set and leaves the old one as it was, so a step back is always at hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Self

import numpy as np

from dlcourse.data.dataset import Dataset

_BY_HAND = " Changed by hand."


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Points(Dataset):
    """A data set with two features, x1 to the right and x2 upwards."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.x.shape[1:] != (2,) or not np.isfinite(self.x).all():
            raise ValueError(f"{self.name}: points need two finite coordinates each.")

    def with_point(self, place: Sequence[float], label: int) -> Self:
        """One more point at this place."""
        row = _coordinates(place, "place")
        return self._redrawn(np.vstack([self.x, row]), np.append(self.y, label))

    def without_points(self, near: Sequence[float], radius: float) -> Self:
        """Without the points that lie within the radius: a rubber."""
        kept = ~self.within(near, radius)
        return self._redrawn(self.x[kept], self.y[kept])

    def with_label(self, label: int, near: Sequence[float], radius: float) -> Self:
        """The points within the radius take another class: a brush."""
        return self._redrawn(self.x, np.where(self.within(near, radius), label, self.y))

    def with_move(self, start: Sequence[float], end: Sequence[float], radius: float) -> Self:
        """The points within the radius of the start are dragged along to the end."""
        step = _coordinates(end, "end") - _coordinates(start, "start")
        return self._redrawn(self.x + step * self.within(start, radius)[:, None], self.y)

    def within(self, near: Sequence[float], radius: float) -> np.ndarray:
        """True for each point whose distance from the place is at most the radius."""
        if not radius >= 0:
            raise ValueError(f"A radius of {radius} is not possible; it must be 0 or more.")
        return np.hypot(*(self.x - _coordinates(near, "near")).T) <= radius

    def _redrawn(self, x: np.ndarray, y: np.ndarray) -> Self:
        source = self.source.removesuffix(_BY_HAND) + _BY_HAND
        return replace(self, x=x, y=y, source=source)


def from_points(drawn: Iterable[tuple[float, float, int]], classes: int = 2) -> Points:
    """The set that a person drew, as (x1, x2, class) for each point; it may still be empty."""
    rows = [tuple(point) for point in drawn]
    for row in rows:
        if len(row) != 3 or not all(isinstance(value, Real) for value in row):
            raise ValueError(f"{row} is not a point; each needs three numbers: (x1, x2, class).")
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Points(
        name="drawn points",
        question="Which class does a place in the plane belong to?",
        x=columns[:, :2],
        y=columns[:, 2],
        feature_names=("x1", "x2"),
        class_names=tuple(str(number) for number in range(classes)),
        source="Drawn by hand.",
        licence="yours",
        simulated=True,
    )


def _coordinates(place: Sequence[float], name: str) -> np.ndarray:
    row = np.asarray(place)
    if row.shape != (2,) or row.dtype.kind not in "iuf" or not np.isfinite(row).all():
        raise ValueError(f"{name} is {place!r}, but a place needs two finite numbers: (x1, x2).")
    return row
