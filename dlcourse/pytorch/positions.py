"""Where a token stands. Attention alone could not tell a sentence from its shuffled words.

Axes: B batch, T places, D width.
"""

import math

import torch
from torch import Tensor, nn


class LearnedPositions(nn.Module):
    """y = x + W[place]: each place learns its own numbers"""

    def __init__(self, context: int, width: int):
        super().__init__()
        self.context, self.width = context, width
        self.weight = nn.Parameter(torch.randn(context, width))

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        return x + self.weight[_places(x, start)]


class SinusoidalPositions(nn.Module):
    """y = x + table[place]: hands of many clocks, fast ones and slow ones; nothing to learn"""

    table: Tensor

    def __init__(self, context: int, width: int):
        super().__init__()
        self.context, self.width = context, width
        self.register_buffer("table", sinusoids(torch.arange(context), width))

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        return x + self.table[_places(x, start)]


def sinusoids(places: Tensor, width: int) -> Tensor:
    """Sine and cosine of each place at width / 2 speeds, from 1 down to almost 1 / 10,000"""
    speeds = torch.exp(torch.arange(0, width, 2).double() * (-math.log(10_000) / width))
    angles = places[:, None] * speeds  # (T, D / 2)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1).float()  # (T, D)


def _places(x: Tensor, start: int) -> slice:
    if start < 0:
        raise ValueError(f"got start={start}, needs the place of the first token, 0 or more")
    return slice(start, start + x.shape[1])
