"""What a playground says of itself, and its still picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcourse.viz.parts.way import Way
from dlcourse.viz.poster import Picture
from dlcourse.viz.words import Table, Words

KEYS = {
    "Arrow keys in the net": "the next weight, or the next layer",
    "Enter in the net": "type a value for that weight",
    "Arrow keys in the picture": "move over the plane",
    "Enter in the picture": "use the chosen pen there",
    "Arrow keys on the time line": "a recorded step back or on",
}


def said(pupils: Sequence[Any], way: Way, dataset: str) -> Words:
    """The words of a playground, made from what was learned."""
    pupil, last = way.pupil, way.sights[-1]
    sizes = " and ".join(map(str, pupil.hidden))
    layers = f"hidden layers of {sizes} {pupil.activation} units" if sizes else "no hidden layer"
    steps = f"{last.step} step" + "s" * (last.step != 1)
    rows = [s for i, s in enumerate(way.sights) if i % max(1, len(way.sights) // 12) == 0]
    rows = [*[s for s in rows if s is not last], last]
    return Words(
        "playground",
        "Playground",
        "Press ▶ and watch every unit learn. Click a line to see what its gradient says, "
        "drag through time, draw points, and try what another choice would have led to.",
        f"A net with 2 inputs, {layers} and {len(pupil.points.class_names)} classes learns "
        f"{len(pupil.points.x)} points ({dataset}) in {way.world}. After {steps} of "
        f"{pupil.optimizer} with learning rate {pupil.lr} its loss is {last.loss:.3g}, and "
        f"{last.accuracy:.0%} of the points are in the right class.",
        Table(
            "The training",
            ("step", "loss", "right"),
            [(str(s.step), f"{s.loss:.4g}", f"{s.accuracy:.1%}") for s in rows],
        ),
        subtitle="a net learns to tell points apart",
        given=[*(f"{p.__module__.split('.')[-2]}.{p.__name__}" for p in pupils), "data=data"],
        keys=KEYS,
    )


def still(way: Way) -> str:
    """The plane and the loss as a picture, for where no script may run."""
    pupil = way.pupil
    x, y = np.asarray(pupil.points.x, float), np.asarray(pupil.points.y)
    middle, reach = (x.max(0) + x.min(0)) / 2, (np.ptp(x, axis=0).max() / 2 or 1.0) * 1.15
    side = np.linspace(-1, 1, 48)
    places = np.stack(np.meshgrid(side, -side), -1).reshape(-1, 2) * reach + middle
    picture = Picture(640, 340)
    with np.errstate(over="ignore", invalid="ignore"):
        p = pupil.answers(places.astype(np.float32))["p"].reshape(48, 48, -1)
    picture.heat(20, 44, 276, 276, p[..., 0] - p[..., 1:].max(-1), 1)
    at = (x - middle) / reach * 138
    picture.points(158 + at[:, 0], 182 - at[:, 1], y)
    picture.text(20, 30, f"After {way.step} steps", 15, bold=True)
    picture.text(330, 30, f"Loss {way.sights[-1].loss:.3g}", 15, bold=True)
    seen = [s for s in way.sights if np.isfinite(s.loss)]
    top = max((s.loss for s in seen), default=0)
    ups = [320 - 276 * s.loss / top if top else 320 for s in seen]
    picture.line([330 + 290 * s.step / max(way.step, 1) for s in seen], ups)
    picture.text(330, 336, "step 0", 11, quiet=True)
    picture.text(588, 336, str(way.step), 11, quiet=True)
    return picture.svg()
