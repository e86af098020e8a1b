"""What the architecture instrument shows, wherever it is shown."""

from typing import Any

import numpy as np

from dlcourse import pytorch, scratch, viz


def view() -> Any:
    rng = np.random.default_rng(0)
    net = scratch.ResNet(1, 4, 1, 3, rng=rng)
    return viz.architecture(scratch.trace(net, rng.random((2, 1, 12, 12)).astype(np.float32)))


def facts(view: Any) -> dict[str, Any]:
    """Counted by PyTorch, which has never seen the view."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    net = pytorch.ResNet(1, 4, 1, 3).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.rand(1, 1, 12, 12))
    block = sum(p.numel() for p in net.blocks[1].parameters())
    return {
        "parameters": sum(p.numel() for p in net.parameters()),
        "work": counter.get_total_flops() // 2,
        "block": block,
        "conv1": net.blocks[1].conv1.weight.numel(),
    }


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    total = root.locator
    assert total('[data-total="parameters"]').get_attribute("data-value") == str(
        facts["parameters"]
    )
    assert total('[data-total="multiply-adds"]').get_attribute("data-value") == str(facts["work"])
    plan, voice = root.locator("[data-plan]"), root.locator(".voice")

    root.get_by_role("button", name="Fold all", exact=True).click()
    assert plan.get_attribute("data-boxes") == "7"  # input, conv, bn, act, blocks, mean, fc
    blocks = root.locator('[data-group="blocks"]')
    assert blocks.get_attribute("aria-expanded") == "false"
    blocks.click()
    assert '"open":["blocks"]' in root.get_attribute("data-choices")
    assert plan.get_attribute("data-boxes") == "9"

    page.keyboard.press("ArrowDown")  # from the frame to its first block, and on
    page.keyboard.press("ArrowDown")
    assert voice.inner_text().startswith("blocks.1, BasicBlock")
    assert f"{facts['block']} parameters" in voice.inner_text()
    page.keyboard.press("Enter")
    assert "unfolded" in voice.inner_text()
    shortcut = root.locator('[data-group="blocks.1.shortcut"]')
    assert shortcut.get_attribute("data-shape") == "8 × 6 × 6"
    sums = root.locator("path[data-from][data-to]").evaluate_all(
        """(paths, sum) => paths.filter((path) => path.dataset.to === sum).length""",
        root.locator('[aria-label^="sum"]').first.get_attribute("data-key"),
    )
    assert sums == 2  # both roads come together

    first = root.locator('[aria-label^="blocks.1.conv1"]')
    first.click()
    told = root.locator(".plan-facts")
    assert told.get_attribute("data-of") == "blocks.1.conv1"
    assert told.locator('[data-fact="weight"]').inner_text() == f"8 × 4 × 3 × 3 = {facts['conv1']}"
    assert told.locator('[data-fact="gives"]').inner_text() == "8 × 6 × 6"
    assert '"at":"blocks.1.conv1"' in root.get_attribute("data-choices")
    first.click()
    assert '"at":null' in root.get_attribute("data-choices")
