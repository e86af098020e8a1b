"""The loss landscape as a surface in space, to be turned with the mouse: a plain plotly figure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcourse.trace import Array, Run
from dlcourse.viz.instruments.landscape import alt, landscape
from dlcourse.viz.parts.loss_surface import Tried
from dlcourse.viz.parts.map_poster import STOPS, walker
from dlcourse.viz.poster import CLASSES

if TYPE_CHECKING:
    from plotly.graph_objects import Figure  # type: ignore[import-untyped]

MARKS = "circle", "diamond", "square", "cross", "x"


def landscape_3d(
    experiment: Tried,
    runs: Mapping[str, Run] | None = None,
    *,
    log: bool | None = None,
    **choices: Any,
) -> "Figure":
    """The same surface and paths as `landscape`, whose choices it takes, as a plotly figure.

    `log` shows the logarithm of the loss; by itself where losses lie far apart. The alt text is
    in `figure.layout.meta["alt"]`.
    """
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # heavy, only wanted here

    laid = landscape(experiment, runs, **choices).content
    losses = laid["losses"]
    finite = losses[np.isfinite(losses)]
    wide = bool(finite.size) and finite.min() > 0 and finite.max() > 20 * finite.min()
    log = wide if log is None else log
    high = _logarithm if log else np.asarray
    heights = high(losses)
    surface = go.Surface(
        x=laid["a"],
        y=laid["b"],
        z=heights,
        customdata=losses,
        colorscale=[*STOPS],
        opacity=0.9,
        showscale=False,
        name="loss",
        hovertemplate="loss %{customdata:.4g}<extra></extra>",
        contours={"z": {"show": True, "usecolormap": False, "color": "rgba(20,40,60,.35)"}},
    )
    paths = [_path(go, path, i, laid, heights) for i, path in enumerate(laid["paths"])]
    figure = go.Figure([surface, *paths])
    figure.update_layout(
        title={"text": "Loss landscape"},
        meta={"alt": "A surface in space. " + alt(laid)},
        height=560,
        margin={"l": 0, "r": 0, "t": 46, "b": 0},
        legend={"orientation": "h", "y": 1.02, "x": 0.99, "xanchor": "right"},
        scene={
            "xaxis": {"title": {"text": "direction 1"}},
            "yaxis": {"title": {"text": "direction 2"}},
            "zaxis": {"title": {"text": "loss"}, **(_powers(heights) if log else {})},
            "camera": {"eye": {"x": -1.25, "y": -1.35, "z": 0.95}},
            "aspectratio": {"x": 1, "y": 1, "z": 0.7},
        },
    )
    return figure


def _path(go: Any, path: Mapping[str, Any], i: int, laid: Mapping[str, Any], heights: Array) -> Any:
    """A racer's way, laid on the surface; its own loss, off the plane, is in its words."""
    rows = zip(path["steps"], path["losses"], path["off"], strict=True)
    words = [f"{path['name']}, step {s:,}<br>own loss {x:.4g}<br>{d:.3g} off" for s, x, d in rows]
    places, colour = path["places"], CLASSES[walker(i)]
    return go.Scatter3d(
        x=places[:, 0],
        y=places[:, 1],
        z=[_height(place, laid, heights) for place in places],
        mode="lines+markers",
        name=path["name"],
        text=words,
        hovertemplate="%{text}<extra></extra>",
        line={"color": colour, "width": 6},
        marker={"color": colour, "size": 4, "symbol": MARKS[i % len(MARKS)]},
    )


def _height(place: Array, laid: Mapping[str, Any], heights: Array) -> float:
    """The surface's height at a place, a little lifted so that the line is seen; NaN outside."""
    a, b = laid["a"], laid["b"]
    x, y = ((p - axis[0]) / (axis[1] - axis[0]) for p, axis in zip(place, (a, b), strict=True))
    if not (0 <= x <= len(a) - 1 and 0 <= y <= len(b) - 1):
        return float("nan")
    c, r = min(int(x), len(a) - 2), min(int(y), len(b) - 2)
    low, high = heights[r : r + 2, c : c + 2] @ [1 - (x - c), x - c]
    return float(low + (high - low) * (y - r) + 0.015 * np.ptp(heights[np.isfinite(heights)]))


def _powers(heights: Array) -> dict[str, Any]:
    """Losses beside an axis that holds their logarithms."""
    finite = heights[np.isfinite(heights)]
    values = range(int(np.floor(finite.min())), int(np.ceil(finite.max())) + 1)
    return {"tickvals": [*values], "ticktext": [f"{10.0**power:g}" for power in values]}


def _logarithm(losses: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(losses)
