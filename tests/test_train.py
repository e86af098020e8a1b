"""Training, time travel and weights on disk, in both worlds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlcourse.data.batches import Batches
from dlcourse.data.text import Windows
from dlcourse.pytorch import saving as torch_saving
from dlcourse.pytorch import time_travel as torch_time_travel
from dlcourse.pytorch import train as torch_train
from dlcourse.pytorch.record import give_weights
from dlcourse.pytorch.record import trace as torch_trace
from dlcourse.scratch import saving, time_travel, train
from dlcourse.scratch.activations import ReLU
from dlcourse.scratch.char_rnn import CharRNN
from dlcourse.scratch.layers import Dropout, Embedding, Linear, Sequential
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.norm import BatchNorm1d
from dlcourse.scratch.optim import SGD, Adam, AdamW, RMSprop
from dlcourse.scratch.record import trace
from dlcourse.scratch.schedules import cosine
from dlcourse.trace import Diverged, Run, difference

WORLDS = ["scratch", "pytorch"]


def examples(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(count, 4)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int64)


def dropout_net(seed: int = 0) -> Sequential:
    rng = np.random.default_rng(seed)
    return Sequential(Linear(4, 16, rng=rng), ReLU(), Dropout(0.3, rng=rng), Linear(16, 2, rng=rng))


def torch_dropout_net() -> nn.Sequential:
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
    return give_weights(net, dropout_net().state_dict())


def norm_net(world: str) -> Any:
    """Dropout and batch norm: all that behaves differently while a net learns."""
    rng = np.random.default_rng(0)
    net = Sequential(
        Linear(4, 16, rng=rng), BatchNorm1d(16), Dropout(0.3, rng=rng), Linear(16, 2, rng=rng)
    )
    if world == "scratch":
        return net
    twin = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Dropout(0.3), nn.Linear(16, 2))
    return give_weights(twin, net.state_dict())


MAKES: dict[str, Any] = {
    "sgd": (lambda p: SGD(p, 0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (lambda p: SGD(p, 0.1, 0.9), lambda p: torch.optim.SGD(p, 0.1, 0.9)),
    "rmsprop": (RMSprop, torch.optim.RMSprop),
    "adam": (Adam, torch.optim.Adam),
    "adamw": (AdamW, torch.optim.AdamW),
}


def training(world: str, optimizer: str = "adam", net: Any = None, batches: Any = None) -> Any:
    """A Training, and a function that goes on with it over a range of steps."""
    batches = batches or Batches(*examples(), size=16, rng=np.random.default_rng(3))
    schedule = cosine(0.02, 40)
    make = MAKES[optimizer][WORLDS.index(world)]
    if world == "scratch":
        net = net or dropout_net()
        kit: Any = time_travel.Training(net, make(net.parameters()), batches)
        fit, loss = train.fit, cross_entropy
    else:
        torch.manual_seed(5)
        net = net or torch_dropout_net()
        kit = torch_time_travel.Training(net, make(net.parameters()), batches)
        fit, loss = torch_train.fit, F.cross_entropy
    return kit, lambda steps: fit(
        net, loss, kit.optimizer, batches, steps=steps, schedule=schedule, max_norm=1.0
    )


def weights(kit: Any) -> dict[str, np.ndarray]:
    return {k: np.asarray(a).copy() for k, a in kit.net.state_dict().items()}


def look_at(kit: Any) -> Any:
    """A function that traces one fixed batch, to put into key-frames."""
    x, labels = (a[:5] for a in examples())
    if isinstance(kit, time_travel.Training):
        return lambda: trace(kit.net, x, loss=lambda y: cross_entropy(y, labels))
    x, labels = torch.from_numpy(x), torch.from_numpy(labels)
    return lambda: torch_trace(kit.net, x, loss=lambda y: F.cross_entropy(y, labels))


@pytest.mark.parametrize("optimizer", MAKES)
@pytest.mark.parametrize("world", WORLDS)
def test_restart_from_any_frame_is_bit_exact(world: str, optimizer: str) -> None:
    """Whatever decides about the next step goes through a file into nets that are built anew."""
    kit, go_on = training(world, optimizer, norm_net(world))
    run = Run(seed=0)
    rows = list(run.record(go_on(range(40)), kit, every=7))
    final = weights(kit)
    assert [frame.step for frame in run.frames] == [0, 7, 14, 21, 28, 35]
    for frame in Run.from_bytes(run.to_bytes()).frames:
        kit, go_on = training(world, optimizer, norm_net(world))
        kit.restart(frame)
        again = list(go_on(range(kit.step, 40)))
        assert [row.loss for row in again] == [row.loss for row in rows[frame.step :]]
        assert all(np.array_equal(final[name], array) for name, array in weights(kit).items())


@pytest.mark.parametrize("world", WORLDS)
def test_restart_with_windows_of_text(world: str) -> None:
    def make() -> Any:
        rng = np.random.default_rng(0)
        net = Sequential(Embedding(5, 8, rng=rng), Linear(8, 5, rng=rng))
        ids = np.arange(200) ** 2 % 5
        if world == "pytorch":
            twin = nn.Sequential(nn.Embedding(5, 8), nn.Linear(8, 5))
            net = give_weights(twin, net.state_dict())
        kit, _ = training(world, "adam", net, Windows(ids, 6, 4, rng=np.random.default_rng(1)))
        if world == "scratch":
            fit, loss = train.fit, cross_entropy
        else:
            fit, loss = torch_train.fit, lambda y, t: F.cross_entropy(y.flatten(0, 1), t.flatten())
        return kit, lambda steps: fit(net, loss, kit.optimizer, kit.batches, steps=steps)

    kit, go_on = make()
    run = Run(seed=0)
    rows = list(run.record(go_on(10), kit, every=4))
    kit, go_on = make()
    kit.restart(run.frames[1])
    assert [row.loss for row in go_on(range(4, 10))] == [row.loss for row in rows[4:]]


@pytest.mark.parametrize("first, second", [("sgd", "adam"), ("adam", "momentum")])
@pytest.mark.parametrize("world", WORLDS)
def test_a_frame_of_another_training_changes_nothing(world: str, first: str, second: str) -> None:
    kit, go_on = training(world, first)
    list(go_on(3))
    other, go_on = training(world, second)
    list(go_on(2))
    before = other.frame()
    with pytest.raises(ValueError, match=r"another training, .* nothing was changed"):
        other.restart(kit.frame())
    after = other.frame()
    assert before.arrays.keys() == after.arrays.keys() and before.generators == after.generators
    assert all(np.array_equal(array, after.arrays[name]) for name, array in before.arrays.items())


def test_a_frame_from_a_machine_with_more_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda _, i: pytest.fail(f"no GPU {i}"))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    kit, go_on = training("pytorch")
    frame = kit.frame()
    first = [row.loss for row in go_on(3)]
    kit.restart(replace(frame, arrays={**frame.arrays, "dice/cuda99": np.zeros(16, np.uint8)}))
    assert [row.loss for row in go_on(3)] == first


@pytest.mark.parametrize("world", WORLDS)
def test_looking_on_changes_nothing(world: str) -> None:
    plain, go_on = training(world)
    for _ in go_on(range(12)):
        pass
    watched, go_on_watched = training(world)
    run = Run(seed=0)
    for _ in run.record(go_on_watched(range(12)), watched, every=3, look=look_at(watched)):
        pass
    assert all(np.array_equal(weights(plain)[k], a) for k, a in weights(watched).items())
    assert len(run.frames) == 5 and all(frame.trace is not None for frame in run.frames)
    assert max(difference(run.frames[0].trace, run.frames[1].trace).values()) > 0


def test_a_fork_goes_another_way_from_the_same_step() -> None:
    kit, go_on = training("scratch")
    run = Run(seed=0)
    rows = list(run.record(go_on(range(20)), kit, every=5))
    kit.restart(run.frame_before(12))
    assert kit.step == 10
    kit.net.layers[0].weight.data[0, 0] += 0.5
    forked = list(go_on(range(kit.step, 20)))
    assert all(a.loss != b.loss for a, b in zip(forked, rows[10:], strict=True))
    with pytest.raises(LookupError, match="step -1 lies before the first key-frame"):
        run.frame_before(-1)


def test_a_run_knows_which_examples_each_step_saw() -> None:
    kit, go_on = training("scratch")
    run = Run(seed=0)
    for _ in run.record(go_on(range(6)), kit, every=100):
        pass
    epoch = np.concatenate(run.batches[:3])
    assert len(set(epoch)) == 48, "no example twice in an epoch"
    x, _ = examples()
    fresh = Batches(*examples(), size=16, rng=np.random.default_rng(3))
    assert np.array_equal(next(fresh)[0], x[run.batches[0]])


@pytest.mark.parametrize("world", WORLDS)
def test_it_learns(world: str) -> None:
    _, go_on = training(world)
    losses = [row.loss for row in go_on(range(40))]
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.05


def test_both_worlds_learn_the_same_without_dropout() -> None:
    ours, theirs = dropout_net(), torch_dropout_net()
    ours.layers[2].p = theirs[2].p = 0
    batches = [Batches(*examples(), size=16, rng=np.random.default_rng(3)) for _ in range(2)]
    rows = train.fit(ours, cross_entropy, SGD(ours.parameters(), 0.1), batches[0], steps=20)
    torch_rows = torch_train.fit(
        theirs, F.cross_entropy, torch.optim.SGD(theirs.parameters(), 0.1), batches[1], steps=20
    )
    for row, torch_row in zip(rows, torch_rows, strict=True):
        assert row.loss == pytest.approx(torch_row.loss, rel=1e-5)


def broken(world: str, what: str) -> Any:
    """A training in which numbers stop being numbers."""
    kit, go_on = training(world)
    if what == "weight":
        first = kit.net.layers[0] if world == "scratch" else kit.net[0]
        first.weight.data[:] = np.inf if world == "scratch" else float("inf")
    if what == "data":
        kit.batches.arrays = (np.full((60, 4), np.nan, np.float32), kit.batches.arrays[1])
    return go_on(range(5))


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(
    "what, where", [("weight", "first in the output of 0 .Linear."), ("data", "the data hold NaN")]
)
def test_nan_stops_with_step_and_layer_named(world: str, what: str, where: str) -> None:
    with np.errstate(all="ignore"), pytest.raises(Diverged, match=where) as stopped:
        list(broken(world, what))
    assert str(stopped.value).startswith("training stopped at step 0: the loss is nan")


def test_a_gradient_that_is_not_finite_is_named_before_it_does_harm() -> None:
    kit, _ = training("scratch")
    before = weights(kit)

    def bad_loss(y: np.ndarray, labels: np.ndarray) -> tuple[float, Any]:
        return 1.0, lambda: np.full_like(y, np.inf)

    with (
        np.errstate(all="ignore"),
        pytest.raises(Diverged, match=r"step 0: the gradient of 0\.weight is not finite"),
    ):
        list(train.fit(kit.net, bad_loss, kit.optimizer, kit.batches, steps=1))
    assert all(np.array_equal(before[name], array) for name, array in weights(kit).items())


@pytest.mark.parametrize("world", WORLDS)
def test_the_look_for_the_layer_throws_the_same_dice(world: str) -> None:
    """Only some masks of dropout let the faulty unit through; what stops must be found again."""
    for seed in range(12):
        kit, go_on = training(world, "sgd", norm_net(world))
        layers = kit.net.layers if world == "scratch" else kit.net
        for generator in kit.dice().values() if world == "scratch" else ():
            generator.bit_generator.state = np.random.default_rng(seed).bit_generator.state
        torch.manual_seed(seed)
        layers[2].p = 0.995
        layers[3].weight.data[:, :2] = 3e38
        layers[1].weight.data[:2] = 1e5
        with np.errstate(all="ignore"), pytest.raises(Diverged, match="first in the output of 3"):
            list(go_on(100))


@pytest.mark.parametrize("world", WORLDS)
def test_a_stop_leaves_running_means_and_dice_as_before_the_step(world: str) -> None:
    kit, go_on = training(world, "sgd", norm_net(world))
    kit.batches.arrays = (np.full((60, 4), np.nan, np.float32), kit.batches.arrays[1])
    before = kit.frame()
    with np.errstate(all="ignore"), pytest.raises(Diverged):
        list(go_on(1))
    after = kit.frame()
    same = [name for name in before.arrays if name.startswith(("net/", "dice/"))]
    assert all(np.array_equal(before.arrays[name], after.arrays[name]) for name in same)
    dice = [name for name in before.generators if name != "batches"]
    assert all(before.generators[name] == after.generators[name] for name in dice)


@pytest.mark.parametrize("world", WORLDS)
def test_looking_in_between_does_not_turn_dropout_off(world: str) -> None:
    (kit, go_on), (other, go_on_other) = training(world), training(world)
    torch.manual_seed(5)
    plain = [row.loss for row in go_on(8)]
    looked = []
    torch.manual_seed(5)
    for row in go_on_other(8):
        looked.append(row.loss)
        other.net.eval()
    assert plain == looked and kit.net.training != other.net.training


@pytest.mark.parametrize("world", WORLDS)
def test_fit_says_what_it_needs(world: str) -> None:
    kit, _ = training(world)
    x, y = examples()
    fit, loss = (
        (train.fit, cross_entropy) if world == "scratch" else (torch_train.fit, F.cross_entropy)
    )
    for batches in ((x, y), [x, y], x):
        with pytest.raises(TypeError, match=r"Batches\(x, y, size=\.\.\., rng=\.\.\.\)\?"):
            list(fit(kit.net, loss, kit.optimizer, batches, steps=3))
    for steps in (10.0, "10", None):
        with pytest.raises(TypeError, match="is no number of steps"):
            list(fit(kit.net, loss, kit.optimizer, kit.batches, steps=steps))
    with pytest.raises(ValueError, match="the batches ended before step 2"):
        list(fit(kit.net, loss, kit.optimizer, [(x, y)] * 2, steps=3))
    foreign, _ = training(world)
    with pytest.raises(ValueError, match="moves no weight of this net"):
        list(fit(kit.net, loss, foreign.optimizer, kit.batches, steps=3))
    assert len(list(fit(kit.net, loss, kit.optimizer, kit.batches, steps=np.int64(2)))) == 2


@pytest.mark.parametrize("world", WORLDS)
def test_only_what_the_optimizer_holds_is_clipped(world: str) -> None:
    kit, _ = training(world, net=None)
    module = train if world == "scratch" else torch_train
    net, loss = kit.net, cross_entropy if world == "scratch" else F.cross_entropy
    last = net.layers[3] if world == "scratch" else net[3]
    first = net.layers[0] if world == "scratch" else net[0]
    make = SGD if world == "scratch" else torch.optim.SGD
    moved = [last.weight]
    list(module.fit(net, loss, make(moved, 0.0), kit.batches, steps=1, max_norm=1e-6))
    assert np.linalg.norm(np.asarray(last.weight.grad)) < 1.01e-6
    assert np.linalg.norm(np.asarray(first.weight.grad)) > 1e-3


@pytest.mark.parametrize("module, world", [(train, "scratch"), (torch_train, "pytorch")])
def test_early_stopping_keeps_the_best_weights(module: Any, world: str) -> None:
    net, stopping = training(world)[0].net, module.EarlyStopping(patience=2)
    first = net.layers[0] if world == "scratch" else net[0]
    over = []
    for loss in (3.0, 2.0, 2.5, 2.4, 1.0, 1.5):
        first.bias.data[:] = loss
        over.append(stopping.is_over(loss, net))
    assert over == [False, False, False, True, False, False]
    assert stopping.best == 1.0 and stopping.best_state["0.bias"][0] == 1.0


def test_predict_takes_the_first_part_of_an_answer() -> None:
    net = CharRNN(5, 4, 6, rng=np.random.default_rng(0))
    ids = np.arange(12).reshape(4, 3) % 5
    np.testing.assert_array_equal(train.predict(net, ids), net(ids)[0][0])


@pytest.mark.parametrize("world", WORLDS)
def test_predict_puts_the_mode_back_and_needs_examples(world: str) -> None:
    net = training(world)[0].net
    predict = train.predict if world == "scratch" else torch_train.predict
    with pytest.raises(Exception, match="4"):
        predict(net, np.zeros((2, 3), np.float32))
    assert net.training
    with pytest.raises(ValueError, match="there are no examples"):
        predict(net, np.zeros((0, 4), np.float32))


def test_predict_uses_no_dropout_and_small_portions() -> None:
    net, (x, _) = dropout_net(), examples()
    once, parts = train.predict(net, x), train.predict(net, x, size=7)
    np.testing.assert_allclose(once, parts, rtol=1e-5)
    assert net.training
    np.testing.assert_allclose(once, torch_train.predict(torch_dropout_net(), x), rtol=1e-4)


def test_batches_refuse_what_cannot_be() -> None:
    x, labels = examples()
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"different lengths: \[60, 59\]"):
        Batches(x, labels[1:], size=4, rng=rng)
    with pytest.raises(ValueError, match="a batch of 61 cannot be taken from 60"):
        Batches(x, size=61, rng=rng)
    with pytest.raises(TypeError, match="from arrays, not from a list"):
        Batches([1, 2, 3], size=1, rng=rng)
    with pytest.raises(ValueError, match="nothing to cut"):
        Batches(size=1, rng=rng)
    with pytest.raises(TypeError, match="rng is 0, but a random number generator"):
        Batches(x, size=4, rng=0)


def test_weights_go_to_disk_and_between_the_worlds(tmp_path: Path) -> None:
    net, path = dropout_net(), tmp_path / "net.npz"
    saving.save(net, path)
    other, twin = dropout_net(seed=1), torch_dropout_net()
    saving.load(other, path)
    torch_saving.load(twin, path)
    torch_saving.save(twin, path)
    saving.load(other, path)
    assert all(np.array_equal(a, other.state_dict()[n]) for n, a in net.state_dict().items())
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


@pytest.mark.parametrize("world", WORLDS)
def test_foreign_files_are_refused_and_change_nothing(tmp_path: Path, world: str) -> None:
    read, net = (
        (saving.load, dropout_net())
        if world == "scratch"
        else (torch_saving.load, torch_dropout_net())
    )
    before = {name: np.asarray(a).copy() for name, a in net.state_dict().items()}
    good = tmp_path / "good.npz"
    saving.save(dropout_net(), good)
    files = {
        "text.npz": b"hello",
        "empty.npz": b"",
        "pickle.npz": b"\x80\x04N.",
        "cut.npz": good.read_bytes()[:200],
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match="not a file of weights, or it is damaged"):
            read(net, tmp_path / name)
    np.savez(tmp_path / "objects.npz", **{"0.weight": np.array([{"a": 1}], object)})
    with pytest.raises(ValueError, match="not a file of weights"):
        read(net, tmp_path / "objects.npz")
    with pytest.raises(FileNotFoundError, match="was the net saved there"):
        read(net, tmp_path / "nowhere.npz")
    saving.save(Sequential(Linear(4, 3, rng=np.random.default_rng(0))), tmp_path / "other.npz")
    with pytest.raises((KeyError, ValueError)):
        read(net, tmp_path / "other.npz")
    assert all(np.array_equal(before[n], np.asarray(a)) for n, a in net.state_dict().items())
