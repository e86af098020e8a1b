"""A classifier that is watched while it learns: one way, the same way again, and another."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dlcourse import data, pytorch, scratch
from dlcourse.learner import Learner
from dlcourse.outset import ACTIVATIONS, OPTIMIZERS, first_weights
from dlcourse.trace import Diverged, Run, difference

WORLDS = {"scratch": scratch, "pytorch": pytorch}
MOONS = data.moons(120, rng=np.random.default_rng(1))
SPIRALS = data.spirals(90, classes=3, rng=np.random.default_rng(2))
PLACES = np.random.default_rng(3).normal(size=(40, 2))


def pupil(world: str, points: Any = MOONS, **settings: Any) -> Any:
    return WORLDS[world].Pupil(points, **settings)


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def gap(a: Any, b: Any) -> float:
    ours, theirs = a.weights(), b.weights()
    assert ours.keys() == theirs.keys()
    return max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)


def losses(rows: Any) -> list[float]:
    return [row.loss for row in rows]


@pytest.fixture(autouse=True)
def dice_stay() -> Iterator[None]:
    """Nothing here draws from torch's own generator, nor sets it back."""
    before = torch.get_rng_state()
    yield
    assert torch.equal(before, torch.get_rng_state())


# The same in both worlds.


@pytest.mark.parametrize("hidden", [(), (5,), (8, 4), (3,) * 6])
def test_both_worlds_begin_with_the_same_weights(hidden: tuple[int, ...]) -> None:
    ours, theirs = (pupil(world, hidden=hidden, seed=7) for world in WORLDS)
    assert same(ours.weights(), theirs.weights())
    assert len(ours.weights()) == 2 * (len(hidden) + 1)
    assert not same(ours.weights(), pupil("scratch", hidden=hidden, seed=8).weights())


def test_first_weights_are_those_of_layers_in_a_row() -> None:
    net = scratch.Classifier((2, 8, 4, 3), rng=np.random.default_rng(5))
    assert same(net.state_dict(), first_weights((2, 8, 4, 3), 5))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_both_worlds_go_the_same_way(optimizer: str) -> None:
    decay = 0.0 if optimizer == "RMSprop" else 0.01
    settings: dict[str, Any] = {"optimizer": optimizer, "lr": 0.02, "weight_decay": decay}
    ours, theirs = (pupil(world, SPIRALS, **settings) for world in WORLDS)
    start = ours.weights()
    rows, their_rows = ours.learn(50), theirs.learn(50)
    assert gap(ours, theirs) < 1e-4
    assert max(np.abs(ours.weights()[name] - a).max() for name, a in start.items()) > 0.01
    assert losses(rows) == pytest.approx(losses(their_rows), abs=1e-4)
    assert all(
        np.array_equal(a, b) for a, b in zip(ours.run.batches, theirs.run.batches, strict=True)
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_both_worlds_see_the_same(activation: str) -> None:
    ours, theirs = (pupil(world, SPIRALS, activation=activation, hidden=(6, 5)) for world in WORLDS)
    ours.learn(20), theirs.learn(20)
    for whole in (False, True):
        gaps = difference(ours.trace(whole=whole), theirs.trace(whole=whole))
        assert max(gaps.values()) < 1e-4
    for name, answers in ours.answers(PLACES).items():
        np.testing.assert_allclose(answers, theirs.answers(PLACES)[name], atol=1e-4)
    assert ours.loss() == pytest.approx(theirs.loss(), abs=1e-4)
    place = ("fc1.weight", (2, 1), 0.7)
    assert ours.loss_if(*place) == pytest.approx(theirs.loss_if(*place), abs=1e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("taken", [0, 13])
def test_a_twin_goes_on_where_the_other_stands(optimizer: str, taken: int) -> None:
    """Weights, the optimizer's memory and the batch order change worlds, there and back."""
    ours, theirs = (pupil(world, optimizer=optimizer) for world in WORLDS)
    ours.learn(taken)
    theirs.learn(taken and 5)  # one that stood elsewhere, and one that never learned
    theirs.take_over(ours.twin_state())
    assert theirs.step == taken and gap(ours, theirs) == 0
    ours.learn(20), theirs.learn(20)
    assert gap(ours, theirs) < 1e-4
    ours.take_over(theirs.twin_state())
    ours.learn(20), theirs.learn(20)
    assert gap(ours, theirs) < 1e-4
    begun = pupil("pytorch", weights=ours.weights())
    assert gap(ours, begun) == 0 and begun.step == 0


def test_a_twin_with_another_net_is_refused() -> None:
    ours, theirs = pupil("scratch", hidden=(4,)), pupil("pytorch")
    with pytest.raises(ValueError, match="another training"):
        theirs.take_over(ours.twin_state())
    assert theirs.learn(1)


# There and back again.


@pytest.mark.parametrize("world", WORLDS)
def test_it_learns_and_writes_it_down(world: str) -> None:
    p = pupil(world, hidden=[8, 4], every=10)
    before = p.loss(), p.accuracy()
    rows = p.learn(7) + p.learn(0) + p.learn(33) + [row for _ in range(110) for row in p.learn()]
    assert [row.step for row in rows] == [*range(150)] and p.step == 150
    assert p.run.rows == rows and [f.step for f in p.run.frames] == [*range(0, 151, 10)]
    assert p.loss() < before[0] / 3 and p.accuracy() > 0.95 > before[1]
    assert (p.hidden, p.activation, p.optimizer, p.lr, p.batch) == (
        (8, 4),
        "tanh",
        "Adam",
        0.03,
        32,
    )
    assert len(p.run.batches) == 150 and p.run.backend == p.trace().backend
    assert losses(Run.from_bytes(p.run.to_bytes()).rows) == losses(rows)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("world", WORLDS)
def test_a_restart_is_bit_exact(world: str, optimizer: str) -> None:
    p = pupil(world, optimizer=optimizer)
    ways = {0: p.weights()}
    for _ in range(35):
        p.learn()
        ways[p.step] = p.weights()
    old = p.run
    for step in (35, 27, 20, 3, 0):
        p.restart(step)
        assert p.step == step and same(p.weights(), ways[step])
        assert losses(p.run.rows) == losses(old.rows[:step])
        again = p.fork()
        again.learn(35 - step)
        assert same(again.weights(), ways[35]), "and all that follows is as it was"
        assert losses(again.run.rows) == losses(old.rows)
    assert len(old.rows) == 35, "who holds the old run keeps the other future"


def test_going_back_is_nothing_that_others_notice() -> None:
    p = pupil("pytorch")
    p.learn(5)
    with torch.random.fork_rng(devices=[]):
        torch.rand(3)
        before = torch.get_rng_state()
        p.restart(2), p.fork(1), p.take_over(pupil("scratch").twin_state())
        assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("world", WORLDS)
def test_a_fork_leaves_the_original_as_it_was(world: str) -> None:
    p, untouched = pupil(world), pupil(world)
    p.learn(24), untouched.learn(24)
    other, same_way = p.fork(15, lr=0.5), p.fork(15)
    assert other.lr == 0.5 and p.lr == same_way.lr == 0.03
    assert other.step == 15 and same(other.weights(), same_way.weights())
    other.learn(9), same_way.learn(9)
    assert same(same_way.weights(), p.weights()) and not same(other.weights(), p.weights())
    assert losses(other.run.rows)[:16] == losses(p.run.rows)[:16]
    assert losses(other.run.rows)[16] != losses(p.run.rows)[16]
    p.learn(10), untouched.learn(10)
    assert same(p.weights(), untouched.weights()) and losses(p.run.rows) == losses(
        untouched.run.rows
    )
    other.restart(17)
    assert other.step == 17 and other.lr == 0.5
    with pytest.raises(ValueError, match="this way begins at step 15"):
        other.restart(14)
    same_way.restart(3)


@pytest.mark.parametrize(
    "change", [{"optimizer": "SGD"}, {"batch": 7}, {"seed": 5}, {"weight_decay": 0.5}]
)
@pytest.mark.parametrize("world", WORLDS)
def test_a_fork_can_change_more_than_the_rate(world: str, change: dict[str, Any]) -> None:
    p = pupil(world)
    p.learn(13)  # in the middle of an epoch
    other = p.fork(**change)
    assert same(other.weights(), p.weights()) and other.step == 13
    changed = next(iter(change))
    assert getattr(other, changed) == change[changed] != getattr(p, changed)
    rows, own = other.learn(6), p.learn(6)
    assert losses(rows) != losses(own) and not same(other.weights(), p.weights())
    seen, own_seen = other.run.batches[13], p.run.batches[13]
    if changed in ("optimizer", "weight_decay"):
        assert np.array_equal(seen, own_seen)
    elif changed == "batch":
        assert np.array_equal(seen, own_seen[:7])
    else:
        fresh = pupil(world, **change)
        fresh.learn(6)  # past the end of an epoch, where a new order is drawn
        assert np.array_equal(other.run.batches[13:], fresh.run.batches)
        assert not np.array_equal(seen, own_seen)
    way = losses(other.run.rows)
    other.restart(14)
    other.learn(5)
    assert losses(other.run.rows) == way


@pytest.mark.parametrize("steps", [20, 23])
@pytest.mark.parametrize("world", WORLDS)
def test_a_change_by_hand_is_part_of_the_way(world: str, steps: int) -> None:
    p = pupil(world)
    p.learn(steps)
    promised = p.loss_if("fc2.weight", [1, 3], 4.0)
    assert p.loss() != promised
    p.change("fc2.weight", (1, 3), 4.0)
    assert p.loss() == promised and p.weights()["fc2.weight"][1, 3] == 4
    changed = p.weights()
    p.learn(15)
    way, end = losses(p.run.rows), p.weights()
    p.restart(steps + 9)
    p.learn(6)
    assert same(p.weights(), end) and losses(p.run.rows) == way
    p.restart(steps)
    assert same(p.weights(), changed)
    p.restart(steps - 1)
    p.learn(1)
    assert p.weights()["fc2.weight"][1, 3] != 4, "before the change nobody had changed it"


# Questions.


@pytest.mark.parametrize("world", WORLDS)
def test_a_trace_shows_what_the_next_step_does(world: str) -> None:
    p = pupil(world, optimizer="SGD", lr=0.1)
    for _ in range(8):  # across the end of an epoch, where a new order is drawn
        seen, before = p.trace(), p.weights()
        assert same(before, p.weights())
        (row,) = p.learn()
        assert seen.loss == row.loss
        moved = before["fc1.weight"] - np.float32(0.1) * seen["fc1"].dparams["weight"]
        np.testing.assert_allclose(p.weights()["fc1.weight"], moved, atol=1e-7)
    assert seen.steps[0].inputs[0].shape == (32, 2)
    assert p.trace(5).steps[0].inputs[0].shape == (5, 2)
    whole = p.trace(whole=True)
    assert np.array_equal(whole["Classifier"].inputs[0], MOONS.x.astype(np.float32))
    assert whole.loss == pytest.approx(p.loss(), abs=1e-7)
    assert p.experiment.slope("fc1.weight", (0, 0)) == pytest.approx(
        whole["fc1"].dparams["weight"][0, 0], abs=1e-6
    )


@pytest.mark.parametrize("world", WORLDS)
def test_answers_are_those_of_every_unit(world: str) -> None:
    p = pupil(world, SPIRALS, activation="relu")
    p.learn(30)
    a, w = p.answers(PLACES), p.weights()
    assert {name: x.shape for name, x in a.items()} == {
        "fc1": (40, 8),
        "fc2": (40, 4),
        "p": (40, 3),
    }
    fc1 = np.maximum(PLACES @ w["fc1.weight"].T + w["fc1.bias"], 0)
    fc2 = np.maximum(fc1 @ w["fc2.weight"].T + w["fc2.bias"], 0)
    z = np.exp(fc2 @ w["fc3.weight"].T + w["fc3.bias"])
    for name, by_hand in (("fc1", fc1), ("fc2", fc2), ("p", z / z.sum(1, keepdims=True))):
        np.testing.assert_allclose(a[name], by_hand, atol=1e-5)
    right = p.answers(SPIRALS.x)["p"].argmax(1) == SPIRALS.y
    assert p.accuracy() == right.mean()
    assert pupil(world, hidden=()).answers(PLACES).keys() == {"p"}


@pytest.mark.parametrize("world", WORLDS)
def test_asking_disturbs_nothing(world: str) -> None:
    p, alone = pupil(world), pupil(world)
    for _ in range(30):
        p.trace(), p.answers(PLACES), p.accuracy(), p.loss(), p.experiment.slope("fc1.bias", 0)
        p.loss_if("fc1.bias", 0, 9.0), p.fork(lr=1.0).learn(2)
        p.learn(), alone.learn()
    assert same(p.weights(), alone.weights()) and losses(p.run.rows) == losses(alone.run.rows)


@pytest.mark.parametrize("world", WORLDS)
def test_other_points_keep_the_weights(world: str) -> None:
    p, few = pupil(world), MOONS.without_points((0, 0), 0.6)
    assert len(few.y) < len(MOONS.y)
    p.learn(15)
    before = p.weights()
    other = p.with_points(few)
    assert p.points is MOONS and other.points is few and same(other.weights(), before)
    p.look_at(few)
    assert p.points is few and same(p.weights(), before) and p.step == 15
    assert losses(p.learn(20)) == losses(other.learn(20))
    assert max(batch.max() for batch in p.run.batches[15:]) < len(few.y)
    assert p.loss() == other.loss() and len(p.run.rows) == 35
    end = p.weights()
    p.restart(15)
    assert same(p.weights(), before)
    p.learn(20)
    assert same(p.weights(), end)
    with pytest.raises(ValueError, match="begins at step 15"):
        p.restart(14)
    with pytest.raises(ValueError, match="tells 2 classes apart, but these points have 3"):
        p.look_at(SPIRALS)
    p.look_at(MOONS.without_points((0, 0), 9).with_point((0, 1), 0).with_point((1, 1), 1))
    assert len(p.learn(3)) == 3, "two points are one small batch"


# Where it ends.


@pytest.mark.parametrize("world", WORLDS)
def test_after_diverging_it_stands_before_the_step_that_failed(world: str) -> None:
    p = pupil(world, activation="relu", optimizer="SGD", lr=1e18)
    with pytest.raises(Diverged) as told:
        p.learn(100)
    step = told.value.step
    assert p.step == step == len(p.run.rows) > 0 and not p.run.frames[-1].step > step
    with pytest.raises(Diverged) as again:
        p.learn(1)
    assert again.value.step == step and p.step == step
    p.restart(0)
    calm = p.fork(lr=0.1)
    assert len(calm.learn(20)) == 20


@pytest.mark.parametrize("world", WORLDS)
def test_a_stop_by_hand_leaves_no_half_step(world: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stop button of a notebook may be pressed when half of the weights have moved."""
    p, alone = pupil(world), pupil(world)
    p.learn(12), alone.learn(17)
    first = p.training.net.fc1.weight
    step, calls = p.training.optimizer.step, []

    def stopped() -> None:
        calls.append(1)
        if len(calls) == 4:
            first.data += 1
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr(p.training.optimizer, "step", stopped)
    with pytest.raises(KeyboardInterrupt):
        p.learn(100)
    monkeypatch.undo()
    assert p.step == 15 == len(p.run.rows)
    p.learn(2)
    assert same(p.weights(), alone.weights())


MISTAKES: dict[str, Any] = {
    "there is no activation 'swish'; there are relu,": {"activation": "swish"},
    "there is no optimizer 'adam'; there are SGD,": {"optimizer": "adam"},
    r"got hidden=\(8, 0\), needs up to 6 whole": {"hidden": (8, 0)},
    r"got hidden=\(1, 1, 1, 1, 1, 1, 1\)": {"hidden": (1,) * 7},
    "got hidden=8, needs up to 6": {"hidden": 8},
    "got lr=-1, needs a number": {"lr": -1},
    "got lr=nan": {"lr": float("nan")},
    "got batch=0, needs a whole number, 1 or more": {"batch": 0},
    r"got seed=1\.5": {"seed": 1.5},
    "got every=0": {"every": 0},
    "RMSprop knows no weight decay": {"optimizer": "RMSprop", "weight_decay": 0.1},
    "another net: fc2.bias is": {"weights": first_weights((2, 8, 5, 2), 0)},
    "another net: fc1.bias is nothing": {"weights": {"fc1.weight": np.zeros((8, 2))}},
}


@pytest.mark.parametrize("told", MISTAKES)
@pytest.mark.parametrize("world", WORLDS)
def test_settings_that_cannot_be_are_told(world: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pupil(world, **MISTAKES[told])


def plane(x: Any, y: Any, classes: int = 2) -> SimpleNamespace:
    return SimpleNamespace(x=np.array(x), y=np.array(y), class_names=("a", "b", "c")[:classes])


@pytest.mark.parametrize(
    "points, told",
    [
        (plane(np.zeros((0, 2)), []), "there are no points to learn from"),
        (plane([[0.0, 1.0]], [0], classes=1), "1 class, to tell apart needs 2"),
        (plane([[0.0, 1.0]], [2]), "needs a class from 0 to 1"),
        (plane([[0.0, 1.0]], [0.5]), "needs a class from 0 to 1"),
        (plane([[0.0, 1.0, 2.0]], [0]), "needs two finite numbers each"),
        (plane([[0.0, np.nan]], [0]), "needs two finite numbers each"),
    ],
)
def test_points_that_cannot_be_are_told(points: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pupil("scratch", points)
    p = pupil("scratch")
    with pytest.raises(ValueError):
        p.look_at(points)
    assert p.points is MOONS and p.learn(1)


def test_what_is_no_set_of_points_is_told() -> None:
    with pytest.raises(TypeError, match="a ndarray has no x"):
        pupil("scratch", np.zeros((3, 2)))


@pytest.mark.parametrize("world", WORLDS)
def test_questions_that_cannot_be_are_told(world: str) -> None:
    p = pupil(world)
    p.learn(5)
    mistakes: list[tuple[Any, str]] = [
        (lambda: p.learn(-1), "cannot learn for -1 steps"),
        (lambda: p.restart(6), "cannot go back to step 6: it is at step 5 now"),
        (lambda: p.restart(-1), "cannot go back to step -1"),
        (lambda: p.fork(9), "cannot go back to step 9"),
        (lambda: p.fork(hidden=(3,)), "keeps its net, so hidden cannot change"),
        (lambda: p.fork(lr=-1.0), r"got lr=-1\.0"),
        (lambda: p.answers(np.zeros(2)), r"needs two numbers each: \(P, 2\)"),
        (lambda: p.trace(0), "got n=0"),
        (lambda: p.change("fc9.weight", (0, 0), 1.0), "no weight is called 'fc9.weight'"),
        (lambda: p.change("inputs.0", (0, 0), 1.0), "no weight is called 'inputs.0'"),
        (lambda: p.loss_if("fc1.weight", (8, 0), 1.0), "lies outside"),
    ]
    for ask, told in mistakes:
        with pytest.raises(ValueError, match=told):
            ask()
    assert p.step == 5 and p.learn(1)[0].step == 5
    with pytest.raises(AttributeError):
        p.lr = 0.1


def test_both_are_the_same_kind_of_thing() -> None:
    assert issubclass(scratch.Pupil, Learner) and issubclass(pytorch.Pupil, Learner)
    assert isinstance(pupil("pytorch").training.net, nn.Module)
