"""Attention and positions beside their PyTorch twins, and beside nn.MultiheadAttention itself."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dlcourse.pytorch import attention as torch_attention
from dlcourse.pytorch import positions as torch_positions
from dlcourse.scratch.attention import (
    MultiHeadAttention,
    ScaledDotProductAttention,
    attention_weights,
)
from dlcourse.scratch.layer import Layer
from dlcourse.scratch.layers import Linear
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.positions import LearnedPositions, SinusoidalPositions, sinusoids
from tests.twins import assert_twins

property_test = settings(max_examples=25, deadline=None, derandomize=True)
dtypes = st.sampled_from(["float64", "float32"])
seeds = st.integers(0, 2**32 - 1)
few = st.integers(1, 4)
lengths = st.integers(1, 7)
masks = st.sampled_from(["none", "padding", "full"])


def numbers(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers in memory that is not contiguous."""
    return rng.normal(size=shape[::-1]).T


def padding(rng: np.random.Generator, B: int, S: int) -> np.ndarray:
    """At least the first place of each sentence is real."""
    mask = rng.random((B, S)) < 0.6
    mask[:, 0] = True
    return mask


@property_test
@given(few, few, lengths, lengths, few, few, st.booleans(), masks, dtypes, seeds)
def test_scaled_dot_product(
    B: int, heads: int, T: int, S: int, d: int, dv: int, causal: bool, masked: str, dtype: str,
    seed: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    S = max(S, T) if causal else S
    q, k = numbers(rng, B, heads, T, d), numbers(rng, B, heads, S, d)
    v = numbers(rng, B, heads, S, dv)
    mask = {
        "none": None,
        "padding": padding(rng, B, S)[:, None, None, :],
        "full": padding(rng, T, S)[None, None],
    }[masked]
    ours = ScaledDotProductAttention(causal)
    theirs = torch_attention.ScaledDotProductAttention(causal)
    assert_twins(ours, theirs, 3 * q, 3 * k, v, mask, dtype=dtype, training=True)


@property_test
@given(few, few, few, lengths, lengths, *[st.booleans()] * 3, dtypes, seeds)
def test_multi_head(
    B: int, heads: int, d: int, T: int, S: int, causal: bool, cross: bool, masked: bool, dtype: str,
    seed: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    S = max(S, T) if causal else S
    x, memory = numbers(rng, B, T, heads * d), numbers(rng, B, S, heads * d) if cross else None
    mask = padding(rng, B, S if cross else T) if masked else None
    ours = MultiHeadAttention(heads * d, heads, causal, rng=rng)
    theirs = torch_attention.MultiHeadAttention(heads * d, heads, causal)
    assert_twins(ours, theirs, x, memory, mask, dtype=dtype, training=True)


def torchs_own(net: MultiHeadAttention) -> nn.MultiheadAttention:
    """The same weights in torch's layer, which keeps those of query, key and value in one."""
    own = nn.MultiheadAttention(net.embed_dim, net.num_heads, batch_first=True)
    three = net.query, net.key, net.value
    state = {
        "in_proj_weight": np.concatenate([layer.weight.data for layer in three]),
        "in_proj_bias": np.concatenate([layer.bias.data for layer in three]),
        "out_proj.weight": net.proj.weight.data,
        "out_proj.bias": net.proj.bias.data,
    }
    own = own.double()
    own.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    return own


@pytest.mark.parametrize("cross", [False, True], ids=["self", "cross"])
@pytest.mark.parametrize("causal", [False, True], ids=["all", "causal"])
@pytest.mark.parametrize("heads", [1, 3])
def test_torchs_own_multi_head(heads: int, causal: bool, cross: bool) -> None:
    rng = np.random.default_rng(heads)
    B, T, D = 3, 5, 12
    S = 5 if causal else 7  # torch's own layer takes any mask, but calls only a square one causal
    net = MultiHeadAttention(D, heads, causal, rng=rng).astype(np.float64)
    own = torchs_own(net)
    x, dy = rng.normal(size=(2, B, T, D))
    memory = rng.normal(size=(B, S, D)) if cross else None
    mask = padding(rng, B, S if cross else T)

    y, back = net(x, memory, mask)
    dx, dmemory, _ = back(dy)

    tx = torch.from_numpy(x).requires_grad_()
    tm = tx if memory is None else torch.from_numpy(memory).requires_grad_()
    future = torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None
    hidden = torch.from_numpy(~mask)
    ty, _ = own(tx, tm, tm, key_padding_mask=hidden, attn_mask=future, need_weights=False)
    ty.backward(torch.from_numpy(dy))

    close = {"rtol": 1e-11, "atol": 1e-13}
    np.testing.assert_allclose(y, ty.detach().numpy(), **close)
    np.testing.assert_allclose(dx, tx.grad.numpy(), **close)
    if cross:
        np.testing.assert_allclose(dmemory, tm.grad.numpy(), **close)
    dW = np.concatenate([layer.weight.grad for layer in (net.query, net.key, net.value)])
    np.testing.assert_allclose(dW, own.in_proj_weight.grad.numpy(), **close)
    np.testing.assert_allclose(net.proj.bias.grad, own.out_proj.bias.grad.numpy(), **close)


def test_torchs_own_weights() -> None:
    """The weights that a picture shows are the ones that torch's own layer tells of."""
    rng = np.random.default_rng(0)
    net = MultiHeadAttention(6, 1, rng=rng).astype(np.float64)
    x = rng.normal(size=(2, 4, 6))
    q, k = net.query(x)[0], net.key(x)[0]
    _, theirs = torchs_own(net)(*[torch.from_numpy(x)] * 3)
    np.testing.assert_allclose(attention_weights(q, k), theirs.detach().numpy(), rtol=1e-12)


def test_used_twice() -> None:
    """Both ways back of one layer are right, whichever is taken first."""
    rng = np.random.default_rng(0)
    net = MultiHeadAttention(6, 2, is_causal=True, rng=rng).astype(np.float64)
    twin = torch_attention.MultiHeadAttention(6, 2, is_causal=True).double()
    twin.load_state_dict({name: torch.from_numpy(a) for name, a in net.state_dict().items()})
    x, dy = rng.normal(size=(2, 2, 4, 6))
    h, back1 = net(x)
    _, back2 = net(h)
    tx = torch.from_numpy(x).requires_grad_()
    twin(twin(tx)).backward(torch.from_numpy(dy))
    dh, _, _ = back2(dy)
    dx, _, _ = back1(dh)
    np.testing.assert_allclose(dx, tx.grad.numpy(), rtol=1e-11)
    for name, param in twin.named_parameters():
        ours, theirs = net.named_parameters()[name].grad, param.grad.numpy()
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("cuts", [(1, 1, 1, 1, 1, 1), (4, 1, 1), (2, 3, 1)], ids=str)
def test_cache(cuts: tuple[int, ...]) -> None:
    """Piece by piece with a cache is the same as all at once, in both worlds."""
    rng = np.random.default_rng(0)
    net = MultiHeadAttention(6, 2, is_causal=True, rng=rng).astype(np.float64)
    twin = torch_attention.MultiHeadAttention(6, 2, is_causal=True).double()
    twin.load_state_dict({name: torch.from_numpy(a) for name, a in net.state_dict().items()})
    x = rng.normal(size=(2, 6, 6))
    whole, _ = net(x)
    cache = torch_cache = None
    for piece in np.split(np.arange(6), np.cumsum(cuts)[:-1]):
        y, cache = net.extend(x[:, piece], cache)
        ty, torch_cache = twin.extend(torch.from_numpy(x[:, piece]), torch_cache)
        np.testing.assert_allclose(y, whole[:, piece], rtol=1e-12)
        np.testing.assert_allclose(y, ty.detach().numpy(), rtol=1e-12)
    assert [part.shape for part in cache] == [(2, 2, 6, 3)] * 2


def test_nothing_hidden_reaches_a_query() -> None:
    """Neither a later place nor padding changes an answer, or gets a gradient."""
    rng = np.random.default_rng(0)
    net = MultiHeadAttention(4, 2, is_causal=True, rng=rng).astype(np.float64)
    x = rng.normal(size=(1, 5, 4))
    mask = np.array([[True, False, True, True, True]])
    y, back = net(x, None, mask)
    other = x.copy()
    other[:, [1, 4]] += 9
    np.testing.assert_array_equal(net(other, None, mask)[0][:, [0, 2, 3]], y[:, [0, 2, 3]])
    dx, _, _ = back(np.eye(5)[None, :, :1] * np.ones(4) * [[[1], [0], [1], [1], [0]]])
    assert not dx[:, [1, 4]].any()
    assert dx[:, 0].any()


@property_test
@given(few, lengths, st.integers(0, 3), st.integers(1, 3), dtypes, seeds)
def test_positions(B: int, T: int, spare: int, half: int, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = T + spare, 2 * half
    x = numbers(rng, B, T, 2 * half)
    for ours, theirs in [
        (LearnedPositions(*size, rng=rng), torch_positions.LearnedPositions(*size)),
        (SinusoidalPositions(*size), torch_positions.SinusoidalPositions(*size)),
    ]:
        assert ours.state_dict().keys() == theirs.state_dict().keys()
        assert_twins(ours, theirs, x, dtype=dtype, training=True)
        x32 = x.astype(np.float32)
        later = ours.astype(np.float32)(x32, spare)[0]
        same = theirs.float()(torch.from_numpy(x32), spare).detach().numpy()
        np.testing.assert_array_equal(later, same)


def test_sinusoids() -> None:
    """The same table in both worlds, and the one of the equation."""
    table = sinusoids(np.arange(1000), 6)
    theirs = torch_positions.sinusoids(torch.arange(1000), 6).numpy()
    assert table.dtype == theirs.dtype == np.float32
    np.testing.assert_allclose(table, theirs, atol=1e-7)
    np.testing.assert_allclose(table[0], [0, 1, 0, 1, 0, 1])
    np.testing.assert_allclose(table[7, 2:4], [np.sin(f := 7 / 10000 ** (1 / 3)), np.cos(f)], 1e-6)
    assert SinusoidalPositions(5, 6).table.dtype == np.float32


def test_state_dict() -> None:
    rng = np.random.default_rng(0)
    ours = MultiHeadAttention(6, 2, rng=rng).state_dict()
    theirs = torch_attention.MultiHeadAttention(6, 2).state_dict()
    assert {n: a.shape for n, a in ours.items()} == {n: tuple(t.shape) for n, t in theirs.items()}


X = np.zeros((2, 3, 4), np.float32)


class Outer(Layer):
    """To see that a mistake deep inside tells its whole name."""

    def __init__(self) -> None:
        self.attn = MultiHeadAttention(4, 2, rng=np.random.default_rng(0))

    def forward(self, *inputs: Any) -> Any:
        return self.attn(*inputs)


@pytest.mark.parametrize(
    "inputs, told",
    [
        ((X, X[..., :3]), "attn.key (Linear) got 3 on axis I of an array (2, 3, 3)"),
        ((X[0],), "attn (MultiHeadAttention) got an array of shape (3, 4), needs (B, T, D)"),
        ((X, None, np.ones((2, 4), bool)), "got a mask bool (2, 4), needs bool (2, 3)"),
        ((X, None, np.ones((2, 3))), "got a mask float64 (2, 3), needs bool (2, 3)"),
        ((X, None, np.arange(6).reshape(2, 3) < 3), "hides every place from query (1, 0, 0)"),
        ((X, X[:1]), "needs (..., T, d), (..., S, d) and (..., S, any)"),
    ],
)
def test_mistakes(inputs: tuple[Any, ...], told: str) -> None:
    with pytest.raises(LayerError) as error:
        Outer()(*inputs)
    assert told in str(error.value)


def test_other_mistakes() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(LayerError, match=r"cannot share a width of 4 among 3 heads evenly"):
        MultiHeadAttention(4, 3, rng=rng)
    attend = ScaledDotProductAttention(is_causal=True)
    with pytest.raises(LayerError, match=r"got a mask int64 \(3, 3\), needs bool \(2, 3, 3\)"):
        attend(X, X, X, np.ones((3, 3), np.int64))
    with pytest.raises(LayerError, match=r"got a mask bool \(2, 3\), needs bool \(2, 3, 3\)"):
        attend(X, X, X, np.ones((2, 3), bool))
    with pytest.raises(LayerError, match=r"hides every place from query \(0,\): let it see one"):
        attend(X, X[:, :2], X[:, :2])  # more queries than places: the first stands before all
    with pytest.raises(LayerError, match="extend needs is_causal=True"):
        MultiHeadAttention(4, 2, rng=rng).extend(X)
    with pytest.raises(LayerError, match=r"got 3 tokens from place 2 on, but knows only 4 places"):
        LearnedPositions(4, 4, rng=rng)(X, 2)
    with pytest.raises(LayerError, match="make it even"):
        sinusoids(np.arange(3), 5)
    with pytest.raises(LayerError, match="float32 numbers, but its weights are float64"):
        Linear(4, 4, rng=rng).astype(np.float64)(X)
