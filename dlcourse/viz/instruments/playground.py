"""The playground: a small net learns to tell points apart, and every number of it can be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from dlcourse.outset import ACTIVATIONS, OPTIMIZERS, examples
from dlcourse.trace import Diverged
from dlcourse.viz.parts.playground_words import said, still
from dlcourse.viz.parts.tutor import Tutor
from dlcourse.viz.parts.way import Change, Way
from dlcourse.viz.view import View

WORLDS = {"numpy": "NumPy", "torch": "PyTorch"}
LINES = "weights", "gradients"
SHOTS = 100  # looks at the first training
LARGEST = 10_000  # weights that can be drawn as lines while they change


def playground(
    *pupils: Any,
    data: Any,
    dataset: str | None = None,
    hidden: Sequence[int] = (8, 4),
    activation: str = "tanh",
    optimizer: str = "Adam",
    lr: float = 0.03,
    batch: int = 32,
    weight_decay: float = 0.0,
    seed: int = 0,
    world: str | None = None,
    steps: int = 200,
    changes: Sequence[Change] = (),
    fork: Change | None = None,
    at: int | None = None,
    lines: str = "weights",
    pace: int = 5,
    log: bool = False,
) -> View:
    """A net that learns while you watch, `playground(scratch.Pupil, pytorch.Pupil, data=sets)`.

    The Pupils are the worlds in which it can learn, one or more; `data` is a set of points or a
    list of them. `changes` are made on the way: `[(40, "lr", 0.3), (60, "fc1.weight[0, 1]", 2.0)]`;
    `fork` is one more, beside the way without it. It begins with so many `steps`, `at` one of them.
    """
    worlds, sets = _worlds(pupils), _sets(data)
    first = {"dataset": sets[0].name, "world": next(iter(worlds))}
    dataset, world = dataset or first["dataset"], world or first["world"]
    net = {"hidden": _hidden(hidden), "activation": activation, "optimizer": optimizer, "lr": lr}
    net |= {"batch": batch, "weight_decay": weight_decay, "seed": seed}
    shown = {"at": at, "lines": lines, "pace": pace, "log": log}
    _expect_known(dataset, {each.name: each for each in sets}, world, worlds, steps, shown)
    pupil = worlds[world](next(each for each in sets if each.name == dataset), **net)
    ways, trouble = _ways(Way(worlds, world, pupil), steps, changes, fork)
    tutor = Tutor(worlds, sets, ways)
    choices = {"dataset": dataset, "world": world, **net, "steps": steps, **shown}
    choices |= {"changes": ways[0].changes, "fork": fork}
    words, defaults = said(pupils, ways[0], dataset), {**(playground.__kwdefaults__ or {}), **first}
    told = {"choices": choices, "defaults": defaults, "answers": tutor.answers()}
    tutor.view = View(words, _content(tutor, trouble), poster=still(ways[0]), **told)
    return tutor.view


def _content(tutor: Tutor, trouble: dict[str, Any] | None) -> dict[str, Any]:
    """What the browser needs from the beginning."""
    return {
        "sets": [_shown(each) for each in tutor.sets.values()],
        "worlds": list(tutor.worlds),
        "known": {"activation": ACTIVATIONS, "optimizer": OPTIMIZERS},
        "ways": tutor.saved(),
        "trouble": trouble,
    }


def _ways(
    way: Way, steps: int, changes: Sequence[Change], fork: Change | None
) -> tuple[list[Way], dict[str, Any] | None]:
    """The way of so many steps with these changes, the fork beside it, and what went wrong."""
    changes, fork = [_change(each) for each in changes], fork and _change(fork)
    ways, stride = [way], max(1, steps // SHOTS)
    try:
        for step, name, value in changes:
            _walk(ways[0], min(step, steps), stride)
            ways[0] = ways[0].branch(step, name, value)
        _walk(ways[0], steps, stride)
        if fork is not None:
            ways.append(ways[0].branch(*fork))
            _walk(ways[1], steps, stride)
    except Diverged as stopped:
        name = "ab"[len(ways) - 1]
        return ways, {"way": name, "step": stopped.step, "why": str(stopped)}
    return ways, None


def _walk(way: Way, end: int, stride: int) -> None:
    while way.step < end:
        way.learn(min(stride, end - way.step))


# ── what was given ────────────────────────────────────────────────────────────────────────────────


def _worlds(pupils: Sequence[Any]) -> dict[str, type]:
    if not pupils:
        raise TypeError("a playground needs a Pupil: playground(scratch.Pupil, data=moons(...))")
    worlds: dict[str, type] = {}
    for each in pupils:
        if not isinstance(each, type) or not hasattr(each, "backend"):
            what = f"the class itself, as in playground(scratch.Pupil, ...), got {each!r}"
            raise TypeError(f"a playground makes its pupils, so it needs {what}")
        worlds[WORLDS.get(each.backend, each.backend)] = each
    if len(worlds) < len(pupils):
        raise ValueError("two of these Pupils are of one world: give each world once")
    return worlds


def _sets(data: Any) -> list[Any]:
    """The data sets, each with a name of its own."""
    sets = list(data) if isinstance(data, list | tuple) else [data]
    if not sets:
        raise ValueError("data=[] holds no points: data=[moons(200, rng=rng)]?")
    seen: dict[str, int] = {}
    for i, each in enumerate(sets):
        examples(each)
        name = str(getattr(each, "name", "points"))
        seen[name] = seen.get(name, 0) + 1
        sets[i] = _Named(each, f"{name} {seen[name]}" if seen[name] > 1 else name)
    return sets


class _Named:
    """A data set as a Pupil needs it."""

    def __init__(self, points: Any, name: str) -> None:
        self.x, self.y = examples(points)
        self.class_names, self.name = tuple(map(str, points.class_names)), name


def _hidden(given: Any) -> tuple[int, ...]:
    hidden = tuple(given) if isinstance(given, list | tuple) else (given,)
    sizes = [n if isinstance(n, int) else 0 for n in (2, *hidden, 2)]
    count = sum(a * b for a, b in pairwise(sizes))
    if count > LARGEST:
        raise ValueError(f"hidden={given!r} has {count:,} weights, a playground shows {LARGEST:,}")
    return hidden


def _change(given: Any) -> Change:
    if not isinstance(given, list | tuple) or len(given) != 3 or not isinstance(given[0], int):
        raise ValueError(f'got {given!r} as a change, needs (step, what, value): (40, "lr", 0.3)')
    return (given[0], str(given[1]), given[2])


def _shown(each: _Named) -> dict[str, Any]:
    return {"name": each.name, "x": each.x, "y": each.y, "classes": list(each.class_names)}


def _expect_known(
    dataset: str, sets: Any, world: str, worlds: Any, steps: int, shown: Mapping[str, Any]
) -> None:
    _expect("dataset", dataset, sets)
    _expect("world", world, worlds)
    _expect("lines", shown["lines"], LINES)
    _expect_count("steps", steps, 0)
    _expect_count("pace", shown["pace"], 1)
    _expect_count("at", shown["at"] or 0, 0)
    if not isinstance(shown["log"], bool):
        raise ValueError(f"got log={shown['log']!r}, needs True or False")


def _expect(name: str, given: Any, known: Any) -> None:
    if given not in known:
        raise ValueError(f"there is no {name} {given!r} here; there are {', '.join(known)}")


def _expect_count(name: str, given: Any, least: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise ValueError(f"got {name}={given!r}, needs a whole number, {least} or more")
