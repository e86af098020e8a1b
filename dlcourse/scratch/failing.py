"""What a net did until one of its layers could not go on.

    trace, error = trace_until_error(net, x)
    viz.architecture(trace, failed=error)

The trace holds the layers that answered; after them the one that failed, with what it got and with
None for its answer; and last those that it is a part of.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dlcourse.scratch.layer import Layer
from dlcourse.scratch.record import Call, Copies, leaving_no_mark, watching
from dlcourse.trace import Arrays, Step, Trace

__all__ = ["trace_until_error"]

Entered = list[tuple[Layer, Arrays]]


def trace_until_error(net: Layer, *inputs: Any) -> tuple[Trace, Exception | None]:
    """The trace up to the first error, and the error; None where all went well."""
    error = None
    with leaving_no_mark(net), watching(net) as notebook, entering(net) as open_calls:
        try:
            net(*inputs)
        except Exception as caught:
            error = caught
        steps = notebook.steps()
    unanswered = [
        Call(notebook.names[id(layer)], layer, given, (None,)) for layer, given in open_calls
    ]
    steps += tuple(_step(call) for call in unanswered[::-1])
    dtype = next((str(p.data.dtype) for p in net.parameters()), "float32")
    return Trace(steps, None, None, dtype), error


def _step(call: Call) -> Step:
    return call.step(lambda array: None if array is None else array.copy())


@contextmanager
def entering(net: Layer) -> Iterator[Entered]:
    """Inside, who was asked and has not answered yet stands in the list, outermost first."""
    waiting: Entered = []
    layers = {id(layer): layer for _, layer in net.named_layers()}.values()

    def noting(layer: Layer) -> Any:
        forward = layer.forward

        def noted(*inputs: Any, **named: Any) -> Any:
            waiting.append((layer, Copies().of((*inputs, *named.values()))))
            answer = forward(*inputs, **named)
            waiting.pop()
            return answer

        return noted

    for layer in layers:
        vars(layer)["forward"] = noting(layer)
    try:
        yield waiting
    finally:
        for layer in layers:
            del vars(layer)["forward"]
