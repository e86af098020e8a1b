"""Our scalar autograd against micrograd, on micrograd's own demo: one epoch of learning two moons.

    python benchmarks/autograd.py [--epochs 8] [--rounds 3] [--json FILE] [--readme]

100 points, a net 2-16-16-1 of relu neurons (337 weights), the max-margin loss plus a little of all
weights squared, every point in every epoch. All engines start from the same weights and must find
the same losses. Ours runs twice: with a node per operation, as micrograd does, and with a node per
neuron. Most of micrograd's time goes into collecting its own garbage, so nobody shall pay for the
garbage of another: each engine has a process of its own, and the processes take turns.
"""

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import numpy as np
from timing import README, Row, table, write_between, write_json

from dlcourse.data import moons
from dlcourse.scratch.autograd import Value, neuron

SIZES = (2, 16, 16, 1)
ENGINES = {
    "micrograd": "micrograd",
    "plain": "Value, one node per operation",
    "fused": "Value, one node per neuron",
}


def start() -> list[float]:
    """The first weights, neuron by neuron: its weights, then its bias, which is 0."""
    rng = random.Random(0)
    shapes = [(n, m) for n, m in pairwise(SIZES) for _ in range(m)]
    return [w for n, _ in shapes for w in (*(rng.uniform(-1, 1) for _ in range(n)), 0.0)]


def many_nodes(weights: Sequence[Value], inputs: Sequence[Value], bias: Value) -> Value:
    return sum((w * x for w, x in zip(weights, inputs, strict=True)), bias)


class Net:
    """The demo's net; `weigh` is either `many_nodes` or `neuron`."""

    def __init__(self, weigh: Callable[..., Value]) -> None:
        self.weigh = weigh
        self.weights = [Value(w) for w in start()]

    def parameters(self) -> list[Value]:
        return self.weights

    def __call__(self, x: list[Value]) -> Value:
        left = iter(self.weights)
        for n, m in pairwise(SIZES):
            x = [self.weigh([next(left) for _ in range(n)], x, next(left)) for _ in range(m)]
            x = x if m == 1 else [a.relu() for a in x]
        return x[0]


def engine(name: str) -> tuple[Any, Any]:
    """The class of its numbers, and its net."""
    if name != "micrograd":
        return Value, Net(neuron if name == "fused" else many_nodes)
    from micrograd import engine, nn

    net = nn.MLP(SIZES[0], list(SIZES[1:]))
    for parameter, weight in zip(net.parameters(), start(), strict=True):
        parameter.data = weight
    return engine.Value, net


def train(name: str, epochs: int) -> tuple[list[float], list[float]]:
    """CPU seconds and loss of each epoch."""
    number, net = engine(name)
    points = moons(100, noise=0.1, rng=np.random.default_rng(0))
    rows, signs = points.x.tolist(), (2 * points.y - 1).tolist()
    seconds, losses = [], []
    for epoch in range(epochs):
        before = time.process_time()
        scores = [net([number(x) for x in row]) for row in rows]
        margins = [(1 + -sign * score).relu() for sign, score in zip(signs, scores, strict=True)]
        loss = sum(margins) * (1 / len(margins)) + 1e-4 * sum(w * w for w in net.parameters())
        for w in net.parameters():
            w.grad = 0.0
        loss.backward()
        for w in net.parameters():
            w.data -= (1 - 0.9 * epoch / 100) * w.grad
        losses.append(loss.data)
        del scores, margins, loss
        seconds.append(time.process_time() - before)
    return seconds, losses


def time_value(epochs: int = 8, rounds: int = 3) -> Row:
    """Milliseconds of CPU time an epoch, median over all, and as a share of micrograd's.

    Without micrograd its time and the shares are None.
    """
    names = [name for name in ENGINES if name != "micrograd" or find_spec("micrograd")]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    losses: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name in names:
            with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
                times, losses[name] = fresh.submit(train, name, epochs).result()
            seconds[name] += times[1:] or times  # the first epoch also warms up
    expect_same_work(losses)
    ms = {name: statistics.median(seconds[name]) * 1e3 for name in names}
    theirs = ms.get("micrograd")
    row: Row = {f"{name}_ms": ms.get(name) for name in ENGINES}
    return row | {f"{name}_ratio": theirs and ms[name] / theirs for name in ("plain", "fused")}


def expect_same_work(losses: dict[str, list[float]]) -> None:
    for name, found in losses.items():
        for mine, theirs in zip(found, losses["plain"], strict=True):
            if not math.isclose(mine, theirs, rel_tol=1e-9):
                raise SystemExit(f"not the same work: {name} found loss {mine}, plain {theirs}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epochs", type=int, default=8, help="epochs of each turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each engine")
    parser.add_argument("--json", metavar="FILE", help="also write the rows there")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    timed = time_value(options.epochs, options.rounds)
    ratios = {"micrograd_ratio": timed["micrograd_ms"] and 1.0, **timed}
    rows = [
        {"engine": title, "ms": ratios[f"{name}_ms"], "ratio": ratios[f"{name}_ratio"]}
        for name, title in ENGINES.items()
    ]
    page = table(rows, {"engine": "", "ms": ".0f", "ratio": ".3f"})
    print(page)
    if timed["micrograd_ms"] is None:
        print("micrograd is not here to compare with: pip install micrograd")
    if options.json:
        write_json(options.json, rows)
    if options.readme:
        write_between(README, "autograd", page)
