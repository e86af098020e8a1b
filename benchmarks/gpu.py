"""Tokens a second of the GPT on the GPU that is there, and the share of the GPU that works.

    python benchmarks/gpu.py                  a GPT-2 small (124 M weights), text of random tokens
    python benchmarks/gpu.py --layers 4 --width 256 --json rows.json

The plain loop (float32, no compiler) stands beside what dlcourse/pytorch/device.py offers: 16-bit
products, and fused kernels by torch.compile. Model FLOP utilisation (MFU) is the arithmetic that
the net needs, 6 per weight and token and 12 · layers · width · context for attention, over what
the GPU reaches in one large 16-bit product of matrices, which is measured first.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from timing import Row, table, write_json
from torch import nn

from dlcourse.pytorch.device import best_device, compiled, describe, mixed_precision
from dlcourse.pytorch.gpt import GPT

COLUMNS = {"loop": "", "ms_a_step": ".1f", "tokens_a_second": ",.0f", "mfu": ".1%", "gpu_gb": ".1f"}


def seconds_each(work: Callable[[], object], repeat: int) -> float:
    """Median time of `work` on the GPU; the first turns compile and warm up."""
    times = []
    for _ in range(repeat + 3):
        torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[3:])


def flops_reached(device: torch.device, size: int = 8192) -> float:
    """What the GPU really does a second in a large bfloat16 product."""
    a, b = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    return 2 * size**3 / seconds_each(lambda: a @ b, 20)


def flops_per_token(net: nn.Module, layers: int, width: int, context: int) -> float:
    weights = sum(p.numel() for name, p in net.named_parameters() if not name.startswith("pos"))
    return 6 * weights + 12 * layers * width * context


def training_step(net: nn.Module, tokens: torch.Tensor, fast: bool) -> Callable[[], None]:
    """One step of training; `fast` turns on mixed precision, fused kernels and a fused AdamW."""
    device = tokens.device
    optimizer = torch.optim.AdamW(net.parameters(), 3e-4, fused=fast)
    run = compiled(net, device) if fast else net

    def step() -> None:
        with mixed_precision(device) if fast else torch.autocast(device.type, enabled=False):
            logits = run(tokens[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def measure(options: argparse.Namespace, device: torch.device) -> list[Row]:
    peak, rows = flops_reached(device), []
    for loop in ("plain", "mixed precision, compiled"):
        torch.manual_seed(0)
        torch.cuda.reset_peak_memory_stats()
        shape = options.width, options.heads, options.layers
        net = GPT(options.vocabulary, options.context, *shape).to(device)
        size = (options.batch, options.context + 1)
        tokens = torch.randint(options.vocabulary, size, device=device)
        seconds = seconds_each(training_step(net, tokens, fast=loop != "plain"), options.repeat)
        rate = options.batch * options.context / seconds
        work = flops_per_token(net, options.layers, options.width, options.context)
        rows.append(
            {
                "loop": loop,
                "ms_a_step": seconds * 1e3,
                "tokens_a_second": rate,
                "mfu": rate * work / peak,
                "gpu_gb": torch.cuda.max_memory_allocated() / 2**30,
                "peak_tflops": peak / 1e12,
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sizes = {"batch": 16, "context": 1024, "width": 768, "heads": 12, "layers": 12}
    for name, size in (sizes | {"vocabulary": 50304, "repeat": 20}).items():
        parser.add_argument(f"--{name}", type=int, default=size, help=f"({size})")
    parser.add_argument("--json", metavar="FILE", help="also write the rows there")
    options = parser.parse_args()
    device = best_device()
    if device.type != "cuda":
        parser.exit(2, "this benchmark needs a CUDA GPU, and PyTorch sees none here\n")
    rows = measure(options, device)
    print(f"{describe(device)}, {rows[0]['peak_tflops']:.0f} TFLOP/s in a large bfloat16 product\n")
    print(table(rows, COLUMNS))
    if options.json:
        write_json(options.json, rows)


if __name__ == "__main__":
    main()
