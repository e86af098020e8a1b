"""What a layer costs: numbers that learn, multiplications, and what it needs to get."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dlcourse.trace import Array, Step

RECURRENT = {"RNN", "LSTM", "GRU"}
ONE = {"weights": "weight", "places": "place", "moments": "moment", "heads": "head"}
ONE |= {"queries": "query", "keys": "key", "numbers": "number"}


@dataclass(frozen=True)
class Work:
    """Multiply-adds for one example, and the product that gives them."""

    count: int
    text: str


def work(step: Step) -> Work | None:
    """None for layers that only add, compare or look up: they cost next to nothing."""
    x, y, W = _first(step.inputs), _first(step.outputs), step.params.get("weight")
    if x is None or y is None or not y.size or not len(y):
        return None
    if step.kind == "Linear" and W is not None:
        places = y.size // (y.shape[-1] * len(y))
        return _told(("weights", W.size), ("places", places))
    if step.kind in ("Conv2d", "Conv1d") and W is not None:
        return _told(("weights", W.size), ("places", math.prod(y.shape[2:])))
    if step.kind in ("ConvTranspose2d", "ConvTranspose1d") and W is not None:
        return _told(("weights", W.size), ("places", math.prod(x.shape[2:])))
    if step.kind in RECURRENT:
        weights = sum(a.size for name, a in step.params.items() if name.startswith("weight"))
        return _told(("weights", weights), ("moments", x.shape[1] if x.ndim == 3 else 1))
    if step.kind == "ScaledDotProductAttention" and len(step.inputs) > 1:
        keys = step.inputs[1]
        if x.ndim == 4 and keys is not None:
            _, heads, queries, size = x.shape
            parts = (("heads", heads), ("queries", queries), ("keys", keys.shape[2]))
            return _told(("", 2), *parts, ("numbers", size))
    return None


def _told(*factors: tuple[str, int]) -> Work:
    text = " × ".join(f"{n:,} {name if n != 1 else ONE[name]}".strip() for name, n in factors)
    return Work(math.prod(n for _, n in factors), text)


def _first(arrays: Sequence[Array | None]) -> Array | None:
    return arrays[0] if arrays else None


def needs(step: Step) -> str:
    """What shape this layer can work with, as far as its weights tell."""
    W = step.params.get("weight")
    ih = step.params.get("weight_ih_l0")
    if step.kind == "Linear" and W is not None:
        return f"… × {W.shape[1]}"
    if step.kind == "Conv2d" and W is not None:
        return f"examples × {W.shape[1]} × rows × columns"
    if step.kind == "ConvTranspose2d" and W is not None:
        return f"examples × {W.shape[0]} × rows × columns"
    if step.kind == "BatchNorm2d" and W is not None:
        return f"examples × {W.shape[0]} × rows × columns"
    if step.kind in ("LayerNorm", "RMSNorm", "BatchNorm1d") and W is not None:
        return f"… × {W.shape[-1]}"
    if step.kind in RECURRENT and ih is not None:
        return f"examples × moments × {ih.shape[1]}"
    if step.kind == "Embedding" and W is not None:
        return f"whole numbers from 0 to {W.shape[0] - 1}"
    if "Pool2d" in step.kind:
        return "examples × channels × rows × columns, larger than the window"
    return ""
