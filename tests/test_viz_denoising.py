"""The denoising view in Python: what is sent, thinned out, asked live, and refused."""

import re
from typing import Any

import numpy as np
import pytest

from dlcourse import scratch, viz
from dlcourse.viz.parts.noise_walk import MOST_POINTS, walk_of
from dlcourse.viz.parts.stacks import ROOM
from dlcourse.wire import parse

T, N = 6, 5
RNG = np.random.default_rng(0)


def recorded(features: int = 2, count: int = N, steps: int = T) -> dict[str, np.ndarray]:
    net = scratch.NoisePredictor(features, 8, steps, rng=np.random.default_rng(1))
    process = scratch.Diffusion(scratch.linear_betas(steps))
    x0 = np.random.default_rng(2).normal(size=(count, features)).astype(np.float32)
    return scratch.record_diffusion(process, net, x0, np.random.default_rng(3))


def test_what_is_sent() -> None:
    steps = recorded()
    view = viz.denoising(steps, way="backward", step=2, follow=4)
    _, content = parse(view.data)
    for name in ("forward", "backward", "guesses", "left", "field"):
        np.testing.assert_array_equal(content[name], steps[name], err_msg=name)
    np.testing.assert_array_equal(content["when"], np.arange(T + 1))
    np.testing.assert_array_equal(content["field_at"], np.arange(T))
    np.testing.assert_allclose(content["frame"], steps["frame"])
    assert content["choices"] == {"way": "backward", "step": 2, "follow": 4, "arrows": True}


def test_the_way_backward_alone() -> None:
    way = RNG.normal(size=(T + 1, N, 2))
    view = viz.denoising(way)
    assert view.choices["way"] == "backward" and view.content["forward"] is None
    frame, reach = (
        view.content["frame"],
        np.abs(way - (way.min((0, 1)) + way.max((0, 1))) / 2).max(),
    )
    assert frame[1] - frame[0] == pytest.approx(2.1 * reach) == frame[3] - frame[2]
    np.testing.assert_allclose(view.content["backward"], way, rtol=1e-6)


@pytest.mark.parametrize("size", [(64,), (8, 8), (1, 8, 8)])
def test_forms_of_pictures(size: tuple[int, ...]) -> None:
    way = RNG.normal(size=(T + 1, N, *size)).astype(np.float32)
    content = viz.denoising({"forward": way, "backward": way[::-1].copy()}).content
    assert content["forward"].shape == (T + 1, N, 8, 8)
    np.testing.assert_array_equal(content["forward"].ravel(), way.ravel())
    low, high = float(way[0].min()), float(way[0].max())
    assert content["range"] == pytest.approx([low - (high - low) / 4, high + (high - low) / 4])


def test_of_many_points_and_steps_some_are_sent() -> None:
    long = RNG.normal(size=(1001, 900, 2)).astype(np.float32)
    walk = walk_of({"forward": long, "guesses": long[1:], "left": np.linspace(1, 0, 1000)})
    content = walk.thinned()
    when, who = content["when"], content["who"]
    assert len(who) <= MOST_POINTS and content["forward"].size <= ROOM + 2 * len(who)
    assert (when[0], when[-1], who[0], who[-1]) == (0, 1000, 0, 899)
    np.testing.assert_array_equal(content["forward"], long[np.ix_(when, who)])
    np.testing.assert_array_equal(content["guesses"], long[1:][np.ix_(when[:-1], who)])


def test_large_pictures_fit_into_a_page() -> None:
    way = RNG.normal(size=(101, 40, 28, 28)).astype(np.float32)
    view = viz.denoising({"forward": way, "backward": way + 1, "guesses": way[1:]})
    assert len(viz.page.page(view)) < 2_000_000


def test_the_arrows_of_every_level_that_is_shown_are_sent() -> None:
    """Forward and backward do not stop at the same levels where steps are left out."""
    field = np.arange(301 * 18, dtype=np.float32).reshape(301, 3, 3, 2)
    walk = walk_of({"forward": np.zeros((302, 400, 2)), "field": field, "frame": (-1, 1, -1, 1)})
    content = walk.thinned()
    forward, backward = ({*levels.tolist()} for levels in (content["when"], 301 - content["when"]))
    assert forward != backward
    assert {t + 1 for t in content["field_at"].tolist()} == (forward | backward) - {0}
    np.testing.assert_array_equal(content["field"], field[content["field_at"]])


def test_a_field_is_asked_live() -> None:
    asked: list[int] = []

    def field(places: np.ndarray, t: int) -> np.ndarray:
        asked.append(t)
        return places * [1, -2] + t

    steps = recorded()
    view = viz.denoising(steps, field=field)
    answer = view.answers["field"](4)
    left, right, bottom, top = steps["frame"]
    assert answer.shape == (15, 15, 2) and answer.dtype == np.float32 and asked == [4]
    np.testing.assert_allclose(answer[0, 0], [left + 4, -2 * bottom + 4], rtol=1e-5)
    np.testing.assert_allclose(answer[0, 14], [right + 4, -2 * bottom + 4], rtol=1e-5)
    np.testing.assert_allclose(answer[14, 0], [left + 4, -2 * top + 4], rtol=1e-5)
    with pytest.raises(ValueError, match="t=6 is none of the steps 0 to 5"):
        view.answers["field"](6)
    odd = viz.denoising(steps, field=lambda places, t: places[:3])
    with pytest.raises(ValueError, match=re.escape("field gave shape (3, 2), needs (225, 2)")):
        odd.answers["field"](1)


def test_the_first_number_that_is_not_finite_is_named() -> None:
    steps = recorded()
    steps["backward"] = steps["backward"].copy()
    steps["backward"][3:, 2] = np.nan
    view = viz.denoising(steps)
    assert view.content["odd"] == "Not finite from backward step 3 on, first in number 2."
    assert view.content["odd"] in view.words.alt
    assert viz.page.page(view)
    assert viz.denoising(recorded()).content["odd"] == ""


def test_words() -> None:
    """The share of points that end among the data is counted, both ways round."""
    data = RNG.normal(size=(60, 2)) * 0.1
    lost, found = data + np.array([50, 0]), data + 0.001
    for ends, share in ((lost, "0%"), (found, "100%")):
        ways = {"forward": np.stack([data, data]), "backward": np.stack([data, ends])}
        alt = viz.denoising(ways).words.alt
        assert f"{share} of the points end among the data" in alt
    view = viz.denoising(recorded(), labels=[0, 1, 0, 1, 0])
    assert view.words.given == ["steps", "labels=labels"]
    assert len(view.words.table.rows) == 2 * (T + 1)
    row = view.words.table.rows[2]
    assert row[:3] == ["2", "forward", f"{recorded()['left'][1] ** 0.5:.3g}"]


WAY = np.zeros((T + 1, N, 2))


@pytest.mark.parametrize(
    "steps, named, told",
    [
        ({}, {}, "steps hold no way"),
        ({"back": WAY}, {}, "steps hold back; known are forward, backward"),
        (WAY[0], {}, "backward: got float64 numbers of shape (5, 2)"),
        (WAY[:1], {}, "needs one step or more"),
        ({"forward": WAY, "backward": WAY[1:]}, {}, "forward is (7, 5, 2), backward (6, 5, 2)"),
        (
            {"backward": WAY, "guesses": WAY},
            {},
            "guesses are (7, 5, 2), needs one before each step",
        ),
        ({"backward": WAY, "left": np.ones(7)}, {}, "left must be 6 numbers from 0 to 1"),
        ({"backward": WAY, "left": np.full(6, 2)}, {}, "left must be 6 numbers from 0 to 1"),
        ({"backward": WAY, "field": np.zeros((6, 3, 3, 2))}, {}, "with its frame"),
        ({"backward": WAY, "frame": (1, 0, 0, 1)}, {}, "must be left, right, bottom, top"),
        (
            {"backward": WAY, "field": np.zeros((6, 3, 4, 2)), "frame": (0, 1, 0, 1)},
            {},
            "field is (6, 3, 4, 2), needs (6, G, G, 2)",
        ),
        (np.zeros((7, 5, 3, 8, 8)), {}, "more than one channel"),
        (WAY, {"way": "forward"}, "way='forward' is not recorded: 'backward'?"),
        (WAY, {"step": 7}, "step=7 must be a whole number from 0 to 6"),
        (WAY, {"follow": 1.5}, "follow=1.5 must be a whole number from 0 to 4"),
        (WAY, {"labels": [1, 2]}, "labels of shape (2,) for 5"),
        (np.zeros((7, 5, 8, 8)), {"field": lambda places, t: places}, "for points in the plane"),
        (WAY, {"field": 3}, "field must be a function"),
    ],
)
def test_mistakes(steps: Any, named: dict[str, Any], told: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        viz.denoising(steps, **named)
    assert told in str(error.value)
