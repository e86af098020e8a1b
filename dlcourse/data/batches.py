"""Mini-batches in a random order that can be remembered, and taken up again."""

from collections.abc import Mapping
from typing import Self

import numpy as np

from dlcourse.data.dataset import require_generator
from dlcourse.trace import Array


class Batches:
    """Endless batches: every example once an epoch, in a new random order each time.

    `order` and `at` say where it stands; `last` holds the indices of the batch it gave last.
    """

    def __init__(self, *arrays: Array, size: int, rng: np.random.Generator) -> None:
        require_generator(rng)
        if odd := [type(a).__name__ for a in arrays if not hasattr(a, "shape")]:
            raise TypeError(f"batches are cut from arrays, not from a {odd[0]}: np.array(...)?")
        if not arrays:
            raise ValueError("there is nothing to cut batches from: Batches(x, labels, ...)?")
        lengths = {len(array) for array in arrays}
        if len(lengths) != 1:
            raise ValueError(f"the arrays have different lengths: {[len(a) for a in arrays]}")
        (length,) = lengths
        if not 1 <= size <= length:
            raise ValueError(f"a batch of {size} cannot be taken from {length} examples")
        self.arrays, self.size, self.rng = arrays, size, rng
        self.order, self.at = rng.permutation(length), 0
        self.last = self.order[:0]

    def __len__(self) -> int:
        """Batches in an epoch; a rest too small for a batch waits for the next order."""
        return len(self.order) // self.size

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[Array, ...]:
        if self.at + self.size > len(self.order):
            self.order, self.at = self.rng.permutation(len(self.order)), 0
        self.last = self.order[self.at : self.at + self.size]
        self.at += self.size
        return tuple(array[self.last] for array in self.arrays)

    def state_dict(self) -> dict[str, Array]:
        """Where it stands; together with the state of `rng` this decides all batches to come."""
        return {"order": self.order.copy(), "at": np.array(self.at)}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        if len(state["order"]) != len(self.order):
            here, there = len(self.order), len(state["order"])
            raise ValueError(f"this order is for {there} examples, but there are {here}")
        self.order, self.at = state["order"].copy(), int(state["at"])
