"""Mini-batches in a random order that can be remembered, and taken up again."""

import numpy as np

from dlcourse.data.dataset import require_generator
from dlcourse.rounds import Shuffled
from dlcourse.trace import Array


class Batches(Shuffled):
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
        super().__init__(*arrays, size=size, rng=rng)
