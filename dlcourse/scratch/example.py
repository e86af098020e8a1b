"""A small net of an architecture with inputs for it: what the twin law tries and pictures show.

Each architecture's file has a function `examples(rng)` that gives a list of these.
"""

from typing import NamedTuple

from dlcourse.scratch.layer import Layer
from dlcourse.trace import Array


class Example(NamedTuple):
    """`net(*args, rng=rng)` makes the net here, the class of the same name its PyTorch twin."""

    net: type[Layer]
    args: tuple[object, ...]
    inputs: tuple[Array | None, ...]
