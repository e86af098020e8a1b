"""GPT: a net that reads a text up to some place and says what comes next, for all places at once.

Axes: B batch, T places, D width, V vocabulary.
"""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from dlcourse.scratch.activations import GELU
from dlcourse.scratch.attention import Cache, MultiHeadAttention
from dlcourse.scratch.example import Example
from dlcourse.scratch.initial import initialise
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Dropout, Embedding, Linear, Rng, Sequential
from dlcourse.scratch.mistakes import LayerError, expect_axes
from dlcourse.scratch.norm import LayerNorm
from dlcourse.scratch.positions import LearnedPositions
from dlcourse.scratch.sampling import choose
from dlcourse.trace import Array


class TransformerBlock(Layer):
    """x += attention(norm(x)): places exchange; then x += mlp(norm(x)): each thinks for itself"""

    def __init__(self, width: int, heads: int, dropout: float = 0.0, *, rng: Rng) -> None:
        self.norm1 = LayerNorm(width)
        self.attn = MultiHeadAttention(width, heads, is_causal=True, rng=rng)
        self.drop = Dropout(dropout, rng=rng)
        self.norm2 = LayerNorm(width)
        self.mlp = Sequential(
            Linear(width, 4 * width, rng=rng), GELU(), Linear(4 * width, width, rng=rng)
        )

    def forward(self, x: Array) -> tuple[Array, Back]:
        h, back_norm1 = self.norm1(x)
        h, back_attn = self.attn(h)
        h, back_drop1 = self.drop(h)
        x = x + h
        h, back_norm2 = self.norm2(x)
        h, back_mlp = self.mlp(h)
        h, back_drop2 = self.drop(h)

        def back(dy: Array) -> Array:
            dx = dy + back_norm2(back_mlp(back_drop2(dy)))
            dh, _, _ = back_attn(back_drop1(dx))
            return dx + back_norm1(dh)

        return x + h, back

    def extend(self, x: Array, cache: Cache | None = None) -> tuple[Array, Cache]:
        """While sampling: the same for new places only; the cache stands for those before."""
        h, cache = self.attn.extend(self.norm1(x)[0], cache)
        x = x + h
        h, _ = self.mlp(self.norm2(x)[0])
        return x + h, cache


class GPT(Layer):
    """logits = W norm(blocks(token + position)): tokens (B, T) → logits (B, T, V)"""

    def __init__(
        self,
        vocab_size: int,
        context: int,
        width: int,
        heads: int,
        layers: int,
        dropout: float = 0.0,
        *,
        rng: Rng,
    ) -> None:
        self.context = context
        self.embed = Embedding(vocab_size, width, rng=rng)
        self.positions = LearnedPositions(context, width, rng=rng)
        self.drop = Dropout(dropout, rng=rng)
        self.blocks = [TransformerBlock(width, heads, dropout, rng=rng) for _ in range(layers)]
        self.norm = LayerNorm(width)
        self.head = Linear(width, vocab_size, bias=False, rng=rng)
        initialise(self, "small_normal", rng)  # at first no next token is likelier than another

    def forward(self, tokens: Array) -> tuple[Array, Back]:
        backs = []
        x: Array = tokens
        for layer in (self.embed, self.positions, self.drop, *self.blocks, self.norm, self.head):
            x, back = layer(x)
            backs.append(back)

        def back_all(dlogits: Array) -> None:
            dx = dlogits
            for back in reversed(backs):
                dx = back(dx)

        return x, back_all

    def extend(self, tokens: Array, caches: Sequence[Cache] = ()) -> tuple[Array, list[Cache]]:
        """While sampling: logits for new tokens alone, and what the next ones will need.

        Earlier places never look at later ones, so their keys and values need no second look.
        """
        start = caches[0][0].shape[2] if caches else 0
        x, _ = self.embed(tokens)
        x, _ = self.positions(x, start)
        longer = []
        for block, cache in zip_longest(self.blocks, caches):
            x, cache = block.extend(x, cache)
            longer.append(cache)
        return self.head(self.norm(x)[0])[0], longer

    def generate(self, prompt: Array, length: int, *, rng: Rng, **how: Any) -> Array:
        """Read the prompt (B, T), then write on, one token after the other: (B, T + length).

        `how` tokens are chosen is up to sampling.py: temperature, top_k, top_p. Once the text is
        longer than the context, each new token costs a new look at its last `context` tokens:
        all of them have moved to other places, and nothing in the caches fits.
        """
        if not isinstance(prompt, np.ndarray):
            got = f"a {type(prompt).__name__} as prompt"
            raise LayerError(f"generate got {got}, needs an array (B, T): np.array([tokens])?")
        expect_axes(prompt, "B T")
        if not prompt.shape[1]:
            raise LayerError("generate got no token to begin with, needs one or more in each row")
        text, new = prompt, prompt
        caches: list[Cache] = []
        for _ in range(length):
            if text.shape[1] > self.context:
                new, caches = text[:, -self.context :], []
            logits, caches = self.extend(new, caches)
            new = choose(logits[:, -1:], rng, **how)  # (B, 1)
            text = np.concatenate([text, new], axis=1)
        return text


def examples(rng: Rng) -> list[Example]:
    tokens = rng.integers(0, 11, (3, 5))
    return [
        Example(GPT, (11, 7, 8, 2, 2), (tokens,)),
        Example(GPT, (11, 5, 6, 1, 1, 0.4), (tokens,)),
    ]
