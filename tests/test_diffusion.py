"""Diffusion: noise in, noise out, the same in both worlds; and it learns to make points."""

from typing import Any

import numpy as np
import pytest
import torch

from dlcourse.pytorch import diffusion as torch_diffusion
from dlcourse.pytorch.record import give_weights
from dlcourse.scratch import diffusion
from dlcourse.scratch.diffusion import Diffusion, NoisePredictor, cosine_betas
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.optim import Adam

SCHEDULES = ["linear_betas", "cosine_betas"]


@pytest.mark.parametrize("steps", [1, 7, 100, 1000])
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str, steps: int) -> None:
    betas = getattr(diffusion, name)(steps)
    theirs = getattr(torch_diffusion, name)(steps)
    np.testing.assert_allclose(betas, theirs.numpy(), rtol=1e-12, atol=1e-15)
    assert betas.shape == (steps,)
    assert (betas > 0).all() and (betas < 1).all()
    assert (np.diff(betas) >= 0).all()
    if steps > 1:
        assert Diffusion(betas).left[-1] < 1e-3  # in the end nothing is left of the data


def test_linear_is_the_known_one() -> None:
    """1000 steps from 0.0001 to 0.02, as in the paper on denoising diffusion."""
    np.testing.assert_allclose(diffusion.linear_betas(1000), np.linspace(1e-4, 0.02, 1000))


def test_adding_noise_at_once_is_adding_it_step_by_step() -> None:
    rng = np.random.default_rng(0)
    process = Diffusion(cosine_betas(10))
    x0, t = rng.normal(size=(100_000, 1)), 6
    x = x0
    for beta in process.betas[: t + 1]:
        x = np.sqrt(1 - beta) * x + np.sqrt(beta) * rng.normal(size=x.shape)
    at_once = process.add_noise(x0, np.full(len(x0), t), rng.normal(size=x0.shape))
    for noisy in (x, at_once):
        slope = (noisy * x0).mean() / (x0 * x0).mean()
        assert slope == pytest.approx(np.sqrt(process.left[t]), abs=0.02)
        assert (noisy - slope * x0).var() == pytest.approx(1 - process.left[t], abs=0.02)


def test_true_noise_leads_back_to_the_data() -> None:
    """A net that knows the one point there is, and so the noise, is led there from anywhere."""
    point = np.array([[2.0, -1.0]])
    process = Diffusion(cosine_betas(20))

    def all_knowing(x: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, None]:
        left = process.left[t][:, None]
        return (x - np.sqrt(left) * point) / np.sqrt(1 - left), None

    rng = np.random.default_rng(0)
    path = list(process.denoise(all_knowing, rng.normal(size=(50, 2)), rng))
    assert len(path) == 20
    np.testing.assert_allclose(path[-1], np.tile(point, (50, 1)), atol=1e-12)
    spread = path[9].std(0)  # after step 10 downwards, x is as noisy as the forward way makes it
    np.testing.assert_allclose(spread, np.sqrt(1 - process.left[9]), rtol=0.25)


def both(dtype: str) -> tuple[NoisePredictor, Any, tuple[np.ndarray, ...]]:
    rng = np.random.default_rng(0)
    net = NoisePredictor(3, 8, 9, 2, rng=rng).astype(dtype)
    twin = give_weights(torch_diffusion.NoisePredictor(3, 8, 9, 2), net.state_dict())
    x0, noise = rng.normal(size=(2, 5, 3)).astype(dtype)
    t, label = rng.integers(0, 9, 5), rng.integers(0, 3, 5)
    return net, twin, (x0, t, noise, label)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("dtype, close", [("float64", 1e-11), ("float32", 1e-4)])
def test_loss_and_sample_in_both_worlds(name: str, dtype: str, close: float) -> None:
    net, twin, given = both(dtype)
    ours = Diffusion(getattr(diffusion, name)(9))
    theirs = torch_diffusion.Diffusion(getattr(torch_diffusion, name)(9))

    loss, back = ours.loss(net, *given)
    back()
    total = theirs.loss(twin, *map(torch.from_numpy, given))
    total.backward()
    assert loss == pytest.approx(total.item(), rel=close)
    for key, param in twin.named_parameters():
        grad = net.named_parameters()[key].grad
        assert str(grad.dtype) == dtype
        np.testing.assert_allclose(grad, param.grad.numpy(), rtol=close, atol=close)

    _, _, noise, label = given
    for wish, guidance in [(None, 1.0), (label, 1.0), (label, 3.0)]:
        wishes = None if wish is None else torch.from_numpy(wish)
        path = ours.denoise(net, noise, np.random.default_rng(3), wish, guidance)
        rng = np.random.default_rng(3)
        twin_path = theirs.denoise(twin, torch.from_numpy(noise), rng, wishes, guidance)
        for x, same in zip(path, twin_path, strict=True):
            assert str(x.dtype) == dtype
            scale = np.abs(x).max()
            np.testing.assert_allclose(x, same.numpy(), rtol=close, atol=10 * close * scale)


def test_guidance() -> None:
    """0: as without a label; 1: as with it; 2: as far again."""
    net, _, (x, _, _, label) = both("float64")
    process = Diffusion(cosine_betas(9))
    none, one, two = (process.guess(net, x, 4, label, w) for w in (0.0, 1.0, 2.0))
    np.testing.assert_array_equal(none, process.guess(net, x, 4, None, 5.0))
    np.testing.assert_allclose(one, net(x, np.full(5, 4), label)[0])
    np.testing.assert_allclose(two - one, one - none)
    assert not np.allclose(one, none)


def test_hidden_labels() -> None:
    net, twin, _ = both("float32")
    label = np.arange(10_000) % 2
    hidden = net.hide(label, np.random.default_rng(0), 0.2)
    assert (hidden == 2).mean() == pytest.approx(0.2, abs=0.02)
    assert (hidden[hidden != 2] == label[hidden != 2]).all()
    same = twin.hide(torch.from_numpy(label), np.random.default_rng(0), 0.2)
    np.testing.assert_array_equal(hidden, same.numpy())
    x, t = np.zeros((3, 3), np.float32), np.zeros(3, np.int64)
    np.testing.assert_array_equal(net(x, t)[0], net(x, t, np.full(3, 2))[0])


def test_learns_two_heaps() -> None:
    """From noise come points near the heaps; asked for one heap, points of that."""
    rng = np.random.default_rng(0)
    centres = np.array([[1.5, 0.0], [-1.5, 0.5]])
    net = NoisePredictor(2, 32, 30, 2, rng=rng)
    process = Diffusion(cosine_betas(30))
    optimizer = Adam(net.parameters(), lr=0.005)
    losses = []
    for _ in range(600):
        label = rng.integers(0, 2, 64)
        x0 = (centres[label] + 0.1 * rng.normal(size=(64, 2))).astype(np.float32)
        noise = rng.normal(size=x0.shape).astype(np.float32)
        loss, back = process.loss(net, x0, rng.integers(0, 30, 64), noise, net.hide(label, rng))
        optimizer.zero_grad()
        back()
        optimizer.step()
        losses.append(loss)
    assert np.mean(losses[-50:]) < 0.4 < np.mean(losses[:10])

    begin = rng.normal(size=(200, 2)).astype(np.float32)
    *_, points = process.denoise(net, begin, rng)
    near = np.linalg.norm(points[:, None] - centres, axis=-1) < 0.6  # (200, 2)
    assert near.any(1).mean() > 0.8
    assert 0.25 < near[:, 0].mean() < 0.75
    *_, asked = process.denoise(net, begin, rng, np.zeros(200, np.int64), 2.0)
    assert (np.linalg.norm(asked - centres[0], axis=-1) < 0.6).mean() > 0.95


X = np.zeros((4, 3), np.float32)
T = np.zeros(4, np.int64)


@pytest.mark.parametrize(
    "inputs, told",
    [
        ((X, T + 9), "NoisePredictor got steps t from 9 to 9, but knows only 0 to 8"),
        ((X, T[0]), "got steps t as int64, needs an array"),
        ((X, T[:1]), "got t of shape (1,) for 4 examples, needs one for each: np.full(len(x), t)?"),
        ((X, T, T[:2]), "got label of shape (2,) for 4 examples"),
        ((X, T, T + 3), "label (Embedding) got tokens from 3 to 3, but knows only 0 to 2"),
        ((X[0], T), "got an array of shape (3,), needs (B, 3)"),
    ],
)
def test_mistakes(inputs: tuple[Any, ...], told: str) -> None:
    net = NoisePredictor(3, 8, 9, 2, rng=np.random.default_rng(0))
    with pytest.raises(LayerError) as error:
        net(*inputs)
    assert told in str(error.value)
