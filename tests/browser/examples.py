"""What the table of mistakes shows, wherever it is shown."""

from typing import Any

import numpy as np

from dlcourse import viz
from dlcourse.data import split_digits


def answers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Digits, and what a very simple reader says of them: the nearest mean picture."""
    train, test = split_digits(8)
    means = np.stack([train.flat.x[train.y == digit].mean(axis=0) for digit in range(10)])
    apart = ((test.flat.x[:, None] - means) ** 2).sum(axis=2)
    p = np.exp(-apart)
    return test.x, test.y, p / p.sum(axis=1, keepdims=True)


def view() -> Any:
    return viz.examples(*answers())


def facts(view: Any) -> dict[str, Any]:
    from sklearn.metrics import confusion_matrix

    x, y, p = answers()
    counts = confusion_matrix(y, p.argmax(axis=1), labels=range(10))
    wrong = counts * (1 - np.eye(10, dtype=int))
    row, column = divmod(int(wrong.argmax()), 10)
    mistaken = np.flatnonzero((y == row) & (p.argmax(axis=1) == column))
    surest = mistaken[np.argsort(-p[mistaken, column], kind="stable")]
    return {"counts": counts, "worst": (row, column), "surest": surest, "p": p, "x": x}


def check(root: Any, page: Any, facts: dict[str, Any]) -> None:
    cells = root.locator(".count")
    shown = [int(cells.nth(i).get_attribute("data-count")) for i in range(100)]
    assert shown == facts["counts"].ravel().tolist()

    row, column = facts["worst"]
    pressed = root.locator('.count[aria-pressed="true"]')
    assert pressed.get_attribute("data-cell") == f"{row},{column}"
    thumbs = root.locator(".thumb")
    listed = [int(thumbs.nth(i).get_attribute("data-example")) for i in range(thumbs.count())]
    assert listed == facts["surest"].tolist()[:48]

    first = listed[0]
    bars = root.locator(".bar-row")
    for digit in range(10):
        assert abs(float(bars.nth(digit).get_attribute("data-p")) - facts["p"][first, digit]) < 1e-6
    grid = root.locator('[data-grid="example"]')
    grid.focus()
    page.keyboard.press("ArrowDown")
    assert float(grid.get_attribute("data-value")) == facts["x"][first, 0, 1, 0]

    pressed.focus()
    page.keyboard.press("ArrowLeft")
    assert pressed.get_attribute("data-cell") == f"{row},{column - 1}" or column == 0
    page.keyboard.press("ArrowRight")
    assert pressed.get_attribute("data-cell") == f"{row},{column}"
    thumbs.first.focus()
    page.keyboard.press("ArrowRight")
    look = root.locator(".look")
    assert look.get_attribute("data-example") == str(listed[min(1, len(listed) - 1)])
