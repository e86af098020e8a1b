"""A residual net: each block adds to what is there, so gradients have a road straight through.

Axes: B batch, C channels, H rows, W columns.
"""

from torch import Tensor, nn


class BasicBlock(nn.Module):
    """y = relu(f(x) + x)

    With a stride, or with more channels than before, x does not fit to f(x); then the short cut is
    a convolution by a window of one pixel, which has the same stride.
    """

    def __init__(self, channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)  # its β is the bias
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.act = nn.ReLU()
        self.shortcut = nn.Sequential()
        if stride > 1 or channels != width:
            fit = nn.Conv2d(channels, width, 1, stride, bias=False)
            self.shortcut = nn.Sequential(fit, nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(x)
        h = self.bn1(h)
        h = self.act(h)
        h = self.conv2(h)
        h = self.bn2(h)
        return self.act(h + self.shortcut(x))


class ResNet(nn.Module):
    """conv → three stages of blocks, each half as large and twice as wide → mean → linear"""

    def __init__(
        self, channels: int = 3, width: int = 16, depth: int = 1, classes: int = 10
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.act = nn.ReLU()
        blocks, before = [], width
        for stage in range(3):
            for i in range(depth):
                now, stride = width * 2**stage, 2 if stage > 0 and i == 0 else 1
                blocks.append(BasicBlock(before, now, stride))
                before = now
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(before, classes)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv(x)
        h = self.bn(h)
        h = self.act(h)
        h = self.blocks(h)  # (B, C, H, W)
        return self.fc(h.mean((2, 3)))  # where in the picture does not matter: (B, C)
