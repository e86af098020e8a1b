"""Who was made from whom: what a `Value` and a `Tensor` have in common."""

from __future__ import annotations

from itertools import count
from numbers import Real
from operator import attrgetter
from typing import Any, Never, Self

__all__: list[str] = []  # what is here is for its neighbours

births = count()  # stamps each node when it is made: parents are older than their children


class Node:
    """Something that remembers what it was made from, and by which operation.

    Nothing points from a parent to its children, so nothing points in a circle: once the result is
    forgotten, what only it was made from is freed at once, and no garbage collector need search.
    """

    __slots__ = ("born", "data", "grad", "name", "op", "parents")
    __array_ufunc__ = None  # np.float64(2) * node is ours to answer, not NumPy's

    born: int
    data: Any
    grad: Any  # None is "not computed yet", and that is neither zero nor NaN
    name: str
    op: str
    parents: tuple[Any, ...]

    def history(self) -> list[Self]:
        """All that this node was made from, oldest first, and the node itself last."""
        found, todo = {self}, [self]
        while todo:
            for parent in todo.pop().parents:
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        return sorted(found, key=attrgetter("born"))

    def zero_grad(self) -> None:
        """Forget the gradients of this node and of all that it was made from."""
        for node in self.history():
            node.grad = None

    def graph(self) -> dict[str, list[dict[str, Any]]]:
        """The history as plain data that can be drawn: nodes oldest first, and their operands."""
        nodes = self.history()
        ids = {node.born: i for i, node in enumerate(nodes)}
        boxes = [
            {"id": i, "op": node.op, "name": node.name, **node.facts()}
            for i, node in enumerate(nodes)
        ]
        arrows = [
            {"from": ids[parent.born], "to": i, "operand": place}
            for i, node in enumerate(nodes)
            for place, parent in enumerate(node.parents)
        ]
        return {"nodes": boxes, "edges": arrows}

    def facts(self) -> dict[str, Any]:
        """What `graph` tells of a node of this kind."""
        raise NotImplementedError

    def operand(self, other: Any) -> Any:
        """The other side of an operation: a node already, or a plain number that becomes one."""
        raise NotImplementedError

    def __radd__(self, other: Any) -> Self:  # 2 + node arrives here, as node.__radd__(2)
        return self.operand(other) + self

    def __rsub__(self, other: Any) -> Self:
        return self.operand(other) - self

    def __rmul__(self, other: Any) -> Self:
        return self.operand(other) * self

    def __rtruediv__(self, other: Any) -> Self:
        return self.operand(other) / self

    def __rpow__(self, other: Any) -> Self:
        return self.operand(other) ** self

    def __lt__(self, other: object) -> Never:
        raise TypeError("a comparison has no gradient: compare plain numbers, a.data < b.data")

    __le__ = __gt__ = __ge__ = __lt__


def one_number(number: Any) -> float:
    """A plain number as a float; anything else is told what is needed here."""
    if isinstance(number, Real):
        return float(number)
    raise TypeError(f"one plain number is needed here, but this is a {type(number).__name__}")
