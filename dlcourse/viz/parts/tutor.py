"""The tutor of a playground: does with the pupils what the browser asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from dlcourse.trace import Diverged
from dlcourse.viz.parts.proofs import gaps, proof, repeated
from dlcourse.viz.parts.way import KEPT, STROKES, Way

SAVED = 200  # sights of a way that a page without Python gets
UNDONE = 30  # changes that can be taken back
ALONE = 20  # frames that nobody has seen: the page is gone, and the training ends


class Tutor:
    """Holds the way that is on screen, the fork beside it, and the ways that were left."""

    def __init__(
        self, worlds: Mapping[str, type], sets: Sequence[Any], ways: Sequence[Way]
    ) -> None:
        self.worlds, self.sets = worlds, {each.name: each for each in sets}
        self.a, self.b = ways[0], (*ways[1:], None)[0]
        self.left: list[tuple[Way, Way | None]] = []
        self.view: Any = None
        self.running, self.version = False, 0
        self.begun: dict[str, Any] = {}  # what the learner chose for a new beginning

    def answers(self) -> dict[str, Callable[..., Any]]:
        """What the browser may ask, by name."""
        names = "now", "begin", "change", "undo", "fork", "choose", "learn", "go", "halt"
        return {name: getattr(self, name) for name in (*names, "loss_if", "worlds_apart", "again")}

    def now(self, known: int = -1) -> dict[str, Any] | None:
        """All that there is; nothing if that is what is known already."""
        return None if known == self.version else self._all(KEPT)

    def _all(self, most: int) -> dict[str, Any]:
        b = self.b and self.b.part(0, most)
        own = {"version": self.version, "begun": self.begun}
        return {"a": self.a.part(0, most), "b": b, **own, **self._state()}

    def _state(self) -> dict[str, Any]:
        return {"running": self.running, "undo": len(self.left), "proof": proof(self.a.pupil)}

    def saved(self) -> dict[str, Any]:
        """What a page without Python will show."""
        return self._all(SAVED) | {"running": False, "undo": 0}

    def _save(self) -> None:
        self.version += 1
        self.view.content["ways"] = self.saved()

    # ── what the browser asks ────────────────────────────────────────────────────────────────────

    def begin(
        self, dataset: str, world: str, strokes: Sequence[Any] = (), **settings: Any
    ) -> dict[str, Any]:
        """All anew; `strokes` of the pen are drawn over the points: ("add", [(x1, x2, class)])."""
        settings["hidden"] = [int(n) for n in settings["hidden"]]
        pupil = self.worlds[world](self.sets[dataset], **settings)
        self.a, self.b, self.left = Way(self.worlds, world, pupil), None, []
        self.begun = {"dataset": dataset, "world": world, **settings}
        for name, value in strokes:
            self.a = self.a.branch(0, name, value)
        return self._changed()

    def change(self, step: int, name: str, value: Any) -> dict[str, Any]:
        """Something is another from that step on; what was there can be had back."""
        step = min(step, self.a.step)
        new = self.a.branch(step, name, value)
        drawn_on = name in STROKES and [change[:2] for change in self.a.changes[-1:]]
        if drawn_on != [(step, name)]:
            self.left = [*self.left, (self.a, self.b)][-UNDONE:]
        self.a, self.b = new, None
        self._save()
        return {"a": new.part(new.step), "b": None, **self._state()}

    def undo(self) -> dict[str, Any]:
        if not self.left:
            raise ValueError("there is nothing to undo")
        self.a, self.b = self.left.pop()
        return self._changed()

    def fork(self, step: int, name: str, value: Any) -> dict[str, Any]:
        """A second way from that step on, beside the first."""
        self.b = self.a.branch(step, name, value)
        self._save()
        return {"a": None, "b": self.b.part(), **self._state()}

    def choose(self, way: str) -> dict[str, Any]:
        """One of two ways is gone on."""
        if self.b is not None and way == "b":
            self.left = [*self.left, (self.a, self.b)][-UNDONE:]
            self.a = self.b
        self.b = None
        return self._changed()

    def _changed(self) -> dict[str, Any]:
        self._save()
        return self._all(KEPT)

    def loss_if(self, name: str, index: Sequence[int], value: float) -> float:
        """The loss that came, as the pupil itself says."""
        return self.a.pupil.loss_if(name, [int(i) for i in index], value)

    def worlds_apart(self) -> dict[str, Any]:
        """The same pupil in each other world: how far apart are their numbers at most?"""
        others = {name: world for name, world in self.worlds.items() if name != self.a.world}
        return {"apart": {name: gaps(self.a.pupil, world) for name, world in others.items()}}

    def again(self, step: int) -> dict[str, Any]:
        """From the seed once more: is every number the same, to the last bit?"""
        return repeated(self.a, step)

    # ── learning, frame by frame ─────────────────────────────────────────────────────────────────

    def learn(self, steps: int) -> dict[str, Any]:
        """A few steps at once."""
        return self._on(steps) | self._state()

    def go(self, pace: int) -> dict[str, Any]:
        """Learn until `halt`, so many steps for each frame."""
        self.running = True
        self.view.run(self._frames(max(1, int(pace))))
        return {"running": True}

    def halt(self) -> dict[str, Any]:
        self.running = False
        self.view.stop()
        self._save()
        return self._state()

    async def _frames(self, pace: int) -> AsyncIterator[dict[str, Any]]:
        while self.running and self.view.sent - self.view.seen < ALONE:
            frame = self._on(pace)
            self.running = not frame["trouble"]
            yield frame | {"running": self.running}
            await asyncio.sleep(0)
        self.running = False
        self._save()

    def _on(self, steps: int) -> dict[str, Any]:
        """Both ways go on; a fork that lies behind catches up first."""
        self.version += 1
        frame: dict[str, Any] = {"a": None, "b": None, "trouble": None}
        late = self.b is not None and self.b.step < self.a.step
        for name, way in (("a", self.a), ("b", self.b)):
            if way is None or (late and name == "a"):
                continue
            behind = self.a.step - way.step
            cut = way.step + 1
            try:
                way.learn(min(behind, 4 * steps) if behind else steps)
            except Diverged as stopped:
                frame["trouble"] = {"way": name, "step": stopped.step, "why": str(stopped)}
            frame[name] = way.news(cut)
        return frame
