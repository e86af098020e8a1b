"""GPT: a net that reads a text up to some place and says what comes next, for all places at once.

Axes: B batch, T places, D width, V vocabulary.
"""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlcourse.pytorch.attention import Cache, MultiHeadAttention
from dlcourse.pytorch.positions import LearnedPositions
from dlcourse.pytorch.sampling import choose


class TransformerBlock(nn.Module):
    """x += attention(norm(x)): places exchange; then x += mlp(norm(x)): each thinks for itself"""

    def __init__(self, width: int, heads: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = MultiHeadAttention(width, heads, is_causal=True)
        self.drop = nn.Dropout(dropout)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop(self.attn(self.norm1(x)))
        return x + self.drop(self.mlp(self.norm2(x)))

    def extend(self, x: Tensor, cache: Cache | None = None) -> tuple[Tensor, Cache]:
        """While sampling: the same for new places only; the cache stands for those before."""
        h, cache = self.attn.extend(self.norm1(x), cache)
        x = x + h
        return x + self.mlp(self.norm2(x)), cache


class GPT(nn.Module):
    """logits = W norm(blocks(token + position)): tokens (B, T) → logits (B, T, V)"""

    def __init__(
        self,
        vocab_size: int,
        context: int,
        width: int,
        heads: int,
        layers: int,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(vocab_size, width)
        self.positions = LearnedPositions(context, width)
        self.drop = nn.Dropout(dropout)
        self.blocks: Any = nn.ModuleList(
            TransformerBlock(width, heads, dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocab_size, bias=False)
        for name, param in self.named_parameters():
            if param.ndim > 1:
                nn.init.normal_(param, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(param)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.drop(self.positions(self.embed(tokens)))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

    def extend(self, tokens: Tensor, caches: Sequence[Cache] = ()) -> tuple[Tensor, list[Cache]]:
        """While sampling: logits for new tokens alone, and what the next ones will need."""
        start = caches[0][0].shape[2] if caches else 0
        x = self.positions(self.embed(tokens), start)
        longer = []
        for block, cache in zip_longest(self.blocks, caches):
            x, cache = block.extend(x, cache)
            longer.append(cache)
        return self.head(self.norm(x)), longer

    @torch.no_grad()
    def generate(
        self, prompt: Tensor, length: int, *, rng: np.random.Generator, **how: Any
    ) -> Tensor:
        """Read the prompt (B, T), then write on, one token after the other: (B, T + length).

        `how` tokens are chosen is up to sampling.py: temperature, top_k, top_p. Once the text is
        longer than the context, each new token costs a new look at its last `context` tokens:
        all of them have moved to other places, and nothing in the caches fits.
        """
        text, new = prompt, prompt
        caches: list[Cache] = []
        for _ in range(length):
            if text.shape[1] > self.context:
                new, caches = text[:, -self.context :], []
            logits, caches = self.extend(new, caches)
            new = choose(logits[:, -1:], rng, **how)  # (B, 1)
            text = torch.cat([text, new], dim=1)
        return text
