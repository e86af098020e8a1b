"""The latent plane in Python: planes, pictures, what it answers, and what it refuses."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dlcourse import viz
from dlcourse.viz.parts.codes import MOST, Codes, plane_of
from dlcourse.viz.parts.stacks import ROOM, Decoder, pictures_of
from dlcourse.wire import parse

RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(40, 2)).astype(np.float32) * [3, 1] + [1, -2]
LABELS = np.arange(40) % 3
WEIGHT = RNG.normal(size=(2, 12)).astype(np.float32)
PICTURES = RNG.random((40, 3, 4)).astype(np.float32)


def decode(codes: np.ndarray) -> np.ndarray:
    return (codes @ WEIGHT[: codes.shape[1]]).reshape(-1, 3, 4)


def shown(**changes: Any) -> Any:
    given = {"decode": decode, "pictures": PICTURES} | changes
    return viz.latent(CODES.astype(np.float32), LABELS, **given)


def test_what_is_sent() -> None:
    """Map, rebuilt pictures, errors and the way are what the decoder says, and nothing else."""
    view = shown(start=4, end=9)
    _, content = parse(view.data)
    np.testing.assert_allclose(content["places"], CODES, rtol=1e-6)
    np.testing.assert_allclose(content["rebuilt"], decode(CODES), rtol=1e-5, atol=1e-6)
    gaps = ((PICTURES - decode(CODES)) ** 2).mean((1, 2))
    np.testing.assert_allclose(content["errors"], gaps, rtol=1e-5)
    left, right, bottom, top = content["frame"]
    places = content["places"]
    assert (places > [left, bottom]).all() and (places < [right, top]).all()
    assert content["map"].shape == (21 * 21, 3, 4)
    corner = [left + (right - left) / 42, bottom + (top - bottom) / 42]
    last = [right - (right - left) / 42, bottom + (top - bottom) / 42]
    np.testing.assert_allclose(content["map"][[0, 20]], decode(np.array([corner, last])), rtol=1e-4)
    way = CODES[4] + np.linspace(0, 1, 11)[:, None] * (CODES[9] - CODES[4])
    np.testing.assert_allclose(content["strip"], decode(way), rtol=1e-4, atol=1e-5)


def test_python_answers_exactly() -> None:
    answers = shown().answers
    np.testing.assert_allclose(
        answers["picture"]([0.5, -1]), decode(np.array([[0.5, -1]]))[0], 1e-5
    )
    np.testing.assert_allclose(answers["way"](1, 2)[[0, -1]], decode(CODES[[1, 2]]), 1e-4, 1e-5)
    rebuilt = answers["rebuild"](7)
    np.testing.assert_array_equal(rebuilt["picture"], PICTURES[7])
    np.testing.assert_allclose(rebuilt["rebuilt"], decode(CODES[7:8])[0], 1e-5)
    with pytest.raises(ValueError, match="number=40 is none of the examples"):
        answers["rebuild"](40)


def wide(count: int = 30) -> np.ndarray:
    """Codes of five numbers that spread mostly along (1, 1, 0, 0, 0), then along the fourth."""
    rng = np.random.default_rng(3)
    codes = 0.01 * rng.normal(size=(count, 5)) + 2
    codes[:, :2] += 5 * rng.normal(size=(count, 1))
    codes[:, 3] += rng.normal(size=count)
    return codes


def test_a_plane_of_two_of_five_numbers_holds_the_others_at_their_mean() -> None:
    codes = wide()
    plane = plane_of(codes, (3, 0))
    np.testing.assert_allclose(plane.places, codes[:, [3, 0]])
    lifted = plane.lift(np.array([[7.0, -1.0]]))[0]
    mean = codes.mean(0)
    np.testing.assert_allclose(lifted, [-1, mean[1], mean[2], 7, mean[4]])
    assert not plane.flat and plane.axis_names == ["code[3]", "code[0]"]


def test_main_directions() -> None:
    codes = wide()
    plane = plane_of(codes, "pca")
    np.testing.assert_allclose(plane.basis[0], [0.5**0.5, 0.5**0.5, 0, 0, 0], atol=0.02)
    np.testing.assert_allclose(plane.basis[1], [0, 0, 0, 1, 0], atol=0.1)
    spread = np.linalg.svd(codes - codes.mean(0), compute_uv=False)
    np.testing.assert_allclose((plane.places**2).sum(0), spread[:2] ** 2, rtol=1e-9)
    np.testing.assert_allclose(plane.lift(plane.places), codes, atol=0.1)


def test_the_precision_of_the_codes_is_kept() -> None:
    for dtype in (np.float32, np.float64):
        plane = plane_of(CODES.astype(dtype), (0, 1))
        assert plane.lift(np.zeros((1, 2))).dtype == plane.lattice(3).dtype == dtype


def test_codes_that_are_not_finite_are_left_out_and_counted() -> None:
    codes = CODES.copy()
    codes[[3, 8], 1] = np.nan, np.inf
    view = viz.latent(codes, LABELS, pictures=PICTURES)
    assert view.content["left_out"] == 2 and len(view.content["places"]) == 38
    assert 3 not in view.content["numbers"]
    assert "2 codes are not finite" in view.words.alt
    at = list(view.content["numbers"]).index(9)
    np.testing.assert_array_equal(view.content["pictures"][at], PICTURES[9])
    with pytest.raises(ValueError, match="start=3 is none of the examples shown"):
        viz.latent(codes, LABELS, start=3)


def test_of_many_examples_some_are_sent() -> None:
    """So that a page stays small; the chosen two are always among them."""
    many = RNG.normal(size=(5000, 2)).astype(np.float32)
    large = np.zeros((5000, 28, 28), np.float32)
    view = viz.latent(many, pictures=large, decode=lambda z: np.zeros((len(z), 784), np.float32))
    assert len(view.content["places"]) == MOST
    sent = [view.content[name].size for name in ("pictures", "rebuilt", "map")]
    assert max(sent) <= ROOM + 2 * 784
    kept = view.content["numbers"][view.content["kept"]]
    assert {view.choices["start"], view.choices["end"]} <= set(kept.tolist())
    assert len(viz.page.page(view)) < 2_000_000


@pytest.mark.parametrize("count", [1, 2])
def test_few_examples(count: int) -> None:
    view = viz.latent(CODES[:count], decode=decode, pictures=PICTURES[:count])
    assert len(view.content["places"]) == count
    assert viz.page.page(view)


def test_without_pictures_and_without_a_decoder() -> None:
    alone = viz.latent(CODES)
    assert alone.content["map"] is None and alone.content["pictures"] is None
    decoded = viz.latent(CODES, decode=decode)
    assert decoded.content["map"] is not None and decoded.content["errors"] is None


def test_a_torch_decoder() -> None:
    net = nn.Linear(2, 12)
    view = shown(decode=lambda z: net(torch.from_numpy(z)).detach().numpy())
    want = net(torch.from_numpy(CODES.astype(np.float32))).detach().numpy()
    np.testing.assert_allclose(view.content["rebuilt"].reshape(40, 12), want, rtol=1e-5)
    with pytest.raises(TypeError, match=re.escape(".detach().cpu().numpy()?")):
        shown(decode=lambda z: net(torch.from_numpy(z)))


@pytest.mark.parametrize(
    "size, want",
    [((64,), (8, 8)), ((12,), (1, 12)), ((5, 7), (5, 7)), ((1, 5, 7), (5, 7))],
)
def test_forms_of_pictures(size: tuple[int, ...], want: tuple[int, ...]) -> None:
    flat = np.arange(2 * np.prod(size), dtype=np.float32)
    stack = pictures_of(flat.reshape(2, *size), "x")
    assert stack.shape == (2, *want)
    np.testing.assert_array_equal(stack.ravel(), flat)


def test_large_sets_are_decoded_in_parts() -> None:
    sizes: list[int] = []

    def counted(codes: np.ndarray) -> np.ndarray:
        sizes.append(len(codes))
        return decode(codes)

    codes = RNG.normal(size=(700, 2))
    np.testing.assert_allclose(Decoder(counted, None)(codes), decode(codes), rtol=1e-5)
    assert sizes == [256, 256, 188]


def test_words() -> None:
    view = viz.latent(CODES, LABELS, decode=decode, pictures=PICTURES, class_names=["a", "b", "c"])
    worst = view.content["errors"].max()
    assert "40 codes of 3 classes" in view.words.alt and f"{worst:.3g}" in view.words.alt
    assert [row[0] for row in view.words.table.rows] == ["a", "b", "c"]
    assert view.words.table.rows[1][1] == f"{(LABELS == 1).sum()}"
    given = "codes, labels, class_names=class_names, decode=decode, pictures=pictures"
    assert ", ".join(view.words.given) == given


NAN = float("nan")


@pytest.mark.parametrize(
    "codes, named, told",
    [
        (CODES[:, :1], {}, "shape (40, 1); needs (N, 2) or more numbers"),
        (CODES[0], {}, "codes are float64 numbers of shape (2,)"),
        (CODES * NAN, {}, "of 40 codes none is finite"),
        (CODES, {"labels": LABELS[:3]}, "labels of shape (3,) for 40 codes"),
        (CODES, {"labels": LABELS, "class_names": ["a"]}, "whole numbers from 0 to 0"),
        (CODES, {"axes": (0, 2)}, "axes=(0, 2) must be two of the codes' numbers, each 0 to 1"),
        (CODES, {"axes": (1, 1)}, "axes=(1, 1) are one and the same"),
        (CODES, {"axes": "tsne"}, "axes='tsne' is unknown"),
        (CODES, {"at": (1, NAN)}, "at=(1, nan) is no place in the plane"),
        (CODES, {"at": 3}, "at=3 is no place"),
        (CODES, {"start": 40}, "start=40 is none of the examples shown here: 0 to 39?"),
        (CODES, {"part": 1.5}, "part=1.5 must lie between 0 (start) and 1 (end)"),
        (CODES, {"show": "all"}, "show='all' is unknown: 'points', 'pictures', 'both'"),
        (CODES, {"pictures": PICTURES[:7]}, "7 pictures for 40 codes"),
        (CODES, {"pictures": np.zeros((40, 3, 8, 8))}, "more than one channel"),
        (CODES, {"decode": lambda z: (decode(z), None)}, "decode=lambda z: decoder(z)[0]"),
        (CODES, {"decode": lambda z: decode(z)[:5]}, "decode gave shape (5, 3, 4) for 40 codes"),
        (CODES, {"decode": "net"}, "decode is a str: give a function"),
        (CODES, {"decode": lambda z: z, "pictures": PICTURES}, "(1, 2), but the pictures given"),
    ],
)
def test_mistakes(codes: Any, named: dict[str, Any], told: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        viz.latent(codes, **named)
    assert told in str(error.value)


def test_one_example_has_no_directions() -> None:
    with pytest.raises(ValueError, match="two examples or more for pca"):
        viz.latent(CODES[:1], axes="pca")


def test_equal_codes_have_a_frame_too() -> None:
    plane: Codes = plane_of(np.zeros((4, 2)), (0, 1))
    np.testing.assert_array_equal(plane.frame, [-1, 1, -1, 1])
