"""What is seen of a pupil at one moment, and the points that it learns from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcourse.trace import Array


@dataclass(frozen=True, eq=False)
class Drawn:
    """Points as a learner has drawn them."""

    x: Array
    y: Array
    class_names: Sequence[str]
    name: str = "drawn points"


@dataclass(frozen=True, eq=False)
class Sight:
    """A pupil before a step. `weights` and `gradients` hold all numbers of the net in a row."""

    step: int
    loss: float  # on all points, as its gradients
    accuracy: float
    weights: Array
    gradients: Array


def sight(pupil: Any) -> Sight:
    """Look at a pupil, on all points; it learns nothing by it."""
    with np.errstate(over="ignore", invalid="ignore"):  # it says so in its numbers
        seen = pupil.trace(whole=True)
    layers = [step for step in seen if step.dparams and "." not in step.name]
    answers = next(s for s in reversed(seen.steps) if s.kind == "Linear").output
    right = (np.asarray(answers).argmax(1) == np.asarray(pupil.points.y)).mean()
    weights = [layer.params[part] for layer in layers for part in ("weight", "bias")]
    gradients = [layer.dparams[part] for layer in layers for part in ("weight", "bias")]
    return Sight(pupil.step, seen.loss, float(right), _row(weights), _row(gradients))


def _row(arrays: Sequence[Array]) -> Array:
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float32)


def drawn(points: Any, name: str, strokes: Sequence[Sequence[float]]) -> Drawn:
    """The points after strokes of a pen: "add" (x1, x2, class), or "erase" (x1, x2, radius)."""
    table = np.asarray(strokes, float)
    if table.ndim != 2 or table.shape[1] != 3 or not np.isfinite(table).all():
        raise ValueError(f"got {name!r} with {strokes!r}, needs three numbers for each stroke")
    x, y = np.asarray(points.x), np.asarray(points.y)
    if name == "add":
        x, y = np.vstack([x, table[:, :2]]), np.append(y, table[:, 2])
    for x1, x2, radius in table if name == "erase" else ():
        kept = np.hypot(x[:, 0] - x1, x[:, 1] - x2) > radius
        x, y = x[kept], y[kept]
    return Drawn(x.astype(np.float32), y.astype(np.int64), points.class_names)
