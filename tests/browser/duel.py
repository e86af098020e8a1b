"""What the duel shows, wherever it is shown."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from dlcourse import scratch, viz

SIZE, COUNT, EVERY = 24, 6, 5
MODES = np.array([[-1, -1], [1, -1], [0, 1]], float)
FRAME = (-2.0, 2.0, -2.0, 2.0)


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(1)
    while True:
        real = MODES[rng.integers(0, 3, SIZE)] + 0.1 * rng.normal(size=(SIZE, 2))
        yield real.astype(np.float32), rng.normal(size=(SIZE, 2)).astype(np.float32)


def nets() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return scratch.Generator(2, 16, 2, rng=rng), scratch.Discriminator(2, 16, rng=rng)


def view() -> Any:
    maker, judge = nets()
    moves = tuple(scratch.Adam(net.parameters(), 5e-3, (0.5, 0.9)) for net in (maker, judge))
    rounds = scratch.duel_rounds(maker, judge, moves, batches(), frame=FRAME, every=EVERY, cells=15)
    return viz.duel(list(islice(rounds, COUNT)), more=rounds, modes=MODES, follow=3)


def facts(view: Any) -> dict[str, Any]:
    """The same duel by PyTorch, and its fakes counted at each mode."""
    import torch

    from dlcourse import pytorch

    twins = pytorch.Generator(2, 16, 2), pytorch.Discriminator(2, 16)
    for twin, net in zip(twins, nets(), strict=True):
        pytorch.give_weights(twin, net.state_dict())
    moves = tuple(torch.optim.Adam(net.parameters(), 5e-3, (0.5, 0.9)) for net in twins)
    given = (tuple(map(torch.from_numpy, batch)) for batch in batches())
    game = pytorch.duel_rounds(*twins, moves, given, frame=FRAME, every=EVERY, cells=15)
    rounds = list(islice(game, COUNT + 3))
    for each in rounds:
        far = np.linalg.norm(each["fakes"][:, None] - MODES, axis=-1)
        near = far.min(1) <= 1  # half of the shortest way between two modes
        each["shares"] = [float((near & (far.argmin(1) == k)).mean()) for k in range(3)]
        each["reached"] = sum(share >= 0.2 / 3 for share in each["shares"])
    return {"rounds": rounds}


def stands(root: Any, facts: dict[str, Any], place: int, phase: str) -> dict[str, Any]:
    seen = facts["rounds"][place]
    plane = root.locator("[data-plane=duel]")
    got = [plane.get_attribute(f"data-{name}") for name in ("round", "phase")]
    assert got == [str(place * EVERY), phase]
    modes = root.locator(".modes")
    assert modes.get_attribute("data-reached") == str(seen["reached"])
    shares = [float(bar.get_attribute("data-share")) for bar in modes.locator(".mode").all()]
    np.testing.assert_allclose(shares, seen["shares"], atol=1e-6)
    return seen


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    begin = root.get_attribute("data-choices")
    voice = root.locator(".voice")
    track = root.locator(".track")
    track.focus()
    seen = stands(root, facts, 0, "judge")
    said = voice.text_content()
    for beliefs in (seen["says_real"], seen["says_fakes"]):
        assert f"{100 * (beliefs > 0.5).mean():.0f} %" in said
    page.keyboard.press("ArrowRight")
    stands(root, facts, 0, "learn")
    assert f"{seen['judge_loss']:.3g}"[:4] in voice.text_content()
    page.keyboard.press("End")
    stands(root, facts, 0, "move")
    moved = np.linalg.norm(seen["moved"] - seen["fakes"], axis=1).mean()
    assert f"{moved:.2g}"[:4] in voice.text_content()
    story = root.locator(".story").text_content()
    for name in ("fakes", "moved"):
        assert f"{abs(seen[name][3, 0]):.3g}" in story, name
    page.keyboard.press("ArrowRight")
    stands(root, facts, 1, "noise")
    assert root.locator(".story .later").count() == 4, "only the noise is drawn as yet"
    page.keyboard.press("PageDown")
    stands(root, facts, 2, "noise")
    page.keyboard.press("ArrowLeft")
    stands(root, facts, 1, "move")

    plane = root.locator("[data-plane=duel]")
    plane.focus()
    page.keyboard.press("ArrowUp")
    assert plane.get_attribute("data-follow") == "4"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    chart = root.locator("[data-chart=losses]")
    chart.locator(".plot").focus()
    page.keyboard.press("Home")
    stands(root, facts, 0, "judge")
    for name in ("judge", "maker"):
        loss = float(chart.locator(f'output[data-series="{name}"]').get_attribute("data-value"))
        assert abs(loss - facts["rounds"][0][f"{name}_loss"]) < 1e-4
    assert root.get_attribute("data-choices") == begin


def check_live(root: Any, page: Any, facts: dict[str, Any], view_name: str) -> None:
    """Played on by Python, the same rounds as PyTorch plays; and stopped."""
    from playwright.sync_api import expect

    plane = root.locator("[data-plane=duel]")
    root.locator('input[aria-label="Round"]').fill(str(COUNT - 1))
    root.get_by_role("button", name="Play on").click()
    page.wait_for_function(
        "([e, least]) => Number(e.dataset.round) >= least",
        arg=[plane.element_handle(), (COUNT + 3) * EVERY],
    )
    root.get_by_role("button", name="Stop playing").click()
    expect(root.get_by_role("button", name="Play on")).to_be_visible()
    page.wait_for_timeout(600)
    stopped = plane.get_attribute("data-round")
    page.wait_for_timeout(600)
    assert plane.get_attribute("data-round") == stopped
    for place in (COUNT, COUNT + 2):
        root.locator('input[aria-label="Round"]').fill(str(place))
        stands(root, facts, place, "judge")
