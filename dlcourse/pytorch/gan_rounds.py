"""The duel in slow motion: each round of two competing nets as plain arrays, to be looked at.

    rounds = duel_rounds(maker, judge, optimizers, batches, frame=(-2, 2, -2, 2))
    first = list(itertools.islice(rounds, 40))          # and viz.duel(first, more=rounds)

Axes: B batch, G cells of a square grid in the plane, L numbers of the noise.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

from dlcourse.pytorch.gan import judge_step, maker_step
from dlcourse.trace import Array

__all__ = ["duel_rounds"]


def duel_rounds(
    maker: nn.Module,
    judge: nn.Module,
    optimizers: tuple[Optimizer, Optimizer],
    batches: Iterable[tuple[Tensor, Tensor]],
    *,
    frame: tuple[float, float, float, float],
    cells: int = 25,
    every: int = 1,
) -> Iterator[dict[str, Any]]:
    """Play; yield every so many rounds what happened in one. `optimizers`: maker's, then judge's.

    `batches` gives (real points (B, 2), noise (B, L)); the same noise serves both nets, so that
    a fake can be followed through its round. `frame`: left, right, bottom, top of the plane.
    """
    for number, (real, noise) in enumerate(batches):
        fakes = made(maker, noise)
        places = grid_places(frame, cells).to(real)
        seen: dict[str, Any] = {"round": number, "frame": np.array(frame, np.float32)}
        looking = number % every == 0
        if looking:
            seen |= {"noise": plain(noise), "real": plain(real), "fakes": plain(fakes)}
            seen |= {"says_real": belief(judge, real), "says_fakes": belief(judge, fakes)}
            seen["before"] = belief(judge, places).reshape(cells, cells)
        seen["judge_loss"] = judge_step(judge, optimizers[1], real, fakes)
        if looking:
            seen["after"] = belief(judge, places).reshape(cells, cells)
            seen["dfakes"] = fake_slopes(judge, fakes)
        seen["maker_loss"] = maker_step(maker, optimizers[0], judge, noise)
        if looking:
            yield seen | {"moved": plain(made(maker, noise))}


def plain(tensor: Tensor) -> Array:
    """A copy for the record: a tensor's own memory may change under it."""
    return tensor.detach().cpu().numpy().copy()


@torch.no_grad()
def made(maker: nn.Module, noise: Tensor) -> Tensor:
    return maker(noise)


def grid_places(frame: tuple[float, float, float, float], cells: int) -> Tensor:
    """Cells × cells places, row by row from the bottom left to the top right (G·G, 2)"""
    left, right, bottom, top = frame
    x, y = np.meshgrid(np.linspace(left, right, cells), np.linspace(bottom, top, cells))
    return torch.from_numpy(np.stack([x.ravel(), y.ravel()], axis=1))


@torch.no_grad()
def belief(judge: nn.Module, points: Tensor) -> Array:
    """How sure the judge is that each point is real: 0 … 1 (B,)"""
    return plain(judge(points)[:, 0].sigmoid())


def fake_slopes(judge: nn.Module, fakes: Tensor) -> Array:
    """How the maker's loss grows where a fake moves, dL/dfakes (B, 2); it wants to go against it"""
    fakes = fakes.detach().requires_grad_()
    scores = judge(fakes)
    loss = F.binary_cross_entropy_with_logits(scores, torch.ones_like(scores))
    (dfakes,) = torch.autograd.grad(loss, fakes)  # the judge was only asked: its .grad stay as is
    return plain(dfakes)
