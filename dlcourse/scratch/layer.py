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

from dlcourse.scratch.mistakes import LayerError, expect_answer, expect_gradient, expect_state
from dlcourse.trace import Array

__all__ = ["Layer", "Param"]

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
        """Gradients add up: a weight that was used twice is to blame twice. `grad` is kept."""
        if grad.shape != self.data.shape:
            want = self.data.shape
            raise LayerError(f"got a gradient {grad.shape} for a weight {want}: summed too far?")
        self.grad = grad if self.grad is None else self.grad + grad


class Watcher(Protocol):
    """Looks on while a net works; see record.py."""

    def saw(self, layer: "Layer", inputs: tuple[Any, ...], y: Any, back: Back) -> Any: ...


class Layer:
    """Subclasses write `forward`; whoever uses a layer calls it, and then a watcher may look on.

    A way back belongs to the weights that `forward` used: go it before the optimizer moves them.
    """

    training = True
    watcher: Watcher | None = None
    wants_dx = True  # False: the input is data, and nobody asks how the data should change
    reads_once = False  # True: of its children the first alone, and only once, sees the input

    def forward(self, *inputs: Any) -> tuple[Any, Back]:
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def __call__(self, *inputs: Any, **named: Any) -> tuple[Any, Back]:
        try:
            y, back = expect_answer(self.forward(*inputs, **named))
        except LayerError as error:
            error.add_place(self)  # on its way up a mistake learns its full name, "blocks.0.fc1"
            raise
        back = self._guarded(back, y)
        if self.watcher is None:
            return y, back
        return self.watcher.saw(self, (*inputs, *named.values()), y, back)

    def _guarded(self, back: Back, y: Any) -> Back:
        """The same way back, but it refuses what is no gradient of this output."""
        shape = y.shape if isinstance(y, np.ndarray) else None  # not y itself: that would keep it

        def guarded(dy: Any) -> Any:
            try:
                expect_gradient(dy, shape)
                return back(dy)
            except LayerError as error:
                error.add_place(self)
                raise

        return guarded

    def children(self) -> Iterator[tuple[str, "Layer"]]:
        """The layers that this one is made of; those in a list are "blocks.0", "blocks.1", ..."""
        return ((name, part) for name, part in parts(vars(self)) if isinstance(part, Layer))

    def named_layers(self, prefix: str = "") -> Iterator[tuple[str, "Layer"]]:
        """This layer and all below it, under their dotted names; its own is the prefix."""
        yield prefix, self
        for name, child in self.children():
            yield from child.named_layers(f"{prefix}.{name}" if prefix else name)

    def _params(self) -> Iterator[tuple[str, Param]]:
        """Every parameter under each of its names; tied weights have several."""
        for place, layer in self.named_layers():
            for name, part in parts(vars(layer)):
                if isinstance(part, Param):
                    yield f"{place}.{name}" if place else name, part

    def kept_arrays(self) -> Iterator[tuple[str, "Layer", str, Array]]:
        """What is kept but does not learn, such as running means: name, layer, attribute, array."""
        for place, layer in self.named_layers():
            for name, value in vars(layer).items():
                if isinstance(value, np.ndarray):
                    yield f"{place}.{name}" if place else name, layer, name, value

    def named_parameters(self) -> dict[str, Param]:
        """Every parameter once, under the first of its names."""
        found: dict[int, tuple[str, Param]] = {}
        for name, param in self._params():
            found.setdefault(id(param), (name, param))
        return dict(found.values())

    def parameters(self) -> list[Param]:
        return list(self.named_parameters().values())

    def zero_grad(self) -> None:
        """Forget the gradients; without this the next ones are added to the last."""
        for param in self.parameters():
            param.grad = None

    def state_dict(self) -> dict[str, Array]:
        """Copies of all that the net has learned, under the names that PyTorch gives them."""
        weights = {name: param.data.copy() for name, param in self._params()}
        return weights | {name: array.copy() for name, *_, array in self.kept_arrays()}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Take over such a state; names and shapes must match, and nothing changes if not."""
        new = expect_state(self.state_dict(), state, type(self).__name__)
        for name, param in self._params():
            param.data = new[name]
        for name, layer, attribute, _ in list(self.kept_arrays()):
            setattr(layer, attribute, new[name])

    def astype(self, dtype: Any) -> Self:
        """Change the precision of every weight, in place; float64 for proofs, float32 for speed."""
        for param in self.parameters():
            param.data, param.grad = param.data.astype(dtype), None
        for _, layer, name, array in list(self.kept_arrays()):
            if np.issubdtype(array.dtype, np.floating):
                setattr(layer, name, array.astype(dtype))
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
        uses = sum(each is layer for _, each in self.named_layers())
        before, layer.wants_dx = layer.wants_dx, layer.wants_dx and uses > 1
        try:
            yield
        finally:
            layer.wants_dx = before

    def __repr__(self) -> str:
        own = {k: v for k, v in vars(self).items() if not hasattr(Layer, k)}
        sizes = (f"{k}={v}" for k, v in own.items() if isinstance(v, int | float | tuple))
        lines = [f"  ({name}): {child!r}".replace("\n", "\n  ") for name, child in self.children()]
        body = "\n" + "\n".join(lines) + "\n" if lines else ", ".join(sizes)
        return f"{type(self).__name__}({body})"


def parts(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the attributes hold, and what their lists and dicts hold, "blocks.0", "heads.left"."""
    for name, value in attributes.items():
        inner: Any = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if isinstance(inner, dict):
            yield from ((f"{name}.{below}", part) for below, part in parts(inner))
        else:
            yield name, value
