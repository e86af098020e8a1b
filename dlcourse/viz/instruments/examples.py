"""Confusion and examples: which classes are mistaken for which, and the examples behind it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.poster import Picture
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words

ORDERS = ("surest", "least sure", "as they came")
KEYS = {
    "arrow keys in the table": "from cell to cell",
    "Enter": "open the examples of this cell",
    "arrow keys among the examples": "from example to example",
}


def examples(
    x: Array,
    labels: Sequence[int] | Array,
    probabilities: Array,
    *,
    class_names: Sequence[str] | None = None,
    cell: tuple[int, int] | None = None,
    order: str = "surest",
    pick: int | None = None,
) -> View:
    """A classifier's answers: x (N, ...), labels (N,), probabilities (N, classes).

    `cell` is (what it is, what the net said); at first the most frequent mistake. `pick` is the
    number of one example, as it stands in x.
    """
    x, labels, p = np.asarray(x), np.asarray(labels), np.asarray(probabilities)
    _require(x, labels, p)
    names = [str(name) for name in (class_names or range(p.shape[1]))]
    if len(names) != p.shape[1]:
        raise ValueError(f"{len(names)} class_names for {p.shape[1]} columns of probabilities")
    said = np.nan_to_num(p, nan=-1.0).argmax(axis=1)
    counts = np.zeros((len(names), len(names)), np.int32)
    np.add.at(counts, (labels, said), 1)
    first = _worst(counts)
    choices = {"cell": tuple(cell or first), "order": order, "pick": pick}
    _require_choices(choices, len(names), len(x))
    pictures = x[:, 0] if x.ndim == 4 and x.shape[1] == 1 else x
    return View(
        _words(labels, said, counts, names),
        {
            "x": pictures.astype(np.float32),
            "labels": labels.astype(np.int32),
            "said": said.astype(np.int32),
            "p": p.astype(np.float32),
            "counts": counts,
            "names": names,
        },
        choices=choices,
        defaults={"cell": first, "order": "surest", "pick": None},
        poster=_poster(counts, names),
    )


def _require(x: Array, labels: Array, p: Array) -> None:
    if p.ndim != 2 or p.shape[1] == 0:
        raise ValueError(f"probabilities have the shape {p.shape}, need (examples, classes)")
    if not len(x) == len(labels) == len(p):
        raise ValueError(f"{len(x)} examples, {len(labels)} labels, {len(p)} rows of probabilities")
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(f"labels are {labels.dtype} of shape {labels.shape}, need whole numbers")
    if len(labels) and not (labels.min() >= 0 and labels.max() < p.shape[1]):
        raise ValueError(
            f"labels reach from {labels.min()} to {labels.max()}: 0 to {p.shape[1] - 1}"
        )


def _require_choices(choices: dict[str, Any], classes: int, many: int) -> None:
    row, column = choices["cell"]
    if not (0 <= row < classes and 0 <= column < classes):
        raise ValueError(f"cell={choices['cell']}: both numbers go from 0 to {classes - 1}")
    if choices["order"] not in ORDERS:
        raise ValueError(f"order={choices['order']!r} is none of {', '.join(map(repr, ORDERS))}")
    if choices["pick"] is not None and not 0 <= choices["pick"] < many:
        raise ValueError(f"pick={choices['pick']}: there are the examples 0 to {many - 1}")


def _worst(counts: Array) -> tuple[int, int]:
    """The most frequent mistake; without any, the first class."""
    wrong = counts - np.diag(np.diag(counts))
    row, column = divmod(int(wrong.argmax()), len(counts)) if wrong.any() else (0, 0)
    return row, column


def _words(labels: Array, said: Array, counts: Array, names: Sequence[str]) -> Words:
    right = int((labels == said).sum())
    row, column = _worst(counts)
    share = f"{right:,} of {len(labels):,} right ({right / max(len(labels), 1) * 100:.1f} %)"
    worst = f"{names[row]} taken for {names[column]}, {counts[row, column]} times"
    mistake = f" Most frequent mistake: {worst}." if right < len(labels) else ""
    rows = [(name, *map(str, line)) for name, line in zip(names, counts, strict=True)]
    return Words(
        name="examples",
        title="What is mistaken for what",
        subtitle=share,
        caption="Open a cell of the table to see the examples behind it.",
        alt=f"A confusion table of {len(names)} classes: {share}.{mistake}",
        table=Table("Rows: what it is. Columns: what the net said.", ("is", *names), rows),
        given=("x", "labels", "probabilities"),
        keys=KEYS,
    )


def _poster(counts: Array, names: Sequence[str]) -> str:
    shown = counts[:12, :12].astype(float)
    size, signs = 26, np.where(np.eye(len(shown)) > 0, 1, -1)
    picture = Picture(140 + size * len(shown), 60 + size * len(shown))
    side = size * len(shown)
    picture.text(110, 22, "what the net said", 12, quiet=True)
    picture.heat(110, 40, side, side, signs * shown / np.maximum(shown.sum(1, keepdims=True), 1))
    for i, name in enumerate(names[:12]):
        picture.text(12, 58 + size * i, name[:14], 12)
    return picture.svg()
