"""The latent plane: where a net keeps its examples, and what lies between them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.parts.codes import Codes, far_apart, in_classes, plane_of
from dlcourse.viz.parts.latent_words import poster, words
from dlcourse.viz.parts.stacks import Decoder, error_of, evenly, fitting, pictures_of
from dlcourse.viz.view import View

SHOWS = "points", "pictures", "both"
STRIP = 11  # pictures on the way from one example to the other
MAP = 21  # pictures along a side of the map, if they are small


def latent(
    codes: Array,
    labels: Array | None = None,
    *,
    decode: Callable[[Array], Any] | None = None,
    pictures: Array | None = None,
    class_names: Sequence[str] = (),
    axes: tuple[int, int] | str = (0, 1),
    at: tuple[float, float] | None = None,
    start: int | None = None,
    end: int | None = None,
    part: float = 0.5,
    show: str = "both",
) -> View:
    """Codes (N, 2 or more) in the plane, what they decode to, and the way between two of them.

    codes, _ = net.encoder(x)
    latent(codes, labels, decode=lambda z: net.decoder(z)[0], pictures=x)

    In PyTorch: decode=lambda z: net.decoder(torch.from_numpy(z)).detach().numpy(). `axes`: two of
    the codes' numbers, or "pca" for the two directions in which they spread most.
    """
    where = plane_of(codes, axes)
    kinds, names = in_classes(labels, class_names, where.count)
    kinds = kinds[where.numbers]
    stack = None if pictures is None else _one_each(pictures, where)
    decoder = (
        None if decode is None else Decoder(decode, None if stack is None else stack.shape[1:])
    )
    first, last = far_apart(where, kinds)
    defaults = {"at": where.middle, "start": first, "end": last, "part": 0.5, "show": "both"}
    wished = {"at": at, "start": start, "end": end, "part": part, "show": show}
    choices = _checked({n: defaults[n] if v is None else v for n, v in wished.items()}, where)
    content = _content(where, kinds, names, stack, decoder, choices)
    options = {"class_names": len(class_names), "decode": decode, "pictures": pictures is not None}
    given = ["codes", *(["labels"] if labels is not None else [])]
    given += [f"{name}={name}" for name, told in options.items() if told]
    given += [f"axes={axes!r}"] if axes != (0, 1) else []
    return View(
        words(where, kinds, content, given),
        content,
        choices=choices,
        defaults=defaults,
        poster=poster(where, kinds, content),
        answers=_answers(where, stack, decoder) if decoder else {},
    )


def _one_each(pictures: Any, where: Codes) -> Array:
    """The pictures of the examples that are drawn."""
    stack = pictures_of(pictures, "pictures")
    if len(stack) != where.count:
        raise ValueError(f"{len(stack)} pictures for {where.count} codes: one for each is needed")
    return stack[where.numbers]


def _checked(choices: dict[str, Any], where: Codes) -> dict[str, Any]:
    """What the learner has set, or a sentence that says what is wrong with it."""
    place = np.asarray(choices["at"])
    if place.shape != (2,) or place.dtype.kind not in "iuf" or not np.isfinite(place).all():
        raise ValueError(f"at={choices['at']!r} is no place in the plane: at=(0.5, -1.0)?")
    for name in ("start", "end"):
        where.row(choices[name], name)
    if not 0 <= choices["part"] <= 1:
        raise ValueError(f"part={choices['part']!r} must lie between 0 (start) and 1 (end)")
    if choices["show"] not in SHOWS:
        raise ValueError(f"show={choices['show']!r} is unknown: {', '.join(map(repr, SHOWS))}")
    numbers = {n: int(choices[n]) for n in ("start", "end")} | {"part": float(choices["part"])}
    return choices | numbers | {"at": [float(x) for x in place]}


def _content(
    where: Codes,
    kinds: Array,
    names: list[str],
    stack: Array | None,
    decoder: Decoder | None,
    choices: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that a page without Python can show."""
    content: dict[str, Any] = {"frame": where.frame.tolist(), "axes": where.axis_names}
    content |= {"flat": where.flat, "left_out": where.left_out, "width": where.codes.shape[1]}
    content |= {"places": where.places.astype(np.float32), "labels": kinds, "classes": names}
    content |= {"numbers": where.numbers.astype(np.int32), "count": where.count}
    content |= dict.fromkeys(("pictures", "rebuilt", "errors", "map", "strip"))
    rebuilt = decoder(where.codes) if decoder else None
    like = stack if rebuilt is None else rebuilt
    if like is None:
        return content
    size = math.prod(like.shape[1:])
    ends = [where.row(choices[name], name) for name in ("start", "end")]
    kept = np.unique([*evenly(len(like), fitting(size, len(like))), *ends])
    content |= {"size": list(like.shape[1:]), "kept": kept.astype(np.int32)}
    if stack is not None:
        content["pictures"] = stack[kept].astype(np.float32)
    if decoder and rebuilt is not None:
        content["rebuilt"] = rebuilt[kept]
        content["errors"] = None if stack is None else error_of(stack, rebuilt)
        content["map"] = decoder(where.lattice(max(3, math.isqrt(fitting(size, MAP**2)))))
        content["strip"] = _way(where, decoder, choices["start"], choices["end"])
    return content | {"range": _range(content["map"] if stack is None else stack)}


def _range(stack: Array) -> list[float]:
    """Which numbers are paper and ink."""
    finite = stack[np.isfinite(stack)]
    return [float(finite.min()), float(finite.max())] if finite.size else [0.0, 1.0]


def _way(where: Codes, decoder: Decoder, start: int, end: int) -> Array:
    """Pictures along the straight line between two whole codes, all their numbers."""
    ends = [where.codes[where.row(n, name)] for n, name in ((start, "start"), (end, "end"))]
    parts = np.linspace(0, 1, STRIP, dtype=where.codes.dtype)[:, None]
    return decoder(ends[0] + parts * (ends[1] - ends[0]))


def _answers(where: Codes, stack: Array | None, decoder: Decoder) -> dict[str, Callable[..., Any]]:
    def rebuild(number: int) -> dict[str, Array | None]:
        row = where.row(number, "number")
        picture = None if stack is None else stack[row].astype(np.float32)
        return {"picture": picture, "rebuilt": decoder(where.codes[row : row + 1])[0]}

    def picture(place: Sequence[float]) -> Array:
        return decoder(where.lift(np.array([place], float)))[0]

    return {
        "picture": picture,
        "way": lambda start, end: _way(where, decoder, start, end),
        "rebuild": rebuild,
    }
