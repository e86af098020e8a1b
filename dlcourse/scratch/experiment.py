"""A net from scratch with an input and a loss, to be tried out: what if this weight were 2?

experiment = Experiment(net, x, loss=lambda y: cross_entropy(y, labels))
experiment.trace()["fc1"].dparams["weight"][0, 3]       # what the way back says
experiment.slope("fc1.weight", (0, 3))                  # what a measurement says
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np

from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.record import Loss, flat, generators, leaving_no_mark, trace
from dlcourse.sources import Source, source_of
from dlcourse.trace import Array, Trace
from dlcourse.what_if import WhatIf, in_precision, own_inputs

__all__ = ["Experiment"]


class Experiment(WhatIf):
    """Try a net out; it stays as it was, until `change`."""

    def __init__(self, net: Layer, *inputs: Any, loss: Loss, seed: int = 0) -> None:
        if not isinstance(net, Layer) or not callable(loss):
            odd = f"net a {type(net).__name__} and as loss a {type(loss).__name__}"
            raise TypeError(f"got as {odd}: Experiment(net, x, loss=lambda y: mse_loss(y, t))?")
        self.net, self.seed, self._loss = net, seed, loss
        self.inputs = own_inputs(inputs)

    def trace(self) -> Trace:
        net = self.net
        with leaving_no_mark(net), same_luck(net, self.seed):
            inputs = in_precision(self.inputs, _precision(net))
            return trace(net, *inputs, loss=self._judged, seed=self.seed)

    def answer(self, *inputs: Any) -> Array:
        net, given = self.net, own_inputs(inputs) if inputs else self.inputs
        with leaving_no_mark(net), in_use(net):
            y, _ = net(*in_precision(given, _precision(net)))
        return np.array(flat(y)[0])

    def weights(self) -> dict[str, Array]:
        return {name: param.data.copy() for name, param in self.net.named_parameters().items()}

    def sources(self) -> dict[str, Source]:
        kinds = {name or type(self.net).__name__: type(a) for name, a in self.net.named_layers()}
        found = {n: source_of(k) for n, k in kinds.items() if k.forward is not Layer.forward}
        return {name: source for name, source in found.items() if source}

    def _loss_of(self, arrays: Mapping[str, Array], *, double: bool = False) -> float:
        net = deepcopy(self.net).astype(np.float64) if double else self.net
        inputs = [arrays.get(f"inputs.{i}", x) for i, x in enumerate(self.inputs)]
        with (
            np.errstate(over="ignore", invalid="ignore", divide="ignore"),
            leaving_no_mark(net),
            same_luck(net, self.seed),
            standing_in(net, arrays),
        ):
            y, _ = net(*in_precision(inputs, _precision(net)))
            return float(self._judged(y)[0])

    def _judged(self, y: Any) -> tuple[float, Back]:
        try:
            judged = self._loss(y)
        except LayerError as error:
            if _precision(y) != np.float64 or "float32" not in str(error):
                raise
            cure = "mse_loss(y, target.astype(y.dtype))"
            raise LayerError(
                f"{error} A slope is measured in float64: loss=lambda y: {cure}"
            ) from None
        if isinstance(judged, tuple) and len(judged) == 2 and callable(judged[1]):
            return judged
        got = type(judged).__name__
        raise TypeError(f"the loss gave a {got}, needs a number and the way back, as mse_loss does")

    def _put(self, name: str, array: Array) -> None:
        self.net.named_parameters()[name].data = array


def _precision(net: Any) -> Any:
    """The dtype of a net's first weight, or of an answer's first array."""
    arrays = [param.data for param in net.parameters()] if isinstance(net, Layer) else flat(net)
    return next((a.dtype for a in arrays if isinstance(a, np.ndarray)), np.dtype(np.float32))


@contextmanager
def same_luck(net: Layer, seed: int) -> Iterator[None]:
    """Inside, dropout draws what it drew the last time. Who calls it gives the dice back."""
    dice = {id(generator): generator for generator in generators(net).values()}.values()
    for i, generator in enumerate(dice):
        fresh = type(generator.bit_generator)([seed, i] if i else seed)
        generator.bit_generator.state = fresh.state
    yield


@contextmanager
def in_use(net: Layer) -> Iterator[None]:
    """Inside, every layer behaves as after the training; then each as before."""
    before = [(layer, layer.training) for _, layer in net.named_layers()]
    net.eval()
    try:
        yield
    finally:
        for layer, training in before:
            layer.training = training


@contextmanager
def standing_in(net: Layer, arrays: Mapping[str, Array]) -> Iterator[None]:
    """Inside, these arrays are the weights of their names; then the old ones are."""
    swapped = [(p, p.data, arrays[n]) for n, p in net.named_parameters().items() if n in arrays]
    for param, own, array in swapped:
        param.data = np.asarray(array, own.dtype)
    try:
        yield
    finally:
        for param, own, _ in swapped:
            param.data = own
