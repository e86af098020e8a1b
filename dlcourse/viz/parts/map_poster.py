"""The still picture of a loss landscape: the map and the paths on it."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.poster import CLASSES, ODD, Picture, png

STOPS = ("#16324f", "#2b5b84", "#5b93b5", "#a5c8d1", "#dfe9e4", "#f6f1e4")  # low to high


WALKERS = 5, 1, 3, 2, 6, 7, 4, 0  # classes whose colours stand out from blue come first


def walker(i: int) -> int:
    """The class whose colour a racer has."""
    return WALKERS[i % len(WALKERS)]


def poster(laid: Mapping[str, Any]) -> str:
    """Deep blue is a low loss, pale is a high one."""
    picture = Picture(640, 420)
    picture.text(20, 26, "Loss in a plane through weight space", 14, bold=True)
    source = base64.b64encode(png(_shaded(laid["losses"])[::-1])).decode()
    picture.marks.append(
        '<image x="20" y="40" width="360" height="360" preserveAspectRatio="none"'
        f' href="data:image/png;base64,{source}"/>'
    )
    for i, path in enumerate(laid["paths"]):
        xs = _spread(path["places"][:, 0], laid["a"], 20, 380)
        ys = _spread(path["places"][:, 1], laid["b"], 400, 40)
        picture.line(xs, ys, "#ffffff")
        picture.line(xs, ys, CLASSES[walker(i)])
        picture.points(xs[-1:], ys[-1:], [walker(i)], 5)
        picture.points([404], [56 + 44 * i], [walker(i)], 6)
        picture.text(418, 60 + 44 * i, path["name"], 13, bold=True)
        ends = f"loss {path['losses'][0]:.4g} → {path['losses'][-1]:.4g}"
        picture.text(418, 78 + 44 * i, ends, 12, quiet=True)
    return picture.svg()


def _spread(values: Array, axis: Array, low: float, high: float) -> list[float]:
    span = (axis[-1] - axis[0]) or 1.0
    return (low + (np.nan_to_num(values) - axis[0]) / span * (high - low)).tolist()


def _shaded(losses: Array) -> Array:
    """Losses as (rows, cols, 3) bytes, on a log scale where they are wide apart."""
    finite = np.isfinite(losses)
    values = np.where(finite, losses, 0)
    if finite.any() and losses[finite].min() > 0:
        values = np.log(np.where(finite, losses, 1))
    low, high = (values[finite].min(), values[finite].max()) if finite.any() else (0, 1)
    t = (values - low) / ((high - low) or 1)
    stops = np.array([[int(s[i : i + 2], 16) for i in (1, 3, 5)] for s in STOPS], float)
    at = np.linspace(0, 1, len(STOPS))
    mixed = np.stack([np.interp(t, at, stops[:, c]) for c in range(3)], axis=-1)
    mixed[~finite] = [int(ODD[i : i + 2], 16) for i in (1, 3, 5)]
    return mixed.round().astype(np.uint8)
