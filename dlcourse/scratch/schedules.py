"""How the learning rate changes while a net learns: plain functions from step to rate.

    schedule = warm_up(cosine(0.1, steps=1000), steps=50)
    optimizer.lr = schedule(step)

A schedule remembers nothing, so a training that starts again at step 700 has the right rate.
"""

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant(lr: float) -> Schedule:
    return lambda step: lr


def step_decay(lr: float, every: int, factor: float = 0.1) -> Schedule:
    """lr · factor^⌊step / every⌋: a staircase down"""
    _expect_steps(every)
    return lambda step: lr * factor ** (step // every)


def cosine(lr: float, steps: int, lowest: float = 0.0) -> Schedule:
    """From lr to the lowest rate along half a wave: slow, fast, slow; afterwards it stays low"""
    return _wave(lr, lowest, _expect_steps(steps))


def warm_up(then: Schedule, steps: int, start: float = 0.0) -> Schedule:
    """Rise evenly, from the part `start` to the whole of the rate, for `steps` steps; go on with it

    The first gradients of a new net point nowhere in particular: small steps do little harm.
    """
    _expect_steps(steps)
    part = lambda step: start + (1 - start) * min(step / steps, 1)  # noqa: E731
    return lambda step: part(step) * then(max(step - steps, 0))


def one_cycle(lr: float, steps: int, rise: float = 0.3) -> Schedule:
    """Up to lr in the first part of the steps, down to almost nothing in the rest, both in waves

    It begins at lr / 25 and ends at lr / 250,000, as PyTorch's OneCycleLR does.
    """
    first = lr / 25
    top = rise * _expect_steps(steps) - 1
    if not 0 < top < steps - 1:
        raise ValueError(f"a rise of {rise} leaves, of {steps} steps, none to rise or to fall in")
    up, down = _wave(first, lr, top), _wave(lr, first / 1e4, steps - 1 - top)
    return lambda step: up(step) if step <= top else down(step - top)


def _wave(begin: float, end: float, steps: float) -> Callable[[float], float]:
    """From begin to end along half a cosine."""

    def rate(step: float) -> float:
        return end + (begin - end) * (1 + math.cos(math.pi * min(step / steps, 1))) / 2

    return rate


def _expect_steps(steps: int) -> int:
    if steps < 1:
        raise ValueError(f"a schedule over {steps} steps: it must be at least one")
    return steps
