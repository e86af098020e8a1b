"""A variational autoencoder: each input becomes not one code, but a small cloud of codes.

Because the clouds overlap and are held near zero, every code in between means something too: draw
any, decode it, and something new comes out. Axes: B batch, D numbers of an example, L of a code.
"""

from typing import Any

import numpy as np

from dlcourse.scratch.activations import ReLU
from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Linear, Rng, Sequential
from dlcourse.scratch.losses import binary_cross_entropy_with_logits, gaussian_kl
from dlcourse.trace import Array


class VAE(Layer):
    """z = μ(x) + σ(x)·ε with ε ~ N(0, 1), y = decoder(z), so dμ = dz, dlog σ² = dz·½σε, dε = dz·σ

    The luck ε comes from outside, as an argument. So z is a plain sum and product, and the gradient
    passes through it: this is the reparameterisation trick.
    """

    reads_once = True

    def __init__(self, features: int, hidden: int, latent: int, *, rng: Rng) -> None:
        self.encoder = Sequential(Linear(features, hidden, rng=rng), ReLU())
        self.mean = Linear(hidden, latent, rng=rng)
        self.log_var = Linear(hidden, latent, rng=rng)  # log σ² may be any number, σ must not
        self.decoder = Sequential(
            Linear(latent, hidden, rng=rng), ReLU(), Linear(hidden, features, rng=rng)
        )

    def forward(self, x: Array, noise: Array) -> tuple[tuple[Array, Array, Array], Back]:
        h, back_encoder = self.encoder(x)
        mean, back_mean = self.mean(h)  # (B, L)
        log_var, back_log_var = self.log_var(h)  # (B, L)
        sigma = np.exp(0.5 * log_var)
        y, back_decoder = self.decoder(mean + sigma * noise)  # (B, D)

        def back(danswer: tuple[Array, Array, Array]) -> tuple[Array, Array]:
            dy, dmean, dlog_var = danswer
            dz = back_decoder(dy)
            dh = back_mean(dmean + dz) + back_log_var(dlog_var + dz * 0.5 * sigma * noise)
            return back_encoder(dh), dz * sigma

        return (y, mean, log_var), back


def vae_loss(answer: tuple[Array, Array, Array], x: Array) -> tuple[float, Back]:
    """L = Σ over D of -log p(x | z) + KL: rebuild x (numbers from 0 to 1), and stay near N(0, 1)"""
    logits, mean, log_var = answer
    rebuilt, back_rebuilt = binary_cross_entropy_with_logits(logits, x)
    near, back_near = gaussian_kl(mean, log_var)
    features = x.shape[-1]

    def back(dloss: float = 1.0) -> Any:
        return back_rebuilt(dloss * features), *back_near(dloss)

    return rebuilt * features + near, back


def examples(rng: Rng) -> list[Example]:
    return [Example(VAE, (7, 6, 3), (rng.random((4, 7)), rng.normal(size=(4, 3))))]
