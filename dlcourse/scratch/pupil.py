"""A classifier of points in the plane, from scratch, that learns while it is watched.

pupil = Pupil(moons(200, rng=rng), hidden=(8, 4), lr=0.03)
pupil.learn(100)
other = pupil.fork(50, lr=0.3)      # what would have come of a larger learning rate?
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dlcourse.learner import Learner
from dlcourse.rounds import Shuffled
from dlcourse.scratch.activations import GELU, LeakyReLU, ReLU, Sigmoid, Tanh
from dlcourse.scratch.example import Example
from dlcourse.scratch.experiment import Experiment
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Linear, Rng
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from dlcourse.scratch.record import trace
from dlcourse.scratch.time_travel import Training
from dlcourse.scratch.train import fit
from dlcourse.trace import Array, Row, Trace

__all__ = ["Classifier", "Pupil"]

BENDS: dict[str, type[Layer]] = {
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "gelu": GELU,
}


class Classifier(Layer):
    """As many Linear layers as wanted, fc1, fc2, ..., and the activation between each two"""

    reads_once = True

    def __init__(self, sizes: Sequence[int], activation: str = "tanh", *, rng: Rng) -> None:
        self.depth = len(sizes) - 1
        for i in range(self.depth):
            setattr(self, f"fc{i + 1}", Linear(sizes[i], sizes[i + 1], rng=rng))
        self.act = BENDS[activation]()

    def forward(self, x: Array) -> tuple[Array, Back]:
        backs = []
        for i in range(1, self.depth + 1):
            x, back = getattr(self, f"fc{i}")(x)
            backs.append(back)
            if i < self.depth:
                x, back = self.act(x)
                backs.append(back)

        def back_through_all(dy: Array) -> Array:
            for back in reversed(backs):
                dy = back(dy)
            return dy

        return x, back_through_all


class Pupil(Learner):
    """Learns in NumPy; everything else it can do is written in dlcourse/learner.py."""

    backend = "numpy"

    def _training(self, weights: Mapping[str, Array], batches: Shuffled) -> Training:
        net = Classifier(self.sizes, self.activation, rng=np.random.default_rng(self.seed))
        net.load_state_dict(weights)
        return Training(net, self._optimizer(net), batches)

    def _optimizer(self, net: Layer) -> Optimizer:
        params, lr, decay = net.parameters(), self.lr, self.weight_decay
        match self.optimizer:
            case "Adam" | "AdamW":
                kind = Adam if self.optimizer == "Adam" else AdamW
                return kind(params, lr, weight_decay=decay)
            case "RMSprop":
                return RMSprop(params, lr)
        momentum = 0.9 if self.optimizer == "Momentum" else 0.0
        return SGD(params, lr, momentum, weight_decay=decay)

    def _rows(self, steps: range) -> Iterator[Row]:
        t = self.training
        return fit(t.net, cross_entropy, t.optimizer, t.batches, steps=steps)

    def _experiment(self, x: Array, y: Array) -> Experiment:
        return Experiment(self.training.net, x, loss=lambda z: cross_entropy(z, y), seed=self.seed)

    def _forward(self, x: Array) -> Trace:
        return trace(self.training.net, x)


def examples(rng: Rng) -> list[Example]:
    x = rng.normal(size=(5, 2))
    deep = Example(Classifier, ((2, 8, 4, 3), "tanh"), (x,))
    return [
        deep,
        Example(Classifier, ((2, 6, 2), "gelu"), (x,)),
        Example(Classifier, ((2, 2),), (x,)),
    ]
