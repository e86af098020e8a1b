"""A multi-layer perceptron: the first net of the course, with two hidden layers."""

from dlcourse.scratch.activations import ReLU
from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Linear, Rng
from dlcourse.trace import Array


class MLP(Layer):
    """y = W₃ relu(W₂ relu(W₁ x + b₁) + b₂) + b₃"""

    reads_once = True

    def __init__(self, features: int, hidden1: int, hidden2: int, classes: int, *, rng: Rng):
        self.fc1 = Linear(features, hidden1, rng=rng)
        self.fc2 = Linear(hidden1, hidden2, rng=rng)
        self.fc3 = Linear(hidden2, classes, rng=rng)
        self.act = ReLU()

    def forward(self, x: Array) -> tuple[Array, Back]:
        h, back1 = self.fc1(x)
        h, back_act1 = self.act(h)
        h, back2 = self.fc2(h)
        h, back_act2 = self.act(h)
        y, back3 = self.fc3(h)
        return y, lambda dy: back1(back_act1(back2(back_act2(back3(dy)))))


def examples(rng: Rng) -> list[Example]:
    return [Example(MLP, (4, 8, 6, 3), (rng.normal(size=(5, 4)),))]
