"""A net that is tried out, in both worlds: what would be if, and that it stays as it was."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlcourse import pytorch, scratch
from dlcourse.pytorch.record import give_weights
from dlcourse.trace import difference
from dlcourse.what_if import WhatIf

WORLDS = ["scratch", "pytorch"]
RNG = np.random.default_rng(4)
X = RNG.normal(size=(6, 3)).astype(np.float32)
LABELS = np.array([0, 1, 1, 0, 1, 0])


def lucky_net(world: str) -> Any:
    """Dropout and batch norm: here a second look could differ from the first by luck."""
    rng = np.random.default_rng(0)
    net = scratch.Sequential(
        scratch.Linear(3, 5, rng=rng),
        scratch.BatchNorm1d(5),
        scratch.Tanh(),
        scratch.Dropout(0.4, rng=rng),
        scratch.Linear(5, 2, rng=rng),
    )
    if world == "scratch":
        return net
    parts = nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Dropout(0.4), nn.Linear(5, 2)
    return give_weights(nn.Sequential(*parts), net.state_dict())


def experiment(world: str, net: Any = None, x: np.ndarray = X, seed: int = 0) -> Any:
    net = net or lucky_net(world)
    if world == "scratch":
        return scratch.Experiment(
            net, x, loss=lambda y: scratch.cross_entropy(y, LABELS), seed=seed
        )
    labels = torch.from_numpy(LABELS)
    return pytorch.Experiment(net, x, loss=lambda y: F.cross_entropy(y, labels), seed=seed)


def state(net: Any) -> dict[str, np.ndarray]:
    """All that could be disturbed: weights, running means, gradients, modes, dice."""
    all_of_it = {name: np.asarray(a).copy() for name, a in net.state_dict().items()}
    own = net.named_parameters()
    for name, param in own.items() if isinstance(own, dict) else own:
        all_of_it[f"{name} grad"] = np.array(np.nan if param.grad is None else param.grad)
    if isinstance(net, nn.Module):
        all_of_it["where"] = np.array([param.data_ptr() for param in net.parameters()])
        modes = [module.training for module in net.modules()]
        return all_of_it | {"modes": np.array(modes), "dice": torch.get_rng_state().numpy()}
    layers = [layer for _, layer in net.named_layers()]
    all_of_it["dice"] = np.array(repr(layers[4].rng.bit_generator.state))
    return all_of_it | {"modes": np.array([layer.training for layer in layers])}


@pytest.mark.parametrize("world", WORLDS)
def test_the_net_stays_as_it_was(world: str) -> None:
    net = lucky_net(world)
    (net if world == "pytorch" else net.layers)[1].training = False  # some learn, some do not
    e, before = experiment(world, net), state(net)
    e.trace(), e.answer(), e.answer(X[:1]), e.loss(), e.sources()
    e.loss_with({"0.weight": np.ones((5, 3))})
    e.loss_if("4.bias", 1, 7.0), e.slope("4.bias", [1]), e.slope("inputs.0", (2, 1))
    after = state(net)
    assert all(np.array_equal(before[k], after[k], equal_nan=k.endswith("grad")) for k in before)


@pytest.mark.parametrize("world", WORLDS)
def test_no_loss_differs_by_luck(world: str) -> None:
    e = experiment(world)
    first = e.loss()
    torch.rand(3)
    if world == "scratch":
        e.net.layers[3].rng.random(7)
    place = (0, 1)
    now = float(e.weights()["0.weight"][place])
    assert first == e.loss() == e.loss_if("0.weight", place, now) == e.loss_with(e.weights())
    assert e.trace().loss == pytest.approx(first, abs=1e-7)
    assert e.trace()["3"].output.tolist() == e.trace()["3"].output.tolist()
    assert experiment(world, seed=8).loss() != first


def test_both_worlds_answer_alike() -> None:
    ours, theirs = (experiment(world) for world in WORLDS)
    assert max(difference(ours.trace(), theirs.trace()).values()) < 1e-5
    assert ours.loss() == pytest.approx(theirs.loss(), abs=1e-6)
    np.testing.assert_allclose(ours.answer(X[2:]), theirs.answer(X[2:]), atol=1e-6)
    assert ours.weights().keys() == theirs.weights().keys()
    for name in ("0.weight", "inputs.0"):
        assert ours.loss_if(name, (0, 2), 1.5) == pytest.approx(theirs.loss_if(name, (0, 2), 1.5))
        assert ours.slope(name, (0, 2)) == pytest.approx(theirs.slope(name, (0, 2)), abs=1e-9)
    assert ours.sources().keys() == theirs.sources().keys()


@pytest.mark.parametrize("world", WORLDS)
def test_the_slope_proves_every_gradient(world: str) -> None:
    """In float64 the way back and the measurement agree to some eight digits, dropout and all."""
    net = lucky_net(world)
    net = net.astype(np.float64) if world == "scratch" else net.double()
    e = experiment(world, net, X.astype(np.float64))
    trace, checked = e.trace(), 0
    grads = {f"{s.name}.{n}": g for s in trace for n, g in s.dparams.items()}
    grads["inputs.0"] = trace["0"].dinputs[0]
    for name, grad in grads.items():
        for place in np.ndindex(grad.shape):
            assert e.slope(name, place) == pytest.approx(grad[place], abs=1e-8), (name, place)
            checked += 1
    assert checked == 15 + 5 + 5 + 5 + 10 + 2 + 18


@pytest.mark.parametrize("world", WORLDS)
def test_a_slope_is_measured_in_float64(world: str) -> None:
    """With the losses of a float32 net, four digits would be left at most."""
    double = lucky_net(world)
    double = double.astype(np.float64) if world == "scratch" else double.double()
    exact = experiment(world, double, X.astype(np.float64)).slope("0.weight", (1, 1))
    assert experiment(world).slope("0.weight", (1, 1)) == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("world", WORLDS)
def test_what_if_is_what_comes(world: str) -> None:
    e = experiment(world)
    for name, place in (("0.weight", (4, 2)), ("4.bias", 0), ("inputs.0", [5, 0])):
        before, promised = e.loss(), e.loss_if(name, place, -2.5)
        assert e.loss() == before
        e.change(name, place, -2.5)
        assert e.loss() == promised != before
    assert e.weights()["0.weight"][4, 2] == -2.5
    assert X[5, 0] != -2.5, "whoever gave the input keeps it as it was"
    given = X.copy()
    other = experiment(world, x=given)
    before, given[:] = other.loss(), 9
    assert other.loss() == before, "and may go on using it"
    moved = {"0.weight": e.weights()["0.weight"] * 2}
    promised = e.loss_with(moved)
    assert promised != e.loss()
    for place in np.ndindex(5, 3):
        e.change("0.weight", place, moved["0.weight"][place])
    assert e.loss() == promised


@pytest.mark.parametrize("world", WORLDS)
def test_an_answer_is_that_of_the_net_in_use(world: str) -> None:
    e = experiment(world)
    predict = (scratch if world == "scratch" else pytorch).predict
    np.testing.assert_allclose(e.answer(X[:2]), predict(e.net, X[:2]), atol=1e-7)
    assert e.answer().shape == (6, 2)
    assert not np.allclose(e.answer(), e.trace().steps[-1].output), "the trace is one of learning"


@pytest.mark.parametrize("world", WORLDS)
def test_several_inputs_and_tokens(world: str) -> None:
    """A recurrent net with a state to begin with; an embedding that reads whole numbers."""
    h, steps = np.zeros((1, 2, 4), np.float32), RNG.normal(size=(2, 5, 3)).astype(np.float32)
    tokens = np.array([[1, 0, 2]])
    if world == "scratch":
        rng = np.random.default_rng(0)
        rnn, table = scratch.RNN(3, 4, rng=rng), scratch.Embedding(3, 2, rng=rng)

        def loss(y: Any) -> Any:
            y, state = y if isinstance(y, tuple) else (y, None)
            total, back = scratch.mse_loss(y, np.ones_like(y))
            return total, lambda: back() if state is None else (back(), None)

        kind: Any = scratch.Experiment
    else:
        rnn, table, kind = nn.RNN(3, 4, batch_first=True), nn.Embedding(3, 2), pytorch.Experiment

        def loss(y: Any) -> Any:
            y = y[0] if isinstance(y, tuple) else y
            return F.mse_loss(y, torch.ones_like(y))

    e = kind(rnn, steps, h, loss=loss)
    assert e.loss_if("inputs.1", (0, 0, 2), 3.0) != e.loss()
    assert abs(e.slope("inputs.1", (0, 0, 2))) > 1e-4
    e = kind(table, tokens, loss=loss)
    before = e.loss()
    assert e.loss_if("inputs.0", (0, 1), 1) != before
    with pytest.raises(ValueError, match="whole numbers: there is no slope"):
        e.slope("inputs.0", (0, 1))
    with pytest.raises(ValueError, match=r"holds whole numbers, 0\.5 is none"):
        e.loss_if("inputs.0", (0, 1), 0.5)


@pytest.mark.parametrize("world", WORLDS)
def test_a_source_is_the_code_that_ran(world: str) -> None:
    net = (scratch.MLP(3, 4, 4, 2, rng=RNG)) if world == "scratch" else pytorch.MLP(3, 4, 4, 2)
    sources = experiment(world, net).sources()
    assert sources.keys() == {"MLP", "fc1", "fc2", "fc3", "act"}
    for name, kind in (("fc1", "Linear"), ("act", "ReLU"), ("MLP", "MLP")):
        source = sources[name]
        assert source.kind == kind and source.text.startswith("def forward(self, ")
    assert sources["MLP"].file == f"dlcourse/{world}/mlp.py"
    linear = {"scratch": "dlcourse/scratch/layers.py", "pytorch": "torch/nn/modules/linear.py"}
    assert sources["fc1"].file == linear[world]
    module = scratch.layers if world == "scratch" else torch.nn.modules.linear
    line = Path(module.__file__).read_text("utf-8").splitlines()[sources["fc1"].line - 1]
    assert line.strip() == sources["fc1"].text.splitlines()[0]


@pytest.mark.parametrize("world", WORLDS)
def test_a_container_and_a_layer_typed_in_have_no_source(world: str) -> None:
    typed: dict[str, Any] = {"Layer": scratch.Layer, "Module": nn.Module}
    parent = "Layer" if world == "scratch" else "Module"
    exec(f"class Own({parent}):\n    def forward(self, x): return x, lambda dy: dy", typed)
    assert experiment(world, typed["Own"]()).sources() == {}


@pytest.mark.parametrize("world", WORLDS)
def test_mistakes_are_told(world: str) -> None:
    e = experiment(world)
    for ask in (e.slope, lambda *a: e.loss_if(*a, 1.0), lambda *a: e.change(*a, 1.0)):
        with pytest.raises(ValueError, match=r"called '0.weigth'; there are 0.weight, .*inputs.0"):
            ask("0.weigth", (0, 0))
        with pytest.raises(ValueError, match=r"shape \(5, 3\), so 2 is no place"):
            ask("0.weight", 2)
        with pytest.raises(ValueError, match=r"counted from 0: \(5, 0\) lies outside"):
            ask("0.weight", (5, 0))
        with pytest.raises(ValueError, match="lies outside"):
            ask("0.weight", (0, -1))
    with pytest.raises(TypeError, match="needs a number"):
        e.loss_if("0.bias", 0, "three")
    with pytest.raises(ValueError, match=r"0.bias was given as float64 \(4,\), needs .* \(5,\)"):
        e.loss_with({"0.bias": np.zeros(4)})
    with pytest.raises(ValueError, match="nothing here is called 'bias'"):
        e.loss_with({"bias": np.zeros(5)})
    with pytest.raises(TypeError, match="needs weights by name"):
        e.loss_with([np.zeros(5)])
    kind = type(e)
    with pytest.raises(TypeError, match="needs an input"):
        kind(e.net, loss=e._loss)
    with pytest.raises(TypeError, match="needs arrays as inputs, not a list"):
        kind(e.net, [[1.0, 2.0]], loss=e._loss)
    with pytest.raises(TypeError, match="got as net a str"):
        kind("net", X, loss=e._loss)
    with pytest.raises(TypeError, match="the loss gave a float, needs"):
        kind(e.net, X, loss=lambda y: 1.0).trace()


def test_a_loss_that_insists_on_float32_is_told_how_to_take_float64() -> None:
    target = np.zeros((6, 2), np.float32)
    e = scratch.Experiment(lucky_net("scratch"), X, loss=lambda y: scratch.mse_loss(y, target))
    assert e.loss() > 0
    with pytest.raises(ValueError, match=r"measured in float64: .*target.astype\(y.dtype\)"):
        e.slope("0.bias", 0)


@pytest.mark.parametrize("world", WORLDS)
def test_beyond_all_bounds_is_an_answer(world: str) -> None:
    """No warning, no exception: an instrument shows what is not finite."""
    assert not np.isfinite(experiment(world).loss_if("4.bias", 0, 1e300))


@pytest.mark.parametrize("world", WORLDS)
def test_an_optimizer_goes_on_with_changed_weights(world: str) -> None:
    """`change` must not put the net's weights where its optimizer does not move them."""
    e = experiment(world)
    e.change("4.bias", 0, 2.0)
    if world == "scratch":
        optimizer: Any = scratch.SGD(e.net.parameters(), 0.1)
        e.net.parameters()[-1].grad = np.ones(2, np.float32)
    else:
        optimizer = torch.optim.SGD(e.net.parameters(), 0.1)
        list(e.net.parameters())[-1].grad = torch.ones(2)
    optimizer.step()
    assert e.weights()["4.bias"][0] == pytest.approx(1.9)


def test_both_are_the_same_kind_of_thing() -> None:
    assert issubclass(scratch.Experiment, WhatIf) and issubclass(pytorch.Experiment, WhatIf)
