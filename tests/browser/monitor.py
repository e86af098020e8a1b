"""What the training monitor shows, wherever it is shown."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from dlcourse import viz
from dlcourse.trace import Row, Run

STEPS, FORK, PLANNED = 60, 35, 5000


def rows(factor: float = 1.0) -> Iterator[Row]:
    rng = np.random.default_rng(4)
    for step in range(STEPS):
        slope = factor if step >= FORK else 1.0
        loss = float(np.float32(2 / (1 + 0.1 * step * slope) + 0.1 * rng.random()))
        yield Row(step, loss, 0.01, {"val_accuracy": step / STEPS} if step % 10 == 0 else {})


def recorded(factor: float) -> Run:
    return Run(seed=0, rows=[*rows(factor)])


def training() -> Iterator[Row]:
    """The same as recorded; then it goes on, slowly enough to be stopped."""
    yield from rows()
    for step in range(STEPS, PLANNED):
        time.sleep(0.002)
        yield Row(step, 1 / step, 0.002)


def view() -> Any:
    """A training that was broken off and may go on, beside one that is over."""
    names = ("as it was", "fork")
    made = viz.monitor(training(), PLANNED, beside=recorded(2.0), names=names, mean=4)
    for row in made.watch():
        if row.step == STEPS - 1:
            break
    return made


def facts(view: Any) -> dict[str, Any]:
    one, other = (np.array([row.loss for row in rows(f)]) for f in (1.0, 2.0))
    means = [one[max(0, i - 3) : i + 1].mean() for i in range(STEPS)]
    return {
        "loss": one,
        "other": other,
        "mean": means,
        "parts": int(np.flatnonzero(one != other)[0]),
    }


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    chart = root.locator('[data-chart="loss"]')
    values = chart.locator("[data-series]")

    def shown(i: int) -> float:
        return float(values.nth(i).get_attribute("data-value"))

    for _ in range(50):  # in a notebook, what was trained before is asked for
        if root.get_attribute("data-rows") == str(STEPS):
            break
        page.wait_for_timeout(100)
    assert root.locator('[data-tile="state"]').get_attribute("data-value") == "stopped"
    assert root.locator('[data-tile="steps taken"]').get_attribute("data-value") == str(STEPS)
    assert f"{facts['loss'][-1]:.4g}" in root.locator('[data-tile="loss"]').inner_text()
    assert root.get_attribute("data-rows") == str(STEPS)

    plot = chart.locator(".plot")
    plot.focus()
    page.keyboard.press("Home")
    for step in (1, 2, 3, 4, 5):
        page.keyboard.press("ArrowRight")
        assert chart.get_attribute("data-at") == str(step)
        assert shown(0) == facts["loss"][step], "each number exactly"
        assert abs(shown(1) - facts["mean"][step]) < 1e-12
        assert shown(2) == facts["other"][step]
    assert f"{facts['loss'][5]:.4g}" in root.locator(".voice").inner_text()
    assert "Step 5:" in plot.get_attribute("aria-valuetext").replace("step", "Step")

    gap = root.locator('[data-chart="gap"]')
    page.keyboard.press("End")
    apart = float(gap.locator("[data-series]").get_attribute("data-value"))
    assert apart == facts["loss"][-1] - facts["other"][-1]
    accuracy = root.locator('[data-chart="metric accuracy"] [data-series]').first
    assert float(accuracy.get_attribute("data-value")) == 50 / STEPS, (
        "the nearest step that has one"
    )

    page.keyboard.press("PageDown")
    page.keyboard.press("+")
    assert float(chart.get_attribute("data-from")) > 0
    assert gap.get_attribute("data-from") == chart.get_attribute("data-from"), "all charts zoom"
    page.keyboard.press("0")
    assert chart.get_attribute("data-from") == "0"
    assert chart.get_attribute("data-to") == str(STEPS - 1)

    log = root.get_by_label("Log scale")
    log.check()
    assert chart.get_attribute("data-log") == "true"
    log.uncheck()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 13, box["y"] + box["height"] / 2)
    assert chart.get_attribute("data-at") == str(STEPS - 1)
    assert colours(root) > 3, "lines are drawn"


def check_live(root: Any, page: Any, facts: dict[str, Any], view_name: str) -> None:
    """Start and stop, as often as one likes; no step is lost, none comes twice."""
    handle = root.element_handle()
    drive = root.locator(".drive")
    taken = STEPS
    for _ in range(2):
        assert "Go on" in drive.inner_text()
        drive.click()
        page.wait_for_function("([r, n]) => +r.dataset.rows > n + 40", arg=[handle, taken])
        assert "Stop" in drive.inner_text()
        drive.click()
        root.locator('.standing[data-state="stopped"]').wait_for(timeout=3000)
        taken = int(root.get_attribute("data-rows"))
        page.wait_for_timeout(300)
        assert int(root.get_attribute("data-rows")) == taken, "stopped means stopped"
        assert root.locator('[data-tile="steps taken"]').get_attribute("data-value") == str(taken)
    loss = float(root.locator('[data-tile="loss"]').get_attribute("data-value"))
    assert loss == 1 / (taken - 1)


def colours(root: Any) -> int:
    """How many colours the lines of the loss have on the canvas."""
    return root.locator('[data-chart="loss"] canvas').first.evaluate(
        """canvas => {
            const pen = canvas.getContext("2d");
            const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
            const found = new Set();
            for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] > 200) found.add(`${data[i]} ${data[i + 1]} ${data[i + 2]}`);
            }
            return found.size;
        }"""
    )
