"""What the unrolled net shows, wherever it is shown."""

from typing import Any

import numpy as np

from dlcourse import scratch, viz
from dlcourse.scratch.char_rnn import next_token_loss

TEXTS = ("hello hill", "hole oleoh")
LETTERS = sorted(set("".join(TEXTS)))
IDS = np.array([[LETTERS.index(c) for c in text] for text in TEXTS])
T, H, UNIT = IDS.shape[1] - 1, 5, 2
GATES = "ifgo"


def net() -> Any:
    net = scratch.CharLSTM(len(LETTERS), 4, H, rng=np.random.default_rng(3))
    for param in net.parameters():
        param.data *= 2
    return net


def view() -> Any:
    x, y = IDS[:, :-1], IDS[:, 1:]
    trace = scratch.trace(net(), x, loss=lambda out: next_token_loss(out, y))
    return viz.sequence(trace, [text[:-1] for text in TEXTS], unit=UNIT)


def facts(view: Any) -> dict[str, Any]:
    """The second example again in PyTorch, moment by moment; the last moment's loss goes back."""
    import torch
    from torch.nn.functional import cross_entropy

    weights = {name: torch.from_numpy(a).double() for name, a in net().state_dict().items()}
    W, U, bi, bh = (
        weights[f"rnn.{n}_l0"] for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    x = weights["embed.weight"][IDS[1, :-1]].clone().requires_grad_()
    h = c = torch.zeros(H, dtype=torch.float64)
    gates, states = [], []
    for x_t in x:
        i, f, g, o = (W @ x_t + bi + U @ h + bh).chunk(4)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        h.retain_grad()
        gates.append([gate[UNIT].item() for gate in (i, f, g, o)])
        states.append(h)
    logits = weights["head.weight"] @ states[-1] + weights["head.bias"]
    loss = cross_entropy(logits, torch.tensor(IDS[1, -1])) / (2 * T)
    loss.backward()
    dh = torch.stack([state.grad for state in states])
    return {
        "gates": np.array(gates).T,
        "h": torch.stack(states).detach().numpy(),
        "dh": dh.numpy(),
        "norms": dh.norm(dim=1).numpy(),
        "dx": x.grad.norm(dim=1).numpy(),
    }


def near(text: str | None, expected: float) -> bool:
    return text is not None and abs(float(text) - expected) <= 3e-6 * max(1e-3, abs(expected))


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    begin = root.get_attribute("data-choices")
    root.locator("select[aria-label=Example]").select_option("1")
    assert root.locator("[data-check]").count() == 3
    assert root.locator('[data-check][data-agrees="false"]').count() == 0

    verdict = root.locator(".verdict")
    assert near(verdict.get_attribute("data-ratio"), facts["norms"][0] / facts["norms"][-1])
    for name in ("dh", "dx"):
        norm = root.locator(f'[data-norm="{name}"]').get_attribute("data-value")
        assert near(norm, facts["norms" if name == "dh" else "dx"][0])

    unit = root.locator('[data-heat="unit"]')
    unit.focus()
    page.keyboard.press("PageUp")
    for row in range(len(GATES)):
        page.keyboard.press("Home")
        for t in range(T):
            assert unit.get_attribute("data-index") == f"{row},{t}"
            assert near(unit.get_attribute("data-value"), facts["gates"][row][t])
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    panel = root.locator(".term-panel")
    assert panel.get_attribute("data-name") == f"c{'₀₁₂₃₄₅₆₇₈'[T - 1]}[{UNIT}]"

    track = root.locator(".track")
    track.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    area = root.locator('[data-heat="map"]')
    area.focus()
    assert area.get_attribute("data-index") == f"{UNIT},1"
    assert near(area.get_attribute("data-value"), facts["h"][1][UNIT])
    assert panel.get_attribute("data-agrees") == "true"
    page.keyboard.press("ArrowRight")
    assert area.get_attribute("data-value") == "absent", "the next moment has not been read yet"
    assert "not computed yet" in root.locator(".voice").text_content()

    root.locator('input[value="dh"]').check(force=True)
    track.focus()
    page.keyboard.press("End")
    assert "Backward, moment 1" in root.locator(".voice").text_content()
    area.focus()
    page.keyboard.press("End")
    for t in range(T - 1, -1, -1):
        row = int(area.get_attribute("data-index").split(",")[0])
        assert near(area.get_attribute("data-value"), facts["dh"][t][row])
        page.keyboard.press("ArrowLeft")

    root.locator('input[value="h"]').check(force=True)
    root.locator("select[aria-label=Example]").select_option("0")
    assert root.get_attribute("data-choices") == begin
