"""What a PyTorch net did until one of its modules could not go on; the twin of scratch's file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from dlcourse.pytorch.record import Call, array, flat, leaving_no_mark, watching
from dlcourse.trace import Arrays, Step, Trace

__all__ = ["trace_until_error"]

Entered = list[tuple[str, nn.Module, Arrays]]


def trace_until_error(net: nn.Module, *inputs: Any) -> tuple[Trace, Exception | None]:
    """The trace up to the first error, and the error; None where all went well.

    The layer that failed is there too, with None for its answer, and those that it is a part of.
    """
    error = None
    with leaving_no_mark(net), torch.no_grad(), watching(net) as calls, entering(net) as waiting:
        try:
            net(*inputs)
        except Exception as caught:
            error = caught
        steps = [call.step(array) for call in calls]
    for name, module, given in reversed(waiting):
        steps.append(_unanswered(Call(name, module, (), (), []).step(array), given))
    dtype = next((str(p.dtype) for p in net.parameters()), "float32").removeprefix("torch.")
    return Trace(tuple(steps), None, None, dtype, "torch"), error


def _unanswered(step: Step, given: Arrays) -> Step:
    none = (None,) * len(given)
    return Step(step.name, step.kind, given, (None,), none, (None,), step.params, step.dparams)


@contextmanager
def entering(net: nn.Module) -> Iterator[Entered]:
    """Inside, who was asked and has not answered yet stands in the list, outermost first."""
    waiting: Entered = []

    def asked(name: str) -> Any:
        def note(module: nn.Module, inputs: Any) -> None:
            waiting.append((name, module, tuple(array(x) for x in flat(inputs))))

        return note

    def answered(*_: Any) -> None:
        waiting.pop()

    handles = []
    for name, module in net.named_modules():
        handles.append(module.register_forward_pre_hook(asked(name or type(net).__name__)))
        handles.append(module.register_forward_hook(answered))
    try:
        yield waiting
    finally:
        for handle in handles:
            handle.remove()
