"""Attention: where each head looks, and what the net expects next; type your own text."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dlcourse.trace import Array, Trace
from dlcourse.viz.parts import looking
from dlcourse.viz.parts.reading import Tokens, counted, quoted
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words

Read = Callable[[str], tuple[Trace, Tokens]]
KEYS = {
    "arrow keys in the small maps": "another head, another layer",
    "arrow keys in the large map": "from pair to pair, with the formula of each weight",
    "← → in the text": "the next token: where it looks, and what may follow",
    "Enter in the large map": "stay with the token that asks",
}


def attention(
    trace: Trace,
    tokens: Tokens | None = None,
    *,
    source: Tokens | None = None,
    read: Read | None = None,
    vocabulary: Sequence[str] | None = None,
    layer: int = 0,
    head: int = 0,
    example: int = 0,
    at: int | None = None,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int = 0,
) -> View:
    """See where the heads of a GPT or of any other attention look, and what it expects next.

    tokens      the text that was read, or one for each example; `source`: the other text, where
                one looks at another
    read        read(text) -> (trace, tokens): lets the learner type a text of their own
    vocabulary  the text of each token that the net can choose
    at          the token that asks; the last, if nobody says
    temperature, top_k, top_p, seed    how the next token is drawn: as in `choose`
    """
    content = looking.content(trace, tokens, source, vocabulary)
    last = len(content["tokens"][0]) - 1
    defaults: dict[str, Any] = {"layer": 0, "head": 0, "example": 0, "at": last}
    defaults |= {"temperature": 1.0, "top_k": None, "top_p": None, "seed": 0}
    choices: dict[str, Any] = {
        "layer": layer,
        "head": head,
        "example": example,
        "at": last if at is None else at,
    }
    choices |= {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    _expect(content, choices)

    return View(
        _words(trace, content, choices, (tokens, read, vocabulary)),
        content | {"reads": read is not None},
        choices=choices,
        defaults=defaults,
        poster=looking.poster(*_maps(trace, content, choices)),
        answers={} if read is None else {"read": partial(_reading, read, vocabulary)},
    )


def _reading(read: Read, vocabulary: Sequence[str] | None, text: str) -> dict[str, Any]:
    """What the browser asks when somebody types."""
    if not text:
        raise ValueError("an empty text has nothing to look at: type one character or more")
    answer = read(text)
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise TypeError(f"read gave a {type(answer).__name__}, needs the pair (trace, tokens)")
    return looking.content(answer[0], answer[1], None, vocabulary)


def _maps(
    trace: Trace, content: Mapping[str, Any], choices: Mapping[str, Any]
) -> tuple[list[Array], str, list[str]]:
    example = choices["example"]
    maps = [looking.weights(attend, example) for _, attend, _ in looking.layers(trace)]
    return maps, "Attention", content["tokens"][example]


def _expect(content: Mapping[str, Any], choices: Mapping[str, Any]) -> None:
    layers, text = content["layers"], content["tokens"]
    layer = choices["layer"]
    limits = {"layer": len(layers), "example": len(text), "at": len(text[0])}
    for name, limit in limits.items():
        _expect_place(name, choices[name], limit)
    _expect_place("head", choices["head"], layers[layer]["query"].shape[1])
    temperature, top_k, top_p = (choices[name] for name in ("temperature", "top_k", "top_p"))
    if not isinstance(temperature, int | float) or not 0 <= temperature < float("inf"):
        got = f"temperature={temperature!r}"
        raise ValueError(f"attention got {got}, needs 0 or more; 1 is neutral")
    if top_k is not None and (not isinstance(top_k, int) or top_k < 1):
        raise ValueError(f"attention got top_k={top_k!r}, needs 1 or more; None allows all tokens")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"attention got top_p={top_p!r}, needs more than 0, at most 1; or None")
    if not isinstance(choices["seed"], int) or not 0 <= choices["seed"] < 2**32:
        raise ValueError(f"attention got seed={choices['seed']!r}, needs 0 to {2**32 - 1}")


def _expect_place(name: str, value: Any, limit: int) -> None:
    if not isinstance(value, int) or not 0 <= value < limit:
        raise ValueError(f"attention got {name}={value!r}, needs 0 to {limit - 1}")


def _words(
    trace: Trace, content: Mapping[str, Any], choices: Mapping[str, Any], given: tuple[Any, ...]
) -> Words:
    tokens, read, vocabulary = given
    maps, title, text = _maps(trace, content, choices)
    looked_at = content["source"][choices["example"]]
    rows = []
    for t, token in enumerate(text):
        head, place, weight = looking.hardest(maps[choices["layer"]], t)
        row = (str(t), quoted(token), str(head), f"{place}, {quoted(looked_at[place])}")
        rows.append((*row, f"{weight:.3f}"))
    heads = f"{counted(len(maps), 'layer')} of {counted(len(maps[0]), 'head')}"
    hardest = rows[choices["at"]]
    tokens_given = f"tokens={tokens!r}" if isinstance(tokens, str) else "tokens=tokens"
    extras = [f"{n}={n}" for n, v in (("read", read), ("vocabulary", vocabulary)) if v is not None]
    return Words(
        "attention",
        title,
        "Choose a head, then a token: the deeper the colour, the more it looks there. Point at a "
        "pair for the formula of its weight. Below is what the net expects next, and how "
        "temperature, top-k and top-p change it.",
        f"Attention maps of {heads} over {quoted(''.join(text))}. In layer {choices['layer']} from "
        f"token {hardest[0]}, {hardest[1]}, head {hardest[2]} looks hardest, at {hardest[3]}, with "
        f"weight {hardest[4]}.",
        Table(
            f"Layer {choices['layer']}: where the head that looks hardest looks",
            ("place", "token", "head", "looks at", "weight"),
            rows,
        ),
        subtitle=f"{heads}, {counted(len(text), 'token')}",
        given=("trace", *([tokens_given] if tokens is not None else []), *extras),
        keys=KEYS,
    )
