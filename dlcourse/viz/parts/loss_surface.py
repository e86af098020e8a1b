"""The loss of a real net over a plane of its weights, and the paths of trainings in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from dlcourse.trace import Array, Run
from dlcourse.viz.parts.learning_curve import evenly
from dlcourse.viz.parts.weight_plane import WeightPlane, Weights, along_paths, at_random, flat

PLANES = "paths", "random"
THROUGH = "best", "start"
FRAMES = 120  # so many key-frames of a run are shown
AIR = 0.35  # of the paths' width is shown on each side of them


class Tried(Protocol):
    """What an Experiment can do, in NumPy or PyTorch."""

    def weights(self) -> dict[str, Array]: ...
    def loss_with(self, weights: Weights) -> float: ...


@dataclass
class Path:
    """The key-frames of a run as points (N, D), each with the net's loss there."""

    name: str
    steps: list[int]
    points: Array
    losses: Array
    ended: str = ""


@dataclass
class LossSurface:
    """`surface = LossSurface(experiment, runs)`, then `surface.lay("paths", "best")`."""

    experiment: Tried
    runs: Mapping[str, Run]
    size: int = 41
    seed: int = 0
    paths: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        now = self.experiment.weights()
        self.shapes = {name: array.shape for name, array in now.items()}
        self.now = flat(now, self.shapes)
        self.paths = [self.path(name, run) for name, run in self.runs.items()]

    def path(self, name: str, run: Run, ended: str = "") -> Path:
        """A run as a path, with the loss that the experiment measures at each key-frame."""
        if not isinstance(run, Run):
            raise TypeError(f"{name} is a {type(run).__name__}, needs a Run with key-frames")
        if not run.frames:
            raise ValueError(
                f"the run {name} has no key-frames: run.record(rows, training, every=5)"
            )
        frames = [run.frames[i] for i in evenly(len(run.frames), FRAMES)]
        points = np.stack([self._point(name, frame.arrays) for frame in frames])
        losses = np.array([self.loss(point) for point in points])
        return Path(name, [frame.step for frame in frames], points, losses, ended)

    def _point(self, name: str, arrays: Weights) -> Array:
        found = {n: arrays[f"net/{n}"] for n in self.shapes if f"net/{n}" in arrays}
        for weight, shape in self.shapes.items():
            if weight not in found or found[weight].shape != shape:
                has = found[weight].shape if weight in found else "nothing"
                raise ValueError(
                    f"the run {name} is of another net: for {weight} of shape {shape}"
                    f" it holds {has}"
                )
        return flat(found, self.shapes)

    def loss(self, point: Array) -> float:
        plane = WeightPlane(self.shapes, point, np.zeros((2, point.size)))
        return float(self.experiment.loss_with(plane.weights((0, 0))))

    def lay(self, plane: str, through: str, zoom: float = 1.0) -> dict[str, Any]:
        """Choose the plane, compute its loss at size × size places, and lay the paths into it."""
        origin = self._origin(through)
        points = np.concatenate([path.points for path in self.paths] or [self.now[None]])
        plane = plane if self.paths else "random"
        if plane == "paths":
            self.plane = along_paths(self.shapes, origin, points, self.seed)
        else:
            self.plane = at_random(self.shapes, origin, self.seed)
        self.span = self._span(points, plane, zoom)
        return self.content()

    def _origin(self, through: str) -> Array:
        if not self.paths:
            return self.now
        if through == "start":
            return self.paths[0].points[0]
        ends = [(np.nan_to_num(p.losses, nan=np.inf).min(), i) for i, p in enumerate(self.paths)]
        path = self.paths[min(ends)[1]]
        return path.points[np.nan_to_num(path.losses, nan=np.inf).argmin()]

    def _span(self, points: Array, plane: str, zoom: float) -> Array:
        """Least and most of both axes: ((a, a), (b, b)). Close by, the origin is in the middle."""
        places = self.plane.places(points)
        places = places[np.isfinite(places).all(1)]
        low, high = places.min(0), places.max(0)
        wide = float((high - low).max()) or 2.0
        half = np.maximum(high - low, 0.6 * wide) / 2 + AIR * wide / 2
        if plane == "random":
            half = np.maximum(half, 1.0)  # there, 1 is as long as the weights themselves
        middle = (low + high) / 2 / max(1.0, zoom)
        return np.stack([middle - half / zoom, middle + half / zoom], axis=1)

    def content(self) -> dict[str, Any]:
        a, b = (np.linspace(low, high, self.size) for low, high in self.span)
        losses = np.array([[self.loss_at(x, y) for x in a] for y in b])
        return {
            "a": a,
            "b": b,
            "losses": losses,
            "paths": [self.laid(path) for path in self.paths],
            "shares": self._shares(),
            "size": self.now.size,
        }

    def loss_at(self, a: float, b: float) -> float:
        """Exactly, from the net itself."""
        return float(self.experiment.loss_with(self.plane.weights((a, b))))

    def laid(self, path: Path) -> dict[str, Any]:
        """A path in this plane: where it goes, how far off, and how much of it can be seen."""
        return {
            "name": path.name,
            "steps": path.steps,
            "places": self.plane.places(path.points),
            "losses": path.losses,
            "off": self.plane.distances(path.points),
            "share": self.plane.share(path.points),
            "ended": path.ended,
        }

    def _shares(self) -> list[float] | None:
        """How much of the spread of all paths lies along each of the two directions."""
        if not self.paths:
            return None
        points = np.concatenate([path.points for path in self.paths])
        spread = points - points.mean(0)
        total = float((spread**2).sum())
        lengths = np.linalg.norm(self.plane.directions, axis=1)
        along = (spread @ self.plane.directions.T / lengths) ** 2
        return [float(part) / total for part in along.sum(0)] if total else None

    def add(self, name: str, race: Callable[[str, float], Run], lr: float) -> dict[str, Any]:
        """Another racer: trained by the learner's own function, laid into the same plane."""
        run = race(name, lr)
        taken = [path.name for path in self.paths]
        title = f"{name} {lr:g}"
        if title in taken:
            raise ValueError(f"{title} is in the race already: choose another learning rate")
        self.paths.append(self.path(title, run))
        return self.laid(self.paths[-1])


def best(path: Mapping[str, Any]) -> tuple[float, int]:
    """The lowest loss of a laid path, and its step."""
    losses: Sequence[float] = np.nan_to_num(path["losses"], nan=np.inf)
    at = int(np.argmin(losses))
    return float(losses[at]), path["steps"][at]
