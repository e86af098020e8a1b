"""What the autograd graph shows, wherever it is shown."""

from typing import Any

from dlcourse import viz
from dlcourse.scratch import Value

NUMBERS = {"x1": 2.0, "x2": 0.5, "w1": -3.0, "w2": 1.0, "b": 6.5}


def view() -> Any:
    x1, x2, w1, w2, b = (Value(number, name=name) for name, number in NUMBERS.items())
    loss = ((x1 * w1 + x2 * w2 + b).tanh() - 1) ** 2
    loss.backward()
    return viz.autograd(loss)


def facts(view: Any) -> dict[str, Any]:
    """The same gradients from PyTorch."""
    import torch

    leaf = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in NUMBERS.items()}
    z = leaf["x1"] * leaf["w1"] + leaf["x2"] * leaf["w2"] + leaf["b"]
    loss = (z.tanh() - 1) ** 2
    loss.backward()
    grads = {name: number.grad.item() for name, number in leaf.items()}
    return {"loss": loss.item(), "grads": grads}


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    track = root.locator(".track")
    nodes = root.locator(".node")
    last = nodes.nth(nodes.count() - 1)
    begin = root.get_attribute("data-choices")
    assert last.get_attribute("data-value") == "", "nothing but what was given is known at first"

    track.focus()
    page.keyboard.press("PageDown")  # the way back begins, all values are known
    assert track.get_attribute("data-phase") == "backward"
    assert abs(float(last.get_attribute("data-value")) - facts["loss"]) < 1e-12
    assert float(last.get_attribute("data-grad")) == 1.0
    named = {name: root.locator(f'.node[data-name="{name}"]') for name in NUMBERS}
    assert named["x1"].get_attribute("data-grad") == ""

    page.keyboard.press("End")
    for name, expected in facts["grads"].items():
        assert abs(float(named[name].get_attribute("data-grad")) - expected) < 1e-12
    assert "gets" in root.locator(".voice").inner_text()

    named["x1"].focus()
    page.keyboard.press("Enter")
    assert (
        abs(float(root.locator("[data-sum]").get_attribute("data-sum")) - facts["grads"]["x1"])
        < 1e-12
    )
    assert root.locator("[data-sum] .good").count() == 1, "what came is what stands in .grad"
    page.keyboard.press("ArrowRight")
    assert root.locator(".node.looked").get_attribute("data-node") != "0"

    track.focus()
    page.keyboard.press("Home")
    assert root.get_attribute("data-choices") == begin
