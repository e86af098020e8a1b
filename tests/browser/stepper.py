"""What the stepper shows, wherever it is shown."""

from typing import Any

import numpy as np

from dlcourse import pytorch, scratch, viz

STEP, PLACE, CELL = "fc2", "dparams.weight", (1, 3)
LABELS = np.array([0, 1, 2, 0, 1])


def nets() -> tuple[Any, Any, np.ndarray]:
    rng = np.random.default_rng(0)
    net = scratch.MLP(4, 8, 6, 3, rng=rng)
    twin = pytorch.give_weights(pytorch.MLP(4, 8, 6, 3), net.state_dict())
    return net, twin, rng.normal(size=(5, 4)).astype(np.float32)


def view() -> Any:
    net, _, x = nets()
    experiment = scratch.Experiment(net, x, loss=lambda y: scratch.cross_entropy(y, LABELS))
    return viz.stepper(experiment, code=True)


def facts(view: Any) -> dict[str, Any]:
    """The same numbers from PyTorch, which has never seen the view."""
    import torch
    from torch.nn import functional as F

    _, twin, x = nets()
    traced = pytorch.trace(
        twin, torch.tensor(x), loss=lambda y: F.cross_entropy(y, torch.tensor(LABELS))
    )
    step = traced[STEP]
    return {
        "loss": traced.loss,
        "y": step.output[1, 3],
        "W": step.params["weight"][CELL],
        "dW": step.dparams["weight"][CELL],
        "moments": 11,  # five layers forward, the loss, five back
    }


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    track = root.locator(".track")
    voice = root.locator(".voice")
    assert track.get_attribute("aria-valuemax") == str(facts["moments"])

    begin = root.get_attribute("data-choices"), voice.inner_text()
    track.focus()
    page.keyboard.press("End")
    assert track.get_attribute("data-phase") == "backward"
    for _ in range(facts["moments"]):
        page.keyboard.press("ArrowLeft")
    assert (root.get_attribute("data-choices"), voice.inner_text()) == begin

    page.keyboard.press("PageDown")  # the loss
    close(root.locator(".step-head").get_attribute("data-loss"), facts["loss"])
    page.keyboard.press("ArrowRight")  # what answered last hears of its mistake first
    assert root.locator(".step-head").get_attribute("data-step") == "fc3"
    assert track.get_attribute("data-phase") == "backward"
    absent = root.locator('[data-grid="dinputs.0"][data-state="absent"]')

    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # fc2 answers; no gradient has come yet
    assert root.locator(".step-head").get_attribute("data-step") == STEP
    assert absent.count() == 1
    walk(root, page, "outputs.0", (1, 3))
    close(grid(root, "outputs.0").get_attribute("data-value"), facts["y"])

    for _ in range(6):  # the same layer on the way back
        root.get_by_role("button", name="One step on").click()
    assert root.locator(".step-head").get_attribute("data-phase") == "backward"
    walk(root, page, PLACE, CELL)
    close(grid(root, PLACE).get_attribute("data-value"), facts["dW"])
    panel = root.locator(".formula")
    close(panel.get_attribute("data-total"), facts["dW"])
    assert panel.locator('[data-agrees="true"]').count() == 1
    assert f"dW[{CELL[0]},{CELL[1]}]" in voice.inner_text()

    page.keyboard.press("Enter")
    assert '"cell":["dparams.weight",[1,3]]' in root.get_attribute("data-choices")
    assert "proof by finite differences" in panel.inner_text() or panel.locator(".prove").count()
    page.keyboard.press("Escape")

    code = root.locator('[data-source="MLP"]')  # from a number to its line, and back
    assert "self.fc2(h)" in code.locator(".here").inner_text()
    code.locator("button", has_text="self.fc3(h)").click()
    assert root.locator(".step-head").get_attribute("data-step") == "fc3"


def check_live(root: Any, page: Any, facts: dict[str, Any], name: str) -> None:
    """Proof by finite differences, and a change whose effect was foretold."""
    root.locator(".track").focus()
    page.keyboard.press("End")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")  # fc2 on the way back
    walk(root, page, PLACE, CELL)
    page.keyboard.press("Enter")
    root.locator("button.prove").click()
    root.locator(".proof[data-slope]").wait_for()
    slope = root.locator(".proof").get_attribute("data-slope")
    assert abs(float(slope) - facts["dW"]) < 1e-5
    assert root.locator(".proof.good").count() == 1

    walk(root, page, "params.weight", CELL)
    page.keyboard.press("Enter")
    value = facts["W"] + 0.01
    root.get_by_label("Try another value").fill(str(value))
    trial = root.locator(".trial[data-actual]")
    trial.wait_for()
    close(trial.get_attribute("data-predicted"), facts["loss"] + 0.01 * facts["dW"])
    close(trial.get_attribute("data-actual"), facts["loss"] + 0.01 * facts["dW"], 1e-4)
    root.get_by_role("button", name="Keep this change").click()
    root.get_by_text("after the change", exact=True).wait_for()


def grid(root: Any, place: str) -> Any:
    return root.locator(f'[data-grid="{place}"]')


def walk(root: Any, page: Any, place: str, index: tuple[int, int]) -> None:
    """With the keyboard alone to a cell."""
    grid(root, place).focus()
    page.keyboard.press("Home")
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    for _ in range(index[0]):
        page.keyboard.press("ArrowDown")
    for _ in range(index[1]):
        page.keyboard.press("ArrowRight")
    assert grid(root, place).get_attribute("data-index") == ",".join(map(str, index))


def close(shown: str | None, expected: float, room: float = 1e-5) -> None:
    assert shown not in (None, "")
    assert abs(float(shown) - expected) <= room * max(1.0, abs(expected)), (shown, expected)


def gestures() -> list[dict[str, Any]]:
    """For benchmarks/viewer.py: another value for a weight, and Python says the loss."""
    pin = """
        press(root.querySelector(".track"), "Home");
        const grid = root.querySelector("[data-grid='params.weight']");
        grid.focus(); press(grid, "Home"); press(grid, "Enter");"""
    try_it = """
        const input = root.querySelector("input[aria-label='Try another value']");
        input.value = (i + 1) / 50;
        input.dispatchEvent(new Event("input", { bubbles: true }));"""
    return [{"name": "another weight", "first": pin, "script": try_it, "python": True}]
