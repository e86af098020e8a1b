"""Who feeds whom in a net, found out from the numbers of a trace alone.

A layer read what another one answered if the numbers are the same. Where they are not, they may be
a sum (a residual road), a mean over a picture, or one answer divided among the heads of attention;
sums and means become points of their own. What is none of these came, most likely, from answers
that nobody else has read; such a way is marked as not sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from dlcourse.trace import Array, Step, Trace

RECENT = 16  # so many of the latest answers of one shape may be the parts of a sum
MOST_CALLS = 8  # a layer that answers more often than that is one point with a count


@dataclass
class Point:
    """A place where numbers come into being: an input of the net, a layer, a sum, a mean."""

    role: str  # "input", "layer", "sum" or "mean"
    label: str
    shape: tuple[int, ...] | None
    name: str = ""
    kind: str = ""
    at: int | None = None  # place of its step in the trace
    calls: int = 1


@dataclass(frozen=True)
class Way:
    """From one point to another; `shape` is what travels there."""

    source: int
    target: int
    shape: tuple[int, ...] | None
    sure: bool = True


@dataclass
class Wiring:
    """Points in the order in which they answered, and the ways between them."""

    points: list[Point] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    known: list[tuple[Array, int]] = field(default_factory=list)  # numbers, and whose they are
    open: list[tuple[int, Array]] = field(default_factory=list)  # who read what nobody gave

    def add(self, point: Point, outputs: Sequence[Array | None]) -> int:
        self.points.append(point)
        index = len(self.points) - 1
        self.known += [(array, index) for array in outputs if array is not None]
        return index

    def connect(self, source: int, target: int, shape: tuple[int, ...], sure: bool = True) -> None:
        way = Way(source, target, shape, sure)
        if source != target and way not in self.ways:
            self.ways.append(way)

    def read(self, step: Step, target: int, givers: Sequence[int | None]) -> None:
        arrays = [array for array in step.inputs if array is not None]
        for array, giver in zip(arrays, givers, strict=True):
            if giver is None:
                self.open.append((target, array))
            else:
                self.connect(giver, target, array.shape)

    def givers(self, step: Step) -> list[int | None]:
        """Whose numbers a step reads; sums and means on the way become points."""
        return [self._giver(array) for array in step.inputs if array is not None]

    def _giver(self, array: Array) -> int | None:
        for value, point in reversed(self.known):
            if _same(value, array):
                return point
        for role, label, parts in (
            ("sum", "+", self._sum(array)),
            ("mean", "mean", self._mean(array)),
        ):
            if parts:
                index = self.add(Point(role, label, array.shape), (array,))
                for value, source in parts:
                    self.connect(source, index, value.shape)
                return index
        return None

    def _sum(self, array: Array) -> list[tuple[Array, int]]:
        if array.dtype.kind != "f" or not array.any():
            return []
        alike = [(v, p) for v, p in self.known if v.dtype.kind == "f" and v.shape == array.shape]
        for count in (2, 3):
            for parts in combinations(alike[: -RECENT - 1 : -1], count):
                apart = len({point for _, point in parts}) == count
                if apart and _adds_up([value for value, _ in parts], array):
                    return list(parts[::-1])
        return []

    def _mean(self, array: Array) -> list[tuple[Array, int]]:
        for value, point in reversed(self.known):
            fits = array.ndim == 2 and value.ndim == 4 and value.shape[:2] == array.shape
            if fits and _close(value.mean((2, 3)), array):
                return [(value, point)]
        return []

    def guess(self) -> None:
        """What nobody gave came from answers that nobody read, else from the last of that size."""
        for target, array in self.open:
            read = {way.source for way in self.ways}
            waiting = [p for p in range(target) if p not in read]
            if not waiting and array.dtype.kind == "f":
                waiting = [p for a, p in self.known if p < target and a.shape == array.shape][-1:]
            for source in waiting:
                self.connect(source, target, array.shape, sure=False)


def wiring(trace: Trace) -> Wiring:
    """The points and ways of a trace's layers."""
    found, leaves = Wiring(), leaf_steps(trace)
    for i, array in enumerate(net_inputs(trace)):
        found.add(Point("input", f"input {i + 1}" if i else "input", array.shape), (array,))
    names = [trace.steps[at].name for at in leaves]
    seen: dict[str, int] = {}
    first: dict[str, int] = {}
    for at, name in zip(leaves, names, strict=True):
        step = trace.steps[at]
        seen[name] = seen.get(name, 0) + 1
        givers = found.givers(step)
        if names.count(name) > MOST_CALLS and name in first:
            index = first[name]
            found.points[index].calls += 1
            found.known += [(array, index) for array in step.outputs if array is not None]
        else:
            label = name if seen[name] == 1 else f"{name} ({seen[name]})"
            shape = None if not step.outputs or step.output is None else step.output.shape
            index = found.add(Point("layer", label, shape, name, step.kind, at), step.outputs)
            first.setdefault(name, index)
        found.read(step, index, givers)
    found.guess()
    return found


def leaf_steps(trace: Trace) -> list[int]:
    """Places of the steps that compute by themselves: no other step bears their name in front."""
    names = {step.name for step in trace}
    inner = {name[:i] for name in names for i, letter in enumerate(name) if letter == "."}
    last = len(trace.steps) - 1 if is_net(trace) else len(trace.steps)
    return [at for at, step in enumerate(trace.steps) if step.name not in inner and at != last]


def is_net(trace: Trace) -> bool:
    """Is the last step the net as a whole? It bears the name of its class."""
    return len(trace.steps) > 1 and trace.steps[-1].name == trace.steps[-1].kind


def net_inputs(trace: Trace) -> list[Array]:
    """What came into the net from outside."""
    step = trace.steps[-1] if is_net(trace) else trace.steps[leaf_steps(trace)[0]]
    return [array for array in step.inputs if array is not None]


def _same(a: Array, b: Array) -> bool:
    """The same numbers, perhaps in another shape, or with the heads of attention side by side."""
    if a.size != b.size:
        return False
    if _equal(a, b):
        return True
    if {a.ndim, b.ndim} != {3, 4}:
        return False
    heads, whole = (a, b) if a.ndim == 4 else (b, a)
    return heads.shape[2] == whole.shape[1] and _equal(heads.swapaxes(1, 2), whole)


def _equal(a: Array, b: Array) -> bool:
    a, b = a.reshape(-1), b.reshape(-1)
    nan = a.dtype.kind == b.dtype.kind == "f"  # NaN beside NaN is the same number here
    return np.array_equal(a[:8], b[:8], nan) and np.array_equal(a, b, nan)


def _adds_up(parts: list[Array], total: Array) -> bool:
    few = [part.reshape(-1)[:16] for part in parts]  # most are no sum, and that is soon seen
    if not _close(sum(few[1:], few[0]), total.reshape(-1)[:16]):
        return False
    return _close(sum(parts[1:], parts[0]), total)


def _close(a: Array, b: Array) -> bool:
    reach = float(np.abs(b[np.isfinite(b)]).max(initial=0)) or 1.0
    return a.size > 0 and bool(np.allclose(a, b, rtol=0, atol=1e-5 * reach))
