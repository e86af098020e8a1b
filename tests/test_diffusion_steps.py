"""The recorded diffusion: the same in both worlds, and true to the process it shows."""

from typing import Any

import numpy as np
import pytest
import torch

from dlcourse import pytorch, scratch

STEPS = 9


def both(features: int) -> tuple[Any, Any, np.ndarray]:
    rng = np.random.default_rng(0)
    net = scratch.NoisePredictor(features, 8, STEPS, 2, rng=rng)
    twin = pytorch.NoisePredictor(features, 8, STEPS, 2)
    return net, pytorch.give_weights(twin, net.state_dict()), rng.normal(size=(6, features))


def recorded(world: Any, net: Any, x0: np.ndarray, *told: Any) -> dict[str, np.ndarray]:
    process = world.Diffusion(world.cosine_betas(STEPS))
    given = [torch.from_numpy(a) if world is pytorch else a for a in (x0, *told[:1])]
    rng = np.random.default_rng(5)
    return world.record_diffusion(process, net, given[0], rng, *given[1:], *told[1:])


@pytest.mark.parametrize("features", [2, 4])
@pytest.mark.parametrize("told", [(), (np.array([0, 1, 0, 1, 0, 1]), 2.0)], ids=["plain", "told"])
@pytest.mark.parametrize("dtype, close", [("float64", 1e-11), ("float32", 2e-4)])
def test_both_worlds_record_the_same(features: int, told: Any, dtype: str, close: float) -> None:
    net, twin, x0 = both(features)
    twin = twin.double() if dtype == "float64" else twin
    ours = recorded(scratch, net.astype(dtype), x0.astype(dtype), *told)
    theirs = recorded(pytorch, twin, x0.astype(dtype), *told)
    assert ours.keys() == theirs.keys()
    assert ("field" in ours) == (features == 2)
    for name, array in ours.items():
        scale = np.abs(array).max()
        np.testing.assert_allclose(array, theirs[name], rtol=close, atol=close * scale)
        own = name not in ("left", "frame")  # these two are the schedule's and the picture's
        assert not own or str(array.dtype) == str(theirs[name].dtype) == dtype


def test_what_is_recorded() -> None:
    net, _, x0 = both(2)
    x0 = x0.astype(np.float32)
    steps = recorded(scratch, net, x0)
    assert {name: array.shape for name, array in steps.items()} == {
        "forward": (10, 6, 2),
        "backward": (10, 6, 2),
        "guesses": (9, 6, 2),
        "left": (9,),
        "field": (9, 15, 15, 2),
        "frame": (4,),
    }
    np.testing.assert_array_equal(steps["forward"][0], x0)
    np.testing.assert_array_equal(steps["backward"][0], steps["forward"][-1])


def test_the_way_back_is_the_samplers_and_the_guesses_are_the_nets() -> None:
    net, _, x0 = both(2)
    steps = recorded(scratch, net, x0.astype(np.float32))
    process = scratch.Diffusion(scratch.cosine_betas(STEPS))
    rng = np.random.default_rng(5)
    for _ in range(STEPS):
        rng.normal(size=(6, 2))  # what the way forward drew
    path = process.denoise(net, steps["forward"][-1], rng)
    for j, x in enumerate(path):
        np.testing.assert_array_equal(steps["backward"][j + 1], x)
        guess, _ = net(steps["backward"][j], np.full(6, STEPS - 1 - j))
        np.testing.assert_array_equal(steps["guesses"][j], guess)


def test_the_way_forward_follows_the_schedule() -> None:
    """After t steps: √ᾱ of the point, and noise of variance 1 − ᾱ."""
    net, _, _ = both(2)
    steps = recorded(scratch, net.astype(np.float64), np.tile([[3.0, -2.0]], (20_000, 1)))
    for t in (0, 4, 8):
        x, left = steps["forward"][t + 1], steps["left"][t]
        np.testing.assert_allclose(x.mean(0), np.sqrt(left) * np.array([3, -2]), atol=0.04)
        np.testing.assert_allclose(x.var(0), 1 - left, rtol=0.05)


def test_the_field_is_the_nets_guess_in_every_place() -> None:
    net, _, x0 = both(2)
    steps = recorded(scratch, net, x0.astype(np.float32))
    left, right, bottom, top = steps["frame"]
    assert np.abs(steps["forward"]).max() < right == -left == top == -bottom
    for (row, column), place in {(0, 0): (left, bottom), (0, 14): (right, bottom)}.items():
        guess, _ = net(np.array([place], np.float32), np.array([7]))
        np.testing.assert_allclose(steps["field"][7, row, column], guess[0], rtol=1e-5)
    guess, _ = net(np.array([[left, top]], np.float32), np.array([2]))
    np.testing.assert_allclose(steps["field"][2, 14, 0], guess[0], rtol=1e-5)
