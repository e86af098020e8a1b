"""Optimizers, clipping and schedules beside PyTorch's; initialisations by their statistics."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from dlcourse.pytorch.mlp import MLP as TorchMLP
from dlcourse.pytorch.record import give_weights
from dlcourse.pytorch.train import clip_grad_norm as torch_clip
from dlcourse.scratch import schedules
from dlcourse.scratch.initial import INITIAL, initialise
from dlcourse.scratch.layer import Param
from dlcourse.scratch.layers import Linear
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.mlp import MLP
from dlcourse.scratch.optim import SGD, Adam, AdamW, RMSprop
from dlcourse.scratch.train import clip_grad_norm

PAIRS: dict[str, tuple[Callable, Callable]] = {
    "sgd": (lambda p: SGD(p, 0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (lambda p: SGD(p, 0.1, 0.9), lambda p: torch.optim.SGD(p, 0.1, 0.9)),
    "nesterov": (
        lambda p: SGD(p, 0.1, 0.9, nesterov=True, weight_decay=0.01),
        lambda p: torch.optim.SGD(p, 0.1, 0.9, nesterov=True, weight_decay=0.01),
    ),
    "rmsprop": (lambda p: RMSprop(p, 0.01), lambda p: torch.optim.RMSprop(p, 0.01)),
    "adam": (lambda p: Adam(p, 0.01), lambda p: torch.optim.Adam(p, 0.01)),
    "adam-decay": (
        lambda p: Adam(p, 0.01, (0.8, 0.95), 1e-6, 0.1),
        lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.95), 1e-6, 0.1),
    ),
    "adamw": (
        lambda p: AdamW(p, 0.01, weight_decay=0.1),
        lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-11), ("float32", 1e-4)])
def test_the_same_weights_after_steps(name: str, dtype: str, tolerance: float) -> None:
    rng = np.random.default_rng(0)
    net = MLP(4, 8, 6, 3, rng=rng).astype(dtype)
    twin = give_weights(TorchMLP(4, 8, 6, 3), net.state_dict())
    ours, theirs = PAIRS[name]
    optimizer, torch_optimizer = ours(net.parameters()), theirs(twin.parameters())
    for step in range(4):
        x, labels = rng.normal(size=(5, 4)).astype(dtype), rng.integers(0, 3, 5)
        y, back = net(x)
        _, loss_back = cross_entropy(y, labels)
        optimizer.zero_grad()
        back(loss_back())
        optimizer.step()
        torch_optimizer.zero_grad()
        torch.nn.functional.cross_entropy(
            twin(torch.from_numpy(x)), torch.from_numpy(labels)
        ).backward()
        torch_optimizer.step()
        for key, tensor in twin.state_dict().items():
            mine = net.state_dict()[key]
            assert str(mine.dtype) == dtype
            scale = np.abs(mine).max()
            assert np.abs(mine - tensor.numpy()).max() < tolerance * scale, (key, step)


@pytest.mark.parametrize("name", PAIRS)
def test_an_optimizer_remembers_through_its_state(name: str) -> None:
    rng = np.random.default_rng(0)
    first, second = (Param(np.ones(3, np.float32)) for _ in range(2))
    one, other = PAIRS[name][0]([first]), PAIRS[name][0]([second])
    gradients = rng.normal(size=(4, 3)).astype(np.float32)
    for g in gradients[:2]:
        first.grad = g
        one.step()
    second.data[:] = first.data
    other.load_state_dict(one.state_dict())
    for g in gradients[2:]:
        first.grad = second.grad = g
        one.step()
        other.step()
    assert np.array_equal(first.data, second.data)


def test_gradients_add_up_until_they_are_forgotten() -> None:
    net = Linear(2, 1, rng=np.random.default_rng(0))
    optimizer, x = SGD(net.parameters(), 0.1), np.ones((1, 2), np.float32)
    for expected in (1, 2, 3):
        _, back = net(x)
        back(np.ones((1, 1), np.float32))
        assert np.array_equal(net.weight.grad, np.full((1, 2), expected))
    optimizer.zero_grad()
    assert net.weight.grad is None
    before = net.weight.data.copy()
    optimizer.step()
    assert np.array_equal(net.weight.data, before), "without a gradient nothing moves"


@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_clipping_as_torch_does(max_norm: float) -> None:
    rng = np.random.default_rng(0)
    params = [Param(np.zeros(s)) for s in [(3, 4), (5,)]] + [Param(np.zeros(2))]
    tensors = [torch.zeros(s, dtype=torch.float64, requires_grad=True) for s in [(3, 4), (5,)]]
    for param, tensor in zip(params, tensors, strict=False):
        param.grad = rng.normal(size=param.data.shape)
        tensor.grad = torch.from_numpy(param.grad.copy())
    norm = clip_grad_norm(params, max_norm)
    assert norm == pytest.approx(
        torch.nn.utils.clip_grad_norm_(tensors, max_norm).item(), rel=1e-12
    )
    for param, tensor in zip(params, tensors, strict=False):
        np.testing.assert_allclose(param.grad, tensor.grad.numpy(), rtol=1e-12)
    assert params[2].grad is None


def torch_rates(make: Callable, lr: float, steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr)
    schedule = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


torch_schedules = torch.optim.lr_scheduler


@pytest.mark.parametrize(
    "ours, theirs, steps",
    [
        (schedules.constant(0.3), lambda o: torch_schedules.ConstantLR(o, 1.0), 10),
        (schedules.step_decay(0.3, 4, 0.5), lambda o: torch_schedules.StepLR(o, 4, 0.5), 13),
        (
            schedules.cosine(0.3, 20, 0.01),
            lambda o: torch_schedules.CosineAnnealingLR(o, 20, 0.01),
            21,
        ),
        (
            schedules.warm_up(schedules.constant(0.3), 5, 0.1),
            lambda o: torch_schedules.LinearLR(o, 0.1, 1.0, 5),
            12,
        ),
        (schedules.one_cycle(0.3, 40), lambda o: torch_schedules.OneCycleLR(o, 0.3, 40), 40),
        (
            schedules.one_cycle(0.3, 40, rise=0.5),
            lambda o: torch_schedules.OneCycleLR(o, 0.3, 40, pct_start=0.5),
            40,
        ),
    ],
)
def test_schedules_as_torch_has_them(ours: Callable, theirs: Callable, steps: int) -> None:
    want = torch_rates(theirs, 0.3, steps)
    np.testing.assert_allclose([ours(step) for step in range(steps)], want, rtol=1e-9)


def test_schedules_combine_and_stay_low_at_the_end() -> None:
    rate = schedules.warm_up(schedules.cosine(1.0, 10), 5)
    assert rate(0) == 0 and rate(5) == 1 and rate(15) == rate(1000) == 0
    with pytest.raises(ValueError, match="at least one"):
        schedules.cosine(1.0, 0)
    with pytest.raises(ValueError, match="leaves, of 5 steps, none"):
        schedules.one_cycle(1.0, 5, rise=0.0)


@pytest.mark.parametrize(
    "name, spread",
    [
        ("zeros", 0),
        ("small_normal", 0.02),
        ("large_normal", 1),
        ("torch", 1 / math.sqrt(3 * 400)),
        ("xavier_uniform", math.sqrt(2 / 1000)),
        ("xavier_normal", math.sqrt(2 / 1000)),
        ("he_uniform", math.sqrt(2 / 400)),
        ("he_normal", math.sqrt(2 / 400)),
        ("orthogonal", 1 / math.sqrt(600)),
    ],
)
def test_initialisations_have_the_spread_they_claim(name: str, spread: float) -> None:
    net = Linear(400, 600, rng=np.random.default_rng(0))
    initialise(net, name, np.random.default_rng(1))
    assert net.weight.data.std() == pytest.approx(spread, rel=0.02)
    assert net.weight.data.dtype == np.float32 and not net.bias.data.any()
    if name == "orthogonal":
        product = net.weight.data.T @ net.weight.data
        np.testing.assert_allclose(product, np.eye(400), atol=1e-5)


def test_every_initialisation_is_tested_and_others_are_refused() -> None:
    assert len(INITIAL) == 9
    with pytest.raises(ValueError, match="no initialisation is called 'he'; there are zeros, "):
        initialise(Linear(2, 2, rng=np.random.default_rng(0)), "he", np.random.default_rng(0))


def test_optimizers_refuse_what_makes_no_sense() -> None:
    param = Param(np.zeros(2))
    with pytest.raises(ValueError, match=r"pass net\.parameters"):
        SGD([], 0.1)
    with pytest.raises(ValueError, match="must not be negative"):
        Adam([param], -1.0)
    with pytest.raises(ValueError, match="give momentum"):
        SGD([param], 0.1, nesterov=True)
    with pytest.raises(KeyError, match="not one of this Adam"):
        Adam([param]).load_state_dict(SGD([param], 0.1).state_dict())
    net = Linear(2, 2, rng=np.random.default_rng(0))
    for given in (net, net.named_parameters(), param):
        with pytest.raises(TypeError, match=r"cannot move this \w+: pass net\.parameters\(\)"):
            SGD(given, 0.1)
    with pytest.raises(ValueError, match="would move twice"):
        SGD([param, param], 0.1)
    with pytest.raises(TypeError, match=r"give a schedule to fit\(schedule=\.\.\.\)"):
        Adam([param], schedules.cosine(0.1, 10))


@pytest.mark.parametrize("name", PAIRS)
def test_a_weight_whose_first_gradient_comes_late(name: str) -> None:
    rng = np.random.default_rng(0)
    params = [Param(np.ones(3)) for _ in range(2)]
    tensors = [torch.ones(3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    ours, theirs = PAIRS[name][0](params), PAIRS[name][1](tensors)
    for step in range(6):
        for i, (param, tensor) in enumerate(zip(params, tensors, strict=True)):
            if step >= 3 * i:
                param.grad = rng.normal(size=3)
                tensor.grad = torch.from_numpy(param.grad.copy())
        ours.step()
        theirs.step()
    for param, tensor in zip(params, tensors, strict=True):
        np.testing.assert_allclose(param.data, tensor.detach().numpy(), rtol=1e-12)


def test_numpy_numbers_leave_float32_as_it_is() -> None:
    """A NumPy learning rate would make updates float64: other bits than after a restart."""
    tenth, decay = np.float64(0.1), np.float64(0.01)
    betas = np.array([0.9, 0.99])
    makes: list[Callable] = [
        lambda p, n: SGD(p, n(tenth), n(tenth), weight_decay=n(decay)),
        lambda p, n: RMSprop(p, n(tenth), n(tenth), n(decay)),
        lambda p, n: AdamW(p, n(tenth), (n(betas[0]), n(betas[1])), n(decay), n(decay)),
    ]
    gradients = np.random.default_rng(0).normal(size=(3, 50)).astype(np.float32)
    for make in makes:
        results = []
        for number in (np.float64, float):
            param = Param(np.linspace(1, 2, 50, dtype=np.float32))
            optimizer = make([param], number)
            optimizer.lr = number(0.3)
            for param.grad in gradients:
                optimizer.step()
            results.append(param.data)
        assert np.array_equal(*results)


def test_clipping_gradients_whose_squares_overflow() -> None:
    param, tensor = Param(np.zeros(4, np.float32)), torch.zeros(4, requires_grad=True)
    for max_norm in (1.0, np.float64(1.0)):
        param.grad = np.full(4, 1e20, np.float32)
        tensor.grad = torch.from_numpy(param.grad.copy())
        assert clip_grad_norm([param], max_norm) == pytest.approx(2e20)
        assert torch_clip([tensor], max_norm) == pytest.approx(2e20)
        np.testing.assert_allclose(param.grad, 0.5, rtol=1e-6)
        np.testing.assert_allclose(tensor.grad, 0.5, rtol=1e-6)
        assert param.grad.dtype == np.float32
