"""Put a net from scratch beside its PyTorch twin, and compare every array of their traces."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from dlcourse.pytorch import record as torch_record
from dlcourse.scratch import record as scratch_record
from dlcourse.scratch.layer import Layer
from dlcourse.trace import Trace, difference

TOLERANCE = {"float64": 1e-11, "float32": 1e-4}


def as_dtype(array: Any, dtype: str) -> Any:
    """Floats in the given precision; tokens, masks and absent inputs as they are."""
    if isinstance(array, tuple):
        return tuple(as_dtype(part, dtype) for part in array)
    floats = isinstance(array, np.ndarray) and array.dtype.kind == "f"
    return array.astype(dtype) if floats else array


def as_tensor(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(as_tensor(part) for part in value)
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def weigh(value: Any, weights: list[Any]) -> Any:
    """The upstream gradient: the next random weights, in the form of the output."""
    if isinstance(value, tuple):
        return tuple(weigh(part, weights) for part in value)
    return weights.pop(0)


def random_losses(seed: int, dtype: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The same loss in both worlds: Σ output · random, so that no upstream gradient is all ones."""

    def draws(outputs: tuple[Any, ...]) -> list[Any]:
        rng = np.random.default_rng(seed)
        return [rng.normal(size=tuple(y.shape)).astype(dtype) for y in outputs]

    def scratch_loss(y: Any) -> tuple[float, Callable[[], Any]]:
        outputs = scratch_record.flat(y)
        weights = draws(outputs)
        total = sum(float((a * w).sum()) for a, w in zip(outputs, weights, strict=True))
        return total, lambda: weigh(y, weights)

    def torch_loss(y: Any) -> torch.Tensor:
        outputs = torch_record.flat(y)
        weights = draws(outputs)
        return sum((a * torch.from_numpy(w)).sum() for a, w in zip(outputs, weights, strict=True))

    return scratch_loss, torch_loss


def share_dropout(net: Layer, seed: int) -> np.random.Generator:
    """All dropout of `net` draws from one fresh generator; its double is for the twin."""
    rng = np.random.default_rng(seed)
    for _, layer in net.named_layers():
        if hasattr(layer, "rng"):
            layer.rng = rng
    return np.random.default_rng(seed)


def both_traces(
    net: Layer, twin: nn.Module, *inputs: Any, dtype: str = "float64", training: bool = True
) -> tuple[Trace, Trace]:
    """The trace of either, with the same weights, inputs, dropout masks and upstream gradients."""
    net.astype(dtype).train(training)
    torch_record.give_weights(twin, net.state_dict()).train(training)
    inputs = tuple(as_dtype(x, dtype) for x in inputs)
    scratch_loss, torch_loss = random_losses(7, dtype)
    rng = share_dropout(net, 5)
    ours = scratch_record.trace(net, *inputs, loss=scratch_loss)
    theirs = torch_record.trace(twin, *map(as_tensor, inputs), loss=torch_loss, rng=rng)
    return ours, theirs


def largest_gap(ours: Trace, theirs: Trace) -> tuple[float, str]:
    """The largest relative gap and where it is; arrays that are zero up to rounding count as such.

    The gradient of a bias in front of a batch norm, say, is zero by theory: both worlds have
    rounding errors there, and the ratio of two rounding errors says nothing.
    """
    relative, absolute = difference(ours, theirs, relative=True), difference(ours, theirs)
    arrays = [a for step in theirs for a in step.arrays().values() if a is not None and a.size]
    scale = max(float(np.abs(a).max()) for a in arrays if a.dtype.kind == "f")
    noise = scale * 50 * float(np.finfo(theirs.dtype).eps)
    return max((r if absolute[key] > noise else 0.0, key) for key, r in relative.items())


def assert_twins(net: Layer, twin: nn.Module, *inputs: Any, dtype: str, training: bool) -> None:
    ours, theirs = both_traces(net, twin, *inputs, dtype=dtype, training=training)
    gap, where = largest_gap(ours, theirs)
    assert gap < TOLERANCE[dtype], f"{where} differs by {gap:.2g}"
    for step in ours:
        for key, array in step.arrays().items():
            if array is not None and array.dtype.kind == "f":
                assert str(array.dtype) == dtype, f"{step.name}.{key} turned into {array.dtype}"
