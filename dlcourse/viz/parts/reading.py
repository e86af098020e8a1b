"""Which text a net has read: a label for every token of every example of a trace."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dlcourse.trace import Array, Step, Trace

__all__ = ["Tokens", "counted", "embedded", "labels", "quoted", "step_labels"]

Tokens = str | Sequence[str] | Sequence[Sequence[str]]  # a text, its tokens, or one of these each


def labels(tokens: Tokens | None, ids: Array | None, batch: int, length: int) -> list[list[str]]:
    """What stands above each moment (batch, length); the numbers of the tokens, if nobody says."""
    if tokens is None:
        if ids is None:
            return [[str(t) for t in range(length)] for _ in range(batch)]
        return [[f"#{number}" for number in row] for row in ids.tolist()]
    texts = _texts(tokens, batch, length)
    for b, text in enumerate(texts):
        if len(text) != length:
            got = f"{len(text)} tokens for example {b}" if batch > 1 else f"{len(text)} tokens"
            raise ValueError(f"got {got}, but the net read {length}: give each that it read")
        if ids is not None:
            _expect_same(text, ids[b].tolist())
    return texts


def _texts(tokens: Tokens, batch: int, length: int) -> list[list[str]]:
    if not isinstance(tokens, str | Sequence):
        got = type(tokens).__name__
        raise TypeError(f"got tokens of type {got}, needs a text or a list of texts")
    one_word = batch == length == 1 and len(tokens) == 1 and isinstance(tokens[0], str)
    many = not isinstance(tokens, str) and len(tokens) == batch and not one_word
    if batch > 1 and not many:
        raise ValueError(
            f"the trace has {batch} examples: give the tokens of each, "
            f"tokens=[text, text, …] with {length} tokens in each text"
        )
    rows: Any = tokens if many else [tokens]
    texts = [list(text) for text in rows]
    odd = next((token for text in texts for token in text if not isinstance(token, str)), None)
    if odd is not None:
        raise TypeError(f"got {odd!r} as a token, needs texts: what a person would read there")
    return texts


def _expect_same(text: Sequence[str], ids: Sequence[int]) -> None:
    """One token has one label; else these are the tokens of another text."""
    known: dict[int, str] = {}
    for label, number in zip(text, ids, strict=True):
        if known.setdefault(number, label) != label:
            raise ValueError(
                f"these are not the tokens that the net read: token {number} would be both "
                f"{known[number]!r} and {label!r}"
            )


def embedded(trace: Trace, before: Step, length: int, *, last: bool = True) -> Array | None:
    """The numbers (B, length) of the tokens that an Embedding looked up before this step."""
    found = []
    for step in trace:
        if step is before:
            break
        ids = step.inputs[0] if step.kind == "Embedding" and step.inputs else None
        if ids is not None and ids.ndim == 2 and ids.shape[1] == length:
            found.append(ids)
    return found[-1 if last else 0] if found else None


def quoted(text: str, longest: int = 40) -> str:
    """A text as one line of a sentence: “hello …”"""
    shown = text if len(text) <= longest else text[: longest - 2] + " …"
    return f"“{shown}”".replace("\n", "↵").replace("\t", "⇥")


def counted(number: int, word: str) -> str:
    """“1 unit”, “2 units”"""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def step_labels(steps: Sequence[Step]) -> list[str]:
    """The name of each step, and "rnn (2)" where one answers for the second time."""
    seen: Counter[str] = Counter()
    names = []
    for step in steps:
        seen[step.name] += 1
        names.append(step.name if seen[step.name] == 1 else f"{step.name} ({seen[step.name]})")
    return names
