"""The one idea of this package: a layer answers, and hands you the way back.

    y, back = layer(x)      # forward
    dx = back(dy)           # backward; gradients of the weights add up in `param.grad`

Nothing is kept on the layer itself: what the way back needs, `back` remembers. So a layer can be
used twice (a recurrent net does, at every moment) and both ways back are right.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, Self

import numpy as np

from dlcourse.scratch.mistakes import LayerError
from dlcourse.trace import Array

Back = Callable[..., Any]

# glibc hands large arrays back to the system and asks for the next ones anew: a fifth of a GPT's
# training step. Once it has seen an array of almost 32 MB go, it keeps up to 64 MB at hand.
np.empty(2**25 - 2**16, np.uint8)


class Param:
    """An array that learns: its value, and its gradient (None until somebody computed it)."""

    __slots__ = ("data", "grad")

    def __init__(self, data: Array) -> None:
        self.data = data
        self.grad: Array | None = None

    def add_grad(self, grad: Array) -> None:
        """Gradients add up: a weight that was used twice is to blame twice."""
        self.grad = grad if self.grad is None else self.grad + grad


class Watcher(Protocol):
    """Looks on while a net works; see record.py."""

    def saw(self, layer: "Layer", inputs: tuple[Any, ...], answer: Any) -> Any: ...


class Layer:
    """Subclasses write `forward`; whoever uses a layer calls it, and then a watcher may look on."""

    training = True
    watcher: Watcher | None = None
    wants_dx = True  # False: the input is data, and nobody asks how the data should change
    reads_once = True  # False: its input goes two ways, so a first layer inside cannot skip dx

    def forward(self, *inputs: Any) -> tuple[Any, Back]:
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def __call__(self, *inputs: Any) -> tuple[Any, Back]:
        try:
            answer = self.forward(*inputs)
        except LayerError as error:
            error.add_place(self)  # on its way up a mistake learns its full name, "blocks.0.fc1"
            raise
        return answer if self.watcher is None else self.watcher.saw(self, inputs, answer)

    def children(self) -> Iterator[tuple[str, "Layer"]]:
        """The layers that this one is made of; a list of layers counts as layers "0", "1", ..."""
        for name, value in vars(self).items():
            if isinstance(value, Layer):
                yield name, value
            elif isinstance(value, list | tuple):
                yield from ((f"{name}.{i}", v) for i, v in enumerate(value) if isinstance(v, Layer))

    def named_layers(self, prefix: str = "") -> Iterator[tuple[str, "Layer"]]:
        """This layer and all below it, under their dotted names; its own is the prefix."""
        yield prefix, self
        for name, child in self.children():
            yield from child.named_layers(f"{prefix}.{name}" if prefix else name)

    def _named(self, kind: type) -> Iterator[tuple[str, "Layer", str, Any]]:
        for place, layer in self.named_layers():
            for name, value in vars(layer).items():
                if isinstance(value, kind):
                    yield f"{place}.{name}" if place else name, layer, name, value

    def named_parameters(self) -> dict[str, Param]:
        """Every parameter once, under the first of its names (tied weights have several)."""
        first = {id(param): (name, param) for name, *_, param in reversed(list(self._named(Param)))}
        return dict(reversed(list(first.values())))

    def parameters(self) -> list[Param]:
        return list(self.named_parameters().values())

    def zero_grad(self) -> None:
        """Forget the gradients; without this the next ones are added to the last."""
        for param in self.parameters():
            param.grad = None

    def state_dict(self) -> dict[str, Array]:
        """Copies of all that the net has learned, under the names that PyTorch gives them."""
        weights = {name: param.data.copy() for name, *_, param in self._named(Param)}
        return weights | {name: kept.copy() for name, *_, kept in self._named(np.ndarray)}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Take over such a state; names and shapes must match, and nothing changes if not."""
        mine = self.state_dict()
        if odd := mine.keys() ^ state.keys():
            raise KeyError(f"the state does not fit this {type(self).__name__}: {sorted(odd)}")
        for name, array in mine.items():
            if array.shape != np.shape(state[name]):
                here, there = array.shape, np.shape(state[name])
                raise ValueError(f"{name} has shape {here} in this net, but {there} in the state")
        for name, *_, param in self._named(Param):
            param.data = np.array(state[name], param.data.dtype)
        for name, layer, attribute, kept in self._named(np.ndarray):
            setattr(layer, attribute, np.array(state[name], kept.dtype))

    def astype(self, dtype: Any) -> Self:
        """Change the precision of every weight, in place; float64 for proofs, float32 for speed."""
        for param in self.parameters():
            param.data, param.grad = param.data.astype(dtype), None
        for _, layer, name, kept in self._named(np.ndarray):
            if np.issubdtype(kept.dtype, np.floating):
                setattr(layer, name, kept.astype(dtype))
        return self

    def train(self, training: bool = True) -> Self:
        """Dropout and batch norm behave differently while the net learns."""
        for _, layer in self.named_layers():
            layer.training = training
        return self

    def eval(self) -> Self:
        return self.train(False)

    @contextmanager
    def reading_data(self) -> Iterator[None]:
        """Inside, the gradient of the net's own input is not computed: 1.2 to 1.4 times faster.

        The first layer reads data, and nobody asks how the data should have been.
        """
        layer: Layer = self
        while layer.reads_once and (below := next(layer.children(), None)):
            layer = below[1]
        layer.wants_dx = False
        try:
            yield
        finally:
            layer.wants_dx = True

    def __repr__(self) -> str:
        own = {k: v for k, v in vars(self).items() if not hasattr(Layer, k)}
        sizes = (f"{k}={v}" for k, v in own.items() if isinstance(v, int | float | tuple))
        lines = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.children()]
        body = "\n" + "\n".join(lines) + "\n" if lines else ", ".join(sizes)
        return f"{type(self).__name__}({body})"
