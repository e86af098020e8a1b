"""What both worlds' `fit` go through: the numbers of the steps, and a batch for each of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

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
