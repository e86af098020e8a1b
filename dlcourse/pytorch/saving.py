"""Weights to disk and back. Scratch reads and writes the same files."""

from pathlib import Path

import torch
from torch import nn

from dlcourse import weights


def save(net: nn.Module, path: str | Path) -> None:
    """Write all that the net has learned."""
    weights.write(path, {name: t.cpu().numpy() for name, t in net.state_dict().items()})


def load(net: nn.Module, path: str | Path) -> None:
    """Read it into a net of the same architecture; if it does not fit, the net stays as it is."""
    state = {name: torch.from_numpy(array) for name, array in weights.read(path).items()}
    wanted = {name: tensor.shape for name, tensor in net.state_dict().items()}
    found = {name: tensor.shape for name, tensor in state.items()}
    if odd := [name for name in wanted | found if wanted.get(name) != found.get(name)]:
        raise ValueError(f"{path} holds weights of another net: {', '.join(odd)} differ")
    net.load_state_dict(state)
