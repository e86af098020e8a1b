"""Training, time travel and weights on disk, in both worlds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlcourse.data.batches import Batches
from dlcourse.pytorch import saving as torch_saving
from dlcourse.pytorch import time_travel as torch_time_travel
from dlcourse.pytorch import train as torch_train
from dlcourse.pytorch.record import give_weights
from dlcourse.pytorch.record import trace as torch_trace
from dlcourse.scratch import saving, time_travel, train
from dlcourse.scratch.activations import ReLU
from dlcourse.scratch.layers import Dropout, Linear, Sequential
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.optim import SGD, Adam
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


def training(world: str, adam: bool = True) -> tuple[Any, Any]:
    """A Training, and a function that goes on with it over a range of steps."""
    batches = Batches(*examples(), size=16, rng=np.random.default_rng(3))
    schedule = cosine(0.02, 40)
    if world == "scratch":
        net = dropout_net()
        optimizer = Adam(net.parameters()) if adam else SGD(net.parameters(), 0.1, 0.9)
        kit = time_travel.Training(net, optimizer, batches)
        fit, loss = train.fit, cross_entropy
    else:
        torch.manual_seed(5)
        net = torch_dropout_net()
        optimizer = (
            torch.optim.Adam(net.parameters())
            if adam
            else torch.optim.SGD(net.parameters(), 0.1, 0.9)
        )
        kit = torch_time_travel.Training(net, optimizer, batches)
        fit, loss = torch_train.fit, F.cross_entropy
    return kit, lambda steps: fit(
        net, loss, optimizer, batches, steps=steps, schedule=schedule, max_norm=1.0
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


@pytest.mark.parametrize("adam", [True, False])
@pytest.mark.parametrize("world", WORLDS)
def test_restart_from_any_frame_is_bit_exact(world: str, adam: bool) -> None:
    """Dropout, batch order, optimizer memory and learning rate: all go on as if nothing were."""
    kit, go_on = training(world, adam)
    run = Run(seed=0)
    rows = list(run.record(go_on(range(40)), kit, every=7))
    final = weights(kit)
    assert [frame.step for frame in run.frames] == [0, 7, 14, 21, 28, 35]
    for frame in Run.from_bytes(run.to_bytes()).frames:
        kit.restart(frame)
        again = list(go_on(range(kit.step, 40)))
        assert [row.loss for row in again] == [row.loss for row in rows[frame.step :]]
        assert all(np.array_equal(final[name], array) for name, array in weights(kit).items())


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


def test_early_stopping_keeps_the_best_weights() -> None:
    net, stopping = dropout_net(), train.EarlyStopping(patience=2)
    over = []
    for loss in (3.0, 2.0, 2.5, 2.4, 1.0):
        net.layers[0].bias.data[:] = loss
        over.append(stopping.is_over(loss, net))
    assert over == [False, False, False, True, False]
    assert stopping.best == 1.0 and stopping.best_state["0.bias"][0] == 1.0


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
