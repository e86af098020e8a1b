"""What one may ask a classifier of points in the plane. No answer changes anything."""

from abc import ABC, abstractmethod
from copy import deepcopy
from typing import Any

import numpy as np

from dlcourse.outset import Settings, examples
from dlcourse.trace import Array, Trace
from dlcourse.what_if import Index, WhatIf


class Answers(ABC):
    """The questions to a Learner, in whichever world it learns."""

    points: Any
    settings: Settings
    training: Any
    experiment: WhatIf  # the net and all its points, to be tried out: `experiment.slope(...)`

    @abstractmethod
    def _experiment(self, x: Array, y: Array) -> WhatIf:
        """The world's Experiment with the net as it is."""

    @abstractmethod
    def _forward(self, x: Array) -> Trace:
        """What the net sees in these places; no way back."""

    def loss_if(self, name: str, index: Index, value: float) -> float:
        """The loss on all points if one number of a weight were `value`."""
        self._expect_weight(name)
        return self.experiment.loss_if(name, index, value)

    def weights(self) -> dict[str, Array]:
        """Copies, by dotted name: `Pupil(points, weights=pupil.weights())` begins with them."""
        return self.experiment.weights()

    def loss(self) -> float:
        """On all points."""
        return self.experiment.loss()

    def accuracy(self) -> float:
        """The share of all points whose class the net finds likeliest."""
        x, y = examples(self.points)
        return float((self.answers(x)["p"].argmax(1) == y).mean())

    def answers(self, places: Array) -> dict[str, Array]:
        """What each unit answers at these places (P, 2), and "p", how likely each class is.

        Hidden layers by name, after the activation: "fc1" is (P, 8).
        """
        x = np.asarray(places)
        if x.ndim != 2 or x.shape[1] != 2 or not len(x) or x.dtype.kind not in "fiu":
            raise ValueError(f"got places as {x.dtype} {x.shape}, needs two numbers each: (P, 2)")
        seen = self._forward(x.astype(np.float32))
        bent = seen.all("act") if self.settings.hidden else ()
        units = {f"fc{i}": step.output for i, step in enumerate(bent, 1) if step.output is not None}
        return {**units, "p": _shares(seen[f"fc{len(self.settings.hidden) + 1}"].output)}

    def trace(self, n: int | None = None, *, whole: bool = False) -> Trace:
        """Of the batch that the next step takes, or of the whole set; of these the first n."""
        if n is not None and n < 1:
            raise ValueError(f"got n={n}, but a trace needs an example or more to look at")
        x, y = examples(self.points) if whole else next(deepcopy(self.training.batches))
        return self._experiment(x[:n], y[:n]).trace()

    def _expect_weight(self, name: str) -> None:
        if name not in (names := self.weights()):
            raise ValueError(f"no weight is called {name!r}; there are {', '.join(names)}")


def _shares(z: Any) -> Array:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)
