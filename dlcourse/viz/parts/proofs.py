"""What a playground shows, proved: by the pupil itself, by its other world, by doing it again."""

from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.sight import sight
from dlcourse.viz.parts.way import Way, in_world

SIDE = np.linspace(-1, 1, 6, dtype=np.float32)


def proof(pupil: Any) -> dict[str, Any]:
    """What the pupil itself answers in a few places: the browser's pictures must agree."""
    x = np.asarray(pupil.points.x)
    middle, reach = (x.max(0) + x.min(0)) / 2, np.ptp(x, axis=0).max() / 2 or 1.0
    places = np.stack(np.meshgrid(SIDE, SIDE), -1).reshape(-1, 2) * reach + middle
    places = places.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        p = pupil.answers(places)["p"]
    return {"step": pupil.step, "places": places, "p": p}


def gaps(pupil: Any, world: type) -> dict[str, float]:
    """The same pupil in another world: how far apart are their numbers at most?"""
    twin, places = in_world(world, pupil), np.asarray(pupil.points.x, np.float32)
    one, two = sight(pupil), sight(twin)
    return {
        "loss": _gap(one.loss, two.loss),
        "gradients": _gap(one.gradients, two.gradients),
        "answers": _gap(pupil.answers(places)["p"], twin.answers(places)["p"]),
    }


def repeated(way: Way, step: int) -> dict[str, Any]:
    """The way once more from its beginning: how many weights differ from what was recorded?"""
    seen = next((s for s in way.sights if s.step == step), None)
    if seen is None:
        raise ValueError(f"nothing was recorded at step {step}")
    differ = int((way.again(step) != seen.weights).sum())
    return {"step": step, "numbers": seen.weights.size, "differ": differ}


def _gap(a: Array | float, b: Array | float) -> float:
    return float(np.abs(np.asarray(a, float) - np.asarray(b, float)).max())
