"""The autograd graph: who was made from whom, and how blame flows back along the same ways."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array
from dlcourse.viz.poster import INK, Picture
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words

MOST = 150  # nodes that can be told apart on screen
KEYS = {
    "◀ ▶ on the time line": "one operation back or on",
    "arrow keys in the graph": "from node to node",
    "Enter": "look at this node",
}


def autograd(node: Any, *, at: int = 0, pick: int | None = None, most: int = MOST) -> View:
    """Everything that a `Value` or `Tensor` was made from; of a long history the last `most`.

    `pick` is the node looked at: its number on screen, 0 for the oldest that is shown.
    """
    nodes, left_out = _history(node, most)
    if pick is not None and not 0 <= pick < len(nodes):
        raise ValueError(f"pick={pick}: this graph has the nodes 0 to {len(nodes) - 1}")
    ways = sum(bool(each.op) for each in nodes) * (2 if node.grad is not None else 1)
    if type(at) is not int or not 0 <= at < max(ways, 1):
        raise ValueError(f"at={at!r}: the time line has the moments 0 to {max(ways, 1) - 1}")
    boxes, arrows = _boxes(nodes), _arrows(nodes)
    return View(
        _words(nodes, left_out),
        {"nodes": boxes, "edges": arrows, "left_out": left_out},
        choices={"at": at, "pick": pick},
        defaults={"at": 0, "pick": None},
        poster=_poster(boxes, arrows),
    )


def _history(node: Any, most: int) -> tuple[list[Any], int]:
    """The nodes to show, oldest first, and how many older ones there are."""
    if not all(hasattr(node, name) for name in ("history", "parents", "op", "grad")):
        kind = type(node).__name__
        raise TypeError(f"autograd got a {kind}; it needs a Value or a Tensor, such as the loss")
    if type(most) is not int or most < 1:
        raise ValueError(f"most={most!r}: at least one node must be shown")
    history = node.history()
    return history[-most:], max(len(history) - most, 0)


def _boxes(nodes: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": node.name,
            "op": node.op if node.parents else "",
            "value": np.asarray(node.data),
            "grad": None if node.grad is None else np.asarray(node.grad),
        }
        for node in nodes
    ]


def _arrows(nodes: Sequence[Any]) -> list[dict[str, Any]]:
    """One for each operand: its slope where that is a number, and what it sends back."""
    place = {id(node): i for i, node in enumerate(nodes)}
    arrows = []
    for i, node in enumerate(nodes):
        slopes = list(getattr(node, "slopes", ())) or [None] * len(node.parents)
        sent = _sent(node, slopes)
        for operand, parent in enumerate(node.parents):
            if id(parent) in place:
                ends = {"from": place[id(parent)], "to": i, "operand": operand}
                arrows.append({**ends, "slope": slopes[operand], "sent": sent[operand]})
    return arrows


def _sent(node: Any, slopes: Sequence[float | None]) -> list[Array | None]:
    """What each parent gets of the blame: slope times gradient, or what the way back gives."""
    if node.grad is None or not node.parents:
        return [None] * len(node.parents)
    if slopes[0] is not None:
        return [np.asarray(slope * node.grad) for slope in slopes if slope is not None]
    shares = node.back(node.grad)
    pairs = zip(shares, node.parents, strict=True)
    return [_summed(np.asarray(share), np.shape(parent.data)) for share, parent in pairs]


def _summed(share: Array, shape: tuple[int, ...]) -> Array:
    """A number that was used in many places is to blame for all of them."""
    share = np.asarray(share.sum(axis=tuple(range(share.ndim - len(shape)))))
    ones = tuple(axis for axis, n in enumerate(shape) if n == 1 and share.shape[axis] != 1)
    return np.asarray(
        share.sum(axis=ones, keepdims=True)
    )  # NumPy makes bare numbers of single ones


def _words(nodes: Sequence[Any], left_out: int) -> Words:
    last = nodes[-1]
    kind = type(last).__name__
    rows = [
        (str(i), each.name or each.op or "number", _short(each.data), _short(each.grad))
        for i, each in enumerate(nodes)
    ]
    older = f"; {left_out:,} older ones are left out" if left_out else ""
    back = "" if last.grad is None else ", with the gradient of each"
    return Words(
        name="autograd",
        title=f"How this {kind} was made",
        subtitle=f"{len(nodes)} nodes{older}",
        caption="Step forward through the operations, then back: each one hands its blame on.",
        alt=f"A graph of {len(nodes)} nodes that ends in {_short(last.data)}{back}{older}.",
        table=Table("Each node, oldest first", ("node", "what", "value", "gradient"), rows),
        given=("loss",),
        keys=KEYS,
    )


def _short(data: Any) -> str:
    if data is None:
        return "not computed yet"
    return f"{float(data):.4g}" if np.ndim(data) == 0 else " × ".join(map(str, np.shape(data)))


def _poster(boxes: Sequence[dict[str, Any]], arrows: Sequence[dict[str, Any]]) -> str:
    """The last dozen nodes in a row of ranks."""
    rank = [0] * len(boxes)
    for arrow in arrows:
        rank[arrow["to"]] = max(rank[arrow["to"]], rank[arrow["from"]] + 1)
    first = max(max(rank, default=0) - 5, 0)
    rows: dict[int, int] = {}
    picture = Picture(740, 300)
    spots: dict[int, tuple[float, float]] = {}
    for i, box in enumerate(boxes):
        row = rows.get(rank[i], 0)
        if rank[i] < first or row > 4:
            continue
        rows[rank[i]] = row + 1
        spots[i] = (16 + 120 * (rank[i] - first), 16 + 56 * row)
        picture.box(*spots[i], 96, 40, f"{box['name'] or box['op']} {_short(box['value'])}")
    for arrow in arrows:
        if arrow["from"] in spots and arrow["to"] in spots:
            (x1, y1), (x2, y2) = spots[arrow["from"]], spots[arrow["to"]]
            picture.line((x1 + 96, x2), (y1 + 20, y2 + 20), INK)
    return picture.svg()
