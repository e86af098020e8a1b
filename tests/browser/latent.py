"""What the latent plane shows, wherever it is shown."""

from typing import Any

import numpy as np

from dlcourse import scratch, viz
from dlcourse.data import load_digits

COUNT, START, END = 150, 4, 11


def trained() -> tuple[Any, np.ndarray, np.ndarray]:
    """A small autoencoder that has seen digits for a second."""
    digits = load_digits().flat
    x, rng = digits.x, np.random.default_rng(0)
    net = scratch.Autoencoder(64, 48, 2, rng=rng)
    optimizer = scratch.Adam(net.parameters(), 5e-3)
    for _ in range(200):
        batch = x[rng.integers(0, len(x), 64)]
        y, back = net(batch)
        _, loss_back = scratch.mse_loss(y, batch)
        optimizer.zero_grad()
        back(loss_back())
        optimizer.step()
    return net, x[:COUNT], digits.y[:COUNT]


NET, X, LABELS = trained()


def decode(codes: np.ndarray) -> np.ndarray:
    return NET.decoder(codes)[0]


def view() -> Any:
    codes, _ = NET.encoder(X)
    names = [str(digit) for digit in range(10)]
    return viz.latent(
        codes, LABELS, decode=decode, pictures=X, class_names=names, start=START, end=END
    )


def facts(view: Any) -> dict[str, Any]:
    """Codes, rebuilt pictures and the way between two, by PyTorch with the same weights."""
    import torch

    from dlcourse import pytorch

    twin = pytorch.give_weights(pytorch.Autoencoder(64, 48, 2), NET.state_dict())
    with torch.no_grad():
        codes = twin.encoder(torch.from_numpy(X))
        rebuilt = twin.decoder(codes)
        parts = torch.linspace(0, 1, 11)[:, None]

    def way(start: int, end: int) -> np.ndarray:
        line = codes[start] + parts * (codes[end] - codes[start])
        return twin.decoder(line).detach().mean(1).numpy()

    errors = ((rebuilt - torch.from_numpy(X)) ** 2).mean(1)
    return {
        "codes": codes.numpy(),
        "rebuilt": rebuilt.numpy(),
        "errors": errors.numpy(),
        "way": way,
        "decode": lambda place: twin.decoder(torch.tensor([place])).detach().numpy()[0],
    }


def near(root: Any, facts: dict[str, Any]) -> int:
    """Who is nearest to the walker, as it says and as it must be."""
    plane = root.locator("[data-plane=latent]")
    place = np.array([float(plane.get_attribute(f"data-{axis}")) for axis in "xy"])
    low, high = facts["codes"].min(0), facts["codes"].max(0)
    far = np.linalg.norm((facts["codes"] - place) / (high - low), axis=1)
    found = int(plane.get_attribute("data-nearest"))
    assert far[found] < far.min() + 2e-3
    panel = root.locator(".latent-panel")
    assert panel.get_attribute("data-example") == str(found)
    assert abs(float(panel.get_attribute("data-error")) - facts["errors"][found]) < 1e-5
    rebuilt = float(root.locator("[data-grid=rebuilt]").get_attribute("data-mean"))
    assert abs(rebuilt - facts["rebuilt"][found].mean()) < 1e-4
    return found


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    plane = root.locator("[data-plane=latent]")
    near(root, facts)
    plane.focus()
    before = float(plane.get_attribute("data-x"))
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    left, right = facts["codes"].min(0)[0], facts["codes"].max(0)[0]
    step = (float(plane.get_attribute("data-x")) - before) / (right - left)
    assert 0.045 < step < 0.065, "three sixtieths of the frame, which is a little wider"
    near(root, facts)
    page.keyboard.press("n")
    visited = near(root, facts)
    assert f"example {visited}, class {LABELS[visited]}" in root.locator(".voice").text_content()
    at = [float(plane.get_attribute(f"data-{axis}")) for axis in "xy"]
    shown = root.locator("[data-grid=decoded]")
    assert abs(float(shown.get_attribute("data-mean")) - facts["decode"](at).mean()) < 0.03

    pixel = root.locator("[data-grid=example]")
    pixel.focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert pixel.get_attribute("data-index") == "0,3"
    assert abs(float(pixel.get_attribute("data-value")) - X[visited, 3]) < 1e-6
    assert "Pixel [0, 3]" in root.locator(".pixel-line").text_content()

    frames = root.locator(".way .frames button")
    assert root.locator(".way").get_attribute("data-how") == "exact"
    means = [float(frames.nth(i).get_attribute("data-mean")) for i in range(11)]
    np.testing.assert_allclose(means, facts["way"](START, END), atol=1e-4)
    frames.nth(3).click()
    assert frames.nth(3).get_attribute("aria-pressed") == "true"
    want = facts["codes"][START] + 0.3 * (facts["codes"][END] - facts["codes"][START])
    at = [float(plane.get_attribute(f"data-{axis}")) for axis in "xy"]
    np.testing.assert_allclose(at, want, atol=1e-3)
    near(root, facts)

    plane.focus()
    page.keyboard.press("b")
    chosen = int(plane.get_attribute("data-nearest"))
    assert f'"end":{chosen}' in root.get_attribute("data-choices")
    assert f"B is example {chosen}" in root.locator(".voice").text_content()
    root.get_by_label("points", exact=True).check()
    assert '"show":"points"' in root.get_attribute("data-choices")


def check_live(root: Any, page: Any, facts: dict[str, Any], view_name: str) -> None:
    """With a Python, the walker's picture and the way become exact."""
    from playwright.sync_api import expect

    plane, shown = root.locator("[data-plane=latent]"), root.locator("[data-grid=decoded]")
    plane.focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")  # faster than Python answers: the latest wins
    expect(shown).to_have_attribute("data-how", "exact")
    at = [float(plane.get_attribute(f"data-{axis}")) for axis in "xy"]
    assert abs(float(shown.get_attribute("data-mean")) - facts["decode"](at).mean()) < 1e-4

    ends = []
    for key in ("a", "b"):
        page.keyboard.press("n")
        page.keyboard.press(key)
        ends.append(int(plane.get_attribute("data-nearest")))
    expect(root.locator(".way")).to_have_attribute("data-how", "exact")
    frames = root.locator(".way .frames button")
    means = [float(frames.nth(i).get_attribute("data-mean")) for i in range(11)]
    np.testing.assert_allclose(means, facts["way"](*ends), atol=1e-4)


def gestures() -> list[dict[str, Any]]:
    """For benchmarks/viewer.py: a walk, and Python decodes the place."""
    keys = ["ArrowRight"] * 10 + ["ArrowLeft"] * 10
    return [{"name": "walk", "on": ".points-plane", "keys": keys, "python": True}]
