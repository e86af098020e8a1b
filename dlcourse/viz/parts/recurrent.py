"""Which steps of a trace can be unrolled in time, and what of them a picture needs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array, Step, Trace
from dlcourse.viz.parts.reading import counted, quoted
from dlcourse.viz.poster import Picture, fit

GATES = {"RNN": ("a",), "LSTM": tuple("ifgoc"), "GRU": tuple("rzn")}


def layers(trace: Trace) -> list[Step]:
    """The recurrent layers of the net, each of them fit to be taken apart."""
    if not isinstance(trace, Trace):
        raise TypeError(f"sequence got a {type(trace).__name__}, needs a trace: trace(net, tokens)")
    steps = [step for step in trace if step.kind in GATES and "weight_hh_l0" in step.params]
    if not steps:
        kinds = ", ".join(dict.fromkeys(step.kind for step in trace))
        raise ValueError(f"no RNN, LSTM or GRU in this trace, only {kinds}: attention(trace)?")
    for step in steps:
        _expect_plain(step)
    return steps


def _expect_plain(step: Step) -> None:
    x, y = step.inputs[0], step.output
    if x is None or y is None or x.ndim != 3 or y.ndim != 3:
        raise ValueError(f"{step.name} read no batch (B, T, numbers): x[None] makes one of one")
    if any("reverse" in name for name in step.params):
        raise ValueError(f"{step.name} reads in both directions; only one can be unrolled here")
    if any("weight_hr" in name for name in step.params):
        raise ValueError(f"{step.name} projects its state (proj_size), which cannot be shown here")
    last = step.outputs[1] if len(step.outputs) > 1 else None
    if last is not None and last.shape[1] != len(y):
        raise ValueError(f"{step.name} has time before batch: make it with batch_first=True")


def moments(step: Step) -> int:
    """Places on the time line: forward, the loss, and the same way back."""
    length = size(step)[1]
    return 2 * length + 1 if has_gradient(step) else length


def size(step: Step) -> tuple[int, ...]:
    assert step.output is not None  # _expect_plain has seen to it
    return step.output.shape


def has_gradient(step: Step) -> bool:
    return any(dy is not None for dy in step.doutputs)


def first_source(step: Step, example: int) -> int | str:
    """The last moment whose own loss goes back; all moments, where there is none."""
    dy = step.doutputs[0] if step.doutputs else None
    if dy is None or not dy[example].any():
        return "all"
    return int(np.flatnonzero(np.abs(dy[example]).max(axis=1))[-1])


def needed(step: Step, name: str, tokens: list[list[str]]) -> dict[str, Any]:
    """What the picture needs of a step: not the gradients of its weights."""
    groups = ("kind", "inputs", "outputs", "dinputs", "doutputs", "params")
    return {"name": name, "tokens": tokens, **{group: getattr(step, group) for group in groups}}


def norms(gradient: Array | None, example: int) -> Array | None:
    """How long the gradient of each moment is."""
    return None if gradient is None else np.linalg.norm(gradient[example], axis=-1)


def rows(step: Step, example: int, text: Sequence[str]) -> list[tuple[str, ...]]:
    columns = [norms(step.output, example), norms(step.dinputs[0], example)]
    numbers = [["–"] * len(text) if n is None else [f"{x:.3g}" for x in n] for n in columns]
    return [(str(t), quoted(text[t]), numbers[0][t], numbers[1][t]) for t in range(len(text))]


def described(step: Step, example: int, text: Sequence[str]) -> str:
    h = step.outputs[0][example]  # type: ignore[index]
    largest = np.nanargmax(np.abs(h)) if np.isfinite(h).any() else 0
    t, unit = map(int, np.unravel_index(largest, h.shape))
    says = (
        f"An unrolled {step.kind} of {counted(h.shape[1], 'unit')} reads "
        f"{counted(len(text), 'token')}, "
        f"{quoted(''.join(text))}. Its hidden state is largest in unit {unit} at moment {t}, "
        f"{quoted(text[t])}: {h[t, unit]:.3g}."
    )
    dx = norms(step.dinputs[0], example)
    if dx is None:
        return f"{says} There are no gradients: the trace was made without a loss."
    return f"{says} The gradient of the first token is {dx[0]:.2g} long, of the last {dx[-1]:.2g}."


def poster(step: Step, example: int, text: Sequence[str], title: str) -> str:
    """The hidden state as a heat strip under its tokens, and the gradient of each token."""
    wide, length = 600, len(text)
    picture = Picture(wide + 40, 300)
    picture.text(20, 28, title, 16, bold=True)
    column = wide / length
    for t in range(0, length, max(1, round(12 / column))):
        picture.text(20 + (t + 0.3) * column, 52, text[t], 11)
    picture.heat(20, 58, wide, 130, step.outputs[0][example].T)  # type: ignore[index]
    picture.text(20, 206, "hidden state: one row a unit, one column a moment", 12, quiet=True)
    dx = norms(step.dinputs[0], example)
    if dx is not None and (felt := np.flatnonzero(dx > 0)).size:
        places = 20 + (felt + 0.5) * column
        picture.line(places.tolist(), fit(np.log10(dx[felt]), 222, 268, flip=True).tolist())
        says = f"from {dx[felt].min():.1e} to {dx[felt].max():.1e}, on a log scale"
        picture.text(
            20, 288, f"length of the gradient of each token's numbers, {says}", 12, quiet=True
        )
    return picture.svg()
