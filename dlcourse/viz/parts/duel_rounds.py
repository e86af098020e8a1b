"""Rounds of two competing nets, checked and thinned out until they can be sent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.mode_cover import cover
from dlcourse.viz.parts.stacks import evenly

MOST_ROUNDS, MOST_POINTS = 60, 160
POINTS = "real", "fakes", "dfakes", "moved"
BELIEFS = "says_real", "says_fakes"
FIELDS = "before", "after"
LOSSES = "judge_loss", "maker_loss"
NEEDED = (*POINTS, *BELIEFS, *FIELDS, *LOSSES, "frame")


def round_of(given: Any, place: int, modes: Array | None) -> dict[str, Any]:
    """One round as it is sent: its arrays in float32, at most so many points, and their cover."""
    name = f"rounds[{place}]"
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{name} is a {type(given).__name__}, needs arrays by name: duel_rounds(…)?"
        )
    if missing := [key for key in NEEDED if given.get(key) is None]:
        raise ValueError(f"{name} lacks {', '.join(missing)}: yield rounds as duel_rounds does")
    seen = {key: _float(given[key], f"{name}[{key!r}]") for key in (*POINTS, *BELIEFS, *FIELDS)}
    _check(seen, name)
    kept = {key: seen[key][evenly(len(seen[key]), MOST_POINTS)] for key in (*POINTS, *BELIEFS)}
    noise = given.get("noise")
    if noise is not None:
        noise = _float(noise, name).reshape(len(seen["fakes"]), -1)
        kept["noise"] = noise[evenly(len(noise), MOST_POINTS)]
    losses = {key: float(given[key]) for key in LOSSES}
    told = {"round": int(given.get("round", place)), "count": len(seen["fakes"])}
    return {**seen, **kept, **losses, **told, **_cover(seen["fakes"], modes)}


def _float(given: Any, name: str) -> Array:
    array = np.asarray(given)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: got {array.dtype}, needs numbers")
    return array.astype(np.float32)


def _check(seen: Mapping[str, Array], name: str) -> None:
    """Whatever does not fit together is named, before anything is drawn wrongly."""
    fakes, real = len(seen["fakes"]), len(seen["real"])
    cells = len(seen["before"]) if seen["before"].ndim else 0
    want: dict[str, tuple[int, ...]] = dict.fromkeys(POINTS, (fakes, 2)) | {
        "real": (real, 2),
        "says_real": (real,),
    }
    want |= {"says_fakes": (fakes,), "before": (cells, cells), "after": (cells, cells)}
    for key, shape in want.items():
        if seen[key].shape != shape or 0 in shape:
            raise ValueError(f"{name}[{key!r}] is {seen[key].shape}, needs {shape}")
    if cells < 2:
        raise ValueError(f"{name}: a field of {cells} × {cells} cells cannot be drawn; 25 × 25?")


def _cover(fakes: Array, modes: Array | None) -> dict[str, Any]:
    if modes is None:
        return {}
    found = cover(fakes, modes)
    return {"shares": found.shares, "elsewhere": found.elsewhere, "reached": found.reached}


def rounds_of(given: Any, modes: Array | None) -> list[dict[str, Any]]:
    """All rounds that were recorded; sent are at most so many, first and last among them."""
    if isinstance(given, Mapping):
        raise TypeError("duel needs a list of rounds: list(itertools.islice(duel_rounds(…), 40))")
    listed: Sequence[Any] = list(given)
    if not listed:
        raise ValueError("there is no round to show: record some with duel_rounds(…)")
    return [round_of(listed[place], place, modes) for place in evenly(len(listed), MOST_ROUNDS)]


def frame_of(given: Any) -> list[float]:
    """Left, right, bottom, top of the plane, as the first round says."""
    frame = np.asarray(given, float)
    if frame.shape != (4,) or not (frame[0] < frame[1] and frame[2] < frame[3]):
        raise ValueError(f"frame={given!r} must be left, right, bottom, top")
    return [float(edge) for edge in frame]


def go_on(more: Iterator[Any], modes: Array | None, first: int) -> Iterator[dict[str, Any]]:
    """Further rounds, one by one."""
    for place, given in enumerate(more, first):
        yield round_of(given, place, modes)
