"""Convolution: one window in slow motion, and what every layer of a net makes of a picture."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcourse.trace import Array, Trace
from dlcourse.viz.parts.convolution_choices import DEFAULTS, require_choices
from dlcourse.viz.parts.convolution_words import CAPTION, KEYS, alt, poster, subtitle, table
from dlcourse.viz.parts.picture_net import picture_net, pictures_of, points_of, shortened
from dlcourse.viz.parts.wiring import leaf_steps, wiring
from dlcourse.viz.view import View
from dlcourse.viz.words import Words


def convolution(
    trace: Trace, *, answer: Any = None, class_names: Sequence[str] = (), **choices: Any
) -> View:
    """A window that slides over a picture, and the feature maps of a trace's net.

    convolution(trace)                                  a digit, a kernel, and the net's own layers
    convolution(trace, answer=Experiment(net, x, ...))  Python's own net answers to drawings too
    convolution(trace, answer=lambda x: trace(net, x))  the same, and its feature maps are shown
    convolution(trace, layer="conv1", map=3, show="window", way="backward")
    """
    net = picture_net(trace)
    chosen = {**DEFAULTS, **choices}
    require_choices(chosen, net, choices)
    given = ["trace"] + ["answer=answer"] * (answer is not None)
    given += [f"class_names={tuple(class_names)!r}"] * bool(class_names)
    short, found = shortened(net), wiring(trace)
    content = {
        "trace": short,
        "batch": len(pictures_of(net)),
        "points": points_of(found, trace),
        "ways": found.ways,
        "class_names": [str(name) for name in class_names],
        "asks": answer is not None,
    }
    words = Words(
        "convolution",
        "Convolution",
        CAPTION,
        alt(net),
        table(net),
        subtitle=subtitle(net),
        given=given,
        keys=KEYS,
    )
    answers = {"answer": _answering(answer)} if answer is not None else {}
    return View(
        words, content, choices=chosen, defaults=DEFAULTS, poster=poster(net), answers=answers
    )


def _answering(answer: Any) -> Callable[..., dict[str, Any]]:
    """What Python says of a drawing: the answer of the net, and its feature maps where it can."""
    ask = getattr(answer, "answer", answer)
    if not callable(ask):
        got = type(answer).__name__
        raise TypeError(f"answer must be an Experiment or a function of a picture, got a {got}")

    def answered(picture: Array) -> dict[str, Any]:
        said = ask(np.asarray(picture, np.float32)[None])
        if isinstance(said, Trace):
            outputs = [said.steps[at].output for at in leaf_steps(said)]
            return {"outputs": outputs, "y": outputs[-1]}
        return {"outputs": None, "y": np.asarray(said)}

    return answered
