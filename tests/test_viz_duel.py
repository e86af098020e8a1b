"""The duel in Python: what is sent, the modes that are reached, playing on, and what is refused."""

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dlcourse import scratch, viz
from dlcourse.viz.parts.duel_rounds import MOST_POINTS, MOST_ROUNDS
from dlcourse.viz.parts.mode_cover import cover
from dlcourse.wire import parse

FRAME = (-2.0, 2.0, -1.0, 1.0)


def played(size: int = 12, every: int = 1, latent: int = 2) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(0)
    nets = scratch.Generator(latent, 8, 2, rng=rng), scratch.Discriminator(2, 8, rng=rng)
    moves = tuple(scratch.Adam(net.parameters(), 0.01) for net in nets)

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            real, noise = rng.normal(size=(size, 2)), rng.normal(size=(size, latent))
            yield real.astype(np.float32), noise.astype(np.float32)

    return scratch.duel_rounds(*nets, moves, batches(), frame=FRAME, cells=5, every=every)


def some(count: int = 4, **options: Any) -> list[dict[str, Any]]:
    return list(itertools.islice(played(**options), count))


def test_what_is_sent() -> None:
    rounds = some(3)
    view = viz.duel(rounds, modes=[[0, 0], [1, 1]], round=2, phase="push", follow=11)
    _, content = parse(view.data)
    assert content["choices"] == {"round": 2, "phase": "push", "follow": 11}
    assert content["frame"] == list(FRAME) and not content["plays"]
    for sent, own in zip(content["rounds"], rounds, strict=True):
        for name in ("real", "fakes", "dfakes", "moved", "noise", "says_real", "before", "after"):
            np.testing.assert_array_equal(sent[name], own[name], err_msg=name)
        assert sent["judge_loss"] == own["judge_loss"] and sent["round"] == own["round"]
        found = cover(own["fakes"], np.array([[0, 0], [1, 1]]))
        np.testing.assert_array_equal(sent["shares"], found.shares)


def test_of_many_rounds_and_points_some_are_sent() -> None:
    rounds = some(100, size=400)
    view = viz.duel(rounds)
    sent = view.content["rounds"]
    assert len(sent) == MOST_ROUNDS and (sent[0]["round"], sent[-1]["round"]) == (0, 99)
    assert len(sent[0]["fakes"]) == len(sent[0]["says_fakes"]) == MOST_POINTS
    np.testing.assert_array_equal(sent[0]["fakes"][[0, -1]], rounds[0]["fakes"][[0, -1]])
    assert sent[0]["count"] == 400
    assert len(viz.page.page(view)) < 2_000_000


MODES = np.array([[0, 0], [2, 0], [0, 2]])


@pytest.mark.parametrize(
    "points, shares, elsewhere, reached",
    [
        ([[0, 0], [0.9, 0], [2, 0], [0, 2]], [0.5, 0.25, 0.25], 0, 3),
        ([[0, 0]] * 4, [1, 0, 0], 0, 1),
        ([[1.5, 1.5], [-0.9, 0], [0, 3.1], [2, 0.5]], [0.25, 0.25, 0], 0.5, 2),
        ([[9, 9]], [0, 0, 0], 1, 0),
        ([[0, 0]] * 14 + [[2, 0]], [14 / 15, 1 / 15, 0], 0, 2),  # a fifth of a third
        ([[0, 0]] * 15 + [[2, 0]], [15 / 16, 1 / 16, 0], 0, 1),  # and a little less
    ],
)
def test_modes_that_are_reached(points: Any, shares: Any, elsewhere: float, reached: int) -> None:
    """A point counts for its nearest mode up to half the way between modes, here up to 1."""
    found = cover(np.array(points, float), MODES)
    np.testing.assert_allclose(found.shares, shares)
    assert found.elsewhere == pytest.approx(elsewhere) and found.reached == reached


def test_a_single_mode_takes_all() -> None:
    found = cover(np.array([[0, 0], [99, 0]]), MODES[:1])
    assert found.shares.tolist() == [1] and found.elsewhere == 0


def frames(view: Any, count: int) -> list[dict[str, Any]]:
    """What playing on would send, without a browser that confirms it."""
    sent: list[dict[str, Any]] = []

    async def listen() -> None:
        view.run = lambda source: sent.append({"source": source})
        view.answers["play"]()
        source = sent.pop()["source"]
        async for frame in source:
            sent.append(frame)
            if len(sent) == count:
                break

    asyncio.run(listen())
    return sent


def test_playing_on_goes_on_where_the_record_ended() -> None:
    game = played()
    first = list(itertools.islice(game, 3))
    view = viz.duel(first, more=game, modes=MODES)
    assert view.content["plays"]
    came = frames(view, 2)
    want = some(5)[3:]
    assert [frame["seen"]["round"] for frame in came] == [3, 4]
    for frame, own in zip(came, want, strict=True):
        np.testing.assert_array_equal(frame["seen"]["moved"], own["moved"])
        assert frame["seen"]["reached"] == cover(own["fakes"], MODES).reached
    assert frames(view, 1)[0]["seen"]["round"] == 5, "stopped and played on, nothing is repeated"


def test_the_end_of_the_batches_and_a_mistake_are_said() -> None:
    rounds = some(3)
    view = viz.duel(rounds[:2], more=iter(rounds[2:]))
    assert [sorted(frame) for frame in frames(view, 9)] == [["seen"], ["over"]]
    broken = viz.duel(rounds[:2], more=iter([{"round": 2}]))
    assert "The duel stopped: rounds[2] lacks real" in frames(broken, 9)[0]["over"]


def test_a_copied_call_finds_its_round_again() -> None:
    game = played(every=5)
    view = viz.duel(list(itertools.islice(game, 2)), more=game, round=20)
    assert [each["round"] for each in view.content["rounds"]] == [0, 5, 10, 15, 20]
    with pytest.raises(ValueError, match="round=20 is not recorded: 0 to 3 are"):
        viz.duel(some(4), round=20)


def test_noise_of_any_width_and_none() -> None:
    wide = viz.duel(some(2, latent=5)).content["rounds"]
    assert wide[0]["noise"].shape == (12, 5)
    bare = [{k: v for k, v in each.items() if k != "noise"} for each in some(2)]
    assert "noise" not in viz.duel(bare).content["rounds"][0]


def test_words() -> None:
    rounds = some(4)
    view = viz.duel(rounds, modes=MODES)
    last = rounds[-1]
    fooled = (last["says_fakes"] > 0.5).mean()
    for told in (f"{last['judge_loss']:.3g}", f"{fooled:.0%} of the fakes", "of 3 modes"):
        assert told in view.words.alt
    assert view.words.given == ["rounds", "modes=modes"]
    assert [row[0] for row in view.words.table.rows] == ["0", "1", "2", "3"]


def changed(**arrays: Any) -> list[dict[str, Any]]:
    return [some(1)[0] | arrays]


@pytest.mark.parametrize(
    "rounds, named, told",
    [
        ([], {}, "there is no round to show"),
        (some(1)[0], {}, "duel needs a list of rounds"),
        ([3], {}, "rounds[0] is a int, needs arrays by name"),
        (changed(moved=None), {}, "rounds[0] lacks moved"),
        (changed(fakes=np.zeros((12, 3))), {}, "rounds[0]['fakes'] is (12, 3), needs (12, 2)"),
        (changed(says_real=np.zeros(4)), {}, "rounds[0]['says_real'] is (4,), needs (12,)"),
        (changed(after=np.zeros((4, 5))), {}, "rounds[0]['after'] is (4, 5), needs (5, 5)"),
        (changed(before=np.zeros((1, 1)), after=np.zeros((1, 1))), {}, "1 × 1 cells"),
        (changed(real=np.array(["a"])), {}, "rounds[0]['real']: got <U1, needs numbers"),
        (changed(frame=(1, 0, 0, 1)), {}, "must be left, right, bottom, top"),
        (some(2), {"round": 7}, "round=7 is not recorded: 0 to 1 are"),
        (some(2), {"phase": "win"}, "phase='win' is unknown: 'noise', 'make'"),
        (some(2), {"follow": 12}, "follow=12 must be the number of a fake, 0 to 11"),
        (some(2), {"more": [1]}, "more is a list, needs an iterator"),
        (some(2), {"modes": [1, 2]}, "modes of shape (2,): needs (K, 2)"),
        (some(2), {"modes": [[1, 2], [1, 2]]}, "each of them once"),
    ],
)
def test_mistakes(rounds: Any, named: dict[str, Any], told: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        viz.duel(rounds, **named)
    assert told in str(error.value)
