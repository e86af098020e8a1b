"""How a net that answers with a number for each token chooses one of them.

    tokens = choose(logits, rng, temperature=0.8, top_k=20)

Axes: V vocabulary. The dart is thrown by NumPy's generator, so that the same net with the same
rng writes the same text as its twin from scratch.
"""

import numpy as np
import torch
from torch import Tensor

__all__ = ["choose"]


def choose(
    logits: Tensor,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """Draw a token from softmax(logits / temperature), for each row of logits (..., V).

    temperature   below 1 likely tokens become likelier still; 0 always takes the likeliest
    top_k         only the k likeliest
    top_p         only the likeliest, as few as together have this probability
    """
    _expect(logits, rng, temperature, top_k, top_p)
    if temperature == 0:
        return logits.argmax(-1)
    p = torch.softmax(logits.detach().cpu().double() / temperature, -1)  # no doubles on Apple GPUs
    if top_k is not None:
        p[p < kth_likeliest(p, top_k)] = 0
    if top_p is not None:
        p[p < least_needed(p, top_p)] = 0
    # The probabilities side by side make a line. A dart hits a token as often as it is wide.
    ends = p.cumsum(-1)
    dart = torch.from_numpy(rng.random((*p.shape[:-1], 1))) * ends[..., -1:]
    return (ends <= dart).sum(-1).to(logits.device)


def kth_likeliest(p: Tensor, k: int) -> Tensor:
    """The k-th largest probability of each row (..., 1)."""
    k = min(k, p.shape[-1])
    return p.topk(k).values[..., -1:]


def least_needed(p: Tensor, top_p: float) -> Tensor:
    """The last probability that it takes, likeliest first, to have this part of all (..., 1)."""
    ranked = p.sort(descending=True).values
    before = ranked.cumsum(-1) - ranked
    needed = before < top_p * p.sum(-1, keepdim=True)
    return torch.where(needed, ranked, torch.inf).amin(-1, keepdim=True)


def _expect(
    logits: Tensor, rng: object, temperature: float, top_k: int | None, top_p: float | None
) -> None:
    if not isinstance(logits, Tensor) or not logits.is_floating_point():
        got = logits.dtype if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"choose got logits as {got}, needs a tensor of floats (..., vocabulary)")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"choose got rng={rng!r}, needs a generator: np.random.default_rng(0)?")
    if not logits.amax(-1).isfinite().all():
        raise ValueError("choose got logits with NaN or infinity: has the training gone astray?")
    if not temperature >= 0:
        raise ValueError(f"choose got temperature={temperature}, needs 0 or more; 1 is neutral")
    if top_k is not None and top_k < 1:
        raise ValueError(f"choose got top_k={top_k}, needs 1 or more; None allows all tokens")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"choose got top_p={top_p}, needs more than 0, at most 1; 0.9 is usual")
