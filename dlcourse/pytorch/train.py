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

from dlcourse.pytorch.record import flat, watching
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
    net.train()
    batch = iter(batches)
    for step in steps if isinstance(steps, range) else range(steps):
        began = time.perf_counter()
        *inputs, targets = (tensor_for(net, array) for array in next(batch))
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
    total = loss(net(*inputs), targets)
    value = float(total.item())
    if not math.isfinite(value):
        raise Diverged(step, f"the loss is {value}" + first_not_finite(net, inputs))
    optimizer.zero_grad()
    total.backward()
    grads = {name: p.grad for name, p in net.named_parameters() if p.grad is not None}
    if not nn.utils.get_total_norm(grads.values()).isfinite():  # one look: each waits for the GPU
        name = next((name for name, g in grads.items() if not g.isfinite().all()), "all weights")
        raise Diverged(step, f"the gradient of {name} is not finite")
    if max_norm is not None:
        nn.utils.clip_grad_norm_(net.parameters(), max_norm)
    optimizer.step()
    return value


def tensor_for(net: nn.Module, array: Array | Tensor) -> Tensor:
    """A tensor where the net lives."""
    place = next(net.parameters()).device
    return torch.as_tensor(array).to(place)


def first_not_finite(net: nn.Module, inputs: Sequence[Any]) -> str:
    """The first module on the way forward whose answer is not finite, as part of a sentence."""
    if not all(_finite(x) for x in inputs):
        return ", because the data hold NaN or infinity"
    with watching(net) as calls:
        net(*inputs)
    for call in calls:
        if not all(_finite(y) for y in call.outputs):
            return f", first in the output of {call.name} ({type(call.module).__name__})"
    return ", though every layer's answer is finite: look at the loss and its targets"


def _finite(tensor: Any) -> bool:
    floats = isinstance(tensor, Tensor) and tensor.is_floating_point()
    return not floats or bool(tensor.isfinite().all())


@torch.no_grad()
def predict(net: nn.Module, *inputs: Array | Tensor, size: int = 256) -> Array:
    """Answers of the net as it is in use (dropout off), a batch at a time; it learns nothing."""
    was_training, answers = net.training, []
    net.eval()
    for start in range(0, len(inputs[0]), size):
        y = net(*(tensor_for(net, x[start : start + size]) for x in inputs))
        answers.append(flat(y)[0].cpu().numpy())
    net.train(was_training)
    return np.concatenate(answers)
