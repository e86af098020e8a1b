"""What a learner can set in the convolution instrument, and what of it cannot be drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Trace
from dlcourse.viz.parts.picture_net import is_conv, pictures_of, shortened

PRESETS = ("edge", "sobel x", "sobel y", "sharpen", "blur", "copy")
DEFAULTS: dict[str, Any] = {
    "show": "window",
    "layer": None,
    "map": 0,
    "kernel": None,
    "size": 3,
    "stride": None,
    "padding": None,
    "dilation": None,
    "way": "forward",
    "upstream": "one",
    "cell": None,
    "example": 0,
    "drawing": None,
    "seen": None,
}
ONE_OF: dict[str, tuple[Any, ...]] = {
    "show": ("window", "net"),
    "size": (3, 5),
    "way": ("forward", "backward"),
    "upstream": ("one", "ones", "trace"),
}


def require_choices(chosen: Mapping[str, Any], net: Trace, given: Mapping[str, Any]) -> None:
    for name in given:
        if name not in DEFAULTS:
            raise TypeError(f"convolution has no choice {name!r}; it has {', '.join(DEFAULTS)}")
    for name, fine in ONE_OF.items():
        if chosen[name] not in fine:
            raise ValueError(f"{name}={chosen[name]!r}: needs one of {', '.join(map(repr, fine))}")
    layers = [step.name for step in net if is_conv(step)]
    if chosen["layer"] is not None and chosen["layer"] not in layers:
        known = ", ".join(map(repr, layers))
        raise ValueError(f"layer={chosen['layer']!r} is no convolution of this net: {known}")
    maps = 1
    if chosen["layer"] is not None:
        maps = len(next(step for step in net if step.name == chosen["layer"]).params["weight"])
    _whole("map", chosen["map"], 0, maps - 1)
    _whole(
        "example",
        chosen["example"],
        0,
        min(len(pictures_of(net)), len(pictures_of(shortened(net)))) - 1,
    )
    for name, least in (("stride", 1), ("padding", 0), ("dilation", 1)):
        if chosen[name] is not None:
            _whole(name, chosen[name], least, 4)
    _require_kernel(chosen["kernel"], chosen["layer"], net)
    _require_drawing(chosen["drawing"], pictures_of(net).shape[2:])
    for place in chosen["cell"] or ():
        _whole("cell", place, 0, 10_000)
    _require_seen(chosen["seen"], net)


def _require_seen(seen: Any, net: Trace) -> None:
    """("conv1", channel, row, column): a layer, and a place in what comes out of it."""
    if seen is None:
        return
    name, *place = seen if isinstance(seen, Sequence) and not isinstance(seen, str) else (seen,)
    answered = [step for step in net if step.name == str(name).partition(" (")[0]]
    shape = answered[0].output.shape[1:] if answered and answered[0].output is not None else ()
    inside = len(place) == len(shape) and all(
        isinstance(i, int) and 0 <= i < size for i, size in zip(place, shape, strict=True)
    )
    if not answered or not inside:
        needs = "a layer and a place in it, such as ('conv1', 0, 2, 3)"
        raise ValueError(f"seen={seen!r} is nowhere in this net: it needs {needs}")


def _whole(name: str, value: Any, least: int, most: int) -> None:
    if not isinstance(value, int | np.integer) or not least <= value <= most:
        raise ValueError(f"{name}={value!r}: needs a whole number from {least} to {most}")


def _require_kernel(kernel: Any, layer: str | None, net: Trace) -> None:
    if kernel is None or (layer is None and isinstance(kernel, str) and kernel in PRESETS):
        return
    if isinstance(kernel, str):
        fine = ", ".join(PRESETS) if layer is None else "None for what it has learned, or numbers"
        raise ValueError(f"kernel={kernel!r}: needs {fine}")
    numbers = np.asarray(kernel)
    shapes = [(3, 3), (5, 5)]
    if layer is not None:
        weight = next(step for step in net if step.name == layer).params["weight"]
        shapes = [weight.shape[1:]]
    if numbers.shape not in shapes or numbers.dtype.kind not in "fiu":
        raise ValueError(f"a kernel of shape {numbers.shape}: needs numbers of {shapes}")


def _require_drawing(drawing: Any, size: tuple[int, ...]) -> None:
    if drawing is None:
        return
    rows = drawing.split("/") if isinstance(drawing, str) else []
    right = len(rows) == size[0] and all(len(row) == size[1] for row in rows)
    if not right or set("".join(rows)) - set(".123456789#"):
        needs = f"{size[0]} rows of {size[1]} signs out of .123456789#, put apart by /"
        raise ValueError(f"this is no drawing for this net: it needs {needs}")
