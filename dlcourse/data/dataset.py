"""A data set: numbers, what they mean, and where they come from.

Axes: N examples (along the first axis of everything), D features.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dataset:
    """Examples x with their answers y, and the question that leads from one to the other.

    x is float32, one example per row. With `class_names`, y holds class numbers as int64;
    without them the answers are measurements, as float32.
    """

    name: str
    question: str
    x: np.ndarray
    y: np.ndarray
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    source: str
    licence: str
    simulated: bool

    def __post_init__(self) -> None:
        # Copied, so that nobody else holds these numbers and can change them.
        x, y = _numbers(self.x, "x"), np.array(self.y)
        if x.ndim < 2 or y.ndim != 1 or len(x) != len(y):
            raise ValueError(
                f"{self.name}: x of shape {x.shape} and y of shape {y.shape} do not belong "
                f"together; x needs one row per example and y one answer per row."
            )
        names = self.class_names
        y = _class_numbers(y, names, self.name) if names else _numbers(y, "y")
        # A frozen dataclass lets only its own first moments write to it, and only this way.
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        shape = "×".join(str(size) for size in self.x.shape[1:])
        origin = "simulated" if self.simulated else "real"
        return (
            f"{self.name} ({origin}): {self.question}\n"
            f"  {len(self)} examples of {shape} numbers; {self._answers()}\n"
            f"  {self.source} Licence: {self.licence}"
        )

    def _answers(self) -> str:
        if not self.class_names:
            return "answers are measurements"
        counts = zip(self.class_names, self.class_counts, strict=True)
        return f"{len(self.class_names)} classes: " + ", ".join(f"{c} ({n})" for c, n in counts)

    @property
    def class_counts(self) -> np.ndarray:
        """How many examples each class has, in the order of `class_names`."""
        return np.bincount(self.y.astype(np.int64), minlength=len(self.class_names))

    @property
    def flat(self) -> Self:
        """The same examples with all numbers of one example in a single row."""
        return replace(self, x=self.x.reshape(len(self), -1))  # (N, D)

    def pick(self, rows: np.ndarray) -> Self:
        """The examples at these rows, with everything that is said about them."""
        return replace(self, x=self.x[rows], y=self.y[rows])

    def split(
        self, fractions: Sequence[float] = (0.6, 0.2, 0.2), *, rng: np.random.Generator
    ) -> tuple[Self, ...]:
        """Random parts without overlap, usually train, validation and test.

        Each class keeps its share in every part: otherwise a rare class may be missing from one.
        """
        ends = _part_ends(fractions, len(self))
        order = np.argsort(self._places(require_generator(rng)), kind="stable")
        return tuple(self.pick(rows) for rows in np.split(order, ends[:-1]))

    def _places(self, rng: np.random.Generator) -> np.ndarray:
        """A random place in 0..1 for each example, with each class spread evenly over 0..1."""
        groups = self.y if self.class_names else np.zeros(len(self), dtype=np.int64)
        places = np.empty(len(self))
        for group in np.unique(groups):
            members = np.flatnonzero(groups == group)
            # The jitter keeps equally large classes from taking turns in a fixed pattern.
            jitter = rng.random(len(members))
            places[members] = (rng.permutation(len(members)) + jitter) / len(members)
        return places


def require_generator(rng: np.random.Generator) -> np.random.Generator:
    """The generator itself, or a sentence that says how to make one."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng is {rng!r}, but a random number generator is needed: "
            f"write rng=np.random.default_rng(0) for one with seed 0."
        )
    return rng


def _numbers(values: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} holds {values.dtype}, but a net needs numbers: "
            f"turn words into class numbers and name the classes in class_names."
        )
    return values.astype(np.float32)


def _class_numbers(y: np.ndarray, class_names: tuple[str, ...], name: str) -> np.ndarray:
    wrong = ~np.isin(y, np.arange(len(class_names)))
    if wrong.any():
        raise ValueError(
            f"{name}: {y[wrong][0]} is not a class; the classes {', '.join(class_names)} "
            f"are numbered 0 to {len(class_names) - 1}."
        )
    return y.astype(np.int64)


def _part_ends(fractions: Sequence[float], n: int) -> np.ndarray:
    shares = np.asarray(fractions, dtype=np.float64)
    # "not all positive" rather than "some negative": only the first also refuses NaN.
    if shares.ndim != 1 or not (shares > 0).all() or not np.isclose(shares.sum(), 1):
        raise ValueError(
            f"The fractions {fractions} must be positive and add up to 1, as (0.6, 0.2, 0.2) do."
        )
    ends = np.round(np.cumsum(shares) * n).astype(int)
    if (np.diff(ends, prepend=0) == 0).any():
        raise ValueError(
            f"{n} examples are too few for the fractions {fractions}: "
            f"a part would be empty; use fewer parts or more examples."
        )
    return ends
