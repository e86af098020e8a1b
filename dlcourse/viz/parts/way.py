"""One way of learning: how it began, what was changed as it went on, and what was seen of it.

A way never goes back. To go back, or to change something, is to branch off: the new way shares
the past, and the old one stays as it was. So a fork, a change and its undoing are the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.sight import drawn, sight

WEIGHT = re.compile(r"(fc\d+\.(?:weight|bias))\[(\d+(?:, ?\d+)?)\]")
FREE = "optimizer", "lr", "batch", "weight_decay"
STROKES = "add", "erase"
KEPT = 2000  # sights of a way; beyond that, every other one of the older half is forgotten

Change = tuple[int, str, Any]  # step, what, what it became


class Way:
    """Pupils one after the other, for each change begins a new one, and what was seen of them."""

    def __init__(self, worlds: Mapping[str, type], world: str, pupil: Any) -> None:
        self.worlds, self.first = worlds, (world, pupil)
        self.pupils: list[tuple[int, str, Any]] = [(pupil.step, world, pupil)]
        self.changes: list[Change] = []
        self.losses: list[float] = []  # of each step's batch
        self.sights = [sight(pupil)]

    @property
    def pupil(self) -> Any:
        """Who learns now."""
        return self.pupils[-1][2]

    @property
    def world(self) -> str:
        return self.pupils[-1][1]

    @property
    def step(self) -> int:
        return self.pupil.step

    def learn(self, steps: int) -> None:
        """Go on, and look once at the end; Diverged is raised after that look."""
        before = self.step
        try:
            self.pupil.learn(steps)
        finally:
            new = self.pupil.run.rows[len(self.pupil.run.rows) - (self.step - before) :]
            self.losses += [row.loss for row in new] if self.step > before else []
            if self.step > before:
                self.sights.append(sight(self.pupil))
            if len(self.sights) > KEPT:
                old, young = self.sights[: KEPT // 2], self.sights[KEPT // 2 :]
                self.sights = old[::2] + young

    def branch(self, step: int, name: str, value: Any) -> Way:
        """Another way that shares the past up to this step and then has something changed."""
        if not 0 <= step <= self.step:
            raise ValueError(f"step {step} was never reached: this way goes to step {self.step}")
        at = max(i for i, (start, *_) in enumerate(self.pupils) if start <= step)
        world, pupil = self._changed(at, step, name, value)
        other = object.__new__(Way)
        other.worlds, other.first = self.worlds, self.first
        other.pupils = [*self.pupils[: at + 1], (step, world, pupil)]
        other.losses = self.losses[:step]
        other.sights = [s for s in self.sights if s.step < step] + [sight(pupil)]
        kept = [change for change in self.changes if change[0] <= step]
        if name in STROKES and kept and kept[-1][:2] == (step, name):  # drawn, and drawn on
            value = [*kept.pop()[2], *value]
        other.changes = [*kept, (step, name, value)]
        return other

    def _changed(self, at: int, step: int, name: str, value: Any) -> tuple[str, Any]:
        """Who goes on from there, with that change, and in which world."""
        _, world, pupil = self.pupils[at]
        if name == "world":
            if value not in self.worlds:
                raise ValueError(f"there is no world {value!r}, only {', '.join(self.worlds)}")
            return value, in_world(self.worlds[value], pupil.fork(step))
        if name in FREE:
            return world, pupil.fork(step, **{name: value})
        other = pupil.fork(step)
        if name in STROKES:
            other.look_at(drawn(pupil.points, name, value))
        elif found := WEIGHT.fullmatch(name):
            other.change(found[1], [int(i) for i in found[2].split(",")], value)
        else:
            known = ", ".join(["world", *STROKES, *FREE])
            raise ValueError(f"{name!r} cannot change on the way; {known}, fc1.weight[0, 1] can")
        return world, other

    def again(self, step: int) -> Array:
        """The weights at this step when all is done once more from the very beginning."""
        world, pupil = self.first
        other = Way(self.worlds, world, self.worlds[world](pupil.points, **asdict(pupil.settings)))
        for at, name, value in self.changes:
            if at <= step:
                other.pupil.learn(at - other.step)
                other = other.branch(at, name, value)
        other.pupil.learn(step - other.step)
        return sight(other.pupil).weights

    def news(self, cut: int, most: int = KEPT) -> dict[str, Any]:
        """What was seen from step `cut` on, at most so many sights of it."""
        seen = [s for s in self.sights if s.step >= cut]
        if len(seen) > most:
            seen = [seen[round(i)] for i in np.linspace(0, len(seen) - 1, most)]
        return {
            "cut": cut,
            "losses": np.array(self.losses[max(cut - 1, 0) :], np.float32),
            "steps": np.array([s.step for s in seen], np.int32),
            "loss": np.array([s.loss for s in seen], np.float64),
            "accuracy": np.array([s.accuracy for s in seen], np.float32),
            "weights": np.array([s.weights for s in seen]).reshape(-1, self.sights[0].weights.size),
            "gradients": np.array([s.gradients for s in seen]).reshape(
                -1, self.sights[0].weights.size
            ),
        }

    def part(self, cut: int = 0, most: int = KEPT) -> dict[str, Any]:
        """The same with all that was set and changed."""
        points = self.pupil.points
        return {
            **self.news(cut, most),
            "settings": {**asdict(self.pupil.settings), "world": self.world},
            "changes": self.changes,
            "x": np.asarray(points.x, np.float32),
            "y": np.asarray(points.y, np.int32),
        }


def in_world(pupil_class: type, pupil: Any) -> Any:
    """A pupil of that world who stands exactly where this one does."""
    told = asdict(pupil.settings)
    other = pupil_class(pupil.points, **told, weights=pupil.weights())
    other.take_over(pupil.twin_state())
    return other
