"""What is said of a training without its picture, and the still picture itself."""

import numpy as np

from dlcourse.viz.parts.learning_curve import Curve, parting
from dlcourse.viz.poster import Picture
from dlcourse.viz.words import Table, Words

CAPTION = (
    "Point at a step to read its exact numbers; drag over steps to look closer. The thin line is"
    " the loss of each batch, the thick one its mean over the last steps."
)
KEYS = {
    "Arrow keys": "one step back, one step on",
    "Page up, Page down": "a tenth of what is shown",
    "Home, End": "first step, last step",
    "+, −": "look closer, see more",
    "0": "show all steps",
}
ENDINGS = {
    "ready": "Not started.",
    "running": "Training.",
    "stopped": "Stopped.",
    "finished": "Finished.",
}


def words_of(
    curve: Curve,
    others: list[Curve],
    planned: int | None,
    state: str,
    given: list[str],
    sentence: str = "",
) -> Words:
    told = [_told(c) for c in (curve, *others) if c.steps]
    ending = sentence[:1].upper() + sentence[1:] + "." if sentence else ENDINGS[state]
    if not curve.steps:
        told.insert(0, f"{planned or 'An unknown number of'} steps are planned.")
    if others and curve.steps:
        told.append(_parted(curve, others[0]))
    subtitle = f"{planned:,} steps" if planned else ""
    return Words(
        "monitor",
        "Training monitor",
        CAPTION,
        " ".join(["Lines of the loss over the steps of a training.", *told, ending]),
        _table(curve),
        subtitle=subtitle,
        given=given,
        keys=KEYS,
    )


def _told(curve: Curve) -> str:
    losses = np.array(curve.losses)
    finite = np.flatnonzero(np.isfinite(losses))
    name = curve.name[:1].upper() + curve.name[1:]
    if not finite.size:
        return f"{name}: {_steps(len(losses))}, none with a finite loss."
    low = finite[losses[finite].argmin()]
    return (
        f"{name}: {_steps(len(losses))}, loss from {losses[finite[0]]:.4g}"
        f" to {losses[finite[-1]]:.4g}, lowest"
        f" {losses[low]:.4g} at step {curve.steps[low]:,}."
    )


def _parted(one: Curve, other: Curve) -> str:
    at = parting(one, other)
    return "They never part." if at is None else f"They part at step {at:,}."


def _table(curve: Curve) -> Table:
    metrics = {m: dict(zip(*pair, strict=True)) for m, pair in curve.metrics.items()}
    rows = []
    for i in curve.between(40):
        step = curve.steps[i]
        found = [f"{values[step]:.6g}" if step in values else "" for values in metrics.values()]
        rows.append([f"{step:,}", f"{curve.losses[i]:.6g}", *found])
    return Table("Steps of the training", ["step", "loss", *metrics], rows)


def poster_of(curves: list[Curve]) -> str:
    picture = Picture(640, 260)
    picture.text(20, 26, "Loss", 14, bold=True)
    every = [(c, c.between(500)) for c in curves]
    losses = np.array([c.losses[i] for c, places in every for i in places])
    steps = [c.steps[i] for c, places in every for i in places]
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        picture.text(20, 130, "No step was taken yet.", quiet=True)
        return picture.svg()
    low, high = min(0.0, float(finite.min())), float(finite.max())
    span, last = (high - low) or 1.0, max(steps) or 1
    for shade, (curve, places) in zip(("#2a6fb0", "#b35c0e"), every, strict=False):
        seen = [i for i in places if np.isfinite(curve.losses[i])]
        xs = [70 + 550 * curve.steps[i] / last for i in seen]
        ys = [220 - 180 * (curve.losses[i] - low) / span for i in seen]
        picture.line(xs, ys, shade)
        picture.text(xs[-1] - 60 if xs else 70, (ys[-1] if ys else 40) - 8, curve.name, 12)
    picture.text(20, 44, f"{high:.3g}", 12, quiet=True)
    picture.text(20, 224, f"{low:.3g}", 12, quiet=True)
    picture.text(560, 246, f"step {last:,}", 12, quiet=True)
    return picture.svg()


def _steps(count: int) -> str:
    return f"{count:,} step{'' if count == 1 else 's'}"
