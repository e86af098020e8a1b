"""What if this number were another? Questions to a net that both worlds answer alike.

A number is found by the name of its array, "fc1.weight" or "inputs.0", and its place therein.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from dlcourse.sources import Source
from dlcourse.trace import Array, Trace

Index = int | Sequence[int]


class WhatIf(ABC):
    """A net with an input and a loss; each world's Experiment says how its loss is computed."""

    inputs: list[Array | None]

    @abstractmethod
    def trace(self) -> Trace:
        """Forward, loss and backward; the net stays as it was."""

    @abstractmethod
    def answer(self, *inputs: Any) -> Array:
        """What the net says as it is in use (dropout off), to these inputs or to its own."""

    @abstractmethod
    def sources(self) -> dict[str, Source]:
        """For each name of a step, where its numbers come from; as far as Python can tell."""

    @abstractmethod
    def weights(self) -> dict[str, Array]:
        """Copies of all that learns, by dotted name."""

    @abstractmethod
    def _loss_of(self, arrays: Mapping[str, Array], *, double: bool = False) -> float:
        """The loss if these arrays stood in for the net's own; with `double` in float64."""

    @abstractmethod
    def _put(self, name: str, array: Array) -> None:
        """Make this the weight of that name, for good."""

    def loss(self) -> float:
        """The loss as things are. The same luck (dropout) is used for every loss."""
        return self._loss_of({})

    def loss_with(self, weights: Mapping[str, Array]) -> float:
        """The loss if these weights, all or a few, were so; the net stays as it was."""
        if not isinstance(weights, Mapping):
            raise TypeError(f"got a {type(weights).__name__}, needs weights by name: weights()?")
        own, given = self.weights(), {name: np.asarray(a) for name, a in weights.items()}
        for name, array in given.items():
            _expect_name(name, own)
            if array.shape != own[name].shape or array.dtype.kind not in "fiub":
                got, needs = f"{array.dtype} {array.shape}", own[name].shape
                raise ValueError(f"{name} was given as {got}, needs numbers of shape {needs}")
        return self._loss_of(given)

    def loss_if(self, name: str, index: Index, value: float) -> float:
        """The loss if this one number were `value`; the net stays as it was."""
        return self._loss_of({name: self._with(name, index, value)})

    def slope(self, name: str, index: Index) -> float:
        """How fast the loss grows with this number: measured, without any gradient.

        (L(w + h) - L(w - h)) / 2h, on a copy of the net in float64, so that the small difference
        of two almost equal losses still has some ten digits.
        """
        array, place = self._found(name, index)
        if array.dtype.kind != "f":
            raise ValueError(f"{name} holds whole numbers: there is no slope between them")
        array = array.astype(np.float64)
        h = 1e-5 * max(1.0, abs(float(array[place])))
        sides = []
        for shift in (h, -h):
            moved = array.copy()
            moved[place] += shift
            sides.append((float(moved[place]), self._loss_of({name: moved}, double=True)))
        (right, above), (left, below) = sides
        return (above - below) / (right - left)

    def change(self, name: str, index: Index, value: float) -> None:
        """Really set this number. An input is the experiment's own copy; yours stays as it was."""
        array = self._with(name, index, value)
        if name in self._named_inputs():
            self.inputs[int(name.removeprefix("inputs."))] = array
        else:
            self._put(name, array)

    def _named_inputs(self) -> dict[str, Array]:
        return {f"inputs.{i}": x for i, x in enumerate(self.inputs) if x is not None}

    def _with(self, name: str, index: Index, value: float) -> Array:
        array, place = self._found(name, index)
        if not isinstance(value, Real):
            raise TypeError(f"{name} cannot become {value!r}: it needs a number")
        if array.dtype.kind != "f" and value != int(value):
            raise ValueError(f"{name} holds whole numbers, {value} is none")
        with np.errstate(over="ignore"):  # beyond float32 is infinity, and that is the answer
            array[place] = float(value) if array.dtype.kind == "f" else int(value)
        return array

    def _found(self, name: str, index: Index) -> tuple[Array, tuple[int, ...]]:
        """A copy of the array of this name, and the place of one number in it."""
        arrays = self.weights() | self._named_inputs()
        _expect_name(name, arrays)
        return arrays[name].copy(), _place(name, arrays[name].shape, index)


def own_inputs(inputs: Sequence[Any]) -> list[Array | None]:
    """Copies of the arrays that somebody wants to try a net on; None stands for no input."""
    if not inputs:
        raise TypeError("an experiment needs an input: Experiment(net, x, loss=...)")
    if odd := [type(x).__name__ for x in inputs if x is not None and not hasattr(x, "shape")]:
        raise TypeError(f"an experiment needs arrays as inputs, not a {odd[0]}: np.array(...)?")
    return [None if x is None else np.array(x) for x in inputs]


def in_precision(inputs: Sequence[Array | None], dtype: Any) -> list[Array | None]:
    """The same inputs, with floats as precise as the weights; tokens and masks as they are."""
    return [x if x is None or x.dtype.kind != "f" else x.astype(dtype) for x in inputs]


def _expect_name(name: str, arrays: Mapping[str, Array]) -> None:
    if name not in arrays:
        raise ValueError(f"nothing here is called {name!r}; there are {', '.join(arrays)}")


def _place(name: str, shape: tuple[int, ...], index: Index) -> tuple[int, ...]:
    given = tuple(index) if isinstance(index, Sequence) else (index,)
    whole = all(isinstance(i, int | np.integer) and not isinstance(i, bool) for i in given)
    if not whole or len(given) != len(shape):
        raise ValueError(f"{name} has shape {shape}, so {index!r} is no place of one number in it")
    if not all(0 <= i < size for i, size in zip(given, shape, strict=True)):
        raise ValueError(f"{name} has shape {shape}, counted from 0: {given} lies outside")
    return tuple(int(i) for i in given)
