"""Diffusion in both directions: data become noise step by step, and a net turns noise into data."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.codes import in_classes
from dlcourse.viz.parts.denoising_words import poster, words
from dlcourse.viz.parts.noise_walk import NoiseWalk, walk_of
from dlcourse.viz.view import View

CELLS = 15  # arrows along a side of the plane
Field = Callable[[Array, int], Any]


def denoising(
    steps: Mapping[str, Array] | Array,
    *,
    field: Field | None = None,
    labels: Array | None = None,
    class_names: Sequence[str] = (),
    way: str | None = None,
    step: int = 0,
    follow: int = 0,
    arrows: bool = True,
) -> View:
    """Recorded steps on one time line: points (T + 1, N, 2) or pictures (T + 1, N, H, W).

    denoising(record_diffusion(process, net, x0, rng))              # both ways, guesses, field
    denoising(np.stack([noise, *process.denoise(net, noise, rng)])) # the way backward alone

    `steps` by name: forward and backward (T + 1, N, …), guesses (T, N, …) of the noise before each
    step backward, left (T,) = ᾱ, field (T, G, G, 2) with frame (left, right, bottom, top).
    `field(places, t)`, (M, 2) to (M, 2), is asked while you look, in place of a recorded one.
    """
    walk = walk_of(steps)
    if field is not None and not (callable(field) and walk.in_plane):
        raise TypeError("field must be a function of places (M, 2) and t, for points in the plane")
    kinds, names = in_classes(labels, class_names, walk.some.shape[1])
    ways = list(walk.ways())
    defaults = {"way": ways[0], "step": 0, "follow": 0, "arrows": True}
    wished = {"way": ways[0] if way is None else way, "step": step, "follow": follow}
    choices = _checked(wished, walk) | {"arrows": bool(arrows)}
    content = walk.thinned()
    content |= {"labels": kinds[content["who"]], "classes": names, "steps": walk.steps}
    content |= {"frame": _frame(walk), "range": _range(walk), "odd": walk.first_odd()}
    content |= {"cells": CELLS, "asks_field": field is not None, "count": walk.some.shape[1]}
    options = {"field": field is not None, "labels": labels is not None}
    options["class_names"] = len(class_names) > 0
    given = ["steps", *(f"{name}={name}" for name, told in options.items() if told)]
    return View(
        words(walk, given),
        content,
        choices=choices,
        defaults=defaults,
        poster=poster(walk),
        answers={} if field is None else {"field": _asking(field, content["frame"], walk.steps)},
    )


def _checked(choices: dict[str, Any], walk: NoiseWalk) -> dict[str, Any]:
    """What the learner has set, or a sentence that says what is wrong with it."""
    ways, last = list(walk.ways()), walk.some.shape[1] - 1
    if choices["way"] not in ways:
        raise ValueError(f"way={choices['way']!r} is not recorded: {' or '.join(map(repr, ways))}?")
    for name, most in (("step", walk.steps), ("follow", last)):
        value = choices[name]
        if not isinstance(value, int | np.integer) or not 0 <= value <= most:
            raise ValueError(f"{name}={value!r} must be a whole number from 0 to {most}")
    return choices | {name: int(choices[name]) for name in ("step", "follow")}


def _frame(walk: NoiseWalk) -> list[float]:
    """The recorded one, or a square around all points, the same at every step.

    On their way back points may lose their way; the way forward says what is worth seeing.
    """
    if walk.frame is not None:
        return [float(x) for x in walk.frame]
    if not walk.in_plane:
        return []
    every = walk.some.reshape(-1, 2).astype(float)
    every = every[np.isfinite(every).all(1)]
    if not len(every):
        return [-1.0, 1.0, -1.0, 1.0]
    middle = (every.min(0) + every.max(0)) / 2
    reach = float(np.abs(every - middle).max()) * 1.05 or 1.0
    return [float(middle[axis] + way * reach) for axis in (0, 1) for way in (-1, 1)]


def _range(walk: NoiseWalk) -> list[float]:
    """Paper and ink: the data's own range, and a little more for the noise around it."""
    clean = walk.some[0] if walk.forward is not None else walk.some[-1]
    finite = clean[np.isfinite(clean)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 1.0)
    air = 0.25 * (high - low)
    return [low - air, high + air]


def _asking(field: Field, frame: Sequence[float], steps: int) -> Callable[..., Array]:
    """What the browser asks: the arrows of one step, in every place of the plane."""
    left, right, bottom, top = frame
    x, y = np.meshgrid(np.linspace(left, right, CELLS), np.linspace(bottom, top, CELLS))
    places = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)

    def answer(t: int) -> Array:
        if not 0 <= t < steps:
            raise ValueError(f"t={t} is none of the steps 0 to {steps - 1}")
        seen = np.asarray(field(places, int(t)))
        if seen.shape != places.shape:
            raise ValueError(
                f"field gave shape {seen.shape}, needs {places.shape}: one way for each"
            )
        return seen.astype(np.float32).reshape(CELLS, CELLS, 2)

    return answer
