"""What the duel says of itself, and its still picture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.viz.parts.stacks import evenly
from dlcourse.viz.poster import Picture
from dlcourse.viz.words import Table, Words

CAPTION = (
    "A maker turns noise into fakes, a judge tells them from what is real, and both learn. Go"
    " through the phases of a round, then through the rounds."
)
KEYS = {
    "← →": "one phase back or on, over the ends of a round too",
    "Page Up, Page Down": "the same phase one round earlier or later",
    "↑ ↓ in the picture": "follow another fake",
    "Home, End": "first and last phase of the round",
}
Rounds = Sequence[Mapping[str, Any]]


def words(rounds: Rounds, given: Sequence[str]) -> Words:
    count = len(rounds)
    subtitle = f"{count} {'rounds' if count > 1 else 'round'} recorded"
    return Words(
        "duel", "Duel of two nets", CAPTION, _alt(rounds), _table(rounds), subtitle, given, KEYS
    )


def _alt(rounds: Rounds) -> str:
    """The last round in words, with its numbers."""
    last = rounds[-1]
    fooled = float((last["says_fakes"] > 0.5).mean())
    sentences = [
        f"Round {last['round']}: {last['count']} fakes and {len(last['real'])} real points.",
        f"The judge's loss is {last['judge_loss']:.3g}, the maker's {last['maker_loss']:.3g}.",
        f"The judge takes {fooled:.0%} of the fakes for real.",
    ]
    if "shares" in last:
        sentences.append(f"The fakes reach {last['reached']} of {len(last['shares'])} modes.")
    return " ".join(sentences)


def _table(rounds: Rounds) -> Table:
    columns = [
        "round",
        "judge's loss",
        "maker's loss",
        "real taken for real",
        "fakes taken for real",
    ]
    columns += ["modes reached"] if "shares" in rounds[-1] else []
    rows = []
    for each in (rounds[i] for i in evenly(len(rounds), 12)):
        row = [f"{each['round']:,}", f"{each['judge_loss']:.3g}", f"{each['maker_loss']:.3g}"]
        row += [f"{(each[says] > 0.5).mean():.0%}" for says in ("says_real", "says_fakes")]
        rows.append([*row, *([f"{each['reached']}"] if "shares" in each else [])])
    return Table("Some of the rounds", columns, rows)


def poster(rounds: Rounds, frame: Sequence[float]) -> str:
    """First, middle and last round: the judge's field, real points and fakes."""
    left, right, bottom, top = frame
    high = 190 * (top - bottom) / (right - left)
    picture = Picture(640, 66 + high)
    picture.text(20, 28, "Duel of two nets", 16, bold=True)
    for column, i in enumerate(evenly(len(rounds), 3)):
        each, x0 = rounds[i], 20 + 204 * column
        picture.text(x0, 50, f"round {each['round']}", 12, quiet=True)
        picture.heat(x0, 58, 190, high, np.flipud(each["after"]) - 0.5, 0.9)
        for points, label in ((each["real"], 0), (each["fakes"], 5)):
            inside = points[evenly(len(points), 80)]
            x, y = ((inside - [left, bottom]) / [right - left, top - bottom]).T
            seen = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
            across, up = x0 + 190 * x[seen], 58 + high * (1 - y[seen])
            picture.points(across.tolist(), up.tolist(), [label] * int(seen.sum()), 2)
    return picture.svg()
