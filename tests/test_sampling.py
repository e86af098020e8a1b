"""Choosing a token from what a net says, the same in NumPy and in PyTorch."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcourse.pytorch import sampling as torch_sampling
from dlcourse.pytorch.positions import LearnedPositions as TorchLearned
from dlcourse.pytorch.positions import SinusoidalPositions as TorchSinusoidal
from dlcourse.scratch import sampling
from dlcourse.scratch.char_rnn import CharRNN, generate
from dlcourse.scratch.gpt import GPT
from dlcourse.scratch.positions import LearnedPositions, SinusoidalPositions

property_test = settings(max_examples=50, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
MANY = 20_000


def choose(world: str, logits: np.ndarray, rng: Any, **how: Any) -> np.ndarray:
    if world == "scratch":
        return sampling.choose(logits, rng, **how)
    return torch_sampling.choose(torch.from_numpy(logits), rng, **how).numpy()


both_worlds = pytest.mark.parametrize("world", ["scratch", "pytorch"])


def some_logits(seed: int, *shape: int) -> np.ndarray:
    return 3 * np.random.default_rng(seed).normal(size=shape)


def probabilities(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    p = np.exp(logits / temperature)
    return p / p.sum()


def allowed(logits: np.ndarray, top_k: int | None, top_p: float | None) -> set[int]:
    """Token by token, likeliest first, as one would do it by hand."""
    p = probabilities(logits)
    ranked = sorted(range(len(p)), key=lambda token: -p[token])[:top_k]
    kept: set[int] = set()
    for token in ranked:
        if top_p is not None and p[list(kept)].sum() >= top_p * p[ranked].sum():
            break
        kept.add(token)
    return kept


def shares(world: str, logits: np.ndarray, **how: Any) -> np.ndarray:
    """How often each token is chosen, among very many."""
    rows = np.broadcast_to(logits, (MANY, len(logits))).copy()
    tokens = choose(world, rows, np.random.default_rng(1), **how)
    return np.bincount(tokens, minlength=len(logits)) / MANY


def assert_near(found: np.ndarray, p: np.ndarray) -> None:
    """Within four and a half times the spread that pure chance explains."""
    assert (np.abs(found - p) <= 4.5 * np.sqrt(p * (1 - p) / MANY)).all(), (found, p)


@both_worlds
@pytest.mark.parametrize("temperature", [0, 1e-9])
def test_cold_takes_the_likeliest(world: str, temperature: float) -> None:
    logits = some_logits(1, 5, 4, 9)
    tokens = choose(world, logits, np.random.default_rng(1), temperature=temperature)
    np.testing.assert_array_equal(tokens, logits.argmax(-1))


@both_worlds
@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_tokens_come_as_often_as_they_should(world: str, temperature: float) -> None:
    logits = some_logits(2, 6)
    found = shares(world, logits, temperature=temperature)
    assert_near(found, probabilities(logits, temperature))


@both_worlds
@pytest.mark.parametrize("how", [{"top_k": 3}, {"top_p": 0.9}, {"top_k": 4, "top_p": 0.8}])
def test_what_is_left_keeps_its_proportions(world: str, how: dict[str, Any]) -> None:
    logits = some_logits(3, 8) / 5
    kept = allowed(logits, how.get("top_k"), how.get("top_p"))
    assert 1 < len(kept) < 8
    p = np.array([q if i in kept else 0.0 for i, q in enumerate(probabilities(logits))])
    assert_near(shares(world, logits, **how), p / p.sum())


@property_test
@given(
    size=st.integers(1, 12),
    top_k=st.none() | st.integers(1, 14),
    top_p=st.none() | st.floats(0.05, 1),
    temperature=st.floats(0.2, 3),
    dtype=st.sampled_from(["float64", "float32"]),
    seed=seeds,
)
def test_both_worlds_choose_the_same_and_what_is_allowed(
    size: int, top_k: Any, top_p: Any, temperature: float, dtype: str, seed: int
) -> None:
    logits = some_logits(seed, 30, size).astype(dtype)
    how = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    ours = choose("scratch", logits, np.random.default_rng(seed), **how)
    theirs = choose("pytorch", logits, np.random.default_rng(seed), **how)
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype == np.int64
    for row, token in zip(logits.astype(np.float64), ours, strict=True):
        # Where top_p falls exactly between two tokens, rounding may decide for either.
        edge = None if top_p is None else top_p + 1e-9
        assert token in allowed(row / temperature, top_k, edge)


@both_worlds
def test_a_forbidden_token_never_comes(world: str) -> None:
    logits = np.array([-np.inf, 0.0, -np.inf, 0.0])
    np.testing.assert_array_equal(shares(world, logits) > 0, [False, True, False, True])


class Fixed(np.random.Generator):
    """Always throws the dart at the same place."""

    def __init__(self, place: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.place = place

    def random(self, size: Any) -> np.ndarray:  # type: ignore[override]
        return np.full(size, self.place)


@both_worlds
@pytest.mark.parametrize("place, token", [(0.0, 1), (0.5, 3), (np.nextafter(1, 0), 3)])
def test_a_dart_at_the_very_edge(world: str, place: float, token: int) -> None:
    logits = np.array([[-np.inf, 0.0, -np.inf, 0.0, -np.inf]])
    assert choose(world, logits, Fixed(place)) == [token]


@both_worlds
def test_equals_stay_together(world: str) -> None:
    """With top_k=2 and three tokens that are equally likely, none of them is preferred."""
    assert_near(shares(world, np.array([1.0, 1, 1, 0]), top_k=2), np.array([1, 1, 1, 0]) / 3)


@both_worlds
def test_the_line_is_exact(world: str) -> None:
    """In float32 the ends of many small probabilities would lie in the wrong places."""
    logits = np.array([[0.3, 1.1]], np.float32)
    border = probabilities(logits[0].astype(np.float64))[0]
    assert choose(world, logits, Fixed(border - 1e-12)) == [0]
    assert choose(world, logits, Fixed(border + 1e-12)) == [1]


@both_worlds
def test_the_generator_decides(world: str) -> None:
    logits, rng = np.zeros((2, 50)), np.random.default_rng(1)
    first, second = choose(world, logits, rng), choose(world, logits, rng)
    assert (first != second).any(), "each call throws new darts"
    np.testing.assert_array_equal(first, choose(world, logits, np.random.default_rng(1)))


@both_worlds
def test_the_logits_stay_as_they_are(world: str) -> None:
    logits = some_logits(4, 3, 7)
    before = logits.copy()
    choose(world, logits, np.random.default_rng(1), temperature=0.5, top_k=2, top_p=0.5)
    np.testing.assert_array_equal(logits, before)


FINE = np.zeros((2, 3))
MISTAKES = [
    (np.zeros((2, 3), np.int64), {}, "choose got logits as (torch.)?int64, needs an? .* of floats"),
    (
        np.array([[0, 0, 1], [0, np.nan, 1]]),
        {},
        "choose got logits with NaN or infinity: has the training",
    ),
    (np.array([[0, np.inf, 1]]), {}, "choose got logits with NaN or infinity: has the training"),
    (np.full((1, 3), -np.inf), {}, "choose got logits with NaN or infinity: has the training"),
    (FINE, {"temperature": -1}, "choose got temperature=-1, needs 0 or more; 1 is neutral"),
    (FINE, {"temperature": float("nan")}, "choose got temperature=nan, needs 0 or more; 1 is"),
    (FINE, {"top_k": 0}, "choose got top_k=0, needs 1 or more; None allows all tokens"),
    (FINE, {"top_p": 0}, "choose got top_p=0, needs more than 0, at most 1; 0.9 is usual"),
    (FINE, {"top_p": 90}, "choose got top_p=90, needs more than 0, at most 1; 0.9 is usual"),
    (FINE, {"rng": 7}, r"choose got rng=7, needs a generator: np\.random\.default_rng\(0\)\?"),
]


@both_worlds
@pytest.mark.parametrize("logits, how, sentence", MISTAKES)
def test_mistakes(world: str, logits: np.ndarray, how: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        choose(world, logits, **{"rng": np.random.default_rng(1)} | how)


def test_the_whole_answer_of_a_net_is_not_its_logits() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match=r"^choose got logits as tuple, needs an array of floats"):
        sampling.choose((FINE, None), rng)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^choose got logits as tuple, needs a tensor of floats"):
        torch_sampling.choose((torch.zeros(2, 3), None), rng)  # type: ignore[arg-type]


def test_a_list_is_no_prompt() -> None:
    rng = np.random.default_rng(1)
    sentence = r"generate got a list as prompt, needs an array \(B, T\): np.array\(\[tokens\]\)\?"
    with pytest.raises(ValueError, match=sentence):
        generate(CharRNN(5, 3, 4, rng=rng), [1, 2], 3, rng=rng)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=sentence):
        GPT(5, 4, 4, 1, 1, rng=rng).generate([1, 2], 3, rng=rng)  # type: ignore[arg-type]


def test_no_place_lies_before_the_first() -> None:
    x, rng = np.zeros((1, 2, 4), np.float32), np.random.default_rng(1)
    for layer in (LearnedPositions(5, 4, rng=rng), SinusoidalPositions(5, 4)):
        with pytest.raises(ValueError, match=r"got start=-3, needs .* 0 or more"):
            layer(x, -3)
    for twin in (TorchLearned(5, 4), TorchSinusoidal(5, 4)):
        with pytest.raises(ValueError, match=r"got start=-3, needs .* 0 or more"):
            twin(torch.from_numpy(x), -3)
