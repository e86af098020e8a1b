"""NumPy from scratch against PyTorch: the same nets, the same weights, one step of training.

    python benchmarks/engine.py                     the table, one thread each
    python benchmarks/engine.py --threads 2         two threads each; on a quiet machine only
    python benchmarks/engine.py --only gpt rnn --json rows.json
    python benchmarks/engine.py --readme            write the table into README.md

A step is forward, loss, backward and optimizer. Both sides do it as the course teaches it, in
float32, without any checks around it; PyTorch's nets are the twins in dlcourse/pytorch, in its
default memory format. Both come as they are: where OPENBLAS_CORETYPE holds NumPy's products of
matrices to an older processor, it is left out, because nothing holds PyTorch back as well; with
--as-set it stays.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOLDS_BACK = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # read once, while NumPy is loaded
LEFT_OUT = [] if "--as-set" in sys.argv else [v for v in HOLDS_BACK if os.environ.pop(v, None)]

import numpy as np
from threadpoolctl import threadpool_info
from timing import README, Row, clock, interleaved, table, threads, write_between, write_json

VOCABULARY = 65
COLUMNS = {
    "workload": "",
    "phase": "",
    "threads": "d",
    "numpy_ms": ".2f",
    "torch_ms": ".2f",
    "ratio": ".2f",
    "peak_mb": ".0f",
    "torch_peak_mb": ".0f",
}


@dataclass(frozen=True)
class Workload:
    net: str  # the class, in dlcourse.scratch as in dlcourse.pytorch
    args: tuple[Any, ...]
    input: tuple[int, ...]  # shape of a batch; of tokens where `tokens`
    optimizer: str
    lr: float
    tokens: bool = False

    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(1)
        if self.tokens:
            x, y = (rng.integers(0, VOCABULARY, self.input) for _ in range(2))
            return x, y
        x = rng.normal(size=self.input).astype(np.float32)
        return x, rng.integers(0, 10, self.input[0])


MLP_SIZES = (784, 256, 128, 10)
WORKLOADS = {
    "mlp64": Workload("MLP", MLP_SIZES, (64, 784), "SGD", 0.1),
    "mlp256": Workload("MLP", MLP_SIZES, (256, 784), "SGD", 0.1),
    "lenet": Workload("LeNet", (28,), (64, 1, 28, 28), "SGD", 0.1),
    "cnn32": Workload("SmallCNN", (32,), (64, 3, 32, 32), "SGD", 0.1),
    "rnn": Workload("CharRNN", (VOCABULARY, 128, 128), (32, 64), "Adam", 1e-3, tokens=True),
    "lstm": Workload("CharLSTM", (VOCABULARY, 128, 128), (32, 64), "Adam", 1e-3, tokens=True),
    "gpt": Workload("GPT", (VOCABULARY, 64, 128, 4, 4), (16, 64), "AdamW", 1e-3, tokens=True),
}
Phases = dict[str, Callable[[], Any]]


def numpy_side(work: Workload) -> tuple[Any, Phases]:
    """The net from scratch, and what is timed of it."""
    from dlcourse import scratch

    net = getattr(scratch, work.net)(*work.args, rng=np.random.default_rng(0))
    optimizer = getattr(scratch, work.optimizer)(net.parameters(), work.lr)
    x, targets = work.batch()

    def step() -> None:
        with net.reading_data():
            y, back = net(x)
            stateful = isinstance(y, tuple)  # a recurrent net also gives its state
            _, loss_back = scratch.cross_entropy(y[0] if stateful else y, targets)
            optimizer.zero_grad()
            dlogits = loss_back()
            back((dlogits, None) if stateful else dlogits)
            optimizer.step()

    return net, {"forward": lambda: net(x), "step": step}


def torch_side(work: Workload, state: dict[str, np.ndarray] | None = None) -> Phases:
    """Its twin, with the same weights if they are given."""
    import torch
    import torch.nn.functional as F

    from dlcourse import pytorch

    net = getattr(pytorch, work.net)(*work.args)
    if state is not None:
        pytorch.give_weights(net, state)
    optimizer = getattr(torch.optim, work.optimizer)(net.parameters(), work.lr)
    x, targets = (torch.from_numpy(a) for a in work.batch())

    def logits() -> torch.Tensor:
        y = net(x)
        return y[0] if isinstance(y, tuple) else y

    def step() -> None:
        y = logits()
        loss = F.cross_entropy(y.reshape(-1, y.shape[-1]), targets.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return {"forward": torch.no_grad()(logits), "step": step}


def measure(name: str, count: int, seconds: float) -> list[Row]:
    """The rows of one workload: forward alone, and the whole step."""
    net, ours = numpy_side(WORKLOADS[name])
    theirs = torch_side(WORKLOADS[name], net.state_dict())
    rows = []
    for phase in ours:
        mine, other, ratio = interleaved(ours[phase], theirs[phase], clock(count), seconds)
        row = {"workload": name, "phase": phase, "threads": count}
        rows.append(row | {"numpy_ms": mine, "torch_ms": other, "ratio": ratio})
    rows[-1] |= {
        "peak_mb": growth_apart(name, "numpy"),
        "torch_peak_mb": growth_apart(name, "torch"),
    }
    return rows


def growth_apart(name: str, side: str) -> float | None:
    """Memory growth over five steps, measured in a process that holds only this side."""
    command = [sys.executable, __file__, "--growth", name, side, "--as-set"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return float(answer) if answer else None


def growth(name: str, side: str) -> float | None:
    """How far five steps lift the peak of this process' memory, in MB; Linux only."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not reset.exists():
        return None
    work = WORKLOADS[name]
    step = (numpy_side(work)[1] if side == "numpy" else torch_side(work))["step"]

    def kilobytes(what: str) -> int:
        line = next(line for line in status.read_text().splitlines() if line.startswith(what))
        return int(line.split()[1])

    reset.write_text("5")  # the peak so far, from importing, is forgotten
    before = kilobytes("VmRSS")
    for _ in range(5):
        step()
    return (kilobytes("VmHWM") - before) / 1024


def where() -> str:
    """The machine and the versions, as one line."""
    import torch

    blas = next((p for p in threadpool_info() if p["internal_api"] == "openblas"), {})
    return (
        f"Python {platform.python_version()}, numpy {np.__version__} (OpenBLAS for "
        f"{blas.get('architecture', 'another library')}), torch {torch.__version__}, "
        f"{processor_name()}, {platform.system()}"
    )


def processor_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    facts = dict(line.replace("\t", "").split(":", 1) for line in lines if ":" in line)
    family = f" family {facts['cpu family'].strip()}" if "cpu family" in facts else ""
    return facts.get("model name", platform.machine()).strip() + family


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=1, help="threads for each side (1)")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--seconds", type=float, default=4, help="for each phase of each workload")
    parser.add_argument("--json", metavar="FILE", help="also write the rows there")
    parser.add_argument("--as-set", action="store_true", help="keep OPENBLAS_CORETYPE as it is set")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    parser.add_argument("--growth", nargs=2, metavar=("WORKLOAD", "SIDE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.growth:
        print("" if (megabytes := growth(*options.growth)) is None else megabytes)
        return
    rows: list[Row] = []
    for variable in LEFT_OUT:
        print(f"{variable} is set here and would hold back NumPy only: left out (see --as-set)")
    with threads(options.threads):
        for name in options.only:
            rows += measure(name, options.threads, options.seconds)
            print(table(rows[-2:], COLUMNS).splitlines()[-1], flush=True)
    print(f"\n{table(rows, COLUMNS)}\n\n{where()}")
    if options.json:
        write_json(options.json, rows)
    if options.readme:
        steps = [row for row in rows if row["phase"] == "step"]
        write_between(README, "engine", f"{table(steps, COLUMNS)}\n\n{where()}")


if __name__ == "__main__":
    main()
