"""What happens to shapes when two arrays meet, and how to take it back."""

from __future__ import annotations

import numpy as np

from dlcourse.trace import Array

__all__: list[str] = []  # what is here is for its neighbours

Shape = tuple[int, ...]


def unbroadcast(dy: Array, shape: Shape) -> Array:
    """The way back of broadcasting from `shape` to the shape of dy: dx = Σ dy over all its copies

    A number that was copied along an axis took part several times, and its gradients add up.
    """
    if dy.shape == shape:
        return dy
    in_front = tuple(range(dy.ndim - len(shape)))  # axes that x did not have at all
    dx = dy.sum(in_front)
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return dx.sum(stretched, keepdims=True)


def expect_fit(op: str, a: Shape, b: Shape) -> None:
    """One sentence if arrays of shapes a and b do not go together in a + b, a * b, a @ b, ..."""
    problem = _matmul_problem(a, b) if op == "@" else _broadcast_problem(a, b)
    if problem:
        raise ValueError(f"{a} {op} {b} does not work: {problem}")


def _broadcast_problem(a: Shape, b: Shape) -> str:
    try:
        np.broadcast_shapes(a, b)
        return ""
    except ValueError:
        rule = "paired from the right, two sizes must be equal, or one of them 1"
        short, long = sorted((a, b), key=len)
        column = len(short) == 1 and len(long) == 2 and short[0] == long[0]
        return rule + f"; as a column, .reshape({short[0]}, 1), it would fit" * column


def _matmul_problem(a: Shape, b: Shape) -> str:
    if min(len(a), len(b)) < 2:
        return "both sides need at least two axes; .reshape(-1, 1) makes a column"
    if a[-1] == b[-2]:
        return _broadcast_problem(a[:-2], b[:-2])
    rule = f"the {a[-1]} columns on the left must meet as many rows, but these are {b[-2]}"
    if a[-1] == b[-1]:
        return rule + "; is .T of the right side meant?"
    return rule + "; is .T of the left side meant?" * (a[-2] == b[-2])
