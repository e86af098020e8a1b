"""Training: the loop that learns, beside the one of scratch.

batches = Batches(x, labels, size=64, rng=rng)          # from dlcourse.data
for row in fit(net, F.cross_entropy, optimizer, batches, steps=1000):
    print(row.step, row.loss)
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dlcourse.pytorch.record import flat, leaving_no_mark, watching
from dlcourse.rounds import rounds
from dlcourse.trace import Array, Diverged, Row


def fit(
    net: nn.Module,
    loss: Any,
    optimizer: Optimizer,
    batches: Iterable[Sequence[Any]],
    *,
    steps: int | range,
    schedule: Callable[[int], float] | None = None,
    max_norm: float | None = None,
) -> Iterator[Row]:
    """Learn, and yield a row after every step. A batch is (inputs ..., targets)."""
    if not {id(p) for p in _moved(optimizer)} & {id(p) for p in net.parameters()}:
        raise ValueError("the optimizer moves no weight of this net: pass it net.parameters()")
    numbers, batch = rounds(batches, steps)
    for step in numbers:
        began = time.perf_counter()
        *inputs, targets = (tensor_for(net, array) for array in next(batch))
        net.train()  # whoever drives the loop may have looked in between, with net.eval()
        if schedule:
            for group in optimizer.param_groups:
                group["lr"] = schedule(step)
        value = learn(net, loss, optimizer, inputs, targets, max_norm=max_norm, step=step)
        yield Row(step, value, time.perf_counter() - began)


def learn(
    net: nn.Module,
    loss: Any,
    optimizer: Optimizer,
    inputs: Sequence[Any],
    targets: Tensor,
    *,
    max_norm: float | None = None,
    step: int = 0,
) -> float:
    """One step of training: forward, loss, backward, update. It gives the loss."""
    rewind = _marked(net)
    total = loss(net(*inputs), targets)
    value = float(total.item())
    if not math.isfinite(value):
        rewind()
        raise Diverged(step, f"the loss is {value}" + first_not_finite(net, inputs))
    optimizer.zero_grad()
    total.backward()
    if name := _bad_gradient(net):
        rewind()
        raise Diverged(step, f"the gradient of {name} is not finite")
    if max_norm is not None:
        clip_grad_norm(_moved(optimizer), max_norm)
    optimizer.step()
    return value


def _bad_gradient(net: nn.Module) -> str | None:
    grads = {name: p.grad for name, p in net.named_parameters() if p.grad is not None}
    if nn.utils.get_total_norm(grads.values()).isfinite():  # one look: each waits for the GPU
        return None
    return next((name for name, g in grads.items() if not g.isfinite().all()), None)


def _moved(optimizer: Optimizer) -> list[Tensor]:
    return [param for group in optimizer.param_groups for param in group["params"]]


def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """Torch's own, save that squares of 1e20, infinite in float32, do not make gradients zero."""
    learning = [param for param in params if param.grad is not None]
    norm = nn.utils.get_total_norm([p.grad for p in learning if p.grad is not None])
    if not norm.isfinite():
        doubles = [p.grad.cpu().double() for p in learning if p.grad is not None]
        norm = nn.utils.get_total_norm(doubles)
    nn.utils.clip_grads_with_norm_(learning, max_norm, norm)
    return float(norm)


def _marked(net: nn.Module) -> Callable[[], None]:
    """A way back to here for what a pass forward changes: running means, the processor's dice."""
    means = [(buffer, buffer.clone()) for buffer in net.buffers()]
    dice = torch.get_rng_state()

    def rewind() -> None:
        torch.set_rng_state(dice)
        for mean, before in means:
            mean.copy_(before)

    return rewind


def tensor_for(net: nn.Module, array: Array | Tensor) -> Tensor:
    """A tensor where the net lives."""
    place = next(net.parameters()).device
    return torch.as_tensor(array).to(place)


def first_not_finite(net: nn.Module, inputs: Sequence[Any]) -> str:
    """The first module on the way forward whose answer is not finite, as part of a sentence.

    It looks again, and leaves no mark; with the same dice as before it sees the same.
    """
    if not all(_finite(x) for x in inputs):
        return ", because the data hold NaN or infinity"
    with leaving_no_mark(net), watching(net) as calls:
        net(*inputs)
    for call in calls:
        if not all(_finite(y) for y in call.outputs):
            return f", first in the output of {call.name} ({type(call.module).__name__})"
    return ", though every layer's answer is finite: look at the loss and its targets"


def _finite(tensor: Any) -> bool:
    floats = isinstance(tensor, Tensor) and tensor.is_floating_point()
    return not floats or bool(tensor.isfinite().all())


class EarlyStopping:
    """Says when the validation loss has not become better for `patience` looks in a row.

    stopping = EarlyStopping(patience=5)
    if stopping.is_over(validation_loss, net): break
    net.load_state_dict(stopping.best_state)
    """

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience, self.min_delta = patience, min_delta
        self.best, self.waited = np.inf, 0
        self.best_state: dict[str, Tensor] = {}

    def is_over(self, loss: float, net: nn.Module) -> bool:
        """Look at a new loss; the weights of the best one are kept in `best_state`."""
        self.waited += 1
        if loss < self.best - self.min_delta:
            self.best, self.waited = loss, 0
            self.best_state = {n: t.detach().clone() for n, t in net.state_dict().items()}
        return self.waited >= self.patience


@torch.no_grad()
def predict(net: nn.Module, *inputs: Array | Tensor, size: int = 256) -> Array:
    """Answers of the net as it is in use (dropout off), a batch at a time; it learns nothing.

    Of an answer in several parts it gives the first.
    """
    if not inputs or not len(inputs[0]):
        raise ValueError("there are no examples to answer: predict(net, x) needs one or more")
    was_training, answers = net.training, []
    net.eval()
    try:
        for start in range(0, len(inputs[0]), size):
            y = net(*(tensor_for(net, x[start : start + size]) for x in inputs))
            answers.append(flat(y)[0].cpu().numpy())
    finally:
        net.train(was_training)
    return np.concatenate(answers)
