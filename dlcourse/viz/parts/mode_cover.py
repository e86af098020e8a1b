"""Which heaps of the data a maker of fakes reaches, and which it has forgotten."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcourse.trace import Array

ENOUGH = 0.2  # of its fair share, and a heap counts as reached


@dataclass(frozen=True)
class Cover:
    """Shares (K,) of the points that lie near each of K modes; `elsewhere` lies near none."""

    shares: Array
    elsewhere: float

    @property
    def reached(self) -> int:
        """Modes with at least a fifth of their fair share, 1/K."""
        return int((self.shares >= ENOUGH / len(self.shares)).sum())


def modes_of(modes: Any) -> Array | None:
    """Middles (K, 2) of the heaps, checked."""
    if modes is None:
        return None
    places = np.asarray(modes, float)
    if places.ndim != 2 or places.shape[1] != 2 or not len(places):
        raise ValueError(f"modes of shape {places.shape}: needs (K, 2), the middle of each heap")
    if not np.isfinite(places).all() or len(np.unique(places, axis=0)) < len(places):
        raise ValueError("modes must be finite places, each of them once")
    return places


def cover(points: Array, modes: Array) -> Cover:
    """Each point belongs to its nearest mode, if that is nearer than half the way between modes."""
    apart = np.linalg.norm(modes[:, None] - modes, axis=-1) + np.diag(np.full(len(modes), np.inf))
    reach = apart.min() / 2  # infinite for a single mode
    far = np.linalg.norm(points[:, None].astype(float) - modes, axis=-1)  # (B, K)
    near = far.min(1) <= reach
    counts = np.bincount(far.argmin(1)[near], minlength=len(modes))
    return Cover(counts / len(points), float(1 - near.mean()))
