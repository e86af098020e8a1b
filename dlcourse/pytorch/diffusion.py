"""Diffusion: a net learns to see the noise in noisy data; then it turns noise into data.

    diffusion = Diffusion(cosine_betas(100))
    loss = diffusion.loss(net, x0, t, noise)
    for x in diffusion.denoise(net, noise, rng): ...    # the last x is the sample

Axes: B batch, F features (the pixels of a picture, the coordinates of a point), N steps of noise.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcourse.pytorch.positions import sinusoids


def linear_betas(steps: int) -> Tensor:
    """How much noise each step adds (N,): evenly more and more, in sum always about 10"""
    return (torch.linspace(0.1, 20, steps, dtype=torch.float64) / steps).clamp(max=0.999)


def cosine_betas(steps: int) -> Tensor:
    """Such that ᾱ falls like cos², gently at both ends: good with few steps too"""
    t = torch.arange(steps + 1, dtype=torch.float64)
    left = torch.cos((t / steps + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - left[1:] / left[:-1]).clamp(max=0.999)


class NoisePredictor(nn.Module):
    """ε̂ = net(xₜ, t, label): which noise is in x, if it is t steps noisy and shows this label

    A label equal to `classes`, or none at all, stands for "anything".
    """

    table: Tensor

    def __init__(self, features: int, width: int, steps: int, classes: int = 0):
        super().__init__()
        self.classes = classes
        self.register_buffer("table", sinusoids(torch.arange(steps), width))
        self.data = nn.Linear(features, width)
        self.time = nn.Linear(width, width)
        self.label = nn.Embedding(classes + 1, width)
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.head = nn.Linear(width, features)
        self.act = nn.GELU(approximate="tanh")

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        if label is None:
            label = torch.full((len(x),), self.classes, device=x.device)
        h = self.data(x)
        when = self.time(self.table[t])
        what = self.label(label)
        h = self.act(h + when + what)
        h = self.act(self.fc1(h))
        h = self.act(self.fc2(h))
        return self.head(h)

    def hide(self, label: Tensor, rng: np.random.Generator, part: float = 0.1) -> Tensor:
        """The labels, a part of them replaced by "anything": so the net learns both ways."""
        hidden = torch.from_numpy(rng.random(len(label)) < part).to(label.device)
        return torch.where(hidden, self.classes, label)


class Diffusion:
    """xₜ = √ᾱₜ x₀ + √(1 - ᾱₜ) ε with ᾱₜ = Π (1 - β), over all steps to t: less and less data"""

    def __init__(self, betas: Tensor) -> None:
        self.betas = betas
        self.left = torch.cumprod(1 - betas, 0)  # ᾱ, what is left of the data's variance (N,)

    def add_noise(self, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """All steps up to t at once, for each example (B, F) its own t (B,)."""
        left = self.left[t.cpu()][:, None].to(x0.dtype).to(x0.device)  # no doubles on Apple GPUs
        return left.sqrt() * x0 + (1 - left).sqrt() * noise

    def loss(
        self, net: nn.Module, x0: Tensor, t: Tensor, noise: Tensor, label: Tensor | None = None
    ) -> Tensor:
        """How far the guess is from the noise that was added: L = mean (ε̂ - ε)²"""
        guess = net(self.add_noise(x0, t, noise), t, label)
        return F.mse_loss(guess, noise)

    def guess(
        self, net: nn.Module, x: Tensor, t: int, label: Tensor | None, guidance: float
    ) -> Tensor:
        """Without a label, and from there `guidance` times the way to what it is with one."""
        steps = torch.full((len(x),), t, device=x.device)
        plain = net(x, steps)
        if label is None:
            return plain
        told = net(x, steps, label)
        return plain + guidance * (told - plain)

    @torch.no_grad()
    def denoise(
        self,
        net: nn.Module,
        x: Tensor,
        rng: np.random.Generator,
        label: Tensor | None = None,
        guidance: float = 1.0,
    ) -> Iterator[Tensor]:
        """From pure noise x (B, F) to data: yields what there is after every step; N steps."""
        betas, lefts = self.betas.tolist(), self.left.tolist()
        for t in reversed(range(len(betas))):
            beta, left, before = betas[t], lefts[t], lefts[t - 1] if t else 1.0
            much = beta / math.sqrt(1 - left)
            x = (x - much * self.guess(net, x, t, label, guidance)) / math.sqrt(1 - beta)
            spread = math.sqrt(beta * (1 - before) / (1 - left))
            x = x + spread * torch.from_numpy(rng.normal(size=x.shape)).to(x.dtype).to(x.device)
            yield x
