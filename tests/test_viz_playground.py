"""The playground in Python: ways, changes, forks, frames, words, and what it refuses."""

import asyncio
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcourse import data, pytorch, scratch, viz
from dlcourse.viz.parts.tutor import ALONE
from dlcourse.viz.parts.way import KEPT, Way
from dlcourse.wire import parse

RNG = np.random.default_rng
WORLDS: dict[str, type] = {"NumPy": scratch.Pupil, "PyTorch": pytorch.Pupil}


def moons(n: int = 50) -> Any:
    return data.moons(n, rng=RNG(3))


def way(world: str = "NumPy", steps: int = 0, **settings: Any) -> Way:
    made = Way(WORLDS, world, WORLDS[world](moons(), hidden=(4, 3), **settings))
    for _ in range(steps):
        made.learn(1)
    return made


def row(pupil: Any) -> np.ndarray:
    return np.concatenate([array.ravel() for array in pupil.weights().values()])


def show(**choices: Any) -> Any:
    return viz.playground(
        scratch.Pupil, pytorch.Pupil, data=moons(), **{"hidden": (4,), "steps": 20, **choices}
    )


# ── ways ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("world", WORLDS)
def test_a_way_records_what_the_pupil_was(world):
    made, alone = way(world, 6), WORLDS[world](moons(), hidden=(4, 3))
    for step, seen in enumerate(made.sights):
        assert seen.step == step
        np.testing.assert_array_equal(seen.weights, row(alone))
        assert seen.loss == pytest.approx(alone.loss(), rel=1e-6)
        assert seen.accuracy == pytest.approx(alone.accuracy())
        alone.learn(1)
    np.testing.assert_allclose(made.losses, [r.loss for r in alone.run.rows[:6]])


def test_gradients_of_a_sight_are_those_of_the_loss_on_all_points():
    made = way(steps=3)
    pupil, seen = made.pupil, made.sights[-1]
    names = list(pupil.weights())
    assert names[:2] == ["fc1.weight", "fc1.bias"], "the row is in this order"
    at = 0
    for name, array in pupil.weights().items():
        slope = pupil.experiment.slope(name, [0] * array.ndim)
        assert seen.gradients[at] == pytest.approx(slope, rel=1e-3, abs=1e-6)
        at += array.size
    assert at == seen.weights.size == seen.gradients.size


CHANGES: list[tuple[str, Any]] = [
    ("lr", 0.5),
    ("optimizer", "SGD"),
    ("batch", 8),
    ("fc1.weight[2, 1]", 1.5),
    ("fc2.bias[0]", -1.0),
    ("add", [(0.0, 0.0, 1), (0.1, 0.0, 1)]),
    ("erase", [(0.0, 0.5, 0.4)]),
    ("world", "PyTorch"),
]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_a_branch_shares_the_past_and_leaves_the_old_way_as_it_was(name, value):
    old = way(steps=12)
    kept = row(old.pupil)
    new = old.branch(7, name, value)
    assert [s.step for s in new.sights] == list(range(8))
    assert new.changes == [(7, name, value)] and old.changes == []
    new.learn(5)
    np.testing.assert_array_equal(row(old.pupil), kept)
    same = new.sights[3].weights == old.sights[3].weights
    assert same.all(), "the past is shared"
    if name != "world":  # there the other world goes on as this one would have
        assert not np.array_equal(new.sights[-1].weights, old.sights[-1].weights)
    assert len(new.losses) == 12


def test_the_other_world_goes_on_where_this_one_stood():
    old = way(steps=10)
    new = old.branch(5, "world", "PyTorch")
    assert (new.world, new.pupil.backend) == ("PyTorch", "torch")
    np.testing.assert_array_equal(new.sights[-1].weights, old.sights[5].weights)
    new.learn(5)
    np.testing.assert_allclose(new.sights[-1].weights, old.sights[-1].weights, atol=1e-5)


@pytest.mark.parametrize("world", WORLDS)
def test_a_way_with_all_its_changes_repeats_bit_for_bit(world):
    made = way(world, 4)
    for name, value in CHANGES[:-1]:
        made = made.branch(made.step, name, value)
        made.learn(3)
    np.testing.assert_array_equal(made.again(made.step), row(made.pupil))
    middle = made.sights[len(made.sights) // 2]
    np.testing.assert_array_equal(made.again(middle.step), middle.weights)


def test_drawing_on_at_one_step_is_one_change():
    made = way(steps=3).branch(3, "add", [(0.0, 0.0, 1)]).branch(3, "add", [(1.0, 1.0, 0)])
    assert made.changes == [(3, "add", [(0.0, 0.0, 1), (1.0, 1.0, 0)])]
    assert len(made.pupil.points.x) == 52
    made.learn(2)
    np.testing.assert_array_equal(made.again(5), row(made.pupil))


def test_a_long_way_forgets_every_other_old_sight():
    made = way()
    made.sights = made.sights * KEPT
    made.learn(1)
    assert KEPT / 2 < len(made.sights) <= KEPT
    assert made.sights[-1].step == 1


# ── what the browser asks ────────────────────────────────────────────────────────────────────────


def test_a_change_is_undone_and_a_fork_is_kept_or_dropped():
    view = show(world="NumPy")
    ask = view.answers
    before = ask["now"]()["a"]["weights"][-1]
    changed = ask["change"](20, "fc1.weight[0, 0]", 3.0)
    assert changed["undo"] == 1 and changed["a"]["weights"][-1][0] == 3.0
    assert changed["a"]["steps"].tolist() == [20], "only what is new is sent"
    expected = changed["a"]["loss"][-1]
    np.testing.assert_array_equal(ask["undo"]()["a"]["weights"][-1], before)
    assert ask["loss_if"]("fc1.weight", [0, 0], 3.0) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match="nothing to undo"):
        ask["undo"]()

    fork = ask["fork"](8, "lr", 1.0)
    assert fork["a"] is None and fork["b"]["steps"].tolist()[-1] == 8
    caught_up = ask["learn"](3)
    assert caught_up["a"] is None and caught_up["b"]["steps"].tolist() == [20]
    assert ask["learn"](2)["a"]["steps"].tolist() == [22]
    kept = ask["choose"]("b")
    assert kept["b"] is None and kept["a"]["changes"] == [(8, "lr", 1.0)]
    assert ask["undo"]()["b"] is not None, "both are there again"
    assert ask["choose"]("a")["a"]["changes"] == []


def test_worlds_agree_and_doing_it_again_too():
    view = show()
    apart = view.answers["worlds_apart"]()["apart"]
    assert list(apart) == ["PyTorch"]
    assert all(gap < 1e-6 for gap in apart["PyTorch"].values())
    assert view.answers["again"](20) == {"step": 20, "numbers": 22, "differ": 0}
    with pytest.raises(ValueError, match="nothing was recorded at step 999"):
        view.answers["again"](999)


def test_a_new_beginning():
    view = show()
    settings = {"hidden": [3.0, 2.0], "activation": "relu", "optimizer": "SGD", "lr": 0.1}
    settings |= {"batch": 16, "weight_decay": 0.0, "seed": 4}
    strokes = [("add", [(0.0, 0.0, 1)]), ("erase", [(0.0, 0.0, 0.01)])]
    begun = view.answers["begin"]("moons", "PyTorch", strokes, **settings)
    assert begun["a"]["settings"]["hidden"] == (3, 2)
    assert begun["a"]["steps"].tolist() == [0] and begun["undo"] == 0
    alone = pytorch.Pupil(moons(), **{**settings, "hidden": (3, 2)})
    np.testing.assert_array_equal(begun["a"]["weights"][0], row(alone))
    assert [change[:2] for change in begun["a"]["changes"]] == [(0, "add"), (0, "erase")]
    assert len(begun["a"]["x"]) == 50, "a point came and went"


def test_what_is_known_already_is_not_sent_again():
    view = show()
    known = view.content["ways"]["version"]
    assert view.answers["now"](known) is None
    view.answers["learn"](1)
    assert view.answers["now"](known)["a"]["steps"][-1] == 21


class Stream:
    """Frames as a browser gets them, which confirms each; or none, once it is gone."""

    def __init__(self, view: Any, *, deaf: bool = False) -> None:
        self.frames: list[Any] = []
        self.view, self.deaf = view, deaf
        view.observe(self.heard, "stream")

    def heard(self, change: Any) -> None:
        self.frames.append(parse(change["new"])[1])
        if not self.deaf:
            self.view.seen = self.frames[-1]["id"]


def test_training_comes_in_frames_and_stops_when_it_is_told_to():
    view = show()
    stream = Stream(view)

    async def watch() -> None:
        view.answers["go"](5)
        while len(stream.frames) < 4:
            await asyncio.sleep(0.01)
        view.answers["halt"]()
        await asyncio.sleep(0.1)

    asyncio.run(watch())
    assert [frame["a"]["steps"].tolist() for frame in stream.frames[:3]] == [[25], [30], [35]]
    assert all(len(frame["a"]["losses"]) == 5 for frame in stream.frames)
    assert len(stream.frames) <= 5, "nothing comes after the end"
    assert view.content["ways"]["a"]["steps"][-1] >= 40, "a page that is saved now knows it"


def test_training_ends_when_its_page_is_gone(monkeypatch):
    monkeypatch.setattr("dlcourse.viz.view.LOST", 0.001)
    monkeypatch.setattr("dlcourse.viz.view.PACE", 0.001)
    view = show()
    stream = Stream(view, deaf=True)

    async def watch() -> None:
        view.answers["go"](1)
        await asyncio.wait_for(view.task, 5)

    asyncio.run(watch())
    assert len(stream.frames) == ALONE


def test_a_training_that_diverges_stops_and_says_step_and_layer():
    view = show(hidden=(8, 4), optimizer="SGD", activation="relu", lr=1e20, steps=0)
    stream = Stream(view)

    async def watch() -> None:
        view.answers["go"](5)
        await asyncio.wait_for(view.task, 5)

    asyncio.run(watch())
    trouble = stream.frames[-1]["trouble"]
    assert stream.frames[-1]["running"] is False
    assert trouble["way"] == "a" and trouble["step"] == view.content["ways"]["a"]["steps"][-1]
    assert re.search(r"first in the output of fc\d", trouble["why"])
    at_once = show(hidden=(8, 4), optimizer="SGD", activation="relu", lr=1e20)
    assert at_once.content["trouble"]["why"] == trouble["why"]


# ── the view ─────────────────────────────────────────────────────────────────────────────────────


def test_the_words_say_what_happened():
    view = show(steps=30)
    alone = scratch.Pupil(moons(), hidden=(4,))
    alone.learn(30)
    assert f"its loss is {alone.loss():.3g}" in view.words.alt
    assert f"{alone.accuracy():.0%} of the points" in view.words.alt
    assert "hidden layers of 4 tanh units" in view.words.alt
    assert view.words.table.rows[-1][0] == "30"
    assert view.words.given == ["scratch.Pupil", "pytorch.Pupil", "data=data"]


def test_the_call_rebuilds_what_is_seen():
    changes = [(5, "lr", 0.2), (9, "fc1.weight[1, 1]", -1.0), (12, "add", [(0.0, 0.0, 0)])]
    view = show(changes=changes, fork=(15, "optimizer", "SGD"), lines="gradients", at=7)
    again = show(**{k: v for k, v in view.choices.items() if k not in ("hidden", "steps")})
    for name in "ab":
        one, two = (v.content["ways"][name] for v in (view, again))
        np.testing.assert_array_equal(one["weights"], two["weights"])
        assert one["steps"][-1] == 20
    by_hand = scratch.Pupil(moons(), hidden=(4,))
    by_hand.learn(5)
    np.testing.assert_array_equal(
        view.content["ways"]["a"]["weights"][5], row(by_hand), "up to the first change"
    )


def test_sets_of_one_name_are_told_apart():
    view = viz.playground(scratch.Pupil, data=[moons(), moons(30)], dataset="moons 2", steps=1)
    assert [each["name"] for each in view.content["sets"]] == ["moons", "moons 2"]
    assert len(view.content["ways"]["a"]["x"]) == 30


def test_a_page_of_it_is_small(tmp_path: Path):
    view = viz.playground(scratch.Pupil, data=moons(), steps=600, fork=(100, "lr", 0.1))
    for _ in range(150):
        view.answers["learn"](1)
    view.answers["halt"]()
    steps = view.content["ways"]["a"]["steps"]
    assert len(steps) == 200 and steps[0] == 0 and steps[-1] == 750, "thinned, with both ends"
    assert viz.save(view, tmp_path / "p.html").stat().st_size < 500_000


class Lone:
    """The smallest set that can be learned."""

    x, y, class_names, name = np.zeros((1, 2), np.float32), np.zeros(1, int), ("a", "b"), "lone"


def test_one_point_no_hidden_layer_and_no_step():
    view = viz.playground(scratch.Pupil, data=Lone(), hidden=(), steps=0)
    assert "no hidden layer" in view.words.alt and "After 0 steps" in view.words.alt


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"data": []}, "holds no points"),
        ({"data": 3}, "has no x"),
        ({"dataset": "spirals"}, "no dataset 'spirals' here; there are moons"),
        ({"world": "JAX"}, "no world 'JAX' here; there are NumPy, PyTorch"),
        ({"hidden": (0,)}, "whole numbers above 0"),
        ({"hidden": (400, 400)}, "161,600 weights, a playground shows 10,000"),
        ({"activation": "swish"}, "no activation 'swish'"),
        ({"lr": -1}, "lr=-1"),
        ({"steps": -1}, "steps=-1"),
        ({"steps": True}, "steps=True"),
        ({"at": -3}, "at=-3"),
        ({"pace": 0}, "pace=0"),
        ({"log": 1}, "log=1"),
        ({"lines": "slopes"}, "there are weights, gradients"),
        ({"changes": [3]}, "got 3 as a change"),
        ({"changes": [(3, "momentum", 1)]}, "'momentum' cannot change on the way"),
        ({"changes": [(3, "fc1.weight[9, 9]", 1.0)]}, "lies outside"),
        ({"changes": [(3, "add", [(0, 0)])]}, "three numbers for each stroke"),
        ({"changes": [(3, "erase", [(0, 0, 99)])]}, "no points to learn from"),
        ({"changes": [(99, "lr", 1.0)]}, "step 99 was never reached"),
        ({"fork": (3, "world", "JAX")}, "no world 'JAX'"),
    ],
)
def test_it_refuses_with_a_sentence(wrong, said):
    with pytest.raises((ValueError, TypeError), match=re.escape(said)):
        viz.playground(
            scratch.Pupil, pytorch.Pupil, **{"data": moons(), "steps": 20, "hidden": (4,), **wrong}
        )


def test_it_needs_pupils_of_different_worlds():
    with pytest.raises(TypeError, match="needs a Pupil"):
        viz.playground(data=moons())
    with pytest.raises(TypeError, match="the class itself"):
        viz.playground(scratch.Pupil(moons()), data=moons())
    with pytest.raises(ValueError, match="each world once"):
        viz.playground(scratch.Pupil, scratch.Pupil, data=moons())
