"""A view that drives a training, and shows it while it goes on.

The training runs in slices between which the notebook answers: so the stop button works.
"""

import asyncio
import math
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from dlcourse.viz.parts.learning_curve import Curve
from dlcourse.viz.view import View

SLICE = 0.01  # seconds of training before the notebook has its say
TURNS = 12  # of the event loop for that: a message goes through several hands before it is heard
PAUSE = 0.016  # seconds between two frames, beside the view's own: about 20 a second
LOOP_PAUSE = 0.1  # where a plain loop trains nobody can confirm a frame, so there are fewer
WINDOW = 3.0  # seconds over which the speed is measured
LAYER = re.compile(r"(?:output|gradient) of ([\w.]+)")
OVER = {
    "finished": "this training is at its end",
    "diverged": "this training broke off, because its numbers were no longer finite",
    "failed": "this training broke off with an error",
}


class LiveTraining(View):
    """`start()` trains beside the notebook, `stop()` stops; `watch()` for a loop of your own."""

    def __init__(
        self, *args: Any, curve: Curve, rows: Iterable[Any] | None, **options: Any
    ) -> None:
        self.curve, self.rows = curve, None if rows is None else iter(rows)
        self.state, self.way, self.sentence = "ready" if rows is not None else "finished", "", ""
        self.error: Exception | None = None
        self.retold = lambda: None  # called at the end: words and poster anew
        self._spent, self._began = 0.0, 0.0
        self._pace: deque[tuple[float, int]] = deque()
        asked = {"start": self.start, "stop": self.stop, "record": self.record}
        answers = {} if rows is None else asked
        super().__init__(*args, answers=answers, **options)

    # ── beside the notebook ───────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Train from where the rows are; the notebook stays usable."""
        if self.state == "running":
            return
        self._require_rows()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(
                "start() trains beside a notebook, and here is none:"
                " use `for row in view.watch(): ...`"
            ) from None
        super().stop()
        self.run(self._frames(), unseen=math.inf)  # a training goes on with nobody there
        self._begin("beside")
        self._training = loop.create_task(self._train())

    def stop(self) -> None:
        """End after the step that is being taken; `start()` goes on from there."""
        if self.state == "running":
            self.state = "stopped"
        else:
            super().stop()

    async def _train(self) -> None:
        while self.state == "running":
            until = time.perf_counter() + SLICE
            while self.state == "running" and time.perf_counter() < until:
                self._step()
            for _ in range(TURNS):
                await asyncio.sleep(0)

    def _step(self) -> Any:
        """One row; whatever happens instead becomes the state of the view."""
        assert self.rows is not None
        try:
            row = next(self.rows, None)
            if row is not None:
                self.curve.add(row)
                return row
            self.state = "finished"
        except Exception as error:
            self._broke(error)
        return None

    def _broke(self, error: Exception) -> None:
        self.error = error
        self.state = "diverged" if isinstance(error, ArithmeticError) else "failed"
        kind = "" if self.state == "diverged" else f"{type(error).__name__}: "
        self.sentence = f"{kind}{error}" or type(error).__name__

    async def _frames(self) -> AsyncIterator[dict[str, Any]]:
        yield self.frame()
        while self.state == "running":
            await asyncio.sleep(PAUSE)
            if self.curve.has_news:
                yield self.frame()
        self._end()
        yield self.frame()

    # ── a loop of one's own ───────────────────────────────────────────────────────────────────────

    def watch(self, rows: Iterable[Any] | None = None) -> Iterator[Any]:
        """`for row in view.watch(fit(...)): ...`; while a plain loop runs no button can work."""
        if rows is not None:
            self._require_idle()
            self.rows, self.state = iter(rows), "ready"
        self._require_rows()
        return self._watch()

    def _watch(self) -> Iterator[Any]:
        self._begin("loop")
        shown = 0.0
        try:
            while (row := self._step()) is not None:
                if time.perf_counter() - shown > LOOP_PAUSE:
                    self.send(**self.frame())
                    shown = time.perf_counter()
                yield row
        finally:
            self.state = "stopped" if self.state == "running" else self.state
            self._end()
            self.send(**self.frame())
        if self.error is not None:
            raise self.error

    # ── what the browser is told ──────────────────────────────────────────────────────────────────

    def frame(self) -> dict[str, Any]:
        """What is new since the last frame, and how things stand."""
        return {"rows": self.curve.news(last=self.state != "running"), **self.standing()}

    def record(self) -> dict[str, Any]:
        """Everything so far, for a browser that opens the view late or lost a frame."""
        return {"rows": self.curve.content(), **self.standing()}

    def standing(self) -> dict[str, Any]:
        named = LAYER.search(self.sentence)
        step = getattr(self.error, "step", None)
        if self.error is not None and step is None:
            step = self.curve.steps[-1] + 1 if self.curve.steps else 0
        return {
            "state": self.state,
            "way": self.way,
            "sentence": self.sentence,
            "broke": None
            if self.error is None
            else {"step": step, "layer": named[1] if named else ""},
            "rate": self._rate(),
            "elapsed": self._elapsed(),
        }

    def _elapsed(self) -> float:
        running = time.perf_counter() - self._began if self.state == "running" else 0.0
        return self._spent + running or self.curve.seconds

    def _rate(self) -> float | None:
        """Steps a second, by the clock on the wall; over all of it once it has ended."""
        count, elapsed = len(self.curve.steps), self._elapsed()
        if self.state != "running":
            return count / elapsed if count and elapsed else None
        now = time.perf_counter()
        self._pace.append((now, count))
        while now - self._pace[0][0] > WINDOW and len(self._pace) > 2:
            self._pace.popleft()
        (before, least), (after, most) = self._pace[0], self._pace[-1]
        return (most - least) / (after - before) if most > least else None

    def _begin(self, way: str) -> None:
        self.state, self.way, self._began = "running", way, time.perf_counter()
        self._pace.clear()
        self._pace.append((self._began, len(self.curve.steps)))

    def _end(self) -> None:
        if self._began:
            self._spent += time.perf_counter() - self._began
            self._began = 0.0
        self.content |= {
            "runs": [self.curve.content(), *self.content["runs"][1:]],
            **self.standing(),
        }
        self.retold()

    def _require_rows(self) -> None:
        self._require_idle()
        if self.rows is None:
            raise ValueError("this view shows a run that is over: monitor(fit(...), steps=1000)?")
        if self.state in OVER:
            raise ValueError(
                f"{OVER[self.state]}: make a new view with new rows, monitor(fit(...))"
            )

    def _require_idle(self) -> None:
        if self.state == "running":
            raise RuntimeError("this training is running already: view.stop() ends it")
