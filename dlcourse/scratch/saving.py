"""Weights to disk and back. The PyTorch twin reads and writes the same files."""

from pathlib import Path

from dlcourse import weights
from dlcourse.scratch.layer import Layer


def save(net: Layer, path: str | Path) -> None:
    """Write all that the net has learned."""
    weights.write(path, net.state_dict())


def load(net: Layer, path: str | Path) -> None:
    """Read it into a net of the same architecture; if it does not fit, the net stays as it is."""
    net.load_state_dict(weights.read(path))
