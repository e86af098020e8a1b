"""How weights learn from their gradients: one step downhill.

In every class w is a weight, g its gradient, lr the learning rate. The names and the rules are
PyTorch's, so both give the same numbers.
"""

import math
from collections.abc import Iterable

import numpy as np

from dlcourse.scratch.layer import Param
from dlcourse.trace import Array

Memory = dict[str, Array]


class Optimizer:
    """Walks over the parameters; subclasses say in `update` how one of them moves."""

    keeps: tuple[str, ...] = ()  # names of the running means that it keeps for every weight

    def __init__(self, params: Iterable[Param], lr: float) -> None:
        self.params, self.lr = _listed(params), lr
        self.memory = [
            {name: np.zeros_like(param.data) for name in self.keeps} for param in self.params
        ]

    @property
    def lr(self) -> float:
        """The learning rate; a plain float, since a NumPy one would turn float32 into float64."""
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        if callable(lr):
            raise TypeError("the learning rate is a number: give a schedule to fit(schedule=...)")
        if not lr >= 0:
            raise ValueError(f"the learning rate is {lr}, it must not be negative")
        self._lr = float(lr)

    def zero_grad(self) -> None:
        """Forget the gradients; without this the next ones are added to the last."""
        for param in self.params:
            param.grad = None

    def step(self) -> None:
        """Move every weight that has a gradient."""
        for param, memory in zip(self.params, self.memory, strict=True):
            if param.grad is not None:
                self.update(param.data, param.grad, memory)

    def update(self, w: Array, g: Array, memory: Memory) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no update yet")

    def state_dict(self) -> dict[str, Array]:
        """Copies of all that it remembers between steps."""
        kept = {f"{i}.{k}": a.copy() for i, own in enumerate(self.memory) for k, a in own.items()}
        return kept | {"lr": np.array(self.lr)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        if odd := self.state_dict().keys() ^ state.keys():
            raise KeyError(f"the state is not one of this {type(self).__name__}: {sorted(odd)}")
        self.lr = float(state["lr"])
        for i, own in enumerate(self.memory):
            for name in own:
                own[name] = np.array(state[f"{i}.{name}"], own[name].dtype)


def _listed(params: Iterable[Param]) -> list[Param]:
    weights = list(params) if isinstance(params, Iterable) else [params]
    if not weights:
        raise ValueError("the optimizer got no parameters: pass net.parameters()")
    if not isinstance(params, Iterable) or not all(isinstance(w, Param) for w in weights):
        kind = type(params).__name__
        raise TypeError(f"an optimizer cannot move this {kind}: pass net.parameters()")
    if len({id(w) for w in weights}) < len(weights):
        raise ValueError("a parameter is there twice and would move twice: pass each one once")
    return weights


class SGD(Optimizer):
    """w -= lr·g;  with momentum μ:  v = μ·v + g,  w -= lr·v  (Nesterov: w -= lr·(g + μ·v))"""

    def __init__(
        self,
        params: Iterable[Param],
        lr: float,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        if nesterov and not momentum:
            raise ValueError("Nesterov looks ahead along the momentum: give momentum=0.9 or so")
        self.momentum, self.weight_decay = float(momentum), float(weight_decay)
        self.nesterov = nesterov
        self.keeps = ("velocity",) if momentum else ()
        super().__init__(params, lr)

    def update(self, w: Array, g: Array, memory: Memory) -> None:
        if self.weight_decay:
            g = g + self.weight_decay * w
        if self.momentum:
            v = memory["velocity"]
            v *= self.momentum
            v += g
            g = g + self.momentum * v if self.nesterov else v
        w -= self.lr * g


class RMSprop(Optimizer):
    """s = α·s + (1 - α)·g²,  w -= lr·g / (√s + ε): weights with small gradients walk as far"""

    keeps = ("square",)

    def __init__(
        self, params: Iterable[Param], lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8
    ) -> None:
        self.alpha, self.eps = float(alpha), float(eps)
        super().__init__(params, lr)

    def update(self, w: Array, g: Array, memory: Memory) -> None:
        s = memory["square"]
        s *= self.alpha
        s += (1 - self.alpha) * g * g
        w -= self.lr * g / (np.sqrt(s) + self.eps)


class Adam(Optimizer):
    """m = β₁m + (1-β₁)g,  s = β₂s + (1-β₂)g²,  w -= lr·m̂ / (√ŝ + ε)

    m̂ = m / (1 - β₁ᵗ) and ŝ = s / (1 - β₂ᵗ) make up for both having begun at zero. Every weight
    counts its own steps t: its first gradient may come late.
    """

    keeps = ("mean", "square")
    decoupled = False  # is weight decay kept out of the running means?

    def __init__(
        self,
        params: Iterable[Param],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self.betas = float(betas[0]), float(betas[1])
        self.eps, self.weight_decay = float(eps), float(weight_decay)
        super().__init__(params, lr)
        for memory in self.memory:
            memory["step"] = np.zeros(())

    def update(self, w: Array, g: Array, memory: Memory) -> None:
        (beta1, beta2), m, s = self.betas, memory["mean"], memory["square"]
        if self.weight_decay and self.decoupled:
            w *= 1 - self.lr * self.weight_decay
        elif self.weight_decay:
            g = g + self.weight_decay * w
        m *= beta1
        m += (1 - beta1) * g
        s *= beta2
        s += (1 - beta2) * g * g
        t = memory["step"].item() + 1
        memory["step"].fill(t)
        rate = self.lr / (1 - beta1**t)
        w -= rate * m / (np.sqrt(s) / math.sqrt(1 - beta2**t) + self.eps)


class AdamW(Adam):
    """Adam, but weights decay by themselves, not through the gradient: w *= 1 - lr·λ first"""

    decoupled = True

    def __init__(
        self,
        params: Iterable[Param],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)
