"""The training monitor: loss, metrics and gradients while a net learns, and a stop that stops."""

from collections.abc import Iterable, Sequence
from typing import Any

from dlcourse.trace import Run
from dlcourse.viz.parts.curve_words import poster_of, words_of
from dlcourse.viz.parts.learning_curve import Curve
from dlcourse.viz.parts.live_training import LiveTraining

MEANS = 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000


def monitor(
    rows: Iterable[Any] | Run,
    steps: int | None = None,
    *,
    beside: Run | None = None,
    names: Sequence[str] = ("this run", "other run"),
    run: Run | None = None,
    log: bool = False,
    mean: int | None = None,
    raw: bool = True,
    at: int | None = None,
) -> LiveTraining:
    """Watch a training: rows of `fit`, or a Run that is over.

    view = monitor(fit(net, loss, optimizer, batches, steps=1000), steps=1000)
    view                 # shows it; nothing has started
    view.start()         # or the Start button; view.stop() ends it, start() goes on

    `for row in view.watch(): ...` trains in a loop of your own. `beside` is another run to compare
    with, `run` the Run that records these rows: its key-frames tell of the gradients.
    """
    done = isinstance(rows, Run)
    _check(rows, steps, beside, names)
    source = rows if isinstance(rows, Run) else run
    curve = (
        Curve.of(rows, names[0])
        if isinstance(rows, Run)
        else Curve(names[0], source.frames if source else None)
    )
    others = [] if beside is None else [Curve.of(beside, names[1])]
    planned = steps or (len(curve.steps) if done else None)
    defaults: dict[str, Any] = {"log": False, "mean": _usual_mean(planned), "raw": True, "at": None}
    wanted = _choices(log, defaults["mean"] if mean is None else mean, raw, at)
    given = _given(done, steps, beside, names, run)
    view = LiveTraining(
        words_of(curve, others, planned, "finished" if done else "ready", given),
        {"runs": [c.content() for c in (curve, *others)], "planned": planned},
        curve=curve,
        rows=None if isinstance(rows, Run) else rows,
        choices=wanted,
        defaults=defaults,
        poster=poster_of([curve, *others]),
    )
    _keep_words(view, others, planned, given)
    return view


def _keep_words(
    view: LiveTraining, others: list[Curve], planned: int | None, given: list[str]
) -> None:
    """When a training ends, what is said of it without the picture changes too."""

    def retold() -> None:
        view.words = words_of(view.curve, others, planned, view.state, given, view.sentence)
        view.poster = poster_of([view.curve, *others])

    view.content |= view.standing()
    view.data = view.pack(view.choices)
    view.retold = retold


def _check(rows: Any, steps: Any, beside: Any, names: Sequence[str]) -> None:
    if not isinstance(rows, Run) and not isinstance(rows, Iterable):
        got = type(rows).__name__
        raise TypeError(
            f"monitor got a {got}; it needs the rows of a training: monitor(fit(...)), or a Run"
        )
    if isinstance(rows, Run) and not rows.rows:
        raise ValueError(
            "this run has no rows yet: train first, or give monitor the rows themselves"
        )
    if steps is not None and (not isinstance(steps, int) or isinstance(steps, bool) or steps < 1):
        raise ValueError(f"steps={steps!r} must be how many steps are planned, 1 or more")
    if beside is not None and not isinstance(beside, Run):
        raise TypeError(f"beside= needs a Run to compare with, not a {type(beside).__name__}")
    if isinstance(names, str) or len(names) < (1 if beside is None else 2):
        raise ValueError(f'names={names!r} must name each run: names=("SGD", "Adam")')


def _choices(log: bool, mean: int, raw: bool, at: int | None) -> dict[str, Any]:
    if isinstance(mean, bool) or not isinstance(mean, int) or mean < 1:
        raise ValueError(
            f"mean={mean!r} must be over how many steps the loss is averaged, 1 or more"
        )
    if at is not None and (isinstance(at, bool) or not isinstance(at, int)):
        raise ValueError(f"at={at!r} must be the number of a step")
    return {"log": bool(log), "mean": mean, "raw": bool(raw), "at": at}


def _usual_mean(planned: int | None) -> int:
    """About a fiftieth of the training."""
    return max(n for n in MEANS if n <= max(1, (planned or 1000) // 50))


def _given(
    done: bool, steps: int | None, beside: Run | None, names: Sequence[str], run: Run | None
) -> list[str]:
    given = ["run" if done else "fit(...)"]
    given += [f"steps={steps}"] if steps else []
    given += ["beside=other"] if beside else []
    given += [f"names={tuple(names)!r}"] if tuple(names) != ("this run", "other run") else []
    return [*given, "run=run"] if run and not done else given
