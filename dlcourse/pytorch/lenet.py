"""Convolutional nets for small pictures. Axes: B batch, C channels, H rows, W columns."""

from torch import Tensor, nn


class LeNet(nn.Module):
    """Look for patterns, keep the strongest, look for patterns of patterns; then decide.

    conv 5×5 → relu → pool → conv 5×5 → relu → pool → linear, for pictures of 16×16 or more
    """

    def __init__(self, size: int = 28, channels: int = 1, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 8, 5)
        self.conv2 = nn.Conv2d(8, 16, 5)
        self.act = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        left = ((size - 4) // 2 - 4) // 2  # a window of 5 takes 4 from each side, a pool half
        self.fc = nn.Linear(16 * left * left, classes)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(x)  # (B, 8, 24, 24), where the picture has 28×28
        h = self.act(h)
        h = self.pool(h)  # (B, 8, 12, 12)
        h = self.conv2(h)  # (B, 16, 8, 8)
        h = self.act(h)
        h = self.pool(h)  # (B, 16, 4, 4)
        h = self.flatten(h)  # (B, 256)
        return self.fc(h)


class SmallCNN(LeNet):
    """The same with windows of 3×3 and a frame of zeros, which fits pictures from 4×4 on"""

    def __init__(
        self, size: int = 32, channels: int = 3, width: int = 32, classes: int = 10
    ) -> None:
        nn.Module.__init__(self)
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.act = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        left = size // 4  # only the two pools make it smaller
        self.fc = nn.Linear(width * left * left, classes)
