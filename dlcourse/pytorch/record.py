"""Watch a PyTorch net at work through hooks, and write down the same trace as scratch does."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlcourse.trace import Array, Step, Trace

__all__ = ["give_weights", "leaving_no_mark", "trace", "watching"]

Loss = Callable[[Any], Tensor]


@dataclass
class Call:
    """One answer of one module, as it is being filled in."""

    name: str
    module: nn.Module
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    doutputs: list[Tensor | None]

    def step(self, keep: Callable[[Any], Array | None]) -> Step:
        own = dict(self.module.named_parameters(recurse=False))
        return Step(
            self.name,
            type(self.module).__name__,
            tuple(keep(x) for x in self.inputs),
            tuple(keep(y) for y in self.outputs),
            tuple(keep(getattr(x, "grad", None)) for x in self.inputs),
            tuple(keep(dy) for dy in self.doutputs),
            {name: keep(p) for name, p in own.items()},  # type: ignore[misc]
            {name: keep(p.grad) for name, p in own.items()},
        )


class Copies:
    """Arrays of tensors that live at the same time; what lies in one place is copied once.

    One layer's output is the next one's input: half of a trace is there twice.
    """

    def __init__(self) -> None:
        self.known: dict[Any, Array] = {}

    def __call__(self, tensor: Any) -> Array | None:
        if not isinstance(tensor, Tensor):
            return None
        place = tensor.device, tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride()
        if place not in self.known:
            copy = array(tensor)
            assert copy is not None
            self.known[place] = copy
        return self.known[place]


def array(tensor: Any) -> Array | None:
    """A copy as a NumPy array, from whatever device; None for what is no tensor."""
    if not isinstance(tensor, Tensor):
        return None
    if tensor.dtype == torch.bfloat16:  # NumPy does not know it
        tensor = tensor.float()
    return np.array(tensor.detach().cpu().numpy(), order="C")


def flat(value: Any) -> tuple[Any, ...]:
    """(y, (h, c)) as (y, h, c)"""
    if isinstance(value, tuple | list):
        return tuple(tensor for part in value for tensor in flat(part))
    return (value,)


def own_view(value: Any) -> Any:
    """The same tensors, as views whose gradient belongs to one call alone."""
    if isinstance(value, tuple | list):
        return tuple(own_view(part) for part in value)
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return value
    if torch.is_grad_enabled() and not value.requires_grad:
        value = value.detach().requires_grad_()
    view = value.view_as(value)
    if view.requires_grad:
        view.retain_grad()
    return view


@contextmanager
def watching(net: nn.Module, rng: np.random.Generator | None = None) -> Iterator[list[Call]]:
    """Inside, every answer of every module of this net is kept, in the order of the answers."""
    calls: list[Call] = []

    def answered(name: str, module: nn.Module, inputs: Any, output: Any) -> Any:
        output = own_view(output)  # what the module itself does with its answer is another matter
        outputs = flat(output)
        call = Call(name, module, flat(inputs), outputs, [None] * len(outputs))
        calls.append(call)
        for i, y in enumerate(outputs):
            if isinstance(y, Tensor) and y.requires_grad:
                y.register_hook(partial(call.doutputs.__setitem__, i))
        return output

    handles = []
    for name, module in net.named_modules():
        handles.append(module.register_forward_pre_hook(lambda _, inputs: own_view(inputs)))
        if rng is not None and isinstance(module, nn.Dropout):
            handles.append(module.register_forward_hook(partial(_drop, rng)))
        hook = partial(answered, name or type(net).__name__)
        handles.append(module.register_forward_hook(hook))
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def _drop(rng: np.random.Generator, layer: nn.Dropout, inputs: tuple[Tensor], y: Tensor) -> Tensor:
    """Dropout with a mask from NumPy's generator, drawn just as scratch draws it."""
    if not layer.training or layer.p == 0:
        return y
    keep = torch.from_numpy(rng.random(inputs[0].shape, np.float32) >= layer.p)
    return inputs[0] * (keep.to(inputs[0]) * (1 / (1 - layer.p)))


@contextmanager
def leaving_no_mark(net: nn.Module) -> Iterator[None]:
    """Afterwards gradients, running means and torch's generators are as they were before."""
    kept = [(buffer, buffer.clone()) for buffer in net.buffers()]
    grads = [(param, param.grad) for param in net.parameters()]
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            yield
    finally:
        for buffer, before in kept:
            buffer.copy_(before)
        for param, grad in grads:
            param.grad = grad


def trace(
    net: nn.Module,
    *inputs: Any,
    loss: Loss | None = None,
    seed: int | None = None,
    rng: np.random.Generator | None = None,
) -> Trace:
    """One pass through the net, and with a loss also the way back; the net stays as it was.

    trace(net, x, loss=lambda y: F.cross_entropy(y, labels))

    With `rng`, dropout masks come from that NumPy generator: the same masks as in scratch.
    """
    value = None
    with leaving_no_mark(net), watching(net, rng) as calls:
        net.zero_grad()
        y = net(*inputs)
        if loss is not None:
            total = loss(y)
            total.backward()
            value = total.item()
        copies = Copies()
        steps = tuple(call.step(copies) for call in calls)
    dtype = next((str(p.dtype) for p in net.parameters()), "float32").removeprefix("torch.")
    return Trace(steps, value, seed, dtype, "torch")


def give_weights(net: nn.Module, state: Mapping[str, Array]) -> nn.Module:
    """Give a PyTorch net the weights of its twin: `give_weights(net, twin.state_dict())`."""
    dtype = next((torch.from_numpy(a).dtype for a in state.values() if a.dtype.kind == "f"), None)
    net.to(dtype=dtype).load_state_dict({k: torch.from_numpy(a) for k, a in state.items()})
    return net
