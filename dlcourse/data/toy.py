"""Small simulated sets in the plane: the truth is known, so a net can be judged by it.

Each set has its points in random order and classes of equal size (± 1). `noise` is the standard
deviation of the Gaussian noise that is added to both coordinates after the class is settled.
"""

import numpy as np

from dlcourse.data.dataset import require_generator
from dlcourse.data.points import Points


def moons(n: int = 200, *, noise: float = 0.1, rng: np.random.Generator) -> Points:
    """Two half circles of radius 1 that reach into each other."""
    y = _labels(n, 2, noise, rng)
    angle = rng.uniform(0, np.pi, n)
    side = 1 - 2 * y  # the upper moon is 1, the lower one -1
    x = np.stack([side * (np.cos(angle) - 0.5), side * (np.sin(angle) - 0.25)], axis=1)
    return _simulated("moons", "Upper or lower moon?", x, y, noise, rng)


def circles(n: int = 200, *, noise: float = 0.1, rng: np.random.Generator) -> Points:
    """A circle of radius 1 (class 0) around a circle of radius ½ (class 1)."""
    y = _labels(n, 2, noise, rng)
    radius = np.where(y == 0, 1.0, 0.5)
    x = _polar(radius, rng.uniform(0, 2 * np.pi, n))
    return _simulated("circles", "Outer or inner circle?", x, y, noise, rng)


def spirals(
    n: int = 300, *, classes: int = 3, noise: float = 0.03, rng: np.random.Generator
) -> Points:
    """Arms that turn once around the middle: angle = 2π (radius + class / classes)."""
    y = _labels(n, classes, noise, rng)
    radius = rng.uniform(0.1, 1, n)
    x = _polar(radius, 2 * np.pi * (radius + y / classes))
    return _simulated("spirals", "Which arm does a point lie on?", x, y, noise, rng)


def xor(n: int = 200, *, noise: float = 0.0, rng: np.random.Generator) -> Points:
    """A square of four quarters: class 1 where x1 and x2 have different signs, else class 0."""
    quarter = _labels(n, 4, noise, rng)
    right, upper = quarter % 2, quarter // 2
    # 1 - [0, 1) is never 0: a point on an axis would have no sign.
    size = 1 - rng.uniform(0, 1, (n, 2))
    x = size * (2 * np.stack([right, upper], axis=1) - 1)
    return _simulated("xor", "Do the two signs differ?", x, right ^ upper, noise, rng)


def blobs(
    n: int = 200, *, classes: int = 3, noise: float = 0.2, rng: np.random.Generator
) -> Points:
    """Clouds around centres that are spread evenly over a circle of radius 1."""
    y = _labels(n, classes, noise, rng)
    x = _polar(np.ones(n), 2 * np.pi * y / classes)
    return _simulated("blobs", "Which cloud does a point belong to?", x, y, noise, rng)


def _labels(n: int, classes: int, noise: float, rng: np.random.Generator) -> np.ndarray:
    """n class numbers in random order, each class as often as the others (± 1)."""
    if classes < 2 or n < classes:
        raise ValueError(
            f"{n} points in {classes} groups are not possible: "
            f"there must be two groups or more, and a point for each."
        )
    if not 0 <= noise < np.inf:
        raise ValueError(f"A noise of {noise} is not possible; it must be 0 or more.")
    return require_generator(rng).permutation(np.arange(n) % classes)


def _polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)  # (N, 2)


def _simulated(
    name: str, question: str, x: np.ndarray, y: np.ndarray, noise: float, rng: np.random.Generator
) -> Points:
    return Points(
        name=name,
        question=question,
        x=x + noise * rng.standard_normal(x.shape),
        y=y,
        feature_names=("x1", "x2"),
        class_names=tuple(str(number) for number in range(y.max() + 1)),
        source=f"Simulated by dlcourse.data.{name} with noise {noise}.",
        licence="none needed",
        simulated=True,
    )
