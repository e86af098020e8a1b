"""A residual net: each block adds to what is there, so gradients have a road straight through.

Axes: B batch, C channels, H rows, W columns.
"""

import numpy as np

from dlcourse.scratch.activations import ReLU
from dlcourse.scratch.conv import Conv2d
from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Linear, Rng, Sequential
from dlcourse.scratch.norm import BatchNorm2d
from dlcourse.trace import Array


class BasicBlock(Layer):
    """y = relu(f(x) + x), so dx = what comes back through f + what comes back as it is

    With a stride, or with more channels than before, x does not fit to f(x); then the short cut is
    a convolution by a window of one pixel, which has the same stride.
    """

    def __init__(self, channels: int, width: int, stride: int = 1, *, rng: Rng) -> None:
        self.conv1 = Conv2d(channels, width, 3, stride, 1, bias=False, rng=rng)
        self.bn1 = BatchNorm2d(width)  # its β is the bias
        self.conv2 = Conv2d(width, width, 3, 1, 1, bias=False, rng=rng)
        self.bn2 = BatchNorm2d(width)
        self.act = ReLU()
        self.shortcut = Sequential()
        if stride > 1 or channels != width:
            fit = Conv2d(channels, width, 1, stride, bias=False, rng=rng)
            self.shortcut = Sequential(fit, BatchNorm2d(width))

    def forward(self, x: Array) -> tuple[Array, Back]:
        h, back_conv1 = self.conv1(x)
        h, back_bn1 = self.bn1(h)
        h, back_act1 = self.act(h)
        h, back_conv2 = self.conv2(h)
        h, back_bn2 = self.bn2(h)
        short, back_short = self.shortcut(x)
        y, back_act2 = self.act(h + short)

        def back(dy: Array) -> Array:
            dsum = back_act2(dy)  # a sum hands its gradient to both sides
            dlong = back_conv1(back_bn1(back_act1(back_conv2(back_bn2(dsum)))))
            return dlong + back_short(dsum)

        return y, back


class ResNet(Layer):
    """conv → three stages of blocks, each half as large and twice as wide → mean → linear"""

    reads_once = True

    def __init__(
        self, channels: int = 3, width: int = 16, depth: int = 1, classes: int = 10, *, rng: Rng
    ) -> None:
        self.conv = Conv2d(channels, width, 3, padding=1, bias=False, rng=rng)
        self.bn = BatchNorm2d(width)
        self.act = ReLU()
        blocks, before = [], width
        for stage in range(3):
            for i in range(depth):
                now, stride = width * 2**stage, 2 if stage > 0 and i == 0 else 1
                blocks.append(BasicBlock(before, now, stride, rng=rng))
                before = now
        self.blocks = Sequential(*blocks)
        self.fc = Linear(before, classes, rng=rng)

    def forward(self, x: Array) -> tuple[Array, Back]:
        h, back_conv = self.conv(x)
        h, back_bn = self.bn(h)
        h, back_act = self.act(h)
        h, back_blocks = self.blocks(h)  # (B, C, H, W)
        y, back_fc = self.fc(h.mean((2, 3)))  # where in the picture does not matter: (B, C)

        def back(dy: Array) -> Array:
            share = back_fc(dy) / (h.shape[2] * h.shape[3])  # each pixel's share of the mean
            dh = np.broadcast_to(share[:, :, None, None], h.shape)
            return back_conv(back_bn(back_act(back_blocks(dh))))

        return y, back


def examples(rng: Rng) -> list[Example]:
    return [
        Example(BasicBlock, (3, 3), (rng.normal(size=(3, 3, 4, 5)),)),
        Example(ResNet, (2, 4, 2, 3), (rng.normal(size=(3, 2, 9, 7)),)),
    ]
