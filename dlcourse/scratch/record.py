"""Watch a net from scratch at work, and write down what happens as a trace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcourse.scratch.layer import Back, Layer, Param
from dlcourse.trace import Array, Arrays, Step, Trace

Loss = Callable[[Any], tuple[float, Back]]


@dataclass
class Call:
    """One answer of one layer, as it is being filled in."""

    name: str
    layer: Layer
    inputs: Any
    outputs: Any
    doutputs: Any = None
    dinputs: Any = None

    def step(self, keep: Callable[[Array | None], Array | None]) -> Step:
        own = {name: p for name, p in vars(self.layer).items() if isinstance(p, Param)}
        outputs, inputs = flat(self.outputs), flat(self.inputs)
        return Step(
            self.name,
            type(self.layer).__name__,
            tuple(keep(x) for x in inputs),
            tuple(keep(y) for y in outputs),
            tuple(keep(dx) for dx in _filled(self.dinputs, len(inputs))),
            tuple(keep(dy) for dy in _filled(self.doutputs, len(outputs))),
            {name: keep(p.data) for name, p in own.items()},  # type: ignore[misc]
            {name: keep(p.grad) for name, p in own.items()},
        )


def flat(value: Any) -> Arrays:
    """(y, (h, c)) as (y, h, c)"""
    if isinstance(value, tuple | list):
        return tuple(array for part in value for array in flat(part))
    return (value,)


def _filled(gradients: Any, length: int) -> Arrays:
    """As many gradients as there are arrays; those that nobody computed are None."""
    return (*flat(gradients), *[None] * length)[:length]


@dataclass
class Notebook:
    """The watcher of `watching`: it keeps every call in the order of the answers."""

    names: dict[int, str]
    calls: list[Call] = field(default_factory=list)

    def saw(self, layer: Layer, inputs: tuple[Any, ...], answer: tuple[Any, Back]) -> Any:
        outputs, back = answer
        call = Call(self.names[id(layer)], layer, inputs, outputs)
        self.calls.append(call)

        def watched_back(*doutputs: Any) -> Any:
            call.doutputs, call.dinputs = doutputs, back(*doutputs)
            return call.dinputs

        return outputs, watched_back

    def steps(self) -> tuple[Step, ...]:
        """What was seen, in copies; an array that is met several times is copied once."""
        copies: dict[int, tuple[Array, Array]] = {}

        def keep(array: Any) -> Array | None:
            if not isinstance(array, np.ndarray):
                return None
            if id(array) not in copies:
                copies[id(array)] = array, np.array(array, order="C")
            return copies[id(array)][1]

        return tuple(call.step(keep) for call in self.calls)


@contextmanager
def watching(net: Layer) -> Iterator[Notebook]:
    """Inside, every answer of every layer of this net is kept. Other nets are not disturbed."""
    layers = {id(layer): (name or type(net).__name__, layer) for name, layer in net.named_layers()}
    notebook = Notebook({key: name for key, (name, _) in layers.items()})
    wanted = {key: layer.wants_dx for key, (_, layer) in layers.items()}
    for _, layer in layers.values():
        layer.watcher, layer.wants_dx = notebook, True
    try:
        yield notebook
    finally:
        for key, (_, layer) in layers.items():
            layer.watcher, layer.wants_dx = None, wanted[key]


def generators(net: Layer) -> dict[str, np.random.Generator]:
    """The random generators inside a net, by name: those of its dropout layers."""
    return {
        f"{place}.{name}": value
        for place, layer in net.named_layers()
        for name, value in vars(layer).items()
        if isinstance(value, np.random.Generator)
    }


@contextmanager
def leaving_no_mark(net: Layer) -> Iterator[None]:
    """Afterwards gradients, running means and random generators are as they were before."""
    params, state = net.parameters(), net.state_dict()
    grads = [param.grad for param in params]
    dice = [(g, g.bit_generator.state) for g in generators(net).values()]
    try:
        yield
    finally:
        net.load_state_dict(state)
        for param, grad in zip(params, grads, strict=True):
            param.grad = grad
        for generator, before in dice:
            generator.bit_generator.state = before


def trace(net: Layer, *inputs: Any, loss: Loss | None = None, seed: int | None = None) -> Trace:
    """One pass through the net, and with a loss also the way back; the net stays as it was.

    trace(net, x, loss=lambda y: cross_entropy(y, labels))
    """
    value = None
    with leaving_no_mark(net), watching(net) as notebook:
        net.zero_grad()
        y, back = net(*inputs)
        if loss is not None:
            value, loss_back = loss(y)
            back(loss_back())
        steps = notebook.steps()
    dtype = next((str(p.data.dtype) for p in net.parameters()), "float32")
    return Trace(steps, value, seed, dtype)
