"""What the denoising view shows, wherever it is shown."""

from typing import Any

import numpy as np

from dlcourse import scratch, viz
from dlcourse.data import moons

STEPS, COUNT, FOLLOW = 20, 60, 7


def trained() -> tuple[Any, Any, np.ndarray]:
    """A net that has looked at noisy moons for a second."""
    rng = np.random.default_rng(0)
    x = moons(400, noise=0.06, rng=rng).x.astype(np.float32)
    net = scratch.NoisePredictor(2, 32, STEPS, rng=rng)
    process = scratch.Diffusion(scratch.linear_betas(STEPS))
    optimizer = scratch.Adam(net.parameters(), 5e-3)
    for _ in range(300):
        x0 = x[rng.integers(0, len(x), 64)]
        noise = rng.normal(size=x0.shape).astype(np.float32)
        _, back = process.loss(net, x0, rng.integers(0, STEPS, 64), noise)
        optimizer.zero_grad()
        back()
        optimizer.step()
    return process, net, x[:COUNT]


PROCESS, NET, X = trained()


def record() -> dict[str, np.ndarray]:
    """Without the field: that is asked live."""
    steps = scratch.record_diffusion(PROCESS, NET, X, np.random.default_rng(5))
    return {name: array for name, array in steps.items() if name != "field"}


def seen(places: np.ndarray, t: int) -> np.ndarray:
    return NET(places, np.full(len(places), t))[0]


def view() -> Any:
    return viz.denoising(record(), field=seen, way="backward", step=3, follow=FOLLOW)


def facts(view: Any) -> dict[str, Any]:
    """The same paths by PyTorch, and what the net sees there."""
    import torch

    from dlcourse import pytorch

    twin = pytorch.NoisePredictor(2, 32, STEPS)
    twin = pytorch.give_weights(twin, NET.state_dict())
    process = pytorch.Diffusion(pytorch.linear_betas(STEPS))
    rng = np.random.default_rng(5)
    steps = pytorch.record_diffusion(process, twin, torch.from_numpy(X), rng)
    return {name: steps[name] for name in ("forward", "backward", "guesses", "left")}


def stands(root: Any, facts: dict[str, Any], way: str, step: int, follow: int) -> None:
    plane = root.locator("[data-plane=denoising]")
    got = [plane.get_attribute(f"data-{name}") for name in ("way", "step", "follow")]
    assert got == [way, str(step), str(follow)]
    place = [float(plane.get_attribute(f"data-{axis}")) for axis in "xy"]
    np.testing.assert_allclose(place, facts[way][step, follow], atol=2e-3)
    said = root.locator(".voice").text_content()
    assert f"{way.capitalize()} {step} of {STEPS}: point {follow}" in said


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    begin = root.get_attribute("data-choices")
    stands(root, facts, "backward", 3, FOLLOW)
    formula = root.locator(".step-formula")
    after = [float(x) for x in formula.get_attribute("data-after").split(",")]
    np.testing.assert_allclose(after, facts["backward"][3, FOLLOW], atol=2e-3)
    t = STEPS - 3
    beta = 1 - facts["left"][t] / facts["left"][t - 1]
    much = beta / np.sqrt(1 - facts["left"][t])
    assert f"{much:.3g}" in formula.text_content()
    assert f"{abs(facts['guesses'][2, FOLLOW, 0]):.3g}" in formula.text_content()

    track = root.locator(".track")
    track.focus()
    page.keyboard.press("ArrowRight")
    stands(root, facts, "backward", 4, FOLLOW)
    page.keyboard.press("Home")
    stands(root, facts, "forward", 0, FOLLOW)
    assert formula.get_attribute("data-known") == "false"
    page.keyboard.press("PageDown")
    stands(root, facts, "backward", 0, FOLLOW)
    page.keyboard.press("ArrowLeft")
    stands(root, facts, "forward", STEPS, FOLLOW)
    plane = root.locator("[data-plane=denoising]")
    plane.focus()
    page.keyboard.press("ArrowUp")
    stands(root, facts, "forward", STEPS, FOLLOW + 1)
    page.keyboard.press("ArrowLeft")
    stands(root, facts, "forward", STEPS - 1, FOLLOW + 1)
    page.keyboard.press("End")
    stands(root, facts, "backward", STEPS, FOLLOW + 1)

    chart = root.locator("[data-chart=schedule]")
    assert chart.get_attribute("data-at") == "0"
    chart.locator(".plot").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    stands(root, facts, "backward", STEPS - 5, FOLLOW + 1)
    kept = float(chart.locator('output[data-series="data, √ᾱ"]').get_attribute("data-value"))
    assert abs(kept - np.sqrt(facts["left"][4])) < 1e-6

    plane.focus()
    page.keyboard.press("ArrowDown")
    track.focus()
    page.keyboard.press("PageUp")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    stands(root, facts, "backward", 3, FOLLOW)
    assert root.get_attribute("data-choices") == begin


def coloured(root: Any) -> int:
    """Pixels of the plane in the tone of the net's arrows, or near it."""
    return root.evaluate(
        """root => {
          const canvas = root.querySelector("[data-plane=denoising]").lastElementChild;
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const tone = getComputedStyle(root).getPropertyValue("--also").trim();
          const want = [1, 3, 5].map(i => parseInt(tone.slice(i, i + 2), 16));
          let found = 0;
          for (let i = 0; i < data.length; i += 4) {
            const far = want.reduce((sum, x, c) => sum + Math.abs(x - data[i + c]), 0);
            if (data[i + 3] > 90 && far < 24) found++;
          }
          return found;
        }"""
    )


def check_live(root: Any, page: Any, facts: dict[str, Any], view_name: str) -> None:
    """The arrows are there when Python has answered, and gone where there is no noise."""
    track = root.locator(".track")
    track.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(300)
    assert coloured(root) == 0
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert coloured(root) > 300
    root.get_by_label("arrows").click()
    assert coloured(root) == 0


def gestures() -> list[dict[str, Any]]:
    """For benchmarks/viewer.py: a step, and Python says where the net points everywhere."""
    there = """
        press(root.querySelector(".track"), "PageDown");
        for (let i = 0; i < 12; i++) press(root.querySelector(".track"), "ArrowRight");"""
    keys = ["ArrowLeft"] * 4 + ["ArrowRight"] * 4
    return [{"name": "step", "first": there, "on": ".track", "keys": keys, "python": True}]
