"""Where PyTorch computes, and how: the fastest device there is, and what helps on it."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn


def best_device() -> torch.device:
    """An NVIDIA or AMD GPU, else Apple's, else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def describe(device: torch.device) -> str:
    """In words for the learner: "NVIDIA H200 (cuda)"."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} (cuda)"
    if device.type == "mps":
        return "Apple GPU (mps)"
    return f"processor, {torch.get_num_threads()} threads"


def mixed_precision(device: torch.device) -> AbstractContextManager[Any]:
    """Inside, products of matrices use 16-bit numbers where the GPU has units for them.

    bfloat16 keeps float32's range, so no scaling of the loss is needed. Processors and older
    GPUs gain nothing or lose precision for nothing: there this does nothing.
    """
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()


def compiled(net: nn.Module, device: torch.device) -> nn.Module:
    """The net as fused GPU kernels. It takes a minute, so it pays only for long trainings."""
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= (7, 0):
        return torch.compile(net)  # type: ignore[return-value]
    return net
