"""The everyday layers. Axes: B batch, I numbers in, O numbers out, V vocabulary."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from dlcourse.scratch.layer import Back, Layer, Param
from dlcourse.scratch.mistakes import (
    LayerError,
    expect_axes,
    expect_generator,
    expect_indices,
    expect_numbers,
)
from dlcourse.trace import Array

__all__ = ["Dropout", "Embedding", "Flatten", "Linear", "Residual", "Sequential"]

Rng = np.random.Generator


class Linear(Layer):
    """y = x Wᵀ + b on the last axis, so dx = dy W, dW = dyᵀ x, db = Σ dy"""

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, rng: Rng) -> None:
        self.in_features, self.out_features = in_features, out_features
        bound = 1 / math.sqrt(in_features)  # so that sums over the inputs neither grow nor shrink
        draw = uniform(rng, bound)
        self.weight = Param(draw(out_features, in_features))
        self.bias = Param(draw(out_features)) if bias else None

    def forward(self, x: Array) -> tuple[Array, Back]:
        W, b = self.weight, self.bias
        expect_numbers(x, W.data.dtype)
        expect_axes(x, "... I", I=self.in_features)
        rows = x.reshape(-1, self.in_features)  # (all examples, I): one large product is fastest
        y = rows @ W.data.T
        if b is not None:
            y += b.data

        def back(dy: Array) -> Array | None:
            drows = dy.reshape(-1, self.out_features)  # (all examples, O)
            W.add_grad(drows.T @ rows)
            if b is not None:
                b.add_grad(drows.sum(0))
            return (drows @ W.data).reshape(x.shape) if self.wants_dx else None

        return y.reshape(*x.shape[:-1], self.out_features), back


def uniform(rng: Rng, bound: float) -> Callable[..., Array]:
    """A function that draws float32 arrays of a given shape, evenly from -bound to bound."""
    expect_generator(rng)
    return lambda *shape: np.asarray(rng.uniform(-bound, bound, shape), np.float32)


class Embedding(Layer):
    """y = W[x]: each whole number looks up its row, so dW[x] += dy"""

    def __init__(self, num_embeddings: int, embedding_dim: int, *, rng: Rng) -> None:
        expect_generator(rng)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = Param(rng.normal(size=(num_embeddings, embedding_dim)).astype(np.float32))

    def forward(self, x: Array) -> tuple[Array, Back]:
        W = self.weight
        expect_indices(x, self.num_embeddings, "tokens")

        def back(dy: Array) -> None:
            W.add_grad(sum_by_index(dy.reshape(-1, self.embedding_dim), x.ravel(), len(W.data)))

        return W.data[x], back


def sum_by_index(rows: Array, index: Array, size: int) -> Array:
    """An array of `size` rows, where row i is the sum of all rows with index i.

    np.add.at would do it in one line, but takes three times as long. Sorted by index, rows that
    belong together lie side by side, and `reduceat` adds up each such run.
    """
    order = index.argsort(kind="stable")
    ranked = index[order]
    starts = np.flatnonzero(np.diff(ranked, prepend=-1))  # where a run of equal ones begins
    sums = np.zeros((size, rows.shape[1]), rows.dtype)
    if len(starts):
        sums[ranked[starts]] = np.add.reduceat(rows[order], starts)
    return sums


class Dropout(Layer):
    """y = x·mask / (1 - p) while learning, y = x afterwards; the mask is 0 with probability p"""

    def __init__(self, p: float = 0.5, *, rng: Rng) -> None:
        expect_generator(rng)
        if not 0 <= p < 1:
            raise LayerError(f"got p={p}, needs a probability from 0 up to, not including, 1")
        self.p, self.rng = p, rng

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        if not self.training or self.p == 0:
            return x, lambda dy: dy
        keep = self.rng.random(x.shape, np.float32) >= self.p
        mask = keep * x.dtype.type(1 / (1 - self.p))  # those who stay speak up for the others
        return x * mask, lambda dy: dy * mask


class Flatten(Layer):
    """(B, C, H, W) → (B, C·H·W): a picture becomes a row of numbers"""

    def forward(self, x: Array) -> tuple[Array, Back]:
        expect_numbers(x)
        return x.reshape(len(x), -1), lambda dy: dy.reshape(x.shape)


class Sequential(Layer):
    """One layer after the other; the way back is the chain rule: the same, last one first"""

    reads_once = True

    def __init__(self, *layers: Layer) -> None:
        for layer in layers:
            if not isinstance(layer, Layer):
                got = f"the class {layer.__name__}" if isinstance(layer, type) else repr(layer)
                raise LayerError(f"got {got}, needs layers: Sequential(Linear(...), ReLU(), ...)")
        self.layers = list(layers)

    def children(self) -> Iterator[tuple[str, Layer]]:
        return ((str(i), layer) for i, layer in enumerate(self.layers))

    def forward(self, x: Array) -> tuple[Array, Back]:
        backs = []
        for layer in self.layers:
            x, back_layer = layer(x)
            backs.append(back_layer)

        def back(dy: Array) -> Array:
            for back_layer in reversed(backs):
                dy = back_layer(dy)
            return dy

        return x, back


class Residual(Layer):
    """y = x + f(x), so dx = dy + f's dx: the gradient always has one way round the layers"""

    def __init__(self, *layers: Layer) -> None:
        self.body = Sequential(*layers)

    def forward(self, x: Array) -> tuple[Array, Back]:
        y, back_body = self.body(x)
        if y.shape != x.shape:
            raise LayerError(f"adds its input {x.shape} to its body's output {y.shape}: equal?")
        return x + y, lambda dy: dy + back_body(dy)
