"""The training monitor: what it tells the browser is what the training was; stop stops."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dlcourse import scratch, viz
from dlcourse.data import Batches
from dlcourse.scratch.time_travel import Training
from dlcourse.trace import Diverged, Row, Run
from dlcourse.viz.parts.learning_curve import Curve, parting
from dlcourse.wire import parse


def rows(count: int, begin: int = 0) -> Iterator[Row]:
    for step in range(begin, begin + count):
        metrics = {"accuracy": step / 100} if step % 5 == 0 else {}
        yield Row(step, float(np.float32(1 / (step + 1))), 0.001, metrics)


def finished(count: int = 20) -> Run:
    run = Run(seed=0)
    run.rows = [*rows(count)]
    return run


def trained(lr: float, steps: int = 12) -> tuple[Run, Iterator[Row]]:
    """A real training of a small net, with a trace in each key-frame."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)).astype("f4"), rng.integers(0, 2, 40)
    net = scratch.MLP(3, 5, 4, 2, rng=rng)
    optimizer = scratch.SGD(net.parameters(), lr=lr)
    batches = Batches(x, y, size=8, rng=rng)
    run = Run(seed=0)

    def look() -> Any:
        return scratch.trace(net, x, loss=lambda logits: scratch.cross_entropy(logits, y))

    fit = scratch.fit(net, scratch.cross_entropy, optimizer, batches, steps=steps)
    return run, run.record(fit, Training(net, optimizer, batches), every=4, look=look)


def told(view: Any) -> dict[str, Any]:
    """What the browser has been told last."""
    return parse(view.stream)[1] if view.stream else {"state": "nothing told yet"}


async def until(condition: Any, seconds: float = 5) -> None:
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "waited too long"
        await asyncio.sleep(0.01)


def test_a_finished_run_is_told_number_for_number() -> None:
    content = parse(viz.monitor(finished(20)).data)[1]
    (run,) = content["runs"]
    assert run["steps"].tolist() == [*range(20)]
    assert run["loss"].tolist() == [row.loss for row in finished(20).rows]
    assert run["metrics"]["accuracy"]["steps"].tolist() == [0, 5, 10, 15]
    assert run["metrics"]["accuracy"]["values"].tolist() == [0, 0.05, 0.1, 0.15]
    assert content["state"] == "finished"


def test_losses_are_halved_in_size_only_where_nothing_is_lost() -> None:
    for losses, dtype in (([0.5, 0.25], "float32"), ([0.1, 0.25], "float64"), ([1e300], "float64")):
        curve = Curve("a")
        for step, loss in enumerate(losses):
            curve.add(Row(step, loss, 0.0))
        found = curve.content()["loss"]
        assert found.dtype == dtype and found.tolist() == losses


def test_lengths_of_the_gradients_are_those_of_the_traces() -> None:
    run, training = trained(0.1)
    [*_] = training
    norms = parse(viz.monitor(run).data)[1]["runs"][0]["norms"]
    assert norms["steps"] == [0, 4, 8, 12]
    at = norms["names"].index("fc2.weight")
    for i, frame in enumerate(run.frames):
        grad = frame.trace["fc2"].dparams["weight"]  # type: ignore[index]
        assert norms["values"][at, i] == pytest.approx(
            np.linalg.norm(grad.astype(float)), rel=1e-12
        )


def test_showing_starts_nothing_and_start_trains_to_the_end() -> None:
    taken: list[int] = []

    def training() -> Iterator[Row]:
        for row in rows(200):
            taken.append(row.step)
            yield row

    view = viz.monitor(training(), steps=200)
    view._repr_mimebundle_()
    assert taken == [] and view.state == "ready"

    async def go() -> None:
        view.start()
        await until(lambda: view.state == "finished" and told(view)["state"] == "finished")

    asyncio.run(go())
    assert taken == [*range(200)]
    assert view.content["runs"][0]["steps"].tolist() == taken
    assert "200 steps" in view.words.alt and "Finished" in view.words.alt


def test_stop_stops_at_once_and_start_goes_on_where_it_was() -> None:
    def slow() -> Iterator[Row]:
        for row in rows(10_000):
            time.sleep(0.001)
            yield row

    view = viz.monitor(slow(), steps=10_000)

    async def go() -> None:
        view.start()
        await until(lambda: len(view.curve.steps) > 20)
        view.stop()
        taken = len(view.curve.steps)
        await asyncio.sleep(0.1)
        assert len(view.curve.steps) <= taken + 1 and view.state == "stopped"
        await until(lambda: told(view)["state"] == "stopped")
        view.start()
        await until(lambda: len(view.curve.steps) > taken + 20)
        view.stop()
        await until(lambda: told(view)["state"] == "stopped")

    asyncio.run(go())
    assert view.curve.steps == [*range(len(view.curve.steps))], "no step is lost, none is twice"


def test_frames_add_up_and_do_not_flood() -> None:
    def steady() -> Iterator[Row]:
        for row in rows(300):
            time.sleep(0.001)
            yield row

    view = viz.monitor(steady(), steps=300)
    frames: list[dict[str, Any]] = []

    def seen(_: Any) -> None:
        frames.append(told(view))
        view.seen = view.sent

    view.observe(seen, "stream")
    began = time.perf_counter()

    async def go() -> None:
        view.start()
        await until(lambda: frames and frames[-1]["state"] == "finished")

    asyncio.run(go())
    assert len(frames) / (time.perf_counter() - began) <= 31
    assert len(frames) > 3
    steps = [step for frame in frames for step in frame["rows"]["steps"].tolist()]
    assert steps == [*range(300)]
    assert frames[0]["rows"]["first"] == 0


def test_a_view_opened_late_can_ask_for_everything() -> None:
    view = viz.monitor(rows(50), steps=50)
    [*_] = view.watch()
    assert view.answers["record"]()["rows"]["steps"].tolist() == [*range(50)]


def test_a_plain_loop_sees_each_row_and_may_break_off() -> None:
    view = viz.monitor(rows(100), steps=100)
    for row in view.watch():
        if row.step == 30:
            break
    assert view.state == "stopped" and told(view)["way"] == "loop"
    assert view.curve.steps == [*range(31)]
    assert [row.step for row in view.watch()] == [*range(31, 100)], "and it goes on from there"
    assert view.state == "finished"


def test_a_diverged_training_says_step_and_layer_in_the_view() -> None:
    _, training = trained(1e30, steps=50)
    view = viz.monitor(training, steps=50)
    with np.errstate(all="ignore"), pytest.raises(Diverged) as raised:
        [*view.watch()]
    frame = told(view)
    assert frame["state"] == "diverged" and frame["sentence"] == str(raised.value)
    assert frame["broke"]["step"] == raised.value.step
    assert frame["broke"]["layer"] and frame["broke"]["layer"] in str(raised.value)
    assert str(raised.value).capitalize()[:30] in view.words.alt
    with pytest.raises(ValueError, match="new view"):
        view.start()


def test_an_error_beside_the_notebook_is_shown_and_kept() -> None:
    def broken() -> Iterator[Row]:
        yield from rows(3)
        raise KeyError("fc9")

    view = viz.monitor(broken(), steps=10)

    async def go() -> None:
        view.start()
        await until(lambda: told(view)["state"] == "failed")

    asyncio.run(go())
    assert told(view)["sentence"] == "KeyError: 'fc9'" and isinstance(view.error, KeyError)
    assert told(view)["broke"]["step"] == 3


def test_start_where_no_notebook_is_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match=r"for row in view.watch\(\)"):
        viz.monitor(rows(3)).start()


def test_where_two_runs_part() -> None:
    one, other = finished(20), finished(20)
    assert parting(Curve.of(one, "a"), Curve.of(other, "b")) is None
    other.rows[13] = Row(13, 9.0, 0.0)
    assert parting(Curve.of(one, "a"), Curve.of(other, "b")) == 13
    view = viz.monitor(one, beside=other, names=("as it was", "fork"))
    assert "They part at step 13." in view.words.alt


def test_a_long_run_is_quick_and_fits_on_a_page(tmp_path: Any) -> None:
    noise = np.random.default_rng(0).random(100_000)
    run = Run(seed=0)
    run.rows = [Row(i, float(np.float32(x)), 0.001) for i, x in enumerate(noise)]
    page = viz.save(viz.monitor(run), tmp_path / "long.html")
    assert page.stat().st_size < 2_000_000


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: viz.monitor(3), "rows of a training"),
        (lambda: viz.monitor(Run(seed=0)), "no rows yet"),
        (lambda: viz.monitor(rows(3), steps=0), "1 or more"),
        (lambda: viz.monitor(rows(3), mean=0), "averaged"),
        (lambda: viz.monitor(rows(3), at="last"), "number of a step"),
        (lambda: viz.monitor(rows(3), beside=[1]), "a Run to compare"),
        (lambda: viz.monitor(finished(), beside=finished(), names=("a",)), "name each run"),
        (lambda: viz.monitor(finished()).start(), "a run that is over"),
        (lambda: [*viz.monitor(["no row"]).watch()], "rows with step and loss"),
        (lambda: [*viz.monitor([Row(3, 1, 0), Row(3, 1, 0)]).watch()], "came after step 3"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_sentence(wrong: Any, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        wrong()
