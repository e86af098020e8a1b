"""Autoencoders: squeeze the input through a narrow place and build it up again.

What gets through must be what matters, and nobody has to say what that is: the input is its own
target. Axes: B batch, D numbers of an example, C channels, H rows, W columns.
"""

from dlcourse.scratch.activations import ReLU
from dlcourse.scratch.conv import Conv2d, ConvTranspose2d
from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Linear, Rng, Sequential
from dlcourse.trace import Array


class Autoencoder(Layer):
    """y = decoder(encoder(x)), where the code between has only `latent` numbers"""

    reads_once = True

    def __init__(self, features: int, hidden: int, latent: int, *, rng: Rng) -> None:
        self.encoder = Sequential(
            Linear(features, hidden, rng=rng), ReLU(), Linear(hidden, latent, rng=rng)
        )
        self.decoder = Sequential(
            Linear(latent, hidden, rng=rng), ReLU(), Linear(hidden, features, rng=rng)
        )

    def forward(self, x: Array) -> tuple[Array, Back]:
        code, back_encoder = self.encoder(x)  # (B, latent)
        y, back_decoder = self.decoder(code)  # (B, D)
        return y, lambda dy: back_encoder(back_decoder(dy))


class ConvAutoencoder(Layer):
    """The same for pictures: two convolutions halve height and width, two reversed ones double"""

    reads_once = True

    def __init__(self, channels: int, width: int, latent: int, *, rng: Rng) -> None:
        self.encoder = Sequential(
            Conv2d(channels, width, 3, stride=2, padding=1, rng=rng),
            ReLU(),
            Conv2d(width, latent, 3, stride=2, padding=1, rng=rng),
        )
        self.decoder = Sequential(
            ConvTranspose2d(latent, width, 2, stride=2, rng=rng),
            ReLU(),
            ConvTranspose2d(width, channels, 2, stride=2, rng=rng),
        )

    def forward(self, x: Array) -> tuple[Array, Back]:
        code, back_encoder = self.encoder(x)  # (B, latent, H / 4, W / 4)
        y, back_decoder = self.decoder(code)  # (B, C, H, W)
        return y, lambda dy: back_encoder(back_decoder(dy))


def examples(rng: Rng) -> list[Example]:
    return [
        Example(Autoencoder, (7, 5, 2), (rng.normal(size=(4, 7)),)),
        Example(ConvAutoencoder, (2, 5, 3), (rng.normal(size=(3, 2, 8, 12)),)),
    ]
