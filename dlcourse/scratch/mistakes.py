"""What layers say when they cannot work with what they got.

One sentence: which layer, what it got, what it needs, and what is likely meant.
"""

from typing import Any

import numpy as np

from dlcourse.trace import Array


class LayerError(ValueError):
    """A mistake that a layer noticed. On its way up through the net it learns where that was."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.places: list[Any] = []  # layers, innermost first

    def add_place(self, layer: Any) -> None:
        self.places.append(layer)

    def __str__(self) -> str:
        if not self.places:
            return self.problem
        inner, *outer = self.places
        path, below = [], inner
        for layer in outer:
            path += [name for name, child in layer.children() if child is below][:1]
            below = layer
        kind = type(inner).__name__
        name = f"{'.'.join(reversed(path))} ({kind})" if path else kind
        return f"{name} {self.problem}"


def expect_numbers(x: Any, dtype: Any = None) -> None:
    """Floats, and in the precision of the weights: a mix would silently cost half the speed."""
    if not isinstance(x, np.ndarray):
        raise LayerError(f"got a {type(x).__name__}, needs an array: np.asarray(x, np.float32)?")
    if not np.issubdtype(x.dtype, np.floating):
        raise LayerError(f"got {x.dtype} numbers, needs floats: x.astype(np.float32)?")
    if dtype is not None and x.dtype != dtype:
        cure = f"x.astype(np.{dtype}), or net.astype(np.{x.dtype})?"
        raise LayerError(f"got {x.dtype} numbers, but its weights are {dtype}: {cure}")


def expect_axes(x: Array, layout: str, **sizes: int) -> None:
    """An array whose axes are `layout`, "B C H W"; `sizes` fixes some of them, C=3."""
    axes = layout.split()
    many, axes = axes[0] == "...", [axis for axis in axes if axis != "..."]
    wanted = [sizes.get(axis, axis) for axis in axes]
    told = f"({', '.join(['...'] * many + [str(w) for w in wanted])})"
    if x.ndim < len(axes) or (x.ndim > len(axes) and not many):
        hint = ": one example? then x[None] makes it a batch of one" * (x.ndim == len(axes) - 1)
        raise LayerError(f"got an array of shape {x.shape}, needs {told}{hint or _flat(x, sizes)}")
    for axis, want, got in zip(axes, wanted, x.shape[x.ndim - len(axes) :], strict=True):
        if isinstance(want, int) and got != want:
            hint = _meant(x, axes, sizes)
            raise LayerError(f"got {got} on axis {axis} of an array {x.shape}, needs {told}{hint}")


def _meant(x: Array, axes: list[str], sizes: dict[str, int]) -> str:
    """A guess at what the caller wanted."""
    if len(axes) == 1 and x.ndim == 2 and x.shape[0] in sizes.values():
        return ": is it transposed? then x.T"
    if axes[:2] == ["B", "C"] and x.ndim == 4 and x.shape[-1] == sizes.get("C"):
        return ": channels last? then x.transpose(0, 3, 1, 2)"
    return _flat(x, sizes)


def _flat(x: Array, sizes: dict[str, int]) -> str:
    if x.ndim > 2 and list(sizes.values()) == [int(np.prod(x.shape[1:]))]:
        return ": a Flatten() before it is missing?"
    return ""


def expect_indices(x: Any, size: int, what: str) -> None:
    """Whole numbers from 0 to size - 1, such as tokens or classes."""
    if not isinstance(x, np.ndarray) or not np.issubdtype(x.dtype, np.integer):
        got = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise LayerError(f"got {what} as {got}, needs an array of whole numbers (np.int64)")
    if x.size and not (x.min() >= 0 and x.max() < size):
        low, high = x.min(), x.max()
        raise LayerError(
            f"got {what} from {low} to {high}, but knows only 0 to {size - 1}: "
            f"{'does counting begin at 0?' if high == size else 'is the size too small?'}"
        )
