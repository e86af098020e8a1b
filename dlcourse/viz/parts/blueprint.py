"""A net as a plan: nodes with shapes and costs, the ways between them, and groups that fold."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcourse.trace import Array, Step, Trace
from dlcourse.viz.parts.costs import needs, work
from dlcourse.viz.parts.wiring import Point, Wiring, is_net, leaf_steps, net_inputs, wiring


@dataclass
class Node:
    """One box of the drawing."""

    role: str  # "input", "layer", "sum", "mean" or "failed"
    label: str  # within its group
    name: str
    kind: str
    group: str
    shape: list[int] | None
    reads: list[list[int]] = field(default_factory=list)
    params: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    shared: str = ""  # whose weights these are, where another layer has them too
    work: int = 0
    work_text: str = ""
    kept: int = 0
    largest: float | None = None
    calls: int = 1
    failed: bool = False
    needs: str = ""


@dataclass
class Group:
    """Layers that are one layer to the outside."""

    name: str
    label: str
    kind: str
    parent: str


@dataclass
class Plan:
    """Nodes, and ways between them by their places in the list."""

    nodes: list[Node]
    ways: list[dict[str, Any]]
    groups: list[Group]
    batch: int
    bytes_each: int

    @property
    def count(self) -> int:
        return sum(node.count for node in self.nodes if not node.shared)

    @property
    def work(self) -> int:
        return sum(node.work for node in self.nodes)

    @property
    def kept(self) -> int:
        return sum(node.kept for node in self.nodes)


def blueprint(trace: Trace) -> Plan:
    """All that the drawing of a net needs; no array travels with it."""
    found, kinds = wiring(trace), group_kinds(trace)
    nodes = [_node(point, trace, kinds) for point in found.points]
    for i, point in reversed([*enumerate(found.points)]):  # a sum may be read by a later sum
        if point.at is None and point.role != "input":
            nodes[i].group = _home(found, i, trace, kinds, nodes)
    _count_once(nodes, found, trace)
    ways = [vars(way) for way in found.ways]
    _stop(nodes, ways, trace, kinds)
    first = net_inputs(trace)
    batch = int(first[0].shape[0]) if first and first[0].ndim else 1
    groups = [
        Group(name, _within(name, _group(name, kinds)), kind, _group(name, kinds))
        for name, kind in kinds.items()
    ]
    return Plan(nodes, ways, groups, max(batch, 1), np.dtype(trace.dtype).itemsize)


def group_kinds(trace: Trace) -> dict[str, str]:
    """The steps that are made of others, outer ones first: name and kind."""
    leaves = {trace.steps[at].name for at in leaf_steps(trace)}
    steps = trace.steps[:-1] if is_net(trace) else trace.steps
    kinds = {step.name: step.kind for step in steps if step.name not in leaves}
    return dict(sorted(kinds.items(), key=lambda item: item[0].count(".")))


def _group(name: str, kinds: dict[str, str]) -> str:
    """The innermost group that a name lies in; "" for the net itself."""
    parts = name.split(".")
    inside = (".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))
    return next((outer for outer in inside if outer in kinds), "")


def _within(name: str, group: str) -> str:
    return name.removeprefix(f"{group}.") if group else name


def _node(point: Point, trace: Trace, kinds: dict[str, str]) -> Node:
    group = _group(point.name, kinds) if point.name else ""
    shape = None if point.shape is None else list(point.shape)
    node = Node(point.role, point.label, point.name, point.kind, group, shape, calls=point.calls)
    if point.at is None:
        node.kept = int(np.prod(point.shape)) if point.shape is not None else 0
        return node
    step = trace.steps[point.at]
    node.label = _within(point.label, group)
    node.reads = [list(a.shape) for a in step.inputs if a is not None]
    params = step.params.items()
    node.params = [{"name": n, "shape": list(a.shape), "size": int(a.size)} for n, a in params]
    node.count = sum(a.size for a in step.params.values())
    cost = work(step)
    if cost:
        node.work, node.work_text = cost.count * point.calls, cost.text
    node.kept = _kept(step) * point.calls
    node.largest = _largest(step.output if step.outputs else None)
    node.failed = _unanswered(step)
    node.needs = needs(step) if node.failed else ""
    return node


def _unanswered(step: Step) -> bool:
    return bool(step.outputs) and all(array is None for array in step.outputs)


def _kept(step: Step) -> int:
    """The numbers of its answer; none where it hands on what it got."""
    y = step.output if step.outputs else None
    if y is None:
        return 0
    x = step.inputs[0] if step.inputs else None
    handed_on = x is not None and x.size == y.size and np.array_equal(x.ravel(), y.ravel())
    return 0 if handed_on else sum(a.size for a in step.outputs if a is not None)


def _largest(array: Array | None) -> float | None:
    if array is None or array.dtype.kind != "f":
        return None
    return float(np.abs(array[np.isfinite(array)]).max(initial=0))


def _home(found: Wiring, i: int, trace: Trace, kinds: dict[str, str], nodes: list[Node]) -> str:
    """Where a sum belongs: into the group whose answer it is, else to those who read it."""
    array = next(value for value, point in found.known if point == i)
    for step in trace.steps:
        y = step.output if step.name in kinds and step.outputs else None
        if y is not None and y.shape == array.shape and np.array_equal(y, array):
            return step.name
    readers = [way.target for way in found.ways if way.source == i]
    homes = [nodes[reader].group.split(".") for reader in readers]
    shared = [parts[0] for parts in zip(*homes, strict=False) if len(set(parts)) == 1]
    name = ".".join(shared)
    return name if name in kinds else _group(f"{name}.", kinds) if name else ""


def _count_once(nodes: list[Node], found: Wiring, trace: Trace) -> None:
    """Weights of a layer that answers twice, and weights that two layers share, count once."""
    seen: list[tuple[Array, str]] = []
    for node, point in zip(nodes, found.points, strict=True):
        if point.at is None:
            continue
        arrays = [a for a in trace.steps[point.at].params.values() if a.ndim > 1]
        owner = next((name for a in arrays for b, name in seen if _tied(a, b)), "")
        repeated = any(other.name == node.name for other in nodes[: nodes.index(node)])
        if node.params and (owner or repeated):
            node.shared = owner or node.name
        seen += [(a, node.name) for a in arrays]


def _tied(a: Array, b: Array) -> bool:
    return a.shape == b.shape and a.size > 1 and a.flat[0] == b.flat[0] and np.array_equal(a, b)


def _stop(
    nodes: list[Node], ways: list[dict[str, Any]], trace: Trace, kinds: dict[str, str]
) -> None:
    """Where no layer failed but what lies between them, a point for that."""
    unanswered = [step for step in trace.steps if _unanswered(step)]
    if not unanswered or any(node.failed for node in nodes):
        return
    step = unanswered[0]
    home = step.name if step.name in kinds else ""
    node = Node("failed", "here", step.name, step.kind, home, None, failed=True)
    read = {way["source"] for way in ways}
    waiting = [i for i in range(len(nodes)) if i not in read]
    node.reads = [nodes[i].shape or [] for i in waiting]
    nodes.append(node)
    for source in waiting:
        shape = nodes[source].shape
        ways.append({"source": source, "target": len(nodes) - 1, "shape": shape, "sure": False})
