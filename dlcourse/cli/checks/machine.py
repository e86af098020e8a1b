"""What the course runs on: PyTorch's device, memory, disk."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from dlcourse.cli.checks import GOOD, SO_SO, WRONG, Finding

DEVICE = """\
import torch
if torch.cuda.is_available():
    print(torch.cuda.get_device_name(), "through CUDA", torch.version.cuda)
elif torch.backends.mps.is_available():
    print("Apple's, through MPS")
"""


def findings(folder: Path) -> Iterator[Finding]:
    if importlib.util.find_spec("torch"):
        yield gpu()
    if importlib.util.find_spec("psutil"):
        yield memory()
    yield space(folder)


def gpu() -> Finding:
    """PyTorch is loaded in a process of its own, so that a broken one cannot take us along."""
    command = [sys.executable, "-c", DEVICE]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return Finding(WRONG, "PyTorch does not load within a minute", "restart, or close programs")
    if result.returncode:
        said = result.stderr.strip().rpartition("\n")[2]
        todo = "delete the folder .venv, then run `python start.py`"
        return Finding(WRONG, f"PyTorch does not load ({said})", todo)
    if result.stdout:
        return Finding(GOOD, f"GPU: {result.stdout.strip()}")
    if shutil.which("nvidia-smi"):
        todo = "for PyTorch's GPU build run `python start.py --gpu`"
        return Finding(SO_SO, "GPU: NVIDIA's driver is here, but PyTorch sees no GPU", todo)
    return Finding(SO_SO, "GPU: none; a CPU is enough for the whole course")


def memory() -> Finding:
    import psutil

    state = psutil.virtual_memory()
    text = f"memory: {state.available / 1e9:.1f} of {state.total / 1e9:.1f} GB free"
    if state.available < 2e9:
        return Finding(SO_SO, text, "close other programs: a lesson may want 2 GB")
    return Finding(GOOD, text)


def space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 1e9
    text = f"disk: {free:.1f} GB free"
    return Finding(GOOD, text) if free >= 0.5 else Finding(WRONG, text, "free at least 0.5 GB")
