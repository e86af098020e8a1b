"""What the loss landscape shows, wherever it is shown."""

import json
from functools import cache
from typing import Any

import numpy as np

from dlcourse import scratch, viz
from dlcourse.data import Batches
from dlcourse.scratch.time_travel import Training
from dlcourse.trace import Run

SIZE = 15
X = np.random.default_rng(0).normal(size=(30, 2)).astype("f4")
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def net() -> Any:
    return scratch.MLP(2, 6, 4, 2, rng=np.random.default_rng(5))


def race(kind: str, lr: float) -> Run:
    mine, run = net(), Run(seed=0)
    optimizer = getattr(scratch, kind)(mine.parameters(), lr=lr)
    batches = Batches(X, Y, size=10, rng=np.random.default_rng(1))
    fit = scratch.fit(mine, scratch.cross_entropy, optimizer, batches, steps=40)
    [*_] = run.record(fit, Training(mine, optimizer, batches), every=5)
    return run


@cache
def runs() -> dict[str, Run]:
    return {"SGD": race("SGD", 0.5), "Adam": race("Adam", 0.05)}


def view() -> Any:
    experiment = scratch.Experiment(net(), X, loss=lambda y: scratch.cross_entropy(y, Y))
    return viz.landscape(experiment, runs(), size=SIZE, race=race, racers=("SGD", "Adam"))


def facts(view: Any) -> dict[str, Any]:
    """The losses of the key-frames, from the net alone; the map's, from the plane's content."""
    losses = {}
    for name, run in runs().items():
        for frame in run.frames:
            mine = net()
            for weight, param in mine.named_parameters().items():
                param.data = frame.arrays[f"net/{weight}"]
            losses[name, frame.step] = float(scratch.cross_entropy(mine(X)[0], Y)[0])
    return {"losses": losses, "map": view.content["losses"]}


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    clock = root.locator(".clock input")
    clock.focus()
    page.keyboard.press("Home")
    for step in (0, 5, 10):
        assert root.get_attribute("data-step") == str(step)
        for name in ("SGD", "Adam"):
            shown = root.locator(f'[data-racer="{name}"]')
            assert float(shown.get_attribute("data-loss")) == facts["losses"][name, step]
        page.keyboard.press("ArrowRight")
    assert "Step 15: SGD" in root.locator(".voice").inner_text()
    page.keyboard.press("End")
    assert root.get_attribute("data-step") == "40"
    assert json.loads(root.get_attribute("data-choices"))["step"] is None

    plane, reading = root.locator(".map"), root.locator(".reading")
    middle = SIZE // 2
    plane.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expected = facts["map"][middle + 1, middle + 1]
    assert float(reading.get_attribute("data-value")) == expected
    assert reading.get_attribute("data-kind") == "computed"
    page.keyboard.press("Shift+ArrowLeft")
    assert float(reading.get_attribute("data-value")) == facts["map"][middle + 1, middle - 4]
    assert reading.inner_text().count("computed") == 1
    order = np.corrcoef(ranks(facts["map"].ravel()), ranks(np.array(brightness(root))))[0, 1]
    assert order > 0.95, "a low loss is deep, a high one is pale, each at its place"

    box = plane.locator("canvas").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.37, box["y"] + box["height"] * 0.41)
    assert reading.get_attribute("data-kind") == "read between computed places"
    low, high = facts["map"].min(), facts["map"].max()
    assert low * 0.5 <= float(reading.get_attribute("data-value")) <= high * 1.5
    page.mouse.move(0, 0)


def ranks(values: np.ndarray) -> np.ndarray:
    return values.argsort().argsort()


def brightness(root: Any) -> list[int]:
    """How bright the map is at each computed place (a little inside, where it is an edge)."""
    return root.locator(".map canvas").first.evaluate(
        """(canvas, n) => {
            const pen = canvas.getContext("2d");
            const { width, height } = canvas;
            const { data } = pen.getImageData(0, 0, width, height);
            const bright = [];
            for (let row = 0; row < n; row++) {
                for (let column = 0; column < n; column++) {
                    const x = Math.round((column / (n - 1)) * (width - 1));
                    const y = Math.round((1 - row / (n - 1)) * (height - 1));
                    const at = 4 * (y * width + x);
                    bright.push(data[at] + data[at + 1] + data[at + 2]);
                }
            }
            return bright;
        }""",
        SIZE,
    )


def check_live(root: Any, page: Any, facts: dict[str, Any], view_name: str) -> None:
    reading = root.locator(".reading")
    root.locator(".map").focus()
    page.keyboard.press("ArrowRight")  # on a computed place, wherever the pointer was
    page.keyboard.press("Enter")
    reading.locator("text=computed by Python").wait_for(timeout=5000)
    assert reading.get_attribute("data-kind") == "exact"
    assert np.isclose(
        float(reading.get_attribute("data-value")), facts["map"].flat, rtol=1e-5
    ).any()

    root.get_by_role("button", name="Train this one").click()
    added = root.locator('[data-racer="SGD 0.1"]')
    added.wait_for(timeout=8000)
    assert root.locator("[data-racer]").count() == 3
    root.get_by_role("radio", name="random").check()
    page.wait_for_function("root => root.dataset.plane === 'random'", arg=root.element_handle())
    assert json.loads(root.get_attribute("data-choices"))["plane"] == "random"
    assert root.locator("[data-racer]").count() == 3, "whoever came later stays in the race"


def gestures() -> list[dict[str, Any]]:
    """For benchmarks/viewer.py: a place is kept, and Python says its very loss."""
    keep = """
        const map = root.querySelector(".map");
        press(map, i % 20 < 10 ? "ArrowRight" : "ArrowLeft");
        press(map, "Enter");"""
    return [{"name": "keep a place", "script": keep, "python": True}]
