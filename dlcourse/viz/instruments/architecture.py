"""Architecture: a net as a drawing, with the shape of all that travels and what it costs."""

from collections.abc import Sequence
from typing import Any

from dlcourse.trace import Trace
from dlcourse.viz.parts.blueprint import Node, Plan, blueprint
from dlcourse.viz.poster import Picture
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words

MOST_AT_FIRST = 16  # boxes before the learner unfolds any more
KEYS = {
    "arrow keys": "to the box above, below, beside",
    "Enter on a group": "unfold or fold it",
    "Enter on a layer": "keep its facts in sight",
    "Home, End": "to the input, to the answer",
}


def architecture(
    trace: Trace,
    *,
    failed: BaseException | str | None = None,
    open: Sequence[str] | None = None,
    at: str | None = None,
) -> View:
    """A net from input to answer: boxes as large as their arrays, and what each of them costs.

    architecture(trace)
    architecture(trace, open=("blocks", "blocks.0"))         these groups unfolded
    architecture(*..., failed=error)                         up to the layer that could not go on:
        trace, error = trace_until_error(net, x); architecture(trace, failed=error)
    """
    if not isinstance(trace, Trace) or not trace.steps:
        got = "an empty trace" if isinstance(trace, Trace) else f"a {type(trace).__name__}"
        raise TypeError(f"architecture needs a trace of a net, got {got}: trace(net, x)?")
    plan = blueprint(trace)
    names = [group.name for group in plan.groups]
    _require_known(open, names, at, plan)
    problem = _problem(failed, plan)
    first = _open_at_first(plan)
    content = {
        "nodes": plan.nodes,
        "ways": plan.ways,
        "groups": plan.groups,
        "batch": plan.batch,
        "bytes": plan.bytes_each,
        "totals": {"count": plan.count, "work": plan.work, "kept": plan.kept},
        "net": trace.steps[-1].kind,
        "backend": trace.backend,
        "problem": problem,
    }
    words = Words(
        "architecture",
        f"Architecture of {trace.steps[-1].kind}",
        "Each box is what a layer gives on, as large as its numbers are many. Point at a box for "
        "its facts; click a group to unfold it.",
        _alt(plan, trace.steps[-1].kind, problem),
        _table(plan),
        subtitle=_subtitle(plan),
        given=["trace", *(["failed=error"] if problem else [])],
        keys=KEYS,
    )
    choices = {"open": first if open is None else list(open), "at": at}
    defaults = {"open": first, "at": None}
    return View(words, content, choices=choices, defaults=defaults, poster=_poster(plan, problem))


def _require_known(open: Sequence[str] | None, names: list[str], at: Any, plan: Plan) -> None:
    if isinstance(open, str):
        raise TypeError(f"open={open!r}: needs names of groups in a list: open=[{open!r}]")
    for name in open or ():
        if name not in names:
            known = ", ".join(map(repr, names)) or "none: no layer is made of others"
            raise ValueError(f"open={name!r} is no group of this net; it has {known}")
    labels = [full_label(node) for node in plan.nodes]
    if at is not None and at not in labels:
        raise ValueError(f"at={at!r} is no box of this net; it has {', '.join(labels)}")


def full_label(node: Node) -> str:
    """blocks.0.act (2): unlike the label within a group, found once in the whole net."""
    return f"{node.group}.{node.label}" if node.group and node.role == "layer" else node.label


def _problem(failed: BaseException | str | None, plan: Plan) -> str:
    stopped = [node for node in plan.nodes if node.failed]
    if failed is None:
        return f"{stopped[0].name} did not answer." if stopped else ""
    if not isinstance(failed, BaseException | str):
        raise TypeError(f"failed must be the error, got a {type(failed).__name__}")
    if not stopped:
        raise ValueError("this trace has no layer that failed: trace_until_error(net, x) gives one")
    return str(failed) or type(failed).__name__


def _open_at_first(plan: Plan) -> list[str]:
    """Outer groups first, as long as the drawing stays small; and the way to what failed."""
    wanted: list[str] = []
    for node in plan.nodes:
        if node.failed:
            parts = node.group.split(".")
            wanted += [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
    names = [group.name for group in plan.groups]
    open_now = [name for name in names if name in wanted]
    for group in plan.groups:
        parent_open = not group.parent or group.parent in open_now
        if group.name not in open_now and parent_open:
            tried = [*open_now, group.name]
            if _boxes(plan, tried) <= MOST_AT_FIRST:
                open_now = tried
    return open_now


def _boxes(plan: Plan, open_now: list[str]) -> int:
    """How many boxes are on screen with these groups unfolded."""
    parents = {group.name: group.parent for group in plan.groups}
    shown = set()
    for i, node in enumerate(plan.nodes):
        at, seen = node.group, str(i)
        while at:
            seen, at = (seen if at in open_now else at), parents[at]
        shown.add(seen)
    return len(shown)


# ── words and a still picture ─────────────────────────────────────────────────────────────────────


def _subtitle(plan: Plan) -> str:
    layers = sum(node.role == "layer" for node in plan.nodes)
    return f"{layers} layer{'s' * (layers > 1)}, {plan.count:,}\u00a0parameters"


def _sizes(shape: Sequence[int] | None) -> str:
    return " × ".join(map(str, shape[1:])) or "1" if shape else "nothing"


def _alt(plan: Plan, net: str, problem: str) -> str:
    layers = [node for node in plan.nodes if node.role == "layer"]
    said = [
        f"{net} has {len(layers)} layers with {plan.count:,} parameters; one example takes "
        f"{plan.work:,} multiply-adds, and {plan.kept // plan.batch:,} numbers are kept for "
        "the way back."
    ]
    said += [f"{node.label} takes {_sizes(node.shape)}." for node in plan.nodes if not node.kind]
    most = max(layers, key=lambda node: node.count, default=None)
    if most and most.count:
        said.append(f"Most parameters are in {most.name}: {most.count:,}.")
    if problem:
        said.append(f"It stops: {problem}")
    return " ".join(said)


def _table(plan: Plan) -> Table:
    rows = [
        (
            full_label(node),
            node.kind or node.role,
            "did not answer" if node.failed else _sizes(node.shape),
            f"{node.count:,}" + (f" (shared with {node.shared})" if node.shared else ""),
            f"{node.work:,}",
            f"{node.kept // plan.batch:,}",
        )
        for node in plan.nodes
    ]
    columns = ("layer", "kind", "what comes out", "parameters", "multiply-adds", "numbers kept")
    return Table("Layers, for one example", columns, rows)


def _poster(plan: Plan, problem: str) -> str:
    """The layers from top to bottom; of a deep net the first and the last."""
    nodes = [node for node in plan.nodes if node.role in ("input", "layer")]
    if len(nodes) > 16:
        middle = Node("layer", f"… {len(nodes) - 15} more …", "", "", "", None)
        nodes = [*nodes[:8], middle, *nodes[-7:]]
    picture = Picture(640, 80 + 34 * len(nodes))
    picture.text(20, 30, f"{plan.count:,} parameters", 16, bold=True)
    for i, node in enumerate(nodes):
        y = 50 + 34 * i
        picture.box(20, y, 300, 26, f"{node.name or node.label}  {node.kind}")
        shape = "✗ " + problem[:40] if node.failed else _sizes(node.shape) if node.shape else ""
        picture.text(334, y + 17, shape, 12, quiet=True)
        if node.count:
            picture.text(500, y + 17, f"{node.count:,} parameters", 12, quiet=True)
    return picture.svg()
