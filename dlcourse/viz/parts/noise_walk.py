"""Recorded steps into noise and out of it, checked, and thinned out until they can be sent."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.stacks import ROOM, evenly, pictures_of

NAMES = "forward", "backward", "guesses", "left", "field", "frame"
MOST_POINTS, MOST_PICTURES = 400, 12


@dataclass(frozen=True)
class NoiseWalk:
    """T steps of noise: points (T + 1, N, 2) or pictures (T + 1, N, H, W) in one or both ways."""

    forward: Array | None
    backward: Array | None
    guesses: Array | None  # (T, N, …) the noise that the net saw before each step backward
    left: Array | None  # (T,) ᾱ
    field: Array | None  # (T, G, G, 2) the noise it sees in every place
    frame: Array | None  # left, right, bottom, top of the plane

    @property
    def some(self) -> Array:
        """The way that is there; with two, the way forward."""
        way = self.backward if self.forward is None else self.forward
        assert way is not None
        return way

    @property
    def steps(self) -> int:
        return len(self.some) - 1

    @property
    def in_plane(self) -> bool:
        return self.some.ndim == 3

    def ways(self) -> dict[str, Array]:
        both = {"forward": self.forward, "backward": self.backward}
        return {name: way for name, way in both.items() if way is not None}

    def first_odd(self) -> str:
        """Where the first number is not finite, as a sentence; nothing if all are."""
        for name, way in self.ways().items():
            odd = np.argwhere(~np.isfinite(way))
            if len(odd):
                return f"Not finite from {name} step {odd[0][0]} on, first in number {odd[0][1]}."
        return ""

    def thinned(self) -> dict[str, Any]:
        """What is sent: some of the points or pictures, and if need be only some of the steps."""
        most = MOST_POINTS if self.in_plane else MOST_PICTURES
        size = math.prod(self.some.shape[2:])
        who = evenly(self.some.shape[1], max(1, min(most, ROOM // (8 * size))))
        when = evenly(self.steps + 1, max(2, ROOM // (len(who) * size)))
        seen = when[when < self.steps]
        content: dict[str, Any] = {"who": who.astype(np.int32), "when": when.astype(np.int32)}
        for name in ("forward", "backward"):
            way = getattr(self, name)
            content[name] = None if way is None else way[np.ix_(when, who)].astype(np.float32)
        content["guesses"] = None
        if self.guesses is not None:
            content["guesses"] = self.guesses[np.ix_(seen, who)].astype(np.float32)
        levels = np.unique(np.concatenate([when, self.steps - when]))
        fields = levels[levels > 0] - 1
        content["field"] = None if self.field is None else self.field[fields].astype(np.float32)
        return content | {"field_at": fields.astype(np.int32), "left": self.left}


def walk_of(steps: Any) -> NoiseWalk:
    """From arrays by name, as record_diffusion gives them, or from the way backward alone."""
    given = dict(steps) if isinstance(steps, Mapping) else {"backward": steps}
    if odd := given.keys() - set(NAMES):
        raise ValueError(f"steps hold {', '.join(sorted(odd))}; known are {', '.join(NAMES)}")
    if not any(given.get(name) is not None for name in ("forward", "backward")):
        raise ValueError(
            "steps hold no way: forward or backward, (T + 1, N, 2) or (T + 1, N, H, W)"
        )
    arrays = {name: _stack(given.get(name), name) for name in ("forward", "backward", "guesses")}
    left, field, frame = (_numbers(given.get(name), name) for name in ("left", "field", "frame"))
    walk = NoiseWalk(**arrays, left=left, field=field, frame=frame)
    _check_ways(walk)
    _check_rest(walk)
    return walk


def _numbers(given: Any, name: str) -> Array | None:
    if given is None:
        return None
    array = np.asarray(given)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: got {array.dtype}, needs numbers")
    return array


def _stack(given: Any, name: str) -> Array | None:
    array = _numbers(given, name)
    if array is None or (array.ndim == 3 and array.shape[2] == 2):
        return array
    return pictures_of(array, name, axes=2)


def _check_ways(walk: NoiseWalk) -> None:
    sizes = {name: way.shape for name, way in walk.ways().items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(
            f"forward is {sizes['forward']}, backward {sizes['backward']}: same needed"
        )
    if walk.steps < 1 or walk.some.shape[1] < 1:
        raise ValueError(f"shape {walk.some.shape}: needs one step or more, and one point or more")
    want = (walk.steps, *walk.some.shape[1:])
    if walk.guesses is not None and walk.guesses.shape != want:
        raise ValueError(f"guesses are {walk.guesses.shape}, needs one before each step: {want}")


def _check_rest(walk: NoiseWalk) -> None:
    left, field, frame = walk.left, walk.field, walk.frame
    if left is not None and (left.shape != (walk.steps,) or not ((left >= 0) & (left <= 1)).all()):
        raise ValueError(f"left must be {walk.steps} numbers from 0 to 1, ᾱ after each step")
    if frame is not None and (
        frame.shape != (4,) or not (frame[0] < frame[1] and frame[2] < frame[3])
    ):
        raise ValueError(f"frame={frame!r} must be left, right, bottom, top")
    if field is None:
        return
    if not walk.in_plane or frame is None:
        raise ValueError("a field belongs to points in the plane, with its frame=(left, right, …)")
    if field.ndim != 4 or field.shape != (walk.steps, field.shape[1], field.shape[1], 2):
        raise ValueError(f"field is {field.shape}, needs ({walk.steps}, G, G, 2)")
