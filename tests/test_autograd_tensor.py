"""A Tensor finds the gradients that PyTorch finds: any shapes, strides and precisions."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

from dlcourse.data import moons
from dlcourse.scratch.autograd_tensor import Tensor
from dlcourse.scratch.broadcasting import unbroadcast
from dlcourse.scratch.losses import cross_entropy

property_test = settings(max_examples=50, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
axes = st.sampled_from([None, 0, 1, -1, (0, 1), (1, -1), (0, 1, 2)])
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / (b * b + 0.5),
    "a ** b": lambda a, b: (a * a + 0.5) ** b,
    "reused": lambda a, b: (a * b - a) * (a + b) + b,
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "exp": lambda a: a.exp(),
    "log": lambda a: (a * a + 0.5).log(),
    "tanh": lambda a: a.tanh(),
    "relu": lambda a: a.relu(),
    "-": lambda a: -a,
    "** 2": lambda a: a**2,
    "** -1.5": lambda a: (a * a + 0.5) ** -1.5,
    "** 0": lambda a: a**0 * a,
    "2 + a": lambda a: 2 + a,
    "2 - a": lambda a: 2 - a,
    "a - 2": lambda a: a - 2,
    "2 * a": lambda a: 2 * a,
    "2 / a": lambda a: 2 / (a * a + 0.5),
    "2 ** a": lambda a: 2**a,
    "a / 2": lambda a: a / 2,
}


def draw(seed: int, shape: tuple[int, ...], order: str = "any") -> np.ndarray:
    """Numbers in [-2, 2], mostly not contiguous: every other one of a larger array, axes mixed."""
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(len(shape)) if order == "any" else np.arange(len(shape))
    larger = rng.uniform(-2, 2, [2 * shape[axis] for axis in mixed])
    return larger[tuple(slice(None, None, 2) for _ in shape)].transpose(np.argsort(mixed))


def expect_same(ours: Callable[..., Any], *arrays: np.ndarray, theirs: Any = None) -> None:
    """The same function of Tensors and of torch's: equal values, equal gradients."""
    kept = [array.copy() for array in arrays]
    mine = [Tensor(array) for array in arrays]
    torches = [torch.tensor(array, requires_grad=True) for array in arrays]
    y, t = ours(*mine), (theirs or ours)(*torches)
    weights = np.random.default_rng(7).normal(size=y.shape)  # upstream gradients
    (y * weights).sum().backward()
    (t * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(y.data, t.detach().numpy(), rtol=1e-12, atol=1e-12)
    for a, b, array, before in zip(mine, torches, arrays, kept, strict=True):
        assert a.grad.shape == array.shape
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("op", BINARY)
@property_test
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), seeds)
def test_two_arrays_of_shapes_that_fit(op, shapes, seed):
    a, b = shapes.input_shapes
    expect_same(BINARY[op], draw(seed, a), draw(seed + 1, b))


@pytest.mark.parametrize("op", UNARY)
@property_test
@given(array_shapes(min_dims=0, max_dims=3, max_side=4), seeds)
def test_one_array(op, shape, seed):
    expect_same(UNARY[op], draw(seed, shape))


@property_test
@given(
    mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3),
    st.tuples(*[st.integers(1, 4)] * 3),
    seeds,
)
def test_matrix_products(batches, sizes, seed):
    (a, b), (n, k, m) = batches.input_shapes, sizes
    expect_same(lambda a, b: a @ b, draw(seed, (*a, n, k)), draw(seed + 1, (*b, k, m)))


@pytest.mark.parametrize("name", ["sum", "mean", "max"])
@property_test
@given(st.tuples(*[st.integers(1, 4)] * 3), axes, st.booleans(), seeds)
def test_reductions(name, shape, axis, keepdims, seed):
    a = draw(seed, shape).round()  # so that several are the largest
    expect_same(
        lambda x: getattr(x, name)(axis, keepdims),
        a,
        theirs=lambda x: getattr(x, "amax" if name == "max" else name)(
            dim=tuple(range(3)) if axis is None else axis, keepdim=keepdims
        ),
    )


@property_test
@given(st.permutations(range(3)), st.tuples(*[st.booleans()] * 3), seeds)
def test_axes_change_places(order, negative, seed):
    order = [axis - 3 * minus for axis, minus in zip(order, negative, strict=True)]
    a = draw(seed, (2, 3, 4))
    expect_same(lambda x: x.transpose(*order), a, theirs=lambda x: x.permute(order))
    expect_same(lambda x: x.T, a, theirs=lambda x: x.permute(2, 1, 0))


@pytest.mark.parametrize("shape", [(6, 4), (2, -1), ((3, 8),), (24,), (1, 2, 3, 4)])
def test_shapes_change(shape):
    expect_same(lambda x: x.reshape(*shape), draw(3, (2, 3, 4)))


PLACES: dict[str, Any] = {
    "one": 1,
    "one number": (1, -1),
    "slices": (slice(None), slice(0, None, 2)),
    "ellipsis": (..., 1),
    "new axis": (slice(None), None),
    "rows, some twice": np.array([2, 0, 2, 2]),
    "pairs, some twice": (np.array([0, 3, 0]), np.array([1, 1, 1])),
    "mask": np.arange(20).reshape(4, 5) % 3 == 0,
}


@pytest.mark.parametrize("place", PLACES)
def test_places(place):
    index = PLACES[place]
    expect_same(lambda x: x[index] * x[index], draw(5, (4, 5)))


@property_test
@given(mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 3, 4)), seeds)
def test_unbroadcast_is_the_way_back_of_broadcasting(shapes, seed):
    """The two are adjoint: ⟨broadcast x, dy⟩ = ⟨x, unbroadcast dy⟩ for all x and dy"""
    x, dy = draw(seed, shapes.input_shapes[0]), draw(seed + 1, shapes.result_shape)
    dx = unbroadcast(dy, x.shape)
    assert dx.shape == x.shape
    assert (np.broadcast_to(x, dy.shape) * dy).sum() == pytest.approx((x * dx).sum(), abs=1e-12)


def test_gradients_are_those_of_a_small_step():
    w, x = draw(1, (3, 4)), draw(2, (5, 3))

    def loss(w: np.ndarray) -> Tensor:
        h = (Tensor(x) @ Tensor(w)).tanh().exp()
        return ((h / h.sum(1, keepdims=True)).log() * x[:, :1]).mean()

    weights = Tensor(w)
    h = (Tensor(x) @ weights).tanh().exp()
    ((h / h.sum(1, keepdims=True)).log() * x[:, :1]).mean().backward()
    for place in np.ndindex(w.shape):
        change = np.zeros_like(w)
        change[place] = 1e-6
        slope = (loss(w + change).data - loss(w - change).data) / 2e-6
        assert weights.grad[place] == pytest.approx(slope, abs=1e-8)


def softmax_cross_entropy(logits: Any, labels: np.ndarray) -> Any:
    """Written out, in words that Tensor and torch share."""
    shifted = logits - (logits.data.max(1, keepdims=True) if isinstance(logits, Tensor) else 0)
    log_p = shifted - shifted.exp().sum(1).log().reshape(-1, 1)
    return -log_p[np.arange(len(labels)), labels].mean()


def test_an_mlp_learns_and_its_gradients_are_right_on_the_way():
    rng = np.random.default_rng(0)
    points = moons(200, noise=0.1, rng=rng)
    weights = [Tensor(0.7 * rng.normal(size=s), name=f"W{s}") for s in ((2, 16), 16, (16, 2), 2)]
    losses = []
    for step in range(300):
        W1, b1, W2, b2 = weights
        logits = (points.x @ W1 + b1).relu() @ W2 + b2
        loss = softmax_cross_entropy(logits, points.y)
        for w in weights:
            w.zero_grad()
        loss.backward()
        losses.append(float(loss.data))
        if step % 100 == 0:
            layer_loss, back = cross_entropy(logits.data, points.y)
            assert losses[-1] == pytest.approx(layer_loss, rel=1e-12)
            np.testing.assert_allclose(logits.grad, back(), rtol=0, atol=1e-15)
        for w in weights:
            w.data -= 0.5 * w.grad
    assert losses[-1] < losses[0] / 10
    assert (logits.data.argmax(1) == points.y).mean() > 0.97


def test_a_whole_net_agrees_with_torch():
    labels = np.array([0, 2, 1, 2, 0, 1])
    expect_same(
        lambda x, w, b, v: softmax_cross_entropy((x @ w + b).tanh().relu() @ v, labels),
        *(draw(i, shape) for i, shape in enumerate([(6, 4), (4, 5), (5,), (5, 3)])),
    )


FLOAT32: dict[str, Callable[[Tensor], Tensor]] = {
    **UNARY,
    "float64 number": lambda a: a * np.float64(0.1) + np.float64(2),
    "float64 array": lambda a: np.full((2, 3), 0.1) * a,
    "list": lambda a: a * [1, 2, 3],
    "@": lambda a: a @ np.ones((3, 2)),
    "mean": lambda a: a.mean(1),
    "max": lambda a: a.max(0),
    "places": lambda a: a[np.array([0, 0])],
    "reshape": lambda a: a.reshape(3, 2).T,
    "mask": lambda a: a * (a.data > 0),
}


@pytest.mark.parametrize("op", FLOAT32)
def test_float32_stays_float32_on_the_way_forward_and_back(op):
    a = Tensor(draw(4, (2, 3)).astype(np.float32))
    loss = (FLOAT32[op](a) * 0.5).sum()
    loss.backward()
    assert {str(node.data.dtype) for node in loss.history()} == {"float32"}
    assert {str(node.grad.dtype) for node in loss.history()} == {"float32"}
    for node in loss.history():
        assert all(d.dtype == np.float32 for d in node.back(node.grad))


@pytest.mark.parametrize(
    "data, dtype",
    [
        (1.5, "float32"),
        ([[1, 2], [3, 4]], "float32"),
        (np.arange(3), "float32"),
        (np.array([True]), "float32"),
        (np.ones(3), "float64"),
        (np.float64(1), "float64"),
        (np.ones(3, np.float32), "float32"),
    ],
)
def test_precision_of_a_new_tensor(data, dtype):
    assert Tensor(data).data.dtype == dtype
    assert (Tensor(data) * 0.1).data.dtype == dtype


def test_a_plain_number_is_not_rounded_on_its_way_to_float64():
    assert (Tensor(np.ones(2)) * 0.1).data[0] == 0.1
    assert (Tensor(np.ones(2)) * [0.1, 0.2]).data[1] == 0.2


def test_gradients_add_up_in_the_leaves_until_they_are_forgotten():
    a = Tensor(np.array([1.0, 2.0]))
    square = a * a
    loss = square.sum()
    assert a.grad is None
    loss.backward()
    loss.backward()
    np.testing.assert_array_equal(a.grad, [4, 8])
    np.testing.assert_array_equal(square.grad, [1, 1])
    loss.zero_grad()
    assert (a.grad, square.grad) == (None, None)


def test_everybody_owns_their_arrays():
    start = np.ones((2, 2))
    a, b = Tensor(start), Tensor(start)
    (a + b).sum().backward()
    a.grad *= 5
    a.data -= 5
    np.testing.assert_array_equal(b.grad, np.ones((2, 2)))
    np.testing.assert_array_equal(b.data, np.ones((2, 2)))
    np.testing.assert_array_equal(start, np.ones((2, 2)))


def test_the_graph_is_plain_data():
    x, w = Tensor(np.ones((5, 3), np.float32)), Tensor(np.ones((3, 2)), name="w")
    graph = (x @ w).graph()
    assert json.loads(json.dumps(graph)) == graph
    node = {"id": 1, "op": "", "name": "w", "shape": [3, 2], "dtype": "float64", "bytes": 48}
    assert graph["nodes"][1] == node
    assert graph["nodes"][2]["op"] == "@"
    assert graph["nodes"][2]["shape"] == [5, 2]
    assert graph["edges"] == [
        {"from": 0, "to": 2, "operand": 0},
        {"from": 1, "to": 2, "operand": 1},
    ]
    older = x.T
    assert [edge["from"] for edge in (w.T @ older).graph()["edges"]] == [0, 1, 3, 2]


@pytest.mark.parametrize(
    "wrong, error, sentence",
    [
        (lambda x: x + np.ones(4), ValueError, r"\(2, 3\) \+ \(4,\) does not work: paired from"),
        (lambda x: x * [1, 2], ValueError, r"as a column, .reshape\(2, 1\), it would fit"),
        (lambda x: np.ones(4) - x, ValueError, r"\(4,\) - \(2, 3\) does not work"),
        (lambda x: x @ x, ValueError, r"the 3 columns on .* are 2; is .T of the right side meant"),
        (lambda x: x @ np.ones((2, 5)), ValueError, "is .T of the left side meant"),
        (lambda x: x @ np.ones((4, 5)), ValueError, r"\(2, 3\) @ \(4, 5\) .* but these are 4$"),
        (lambda x: x @ np.ones(3), ValueError, r"\(2, 3\) @ \(3,\) .* at least two axes"),
        (
            lambda x: Tensor(np.ones((2, 3, 4))) @ np.ones((3, 4, 5)),
            ValueError,
            "paired from the right",
        ),
        (lambda x: x.backward(), ValueError, r"from one number, .* shape \(2, 3\): take .sum"),
        (lambda x: x + "3", TypeError, "plain numbers, but this str has dtype"),
        (lambda x: Tensor([x, x]), TypeError, "plain numbers, but this list has dtype object"),
        (lambda x: Tensor(x), TypeError, "plain numbers, but this Tensor has"),
        (lambda x: Tensor([1j]), TypeError, "plain numbers, but this list has dtype complex128"),
        (
            lambda x: x ** [1, 2],
            TypeError,
            "one plain number is needed here, but this is a list",
        ),
        (lambda x: x < 0, TypeError, "a comparison has no gradient"),
        (lambda x: x.reshape(4), ValueError, r"size 6 into shape \(4,\)"),
        (lambda x: x.transpose(0, 2), ValueError, "axis 2 is out of bounds"),
        (lambda x: x.sum(2), ValueError, "axis 2 is out of bounds"),
        (lambda x: x[5], IndexError, "index 5 is out of bounds for axis 0 with size 2"),
    ],
)
def test_a_mistake_gets_one_clear_sentence(wrong, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        wrong(Tensor(np.ones((2, 3))))
    assert "\n" not in str(caught.value)


def test_nan_stays_visible():
    a = Tensor([np.nan, 1.0, -1.0])
    for y in (a.relu(), a.tanh(), a * 0, a.exp()):
        assert np.isnan(y.data).tolist() == [True, False, False]
    assert np.isnan(a.max().data) and np.isnan(a.sum().data)
    a.relu().sum().backward()
    assert a.grad.tolist() == [1.0, 1.0, 0.0]


def test_repr():
    assert repr(Tensor([[1, 2]], name="x")) == "Tensor([[1., 2.]], name='x')"
