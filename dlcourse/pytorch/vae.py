"""A variational autoencoder: each input becomes not one code, but a small cloud of codes.

Because the clouds overlap and are held near zero, every code in between means something too: draw
any, decode it, and something new comes out. Axes: B batch, D numbers of an example, L of a code.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class VAE(nn.Module):
    """z = μ(x) + σ(x)·ε with ε ~ N(0, 1), y = decoder(z)

    The luck ε comes from outside, as an argument. So z is a plain sum and product, and the gradient
    passes through it: this is the reparameterisation trick.
    """

    def __init__(self, features: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(features, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent)
        self.log_var = nn.Linear(hidden, latent)  # log σ² may be any number, σ must not
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, features)
        )

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self.encoder(x)
        mean = self.mean(h)  # (B, L)
        log_var = self.log_var(h)  # (B, L)
        sigma = torch.exp(0.5 * log_var)
        return self.decoder(mean + sigma * noise), mean, log_var  # (B, D), (B, L), (B, L)


def vae_loss(answer: tuple[Tensor, Tensor, Tensor], x: Tensor) -> Tensor:
    """L = Σ over D of -log p(x | z) + KL: rebuild x (numbers from 0 to 1), and stay near N(0, 1)"""
    logits, mean, log_var = answer
    rebuilt = F.binary_cross_entropy_with_logits(logits, x)
    near = 0.5 * (mean**2 + log_var.exp() - log_var - 1).sum() / len(mean)
    return rebuilt * x.shape[-1] + near
