"""Watch a net from scratch at work, and write down what happens as a trace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcourse.scratch.layer import Back, Layer, Param
from dlcourse.trace import Array, Arrays, Step, Trace

__all__ = ["leaving_no_mark", "trace", "watching"]

Loss = Callable[[Any], tuple[float, Back]]


@dataclass
class Call:
    """One answer of one layer, as it is being filled in; arrays are copies from that moment."""

    name: str
    layer: Layer
    inputs: Arrays
    outputs: Arrays
    doutputs: Arrays = ()
    dinputs: Arrays = ()

    def step(self, keep: Callable[[Array | None], Array | None]) -> Step:
        own = {name: p for name, p in vars(self.layer).items() if isinstance(p, Param)}
        return Step(
            self.name,
            type(self.layer).__name__,
            self.inputs,
            self.outputs,
            self.dinputs or (None,) * len(self.inputs),
            self.doutputs or (None,) * len(self.outputs),
            {name: keep(p.data) for name, p in own.items()},  # type: ignore[misc]
            {name: keep(p.grad) for name, p in own.items()},
        )


def flat(value: Any) -> tuple[Any, ...]:
    """(y, (h, c)) as (y, h, c)"""
    if isinstance(value, tuple | list):
        return tuple(array for part in value for array in flat(part))
    return (value,)


class Copies:
    """Arrays as they are at the moment. One layer's output is the next one's input: what has not
    changed since it was last seen is not copied again."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Array, Array]] = {}  # the array itself, so that it lives on

    def of(self, value: Any) -> Arrays:
        """The arrays of an input or output; None for what is no array."""
        return tuple(self.one(a) if isinstance(a, np.ndarray) else None for a in flat(value))

    def one(self, array: Array) -> Array:
        _, copy = self.known.get(id(array), (None, None))
        if copy is None or not np.array_equal(copy, array):
            copy = np.array(array, order="C")
            self.known[id(array)] = array, copy
        return copy

    def like(self, gradient: Any, value: Any) -> Arrays:
        """The gradient of a value, array for array; None where nobody computed one."""
        if not isinstance(value, tuple | list):
            return self.of(gradient) if not isinstance(gradient, tuple | list) else (None,)
        given = [*gradient] if isinstance(gradient, tuple | list) else []
        given += [None] * (len(value) - len(given))
        pairs = zip(given, value, strict=False)
        return tuple(array for pair in pairs for array in self.like(*pair))


@dataclass
class Notebook:
    """The watcher of `watching`: it keeps every call in the order of the answers."""

    names: dict[int, str]
    calls: list[Call] = field(default_factory=list)
    copies: Copies = field(default_factory=Copies)

    def saw(self, layer: Layer, inputs: tuple[Any, ...], y: Any, back: Back) -> tuple[Any, Back]:
        call = Call(self.names[id(layer)], layer, self.copies.of(inputs), self.copies.of(y))
        self.calls.append(call)

        def watched_back(dy: Any) -> Any:
            call.doutputs = self.copies.like(dy, y)
            dinputs = back(dy)
            state_alone = len(inputs) == 1 and isinstance(inputs[0], tuple)
            several = isinstance(dinputs, tuple) and not state_alone
            call.dinputs = self.copies.like(dinputs if several else (dinputs,), inputs)
            return dinputs

        return y, watched_back

    def steps(self) -> tuple[Step, ...]:
        """What was seen. The weights of a layer that answered several times are copied once."""
        copies: dict[int, Array] = {}

        def keep(array: Array | None) -> Array | None:
            return None if array is None else copies.setdefault(id(array), array.copy())

        return tuple(call.step(keep) for call in self.calls)


@contextmanager
def watching(net: Layer) -> Iterator[Notebook]:
    """Inside, every answer of every layer of this net is kept. Other nets are not disturbed.

    One watcher looks at a time: within another `watching` of the same net, the outer one waits.
    """
    layers: dict[int, tuple[str, Layer]] = {}
    for name, layer in net.named_layers():
        layers.setdefault(id(layer), (name or type(net).__name__, layer))
    notebook = Notebook({key: name for key, (name, _) in layers.items()})
    before = [(layer, layer.watcher, layer.wants_dx) for _, layer in layers.values()]
    for layer, *_ in before:
        layer.watcher, layer.wants_dx = notebook, True
    try:
        yield notebook
    finally:
        for layer, watcher, wants_dx in before:
            layer.watcher, layer.wants_dx = watcher, wants_dx


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
    grads = [(param, param.grad) for param in net.parameters()]
    kept = [(layer, name, array.copy()) for _, layer, name, array in net.kept_arrays()]
    dice = [(generator, generator.bit_generator.state) for generator in generators(net).values()]
    try:
        yield
    finally:
        for param, grad in grads:
            param.grad = grad
        for layer, name, array in kept:
            setattr(layer, name, array)
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
