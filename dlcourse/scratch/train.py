"""Training: the loop that learns, and when to stop.

    batches = Batches(x, labels, size=64, rng=rng)          # from dlcourse.data
    for row in fit(net, cross_entropy, optimizer, batches, steps=1000):
        print(row.step, row.loss)

Nobody is called back: `fit` yields after every step, and whoever drives it looks, draws or stops.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dlcourse.scratch.layer import Layer
from dlcourse.scratch.optim import Optimizer, clip_grad_norm
from dlcourse.scratch.record import watching
from dlcourse.scratch.schedules import Schedule
from dlcourse.trace import Array, Diverged, Row


def fit(
    net: Layer,
    loss: Any,
    optimizer: Optimizer,
    batches: Iterable[Sequence[Any]],
    *,
    steps: int | range,
    schedule: Schedule | None = None,
    max_norm: float | None = None,
) -> Iterator[Row]:
    """Learn, and yield a row after every step. A batch is (inputs ..., targets).

    `steps` may be a range, to go on in the middle: `range(700, 1000)`.
    """
    net.train()
    batch = iter(batches)
    for step in steps if isinstance(steps, range) else range(steps):
        began = time.perf_counter()
        *inputs, targets = next(batch)
        if schedule:
            optimizer.lr = schedule(step)
        value = learn(net, loss, optimizer, inputs, targets, max_norm=max_norm, step=step)
        yield Row(step, value, time.perf_counter() - began)


def learn(
    net: Layer,
    loss: Any,
    optimizer: Optimizer,
    inputs: Sequence[Any],
    targets: Any,
    *,
    max_norm: float | None = None,
    step: int = 0,
) -> float:
    """One step of training: forward, loss, backward, update. It gives the loss."""
    with net.reading_data():
        y, back = net(*inputs)
        value, loss_back = loss(y, targets)
        if not np.isfinite(value):
            raise Diverged(step, f"the loss is {value}" + first_not_finite(net, inputs))
        optimizer.zero_grad()
        back(loss_back())
    for name, param in net.named_parameters().items():
        if param.grad is not None and not np.isfinite(param.grad.sum()):
            raise Diverged(step, f"the gradient of {name} is not finite")
    if max_norm is not None:
        clip_grad_norm(optimizer.params, max_norm)
    optimizer.step()
    return value


def first_not_finite(net: Layer, inputs: Sequence[Any]) -> str:
    """The first layer on the way forward whose answer is not finite, as part of a sentence."""
    if not all(_finite(x) for x in inputs):
        return ", because the data hold NaN or infinity"
    with np.errstate(all="ignore"), watching(net) as notebook:
        net(*inputs)
    for step in notebook.steps():
        if not all(_finite(y) for y in step.outputs):
            return f", first in the output of {step.name} ({step.kind})"
    return ", though every layer's answer is finite: look at the loss and its targets"


def _finite(array: Any) -> bool:
    floats = isinstance(array, np.ndarray) and np.issubdtype(array.dtype, np.floating)
    return not floats or bool(np.isfinite(array).all())


class EarlyStopping:
    """Says when the validation loss has not become better for `patience` looks in a row.

    stopping = EarlyStopping(patience=5)
    if stopping.is_over(validation_loss, net): break
    net.load_state_dict(stopping.best_state)
    """

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience, self.min_delta = patience, min_delta
        self.best, self.waited = np.inf, 0
        self.best_state: dict[str, Array] = {}

    def is_over(self, loss: float, net: Layer) -> bool:
        """Look at a new loss; the weights of the best one are kept in `best_state`."""
        self.waited += 1
        if loss < self.best - self.min_delta:
            self.best, self.waited, self.best_state = loss, 0, net.state_dict()
        return self.waited >= self.patience


def predict(net: Layer, *inputs: Any, size: int = 256) -> Array:
    """Answers of the net as it is in use (dropout off), a batch at a time; it learns nothing."""
    was_training, answers = net.training, []
    net.eval()
    for start in range(0, len(inputs[0]), size):
        answers.append(net(*(x[start : start + size] for x in inputs))[0])
    net.train(was_training)
    return np.concatenate(answers)
