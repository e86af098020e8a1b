"""What the convolution instrument shows, wherever it is shown."""

from typing import Any

import numpy as np

from dlcourse import pytorch, scratch, viz
from dlcourse.trace import Trace

MAP, CELL = 3, (2, 5)
LABELS = np.array([0, 1])


def net_and_pictures() -> tuple[Any, np.ndarray]:
    rng = np.random.default_rng(0)
    return scratch.LeNet(20, rng=rng), rng.random((2, 1, 20, 20)).astype(np.float32)


def traced() -> Trace:
    net, x = net_and_pictures()
    return scratch.trace(net, x, loss=lambda y: scratch.cross_entropy(y, LABELS))


def view() -> Any:
    net, x = net_and_pictures()
    answer = scratch.Experiment(net, x, loss=lambda y: scratch.cross_entropy(y, LABELS))
    return viz.convolution(traced(), answer=answer)


def facts(view: Any) -> dict[str, Any]:
    """The same numbers from PyTorch, which has never seen the view."""
    import torch
    from torch.nn import functional as F

    net, x = net_and_pictures()
    twin = pytorch.give_weights(pytorch.LeNet(20, 1), net.state_dict())
    picture = torch.tensor(x[:1])
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])[None, None]
    strided = F.conv2d(picture, sobel, stride=2, padding=1)
    theirs = pytorch.trace(
        twin, torch.tensor(x), loss=lambda y: F.cross_entropy(y, torch.tensor(LABELS))
    )
    conv2 = next(step for step in theirs if step.name == "conv2")
    own, up = torch.tensor(conv2.inputs[0][:1]), torch.tensor(conv2.doutputs[0][:1, MAP : MAP + 1])
    weight = torch.tensor(conv2.params["weight"][MAP : MAP + 1], requires_grad=True)
    F.conv2d(own, weight).backward(up)
    drawing = torch.zeros(1, 1, 20, 20)
    with torch.no_grad():
        blank = twin(drawing + float(x.min()))
    return {
        "sobel": F.conv2d(picture, sobel, padding=1)[0, 0, 4, 7].item(),
        "strided": list(strided.shape[2:]),
        "conv2": conv2.output[0, MAP, CELL[0] - 1, CELL[1] - 4],
        "dW": weight.grad[0, 0, 1, 1].item(),
        "answer": torch.softmax(torch.tensor(theirs["fc"].output[0]), 0).max().item(),
        "blank": torch.softmax(blank[0], 0).max().item(),
    }


def close(text: str | None, number: float, room: float = 1e-4) -> None:
    assert text is not None and abs(float(text) - number) <= room * max(1.0, abs(number)), (
        text,
        number,
    )


def at_cell(root: Any, page: Any, name: str, right: int, down: int) -> None:
    """Walk from the first cell of a grid with the arrow keys."""
    root.locator(f'[data-grid="{name}"]').focus()
    for key, times in (
        ("PageUp", 8),
        ("ArrowUp", 30),
        ("Home", 1),
        ("ArrowDown", down),
        ("ArrowRight", right),
    ):
        for _ in range(times):
            page.keyboard.press(key)


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    slow, formula, voice = (
        root.locator(".slow"),
        root.locator(".slow-formula"),
        root.locator(".voice"),
    )
    at_cell(root, page, "y", 7, 4)
    close(formula.get_attribute("data-value"), facts["sobel"])
    close(formula.get_attribute("data-total"), facts["sobel"])
    assert formula.locator(".cells span").count() == 27  # window, kernel, products
    assert "y at row 4, column 7 is" in voice.inner_text()

    at_cell(root, page, "x", 8, 5)  # in its frame of one: the pixel [4, 7], seen by nine windows
    assert slow.get_attribute("data-at") == "x:0,4,7" and formula.locator(".term").count() == 9

    root.get_by_label("Stride").select_option("2")
    grid = root.locator('[data-grid="y"]')
    assert " × ".join(map(str, facts["strided"])) in grid.get_attribute("aria-label")
    root.get_by_label("Stride").select_option("1")

    weight = root.locator('[data-grid="W"] input').nth(4)
    weight.fill("0.5")
    at_cell(root, page, "y", 7, 4)
    pixel = formula.locator("figure").first.locator("span").nth(4).get_attribute("data-value")
    close(formula.get_attribute("data-value"), facts["sobel"] + 0.5 * float(pixel))
    assert '"kernel":[[-1,0,1],[-2,0.5,2],[-1,0,1]]' in root.get_attribute("data-choices")
    check_learned(root, page, facts)
    check_net(root, page, facts)


def check_learned(root: Any, page: Any, facts: dict[str, Any]) -> None:
    """The net's own kernel, forward and back."""
    formula = root.locator(".slow-formula")
    root.get_by_label("Kernel", exact=True).select_option("layer:conv2")
    for _ in range(MAP):
        root.get_by_role("button", name="The next map").click()
    at_cell(root, page, "y", CELL[1] - 4, CELL[0] - 1)
    close(formula.get_attribute("data-value"), facts["conv2"])
    assert formula.locator('[data-agrees="true"]').count() == 1
    root.locator('.slow-bar input[value="backward"]').check()
    root.locator('.slow-bar input[value="trace"]').check()
    root.locator('[data-grid="dW"] input').nth(6).focus()
    close(formula.get_attribute("data-value"), facts["dW"], 1e-6)
    assert "added over the batch, dW ✓ is what the trace holds" in formula.inner_text()


def check_net(root: Any, page: Any, facts: dict[str, Any]) -> None:
    """Feature maps, the field of a cell, and a clean sheet that the page answers to by itself."""
    root.locator('.bar input[value="net"]').check()
    close(root.locator(".answer").get_attribute("data-share"), facts["answer"])
    told = root.locator(".facts")
    at_cell(root, page, "conv2", 1, 2)
    assert told.get_attribute("data-at") == "conv2:0,2,1"
    assert told.get_attribute("data-field") == "4,17,2,15"  # 14 × 14 pixels
    assert "It has seen 14 × 14 pixels" in root.locator(".voice").inner_text()
    at_cell(root, page, "pool", 0, 0)
    assert told.get_attribute("data-field") == "0,5,0,5"

    root.locator(".whole-net").get_by_role("button", name="Clear").click()
    close(root.locator(".answer").get_attribute("data-share"), facts["blank"])
    root.locator('[data-grid="picture"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert '"drawing":"' in root.get_attribute("data-choices")
    assert "#" in root.get_attribute("data-choices")
    assert "Proved on the trace" in root.locator(".whole-net").inner_text()
    root.locator(".whole-net").get_by_role("button", name="Undo").click()
    close(root.locator(".answer").get_attribute("data-share"), facts["answer"])


def check_live(root: Any, page: Any, facts: dict[str, Any], name: str) -> None:
    """Python's own net answers to the drawing, and agrees with the page."""
    root.locator('.bar input[value="net"]').check()
    root.locator('[data-grid="picture"]').focus()
    page.keyboard.press("Space")
    root.locator(".whole-net [data-agreed]").wait_for()
    assert float(root.locator(".whole-net [data-agreed]").get_attribute("data-agreed")) < 1e-5


def gestures() -> list[dict[str, Any]]:
    """For benchmarks/viewer.py: a pixel is painted, and Python's net answers."""
    net = "root.querySelector('.bar input[value=net]').click();"
    paint = """
        const sheet = root.querySelector("[data-grid='picture']");
        press(sheet, "ArrowRight");
        press(sheet, " ");"""
    return [{"name": "paint", "first": net, "script": paint, "python": True}]
