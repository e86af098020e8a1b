"""The duel of a GAN in the plane, in slow motion: one round in seven named phases."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.duel_rounds import frame_of, go_on, rounds_of
from dlcourse.viz.parts.duel_words import poster, words
from dlcourse.viz.parts.mode_cover import modes_of
from dlcourse.viz.view import View

PHASES = "noise", "make", "judge", "learn", "field", "push", "move"
PATIENCE = 500  # further rounds that are played unseen, to come to a wanted one


def duel(
    rounds: Iterable[Mapping[str, Any]],
    *,
    more: Iterator[Mapping[str, Any]] | None = None,
    modes: Array | None = None,
    round: int | None = None,
    phase: str = "judge",
    follow: int = 0,
) -> View:
    """Recorded rounds of maker and judge; `more` plays on while you look.

    rounds = duel_rounds(maker, judge, optimizers, batches, frame=(-2, 2, -2, 2))
    duel(list(itertools.islice(rounds, 40)), more=rounds, modes=middles)

    A round holds plain arrays: real, fakes, moved, dfakes (B, 2), says_real, says_fakes (B,), the
    judge's belief before and after on a grid (G, G) over `frame`, judge_loss, maker_loss, perhaps
    noise (B, L). `modes` (K, 2): the middles of the real heaps, to count how many are reached.
    """
    places = modes_of(modes)
    given = list(rounds) if not isinstance(rounds, Mapping) else rounds
    if more is not None and not hasattr(more, "__next__"):
        raise TypeError(f"more is a {type(more).__name__}, needs an iterator of rounds: iter(…)?")
    if isinstance(given, list) and round is not None:
        _play_to(round, given, more)
    sent = rounds_of(given, places)
    frame = frame_of(next(iter(given))["frame"])
    defaults = {"round": sent[0]["round"], "phase": "judge", "follow": 0}
    wished = {"round": defaults["round"] if round is None else round, "phase": phase}
    choices = _checked(wished | {"follow": follow}, sent)
    content = {"rounds": sent, "frame": frame, "plays": more is not None}
    content["modes"] = None if places is None else places.astype(np.float32)
    told = {"more": more is not None, "modes": modes is not None}
    view = View(
        words(sent, ["rounds", *(f"{name}={name}" for name, here in told.items() if here)]),
        content,
        choices=choices,
        defaults=defaults,
        poster=poster(sent, frame),
    )
    if more is not None:
        further = go_on(more, places, len(given))
        view.answers = {"play": lambda: view.run(_frames(further)), "stop": lambda: view.stop()}
    return view


def _play_to(wanted: int, given: list[Any], more: Iterator[Any] | None) -> None:
    """So that a copied call finds its round again: play until it has come."""
    for _ in range(PATIENCE if more is not None else 0):
        if not given or given[-1].get("round", len(given) - 1) >= wanted:
            return
        following = next(more, None) if more is not None else None
        if following is None:
            return
        given.append(following)


def _checked(choices: dict[str, Any], sent: list[dict[str, Any]]) -> dict[str, Any]:
    """What the learner has set, or a sentence that says what is wrong with it."""
    first, last = sent[0]["round"], sent[-1]["round"]
    if not isinstance(choices["round"], int | np.integer) or not first <= choices["round"] <= last:
        raise ValueError(f"round={choices['round']!r} is not recorded: {first} to {last} are")
    if choices["phase"] not in PHASES:
        known = ", ".join(map(repr, PHASES))
        raise ValueError(f"phase={choices['phase']!r} is unknown: {known}")
    most = sent[0]["count"] - 1
    if not isinstance(choices["follow"], int | np.integer) or not 0 <= choices["follow"] <= most:
        raise ValueError(f"follow={choices['follow']!r} must be the number of a fake, 0 to {most}")
    return choices | {name: int(choices[name]) for name in ("round", "follow")}


async def _frames(further: Iterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    """Rounds as they are played; what goes wrong is said, and ends it."""
    try:
        for played in further:
            yield {"seen": played}
            await asyncio.sleep(0)
        yield {"over": "There are no more rounds: the batches have ended."}
    except Exception as error:
        yield {"over": f"The duel stopped: {error}"}
