"""A training in columns: steps, losses, metrics, and how long the gradients were."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcourse.trace import Array, Frame, Run, Trace

COLUMNS = 300  # so many key-frames are shown in the picture of the gradients


class Curve:
    """Grows row by row; knows what of it the browser has been told."""

    def __init__(self, name: str, frames: list[Frame] | None = None) -> None:
        self.name, self.frames = name, [] if frames is None else frames
        self.steps: list[int] = []
        self.losses: list[float] = []
        self.metrics: dict[str, tuple[list[int], list[float]]] = {}
        self.seconds = 0.0
        self._told: dict[str, int] = {}
        self._gradients: list[tuple[int, dict[str, float]]] = []  # of each key-frame

    @classmethod
    def of(cls, run: Run, name: str) -> "Curve":
        curve = cls(name, run.frames)
        for row in run.rows:
            curve.add(row)
        return curve

    def add(self, row: Any) -> None:
        try:
            step, loss, metrics = int(row.step), float(row.loss), getattr(row, "metrics", {})
        except (AttributeError, TypeError, ValueError):
            odd = f"a {type(row).__name__} ({row!r:.40})"
            raise TypeError(
                f"a monitor needs rows with step and loss, as fit gives; got {odd}"
            ) from None
        if self.steps and step <= self.steps[-1]:
            raise ValueError(
                f"step {step} came after step {self.steps[-1]}: a monitor shows one training"
                " that goes on, so make a new one for another"
            )
        self.steps.append(step)
        self.losses.append(loss)
        self.seconds += float(getattr(row, "seconds", 0.0))
        for metric, value in metrics.items():
            steps, values = self.metrics.setdefault(str(metric), ([], []))
            steps.append(step)
            values.append(float(value))

    def content(self) -> dict[str, Any]:
        """All of it, for the browser."""
        whole = {"name": self.name, "seconds": self.seconds, "norms": self.norms()}
        return self._from({}) | whole

    def news(self, *, last: bool = False) -> dict[str, Any]:
        """What came since the last call; `first` says where it belongs, should some be lost."""
        part = self._from(self._told)
        looked = len(self.frames)
        if last or looked > 1.05 * self._told.get("key-frames", 0):  # they are told as a whole
            part["norms"], self._told["key-frames"] = self.norms(), looked
        counts = {f"metric {m}": len(steps) for m, (steps, _) in self.metrics.items()}
        self._told |= {"rows": len(self.steps), **counts}
        return part

    @property
    def has_news(self) -> bool:
        return len(self.steps) > self._told.get("rows", 0)

    def _from(self, told: Mapping[str, int]) -> dict[str, Any]:
        first = told.get("rows", 0)
        return {
            "first": first,
            "steps": np.array(self.steps[first:], np.int32),
            "loss": compact(self.losses[first:]),
            "metrics": {
                metric: {"steps": np.array(s[n:], np.int32), "values": compact(v[n:])}
                for metric, (s, v) in self.metrics.items()
                for n in [told.get(f"metric {metric}", 0)]
            },
            "norms": None,
        }

    def norms(self) -> dict[str, Any] | None:
        """How long the gradient of each weight was, at every key-frame that holds a trace."""
        for frame in self.frames[len(self._gradients) :]:
            self._gradients.append((frame.step, _lengths(frame.trace)))
        looked = [(step, lengths) for step, lengths in self._gradients if lengths]
        looked = [looked[i] for i in evenly(len(looked), COLUMNS)]
        names = list(dict.fromkeys(name for _, lengths in looked for name in lengths))
        if not names:
            return None
        values = [[lengths.get(name, np.nan) for _, lengths in looked] for name in names]
        return {"names": names, "steps": [s for s, _ in looked], "values": np.array(values)}

    def between(self, count: int) -> list[int]:
        """At most so many places of rows, evenly spread, first and last among them."""
        return evenly(len(self.steps), count)


def evenly(count: int, most: int) -> list[int]:
    """At most so many places of a row; first and last among them."""
    if count <= most:
        return [*range(count)]
    return sorted({round(i * (count - 1) / (most - 1)) for i in range(most)})


def compact(numbers: list[float]) -> Array:
    """As float32 where that loses nothing: half the bytes."""
    exact = np.array(numbers, np.float64)
    with np.errstate(over="ignore"):
        half = exact.astype(np.float32)
    return half if np.array_equal(half, exact, equal_nan=True) else exact


def _lengths(trace: Trace | None) -> dict[str, float]:
    """How long the gradient of each weight is, seen as one arrow."""
    lengths: dict[str, float] = {}
    for step in trace or ():
        for weight, grad in step.dparams.items():
            if grad is not None:  # a layer that answered twice shows the whole gradient twice
                square = float(np.square(grad, dtype=np.float64).sum())
                lengths[f"{step.name}.{weight}"] = square**0.5
    return lengths


def parting(one: Curve, other: Curve) -> int | None:
    """The first step that both have and whose losses differ; None if they are the same."""
    theirs = dict(zip(other.steps, other.losses, strict=True))
    for step, loss in zip(one.steps, one.losses, strict=True):
        if step in theirs and not (
            loss == theirs[step] or (loss != loss and theirs[step] != theirs[step])
        ):
            return step
    return None
