"""A classifier of points in the plane, in PyTorch, that learns while it is watched.

pupil = Pupil(moons(200, rng=rng), hidden=(8, 4), lr=0.03)
pupil.learn(100)
other = pupil.fork(50, lr=0.3)      # what would have come of a larger learning rate?
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

from dlcourse.learner import Learner
from dlcourse.pytorch.experiment import Experiment
from dlcourse.pytorch.record import give_weights, trace
from dlcourse.pytorch.time_travel import Training
from dlcourse.pytorch.train import fit
from dlcourse.rounds import Shuffled
from dlcourse.trace import Array, Frame, Row, Trace

__all__ = ["Classifier", "Pupil"]

BENDS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": lambda: nn.GELU(approximate="tanh"),
}


class Classifier(nn.Module):
    """As many Linear layers as wanted, fc1, fc2, ..., and the activation between each two"""

    def __init__(self, sizes: Sequence[int], activation: str = "tanh") -> None:
        super().__init__()
        self.depth = len(sizes) - 1
        for i in range(self.depth):
            setattr(self, f"fc{i + 1}", nn.Linear(sizes[i], sizes[i + 1]))
        self.act = BENDS[activation]()

    def forward(self, x: Tensor) -> Tensor:
        for i in range(1, self.depth + 1):
            x = getattr(self, f"fc{i}")(x)
            if i < self.depth:
                x = self.act(x)
        return x


class Pupil(Learner):
    """Learns in PyTorch; everything else it can do is written in dlcourse/learner.py."""

    backend = "torch"

    def _training(self, weights: Mapping[str, Array], batches: Shuffled) -> Training:
        with torch.random.fork_rng(devices=[]):  # nn.Linear draws; nobody else shall notice
            net = Classifier(self.sizes, self.activation)
        give_weights(net, weights)
        return Training(net, self._optimizer(net), batches)

    def _optimizer(self, net: nn.Module) -> Optimizer:
        params, lr, decay = net.parameters(), self.lr, self.weight_decay
        match self.optimizer:
            case "Adam" | "AdamW":
                kind = torch.optim.Adam if self.optimizer == "Adam" else torch.optim.AdamW
                return kind(params, lr, weight_decay=decay)
            case "RMSprop":
                return torch.optim.RMSprop(params, lr)
        momentum = 0.9 if self.optimizer == "Momentum" else 0.0
        return torch.optim.SGD(params, lr, momentum, weight_decay=decay)

    def _restore(self, frame: Frame) -> None:
        """This net throws no dice: the state of torch's own is nothing that it may set back."""
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            super()._restore(frame)

    def _rows(self, steps: range) -> Iterator[Row]:
        t = self.training
        return fit(t.net, F.cross_entropy, t.optimizer, t.batches, steps=steps)

    def _experiment(self, x: Array, y: Array) -> Experiment:
        labels = torch.from_numpy(y)
        return Experiment(
            self.training.net, x, loss=lambda z: F.cross_entropy(z, labels), seed=self.seed
        )

    def _forward(self, x: Array) -> Trace:
        return trace(self.training.net, torch.from_numpy(x))
