"""Autoencoders: squeeze the input through a narrow place and build it up again.

What gets through must be what matters, and nobody has to say what that is: the input is its own
target. Axes: B batch, D numbers of an example, C channels, H rows, W columns.
"""

from torch import Tensor, nn


class Autoencoder(nn.Module):
    """y = decoder(encoder(x)), where the code between has only `latent` numbers"""

    def __init__(self, features: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, latent)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, features)
        )

    def forward(self, x: Tensor) -> Tensor:
        code = self.encoder(x)  # (B, latent)
        return self.decoder(code)  # (B, D)


class ConvAutoencoder(nn.Module):
    """The same for pictures: two convolutions halve height and width, two reversed ones double"""

    def __init__(self, channels: int, width: int, latent: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, latent, 3, stride=2, padding=1),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(latent, width, 2, stride=2),
            nn.ReLU(),
            nn.ConvTranspose2d(width, channels, 2, stride=2),
        )

    def forward(self, x: Tensor) -> Tensor:
        code = self.encoder(x)  # (B, latent, H / 4, W / 4)
        return self.decoder(code)  # (B, C, H, W)
