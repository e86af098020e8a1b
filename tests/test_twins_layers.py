"""Every layer of activations.py and layers.py beside PyTorch's own."""

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from torch import nn

from dlcourse.scratch.activations import GELU, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from dlcourse.scratch.layer import Layer, Param
from dlcourse.scratch.layers import Dropout, Embedding, Flatten, Linear, Residual, Sequential
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.record import trace, watching
from tests.twins import assert_twins, both_traces, largest_gap

property_test = settings(max_examples=25, deadline=None, derandomize=True)
dtypes = st.sampled_from(["float64", "float32"])
shapes = array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=6)
seeds = st.integers(0, 2**32 - 1)

TWINS = {
    "ReLU": (ReLU, nn.ReLU),
    "LeakyReLU": (lambda: LeakyReLU(0.2), lambda: nn.LeakyReLU(0.2)),
    "Tanh": (Tanh, nn.Tanh),
    "Sigmoid": (Sigmoid, nn.Sigmoid),
    "GELU": (GELU, lambda: nn.GELU(approximate="tanh")),
    "Softmax": (Softmax, lambda: nn.Softmax(-1)),
    "Softmax(0)": (lambda: Softmax(0), lambda: nn.Softmax(0)),
}


def numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers small and large, some exactly zero, in memory that is not contiguous."""
    x = rng.normal(size=shape[::-1]) * rng.choice([0, 0.1, 1, 10], size=shape[::-1])
    return x.T


@pytest.mark.parametrize("name", TWINS)
@property_test
@given(shapes, dtypes, seeds)
def test_activations(name: str, shape: tuple[int, ...], dtype: str, seed: int) -> None:
    ours, theirs = TWINS[name]
    x = numbers(np.random.default_rng(seed), shape)
    assert_twins(ours(), theirs(), x, dtype=dtype, training=True)


@property_test
@given(shapes, st.integers(1, 7), st.booleans(), dtypes, seeds)
def test_linear(shape: tuple[int, ...], out: int, bias: bool, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ours, theirs = Linear(shape[-1], out, bias, rng=rng), nn.Linear(shape[-1], out, bias)
    assert_twins(ours, theirs, numbers(rng, shape), dtype=dtype, training=True)


@property_test
@given(shapes, st.integers(1, 9), st.integers(1, 5), dtypes, seeds)
def test_embedding(shape: tuple[int, ...], tokens: int, width: int, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ours, theirs = Embedding(tokens, width, rng=rng), nn.Embedding(tokens, width)
    assert_twins(ours, theirs, rng.integers(0, tokens, shape), dtype=dtype, training=True)


@property_test
@given(shapes, st.sampled_from([0.0, 0.3, 0.9]), dtypes, st.booleans(), seeds)
def test_dropout(shape: tuple[int, ...], p: float, dtype: str, training: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = numbers(rng, shape)
    assert_twins(Dropout(p, rng=rng), nn.Dropout(p), x, dtype=dtype, training=training)


@property_test
@given(array_shapes(min_dims=2, max_dims=4, max_side=5), dtypes, seeds)
def test_flatten(shape: tuple[int, ...], dtype: str, seed: int) -> None:
    x = numbers(np.random.default_rng(seed), shape)
    assert_twins(Flatten(), nn.Flatten(), x, dtype=dtype, training=True)


class TorchResidual(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.body(x)


TorchResidual.__name__ = "Residual"


@property_test
@given(st.integers(1, 6), st.integers(1, 6), dtypes, seeds)
def test_sequential_and_residual(width: int, batch: int, dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ours = Sequential(Residual(Linear(width, width, rng=rng), Tanh()), Dropout(0.5, rng=rng))
    theirs = nn.Sequential(TorchResidual(nn.Linear(width, width), nn.Tanh()), nn.Dropout(0.5))
    assert_twins(ours, theirs, numbers(rng, (batch, width)), dtype=dtype, training=True)
    assert list(ours.state_dict()) == list(theirs.state_dict())


class Twice(Layer):
    """The same weights used two times: their gradients must add up."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.fc = Linear(4, 4, rng=rng)

    def forward(self, x):
        h, back1 = self.fc(x)
        y, back2 = self.fc(h)
        return y, lambda dy: back1(back2(dy))


class TorchTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(self.fc(x))


TorchTwice.__name__ = "Twice"


def test_a_layer_used_twice() -> None:
    rng = np.random.default_rng(0)
    assert_twins(Twice(rng), TorchTwice(), rng.normal(size=(3, 4)), dtype="float64", training=True)


def test_the_comparison_sees_a_wrong_gradient() -> None:
    class Careless(Tanh):
        def forward(self, x):
            y = np.tanh(x)
            return y, lambda dy: dy * (1 - y)

    Careless.__name__ = "Tanh"
    rng = np.random.default_rng(0)
    gap, where = largest_gap(*both_traces(Careless(), nn.Tanh(), rng.normal(size=(3, 4))))
    assert gap > 0.01 and where == "Tanh.dinputs.0"


def test_the_input_gradient_is_skipped_only_when_reading_data() -> None:
    rng = np.random.default_rng(0)
    net = Sequential(Linear(3, 4, rng=rng), Tanh(), Linear(4, 2, rng=rng))
    x, dy = rng.normal(size=(5, 3)).astype(np.float32), np.ones((5, 2), np.float32)
    _, back = net(x)
    dx = back(dy)
    once = net.layers[0].weight.grad
    with net.reading_data():
        _, back = net(x)
        assert back(dy) is None
    assert dx.shape == x.shape and net.layers[0].wants_dx
    assert np.array_equal(net.layers[0].weight.grad, 2 * once)


class HeadFirst(Layer):
    """A learner's net whose layers are not declared in the order in which they are used."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.head, self.fc = Linear(4, 2, rng=rng), Linear(3, 4, rng=rng)

    def forward(self, x):
        h, back_fc = self.fc(x)
        y, back_head = self.head(h)
        return y, lambda dy: back_fc(back_head(dy))


def twice_in_a_row(rng: np.random.Generator) -> Sequential:
    fc = Linear(3, 3, rng=rng)
    return Sequential(fc, Tanh(), fc)


@pytest.mark.parametrize("make", [HeadFirst, twice_in_a_row])
def test_reading_data_never_takes_a_gradient_that_is_needed(make) -> None:
    net, rng = make(np.random.default_rng(0)), np.random.default_rng(1)
    x, grads = rng.normal(size=(5, 3)).astype(np.float32), []
    for context in (nullcontext(), net.reading_data()):
        with context:
            net.zero_grad()
            y, back = net(x)
            back(y)
        grads.append([param.grad for param in net.parameters()])
    assert all(np.array_equal(*pair) and pair[0].any() for pair in zip(*grads, strict=True))


def test_a_trace_shows_numbers_as_they_were_at_that_moment() -> None:
    class Careless(Layer):
        def __init__(self) -> None:
            self.fc = Linear(3, 3, rng=np.random.default_rng(0))

        def forward(self, x):
            h, back = self.fc(x)
            h += 100
            return h, back

    seen = trace(Careless(), np.zeros((2, 3), np.float32))
    assert seen["fc"].output.max() < 1 and seen["Careless"].output.min() > 99


def test_one_layer_under_two_names_has_the_first_in_both_worlds() -> None:
    net = twice_in_a_row(np.random.default_rng(0))
    fc = nn.Linear(3, 3)
    ours, theirs = both_traces(net, nn.Sequential(fc, nn.Tanh(), fc), np.ones((2, 3)))
    assert [step.name for step in ours] == ["0", "1", "0", "Sequential"]
    assert largest_gap(ours, theirs)[0] < 1e-12
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert list(net.named_parameters()) == ["0.weight", "0.bias"], "once, as PyTorch says it"


def test_within_a_watching_another_may_look_and_the_first_goes_on() -> None:
    net, x = Sequential(Tanh()), np.ones((2, 3), np.float32)
    with watching(net) as outer:
        net(x)
        trace(net, x)
        net(x)
    assert len(outer.calls) == 4 and net.watcher is None


def test_layers_and_weights_in_lists_and_dicts_learn_too() -> None:
    class Nested(Layer):
        def __init__(self) -> None:
            rng = np.random.default_rng(0)
            self.heads = {"left": Linear(2, 1, rng=rng)}
            self.grid = [[Linear(2, 1, rng=rng)]]
            self.scales = [Param(np.ones(2, np.float32))]

    names = ["heads.left.weight", "heads.left.bias", "grid.0.0.weight", "grid.0.0.bias", "scales.0"]
    assert sorted(Nested().named_parameters()) == sorted(names)


def test_inputs_may_be_named() -> None:
    class Masked(Layer):
        def forward(self, x, mask=None):
            return x * mask, lambda dy: (dy * mask, None)

    x = np.ones((2, 2), np.float32)
    y, _ = Masked()(x, mask=np.eye(2, dtype=np.float32))
    assert y.sum() == 2


def test_ways_back_refuse_what_is_no_gradient_of_theirs() -> None:
    net = Sequential(Linear(3, 5, rng=np.random.default_rng(0)))
    y, back = net(np.ones((5, 3), np.float32))
    with pytest.raises(LayerError, match=r"got a gradient \(5, 3\), but its output was \(5, 5\)"):
        back(np.ones((5, 3), np.float32))
    with pytest.raises(LayerError, match="Sequential got a float as gradient"):
        back(1.0)
    with pytest.raises(LayerError, match=r"needs what it gives: back\(loss_back\(\)\)"):
        back(lambda: y)
    with pytest.raises(LayerError, match=r"gradient \(3,\) for a weight \(4, 3\)"):
        Param(np.zeros((4, 3))).add_grad(np.zeros(3))


def test_a_forward_without_a_way_back_is_noticed() -> None:
    class Forgetful(Layer):
        def forward(self, x):
            return x

    with pytest.raises(LayerError, match="Forgetful has a forward that gives a ndarray, needs two"):
        Forgetful()(np.ones((2, 3), np.float32))


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda: Sequential([Tanh()]), r"got \[Tanh\(\)\], needs layers"),
        (lambda: Sequential(Tanh), "got the class Tanh, needs layers"),
        (lambda: Linear(2, 2, rng=0), "got rng=0, needs a generator"),
        (lambda: Dropout(0.5, rng=None), "got rng=None"),
        (lambda: Embedding(2, 2, rng=np.random), r"got rng=numpy\.random, needs a generator"),
        (lambda: Dropout(50, rng=np.random.default_rng(0)), "got p=50, needs a probability"),
    ],
)
def test_mistakes_at_birth_are_told_in_a_sentence(make, sentence: str) -> None:
    with pytest.raises(LayerError, match=sentence):
        make()


def test_reading_data_stops_where_the_input_goes_two_ways() -> None:
    rng = np.random.default_rng(0)
    net = Residual(Linear(3, 3, rng=rng))
    x = rng.normal(size=(2, 3)).astype(np.float32)
    with net.reading_data():
        _, back = net(x)
        assert back(x).shape == x.shape


rng = np.random.default_rng(0)
MISTAKES = [
    (
        Linear(4, 2, rng=rng),
        np.ones((3, 5), np.float32),
        r"Linear got 5 on axis I .*needs \(..., 4\)$",
    ),
    (Linear(4, 2, rng=rng), np.ones((4, 5), np.float32), "is it transposed"),
    (
        Linear(8, 2, rng=rng),
        np.ones((3, 2, 2, 2), np.float32),
        r"a Flatten\(\) before it is missing",
    ),
    (Linear(4, 2, rng=rng), np.ones((3, 4)), r"got float64 .*weights are float32: x.astype"),
    (Linear(4, 2, rng=rng), np.ones((3, 4), int), "got int64 numbers, needs floats"),
    (Linear(4, 2, rng=rng), [[1.0] * 4], "got a list, needs an array"),
    (
        Embedding(4, 2, rng=rng),
        np.array([0, 4]),
        "tokens from 0 to 4, .* 0 to 3: does counting begin",
    ),
    (Embedding(4, 2, rng=rng), np.array([0.0]), "tokens as float64, needs .*whole numbers"),
    (Embedding(4, 2, rng=rng), np.array([-1]), "from -1 to -1"),
    (Residual(Linear(4, 2, rng=rng)), np.ones((3, 4), np.float32), r"\(3, 4\) to .* \(3, 2\)"),
    (ReLU(), np.ones(3, int), "ReLU got int64"),
    (
        Sequential(Residual(Tanh(), Linear(4, 2, rng=rng))),
        np.ones((3, 5), np.float32),
        r"^0\.body\.1 \(Linear\) got 5",
    ),
]


@pytest.mark.parametrize("layer, x, sentence", MISTAKES)
def test_mistakes_are_told_in_a_sentence(layer: Layer, x: object, sentence: str) -> None:
    with pytest.raises(LayerError, match=sentence) as caught:
        layer(x)
    assert "\n" not in str(caught.value)


def test_states_that_do_not_fit_change_nothing() -> None:
    net = Linear(4, 2, rng=np.random.default_rng(0))
    before = net.state_dict()
    with pytest.raises(KeyError, match="not the state of this Linear: it lacks bias"):
        net.load_state_dict({"weight": np.zeros((2, 4))})
    with pytest.raises(ValueError, match=r"bias has shape \(2,\) here, but \(3,\) in the state"):
        net.load_state_dict({"weight": np.zeros((2, 4)), "bias": np.zeros(3)})
    with pytest.raises(ValueError, match="bias must be numbers, but the state has <U1"):
        net.load_state_dict({"weight": np.zeros((2, 4)), "bias": np.array(["a", "b"])})
    assert all(np.array_equal(before[name], array) for name, array in net.state_dict().items())
