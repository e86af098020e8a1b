"""The twin law: every architecture leaves the same trace in NumPy and in PyTorch."""

import pkgutil
from contextlib import nullcontext
from importlib import import_module

import numpy as np
import pytest

import dlcourse.pytorch
import dlcourse.scratch
from dlcourse.pytorch.record import give_weights, watching
from dlcourse.scratch.example import Example
from tests.test_optim import PAIRS
from tests.twins import as_dtype, as_tensor, assert_twins, random_losses, share_dropout


def files(package: object) -> dict[str, object]:
    found = pkgutil.iter_modules(package.__path__, package.__name__ + ".")
    return {info.name.rpartition(".")[2]: import_module(info.name) for info in found}


OURS, THEIRS = files(dlcourse.scratch), files(dlcourse.pytorch)
ARCHITECTURES = sorted(name for name, module in OURS.items() if hasattr(module, "examples"))


def examples(name: str) -> list[Example]:
    return OURS[name].examples(np.random.default_rng(3))


CASES = [(name, i) for name in ARCHITECTURES for i in range(len(examples(name)))]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name, i", CASES, ids=[f"{name}-{i}" for name, i in CASES])
def test_same_trace(name: str, i: int, dtype: str, training: bool) -> None:
    example = examples(name)[i]
    net = example.net(*example.args, rng=np.random.default_rng(1))
    twin = getattr(THEIRS[name], example.net.__name__)(*example.args)
    assert_twins(net, twin, *example.inputs, dtype=dtype, training=training)


@pytest.mark.parametrize("optimizer", PAIRS)
@pytest.mark.parametrize("name, i", CASES, ids=[f"{name}-{i}" for name, i in CASES])
def test_same_weights_after_one_step(name: str, i: int, optimizer: str) -> None:
    """Forward, backward and a step of every optimizer, in float64, on every architecture."""
    example = examples(name)[i]
    net = example.net(*example.args, rng=np.random.default_rng(1)).astype(np.float64)
    twin = getattr(THEIRS[name], example.net.__name__)(*example.args)
    give_weights(twin, net.state_dict())
    inputs = tuple(as_dtype(x, "float64") for x in example.inputs)
    before = net.state_dict()
    loss, torch_loss = random_losses(7, "float64")
    make, torch_make = PAIRS[optimizer]
    move, torch_move = make(net.parameters()), torch_make(twin.parameters())
    rng = share_dropout(net, 5)
    y, back = net(*inputs)
    back(loss(y)[1]())
    move.step()
    with watching(twin, rng):  # which draws the same dropout masks
        torch_loss(twin(*map(as_tensor, inputs))).backward()
    torch_move.step()
    after = net.state_dict()
    assert any((after[key] != before[key]).any() for key in after), "something has to move"
    for key, tensor in twin.state_dict().items():
        # Where a gradient is zero but for rounding, Adam still takes a whole step: rounding is
        # all it sees. Such weights (a bias in front of a norm) may part by one step of 0.01.
        gap = np.abs(after[key] - tensor.numpy()).max(initial=0)
        scale = max(1.0, np.abs(after[key]).max(initial=0))
        assert gap < 1e-11 * scale or zero_but_for_rounding(net, key), f"{key} differs by {gap:.2g}"


def zero_but_for_rounding(net: object, name: str) -> bool:
    params = net.named_parameters()
    largest = max(np.abs(p.grad).max(initial=0) for p in params.values() if p.grad is not None)
    grad = params[name].grad if name in params else None
    return grad is not None and np.abs(grad).max(initial=0) < 1e-14 * largest


@pytest.mark.parametrize("name, i", CASES, ids=[f"{name}-{i}" for name, i in CASES])
def test_reading_data_changes_no_gradient_of_a_weight(name: str, i: int) -> None:
    example, grads = examples(name)[i], []
    net = example.net(*example.args, rng=np.random.default_rng(1)).astype(np.float64)
    inputs = tuple(as_dtype(x, "float64") for x in example.inputs)
    loss, _ = random_losses(7, "float64")
    for context in (nullcontext(), net.reading_data()):
        share_dropout(net, 5)
        net.zero_grad()
        with context:
            y, back = net(*inputs)
            back(loss(y)[1]())
        grads.append([param.grad for param in net.parameters()])
    assert all(np.array_equal(one, other) for one, other in zip(*grads, strict=True))
