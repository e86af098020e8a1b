"""A small classifier of points in the plane that learns while it is watched.

Each world's Pupil builds the net and its optimizer; how it learns, is set back, and sent
another way is here, the same for both; what it can be asked is in answers.py.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Self

import numpy as np

from dlcourse.answers import Answers
from dlcourse.outset import Settings, examples, first_weights, given_weights, merged
from dlcourse.rounds import Shuffled
from dlcourse.trace import Array, Frame, Row, Run
from dlcourse.what_if import Index

FREE = "optimizer", "lr", "batch", "seed", "weight_decay", "every"  # what a fork may change
FOREVER = 2**62  # steps; `learn` takes from them as many as it wants


def _setting(name: str) -> Any:
    """To be read only: another learning rate is another way, `fork(lr=0.1)`."""
    return property(lambda self: getattr(self.settings, name))


class Learner(Answers):
    """Points in, a net that learns to tell their classes apart, and all that one may ask it.

    `run` holds its way so far, `step` is the number of the next step. All luck comes from `seed`:
    both worlds begin with the same weights and see the same batches. `points` is anything with
    x, y and class_names, such as `dlcourse.data.moons(...)`.
    """

    backend: ClassVar[str]
    hidden, activation = _setting("hidden"), _setting("activation")
    optimizer, lr, weight_decay = _setting("optimizer"), _setting("lr"), _setting("weight_decay")
    batch, seed, every = _setting("batch"), _setting("seed"), _setting("every")

    def __init__(
        self,
        points: Any,
        hidden: Sequence[int] = (8, 4),
        activation: str = "tanh",
        optimizer: str = "Adam",
        lr: float = 0.03,
        *,
        weights: Mapping[str, Array] | None = None,
        **more: Any,
    ) -> None:
        """More: batch=32, seed=0, weight_decay=0.0, and every=10 steps a key-frame.

        With `weights` it begins with those of another pupil, of whichever world.
        """
        self.settings = Settings(hidden, activation, optimizer, lr, **more)
        x, y = examples(points)
        self.points = points
        self._going: Iterator[Row] | None = None  # what `learn` takes its steps from
        self.sizes = (2, *self.hidden, len(points.class_names))
        first = given_weights(weights, first_weights(self.sizes, self.seed))
        self.training = self._training(first, self._batches(x, y))
        self.run = Run(self.seed, self.backend)
        self._watch(x, y)

    @abstractmethod
    def _training(self, weights: Mapping[str, Array], batches: Shuffled) -> Any:
        """The net with these weights, its optimizer and its batches: the world's Training."""

    @abstractmethod
    def _rows(self, steps: range) -> Iterator[Row]:
        """The world's `fit` over these steps."""

    @property
    def step(self) -> int:
        """The number of the next step: how many were taken."""
        return self.training.step

    def learn(self, steps: int = 1) -> list[Row]:
        """Go on learning. If that diverges, or is stopped, no half of a step remains."""
        if not isinstance(steps, int | np.integer) or steps < 0:
            raise ValueError(f"cannot learn for {steps!r} steps, needs a whole number: learn(10)")
        if not steps:
            return []
        if self._going is None:
            self.run.frames.pop()  # `record` begins with the same
            rows = self._rows(range(self.step, FOREVER))
            self._going = self.run.record(rows, self.training, every=self.every)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # Diverged says it in words
                return [next(self._going) for _ in range(steps)]
        except BaseException:  # a stop by hand may come in the middle of an update
            self.restart(self.step)
            raise

    def restart(self, step: int) -> None:
        """Go back to exactly this step: to the key-frame before it, then the same way again.

        `run` is then a new Run that ends there; who holds the old one keeps the other future.
        """
        if not isinstance(step, int | np.integer) or not 0 <= step <= self.step:
            raise ValueError(f"cannot go back to step {step!r}: it is at step {self.step} now")
        if step < (first := self.run.frames[0].step):
            raise ValueError(f"cannot go back to step {step}: this way begins at step {first}")
        frame = self.run.frame_before(step)
        self.run, self._going = _until(self.run, frame), None
        self._restore(frame)
        self.learn(step - frame.step)

    def fork(self, step: int | None = None, **changes: Any) -> Self:
        """Another pupil that goes on from that step, with something changed: `fork(20, lr=0.1)`.

        This one stays as it is. With a change, a fork cannot go back to before it began.
        """
        if odd := sorted(changes.keys() - set(FREE)):
            can = f"{', '.join(FREE)} can; for another {odd[0]} begin a new Pupil"
            raise ValueError(f"a fork keeps its net, so {odd[0]} cannot change; {can}")
        twin = self._twin({})
        if step is not None:
            twin.restart(step)
        changes = {name: new for name, new in changes.items() if new != getattr(self, name)}
        return twin._twin(changes) if changes else twin

    def _twin(self, changes: Mapping[str, Any]) -> Self:
        settings = {**asdict(self.settings), **changes}
        twin = type(self)(self.points, **settings, weights=self.weights())
        twin._restore(merged(self.training.frame(), twin.training.frame(), changes))
        twin.run = _with_past(twin.run, self.run)
        twin.run.frames = [] if changes else [*self.run.frames]
        twin._note()
        return twin

    def look_at(self, points: Any) -> None:
        """Other points from now on; weights and what the optimizer remembers stay."""
        x, y = examples(points)
        here, there = self.sizes[-1], len(points.class_names)
        if here != there:
            raise ValueError(f"this net tells {here} classes apart, but these points have {there}")
        self.points, self.training.batches = points, self._batches(x, y)
        self.run = _with_past(Run(self.seed, self.backend), self.run)
        self._watch(x, y)

    def with_points(self, points: Any) -> Self:
        """Another pupil that goes on from here with other points; this one stays as it is."""
        twin = self.fork()
        twin.look_at(points)
        return twin

    def twin_state(self) -> Frame:
        """All that the other world's Pupil with the same settings needs to go on from here."""
        frame = self.training.frame()
        shared = ("net/", "optimizer/", "batches/")
        arrays = {name: a for name, a in frame.arrays.items() if name.startswith(shared)}
        if self.optimizer == "RMSprop":  # torch's counts its steps, though its rule needs them not
            arrays = {name: a for name, a in arrays.items() if not name.endswith("/step")}
        return Frame(frame.step, arrays, {"batches": frame.generators["batches"]})

    def take_over(self, state: Frame) -> None:
        """Go on where a twin of the other world stands; its past stays with the twin."""
        own = self.training.frame()
        generators = {**own.generators, **state.generators}
        self._restore(Frame(state.step, {**own.arrays, **state.arrays}, generators))
        self.run = Run(self.seed, self.backend)
        self._note()

    def change(self, name: str, index: Index, value: float) -> None:
        """Really set one number of a weight, now; a restart to this step comes back to it."""
        self._expect_weight(name)
        self.experiment.change(name, index, value)
        self._note()

    def _restore(self, frame: Frame) -> None:
        self.training.restart(frame)

    def _batches(self, x: Array, y: Array) -> Shuffled:
        """With a generator of its own: how many weights were drawn decides about no batch."""
        rng = np.random.default_rng([self.seed, 1])
        return Shuffled(x, y, size=min(self.batch, len(x)), rng=rng)

    def _watch(self, x: Array, y: Array) -> None:
        self.experiment = self._experiment(x, y)
        self._note()

    def _note(self) -> None:
        """Something was changed from outside: the key-frame of this step is written anew."""
        frames = self.run.frames
        if frames and frames[-1].step == self.step:
            frames.pop()
        frames.append(self.training.frame())
        self._going = None


def _until(run: Run, frame: Frame) -> Run:
    """The same run, as it was when this frame of it was written."""
    frames = run.frames[: run.frames.index(frame) + 1]
    kept = sum(row.step < frame.step for row in run.rows)
    return Run(run.seed, run.backend, run.dtype, run.rows[:kept], frames, run.batches[:kept])


def _with_past(run: Run, past: Run) -> Run:
    run.rows, run.batches = [*past.rows], [*past.batches]
    return run
