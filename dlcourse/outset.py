"""What a learner begins with: its settings, its points, its weights; and a look for mistakes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dlcourse.trace import Array, Frame

ACTIVATIONS = "relu", "leaky_relu", "tanh", "sigmoid", "gelu"
OPTIMIZERS = "SGD", "Momentum", "RMSprop", "Adam", "AdamW"
MOST_HIDDEN = 6


@dataclass(frozen=True)
class Settings:
    """All that a person may turn before the learning begins."""

    hidden: Sequence[int]  # units of each hidden layer; none at all is fine
    activation: str
    optimizer: str
    lr: float
    batch: int = 32
    seed: int = 0
    weight_decay: float = 0.0
    every: int = 10  # steps from one key-frame to the next

    def __post_init__(self) -> None:
        counts = isinstance(self.hidden, list | tuple) and all(map(_is_count, self.hidden))
        if not counts or len(self.hidden) > MOST_HIDDEN:
            needs = f"needs up to {MOST_HIDDEN} whole numbers above 0, one for each layer: (8, 4)"
            raise ValueError(f"got hidden={self.hidden!r}, {needs}")
        object.__setattr__(self, "hidden", tuple(int(n) for n in self.hidden))
        for name, known in (("activation", ACTIVATIONS), ("optimizer", OPTIMIZERS)):
            if (given := getattr(self, name)) not in known:
                raise ValueError(f"there is no {name} {given!r}; there are {', '.join(known)}")
        for name in ("lr", "weight_decay"):
            given = getattr(self, name)
            if not isinstance(given, int | float | np.number) or not 0 <= given < math.inf:
                raise ValueError(f"got {name}={given!r}, needs a number, 0 or more")
        for name, least in (("batch", 1), ("every", 1), ("seed", 0)):
            if not _is_count(given := getattr(self, name), least):
                raise ValueError(f"got {name}={given!r}, needs a whole number, {least} or more")
        if self.optimizer == "RMSprop" and self.weight_decay:
            raise ValueError("RMSprop knows no weight decay here: weight_decay=0.0, or AdamW?")


def _is_count(number: Any, least: int = 1) -> bool:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    return whole and number >= least


def examples(points: Any) -> tuple[Array, Array]:
    """x (N, 2) in float32 and y (N,) of points: anything with x, y and class_names."""
    if odd := [name for name in ("x", "y", "class_names") if not hasattr(points, name)]:
        kind = type(points).__name__
        raise TypeError(f"a {kind} has no {odd[0]}: points as from dlcourse.data.moons(...)?")
    x, y, classes = np.asarray(points.x), np.asarray(points.y), len(points.class_names)
    if classes < 2:
        raise ValueError(f"these points have {classes} class, to tell apart needs 2 or more")
    if not len(x):
        raise ValueError("there are no points to learn from: draw some first")
    if x.shape != (len(y), 2) or x.dtype.kind not in "fiu" or not np.isfinite(x).all():
        raise ValueError(
            f"got x as {x.dtype} {x.shape} for {len(y)} labels, needs two finite numbers each"
        )
    if y.ndim != 1 or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= classes:
        raise ValueError(
            f"got y as {y.dtype} {y.shape}, needs a class from 0 to {classes - 1} for each point"
        )
    return x.astype(np.float32), y.astype(np.int64)


def first_weights(sizes: Sequence[int], seed: int) -> dict[str, Array]:
    """Weights as a row of Linear layers draws them: evenly, within 1/√(numbers coming in).

    Drawn here for both worlds, so that with the same seed they begin with the same numbers.
    """
    rng, weights = np.random.default_rng(seed), {}
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes), 1):
        bound = 1 / math.sqrt(fan_in)
        for name, shape in (("weight", (fan_out, fan_in)), ("bias", (fan_out,))):
            weights[f"fc{i}.{name}"] = rng.uniform(-bound, bound, shape).astype(np.float32)
    return weights


def given_weights(given: Mapping[str, Array] | None, fresh: dict[str, Array]) -> dict[str, Array]:
    """Copies of the weights that were given, if they fit; fresh ones where none were."""
    if given is None:
        return fresh
    shapes, needs = ({n: np.shape(a) for n, a in w.items()} for w in (given, fresh))
    if odd := sorted({name for name, _ in shapes.items() ^ needs.items()}):
        got, want = shapes.get(odd[0], "nothing"), needs.get(odd[0], "none")
        raise ValueError(f"these weights are of another net: {odd[0]} is {got}, needs {want}")
    return {name: np.array(given[name], np.float32) for name in fresh}


def merged(old: Frame, new: Frame, changes: Mapping[str, Any]) -> Frame:
    """The key-frame from which a fork begins: all as it was, save for what was changed."""
    renewed = {"optimizer": ("optimizer/", "slots/"), "lr": ("optimizer/lr",)}
    renewed |= {"seed": ("batches/",)}
    fresh = tuple(prefix for name in renewed if name in changes for prefix in renewed[name])
    arrays = {name: a for name, a in old.arrays.items() if not name.startswith(fresh)}
    arrays |= {name: a for name, a in new.arrays.items() if name.startswith(fresh)}
    dice = new.generators if "seed" in changes else old.generators
    return Frame(old.step, arrays, dice)
