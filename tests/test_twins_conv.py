"""Convolution and pooling give the same numbers as PyTorch's, forward and back."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dlcourse.scratch import conv, pooling, windows
from dlcourse.scratch.layer import Layer
from dlcourse.scratch.mistakes import LayerError
from tests.twins import assert_twins

tries = settings(max_examples=25, deadline=None, derandomize=True)
dtypes = st.sampled_from(["float64", "float32"])
layouts = st.sampled_from(["as it comes", "batch last", "every other", "backwards"])


def pairs(least: int, most: int) -> st.SearchStrategy:
    number = st.integers(least, most)
    return st.one_of(number, st.tuples(number, number))


def pictures(shape: tuple[int, ...], layout: str, seed: int = 0) -> np.ndarray:
    """Random numbers of that shape, which lie in memory in one way or another."""
    rng = np.random.default_rng(seed)
    if layout == "batch last":
        return rng.normal(size=(*shape[1:], shape[0])).transpose(3, 0, 1, 2)
    if layout == "every other":
        return rng.normal(size=(*shape[:3], 2 * shape[3]))[..., ::2]
    drawn = rng.normal(size=shape)
    return drawn[:, :, ::-1] if layout == "backwards" else drawn


@pytest.fixture(params=[windows.AT_ONCE, 200], ids=["one strip", "many strips"])
def strips(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "AT_ONCE", request.param)


@pytest.mark.usefixtures("strips")
@tries
@given(st.data(), dtypes, layouts)
def test_conv(data: st.DataObject, dtype: str, layout: str) -> None:
    B, C, out = (data.draw(st.integers(1, 3)) for _ in range(3))
    kernel, stride, padding = data.draw(pairs(1, 3)), data.draw(pairs(1, 3)), data.draw(pairs(0, 2))
    bias = data.draw(st.booleans())
    H, W = data.draw(st.integers(3, 8)), data.draw(st.integers(3, 8))
    rng = np.random.default_rng(1)
    net = conv.Conv2d(C, out, kernel, stride, padding, bias=bias, rng=rng)
    twin = nn.Conv2d(C, out, kernel, stride, padding, bias=bias)
    assert_twins(net, twin, pictures((B, C, H, W), layout), dtype=dtype, training=True)


@pytest.mark.usefixtures("strips")
@tries
@given(st.data(), dtypes, layouts)
def test_conv_transpose(data: st.DataObject, dtype: str, layout: str) -> None:
    B, C, out = (data.draw(st.integers(1, 3)) for _ in range(3))
    stride = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    output_padding = tuple(data.draw(st.integers(0, s - 1)) for s in stride)
    kernel, padding = data.draw(pairs(2, 4)), data.draw(pairs(0, 1))
    bias = data.draw(st.booleans())
    H, W = data.draw(st.integers(2, 5)), data.draw(st.integers(2, 5))
    rng = np.random.default_rng(1)
    net = conv.ConvTranspose2d(C, out, kernel, stride, padding, output_padding, bias=bias, rng=rng)
    twin = nn.ConvTranspose2d(C, out, kernel, stride, padding, output_padding, bias=bias)
    assert_twins(net, twin, pictures((B, C, H, W), layout), dtype=dtype, training=True)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("kind", ["MaxPool2d", "AvgPool2d"])
@tries
@given(st.data(), dtypes, layouts)
def test_pooling(kind: str, ties: bool, data: st.DataObject, dtype: str, layout: str) -> None:
    kernel = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = data.draw(st.one_of(st.none(), pairs(1, 3)))
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    H, W = data.draw(st.integers(4, 9)), data.draw(st.integers(4, 9))
    x = pictures((2, 3, H, W), layout)
    net = getattr(pooling, kind)(kernel, stride, padding)
    twin = getattr(nn, kind)(kernel, stride, padding)
    assert_twins(net, twin, np.round(x) if ties else x, dtype=dtype, training=True)


class Twice(Layer):
    """The same convolution two times, with pooling in between."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.conv = conv.Conv2d(2, 2, 3, padding=1, rng=rng)
        self.pool = pooling.MaxPool2d(2)

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, object]:
        x, back1 = self.conv(x)
        x, back2 = self.pool(x)
        x, back3 = self.conv(x)
        return x, lambda dy: back1(back2(back3(dy)))


class TorchTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(self.pool(self.conv(x)))


TorchTwice.__name__ = "Twice"  # the name under which its answers stand in the trace


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_used_twice(dtype: str) -> None:
    net = Twice(np.random.default_rng(0))
    x = pictures((3, 2, 7, 6), "as it comes")
    assert_twins(net, TorchTwice(), x, dtype=dtype, training=True)


@pytest.mark.parametrize(
    "net",
    [
        lambda rng: conv.Conv2d(2, 3, 3, 2, 1, rng=rng),
        lambda rng: conv.ConvTranspose2d(2, 3, 3, 2, 1, 1, rng=rng),
    ],
    ids=["Conv2d", "ConvTranspose2d"],
)
def test_gradients_are_slopes(net: object) -> None:
    """(L(w + h) - L(w - h)) / 2h for every single weight and number of the input"""
    layer = net(np.random.default_rng(0)).astype(np.float64)
    x = pictures((2, 2, 5, 4), "as it comes")
    y, back = layer(x)
    dy = pictures(y.shape, "as it comes", seed=1)
    gradients = [(x, back(dy))] + [(p.data, p.grad) for p in layer.parameters()]
    for array, gradient in gradients:
        slope = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            before, ends = array[place], []
            for step in (1e-5, -1e-5):
                array[place] = before + step
                ends.append((layer(x)[0] * dy).sum())
            array[place], slope[place] = before, (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(gradient, slope, rtol=1e-7, atol=1e-8)


def test_input_and_gradient_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    layers = [
        conv.Conv2d(2, 2, 3, padding=1, rng=rng),
        conv.ConvTranspose2d(2, 2, 3, padding=1, rng=rng),
        pooling.MaxPool2d(1),
        pooling.MaxPool2d(2),
        pooling.AvgPool2d(2),
    ]
    for layer in layers:
        x = pictures((3, 2, 6, 6), "batch last").astype(np.float32)
        y, back = layer(x)
        dy = pictures(y.shape, "batch last", seed=1).astype(np.float32)
        was, came = x.copy(), dy.copy()
        back(dy)
        assert np.array_equal(x, was) and np.array_equal(dy, came), layer


def test_gradient_of_data_is_not_computed() -> None:
    for kind in (conv.Conv2d, conv.ConvTranspose2d):
        net = kind(2, 3, 3, rng=np.random.default_rng(0))
        with net.reading_data():
            y, back = net(np.ones((1, 2, 5, 5), np.float32))
            assert back(y) is None
        assert net.weight.grad is not None


def test_the_states_are_pytorchs() -> None:
    rng = np.random.default_rng(0)
    for ours, theirs in [
        (conv.Conv2d(3, 4, (2, 5), rng=rng), nn.Conv2d(3, 4, (2, 5))),
        (conv.Conv2d(3, 4, 2, bias=False, rng=rng), nn.Conv2d(3, 4, 2, bias=False)),
        (conv.ConvTranspose2d(3, 4, 2, rng=rng), nn.ConvTranspose2d(3, 4, 2)),
    ]:
        shapes = {name: array.shape for name, array in ours.state_dict().items()}
        assert shapes == {name: tuple(t.shape) for name, t in theirs.state_dict().items()}


@pytest.mark.parametrize("kind", ["Conv2d", "ConvTranspose2d"])
def test_weights_begin_as_in_pytorch(kind: str) -> None:
    ours = getattr(conv, kind)(4, 60, 5, rng=np.random.default_rng(0))
    theirs = getattr(nn, kind)(4, 60, 5)
    for name, array in ours.state_dict().items():
        bound = theirs.state_dict()[name].abs().max().item()
        assert np.abs(array).max() == pytest.approx(bound, rel=0.1), name
        assert array.dtype == np.float32


@pytest.mark.parametrize(
    "make, shape, sentence",
    [
        (
            lambda rng: conv.Conv2d(3, 8, 3, rng=rng),
            (5, 8, 8, 3),
            "Conv2d got 8 on axis C of an array (5, 8, 8, 3), needs (B, 3, H, W): "
            "channels last? then x.transpose(0, 3, 1, 2)",
        ),
        (
            lambda rng: conv.Conv2d(1, 8, 3, rng=rng),
            (1, 8, 8),
            "Conv2d got an array of shape (1, 8, 8), needs (B, 1, H, W): "
            "one example? then x[None] makes it a batch of one",
        ),
        (
            lambda rng: conv.Conv2d(1, 8, 5, padding=1, rng=rng),
            (2, 1, 2, 9),
            "Conv2d got pictures of 4×11 (padding included), but its window is 5×5: "
            "larger pictures, more padding, or fewer layers before it that shrink them?",
        ),
        (
            lambda rng: pooling.MaxPool2d(2),
            (2, 4),
            "MaxPool2d got an array of shape (2, 4), needs (B, C, H, W)",
        ),
    ],
)
def test_mistakes_get_a_sentence(make: object, shape: tuple[int, ...], sentence: str) -> None:
    layer = make(np.random.default_rng(0))
    with pytest.raises(LayerError) as caught:
        layer(np.zeros(shape, np.float32))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "make, sentence",
    [
        (
            lambda rng: conv.Conv2d(1, 1, 0, rng=rng),
            "got kernel_size=0, needs a whole number from 1 up, or two",
        ),
        (
            lambda rng: conv.Conv2d(1, 1, (3, 3, 3), rng=rng),
            "got kernel_size=(3, 3, 3), needs a whole number from 1 up, or two",
        ),
        (
            lambda rng: conv.ConvTranspose2d(1, 1, 3, 2, output_padding=2, rng=rng),
            "got output_padding=2, needs less than the stride",
        ),
        (
            lambda rng: pooling.MaxPool2d(2, padding=2),
            "got padding=2, needs at most half of the kernel's 2",
        ),
    ],
)
def test_impossible_windows_get_a_sentence(make: object, sentence: str) -> None:
    with pytest.raises(LayerError) as caught:
        make(np.random.default_rng(0))
    assert str(caught.value) == sentence
