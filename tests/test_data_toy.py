"""The simulated sets have the statistics that they claim, and can be drawn over."""

import re

import numpy as np
import pytest

from dlcourse.data import Points, blobs, circles, from_points, moons, spirals, xor

MAKERS = [moons, circles, spirals, xor, blobs]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("n", [4, 101, 300])
def test_shapes_types_and_balance(make, n):
    points = make(n, rng=rng())
    assert isinstance(points, Points)
    assert points.x.shape == (n, 2)
    assert points.x.dtype == np.float32
    assert points.y.dtype == np.int64
    assert np.ptp(points.class_counts) <= 1
    assert points.simulated
    assert "imulated" in repr(points)


@pytest.mark.parametrize("make", MAKERS)
def test_a_seed_settles_every_byte(make):
    first, again, other = (make(50, noise=0.1, rng=rng(seed)) for seed in (1, 1, 2))
    assert first.x.tobytes() == again.x.tobytes()
    assert first.y.tobytes() == again.y.tobytes()
    assert first.x.tobytes() != other.x.tobytes()


@pytest.mark.parametrize("make", MAKERS)
def test_noise_is_the_standard_deviation_of_what_is_added(make):
    # The noise is drawn last, so the same seed gives the same points without it.
    clean = make(4000, noise=0, rng=rng())
    noisy = make(4000, noise=0.25, rng=rng())
    added = noisy.x - clean.x
    np.testing.assert_array_equal(noisy.y, clean.y)
    assert added.std(axis=0) == pytest.approx([0.25, 0.25], rel=0.05)
    assert added.mean(axis=0) == pytest.approx([0, 0], abs=0.02)


@pytest.mark.parametrize("make", MAKERS)
def test_classes_come_in_random_order(make):
    y = make(1000, rng=rng()).y
    same_as_next = (y[1:] == y[:-1]).mean()
    # Sorted classes would give nearly 1, classes that take turns 0.
    assert same_as_next == pytest.approx(1 / (y.max() + 1), abs=0.06)


def test_moons_are_half_circles():
    points = moons(500, noise=0, rng=rng())
    upper, lower = points.x[points.y == 0], points.x[points.y == 1]
    np.testing.assert_allclose(np.hypot(*(upper + np.array([0.5, 0.25])).T), 1, atol=1e-6)
    np.testing.assert_allclose(np.hypot(*(lower - np.array([0.5, 0.25])).T), 1, atol=1e-6)
    assert (upper[:, 1] >= -0.25 - 1e-6).all()
    assert (lower[:, 1] <= 0.25 + 1e-6).all()
    # They reach into each other: no upright line parts them.
    assert upper[:, 0].max() > lower[:, 0].min() + 0.5


def test_circles_have_their_radii():
    points = circles(500, noise=0, rng=rng())
    radius = np.hypot(*points.x.T)
    np.testing.assert_allclose(radius[points.y == 0], 1, atol=1e-6)
    np.testing.assert_allclose(radius[points.y == 1], 0.5, atol=1e-6)
    assert np.abs(points.x.mean(axis=0)).max() < 0.1


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_spirals_turn_once(classes):
    points = spirals(600, classes=classes, noise=0, rng=rng())
    radius = np.hypot(*points.x.T)
    angle = np.arctan2(points.x[:, 1], points.x[:, 0]) / (2 * np.pi)
    turns_off = angle - radius - points.y / classes
    np.testing.assert_allclose(turns_off - np.round(turns_off), 0, atol=1e-5)
    assert radius.min() >= 0.1 - 1e-6
    assert radius.max() <= 1 + 1e-6
    assert len(points.class_names) == classes


def test_xor_is_the_sign_rule():
    points = xor(1001, rng=rng())
    np.testing.assert_array_equal(points.y == 1, points.x[:, 0] * points.x[:, 1] < 0)
    quarters = np.bincount((points.x[:, 0] > 0) * 2 + (points.x[:, 1] > 0))
    assert np.ptp(quarters) <= 1
    assert np.abs(points.x).max() <= 1
    assert np.abs(points.x).mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("classes", [2, 4])
def test_blobs_lie_around_their_centres(classes):
    points = blobs(4000, classes=classes, noise=0.2, rng=rng())
    for label in range(classes):
        cloud = points.x[points.y == label]
        angle = 2 * np.pi * label / classes
        assert cloud.mean(axis=0) == pytest.approx([np.cos(angle), np.sin(angle)], abs=0.03)
        assert cloud.std(axis=0) == pytest.approx([0.2, 0.2], rel=0.08)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: moons(1, rng=rng()), "1 points in 2 groups"),
        (lambda: spirals(100, classes=1, rng=rng()), "two groups or more"),
        (lambda: blobs(10, classes=11, rng=rng()), "a point for each"),
        (lambda: moons(noise=-1, rng=rng()), "A noise of -1 is not possible"),
        (lambda: moons(noise=float("nan"), rng=rng()), "A noise of nan is not possible"),
    ],
)
def test_impossible_wishes_get_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        make()


def test_a_seed_is_not_a_generator():
    with pytest.raises(TypeError, match=r"rng is 0, .*default_rng\(0\)"):
        moons(rng=0)


def square() -> Points:
    return from_points([(0, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 0)])


def test_a_drawing_becomes_a_set():
    points = square()
    np.testing.assert_array_equal(points.x, [[0, 0], [1, 0], [0, 1], [1, 1]])
    np.testing.assert_array_equal(points.y, [0, 1, 1, 0])
    assert points.x.dtype == np.float32
    assert points.y.dtype == np.int64


def test_a_drawing_may_begin_empty():
    points = from_points([], classes=3)
    assert points.x.shape == (0, 2)
    assert points.with_point((1, 2), 2).y.tolist() == [2]
    assert "0 (0), 1 (0), 2 (0)" in repr(points)


def test_adding_a_point():
    points = square().with_point((0.5, 0.25), 1)
    np.testing.assert_array_equal(points.x[4], [0.5, 0.25])
    assert points.y.tolist() == [0, 1, 1, 0, 1]


def test_rubbing_points_out_takes_the_rim_too():
    points = square().without_points(near=(0, 0), radius=1)
    np.testing.assert_array_equal(points.x, [[1, 1]])
    assert points.y.tolist() == [0]
    assert len(square().without_points(near=(0, 0), radius=0.99)) == 3
    assert len(square().without_points(near=(5, 5), radius=1)) == 4
    assert len(square().without_points(near=(0, 0), radius=9)) == 0


def test_giving_points_another_class():
    points = square().with_label(1, near=(1, 1), radius=0.1)
    assert points.y.tolist() == [0, 1, 1, 1]
    np.testing.assert_array_equal(points.x, square().x)


def test_moving_points():
    points = square().with_move((1, 1), (3, 0), radius=0.1)
    np.testing.assert_array_equal(points.x, [[0, 0], [1, 0], [0, 1], [3, 0]])
    assert points.y.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda points: points.with_point((2, 2), 1),
        lambda points: points.without_points((0, 0), 0.1),
        lambda points: points.with_label(1, (0, 0), 0.1),
        lambda points: points.with_move((0, 0), (2, 2), 0.1),
    ],
)
def test_a_change_leaves_the_old_set_alone(change):
    old = square()
    new = change(old)
    for _ in range(2):
        assert old.x.tobytes() == square().x.tobytes()
        assert old.y.tobytes() == square().y.tobytes()
        assert isinstance(new, Points)
        assert new.source == "Drawn by hand. Changed by hand."
        new = change(new)
        new.x[:], new.y[:] = 9, 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p.with_point((1, 2, 3), 0), "place is (1, 2, 3), but a place needs two"),
        (lambda p: p.with_point((1, float("nan")), 0), "two finite numbers"),
        (lambda p: p.with_point((1, 2), 2), "2 is not a class; the classes 0, 1"),
        (lambda p: p.with_label(-1, (0, 0), 1), "-1 is not a class"),
        (lambda p: p.without_points(1, 1), "near is 1, but a place needs two"),
        (lambda p: p.without_points((0, 0), -1), "A radius of -1 is not possible"),
        (lambda p: p.without_points((0, 0), float("nan")), "A radius of nan is not possible"),
        (lambda p: p.with_move((0, 0), ("a", "b"), 1), "end is ('a', 'b'), but a place"),
        (lambda p: from_points([(1, 2)]), "(1, 2) is not a point"),
        (lambda p: from_points([(1, float("inf"), 0)]), "two finite coordinates"),
        (lambda p: from_points([(1, 2, 0.5)]), "0.5 is not a class"),
        (lambda p: from_points([("a", 2, 0)]), "('a', 2, 0) is not a point"),
    ],
)
def test_mistakes_get_a_sentence(change, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        change(square())
