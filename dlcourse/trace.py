"""What happened in a network, as plain arrays.

A model makes a trace, a view draws a trace, a test compares traces. Nothing in this file
knows a model, a view or a test, so anything that can write arrays can take part.

    Step    one layer, seen once: what came in, what went out, and the same on the way back
    Trace   one pass through a net: its steps in the order in which they answered
    Run     a training: one row per step, and key-frames from which it can start again
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import zip_longest
from typing import Any

import numpy as np

from dlcourse.wire import pack, unpack

Array = np.ndarray
Arrays = tuple[Array | None, ...]  # None: not computed yet, which is neither zero nor NaN


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One answer of one layer. A layer used several times makes several steps."""

    name: str  # dotted path, "blocks.0.attn.query"; the same in NumPy and in PyTorch
    kind: str  # class name, "Linear"
    inputs: Arrays
    outputs: Arrays
    dinputs: Arrays = ()
    doutputs: Arrays = ()
    params: Mapping[str, Array] = field(default_factory=dict)
    dparams: Mapping[str, Array | None] = field(default_factory=dict)

    @property
    def output(self) -> Array | None:
        """The first output; most layers have only this one."""
        return self.outputs[0]

    def arrays(self) -> dict[str, Array | None]:
        """Every array under a flat name: "inputs.0", "dparams.weight", ..."""
        flat: dict[str, Array | None] = {}
        for f in fields(self)[2:]:
            group = getattr(self, f.name)
            named = group.items() if isinstance(group, Mapping) else enumerate(group)
            flat |= {f"{f.name}.{key}": array for key, array in named}
        return flat


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One pass through a net, forward and (where it was asked for) back."""

    steps: tuple[Step, ...]
    loss: float | None = None
    seed: int | None = None
    dtype: str = "float32"
    backend: str = "numpy"  # or "torch"

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, name: str) -> Step:
        """The first step of that name; `all(name)` where a layer answers several times."""
        return self.all(name)[0]

    def all(self, name: str) -> tuple[Step, ...]:
        found = tuple(step for step in self.steps if step.name == name)
        if not found:
            raise KeyError(f"no step is called {name!r}; this trace has {', '.join(self.names())}")
        return found

    def names(self) -> list[str]:
        """Each name once, in the order of the first answers."""
        return list(dict.fromkeys(step.name for step in self.steps))

    def to_bytes(self) -> bytes:
        return pack("trace", self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Trace":
        return unpack("trace", data, cls)


@dataclass(frozen=True, slots=True)
class Row:
    """One step of training in numbers."""

    step: int
    loss: float
    seconds: float
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A key-frame: all that a training needs to go on from here, bit for bit."""

    step: int
    arrays: Mapping[str, Array]  # weights, optimizer memory, place in the batch order
    generators: Mapping[str, Any] = field(default_factory=dict)  # state of each random generator
    trace: Trace | None = None


@dataclass(slots=True, eq=False)
class Run:
    """A training as it went: rows, key-frames, and which examples each step saw."""

    seed: int
    backend: str = "numpy"
    dtype: str = "float32"
    rows: list[Row] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    batches: list[Array] = field(default_factory=list)  # indices of the examples, step by step

    def frame_before(self, step: int) -> Frame:
        """The latest key-frame from which `step` can be reached again."""
        reachable = [frame for frame in self.frames if frame.step <= step]
        if not reachable:
            raise LookupError(f"step {step} lies before the first key-frame of this run")
        return max(reversed(reachable), key=lambda frame: frame.step)

    def record(
        self,
        rows: Iterable[Row],
        training: Any,
        *,
        every: int,
        look: Callable[[], Trace] | None = None,
    ) -> Iterator[Row]:
        """Hand the rows of a training on and write them down, with a key-frame `every` few steps.

        `training` is the Training of scratch's or PyTorch's time_travel.py. With `look`, the
        key-frames also hold a trace: `look=lambda: trace(net, x, loss=...)`. A run holds one way
        only: who went back and tries another writes it into a new Run.
        """
        if every < 1:
            raise ValueError(f"record got every={every}, needs 1 or more steps between key-frames")
        if self.rows and self.rows[-1].step >= training.step:
            got = f"goes to step {self.rows[-1].step}, but the training is at {training.step}"
            raise ValueError(f"this run {got}: start a new Run for a fork")
        self.frames.append(training.frame(look and look()))
        for row in rows:
            training.step = row.step + 1
            self.rows.append(row)
            self.batches.append(training.batches.last)
            if training.step % every == 0:
                self.frames.append(training.frame(look and look()))
            yield row

    def to_bytes(self) -> bytes:
        return pack("run", self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Run":
        return unpack("run", data, cls)


class Diverged(ArithmeticError):
    """Raised in a training whose numbers grew beyond all bounds, or stopped being numbers."""

    def __init__(self, step: int, what: str) -> None:
        self.step = step
        cure = "a smaller learning rate, max_norm=1.0, or data without NaN may help"
        super().__init__(f"training stopped at step {step}: {what}; {cure}")


def difference(a: Trace, b: Trace, *, relative: bool = False) -> dict[str, float]:
    """The largest gap of every array: "fc1.inputs.0", "fc1.dparams.weight", ..., and of the loss.

    With `relative`, gaps are measured against the largest number of the array. NaN beside NaN
    is no gap; a number beside NaN, or an array that only one side has, is an infinite one.
    """
    calls_a, calls_b = ([(step.name, step.kind) for step in trace] for trace in (a, b))
    if calls_a != calls_b:
        odd = next(i for i, pair in enumerate(zip_longest(calls_a, calls_b)) if len(set(pair)) > 1)
        here, there = (c[odd] if odd < len(c) else "nothing" for c in (calls_a, calls_b))
        raise ValueError(f"the traces part at step {odd}: one has {here}, the other {there}")
    loss, other_loss = (None if t.loss is None else np.array(t.loss) for t in (a, b))
    gaps = {"loss": _gap(loss, other_loss, relative)}
    seen: Counter[str] = Counter()
    for one, other in zip(a, b, strict=True):
        seen[one.name] += 1
        name = one.name if seen[one.name] == 1 else f"{one.name}({seen[one.name]})"
        left, right = one.arrays(), other.arrays()
        for key in left | right:
            gaps[f"{name}.{key}"] = _gap(left.get(key), right.get(key), relative)
    return gaps


def _gap(a: Array | None, b: Array | None, relative: bool) -> float:
    if a is None and b is None:
        return 0.0
    if a is None or b is None or a.shape != b.shape:
        return np.inf
    if a.size == 0:
        return 0.0
    both = np.array([a, b], np.float64)
    alike = (both[0] == both[1]) | np.isnan(both).all(0)  # also where both are infinite or NaN
    with np.errstate(invalid="ignore"):
        apart = np.where(alike, 0.0, np.abs(both[0] - both[1]))
    gap = float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max())
    scale = np.abs(both[np.isfinite(both)]).max(initial=0) if relative else 1.0
    return gap / float(scale) if scale else gap
