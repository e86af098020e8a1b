"""What layers say when they cannot work with what they got.

One sentence: which layer, what it got, what it needs, and what is likely meant.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dlcourse.trace import Array

__all__ = ["LayerError"]


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


def expect_answer(answer: Any) -> tuple[Any, Callable[..., Any]]:
    """What `forward` must give: the output, and a function that goes back."""
    if isinstance(answer, tuple) and len(answer) == 2 and callable(answer[1]):
        return answer
    raise LayerError(
        f"has a forward that gives a {type(answer).__name__}, needs two things, the output and "
        f"the way back: return y, lambda dy: ...?"
    )


def expect_gradient(dy: Any, shape: tuple[int, ...] | None) -> None:
    """One number for each that came out; `shape` is None where several arrays did."""
    if callable(dy):
        raise LayerError("got a function as gradient, needs what it gives: back(loss_back())?")
    if shape is None:
        return
    if not isinstance(dy, np.ndarray):
        raise LayerError(f"got a {type(dy).__name__} as gradient, needs an array {shape}")
    if dy.shape != shape:
        raise LayerError(f"got a gradient {dy.shape}, but its output was {shape}: another's?")


def expect_state(
    mine: Mapping[str, Array], state: Mapping[str, Array], net: str
) -> dict[str, Array]:
    """Copies of the arrays of `state`, in the precision of mine, if they fit name for name."""
    for missing, where in ((mine.keys() - state, "lacks"), (state.keys() - mine, "also has")):
        if missing:
            names = ", ".join(sorted(missing))
            raise KeyError(f"this is not the state of this {net}: it {where} {names}")
    new = {}
    for name, array in mine.items():
        given = np.asarray(state[name])
        if given.shape != array.shape:
            raise ValueError(f"{name} has shape {array.shape} here, but {given.shape} in the state")
        if given.dtype.kind not in "fiub":
            raise ValueError(f"{name} must be numbers, but the state has {given.dtype}")
        new[name] = np.array(given, array.dtype)
    return new


def expect_generator(rng: Any) -> None:
    if not isinstance(rng, np.random.Generator):
        got = getattr(rng, "__name__", repr(rng))
        raise LayerError(f"got rng={got}, needs a generator: rng=np.random.default_rng(0)")


def expect_axes(x: Array, layout: str, **sizes: int) -> None:
    """An array whose axes are `layout`, "B C H W"; `sizes` fixes some of them, C=3."""
    if not isinstance(x, np.ndarray):
        raise LayerError(f"got a {type(x).__name__}, needs an array: np.asarray(...)?")
    axes = layout.split()
    many, axes = axes[0] == "...", [axis for axis in axes if axis != "..."]
    wanted = [sizes.get(axis, axis) for axis in axes]
    told = f"({', '.join(['...'] * many + [str(w) for w in wanted])})"
    if x.ndim < len(axes) or (x.ndim > len(axes) and not many):
        raise LayerError(f"got an array of shape {x.shape}, needs {told}{_lacks(x, axes, sizes)}")
    for axis, want, got in zip(axes, wanted, x.shape[x.ndim - len(axes) :], strict=True):
        if isinstance(want, int) and got != want:
            hint = _meant(x, axes, sizes)
            raise LayerError(f"got {got} on axis {axis} of an array {x.shape}, needs {told}{hint}")


def _lacks(x: Array, axes: list[str], sizes: dict[str, int]) -> str:
    """A guess at the axis that is missing."""
    if x.ndim != len(axes) - 1:
        return _flat(x, sizes)
    if axes[1:2] == ["C"] and sizes.get("C") == 1 and x.shape[0] != 1:
        return ": pictures without a channel axis? then x[:, None]"
    return ": one example? then x[None] makes it a batch of one"


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
