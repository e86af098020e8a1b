"""A PyTorch net with an input and a loss, to be tried out, as scratch's experiment.py does it.

    experiment = Experiment(net, x, loss=lambda y: F.cross_entropy(y, labels))

Inputs and answers are NumPy arrays; the loss gets a tensor, and gives one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlcourse.pytorch.record import Loss, array, flat, leaving_no_mark, trace, watching
from dlcourse.sources import Source, source_of
from dlcourse.trace import Array, Trace
from dlcourse.what_if import WhatIf, in_precision, own_inputs

__all__ = ["Experiment"]


class Experiment(WhatIf):
    """Try a net out; it stays as it was, until `change`."""

    def __init__(self, net: nn.Module, *inputs: Any, loss: Loss, seed: int = 0) -> None:
        if not isinstance(net, nn.Module) or not callable(loss):
            odd = f"net a {type(net).__name__} and as loss a {type(loss).__name__}"
            raise TypeError(f"got as {odd}: Experiment(net, x, loss=lambda y: F.mse_loss(y, t))?")
        self.net, self.seed, self._loss = net, seed, loss
        self.inputs = own_inputs(inputs)

    def trace(self) -> Trace:
        with leaving_no_mark(self.net):
            torch.manual_seed(self.seed)
            inputs, rng = tensors(self.net, self.inputs), np.random.default_rng(self.seed)
            return trace(self.net, *inputs, loss=self._judged, seed=self.seed, rng=rng)

    def answer(self, *inputs: Any) -> Array:
        net, given = self.net, own_inputs(inputs) if inputs else self.inputs
        with leaving_no_mark(net), in_use(net), torch.no_grad():
            return _array(flat(net(*tensors(net, given)))[0])

    def weights(self) -> dict[str, Array]:
        return {name: _array(param) for name, param in self.net.named_parameters()}

    def sources(self) -> dict[str, Source]:
        kinds = {name or type(self.net).__name__: type(m) for name, m in self.net.named_modules()}
        found = {n: source_of(k) for n, k in kinds.items() if k.forward is not nn.Module.forward}
        return {name: source for name, source in found.items() if source}

    def _loss_of(self, arrays: Mapping[str, Array], *, double: bool = False) -> float:
        net = deepcopy(self.net).to(torch.float64) if double else self.net
        inputs = [arrays.get(f"inputs.{i}", x) for i, x in enumerate(self.inputs)]
        with (
            torch.no_grad(),
            leaving_no_mark(net),
            same_luck(net, self.seed),
            standing_in(net, arrays),
        ):
            return float(self._judged(net(*tensors(net, inputs))).item())

    def _judged(self, y: Any) -> Tensor:
        judged = self._loss(y)
        if isinstance(judged, Tensor) and judged.numel() == 1:
            return judged
        got = type(judged).__name__
        raise TypeError(f"the loss gave a {got}, needs a tensor of one number, as F.mse_loss gives")

    def _put(self, name: str, array: Array) -> None:
        with torch.no_grad():
            self.net.get_parameter(name).copy_(torch.from_numpy(array))


def tensors(net: nn.Module, inputs: list[Array | None]) -> list[Tensor | None]:
    """The arrays as tensors, as precise as the net and where it lives."""
    weight = next(net.parameters(), torch.zeros(()))
    floats = in_precision(inputs, _array(weight).dtype)
    return [None if x is None else torch.from_numpy(x.copy()).to(weight.device) for x in floats]


def _array(tensor: Tensor) -> Array:
    copy = array(tensor)
    assert copy is not None
    return copy


@contextmanager
def same_luck(net: nn.Module, seed: int) -> Iterator[None]:
    """Inside, dropout draws what it drew the last time, and what its twin in scratch draws."""
    torch.manual_seed(seed)
    if not any(isinstance(module, nn.Dropout) and module.training for module in net.modules()):
        yield
        return
    with watching(net, np.random.default_rng(seed)):
        yield


@contextmanager
def in_use(net: nn.Module) -> Iterator[None]:
    """Inside, every module behaves as after the training; then each as before."""
    before = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


@contextmanager
def standing_in(net: nn.Module, arrays: Mapping[str, Array]) -> Iterator[None]:
    """Inside, these arrays are the weights of their names; then the old ones are."""
    swapped = [(p, p.data, arrays[n]) for n, p in net.named_parameters() if n in arrays]
    for param, own, given in swapped:
        param.data = torch.tensor(given).to(own)
    try:
        yield
    finally:
        for param, own, _ in swapped:
            param.data = own
