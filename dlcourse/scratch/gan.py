"""Two nets in competition: one makes fakes, the other tells them from what is real.

Axes: B batch, D numbers of an example, L numbers of the noise that a fake is made from.
"""

import numpy as np

from dlcourse.scratch.activations import LeakyReLU
from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Linear, Rng
from dlcourse.scratch.losses import binary_cross_entropy_with_logits
from dlcourse.scratch.optim import Optimizer
from dlcourse.trace import Array


class Generator(Layer):
    """noise (B, L) → fakes (B, D)"""

    def __init__(self, latent: int, hidden: int, features: int, *, rng: Rng) -> None:
        self.fc1 = Linear(latent, hidden, rng=rng)
        self.fc2 = Linear(hidden, hidden, rng=rng)
        self.fc3 = Linear(hidden, features, rng=rng)
        self.act = LeakyReLU(0.2)

    def forward(self, noise: Array) -> tuple[Array, Back]:
        h, back1 = self.fc1(noise)
        h, back_act1 = self.act(h)
        h, back2 = self.fc2(h)
        h, back_act2 = self.act(h)
        fakes, back3 = self.fc3(h)
        return fakes, lambda dfakes: back1(back_act1(back2(back_act2(back3(dfakes)))))


class Discriminator(Layer):
    """examples (B, D) → scores (B, 1): above zero it takes them for real"""

    def __init__(self, features: int, hidden: int, *, rng: Rng) -> None:
        self.fc1 = Linear(features, hidden, rng=rng)
        self.fc2 = Linear(hidden, hidden, rng=rng)
        self.fc3 = Linear(hidden, 1, rng=rng)
        self.act = LeakyReLU(0.2)  # where a ReLU is silent, the generator would learn nothing

    def forward(self, x: Array) -> tuple[Array, Back]:
        h, back1 = self.fc1(x)
        h, back_act1 = self.act(h)
        h, back2 = self.fc2(h)
        h, back_act2 = self.act(h)
        scores, back3 = self.fc3(h)
        return scores, lambda dscores: back1(back_act1(back2(back_act2(back3(dscores)))))


def judge_step(judge: Layer, optimizer: Optimizer, real: Array, fakes: Array) -> float:
    """The discriminator learns to say yes to what is real, and no to the fakes."""
    yes, back_yes = judge(real)
    no, back_no = judge(fakes)
    loss_yes, loss_back_yes = binary_cross_entropy_with_logits(yes, np.ones_like(yes))
    loss_no, loss_back_no = binary_cross_entropy_with_logits(no, np.zeros_like(no))
    optimizer.zero_grad()
    back_yes(loss_back_yes())
    back_no(loss_back_no())  # how the fakes should change is thrown away: they are not its own
    optimizer.step()
    return loss_yes + loss_no


def maker_step(maker: Layer, optimizer: Optimizer, judge: Layer, noise: Array) -> float:
    """The generator learns to make what the discriminator says yes to."""
    fakes, back_maker = maker(noise)
    scores, back_judge = judge(fakes)
    loss, loss_back = binary_cross_entropy_with_logits(scores, np.ones_like(scores))
    optimizer.zero_grad()
    back_maker(back_judge(loss_back()))  # through the judge, who is not moved, into the maker
    optimizer.step()
    judge.zero_grad()  # what this has left there was not meant for it
    return loss


def examples(rng: Rng) -> list[Example]:
    return [
        Example(Generator, (3, 8, 2), (rng.normal(size=(5, 3)),)),
        Example(Discriminator, (2, 8), (rng.normal(size=(5, 2)),)),
    ]
