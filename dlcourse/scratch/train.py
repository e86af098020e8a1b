"""Training: the loop that learns, and when to stop.

    batches = Batches(x, labels, size=64, rng=rng)          # from dlcourse.data
    for row in fit(net, cross_entropy, optimizer, batches, steps=1000):
        print(row.step, row.loss)

Nobody is called back: `fit` yields after every step, and whoever drives it looks, draws or stops.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from dlcourse.rounds import rounds
from dlcourse.scratch.layer import Layer, Param
from dlcourse.scratch.optim import Optimizer
from dlcourse.scratch.record import flat, leaving_no_mark, watching
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
    if not {id(p) for p in optimizer.params} & {id(p) for p in net.parameters()}:
        raise ValueError("the optimizer moves no weight of this net: pass it net.parameters()")
    numbers, batch = rounds(batches, steps)
    for step in numbers:
        began = time.perf_counter()
        *inputs, targets = next(batch)
        net.train()  # whoever drives the loop may have looked in between, with net.eval()
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
    rewind = _marked(net)
    with net.reading_data():
        y, back = net(*inputs)
        value, loss_back = loss(y, targets)
        if not np.isfinite(value):
            rewind()
            raise Diverged(step, f"the loss is {value}" + first_not_finite(net, inputs))
        optimizer.zero_grad()
        back(loss_back())
    for name, param in net.named_parameters().items():
        if param.grad is not None and not np.isfinite(param.grad.sum()):
            rewind()
            raise Diverged(step, f"the gradient of {name} is not finite")
    if max_norm is not None:
        clip_grad_norm(optimizer.params, max_norm)
    optimizer.step()
    return value


def clip_grad_norm(params: Iterable[Param], max_norm: float) -> float:
    """Shorten all gradients together so that their length is at most `max_norm`; gives the length.

    They keep their direction. One exploding step can then do only so much harm. The squares are
    added in float64, for in float32 those of 1e20 are infinite already.
    """
    learning = [(param, param.grad) for param in params if param.grad is not None]
    norm = math.sqrt(sum(float(np.square(grad, dtype=float).sum()) for _, grad in learning))
    if norm > max_norm:
        for param, grad in learning:
            param.grad = grad * float(max_norm / (norm + 1e-6))
    return norm


def _marked(net: Layer) -> Callable[[], None]:
    """A way back to here for what a pass forward changes: running means, random generators."""
    owned = {id(v): v for _, layer in net.named_layers() for v in vars(layer).values()}.values()
    means = [(a, a.copy()) for a in owned if isinstance(a, np.ndarray)]
    dice = [(g, g.bit_generator.state) for g in owned if isinstance(g, np.random.Generator)]

    def rewind() -> None:
        for mean, before in means:
            mean[...] = before
        for generator, state in dice:
            generator.bit_generator.state = state

    return rewind


def first_not_finite(net: Layer, inputs: Sequence[Any]) -> str:
    """The first layer on the way forward whose answer is not finite, as part of a sentence.

    It looks again, and leaves no mark; with the same dice as before it sees the same.
    """
    if not all(_finite(x) for x in inputs):
        return ", because the data hold NaN or infinity"
    with np.errstate(all="ignore"), leaving_no_mark(net), watching(net) as notebook:
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
    """Answers of the net as it is in use (dropout off), a batch at a time; it learns nothing.

    Of an answer in several parts it gives the first.
    """
    if not inputs or not len(inputs[0]):
        raise ValueError("there are no examples to answer: predict(net, x) needs one or more")
    was_training, answers = net.training, []
    net.eval()
    try:
        for start in range(0, len(inputs[0]), size):
            y, _ = net(*(x[start : start + size] for x in inputs))
            answers.append(flat(y)[0])
    finally:
        net.train(was_training)
    return np.concatenate(answers)
