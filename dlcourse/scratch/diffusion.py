"""Diffusion: a net learns to see the noise in noisy data; then it turns noise into data.

    diffusion = Diffusion(cosine_betas(100))
    loss, back = diffusion.loss(net, x0, t, noise)
    for x in diffusion.denoise(net, noise, rng): ...    # the last x is the sample

Axes: B batch, F features (the pixels of a picture, the coordinates of a point), N steps of noise.
"""

import math
from collections.abc import Iterator

import numpy as np

from dlcourse.scratch.activations import GELU
from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Embedding, Linear, Rng
from dlcourse.scratch.losses import mse_loss
from dlcourse.scratch.mistakes import LayerError, expect_axes, expect_indices
from dlcourse.scratch.positions import sinusoids
from dlcourse.trace import Array


def linear_betas(steps: int) -> Array:
    """How much noise each step adds (N,): evenly more and more, in sum always about 10"""
    return np.minimum(np.linspace(0.1, 20, steps) / steps, 0.999)


def cosine_betas(steps: int) -> Array:
    """Such that ᾱ falls like cos², gently at both ends: good with few steps too"""
    left = np.cos((np.arange(steps + 1) / steps + 0.008) / 1.008 * math.pi / 2) ** 2
    return np.minimum(1 - left[1:] / left[:-1], 0.999)


class NoisePredictor(Layer):
    """ε̂ = net(xₜ, t, label): which noise is in x, if it is t steps noisy and shows this label

    A label equal to `classes`, or none at all, stands for "anything".
    """

    def __init__(self, features: int, width: int, steps: int, classes: int = 0, *, rng: Rng):
        self.classes = classes
        self.table = sinusoids(np.arange(steps), width)
        self.data = Linear(features, width, rng=rng)
        self.time = Linear(width, width, rng=rng)
        self.label = Embedding(classes + 1, width, rng=rng)
        self.fc1 = Linear(width, width, rng=rng)
        self.fc2 = Linear(width, width, rng=rng)
        self.head = Linear(width, features, rng=rng)
        self.act = GELU()

    def forward(self, x: Array, t: Array, label: Array | None = None) -> tuple[Array, Back]:
        label = np.full(len(x), self.classes) if label is None else label
        self.expect(x, t, label)
        h, back_data = self.data(x)
        when, back_time = self.time(self.table[t])
        what, back_label = self.label(label)
        h, back_act = self.act(h + when + what)
        h, back_fc1 = self.fc1(h)
        h, back_act1 = self.act(h)
        h, back_fc2 = self.fc2(h)
        h, back_act2 = self.act(h)
        y, back_head = self.head(h)

        def back(dy: Array) -> tuple[Array, None, None]:
            dh = back_fc1(back_act1(back_fc2(back_act2(back_head(dy)))))
            dh = back_act(dh)
            back_time(dh)
            back_label(dh)
            return back_data(dh), None, None

        return y, back

    def expect(self, x: Array, t: Array, label: Array) -> None:
        expect_axes(x, "B F", F=self.data.in_features)
        expect_indices(t, len(self.table), "steps t")
        for name, given in {"t": t, "label": label}.items():
            if given.shape != (len(x),):
                got = f"{name} of shape {given.shape} for {len(x)} examples"
                raise LayerError(f"got {got}, needs one for each: np.full(len(x), {name})?")

    def hide(self, label: Array, rng: Rng, part: float = 0.1) -> Array:
        """The labels, a part of them replaced by "anything": so the net learns both ways."""
        return np.where(rng.random(len(label)) < part, self.classes, label)


class Diffusion:
    """xₜ = √ᾱₜ x₀ + √(1 - ᾱₜ) ε with ᾱₜ = Π (1 - β), over all steps to t: less and less data"""

    def __init__(self, betas: Array) -> None:
        self.betas = betas
        self.left = np.cumprod(1 - betas)  # ᾱ, what is left of the data's variance (N,)

    def add_noise(self, x0: Array, t: Array, noise: Array) -> Array:
        """All steps up to t at once, for each example (B, F) its own t (B,)."""
        left = self.left[t][:, None].astype(x0.dtype)
        return np.sqrt(left) * x0 + np.sqrt(1 - left) * noise

    def loss(
        self, net: Layer, x0: Array, t: Array, noise: Array, label: Array | None = None
    ) -> tuple[float, Back]:
        """How far the guess is from the noise that was added: L = mean (ε̂ - ε)²"""
        guess, back = net(self.add_noise(x0, t, noise), t, label)
        loss, back_loss = mse_loss(guess, noise)
        return loss, lambda dloss=1.0: back(back_loss(dloss))

    def guess(self, net: Layer, x: Array, t: int, label: Array | None, guidance: float) -> Array:
        """Without a label, and from there `guidance` times the way to what it is with one."""
        steps = np.full(len(x), t)
        plain, _ = net(x, steps)
        if label is None:
            return plain
        told, _ = net(x, steps, label)
        return plain + guidance * (told - plain)

    def denoise(
        self, net: Layer, x: Array, rng: Rng, label: Array | None = None, guidance: float = 1.0
    ) -> Iterator[Array]:
        """From pure noise x (B, F) to data: yields what there is after every step; N steps.

        Each step takes out what the net thinks is too much noise, and puts a little back in: the
        net has seen noise of this strength only. The last step puts none back.
        """
        for t in reversed(range(len(self.betas))):
            beta, left, before = self.betas[t], self.left[t], self.left[t - 1] if t else 1.0
            much = float(beta / math.sqrt(1 - left))
            x = (x - much * self.guess(net, x, t, label, guidance)) / math.sqrt(1 - beta)
            spread = math.sqrt(beta * (1 - before) / (1 - left))
            x = x + spread * rng.normal(size=x.shape).astype(x.dtype)
            yield x


def examples(rng: Rng) -> list[Example]:
    x, t, label = rng.normal(size=(5, 3)), rng.integers(0, 9, 5), rng.integers(0, 3, 5)
    return [
        Example(NoisePredictor, (3, 4, 9, 2), (x, t, label)),
        Example(NoisePredictor, (3, 4, 9), (x, t)),
    ]
