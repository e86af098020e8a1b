"""The loss landscape: its numbers are the net's own, and what the plane cannot show is said."""

import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest

from dlcourse import scratch, viz
from dlcourse.data import Batches
from dlcourse.scratch.time_travel import Training
from dlcourse.trace import Frame, Run
from dlcourse.viz.parts.weight_plane import WeightPlane, along_paths, at_random, flat
from dlcourse.wire import parse

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 3)).astype("f4"), RNG.integers(0, 2, 30)


def net() -> Any:
    return scratch.MLP(3, 4, 4, 2, rng=np.random.default_rng(5))


def experiment() -> Any:
    return scratch.Experiment(net(), X, loss=lambda y: scratch.cross_entropy(y, Y))


def trained(kind: str, lr: float) -> Run:
    mine, run = net(), Run(seed=0)
    optimizer = getattr(scratch, kind)(mine.parameters(), lr=lr)
    batches = Batches(X, Y, size=10, rng=np.random.default_rng(1))
    fit = scratch.fit(mine, scratch.cross_entropy, optimizer, batches, steps=30)
    [*_] = run.record(fit, Training(mine, optimizer, batches), every=5)
    return run


@cache
def runs() -> dict[str, Run]:
    return {"SGD": trained("SGD", 0.5), "Adam": trained("Adam", 0.05)}


def true_loss(weights: dict[str, Any]) -> float:
    """Without the experiment: another net, given these weights."""
    other = net()
    for name, param in other.named_parameters().items():
        param.data = np.asarray(weights[name], np.float32)
    return float(scratch.cross_entropy(other(X)[0], Y)[0])


def told(view: Any) -> dict[str, Any]:
    content: dict[str, Any] = parse(view.data)[1]
    return content


@pytest.mark.parametrize("plane", ["paths", "random"])
def test_the_loss_at_each_place_is_that_of_a_net_with_these_weights(plane: str) -> None:
    view = viz.landscape(experiment(), runs(), plane=plane, size=5)
    content = told(view)
    best = min((loss, p["name"], i) for p in content["paths"] for i, loss in enumerate(p["losses"]))
    frame = runs()[best[1]].frames[best[2]]
    weights = {n.removeprefix("net/"): a for n, a in frame.arrays.items() if n.startswith("net/")}
    assert best[0] == true_loss(weights), "the plane goes through the best key-frame"
    assert view.answers["loss"](0.0, 0.0) == pytest.approx(best[0], abs=1e-6)
    for row, column in ((0, 0), (4, 1), (2, 3)):
        a, b = content["a"][column], content["b"][row]
        assert content["losses"][row, column] == view.answers["loss"](a, b)


def test_losses_and_places_of_the_racers() -> None:
    content = told(viz.landscape(experiment(), runs(), size=5))
    for path, run in zip(content["paths"], runs().values(), strict=True):
        assert path["steps"] == [frame.step for frame in run.frames]
        for loss, frame in zip(path["losses"], run.frames, strict=True):
            own = {n[4:]: a for n, a in frame.arrays.items() if n.startswith("net/")}
            assert loss == true_loss(own)
        inside = [
            axis[0] <= place <= axis[-1]
            for places in path["places"]
            for place, axis in zip(places, (content["a"], content["b"]), strict=True)
        ]
        assert all(inside), "the map holds all paths"


def some_points(count: int, size: int = 12) -> Any:
    return np.random.default_rng(3).normal(size=(count, size))


def test_a_plane_along_paths_is_the_one_that_shows_most_of_them() -> None:
    points = some_points(9) @ np.diag([5, 3, *[0.1] * 10])
    plane = along_paths({"w": (12,)}, points[4], points)
    assert plane.directions @ plane.directions.T == pytest.approx(np.eye(2), abs=1e-12)
    away = points - points[4]
    expected = (np.linalg.svd(away, compute_uv=False)[2:] ** 2).sum()
    assert (plane.distances(points) ** 2).sum() == pytest.approx(expected)
    assert plane.distances(points)[4] == pytest.approx(0, abs=1e-9)


def test_distance_and_share_are_measured_in_all_dimensions() -> None:
    directions = np.array([[1.0, 0, 0, 0], [1.0, 1.0, 0, 0]])  # neither square nor of one length
    plane = WeightPlane({"w": (4,)}, np.ones(4), directions)
    points = np.array([[1.0, 1, 1, 1], [3, 4, 1, 1], [1, 1, 4, 5]])
    assert plane.places(points) == pytest.approx(np.array([[0, 0], [-1, 3], [0, 0]]))
    assert plane.distances(points) == pytest.approx([0, 0, 5])
    line = np.array([[0.0, 0, 0, 0], [1, 0, 1, 0], [2, 0, 2, 0]])
    assert plane.share(line) == pytest.approx(0.5)
    assert plane.share(line[:1]) is None
    assert plane.weights((2, 1))["w"] == pytest.approx([4, 2, 1, 1])


def test_random_directions_are_as_long_as_each_units_weights() -> None:
    weights = {"w": np.array([[3.0, 4], [0, 0]]), "b": np.array([1.0, 2, 2])}
    shapes = {name: array.shape for name, array in weights.items()}
    plane = at_random(shapes, flat(weights, shapes), seed=1)
    for direction in plane.directions:
        parts = direction[:2], direction[2:4], direction[4:]
        assert [np.linalg.norm(p) for p in parts] == pytest.approx([5, 0, 3])
    again, other = (at_random(shapes, plane.origin, seed=s).directions for s in (1, 2))
    assert (again == plane.directions).all() and not (other == plane.directions).all()


def test_a_net_of_zeros_has_a_landscape_too() -> None:
    plane = at_random({"w": (3,)}, np.zeros(3))
    assert np.linalg.matrix_rank(plane.directions) == 2


def test_a_path_of_one_point_and_no_path_at_all() -> None:
    run = Run(seed=0, frames=runs()["SGD"].frames[:1])
    content = told(viz.landscape(experiment(), {"SGD": run}, size=5))
    assert content["paths"][0]["share"] is None and np.isfinite(content["losses"]).all()
    alone = told(viz.landscape(experiment(), size=5))
    assert alone["choices"]["plane"] == "random" and alone["losses"][2, 2] == experiment().loss()


def test_another_plane_and_another_racer_are_kept_for_the_page() -> None:
    view = viz.landscape(experiment(), runs(), size=5, race=trained)
    laid = view.answers["lay"](plane="random", through="start", zoom=2)
    assert view.content["laid"] == {"plane": "random", "through": "start", "zoom": 2}
    added = view.answers["race"]("SGD", 0.01)
    assert added["name"] == "SGD 0.01" and len(added["places"]) == 7
    assert [path["name"] for path in view.content["paths"]] == ["SGD", "Adam", "SGD 0.01"]
    assert view.content["losses"] is laid["losses"]
    again = view.answers["lay"](plane="paths", through="best", zoom=1)
    assert [path["name"] for path in again["paths"]] == ["SGD", "Adam", "SGD 0.01"]
    with pytest.raises(ValueError, match="in the race already"):
        view.answers["race"]("SGD", 0.01)


def test_words_are_made_of_the_numbers() -> None:
    view = viz.landscape(experiment(), runs(), size=5)
    path = told(view)["paths"][1]
    assert f"lowest {path['losses'].min():.4g}" in view.words.alt and "Adam" in view.words.alt
    assert f"{path['share']:.0%} of its way" in view.words.alt
    assert len(view.words.table.rows) == 14
    assert "<image" in view.poster and "polyline" in view.poster


def test_losses_that_are_not_finite_are_no_obstacle() -> None:
    frames = runs()["SGD"].frames
    wild = {
        n: a * np.float32(1e30) if n.startswith("net/") else a for n, a in frames[-1].arrays.items()
    }
    run = Run(seed=0, frames=[*frames, Frame(31, wild)])
    content = told(viz.landscape(experiment(), {"SGD": run}, size=5))
    assert not np.isfinite(content["losses"]).all()
    assert not np.isfinite(content["paths"][0]["losses"][-1])


def test_pytorch_and_numpy_see_one_landscape() -> None:
    torch = pytest.importorskip("torch")
    from dlcourse import pytorch

    twin = pytorch.MLP(3, 4, 4, 2)
    own = {n: torch.tensor(p.data) for n, p in net().named_parameters().items()}
    twin.load_state_dict(own)
    labels = torch.tensor(Y)
    other = pytorch.Experiment(twin, X, loss=lambda y: torch.nn.functional.cross_entropy(y, labels))
    left, right = (told(viz.landscape(e, runs(), size=5)) for e in (experiment(), other))
    assert left["losses"] == pytest.approx(right["losses"], rel=1e-4)


def test_a_figure_in_space_has_the_same_numbers_and_loads_plotly_only_then() -> None:
    figure = viz.landscape_3d(experiment(), runs(), size=5)
    view = viz.landscape(experiment(), runs(), size=5)
    surface, *paths = figure.data
    assert np.array_equal(surface.customdata, view.content["losses"])
    assert [path.name for path in paths] == ["SGD", "Adam"]
    assert list(paths[0].x) == list(view.content["paths"][0]["places"][:, 0])
    assert view.words.alt in figure.layout.meta["alt"]
    code = "from dlcourse import viz; viz.landscape_3d; import sys; print('plotly' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def other_net() -> Run:
    return Run(seed=0, frames=[Frame(0, {"net/fc1.weight": np.zeros((2, 2))})])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: viz.landscape(net()), "needs an Experiment"),
        (lambda: viz.landscape(experiment(), [1]), "runs by name"),
        (lambda: viz.landscape(experiment(), {"SGD": 3}), "Run with key-frames"),
        (lambda: viz.landscape(experiment(), {"SGD": Run(seed=0)}), "no key-frames"),
        (lambda: viz.landscape(experiment(), {"SGD": other_net()}), "of another net"),
        (lambda: viz.landscape(experiment(), size=3), "5 to 201"),
        (lambda: viz.landscape(experiment(), runs(), plane="flat"), "'paths', 'random'"),
        (lambda: viz.landscape(experiment(), runs(), through="end"), "'best', 'start'"),
        (lambda: viz.landscape(experiment(), zoom=0), "between 0.01"),
        (lambda: viz.landscape(experiment(), step=-1), "training step"),
        (lambda: viz.landscape(experiment(), place=(1,)), "two numbers"),
        (lambda: viz.landscape(experiment(), race=3), "needs a function"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(wrong: Any, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        wrong()
