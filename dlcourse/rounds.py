"""What both worlds' `fit` go through: the numbers of the steps, and a batch for each of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np


def rounds(
    batches: Iterable[Sequence[Any]], steps: int | range
) -> tuple[range, Iterator[Sequence[Any]]]:
    """What both `fit` go through: the numbers of their steps, and a batch for each of them."""
    if isinstance(steps, int | np.integer):
        steps = range(steps)
    if not isinstance(steps, range):
        raise TypeError(f"steps={steps!r} is no number of steps: 1000, or range(700, 1000)?")
    if hasattr(batches, "shape") or (
        isinstance(batches, list | tuple) and not all(isinstance(b, list | tuple) for b in batches)
    ):
        raise TypeError("fit takes batches, not whole arrays: Batches(x, y, size=..., rng=...)?")
    return steps, _drawn(iter(batches), steps)


def _drawn(batches: Iterator[Sequence[Any]], steps: range) -> Iterator[Sequence[Any]]:
    for step in steps:
        batch = next(batches, None)
        if batch is None:
            raise ValueError(f"the batches ended before step {step}; those of Batches are endless")
        yield batch


class Shuffled:
    """Endless batches: every example once an epoch, in a new random order each time.

    `order` and `at` say where it stands; `last` holds the indices of the batch it gave last.
    """

    def __init__(self, *arrays: np.ndarray, size: int, rng: np.random.Generator) -> None:
        self.arrays, self.size, self.rng = arrays, size, rng
        self.order, self.at = rng.permutation(len(arrays[0])), 0
        self.last = self.order[:0]

    def __len__(self) -> int:
        """Batches in an epoch; a rest too small for a batch waits for the next order."""
        return len(self.order) // self.size

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[np.ndarray, ...]:
        if self.at + self.size > len(self.order):
            self.order, self.at = self.rng.permutation(len(self.order)), 0
        self.last = self.order[self.at : self.at + self.size]
        self.at += self.size
        return tuple(array[self.last] for array in self.arrays)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Where it stands; together with the state of `rng` this decides all batches to come."""
        return {"order": self.order.copy(), "at": np.array(self.at)}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        if len(state["order"]) != len(self.order):
            here, there = len(self.order), len(state["order"])
            raise ValueError(f"this order is for {there} examples, but there are {here}")
        self.order, self.at = state["order"].copy(), int(state["at"])
