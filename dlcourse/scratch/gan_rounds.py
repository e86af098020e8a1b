"""The duel in slow motion: each round of two competing nets as plain arrays, to be looked at.

    rounds = duel_rounds(maker, judge, optimizers, batches, frame=(-2, 2, -2, 2))
    first = list(itertools.islice(rounds, 40))          # and viz.duel(first, more=rounds)

Axes: B batch, G cells of a square grid in the plane, L numbers of the noise.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from dlcourse.scratch.gan import judge_step, maker_step
from dlcourse.scratch.layer import Layer
from dlcourse.scratch.losses import binary_cross_entropy_with_logits
from dlcourse.scratch.optim import Optimizer
from dlcourse.trace import Array

__all__ = ["duel_rounds"]


def duel_rounds(
    maker: Layer,
    judge: Layer,
    optimizers: tuple[Optimizer, Optimizer],
    batches: Iterable[tuple[Array, Array]],
    *,
    frame: tuple[float, float, float, float],
    cells: int = 25,
    every: int = 1,
) -> Iterator[dict[str, Any]]:
    """Play; yield every so many rounds what happened in one. `optimizers`: maker's, then judge's.

    `batches` gives (real points (B, 2), noise (B, L)); the same noise serves both nets, so that
    a fake can be followed through its round. `frame`: left, right, bottom, top of the plane.
    """
    places = grid_places(frame, cells)
    for number, (real, noise) in enumerate(batches):
        fakes, _ = maker(noise)
        seen: dict[str, Any] = {"round": number, "frame": np.array(frame, np.float32)}
        looking = number % every == 0
        if looking:
            seen |= {"noise": noise, "real": real, "fakes": fakes}
            seen |= {"says_real": belief(judge, real), "says_fakes": belief(judge, fakes)}
            seen["before"] = belief(judge, places).reshape(cells, cells)
        seen["judge_loss"] = judge_step(judge, optimizers[1], real, fakes)
        if looking:
            seen["after"] = belief(judge, places).reshape(cells, cells)
            seen["dfakes"] = fake_slopes(judge, fakes)
        seen["maker_loss"] = maker_step(maker, optimizers[0], judge, noise)
        if looking:
            yield seen | {"moved": maker(noise)[0]}


def grid_places(frame: tuple[float, float, float, float], cells: int) -> Array:
    """Cells × cells places, row by row from the bottom left to the top right (G·G, 2)"""
    left, right, bottom, top = frame
    x, y = np.meshgrid(np.linspace(left, right, cells), np.linspace(bottom, top, cells))
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def belief(judge: Layer, points: Array) -> Array:
    """How sure the judge is that each point is real: 0 … 1 (B,)"""
    scores, _ = judge(points)
    return 0.5 * (1 + np.tanh(0.5 * scores[:, 0]))  # a sigmoid that never overflows


def fake_slopes(judge: Layer, fakes: Array) -> Array:
    """How the maker's loss grows where a fake moves, dL/dfakes (B, 2); it wants to go against it"""
    scores, back_judge = judge(fakes)
    _, loss_back = binary_cross_entropy_with_logits(scores, np.ones_like(scores))
    dfakes = back_judge(loss_back())
    judge.zero_grad()  # it was only asked
    return dfakes
