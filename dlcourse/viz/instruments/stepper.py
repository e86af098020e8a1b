"""The stepper: one training step of any net, number by number, forward and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Run, Trace, difference
from dlcourse.viz.poster import Picture
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words

WORLDS = {"numpy": "NumPy", "torch": "PyTorch"}
RANGES = ("array", "layer", "net")
TOLERANCE = 1e-4  # between two worlds in float32
KEYS = {
    "◀ ▶ on the time line": "one step back or on",
    "Home, End": "to the beginning, to the end",
    "Page Up, Page Down": "to the phase before, to the next one",
    "arrow keys in an array": "from number to number",
    "Enter": "pin this number",
}
Source = Any  # a Trace, several, a Run with traces in its key-frames, or what has `.trace()`


def stepper(
    source: Source,
    beside: Source = None,
    *,
    names: Sequence[str] | None = None,
    at: int = 0,
    cell: tuple[str, Sequence[int]] | None = None,
    range: str = "array",
    log: bool = True,
    show: str | None = None,
    code: bool = False,
) -> View:
    """Every number of a training step on one time line: forward, loss, backward, update.

    stepper(trace)                          one pass through a net
    stepper(run)                            pass after pass, with the updates between them
    stepper(trace, beside=torch_trace)      two worlds, and the difference between them
    stepper(Experiment(net, x, loss=...))   with a net: prove gradients, try weights
    """
    traces = _traces(source)
    others = [] if beside is None else _traces(beside)
    _require_alike(traces, others)
    names = tuple(names or _names(traces, others))
    choices = {"at": at, "cell": cell, "range": range, "log": log, "show": show or names[0]}
    defaults = {"at": 0, "cell": None, "range": "array", "log": True, "show": names[0]}
    choices["code"], defaults["code"] = code, False
    _require_choices(choices, traces, names)
    tried = source if hasattr(source, "loss_if") else None
    content = {
        "traces": traces,
        "beside": others,
        "names": names,
        "tolerance": TOLERANCE,
        "proves": tried is not None,
        "sources": tried.sources() if tried is not None else {},
    }
    given = ["trace" if tried is None else "experiment"] + ["beside=other"] * bool(others)
    view = View(
        _words(traces[0], given),
        content,
        choices=choices,
        defaults=defaults,
        poster=_poster(traces[0]),
        answers={} if tried is None else {"slope": tried.slope, "loss_if": tried.loss_if},
    )
    if tried is not None:
        view.answers["change"] = _changing(view, tried)
    return view


def _changing(view: View, tried: Any) -> Any:
    """Keep a change: what was before stands beside what is now."""

    def change(name: str, index: Sequence[int], value: float) -> None:
        before = tried.trace()
        tried.change(name, tuple(index), value)
        names = ("after the change", "before")
        view.defaults["show"] = names[0]
        view.choices = {**view.choices, "show": names[0]}
        view.show(traces=[tried.trace()], beside=[before], names=names)

    return change


def _traces(source: Source) -> list[Trace]:
    """What the source holds, in the order of time."""
    if isinstance(source, Trace):
        found = [source]
    elif isinstance(source, Run):
        found = [frame.trace for frame in source.frames if frame.trace is not None]
        if not found:
            needed = "record(..., look=lambda: trace(net, x, loss=...))"
            raise ValueError(f"this run holds no traces; let it keep some: {needed}")
    elif callable(getattr(source, "trace", None)):
        found = [source.trace()]
    elif isinstance(source, list | tuple) and all(isinstance(each, Trace) for each in source):
        found = list(source)
    else:
        kind = type(source).__name__
        raise TypeError(f"stepper got a {kind}; it needs a Trace, a Run or an Experiment")
    if not found or not any(trace.steps for trace in found):
        raise ValueError("this trace holds no steps, so there is nothing to step through")
    return found


def _require_alike(traces: Sequence[Trace], others: Sequence[Trace]) -> None:
    if others and len(others) != len(traces):
        raise ValueError(f"{len(traces)} traces beside {len(others)}: give as many of each")
    for one, other in zip(traces, others, strict=False):
        difference(one, other)  # says where they part, if they do


def _names(traces: Sequence[Trace], others: Sequence[Trace]) -> tuple[str, ...]:
    names = [WORLDS.get(each[0].backend, each[0].backend) for each in (traces, others) if each]
    return tuple(names) if len(set(names)) == len(names) else ("this one", "the other one")


def _require_choices(
    choices: dict[str, Any], traces: Sequence[Trace], names: Sequence[str]
) -> None:
    if choices["range"] not in RANGES:
        raise ValueError(f"range={choices['range']!r} is none of {', '.join(map(repr, RANGES))}")
    if choices["show"] not in (*names, "difference"):
        wanted = ", ".join(map(repr, (*names, "difference")))
        raise ValueError(f"show={choices['show']!r} is none of {wanted}")
    if choices["cell"] is not None:
        place, index = choices["cell"]
        _require_cell(place, index, traces)
    most = 3 * sum(len(trace.steps) for trace in traces)
    if type(choices["at"]) is not int or not 0 <= choices["at"] <= most:
        raise ValueError(f"at={choices['at']!r}: give a moment of the time line, 0 to about {most}")


def _require_cell(place: str, index: Sequence[int], traces: Sequence[Trace]) -> None:
    arrays = [step.arrays().get(place) for trace in traces for step in trace]
    fitting = (a for a in arrays if a is not None and len(index) == a.ndim)
    if not any(all(0 <= i < n for i, n in zip(index, a.shape, strict=True)) for a in fitting):
        where = f"cell={(place, tuple(index))}"
        raise ValueError(f"{where}: no step has that number; try ('outputs.0', (0, 0))")


def _words(trace: Trace, given: Sequence[str]) -> Words:
    net = trace.steps[-1].kind
    learned = sum({id(a): a.size for s in trace for a in s.params.values()}.values())
    loss = "" if trace.loss is None else f" · loss {trace.loss:.4g}".replace("nan", "NaN")
    world = WORLDS.get(trace.backend, trace.backend)
    way = "forward and back" if trace.loss is not None else "forward"
    chain = ", ".join(f"{step.name} {_size(step.output)}" for step in trace.steps[:12])
    return Words(
        name="stepper",
        title=f"{net}{loss}",
        subtitle=f"{learned:,} numbers learned, {trace.dtype}, {world}",
        caption="Step along the time line, and point at any number to see where it came from.",
        alt=f"One pass through {net}, {way}{loss.replace(' · ', ', ')}. Answers: {chain}.",
        table=_table(trace),
        given=given,
        keys=KEYS,
    )


def _size(array: np.ndarray | None) -> str:
    return "nothing" if array is None else " × ".join(map(str, array.shape)) or "one number"


def _table(trace: Trace) -> Table:
    rows = []
    for step in trace:
        y, dy = step.output, next(iter(step.doutputs), None)
        rows.append((step.name, step.kind, _size(y), _largest(y), _largest(dy)))
    columns = ("step", "kind", "answer", "its largest number", "largest gradient")
    return Table("Each layer's answer, and the gradient that came back to it", columns, rows)


def _largest(array: np.ndarray | None) -> str:
    if array is None:
        return "not computed"
    if array.size == 0:
        return "empty"
    return f"{np.abs(array.astype(float)).max():.4g}"


def _poster(trace: Trace) -> str:
    """The answers of the first layers, side by side."""
    shown = [step for step in trace if step.output is not None and step.output.size][:6]
    picture = Picture(60 + 150 * max(len(shown), 1), 230)
    for i, step in enumerate(shown):
        x = 30 + 150 * i
        assert step.output is not None
        picture.text(x, 28, step.name, 14, bold=True)
        picture.text(x, 46, f"{step.kind}, {_size(step.output)}", 11, quiet=True)
        picture.heat(x, 58, 130, 150, step.output)
    return picture.svg()
