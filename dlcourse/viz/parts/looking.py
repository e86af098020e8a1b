"""Where the heads of a net look: its attention layers, and the weights behind their answers."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array, Step, Trace
from dlcourse.viz.parts.reading import Tokens, embedded, labels, quoted
from dlcourse.viz.poster import Picture


def layers(trace: Trace) -> list[tuple[Step, Step, Step]]:
    """Each attention with what is inside: (the whole, softmax(QKᵀ/√d)V, the projection)."""
    if not isinstance(trace, Trace):
        got = type(trace).__name__
        raise TypeError(f"attention got a {got}, needs a trace: trace(net, tokens)")
    found, open_parts = [], dict[str, Step]()
    for step in trace:
        head, _, last = step.name.rpartition(".")
        if last in ("attend", "proj"):
            open_parts[f"{head} {last}"] = step
        elif (attend := open_parts.pop(f"{step.name} attend", None)) is not None:
            proj = open_parts.pop(f"{step.name} proj")
            _expect_heads(attend)
            found.append((step, attend, proj))
    if not found:
        kinds = ", ".join(dict.fromkeys(step.kind for step in trace))
        raise ValueError(f"nothing in this trace pays attention; it has only {kinds}")
    sizes = {attend.inputs[0].shape[2] for _, attend, _ in found}  # type: ignore[union-attr]
    if len(sizes) > 1:
        raise ValueError(f"the attentions of this net ask from texts of different lengths: {sizes}")
    return found


def _expect_heads(attend: Step) -> None:
    query, key = attend.inputs[:2]
    if query is None or key is None or query.ndim != 4:
        raise ValueError(f"{attend.name} got no queries and keys (B, heads, T, d)")


def weights(attend: Step, example: int) -> Array:
    """P = softmax(Q Kᵀ / √d) of each head (heads, T, S); causal if only so it gives the answer."""
    query, key, value, answer = (a[example] for a in (*attend.inputs[:3], attend.output))  # type: ignore[index]
    scores = query.astype(float) @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    if (mask := mask_of(attend)) is not None:
        scores = np.where(mask[min(example, len(mask) - 1)], scores, -np.inf)
    T, S = scores.shape[-2:]
    tries = [_softmax(s) for s in (scores, np.where(np.tri(T, S, S - T), scores, -np.inf))]
    return min(tries, key=lambda p: float(np.nan_to_num(np.abs(p @ value - answer), nan=9e9).max()))


def mask_of(attend: Step) -> Array | None:
    """The mask with all four axes (B, heads, T, S), each of them 1 where one serves for all."""
    mask = attend.inputs[3] if len(attend.inputs) > 3 else None
    return None if mask is None else mask.reshape((1,) * (4 - mask.ndim) + mask.shape)


def _softmax(scores: Array) -> Array:
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - scores.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)


def texts(
    trace: Trace, parts: tuple[Step, Step, Step], tokens: Tokens | None, source: Tokens | None
) -> tuple[list[list[str]], list[list[str]]]:
    """The tokens of those who ask (B, T), and of those who are looked at (B, S)."""
    whole, attend, _ = parts
    queries, keys = attend.inputs[:2]
    assert queries is not None and keys is not None  # _expect_heads has seen to it
    (batch, _, T, _), S = queries.shape, keys.shape[2]
    asking = labels(tokens, embedded(trace, attend, T), batch, T)
    itself = len(whole.inputs) < 2 or whole.inputs[1] is None
    if itself and source is not None:
        raise ValueError("this net looks at its own text only: leave out source")
    if itself:
        return asking, asking
    return asking, labels(source, embedded(trace, attend, S, last=False), batch, S)


def logits(trace: Trace, attend: Step) -> Array | None:
    """What the net says of the next token at each place (B, T, V); None where it says no such."""
    shape = attend.inputs[0].shape  # type: ignore[union-attr]
    answer = trace.steps[-1].output
    if answer is None or answer.ndim != 3 or answer.shape[:2] != (shape[0], shape[2]):
        return None
    known = {len(step.params["weight"]) for step in trace if step.kind == "Embedding"}
    return answer if answer.shape[-1] in known else None  # it chooses among tokens that it reads


def content(
    trace: Trace, tokens: Tokens | None, source: Tokens | None, vocabulary: Sequence[str] | None
) -> dict[str, Any]:
    """What the picture needs of a trace."""
    found = layers(trace)
    attend = found[0][1]
    asking, looked_at = texts(trace, found[0], tokens, source)
    said = logits(trace, attend)
    if vocabulary is not None and said is not None and len(vocabulary) != said.shape[-1]:
        got = f"{len(vocabulary)} tokens in the vocabulary"
        raise ValueError(f"got {got}, but the net chooses among {said.shape[-1]}")
    ids = embedded(trace, attend, attend.inputs[0].shape[2])  # type: ignore[union-attr]
    return {
        "layers": [_needed(*parts) for parts in found],
        "tokens": asking,
        "source": looked_at,
        "ids": ids,
        "logits": said,
        "vocabulary": None if vocabulary is None else list(vocabulary),
        "dtype": trace.dtype,
    }


def _needed(whole: Step, attend: Step, proj: Step) -> dict[str, Any]:
    query, key, value = attend.inputs[:3]
    mask = attend.inputs[3] if len(attend.inputs) > 3 else None
    return {
        "name": whole.name,
        "query": query,
        "key": key,
        "value": value,
        "mask": mask,
        "mixed": attend.output,
        "answer": whole.output,
        "proj": dict(proj.params),
    }


def hardest(found: Array, at: int) -> tuple[int, int, float]:
    """The head that looks hardest at one place from there: (head, place, weight)."""
    head, place = map(
        int, np.unravel_index(np.nan_to_num(found[:, at]).argmax(), found[:, at].shape)
    )
    return head, place, float(found[head, at, place])


def poster(all_weights: Sequence[Array], title: str, asking: Sequence[str]) -> str:
    """Every head of every layer as a small map: a row asks, a column is looked at."""
    heads = len(all_weights[0])
    side = min(110, 560 // heads, 420 // len(all_weights))
    picture = Picture(max(40 + heads * (side + 10), 360), 84 + len(all_weights) * (side + 10))
    picture.text(20, 28, title, 16, bold=True)
    picture.text(
        20, 50, f"{quoted(''.join(asking))}: a row asks, a column is looked at", 12, quiet=True
    )
    for r, layer in enumerate(all_weights):
        for h, head in enumerate(layer):
            picture.heat(20 + h * (side + 10), 64 + r * (side + 10), side, side, np.sqrt(head), 1)
    return picture.svg()
