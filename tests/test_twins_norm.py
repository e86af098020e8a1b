"""Batch norm and layer norm beside PyTorch's own."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from torch import nn

from dlcourse.pytorch.record import give_weights
from dlcourse.scratch.layer import Layer
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.norm import BatchNorm1d, BatchNorm2d, LayerNorm
from tests.twins import assert_twins

property_test = settings(max_examples=25, deadline=None, derandomize=True)
dtypes = st.sampled_from(["float64", "float32"])
seeds = st.integers(0, 2**32 - 1)


def unlike_at_birth(net: Layer, rng: np.random.Generator) -> None:
    """γ, β and the running means as after some learning: ones and zeros would hide mistakes."""
    state = net.state_dict()
    for name, array in state.items():
        if array.ndim:
            state[name] = rng.uniform(0.5, 2, array.shape)
    net.load_state_dict(state)


@pytest.mark.parametrize(
    "ours, theirs, dims",
    [
        (BatchNorm1d, nn.BatchNorm1d, 2),
        (BatchNorm1d, nn.BatchNorm1d, 3),
        (BatchNorm2d, nn.BatchNorm2d, 4),
    ],
)
@property_test
@given(st.data(), dtypes, st.booleans(), st.sampled_from([0.1, 0.5]), seeds)
def test_batch_norm(ours, theirs, dims, data, dtype, training, momentum, seed) -> None:
    shape = data.draw(array_shapes(min_dims=dims, max_dims=dims, max_side=5))
    shape = (shape[0] + 1, *shape[1:])
    rng = np.random.default_rng(seed)
    net = ours(shape[1], momentum=momentum)
    unlike_at_birth(net, rng)
    x = (3 + 2 * rng.normal(size=shape[::-1])).T
    assert_twins(net, theirs(shape[1], momentum=momentum), x, dtype=dtype, training=training)


@property_test
@given(array_shapes(min_dims=1, max_dims=4, max_side=6), st.integers(1, 3), dtypes, seeds)
def test_layer_norm(shape: tuple[int, ...], axes: int, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = shape[-axes:]
    net = LayerNorm(own if len(own) > 1 else own[0])
    unlike_at_birth(net, rng)
    assert_twins(
        net, nn.LayerNorm(own), 3 + rng.normal(size=shape[::-1]).T, dtype=dtype, training=True
    )


@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 2)])
def test_running_means_follow_the_batches_as_torch_has_them(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    net = BatchNorm1d(3).astype(np.float64)
    twin = give_weights(nn.BatchNorm1d(3), net.state_dict())
    for _ in range(4):
        x = 2 + 3 * rng.normal(size=shape)
        net(x)
        twin(torch.from_numpy(x))
    for name, tensor in twin.state_dict().items():
        np.testing.assert_allclose(net.state_dict()[name], tensor.numpy(), rtol=1e-12)
    assert net.num_batches_tracked == 4


def test_what_comes_out_has_mean_zero_and_spread_one() -> None:
    x = np.random.default_rng(0).normal(5, 3, size=(64, 4, 6, 6)).astype(np.float32)
    y, _ = BatchNorm2d(4)(x)
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1, atol=1e-4)
    y, _ = LayerNorm(6)(x)
    np.testing.assert_allclose(y.std(-1), 1, atol=1e-2)


@pytest.mark.parametrize("make", [lambda: BatchNorm1d(3), lambda: LayerNorm(3)])
def test_central_differences(make) -> None:
    rng = np.random.default_rng(0)
    net, x, weights = make().astype(np.float64), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    _, back = net(x)
    dx, step = back(weights), 1e-6
    for place in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            ends.append((net(moved)[0] * weights).sum())
        assert dx[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(
    "layer, shape, sentence",
    [
        (BatchNorm2d(3), (2, 4, 5, 5), r"BatchNorm2d got 4 on axis C .* needs \(B, 3, H, W\)"),
        (BatchNorm2d(3), (2, 5, 5, 3), r"channels last\? then x.transpose"),
        (BatchNorm1d(3), (1, 3), "one number a channel, .*a larger batch, or net.eval"),
        (BatchNorm1d(3), (3,), r"x\[None\] makes it a batch of one"),
        (LayerNorm((2, 3)), (5, 3, 2), r"needs \(..., 2, 3\)"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    layer: Layer, shape: tuple[int, ...], sentence: str
) -> None:
    with pytest.raises(LayerError, match=sentence):
        layer(np.ones(shape, np.float32))
