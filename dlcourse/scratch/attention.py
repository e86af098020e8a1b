"""Attention: every place looks at all places and takes from each as much as it needs.

Axes: B batch, T places that ask, S places that are looked at, D width, d numbers a head.
"""

import math

import numpy as np

from dlcourse.scratch.activations import softmax
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Linear, Rng
from dlcourse.scratch.mistakes import LayerError, expect_axes, expect_numbers
from dlcourse.trace import Array

Cache = tuple[Array, Array]  # keys and values of the places so far, each (B, heads, S, d)


class ScaledDotProductAttention(Layer):
    """Y = P V with P = softmax(Q Kᵀ / √d): a mean of the values, weighed by how well keys fit

    Queries (..., T, d), keys (..., S, d), values (..., S, any). A mask says True where a query
    may look, and stretches to (..., T, S). Causal: the queries are the last T of the S places,
    and none looks ahead.

    With Z = Q Kᵀ / √d: dV = Pᵀ dY, dP = dY Vᵀ, dZ = P (dP - Σ P dP), dQ = dZ K / √d,
    dK = dZᵀ Q / √d.
    """

    def __init__(self, is_causal: bool = False) -> None:
        self.is_causal = is_causal

    def forward(
        self, query: Array, key: Array, value: Array, mask: Array | None = None
    ) -> tuple[Array, Back]:
        _expect_matching(query, key, value, mask)
        weights = attention_weights(query, key, mask, self.is_causal)  # (..., T, S)
        y = weights @ value
        scale = 1 / math.sqrt(query.shape[-1])

        def back(dy: Array) -> tuple[Array, Array, Array, None]:
            dvalue = weights.swapaxes(-1, -2) @ dy
            dweights = dy @ value.swapaxes(-1, -2)
            # The way back through softmax asks for Σ P dP of a query: that is dy·y, a shorter sum.
            dscores = weights * (dweights - np.vecdot(dy, y)[..., None]) * scale
            return dscores @ key, dscores.swapaxes(-1, -2) @ query, dvalue, None

        return y, back


def attention_weights(
    query: Array, key: Array, mask: Array | None = None, is_causal: bool = False
) -> Array:
    """P = softmax(Q Kᵀ / √d): how much each query takes from each place; every row adds up to 1"""
    scores = (query / math.sqrt(query.shape[-1])) @ key.swapaxes(-1, -2)  # (..., T, S)
    if is_causal:
        T, S = scores.shape[-2:]
        past = np.tri(T, S, S - T, dtype=bool)
        mask = past if mask is None else mask & past
    if mask is not None:
        _expect_choice(mask)
        np.copyto(scores, -np.inf, where=~mask)  # e^-∞ = 0: a forbidden place gets no weight
    return softmax(scores)


class MultiHeadAttention(Layer):
    """Several attentions side by side, each on d = D / heads numbers of the width

    Self-attention: attend(x). Cross-attention: attend(x, memory), where queries come from x and
    keys and values from memory. `mask` (B, S) is True where a place may be looked at, False
    where there is only padding.
    """

    def __init__(
        self, embed_dim: int, num_heads: int, is_causal: bool = False, *, rng: Rng
    ) -> None:
        if embed_dim % num_heads:
            raise LayerError(f"cannot share a width of {embed_dim} among {num_heads} heads evenly")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.query = Linear(embed_dim, embed_dim, rng=rng)
        self.key = Linear(embed_dim, embed_dim, rng=rng)
        self.value = Linear(embed_dim, embed_dim, rng=rng)
        self.attend = ScaledDotProductAttention(is_causal)
        self.proj = Linear(embed_dim, embed_dim, rng=rng)

    def forward(
        self, x: Array, memory: Array | None = None, mask: Array | None = None
    ) -> tuple[Array, Back]:
        source = x if memory is None else memory
        expect_axes(source, "B T D")
        _expect_mask(mask, source.shape[:2])
        q, back_query = self.query(x)
        k, back_key = self.key(source)
        v, back_value = self.value(source)
        heads = map(self.split, (q, k, v))
        mixed, back_attend = self.attend(*heads, None if mask is None else mask[..., None, None, :])
        y, back_proj = self.proj(self.merge(mixed))

        def back(dy: Array) -> tuple[Array, Array | None, None]:
            dq, dk, dv, _ = back_attend(self.split(back_proj(dy)))
            dx = back_query(self.merge(dq))
            dsource = back_key(self.merge(dk)) + back_value(self.merge(dv))
            return (dx + dsource, None, None) if memory is None else (dx, dsource, None)

        return y, back

    def extend(self, x: Array, cache: Cache | None = None) -> tuple[Array, Cache]:
        """While sampling: x are new places after those of the cache, whose keys and values stay."""
        if not self.attend.is_causal:
            raise LayerError("extend needs is_causal=True: else new places change the old answers")
        q, k, v = (self.split(layer(x)[0]) for layer in (self.query, self.key, self.value))
        if cache is not None:
            k, v = (np.concatenate(pair, axis=2) for pair in zip(cache, (k, v), strict=True))
        mixed, _ = self.attend(q, k, v)
        y, _ = self.proj(self.merge(mixed))
        return y, (k, v)

    def split(self, x: Array) -> Array:
        B, T, _ = x.shape
        return x.reshape(B, T, self.num_heads, -1).transpose(0, 2, 1, 3)  # (B, heads, T, d)

    def merge(self, x: Array) -> Array:
        """The opposite of split, and so also its way back."""
        B, _, T, _ = x.shape
        return x.transpose(0, 2, 1, 3).reshape(B, T, self.embed_dim)  # (B, T, D)


def _expect_matching(query: Array, key: Array, value: Array, mask: Array | None) -> None:
    for x in (query, key, value):
        expect_numbers(x, getattr(query, "dtype", None))
    (*leading, T, d), S = query.shape, key.shape[-2]
    if key.shape != (*leading, S, d) or value.shape[:-1] != (*leading, S):
        got = f"queries {query.shape}, keys {key.shape} and values {value.shape}"
        raise LayerError(f"got {got}, needs (..., T, d), (..., S, d) and (..., S, any)")
    _expect_mask(mask, (*leading, T, S))


def _expect_mask(mask: Array | None, shape: tuple[int, ...]) -> None:
    """True or False for all of this shape; where an axis is 1 or missing, one for many."""
    if mask is None:
        return
    sizes = zip(reversed(mask.shape), reversed(shape), strict=False)
    fits = mask.ndim <= len(shape) and all(size in (1, full) for size, full in sizes)
    if mask.dtype != bool or not fits:
        got, need = f"{mask.dtype} {mask.shape}", f"bool {shape}"
        raise LayerError(f"got a mask {got}, needs {need}, True where there is something to see")


def _expect_choice(mask: Array) -> None:
    """The mean of nothing is 0/0: it would turn into NaN, and NaN into more NaN."""
    if not mask.any(-1).all():
        first = tuple(int(i) for i in np.argwhere(~mask.any(-1))[0])
        raise LayerError(f"got a mask that hides every place from query {first}: let it see one")
