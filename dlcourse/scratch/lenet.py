"""Convolutional nets for small pictures. Axes: B batch, C channels, H rows, W columns."""

from dlcourse.scratch.activations import ReLU
from dlcourse.scratch.conv import Conv2d
from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Flatten, Linear, Rng
from dlcourse.scratch.pooling import MaxPool2d
from dlcourse.trace import Array


class LeNet(Layer):
    """Look for patterns, keep the strongest, look for patterns of patterns; then decide.

    conv 5×5 → relu → pool → conv 5×5 → relu → pool → linear, for pictures of 16×16 or more
    """

    reads_once = True

    def __init__(self, size: int = 28, channels: int = 1, classes: int = 10, *, rng: Rng) -> None:
        self.conv1 = Conv2d(channels, 8, 5, rng=rng)
        self.conv2 = Conv2d(8, 16, 5, rng=rng)
        self.act = ReLU()
        self.pool = MaxPool2d(2)
        self.flatten = Flatten()
        left = ((size - 4) // 2 - 4) // 2  # a window of 5 takes 4 from each side, a pool half
        self.fc = Linear(16 * left * left, classes, rng=rng)

    def forward(self, x: Array) -> tuple[Array, Back]:
        h, back_conv1 = self.conv1(x)  # (B, 8, 24, 24), where the picture has 28×28
        h, back_act1 = self.act(h)
        h, back_pool1 = self.pool(h)  # (B, 8, 12, 12)
        h, back_conv2 = self.conv2(h)  # (B, 16, 8, 8)
        h, back_act2 = self.act(h)
        h, back_pool2 = self.pool(h)  # (B, 16, 4, 4)
        h, back_flatten = self.flatten(h)  # (B, 256)
        y, back_fc = self.fc(h)

        def back(dy: Array) -> Array:
            dh = back_conv2(back_act2(back_pool2(back_flatten(back_fc(dy)))))
            return back_conv1(back_act1(back_pool1(dh)))

        return y, back


class SmallCNN(LeNet):
    """The same with windows of 3×3 and a frame of zeros, which fits pictures from 4×4 on"""

    def __init__(
        self, size: int = 32, channels: int = 3, width: int = 32, classes: int = 10, *, rng: Rng
    ) -> None:
        self.conv1 = Conv2d(channels, width, 3, padding=1, rng=rng)
        self.conv2 = Conv2d(width, width, 3, padding=1, rng=rng)
        self.act = ReLU()
        self.pool = MaxPool2d(2)
        self.flatten = Flatten()
        left = size // 4  # only the two pools make it smaller
        self.fc = Linear(width * left * left, classes, rng=rng)


def examples(rng: Rng) -> list[Example]:
    return [
        Example(LeNet, (18, 2, 3), (rng.normal(size=(3, 2, 18, 18)),)),
        Example(SmallCNN, (9, 2, 4, 3), (rng.normal(size=(3, 2, 9, 9)),)),
    ]
