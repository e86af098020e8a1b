"""VAE and GAN: their losses and steps beside PyTorch's, and that they do what they are for."""

import numpy as np
import pytest
import torch

from dlcourse import pytorch, scratch
from dlcourse.data import split_digits


def test_vae_loss_and_its_gradients() -> None:
    rng = np.random.default_rng(0)
    answer = tuple(rng.normal(size=size) for size in [(5, 7), (5, 3), (5, 3)])
    x = rng.random((5, 7))
    loss, loss_back = scratch.vae_loss(answer, x)
    tensors = tuple(torch.from_numpy(a).requires_grad_() for a in answer)
    want = pytorch.vae_loss(tensors, torch.from_numpy(x))
    (3 * want).backward()
    assert loss == pytest.approx(want.item(), rel=1e-12)
    for mine, tensor in zip(loss_back(3.0), tensors, strict=True):
        np.testing.assert_allclose(mine, tensor.grad.numpy(), rtol=1e-11)


def test_a_vae_learns_digits_and_its_codes_stay_near_zero() -> None:
    train, _ = split_digits()
    x, rng = train.flat.x, np.random.default_rng(0)
    net = scratch.VAE(64, 64, 4, rng=rng)
    optimizer = scratch.Adam(net.parameters(), 3e-3)
    losses = []
    for _ in range(150):
        batch = x[rng.integers(0, len(x), 128)]
        answer, back = net(batch, rng.normal(size=(128, 4)).astype(np.float32))
        loss, loss_back = scratch.vae_loss(answer, batch)
        optimizer.zero_grad()
        back(loss_back())
        optimizer.step()
        losses.append(loss)
    assert losses[-1] < 0.75 * losses[0]
    (_, mean, _), _ = net(x, np.zeros((len(x), 4), np.float32))
    assert np.abs(mean.mean(0)).max() < 0.5 and 0.3 < mean.std() < 2


def duel(world: object) -> tuple[list[float], dict[str, np.ndarray]]:
    """Ten rounds from the same weights with the same noise: losses, and the weights at the end."""
    rng, in_torch = np.random.default_rng(0), world is pytorch
    maker, judge = scratch.Generator(3, 8, 2, rng=rng), scratch.Discriminator(2, 8, rng=rng)
    as_array = torch.from_numpy if in_torch else np.asarray
    if in_torch:
        maker = pytorch.give_weights(pytorch.Generator(3, 8, 2), maker.state_dict())
        judge = pytorch.give_weights(pytorch.Discriminator(2, 8), judge.state_dict())
    adam = torch.optim.Adam if in_torch else scratch.Adam
    moves = [adam(net.parameters(), 0.01) for net in (maker, judge)]
    losses = []
    for _ in range(10):
        real, *noises = (rng.normal(size=(16, n)).astype(np.float32) for n in (2, 3, 3))
        fakes = maker(as_array(noises[0]))
        fakes = fakes if in_torch else fakes[0]
        losses.append(world.judge_step(judge, moves[1], as_array(real), fakes))
        losses.append(world.maker_step(maker, moves[0], judge, as_array(noises[1])))
    state = {**maker.state_dict(), **{f"judge.{k}": a for k, a in judge.state_dict().items()}}
    return losses, {name: np.asarray(array) for name, array in state.items()}


def test_the_duel_takes_the_same_course_in_both_worlds() -> None:
    (losses, state), (torch_losses, torch_state) = duel(scratch), duel(pytorch)
    np.testing.assert_allclose(losses, torch_losses, rtol=1e-4)
    for name, array in state.items():
        np.testing.assert_allclose(array, torch_state[name], rtol=1e-3, atol=1e-4, err_msg=name)


def test_the_makers_step_moves_the_maker_only() -> None:
    rng = np.random.default_rng(0)
    maker, judge = scratch.Generator(2, 8, 2, rng=rng), scratch.Discriminator(2, 8, rng=rng)
    before = maker.state_dict(), judge.state_dict()
    noise = rng.normal(size=(8, 2)).astype(np.float32)
    scratch.maker_step(maker, scratch.SGD(maker.parameters(), 0.1), judge, noise)
    assert any((a != before[0][name]).any() for name, a in maker.state_dict().items())
    assert all((a == before[1][name]).all() for name, a in judge.state_dict().items())
    assert all(param.grad is None for param in judge.parameters())


def test_fakes_move_to_where_the_real_ones_are() -> None:
    rng = np.random.default_rng(0)
    real = rng.normal((2, -1), 0.3, size=(256, 2)).astype(np.float32)
    maker, judge = scratch.Generator(2, 32, 2, rng=rng), scratch.Discriminator(2, 32, rng=rng)
    moves = [scratch.Adam(net.parameters(), 2e-3, (0.5, 0.9)) for net in (maker, judge)]
    for _ in range(300):
        batch = real[rng.integers(0, len(real), 64)]
        noises = rng.normal(size=(2, 64, 2)).astype(np.float32)
        scratch.judge_step(judge, moves[1], batch, maker(noises[0])[0])
        scratch.maker_step(maker, moves[0], judge, noises[1])
    fakes, _ = maker(rng.normal(size=(500, 2)).astype(np.float32))
    assert np.abs(fakes.mean(0) - real.mean(0)).max() < 0.5
