"""What the playground shows, wherever it is shown."""

import json
from typing import Any

import numpy as np

from dlcourse import data, pytorch, scratch, viz

STEPS = 40


def points() -> list[Any]:
    rng = np.random.default_rng(7)
    return [data.moons(60, rng=rng), data.blobs(60, rng=rng, classes=3)]


def view() -> Any:
    return viz.playground(scratch.Pupil, pytorch.Pupil, data=points(), hidden=(5, 3), steps=STEPS)


def facts(view: Any) -> dict[str, Any]:
    """The same training once more in PyTorch, with gradients and losses from autograd."""
    import torch
    import torch.nn.functional as F

    moons = points()[0]
    pupil = pytorch.Pupil(moons, hidden=(5, 3))
    x, y = torch.tensor(moons.x), torch.tensor(moons.y)

    def look(w: dict[str, Any]) -> Any:
        h = torch.tanh(x @ w["fc1.weight"].T + w["fc1.bias"])
        h = torch.tanh(h @ w["fc2.weight"].T + w["fc2.bias"])
        return F.cross_entropy(h @ w["fc3.weight"].T + w["fc3.bias"], y)

    seen = {}
    for step in range(STEPS + 1):
        weights = {n: torch.tensor(a, requires_grad=True) for n, a in pupil.weights().items()}
        loss = look(weights)
        loss.backward()
        seen[step] = {
            "loss": loss.item(),
            "weights": {name: w.detach().numpy() for name, w in weights.items()},
            "gradients": {n: w.grad.numpy() for n, w in weights.items() if w.grad is not None},
        }
        pupil.learn(1)
    changed = {n: torch.tensor(a) for n, a in seen[STEPS]["weights"].items()}
    changed["fc1.weight"][0, 0] = 2.0
    return {"seen": seen, "if": look(changed).item()}


def near(shown: str, expected: float, room: float = 2e-4) -> bool:
    return abs(float(shown) - expected) <= room * max(1.0, abs(expected))


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    room, net, panel = (root.locator(place) for place in (".playroom", ".netpic", ".weight"))
    begin = root.get_attribute("data-choices")
    last = facts["seen"][STEPS]
    assert room.get_attribute("data-step") == str(STEPS)
    assert near(room.get_attribute("data-loss"), last["loss"])
    assert float(root.get_attribute("data-proof")) < 1e-5, "pictures drawn here are the pupil's"
    assert root.locator(".plane").first.get_attribute("data-points") == "60"

    net.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")  # the first weight of the first layer
    assert net.get_attribute("data-weight") == "fc1.weight[0, 0]"
    assert near(net.get_attribute("data-value"), last["weights"]["fc1.weight"][0, 0])
    slope = last["gradients"]["fc1.weight"][0, 0]
    assert near(panel.get_attribute("data-gradient"), slope)
    assert near(panel.get_attribute("data-slope"), slope), "measured without any gradient"
    assert "fc1.weight[0, 0]" in root.locator(".voice").inner_text()
    page.keyboard.press("ArrowDown")
    assert net.get_attribute("data-weight") == "fc1.weight[0, 1]"
    page.keyboard.press("ArrowUp")

    page.keyboard.press("Enter")  # to the field with the value
    page.keyboard.type("2")
    old = last["weights"]["fc1.weight"][0, 0]
    assert near(panel.get_attribute("data-promised"), last["loss"] + slope * (2 - old))
    assert near(panel.get_attribute("data-came"), facts["if"])

    time = root.locator("input.time")
    time.focus()
    for step in (STEPS - 1, STEPS - 2):
        page.keyboard.press("ArrowLeft")
        assert room.get_attribute("data-step") == str(step)
        assert near(room.get_attribute("data-loss"), facts["seen"][step]["loss"])
    assert f"Step {STEPS - 2}: loss" in root.locator(".voice").inner_text()
    assert near(net.get_attribute("data-value"), facts["seen"][step]["weights"]["fc1.weight"][0, 0])
    page.keyboard.press("Home")
    assert near(room.get_attribute("data-loss"), facts["seen"][0]["loss"], 1e-6)
    page.keyboard.press("End")

    plane = root.locator(".plane").first
    plane.focus()
    page.keyboard.press("ArrowRight")
    shares = [float(p) for p in root.locator(".readout").get_attribute("data-p").split(",")]
    assert abs(sum(shares) - 1) < 1e-5
    assert "the net says" in root.locator(".voice").inner_text()
    assert json.loads(root.get_attribute("data-choices")) == json.loads(begin)


def check_live(root: Any, page: Any, facts: dict[str, Any], view_name: str) -> None:
    """Learn, change a weight and take it back, fork, go into the other world; all of it true."""
    room, news = root.locator(".playroom"), root.locator(".news")

    def until(place: Any, name: str, good: str) -> None:
        page.wait_for_function(
            f"([e, name]) => {{ const v = e.getAttribute(name); return {good}; }}",
            arg=[place.element_handle(), name],
        )

    root.locator("button.play").click()
    until(room, "data-step", f"Number(v) > {STEPS} + 30")
    root.locator("button.play").click()
    until(root, "data-playing", "v === 'false'")
    learned = int(room.get_attribute("data-step"))

    root.get_by_role("button", name="Again from the seed").click()
    until(news, "data-differ", "v === '0'")

    net, field = root.locator(".netpic"), root.locator("input.value")
    net.focus()
    page.keyboard.press("Home")
    before = float(room.get_attribute("data-loss"))
    field.fill("1.5")
    promised = float(root.locator(".weight").get_attribute("data-came"))
    root.get_by_role("button", name="Apply").click()
    until(net, "data-value", "v === '1.5'")
    assert near(room.get_attribute("data-loss"), promised, 1e-5), "it came as it was foretold"
    root.locator(".transport button", has_text="Undo").click()
    until(room, "data-loss", f"Math.abs(Number(v) - {before}) < 1e-9")

    root.get_by_role("button", name="Fork here").click()
    until(root.locator(".plane").nth(1), "data-step", f"Number(v) > {learned}")
    root.locator("button.play").click()
    until(root, "data-playing", "v === 'false'")
    assert "fork" in root.get_attribute("data-choices")
    root.locator(".waysign button", has_text="Keep A").click()
    root.locator(".plane").nth(1).wait_for(state="hidden")

    root.locator("input[value=PyTorch]").check(force=True)
    until(room, "data-world", "v === 'PyTorch'")
    until(news, "data-apart", "v !== null && Number(v) < 1e-5")


def gestures() -> list[dict[str, Any]]:
    """For benchmarks/viewer.py: Python takes one step of the training."""
    end = """
        const time = root.querySelector("input.time");
        time.value = time.max;
        time.dispatchEvent(new Event("input", { bubbles: true }));"""
    step = "[...root.querySelectorAll('button')].find((b) => b.textContent === 'Step').click();"
    return [{"name": "learn", "first": end, "script": step, "python": True}]
