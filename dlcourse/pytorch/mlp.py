"""A multi-layer perceptron: the first net of the course, with two hidden layers."""

from torch import Tensor, nn


class MLP(nn.Module):
    """y = W₃ relu(W₂ relu(W₁ x + b₁) + b₂) + b₃"""

    def __init__(self, features: int, hidden1: int, hidden2: int, classes: int):
        super().__init__()
        self.fc1 = nn.Linear(features, hidden1)
        self.fc2 = nn.Linear(hidden1, hidden2)
        self.fc3 = nn.Linear(hidden2, classes)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        h = self.fc1(x)
        h = self.act(h)
        h = self.fc2(h)
        h = self.act(h)
        return self.fc3(h)
