"""A net that cannot go on: what it did until then, alike in both worlds."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dlcourse import pytorch, scratch
from dlcourse.scratch.mistakes import LayerError

X = np.random.default_rng(0).normal(size=(2, 1, 32, 32)).astype(np.float32)  # LeNet was made for 28


def both() -> list[tuple[Any, Any]]:
    net = scratch.LeNet(28, rng=np.random.default_rng(0))
    twin = pytorch.give_weights(pytorch.LeNet(28), net.state_dict())
    return [(net, X), (twin, torch.tensor(X))]


def test_both_worlds_stop_at_the_same_place() -> None:
    (ours, error), (theirs, other) = (
        world.trace_until_error(net, x)
        for world, (net, x) in zip((scratch, pytorch), both(), strict=True)
    )
    assert isinstance(error, LayerError) and "fc (Linear) got 400" in str(error)
    assert "mat1 and mat2" in str(other)
    assert [(s.name, s.kind) for s in ours] == [(s.name, s.kind) for s in theirs]
    for mine, yours in zip(ours, theirs, strict=True):
        for key, array in mine.arrays().items():
            other_array = yours.arrays()[key]
            assert (array is None) == (other_array is None), (mine.name, key)
            if array is not None:
                np.testing.assert_allclose(array, other_array, atol=1e-5, err_msg=key)


def test_who_failed_has_its_input_and_no_answer() -> None:
    net, x = both()[0]
    trace, _ = scratch.trace_until_error(net, x)
    failed, whole = trace.steps[-2:]
    assert (failed.name, whole.name) == ("fc", "LeNet")
    assert failed.outputs == whole.outputs == (None,)
    np.testing.assert_array_equal(failed.inputs[0], trace["flatten"].output)
    np.testing.assert_array_equal(failed.params["weight"], net.fc.weight.data)
    assert trace.from_bytes(trace.to_bytes()).steps[-1].outputs == (None,)


@pytest.mark.parametrize("world", [0, 1])
def test_the_net_stays_as_it_was(world: int) -> None:
    net, x = both()[world]
    before = {name: np.asarray(a).copy() for name, a in net.state_dict().items()}
    own = set(vars(net)) if world == 0 else set()
    for _ in range(2):
        _, error = (scratch, pytorch)[world].trace_until_error(net, x)
        assert error is not None
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(np.asarray(array), before[name])
    if world == 0:
        assert set(vars(net)) - own <= {"watcher", "wants_dx"}
        assert all("forward" not in vars(layer) for _, layer in net.named_layers())
    else:
        assert not any(m._forward_pre_hooks or m._forward_hooks for m in net.modules())


@pytest.mark.parametrize("world", [0, 1])
def test_without_an_error_it_is_the_trace(world: int) -> None:
    net, x = both()[world]
    lib = (scratch, pytorch)[world]
    trace, error = lib.trace_until_error(net, x[:, :, :28, :28])
    assert error is None
    plain = lib.trace(net, x[:, :, :28, :28])
    assert [s.name for s in trace] == [s.name for s in plain]
    np.testing.assert_array_equal(trace.steps[-1].output, plain.steps[-1].output)


class Apart(scratch.Layer):
    """Two layers answer, and their sum cannot be made."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.a, self.b = scratch.Linear(3, 4, rng=rng), scratch.Linear(3, 5, rng=rng)

    def forward(self, x: Any) -> Any:
        a, back_a = self.a(x)
        b, back_b = self.b(x)
        return a + b, lambda dy: back_a(dy) + back_b(dy)


class ApartTwin(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(3, 4), nn.Linear(3, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.a(x) + self.b(x)


def test_an_error_between_layers_belongs_to_who_holds_them() -> None:
    trace, error = scratch.trace_until_error(Apart(), np.ones((2, 3), np.float32))
    twin, other = pytorch.trace_until_error(ApartTwin(), torch.ones(2, 3))
    assert isinstance(error, ValueError) and other is not None
    for found in (trace, twin):
        assert [s.output is None for s in found] == [False, False, True]
