"""What it costs to record a trace: a step of training that is written down, over the plain step.

python benchmarks/recording.py
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from engine import WORKLOADS
from timing import Row, clock, interleaved, table, threads

NETS = ("mlp64", "lenet", "gpt")


def numpy_steps(net_name: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A step of training while a trace of it is recorded, and the same step alone."""
    from dlcourse import scratch

    work = WORKLOADS[net_name]
    net = getattr(scratch, work.net)(*work.args, rng=np.random.default_rng(0))
    optimizer = getattr(scratch, work.optimizer)(net.parameters(), work.lr)
    x, targets = work.batch()

    def traced() -> None:
        scratch.trace(net, x, loss=lambda y: scratch.cross_entropy(y, targets))
        optimizer.step()

    def plain() -> None:
        y, back = net(x)
        _, loss_back = scratch.cross_entropy(y, targets)
        optimizer.zero_grad()
        back(loss_back())
        optimizer.step()

    return traced, plain


def torch_steps(net_name: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    import torch
    import torch.nn.functional as F

    from dlcourse import pytorch

    work = WORKLOADS[net_name]
    net = getattr(pytorch, work.net)(*work.args)
    optimizer = getattr(torch.optim, work.optimizer)(net.parameters(), work.lr)
    x, targets = (torch.from_numpy(a) for a in work.batch())

    def loss(y: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(y.reshape(-1, y.shape[-1]), targets.reshape(-1))

    def traced() -> None:
        pytorch.trace(net, x, loss=loss)
        optimizer.step()

    def plain() -> None:
        optimizer.zero_grad()
        loss(net(x)).backward()
        optimizer.step()

    return traced, plain


def recording(seconds: float) -> list[Row]:
    rows: list[Row] = []
    sides = {"NumPy": numpy_steps, "PyTorch": torch_steps}
    with threads(1):
        for net in NETS:
            for side, steps in sides.items():
                traced, _, ratio = interleaved(*steps(net), clock(1), seconds)
                rows.append(
                    {"instrument": f"trace of {net}, {side}", "interaction": "trace / step"}
                )
                rows[-1] |= {"p50_ms": traced, "n": 1, "also": f"{ratio:.2f} ×"}
    return rows


if __name__ == "__main__":
    print(table(recording(4), {"instrument": "", "p50_ms": ".2f", "also": ""}))
