"""The same idea for whole arrays: a Tensor remembers how it was made.

    w = Tensor(rng.normal(size=(4, 3)), name="w")
    loss = ((x @ w).relu() - y) ** 2
    loss.mean().backward()
    w.grad                      # dloss/dw, an array of w's shape

A Value keeps its slopes as numbers. The slopes of an array would fill a table, with a row for each
number that came out and a column for each that went in, most of them zero. So a Tensor keeps the
way back as a function instead, as every layer of this course does: da, db = back(dz).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcourse.scratch.autograd_graph import Node, births, one_number
from dlcourse.scratch.broadcasting import expect_fit, unbroadcast
from dlcourse.trace import Array

__all__ = ["Tensor"]

Back = Callable[[Array], tuple[Array, ...]]
Axes = int | tuple[int, ...] | None


class Tensor(Node):
    """An array. If it was made as z = f(a, b): its parents (a, b), its way back da, db = back(dz)

    A way back knows arrays, never tensors. It need not know about broadcasting: `backward` does.
    """

    __slots__ = ("back",)

    def __init__(
        self,
        data: Any,
        op: str = "",
        parents: tuple[Tensor, ...] = (),
        back: Back = lambda dz: (),
        name: str = "",
    ) -> None:
        self.data = np.asarray(data) if op else _floats(data)  # a leaf owns its numbers
        self.grad = None
        self.op, self.parents, self.back, self.name = op, parents, back, name
        self.born = next(births)

    def __add__(self, other: Any) -> Tensor:
        """z = a + b, so da = dz and db = dz"""
        a, b, both = self.pair("+", other)
        return Tensor(a + b, "+", both, lambda dz: (dz, dz))

    def __sub__(self, other: Any) -> Tensor:
        """z = a - b, so da = dz and db = -dz"""
        a, b, both = self.pair("-", other)
        return Tensor(a - b, "-", both, lambda dz: (dz, -dz))

    def __mul__(self, other: Any) -> Tensor:
        """z = a·b, so da = dz·b and db = dz·a"""
        a, b, both = self.pair("*", other)
        return Tensor(a * b, "*", both, lambda dz: (dz * b, dz * a))

    def __truediv__(self, other: Any) -> Tensor:
        """z = a / b, so da = dz / b and db = -dz·z / b"""
        a, b, both = self.pair("/", other)
        z = a / b
        return Tensor(z, "/", both, lambda dz: (dz / b, -dz * z / b))

    def __matmul__(self, other: Any) -> Tensor:
        """Z = A·B, so dA = dZ·Bᵀ and dB = Aᵀ·dZ"""
        a, b, both = self.pair("@", other)
        return Tensor(a @ b, "@", both, lambda dz: (dz @ b.mT, a.mT @ dz))

    def __rmatmul__(self, other: Any) -> Tensor:
        return self.operand(other) @ self

    def __pow__(self, n: Tensor | float) -> Tensor:
        """z = aⁿ, so da = dz·n·aⁿ⁻¹; where n is to learn as well, aⁿ is written as exp(n·ln a)"""
        if isinstance(n, Tensor):
            return (n * self.log()).exp()
        a, n = self.data, one_number(n)
        m = n - 1 if n else 0.0  # where n = 0 and a = 0, 0·a⁰ is zero, but 0·a⁻¹ would be NaN
        return Tensor(a**n, f"**{n:g}", (self,), lambda dz: (dz * n * a**m,))

    def __neg__(self) -> Tensor:
        """z = -a, so da = -dz"""
        return Tensor(-self.data, "neg", (self,), lambda dz: (-dz,))

    def exp(self) -> Tensor:
        """z = eᵃ, so da = dz·z"""
        z = np.exp(self.data)
        return Tensor(z, "exp", (self,), lambda dz: (dz * z,))

    def log(self) -> Tensor:
        """z = ln a, so da = dz / a"""
        a = self.data
        return Tensor(np.log(a), "log", (self,), lambda dz: (dz / a,))

    def tanh(self) -> Tensor:
        """z = tanh a, so da = dz (1 - z²)"""
        z = np.tanh(self.data)
        return Tensor(z, "tanh", (self,), lambda dz: (dz * (1 - z * z),))

    def relu(self) -> Tensor:
        """z = max(a, 0), so da = 0 where z = 0, else dz"""
        z = np.maximum(self.data, 0)
        return Tensor(z, "relu", (self,), lambda dz: (dz * (z != 0),))

    def sum(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """z = Σ a, so each a that was added gets dz"""
        a, z = self.data, self.data.sum(axis, keepdims=True)

        def back(dz: Array) -> tuple[Array]:
            return (np.broadcast_to(dz.reshape(z.shape), a.shape),)

        return Tensor(z if keepdims else z.squeeze(axis), "sum", (self,), back)

    def mean(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """z = Σ a / n, for the n numbers that were added"""
        total = self.sum(axis, keepdims)
        return total / (self.data.size // max(total.data.size, 1))

    def max(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """z = max a, so the largest a gets dz, shared where several are equal; the others get 0"""
        a, z = self.data, self.data.max(axis, keepdims=True)

        def back(dz: Array) -> tuple[Array]:
            share = (a == z).astype(a.dtype)
            return (dz.reshape(z.shape) * share / share.sum(axis, keepdims=True),)

        return Tensor(z if keepdims else z.squeeze(axis), "max", (self,), back)

    def reshape(self, *shape: Any) -> Tensor:
        """The same numbers in another shape, so da is dz in the shape of a"""
        a = self.data
        return Tensor(a.reshape(*shape), "reshape", (self,), lambda dz: (dz.reshape(a.shape),))

    def transpose(self, *axes: int) -> Tensor:
        """The same numbers with axes in another order, so da is dz with its axes put back"""
        a, z = self.data, self.data.transpose(axes or None)
        home = np.argsort([axis % a.ndim for axis in axes]) if axes else None
        return Tensor(z, "transpose", (self,), lambda dz: (dz.transpose(home),))

    @property
    def T(self) -> Tensor:
        return self.transpose()

    def __getitem__(self, index: Any) -> Tensor:
        """z = a[index], so da is dz at these places and 0 elsewhere; taken twice, it adds up"""
        a = self.data

        def back(dz: Array) -> tuple[Array]:
            da = np.zeros_like(a)
            np.add.at(da, index, dz)
            return (da,)

        return Tensor(a[index], "[]", (self,), back)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    def backward(self) -> None:
        """Each dz goes back to the parents of z, from the last array to the first"""
        if self.data.size != 1:
            raise ValueError(
                f"backward() starts from one number, but this Tensor has shape {self.shape}: "
                "take .sum() or .mean() of it first"
            )
        nodes = self.history()
        for node in nodes:
            if node.parents or node.grad is None:  # leaves, such as weights, add up over calls
                node.grad = np.zeros_like(node.data)
        self.grad += 1
        for node in reversed(nodes):
            for parent, dparent in zip(node.parents, node.back(node.grad), strict=True):
                parent.grad += unbroadcast(dparent, parent.shape)

    def operand(self, other: Any) -> Tensor:
        """A plain number or array takes the precision of the tensor that it meets."""
        return other if isinstance(other, Tensor) else Tensor(_floats(other, self.data.dtype))

    def pair(self, op: str, other: Any) -> tuple[Array, Array, tuple[Tensor, Tensor]]:
        """Both sides of an operation, as arrays and as nodes."""
        other = self.operand(other)
        expect_fit(op, self.shape, other.shape)
        return self.data, other.data, (self, other)

    def facts(self) -> dict[str, Any]:
        return {"shape": list(self.shape), "dtype": str(self.data.dtype), "bytes": self.data.nbytes}

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name else ""
        return f"Tensor({np.array2string(self.data, prefix='Tensor(', separator=', ')}{name})"


def _floats(data: Any, dtype: Any = None) -> Array:
    """A copy of the data; floats keep their precision, all else becomes float32."""
    array = np.asarray(data)
    if array.dtype.kind not in "fiub":
        got = f"this {type(data).__name__} has dtype {array.dtype}"
        raise TypeError(f"a Tensor is made of plain numbers, but {got}")
    known = isinstance(data, np.ndarray | np.generic) and array.dtype.kind == "f"
    return np.array(array, dtype or (array.dtype if known else np.float32))
