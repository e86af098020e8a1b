"""A plane through weight space: all weights of a net are one point, and a training is a path.

A net with D weights lives in D dimensions. A plane through one point, along two directions, is
what can be drawn of it; how far everything else lies off the plane is said beside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dlcourse.trace import Array

Weights = Mapping[str, Array]


@dataclass(frozen=True)
class WeightPlane:
    """`origin` (D,) and two directions (2, D); a place is (a, b): origin + a·first + b·second."""

    shapes: Mapping[str, tuple[int, ...]]
    origin: Array
    directions: Array

    def weights(self, place: Sequence[float]) -> dict[str, Array]:
        """The weights of a net that stands at this place."""
        flat = self.origin + np.asarray(place, np.float64) @ self.directions
        arrays, at = {}, 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape, dtype=int))
            arrays[name] = flat[at : at + size].reshape(shape)
            at += size
        return arrays

    def places(self, points: Array) -> Array:
        """The nearest places in the plane (N, 2) to some points (N, D)."""
        shifts = (points - self.origin) @ self.directions.T
        return np.linalg.solve(self.directions @ self.directions.T, shifts.T).T

    def distances(self, points: Array) -> Array:
        """How far points (N, D) lie off the plane."""
        return np.linalg.norm(points - self.origin - self.places(points) @ self.directions, axis=1)

    def share(self, points: Array) -> float | None:
        """How much of a path's spread around its middle happens along the plane: 0 to 1."""
        spread = points - points.mean(0)
        total = float((spread**2).sum())
        if total == 0:
            return None
        along = np.linalg.qr(self.directions.T)[0]
        return min(1.0, float(((spread @ along) ** 2).sum()) / total)


def flat(weights: Weights, shapes: Mapping[str, tuple[int, ...]]) -> Array:
    """All weights as one point (D,)."""
    parts = [np.asarray(weights[name], np.float64).ravel() for name in shapes]
    return np.concatenate(parts)


def along_paths(
    shapes: Mapping[str, tuple[int, ...]], origin: Array, points: Array, seed: int = 0
) -> WeightPlane:
    """The two directions in which paths, points (N, D), reach furthest from the origin (PCA)."""
    away = points - origin
    _, vectors = np.linalg.eigh(away @ away.T)  # (N, N) is small, (D, D) would not be
    found: list[Array] = []
    for vector in vectors.T[::-1][:2]:
        direction = vector @ away
        length = np.linalg.norm(direction)
        if length > 1e-9 * max(1.0, float(np.abs(away).max(initial=0))):
            found.append(direction / length)
    rng = np.random.default_rng(seed)
    while len(found) < 2:  # a path of one or two points spans no plane
        drawn = rng.normal(size=origin.size)
        for other in found:
            drawn -= drawn @ other * other
        found.append(drawn / np.linalg.norm(drawn))
    return WeightPlane(shapes, origin, np.stack([_turned(d, away) for d in found]))


def _turned(direction: Array, away: Array) -> Array:
    """Either sign would do; the one in which the paths lie on the positive side is kept."""
    return -direction if (away @ direction).sum() < 0 else direction


def at_random(shapes: Mapping[str, tuple[int, ...]], origin: Array, seed: int = 0) -> WeightPlane:
    """Two random directions, each unit's weights as long as in the net (filter-normalised).

    Without that, one step would be a storm for small weights and nothing for large ones.
    """
    rng = np.random.default_rng(seed)
    directions = []
    for _ in range(2):
        parts, at = [], 0
        for shape in shapes.values():
            size = int(np.prod(shape, dtype=int))
            own = origin[at : at + size].reshape(shape[0] if len(shape) > 1 else 1, -1)
            drawn = rng.normal(size=own.shape)
            length = np.linalg.norm(drawn, axis=1, keepdims=True)
            scale = np.linalg.norm(own, axis=1, keepdims=True)
            parts.append((drawn * np.divide(scale, length, where=length > 0, out=scale)).ravel())
            at += size
        direction = np.concatenate(parts)
        directions.append(direction if direction.any() else rng.normal(size=origin.size))
    return WeightPlane(shapes, origin, np.stack(directions))
