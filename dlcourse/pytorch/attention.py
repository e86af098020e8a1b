"""Attention: every place looks at all places and takes from each as much as it needs.

Axes: B batch, T places that ask, S places that are looked at, D width, d numbers a head.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Cache = tuple[Tensor, Tensor]  # keys and values of the places so far, each (B, heads, S, d)


class ScaledDotProductAttention(nn.Module):
    """Y = P V with P = softmax(Q Kᵀ / √d): a mean of the values, weighed by how well keys fit"""

    def __init__(self, is_causal: bool = False):
        super().__init__()
        self.is_causal = is_causal

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        T, S = query.shape[-2], key.shape[-2]
        causal = self.is_causal
        if causal and (mask is not None or T != S):  # PyTorch knows causal only without these
            past = torch.ones(T, S, dtype=torch.bool, device=query.device).tril(S - T)
            mask, causal = past if mask is None else mask & past, False
        return F.scaled_dot_product_attention(query, key, value, mask, is_causal=causal)


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each on d = D / heads numbers of the width"""

    def __init__(self, embed_dim: int, num_heads: int, is_causal: bool = False):
        super().__init__()
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.query = nn.Linear(embed_dim, embed_dim)
        self.key = nn.Linear(embed_dim, embed_dim)
        self.value = nn.Linear(embed_dim, embed_dim)
        self.attend = ScaledDotProductAttention(is_causal)
        self.proj = nn.Linear(embed_dim, embed_dim)

    def forward(
        self, x: Tensor, memory: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        source = x if memory is None else memory
        q, k, v = self.query(x), self.key(source), self.value(source)
        heads = map(self.split, (q, k, v))
        mixed = self.attend(*heads, None if mask is None else mask[..., None, None, :])
        return self.proj(self.merge(mixed))

    def extend(self, x: Tensor, cache: Cache | None = None) -> tuple[Tensor, Cache]:
        """While sampling: x are new places after those of the cache, whose keys and values stay."""
        q, k, v = (self.split(layer(x)) for layer in (self.query, self.key, self.value))
        if cache is not None:
            k, v = (torch.cat(pair, dim=2) for pair in zip(cache, (k, v), strict=True))
        return self.proj(self.merge(self.attend(q, k, v))), (k, v)

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)  # (B, heads, T, d)

    def merge(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)  # (B, T, D)
