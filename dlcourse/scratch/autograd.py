"""Numbers that remember how they were made, and so can say who moved the result.

    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    loss = (a * b + 7).tanh()
    loss.backward()
    a.grad                      # dloss/da: how much loss grows for each 1 that a grows

A number knows its parents and, for each parent, a slope: how fast it grows when that parent grows.
The chain rule needs no more. From the last number to the first, each one tells its parents

    dparent += slope · dself        (dx is short for dloss/dx)

Parents and slopes are plain data: print them, check them by hand, draw them with `graph`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import mul
from typing import Any

from dlcourse.scratch.autograd_graph import Node, births, one_number

__all__ = ["Value", "neuron"]

Numbers = Sequence["Value | float"]


class Value(Node):
    """A number. If it was made as z = f(a, b): its parents (a, b), its slopes (∂z/∂a, ∂z/∂b)"""

    __slots__ = ("slopes",)

    def __init__(
        self,
        data: float,
        op: str = "",
        parents: tuple[Value, ...] = (),
        slopes: tuple[float, ...] = (),
        name: str = "",
    ) -> None:
        self.data = data if type(data) is float else one_number(data)
        self.grad = None
        self.op, self.parents, self.slopes, self.name = op, parents, slopes, name
        self.born = next(births)

    def __add__(self, other: Value | float) -> Value:
        """z = a + b, so ∂z/∂a = 1 and ∂z/∂b = 1"""
        b = self.operand(other)
        return Value(self.data + b.data, "+", (self, b), (1.0, 1.0))

    def __sub__(self, other: Value | float) -> Value:
        """z = a - b, so ∂z/∂a = 1 and ∂z/∂b = -1"""
        b = self.operand(other)
        return Value(self.data - b.data, "-", (self, b), (1.0, -1.0))

    def __mul__(self, other: Value | float) -> Value:
        """z = a·b, so ∂z/∂a = b and ∂z/∂b = a"""
        b = self.operand(other)
        return Value(self.data * b.data, "*", (self, b), (b.data, self.data))

    def __truediv__(self, other: Value | float) -> Value:
        """z = a / b, so ∂z/∂a = 1/b and ∂z/∂b = -z/b"""
        b = self.operand(other)
        z = self.data / b.data
        return Value(z, "/", (self, b), (1 / b.data, -z / b.data))

    def __pow__(self, n: Value | float) -> Value:
        """z = aⁿ, so ∂z/∂a = n·aⁿ⁻¹; where n is to learn as well, aⁿ is written as exp(n·ln a)"""
        if isinstance(n, Value):
            return (n * self.log()).exp()
        a, n = self.data, one_number(n)
        slope = n * _real(math.pow, a, n - 1) if n else 0.0
        return Value(_real(math.pow, a, n), f"**{n:g}", (self,), (slope,))

    def __neg__(self) -> Value:
        """z = -a, so ∂z/∂a = -1"""
        return Value(-self.data, "neg", (self,), (-1.0,))

    def exp(self) -> Value:
        """z = eᵃ, so ∂z/∂a = z"""
        z = _real(math.exp, self.data)
        return Value(z, "exp", (self,), (z,))

    def log(self) -> Value:
        """z = ln a, so ∂z/∂a = 1/a"""
        return Value(_real(math.log, self.data), "log", (self,), (1 / self.data,))

    def tanh(self) -> Value:
        """z = tanh a, so ∂z/∂a = 1 - z²"""
        z = math.tanh(self.data)
        return Value(z, "tanh", (self,), (1 - z * z,))

    def sigmoid(self) -> Value:
        """z = 1 / (1 + e⁻ᵃ), so ∂z/∂a = z (1 - z)"""
        e = math.exp(-abs(self.data))  # below 1, so that it never overflows
        z = (e if self.data < 0 else 1.0) / (1.0 + e)
        return Value(z, "sigmoid", (self,), (z * (1 - z),))

    def relu(self) -> Value:
        """z = max(a, 0), so ∂z/∂a = 0 where a ≤ 0, else 1"""
        z, slope = (0.0, 0.0) if self.data <= 0 else (self.data, 1.0)  # NaN ≤ 0 is false: it stays
        return Value(z, "relu", (self,), (slope,))

    def backward(self) -> None:
        """dparent += slope · dself, from the last number to the first

        When a number's turn comes, all its children have had theirs: its own gradient is complete.
        """
        nodes = self.history()
        for node in nodes:
            if node.parents or node.grad is None:  # leaves, such as weights, add up over calls
                node.grad = 0.0
        self.grad += 1.0  # dself/dself
        for node in reversed(nodes):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += slope * node.grad

    def operand(self, other: Value | float) -> Value:
        return other if isinstance(other, Value) else Value(other)

    def facts(self) -> dict[str, Any]:
        return {"value": self.data, "grad": self.grad, "slopes": list(self.slopes)}

    def __repr__(self) -> str:
        name = f", name={self.name!r}" if self.name else ""
        return f"Value({self.data}, grad={self.grad}{name})"


def neuron(weights: Numbers, inputs: Numbers, bias: Value | float) -> Value:
    """z = Σ wᵢ·xᵢ + b, so ∂z/∂wᵢ = xᵢ, ∂z/∂xᵢ = wᵢ and ∂z/∂b = 1: one node in place of many"""
    n = len(weights)
    if n != len(inputs):
        raise ValueError(f"a neuron with {n} weights needs {n} inputs, but got {len(inputs)}")
    parents = [a if isinstance(a, Value) else Value(a) for a in (*weights, *inputs, bias)]
    *numbers, b = [parent.data for parent in parents]
    w, x = numbers[:n], numbers[n:]
    return Value(sum(map(mul, w, x), b), "neuron", tuple(parents), (*x, *w, 1.0))


_NEEDS = {
    "exp": "a number below 709",
    "log": "a number above 0",
    "pow": "a base above 0, neither tiny nor huge, for aⁿ and for its slope n·aⁿ⁻¹",
}


def _real(function: Callable[..., float], *numbers: float) -> float:
    """function(*numbers), or one sentence that says why there is no such number."""
    try:
        return function(*numbers)
    except (ValueError, OverflowError):
        name, inside = function.__name__, ", ".join(f"{number:g}" for number in numbers)
        raise ValueError(
            f"{name}({inside}) has no finite answer: it needs {_NEEDS[name]}"
        ) from None
