"""What the attention maps show, wherever they are shown."""

from typing import Any

import numpy as np

from dlcourse import scratch, viz
from dlcourse.trace import Trace

TEXT = "the cat sat"
LETTERS = "".join(sorted({*TEXT, "z"}))
AT, LAYER, HEAD = 6, 1, 1


def net() -> Any:
    net = scratch.GPT(len(LETTERS), 16, 8, 2, 2, rng=np.random.default_rng(0))
    for param in net.parameters():
        param.data *= 6
    return net


def read(text: str) -> tuple[Trace, str]:
    missing = set(text) - set(LETTERS)
    if missing:
        raise ValueError(f"the net knows no {missing.pop()!r}: it reads {LETTERS!r}")
    return scratch.trace(net(), np.array([[LETTERS.index(c) for c in text]])), text


def view() -> Any:
    return viz.attention(*read(TEXT), read=read, vocabulary=LETTERS)


def facts(view: Any) -> dict[str, Any]:
    """Weights and chances by PyTorch, and what Python's `choose` draws."""
    import torch

    from dlcourse.scratch.sampling import choose

    trace, _ = read(TEXT)
    q, k, *_ = trace[f"blocks.{LAYER}.attn.attend"].inputs
    ones = torch.eye(len(TEXT)).expand(1, 2, -1, -1)
    attend = torch.nn.functional.scaled_dot_product_attention
    weights = attend(torch.from_numpy(q), torch.from_numpy(k), ones, is_causal=True)
    logits = trace.steps[-1].outputs[0][0, AT]
    dice = np.random.default_rng(0)
    return {
        "weights": weights[0, HEAD, AT].numpy(),
        "chances": torch.softmax(torch.from_numpy(logits.astype(float)) / 1.5, 0).numpy(),
        "drawn": [int(choose(logits, dice, temperature=1.5, top_k=3)) for _ in range(5)],
        "read": read("a cat")[0].steps[-1].outputs[0][0, -1],
    }


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    begin = root.get_attribute("data-choices")
    assert root.locator('[data-check][data-agrees="true"]').count() == 2
    root.locator('.tile[data-layer="0"][data-head="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert f"Layer {LAYER}, head {HEAD}" in root.locator(".voice").text_content()

    text = root.locator("[data-text=asks]")
    text.locator('.chip[data-place="10"]').focus()
    page.keyboard.press("Home")
    for _ in range(AT):
        page.keyboard.press("ArrowRight")
    assert root.get_attribute("data-asks") == str(AT)
    chips = text.locator(".chip")
    for place in range(len(TEXT)):
        weight = chips.nth(place).get_attribute("data-weight")
        assert (weight is None) == (place > AT), "what comes later may not be looked at"
        assert weight is None or abs(float(weight) - facts["weights"][place]) < 1e-5

    area = root.locator('[data-heat="weights"]')
    area.focus()
    page.keyboard.press("Home")
    assert area.get_attribute("data-index") == f"{AT},0"
    assert abs(float(area.get_attribute("data-value")) - facts["weights"][0]) < 1e-5
    total = root.locator(".term-panel").get_attribute("data-total")
    assert abs(float(total) - facts["weights"][0]) < 1e-5
    page.keyboard.press("End")
    assert area.get_attribute("data-value") == "absent"
    assert "later" in root.locator(".voice").text_content()

    temperature = root.locator('input[aria-label="Temperature"]')
    temperature.fill("1.5")
    order = np.argsort(-facts["chances"])
    bars = root.locator(".chance")
    for place, token in enumerate(order[: bars.count()]):
        bar = bars.nth(place)
        assert bar.get_attribute("data-token") == str(token)
        assert bar.get_attribute("data-label") == LETTERS[token]
        assert abs(float(bar.get_attribute("data-chance")) - facts["chances"][token]) < 1e-6
    root.locator('input[aria-label="Top-k"]').fill("3")
    assert bars.nth(2).get_attribute("data-cut") == ""
    assert bars.nth(3).get_attribute("data-cut") == "top-k"
    shares = [float(bars.nth(i).get_attribute("data-chance")) for i in range(3)]
    assert abs(sum(shares) - 1) < 1e-9, "what is left shares all"
    for token in facts["drawn"]:
        root.get_by_role("button", name="Draw one").click()
        assert root.locator(".next-token").get_attribute("data-drawn") == str(token)
    assert "temperature=1.5, top_k=3" in root.locator(".next-token .code").text_content()

    root.locator('input[aria-label="Top-k"]').fill(str(len(LETTERS)))
    temperature.fill("1")
    text.locator(".chip").last.click()
    root.locator('.tile[data-layer="0"][data-head="0"]').click()
    assert root.get_attribute("data-choices") == begin


def check_live(root: Any, page: Any, facts: dict[str, Any], view_name: str) -> None:
    from playwright.sync_api import expect

    field = root.locator('input[aria-label="Type your own text"]')
    chips = root.locator("[data-text=asks] .chip")
    field.fill("")
    field.press_sequentially("a cat", delay=5)  # faster than Python answers: the latest wins
    expect(chips).to_have_count(5)
    expect(root.locator(".voice")).to_contain_text("Read 5 tokens")
    assert '"at":4' in root.get_attribute("data-choices"), "the last token asks"
    best = int(facts["read"].argmax())
    expect(root.locator(".chance").first).to_have_attribute("data-token", str(best))

    field.fill("a cow")
    problem = root.locator(".note.bad")
    expect(problem).to_be_visible()
    assert "the net knows no" in problem.text_content()
    expect(chips).to_have_count(5)

    field.fill("a cat")
    expect(problem).to_be_hidden()
    root.get_by_role("button", name="Draw one").click()
    drawn = int(root.locator(".next-token").get_attribute("data-drawn"))
    root.get_by_role("button", name="Write it on").click()
    expect(chips).to_have_count(6)
    assert field.input_value() == "a cat" + LETTERS[drawn]
    field.fill(TEXT)
    expect(chips).to_have_count(len(TEXT))


def gestures() -> list[dict[str, Any]]:
    """For benchmarks/viewer.py: letters are typed, and Python reads the text."""
    typed = """
        const field = root.querySelector("input[type=text]");
        field.value = "the cat sat".slice(0, 4 + i % 8);
        field.dispatchEvent(new Event("input", { bubbles: true }));"""
    return [{"name": "type", "script": typed, "python": True}]
