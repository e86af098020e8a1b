"""The recorded duel: the same in both worlds, true to the steps it shows, and leaving no mark."""

from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
import torch

from dlcourse import pytorch, scratch

FRAME = (-2.0, 2.0, -1.5, 1.5)
CLOSE = {"rtol": 2e-4, "atol": 2e-5}


def nets() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return scratch.Generator(3, 8, 2, rng=rng), scratch.Discriminator(2, 8, rng=rng)


def twins() -> tuple[Any, Any]:
    maker, judge = nets()
    return (
        pytorch.give_weights(pytorch.Generator(3, 8, 2), maker.state_dict()),
        pytorch.give_weights(pytorch.Discriminator(2, 8), judge.state_dict()),
    )


def batches(count: int = 12) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(1)
    sizes = (16, 2), (16, 3)
    return [tuple(rng.normal(size=s).astype(np.float32) for s in sizes) for _ in range(count)]


def played(world: Any, every: int = 1, cells: int = 5) -> list[dict[str, Any]]:
    in_torch = world is pytorch
    maker, judge = twins() if in_torch else nets()
    adam = torch.optim.Adam if in_torch else scratch.Adam
    moves = tuple(adam(net.parameters(), 0.01) for net in (maker, judge))
    given = [tuple(map(torch.from_numpy, b)) for b in batches()] if in_torch else batches()
    rounds = world.duel_rounds(maker, judge, moves, given, frame=FRAME, cells=cells, every=every)
    return list(rounds)


def test_both_worlds_record_the_same() -> None:
    ours, theirs = played(scratch), played(pytorch)
    assert len(ours) == len(theirs) == 12
    for mine, same in zip(ours, theirs, strict=True):
        assert mine.keys() == same.keys()
        for name in mine:
            np.testing.assert_allclose(mine[name], same[name], **CLOSE, err_msg=name)


@pytest.mark.parametrize("world", [scratch, pytorch])
def test_what_is_recorded(world: Any) -> None:
    """Shapes, float32, the grid's corners, and the course that the plain steps take."""
    rounds = played(world)
    first = rounds[0]
    shapes = {n: a.shape for n, a in first.items() if isinstance(a, np.ndarray)}
    points = dict.fromkeys(("real", "fakes", "dfakes", "moved"), (16, 2))
    beliefs = {"says_real": (16,), "says_fakes": (16,), "before": (5, 5), "after": (5, 5)}
    assert shapes == points | beliefs | {"noise": (16, 3), "frame": (4,)}
    assert all(a.dtype == np.float32 for a in first.values() if isinstance(a, np.ndarray))
    for now, after in pairwise(rounds):
        np.testing.assert_allclose(now["after"], after["before"], **CLOSE)


def test_beliefs_stand_where_the_grid_says() -> None:
    maker, judge = nets()
    first = next(scratch.duel_rounds(maker, judge, moves_of(maker, judge), batches(), frame=FRAME))
    _, fresh = nets()
    corners = np.array([[-2, -1.5], [2, -1.5], [-2, 1.5], [2, 1.5]], np.float32)
    want = 1 / (1 + np.exp(-fresh(corners)[0][:, 0]))
    got = [first["before"][r, c] for r, c in ((0, 0), (0, -1), (-1, 0), (-1, -1))]
    np.testing.assert_allclose(got, want, rtol=1e-6)


def moves_of(maker: Any, judge: Any) -> tuple[Any, Any]:
    return scratch.Adam(maker.parameters(), 0.01), scratch.Adam(judge.parameters(), 0.01)


def test_the_record_is_the_duel_that_the_plain_steps_play() -> None:
    """Looking on changes nothing: the same losses and fakes as without a record."""
    maker, judge = nets()
    moves = moves_of(maker, judge)
    for seen, (real, noise) in zip(played(scratch), batches(), strict=True):
        fakes, _ = maker(noise)
        np.testing.assert_array_equal(seen["fakes"], fakes)
        assert seen["judge_loss"] == scratch.judge_step(judge, moves[1], real, fakes)
        assert seen["maker_loss"] == scratch.maker_step(maker, moves[0], judge, noise)
        np.testing.assert_array_equal(seen["moved"], maker(noise)[0])


def test_every_third_round() -> None:
    every, third = played(scratch), played(scratch, every=3)
    assert [seen["round"] for seen in third] == [0, 3, 6, 9]
    for seen in third:
        np.testing.assert_array_equal(seen["moved"], every[seen["round"]]["moved"])


@pytest.mark.parametrize("world", [scratch, pytorch])
def test_the_arrows_are_the_slope_of_the_makers_loss(world: Any) -> None:
    """dL/dfakes beside a finite difference in float64."""
    _, judge = nets() if world is scratch else twins()
    judge = judge.astype(np.float64) if world is scratch else judge.double()
    fakes = np.random.default_rng(3).normal(size=(4, 2))
    as_given = np.asarray if world is scratch else torch.from_numpy
    arrows = world.gan_rounds.fake_slopes(judge, as_given(fakes))

    def loss(points: np.ndarray) -> float:
        believed = world.gan_rounds.belief(judge, as_given(points)).astype(np.float64)
        return float(-np.log(believed).mean())

    for place in np.ndindex(4, 2):
        step = np.zeros((4, 2))
        step[place] = 1e-6
        slope = (loss(fakes + step) - loss(fakes - step)) / 2e-6
        assert arrows[place] == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("world", [scratch, pytorch])
def test_asking_leaves_no_mark_on_the_judge(world: Any) -> None:
    _, judge = nets() if world is scratch else twins()
    fakes = np.zeros((4, 2), np.float32)
    world.gan_rounds.fake_slopes(judge, fakes if world is scratch else torch.from_numpy(fakes))
    assert all(param.grad is None for param in judge.parameters())


def test_endless_batches_are_played_only_as_far_as_asked() -> None:
    maker, judge = nets()

    def endless() -> Any:
        while True:
            yield batches(1)[0]

    rounds = scratch.duel_rounds(maker, judge, moves_of(maker, judge), endless(), frame=FRAME)
    assert len(list(islice(rounds, 3))) == 3
