"""Diffusion in both directions, step by step as plain arrays, to be looked at.

    steps = record_diffusion(process, net, x0, rng)     # then viz.denoising(steps)

Axes: N steps of noise, B examples, F features, G cells of a square grid in the plane.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from dlcourse.pytorch.diffusion import Diffusion
from dlcourse.trace import Array

__all__ = ["record_diffusion"]


@torch.no_grad()
def record_diffusion(
    process: Diffusion,
    net: nn.Module,
    x0: Tensor,
    rng: np.random.Generator,
    label: Tensor | None = None,
    guidance: float = 1.0,
    *,
    cells: int = 15,
) -> dict[str, Array]:
    """Noise is added to x0 (B, F) step by step; from where that ends, the net leads back.

    forward, backward (N + 1, B, F)   what there is after 0, 1, … N steps
    guesses (N, B, F)                 the noise that the net saw before each step backward
    left (N,)                         ᾱ: what is left of the data's variance after step t
    field (N, G, G, 2), frame (4,)    for points: the noise it sees in every place, at every t
    """
    forward = _forward(process, x0, rng)
    backward, guesses = [forward[-1]], []
    for i, x in enumerate(process.denoise(net, forward[-1], rng, label, guidance)):
        t = len(process.betas) - 1 - i
        guesses.append(process.guess(net, backward[-1], t, label, guidance))
        backward.append(x)
    steps = {"forward": _plain(forward), "backward": _plain(backward)}
    steps |= {"guesses": _plain(guesses), "left": process.left.cpu().numpy()}
    return steps | (_field(process, net, steps, x0, cells) if x0.shape[1] == 2 else {})


def _plain(tensors: list[Tensor]) -> Array:
    return torch.stack(tensors).cpu().numpy()


def _forward(process: Diffusion, x: Tensor, rng: np.random.Generator) -> list[Tensor]:
    """Each step on top of the last one, each with noise of its own."""
    path = [x]
    for beta in process.betas.tolist():
        noise = torch.from_numpy(rng.normal(size=x.shape)).to(x)
        x = math.sqrt(1 - beta) * x + math.sqrt(beta) * noise
        path.append(x)
    return path


def _field(
    process: Diffusion, net: nn.Module, steps: dict[str, Array], like: Tensor, cells: int
) -> dict[str, Array]:
    reach = 1.05 * float(np.abs(steps["forward"]).max())  # backward a point may lose its way
    side = np.linspace(-reach, reach, cells)
    x, y = np.meshgrid(side, side)  # rows from the bottom to the top
    places = torch.from_numpy(np.stack([x.ravel(), y.ravel()], axis=1)).to(like)
    seen = [process.guess(net, places, t, None, 1.0) for t in range(len(process.betas))]
    frame = np.array([-reach, reach, -reach, reach])
    return {"field": _plain(seen).reshape(-1, cells, cells, 2), "frame": frame}
