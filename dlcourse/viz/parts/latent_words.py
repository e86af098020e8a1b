"""What the latent plane says of itself, and its still picture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.codes import Codes
from dlcourse.viz.poster import Picture
from dlcourse.viz.words import Table, Words

CAPTION = (
    "Each mark is an example, where the encoder put it. Walk over the plane: the picture is what"
    " the decoder makes of that place. Choose two examples A and B to see what lies between them."
)
KEYS = {
    "Arrow keys": "walk in the plane; with Shift, further",
    "Click, Enter": "the nearest example becomes A, then B",
    "A, B": "the nearest example becomes A, or B",
    "N, P": "walk to the next, to the previous example",
}


def words(where: Codes, kinds: Array, content: Mapping[str, Any], given: Sequence[str]) -> Words:
    count = len(where.places)
    subtitle = f"{count:,} example{'s'[: count > 1]}, {where.codes.shape[1]} numbers each"
    table = _table(where, kinds, content)
    alt = _alt(where, content)
    return Words("latent", "Latent plane", CAPTION, alt, table, subtitle, given, KEYS)


def _alt(where: Codes, content: Mapping[str, Any]) -> str:
    """The plane in words, with its numbers."""
    left, right, bottom, top = where.frame
    classes = f" of {len(content['classes'])} classes" if content["classes"] else ""
    sentences = [
        f"{len(where.places):,} codes{classes} in a plane: {where.axis_names[0]} from {left:.3g} to"
        f" {right:.3g}, {where.axis_names[1]} from {bottom:.3g} to {top:.3g}."
    ]
    if content["map"] is not None:
        rows, columns = content["size"]
        count = len(content["map"])
        sentences.append(f"Behind them {count} decoded pictures of {rows}×{columns}.")
    if content["errors"] is not None:
        mean, most = content["errors"].mean(), content["errors"].max()
        sentences.append(f"Mean squared rebuilding error {mean:.3g}, the largest {most:.3g}.")
    if where.left_out:
        sentences.append(f"{where.left_out} codes are not finite and are left out.")
    return " ".join(sentences)


def _table(where: Codes, kinds: Array, content: Mapping[str, Any]) -> Table:
    errors = content["errors"]
    columns = ["class", "examples", *(f"mean {name}" for name in where.axis_names)]
    columns += ["mean error"] if errors is not None else []
    rows = []
    for kind in np.unique(kinds):
        own = kinds == kind
        name = content["classes"][kind] if content["classes"] else "all"
        row = [name, f"{own.sum():,}", *(f"{x:.3g}" for x in where.places[own].mean(0))]
        rows.append([*row, *([f"{errors[own].mean():.3g}"] if errors is not None else [])])
    return Table("The codes of each class", columns, rows)


def poster(where: Codes, kinds: Array, content: Mapping[str, Any]) -> str:
    """The plane, and the way from A to B."""
    picture = Picture(640, 400)
    picture.text(20, 28, "Latent plane", 16, bold=True)
    left, right, bottom, top = where.frame
    some = slice(None, None, max(1, len(kinds) // 600))
    x = 20 + (where.places[some, 0] - left) / (right - left) * 340
    y = 384 - (where.places[some, 1] - bottom) / (top - bottom) * 340
    picture.box(20, 44, 340, 340)
    picture.points(x.tolist(), y.tolist(), kinds[some].tolist())
    strip = content["strip"]
    if strip is not None:
        picture.text(390, 62, "Decoded on the way from A to B", 12, quiet=True)
        for i, each in enumerate(strip[::2]):
            picture.heat(390 + 80 * (i % 3), 76 + 84 * (i // 3), 72, 72, each)
    elif content["pictures"] is not None:
        for i, each in enumerate(content["pictures"][:6]):
            picture.heat(390 + 80 * (i % 3), 76 + 84 * (i // 3), 72, 72, each)
    return picture.svg()
