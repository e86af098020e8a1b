"""What the denoising view says of itself, and its still picture."""

from collections.abc import Sequence

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.noise_walk import NoiseWalk
from dlcourse.viz.parts.stacks import evenly
from dlcourse.viz.poster import Picture
from dlcourse.viz.words import Table, Words

CAPTION = (
    "Forward, noise is added step by step until nothing of the data is left. Backward, a net takes"
    " out the noise that it sees. Drag the time line, and follow one {one} through all steps."
)
KEYS = {
    "← →": "one step back or on",
    "Home, End": "the beginning, the end",
    "↑ ↓ in the picture": "follow another one",
    "Page Up, Page Down": "the other phase",
}


def words(walk: NoiseWalk, given: Sequence[str]) -> Words:
    one, many = ("point", "points") if walk.in_plane else ("picture", "pictures")
    count, steps = walk.some.shape[1], walk.steps
    subtitle = f"{count:,} {many if count > 1 else one}, {steps:,} step{'s'[: steps > 1]}"
    table, alt = _table(walk), _alt(walk, many)
    caption = CAPTION.format(one=one)
    return Words("denoising", "Denoising", caption, alt, table, subtitle, given, KEYS)


def _spread(x: Array) -> float:
    return float(np.sqrt(np.nanvar(x.astype(float), axis=0).mean()))


def _alt(walk: NoiseWalk, many: str) -> str:
    """The two ways in words, with their numbers."""
    sentences = [f"{walk.some.shape[1]:,} {many} in {walk.steps:,} steps of noise."]
    for name, way in walk.ways().items():
        ends = _spread(way[0]), _spread(way[-1])
        sentences.append(
            f"{name.capitalize()} the spread goes from {ends[0]:.3g} to {ends[1]:.3g}."
        )
    if walk.in_plane and len(walk.ways()) == 2:
        sentences.append(f"{_landed(walk):.0%} of the points end among the data.")
    return " ".join([*sentences, walk.first_odd()]).strip()


def _landed(walk: NoiseWalk) -> float:
    """The share of points that end no farther from the data than the data lie apart."""
    assert walk.forward is not None and walk.backward is not None
    data, ends = (way[evenly(len(way), 400)] for way in (walk.forward[0], walk.backward[-1]))
    apart = np.linalg.norm(data[:, None] - data, axis=-1) + np.where(np.eye(len(data)), np.inf, 0)
    near = np.linalg.norm(ends[:, None] - data, axis=-1).min(1)
    usual = np.quantile(apart.min(1), 0.9) if len(data) > 1 else 0.1
    return float((near <= usual).mean())


def _table(walk: NoiseWalk) -> Table:
    columns = ["step", "way", "data left √ᾱ", "mean", "spread"]
    rows = []
    for name, way in walk.ways().items():
        for step in evenly(walk.steps + 1, 11):
            level = step if name == "forward" else walk.steps - step
            kept = 1.0 if level == 0 else None if walk.left is None else walk.left[level - 1] ** 0.5
            told = "" if kept is None else f"{kept:.3g}"
            mean = float(np.nanmean(way[step], dtype=float))
            rows.append([f"{step:,}", name, told, f"{mean:.3g}", f"{_spread(way[step]):.3g}"])
    return Table("Some of the steps", columns, rows)


def poster(walk: NoiseWalk) -> str:
    """Five moments of each way, side by side."""
    ways = walk.ways()
    picture = Picture(660, 50 + 150 * len(ways))
    picture.text(20, 28, "Denoising", 16, bold=True)
    for row, (name, way) in enumerate(ways.items()):
        for i, step in enumerate(evenly(walk.steps + 1, 5)):
            x, y = 20 + 126 * i, 60 + 150 * row
            told = f"step {step:,}" if i else f"{name}, step {step:,}"
            picture.text(x, y - 8, told, 12, quiet=True)
            _moment(picture, walk, way[step], x, y)
    return picture.svg()


def _moment(picture: Picture, walk: NoiseWalk, now: Array, x: float, y: float) -> None:
    if not walk.in_plane:
        picture.heat(x, y, 116, 116, now[0])
        return
    picture.box(x, y, 116, 116)
    reach = float(np.abs(walk.some[np.isfinite(walk.some)]).max(initial=1e-9))
    dots = now[evenly(len(now), 120)]
    dots = 58 + 54 * dots[(np.abs(dots) <= reach).all(1)] / reach
    picture.points((x + dots[:, 0]).tolist(), (y + 116 - dots[:, 1]).tolist(), [0] * len(dots), 1.6)
