"""The loss landscape: a real net's loss over a plane of its weights, and the race of optimizers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Run
from dlcourse.viz.parts.loss_surface import PLANES, THROUGH, LossSurface, Tried, best
from dlcourse.viz.parts.map_poster import poster
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words

CAPTION = (
    "Every place of the map is a whole net, with weights of its own; the colour is its loss. Drag"
    " the clock: all racers stand where they were at that step. Point anywhere to read the loss."
)
KEYS = {
    "Arrow keys": "in the map: from one computed place to the next; at the clock: one key-frame",
    "Enter, click": "in the map: keep this place, and let Python compute its loss",
    "Space": "at the clock: play",
    "Home, End": "first, last key-frame",
}


def landscape(
    experiment: Tried,
    runs: Mapping[str, Run] | None = None,
    *,
    plane: str = "paths",
    through: str = "best",
    zoom: float = 1,
    step: int | None = None,
    place: Sequence[float] | None = None,
    size: int = 41,
    seed: int = 0,
    race: Callable[[str, float], Run] | None = None,
    racers: Sequence[str] = ("SGD", "Momentum", "Adam"),
) -> View:
    """The loss in a plane through weight space, with the paths of trainings.

    landscape(Experiment(net, x, loss=...), {"SGD": run, "Adam": other})

    The plane follows the paths ("paths": where they spread most) or two "random" directions;
    it goes through the "best" or the "start" point. `race(name, lr)` trains another racer.
    """
    _check(experiment, runs, race, size)
    runs = dict(runs or {})
    defaults = {
        "plane": "paths" if runs else "random",
        "through": "best",
        "zoom": 1,
        "step": None,
        "place": None,
    }
    wanted = _choices(plane if runs else "random", through, zoom, step, place)
    surface = LossSurface(experiment, runs, size, seed)
    laid = surface.lay(wanted["plane"], wanted["through"], wanted["zoom"])
    view = View(
        _words(laid, runs, size, seed, race, racers),
        {**laid, "racers": list(racers) if race else [], "laid": _kept(wanted)},
        choices=wanted,
        defaults=defaults,
        poster=poster(laid),
        answers={},
    )
    view.answers |= _answers(view, surface, race)
    return view


def _answers(
    view: View, surface: LossSurface, race: Callable[[str, float], Run] | None
) -> dict[str, Callable[..., Any]]:
    def lay(**wanted: Any) -> dict[str, Any]:
        chosen = _choices(wanted["plane"], wanted["through"], wanted["zoom"], None, None)
        laid = surface.lay(chosen["plane"], chosen["through"], chosen["zoom"])
        laid["laid"] = _kept(chosen)
        view.content |= laid  # a page saved now shows this plane
        view.poster = poster(laid)
        return laid

    def add(name: str, lr: float) -> dict[str, Any]:
        if race is None:
            raise ValueError("nobody here trains: landscape(..., race=lambda name, lr: run)")
        laid = surface.add(name, race, lr)
        view.content = {**view.content, "paths": [*view.content["paths"], laid]}
        return laid

    return {"loss": surface.loss_at, "lay": lay, "race": add}


def _check(experiment: Any, runs: Any, race: Any, size: Any) -> None:
    if not all(callable(getattr(experiment, name, None)) for name in ("weights", "loss_with")):
        got = type(experiment).__name__
        raise TypeError(
            f"landscape got a {got}; it needs an Experiment: Experiment(net, x, loss=...)"
        )
    if runs is not None and not isinstance(runs, Mapping):
        got = type(runs).__name__
        raise TypeError(f'runs is a {got}, needs runs by name: {{"SGD": run, "Adam": other}}')
    if race is not None and not callable(race):
        raise TypeError(f"race is a {type(race).__name__}, needs a function: race(name, lr) -> Run")
    if isinstance(size, bool) or not isinstance(size, int) or not 5 <= size <= 201:
        raise ValueError(f"size={size!r} must be how many places per side are computed, 5 to 201")


def _choices(plane: str, through: str, zoom: float, step: Any, place: Any) -> dict[str, Any]:
    for name, value, allowed in (("plane", plane, PLANES), ("through", through, THROUGH)):
        if value not in allowed:
            raise ValueError(f"{name}={value!r} must be one of {', '.join(map(repr, allowed))}")
    if isinstance(zoom, bool) or not isinstance(zoom, int | float) or not 0.01 <= zoom <= 100:
        raise ValueError(f"zoom={zoom!r} must lie between 0.01 (far) and 100 (close)")
    if step is not None and (isinstance(step, bool) or not isinstance(step, int) or step < 0):
        raise ValueError(f"step={step!r} must be the number of a training step, 0 or more")
    if place is not None:
        if len(place) != 2 or not all(np.isfinite(float(x)) for x in place):
            raise ValueError(f"place={place!r} must be two numbers, along the two directions")
        place = [float(x) for x in place]
    return {"plane": plane, "through": through, "zoom": zoom, "step": step, "place": place}


def _kept(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices that decide which plane was computed."""
    return {name: choices[name] for name in ("plane", "through", "zoom")}


def _words(
    laid: Mapping[str, Any], runs: Mapping[str, Run], size: int, seed: int, race: Any, racers: Any
) -> Words:
    given = ["experiment", *(["runs"] if runs else [])]
    given += [f"size={size}"] if size != 41 else []
    given += [f"seed={seed}"] if seed else []
    given += ["race=race"] if race else []
    return Words(
        "landscape",
        "Loss landscape",
        CAPTION,
        alt(laid),
        _table(laid),
        subtitle=f"{laid['size']:,} weights, seen in a plane",
        given=given,
        keys=KEYS,
    )


def alt(laid: Mapping[str, Any]) -> str:
    """What the map shows, in words."""
    losses = laid["losses"][np.isfinite(laid["losses"])]
    reach = f"from {losses.min():.4g} to {losses.max():.4g}" if losses.size else "nowhere finite"
    told = [f"Map of the loss of a net with {laid['size']:,} weights over a plane: {reach}."]
    for path in laid["paths"]:
        low, at = best(path)
        seen = "" if path["share"] is None else f"; the plane shows {path['share']:.0%} of its way"
        start = path["losses"][0]
        told.append(
            f"{path['name']}: loss {start:.4g} at the start, lowest {low:.4g} at step {at:,}{seen}."
        )
    return " ".join(told)


def _table(laid: Mapping[str, Any]) -> Table:
    rows = [
        [p["name"], f"{step:,}", f"{p['losses'][i]:.6g}", f"{p['off'][i]:.4g}"]
        for p in laid["paths"]
        for i, step in enumerate(p["steps"])
    ]
    return Table("The racers", ["racer", "step", "loss", "distance off the plane"], rows)
