"""Two nets in competition: one makes fakes, the other tells them from what is real.

Axes: B batch, D numbers of an example, L numbers of the noise that a fake is made from.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


class Generator(nn.Module):
    """noise (B, L) → fakes (B, D)"""

    def __init__(self, latent: int, hidden: int, features: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(latent, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, features)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, noise: Tensor) -> Tensor:
        h = self.fc1(noise)
        h = self.act(h)
        h = self.fc2(h)
        h = self.act(h)
        return self.fc3(h)


class Discriminator(nn.Module):
    """examples (B, D) → scores (B, 1): above zero it takes them for real"""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 1)
        self.act = nn.LeakyReLU(0.2)  # where a ReLU is silent, the generator would learn nothing

    def forward(self, x: Tensor) -> Tensor:
        h = self.fc1(x)
        h = self.act(h)
        h = self.fc2(h)
        h = self.act(h)
        return self.fc3(h)


def judge_step(judge: nn.Module, optimizer: Optimizer, real: Tensor, fakes: Tensor) -> float:
    """The discriminator learns to say yes to what is real, and no to the fakes."""
    yes = judge(real)
    no = judge(fakes.detach())  # how the fakes should change is not asked: they are not its own
    loss_yes = F.binary_cross_entropy_with_logits(yes, torch.ones_like(yes))
    loss_no = F.binary_cross_entropy_with_logits(no, torch.zeros_like(no))
    optimizer.zero_grad()
    (loss_yes + loss_no).backward()
    optimizer.step()
    return (loss_yes + loss_no).item()


def maker_step(maker: nn.Module, optimizer: Optimizer, judge: nn.Module, noise: Tensor) -> float:
    """The generator learns to make what the discriminator says yes to."""
    fakes = maker(noise)
    scores = judge(fakes)
    loss = F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores))
    optimizer.zero_grad()
    loss.backward()  # through the judge, who is not moved, into the maker
    optimizer.step()
    judge.zero_grad()  # what this has left there was not meant for it
    return loss.item()
