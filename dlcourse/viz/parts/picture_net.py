"""The part of a trace that looks at pictures: its layers, and as many examples as a page holds."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from dlcourse.trace import Array, Step, Trace
from dlcourse.viz.parts.wiring import Wiring, leaf_steps

MOST_EXAMPLES, MOST_NUMBERS = 12, 250_000  # of a trace, so that a page stays small


def picture_net(trace: Trace) -> Trace:
    """The layers of the trace, without those that are made of others."""
    if not isinstance(trace, Trace):
        got = type(trace).__name__
        raise TypeError(f"convolution needs a trace of a net, got a {got}: trace(net, x)?")
    steps = tuple(trace.steps[at] for at in leaf_steps(trace))
    if not any(is_conv(step) for step in steps):
        kinds = ", ".join(sorted({step.kind for step in steps}))
        raise ValueError(f"no Conv2d with pictures in this trace, only {kinds}: a LeNet's trace?")
    if steps[0].inputs[0] is None or steps[0].inputs[0].ndim != 4 or not steps[0].inputs[0].size:
        raise ValueError("the first layer of this net sees no pictures (examples, channels, H, W)")
    return dataclasses.replace(trace, steps=steps)


def is_conv(step: Step) -> bool:
    arrays = (*step.inputs[:1], *step.outputs[:1])
    return step.kind == "Conv2d" and all(a is not None and a.ndim == 4 for a in arrays)


def pictures_of(net: Trace) -> Array:
    picture = net.steps[0].inputs[0]
    assert picture is not None
    return picture


def shortened(net: Trace) -> Trace:
    """So many examples that a page can hold them, and gradients of convolutions alone."""
    each = sum(a.size for step in net for a in step.outputs if a is not None) / len(
        pictures_of(net)
    )
    count = int(min(MOST_EXAMPLES, max(1, MOST_NUMBERS // max(each, 1))))

    def cut(arrays: Sequence[Array | None]) -> tuple[Array | None, ...]:
        return tuple(a if a is None else a[:count] for a in arrays)

    def short(step: Step) -> Step:
        forward = {"inputs": cut(step.inputs), "outputs": cut(step.outputs)}
        back: dict[str, Any] = {"dinputs": (), "doutputs": (), "dparams": {}}
        if is_conv(step):
            back = {"dinputs": (), "doutputs": cut(step.doutputs), "dparams": step.dparams}
        return dataclasses.replace(step, **forward, **back)  # type: ignore[arg-type]

    return dataclasses.replace(net, steps=tuple(short(step) for step in net))


def points_of(found: Wiring, trace: Trace) -> list[dict[str, Any]]:
    """The points with the places of their steps in the shortened trace."""
    place = {at: i for i, at in enumerate(leaf_steps(trace))}
    return [{**vars(p), "at": None if p.at is None else place[p.at]} for p in found.points]
