"""A recurrent net, unrolled in time: its states, its gates, and how far back the loss is felt."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlcourse.trace import Step, Trace
from dlcourse.viz.parts import recurrent
from dlcourse.viz.parts.reading import Tokens, counted, embedded, labels, step_labels
from dlcourse.viz.view import View
from dlcourse.viz.words import Table, Words

KEYS = {
    "← → on the time line": "one moment back or on; at its end the way back begins",
    "Page Up, Page Down": "previous or next phase",
    "arrow keys in a picture": "move from number to number, with the formula of each",
    "Enter": "go to that moment and watch that unit",
}


def sequence(
    trace: Trace,
    tokens: Tokens | Mapping[str, Tokens] | None = None,
    *,
    layer: str | None = None,
    level: int | None = None,
    example: int = 0,
    unit: int = 0,
    show: str = "h",
    source: int | str | None = None,
    at: int | None = None,
) -> View:
    """Watch an RNN, LSTM or GRU read `tokens`, forward and then backward through time.

    tokens   the text that it read, or one for each example; {"encoder": ..., "decoder": ...}
             where the net has several recurrent layers
    layer    name of the recurrent layer; level: which one of a stack, the lowest is 0
    show     what the large picture shows: "h", a gate ("i", "f", "g", "o", "c"; "r", "z", "n"),
             the token as numbers "x", or a gradient "dh", "dc", "dx"
    source   the moment whose loss goes back, or "all"
    at       the place on the time line; the end, if nobody says
    """
    steps = recurrent.layers(trace)
    names = step_labels(steps)
    texts = {n: _labels(trace, s, n, names, tokens) for n, s in zip(names, steps, strict=True)}
    shown = names[0] if layer is None else layer
    if shown not in names:
        raise ValueError(f"no recurrent layer is called {layer!r}; there is {', '.join(names)}")
    step = steps[names.index(shown)]
    given = {"level": level, "source": source, "at": at}
    set_by_learner = {"layer": shown, "example": example, "unit": unit, "show": show, **given}
    defaults = _defaults(step, names[0], example)
    choices = defaults | {
        name: value for name, value in set_by_learner.items() if value is not None
    }
    _expect(step, choices, defaults["level"] + 1)
    text = texts[shown][example]
    words = _words(step, choices, text, tokens)
    content = {
        "layers": [recurrent.needed(s, n, texts[n]) for s, n in zip(steps, names, strict=True)],
        "dtype": trace.dtype,
        "backend": trace.backend,
        "loss": trace.loss,
    }
    poster = recurrent.poster(step, example, text, words.title)
    return View(words, content, choices=choices, defaults=defaults, poster=poster)


def _defaults(step: Step, first: str, example: int) -> dict[str, Any]:
    _expect_place("example", example, recurrent.size(step)[0])
    return {
        "layer": first,
        "level": sum(name.startswith("weight_ih_l") for name in step.params) - 1,
        "example": 0,
        "unit": 0,
        "show": "h",
        "source": recurrent.first_source(step, example),
        "at": recurrent.moments(step) - 1,
    }


def _labels(
    trace: Trace, step: Step, name: str, names: Sequence[str], tokens: Any
) -> list[list[str]]:
    if isinstance(tokens, Mapping):
        if odd := set(tokens) - set(names):
            raise ValueError(f"no recurrent layer is called {odd.pop()!r}: {', '.join(names)}")
        own = tokens.get(name)
    else:
        own = tokens if name == names[0] else None
    batch, length, _ = recurrent.size(step)
    return labels(own, embedded(trace, step, length), batch, length)


def _expect(step: Step, choices: Mapping[str, Any], height: int) -> None:
    _, length, units = recurrent.size(step)
    limits = {"level": height, "unit": units, "at": recurrent.moments(step)}
    for name, limit in limits.items():
        _expect_place(name, choices[name], limit)
    source, all_moments = choices["source"], range(length)
    if source != "all" and (isinstance(source, bool) or source not in all_moments):
        raise ValueError(f'sequence got source={source!r}, needs "all" or 0 to {length - 1}')
    known = ["x", *recurrent.GATES[step.kind], "h"] + ["dh", "dx"] * recurrent.has_gradient(step)
    known += ["dc"] * (step.kind == "LSTM" and recurrent.has_gradient(step))
    if choices["show"] not in known:
        raise ValueError(f"sequence got show={choices['show']!r}; there is {', '.join(known)}")


def _expect_place(name: str, value: Any, limit: int) -> None:
    if not isinstance(value, int) or not 0 <= value < limit:
        raise ValueError(f"sequence got {name}={value!r}, needs 0 to {limit - 1}")


def _words(step: Step, choices: Mapping[str, Any], text: Sequence[str], tokens: Any) -> Words:
    example, (_, length, units) = choices["example"], recurrent.size(step)
    rows = recurrent.rows(step, example, text)
    given = [f"tokens={tokens!r}" if isinstance(tokens, str) else "tokens=tokens"]
    return Words(
        "sequence",
        f"{step.kind}, moment by moment",
        "Step through the text, then back through time. Point at a number for its formula; choose "
        "from which moment the loss goes back, and see how much of it still arrives at the first.",
        recurrent.described(step, example, text),
        Table("Moment by moment", ("moment", "token", "length of h", "length of dx"), rows),
        subtitle=f"{step.name}: {counted(units, 'unit')}, {counted(length, 'token')}",
        given=("trace", *(given if tokens is not None else [])),
        keys=KEYS,
    )
