"""The text, its alphabet and the windows drawn from it."""

import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcourse.data import Alphabet, Text, Windows, load_text, windows


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture
def without_topics(monkeypatch):
    """A Python whose distribution left the documentation out."""
    monkeypatch.setitem(sys.modules, "pydoc_data", None)
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    load_text.cache_clear()
    yield
    load_text.cache_clear()


def test_the_text_is_pythons_documentation():
    text = load_text()
    assert len(text) > 300_000
    assert "assert" in text.text
    assert text.text.count("\n") > 5000
    assert f"{len(text):,} characters" in repr(text)


def test_the_text_is_the_same_each_time():
    before = load_text().text
    load_text.cache_clear()
    assert load_text().text == before


def test_topics_are_joined_in_alphabetical_order(monkeypatch):
    from pydoc_data import topics

    monkeypatch.setattr(topics, "topics", {"b": "two\n\none\n", "a": "one\n\n  zero"})
    load_text.cache_clear()
    assert load_text().text == "one\n\n  zero\n\ntwo"
    load_text.cache_clear()


def test_parts_are_cut_by_position():
    text = load_text()
    train, validation = text.split(0.9)
    assert train + validation == text.text
    assert len(train) == round(0.9 * len(text))


def test_validation_was_not_seen_in_training():
    train, validation = load_text().split()
    size = 80
    seen = {train[i : i + size] for i in range(len(train) - size)}
    pieces = [validation[i : i + size] for i in range(len(validation) - size)]
    # Without leaving out repeated paragraphs it is 8 %.
    assert sum(piece in seen for piece in pieces) < 0.005 * len(pieces)


@pytest.mark.parametrize("fraction", [0, 1, 1.5, -0.1])
def test_no_part_may_be_empty(fraction):
    with pytest.raises(ValueError, match=f"A fraction of {fraction} leaves one part empty"):
        Text("short", "twelve chars", "here", "none").split(fraction)


def test_docstrings_stand_in_for_missing_topics(without_topics):
    text = load_text()
    assert len(text) > 300_000
    assert "because this Python lacks `pydoc_data`" in repr(text)


def test_without_any_text_there_is_a_sentence(without_topics, monkeypatch, tmp_path):
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="install its full standard library"):
        load_text()


def test_the_alphabet_is_taken_from_the_text():
    text = load_text().text
    alphabet = Alphabet.of(text)
    assert set(alphabet.characters) == set(text)
    assert len(alphabet) == len(set(text))
    ids = alphabet.encode(text)
    assert ids.dtype == np.int64
    assert sorted(set(ids.tolist())) == list(range(len(alphabet)))
    assert alphabet.decode(ids) == text


@given(st.text(st.characters(), min_size=1))
def test_decoding_undoes_encoding(text):
    alphabet = Alphabet.of(text)
    assert alphabet.decode(alphabet.encode(text)) == text
    assert alphabet.encode("").shape == (0,)


def test_a_number_is_the_place_in_the_alphabet():
    alphabet = Alphabet("abx")
    assert alphabet.encode("xab").tolist() == [2, 0, 1]
    assert alphabet.decode([1, 1, 2]) == "bbx"
    assert alphabet == Alphabet.of("bax")


@pytest.mark.parametrize("unknown", ["é", "A", "z", "😀", "\ud800"])
def test_an_unknown_character_gets_a_sentence(unknown):
    with pytest.raises(ValueError, match="at position 2 is not among the 3") as caught:
        Alphabet("abx").encode("ab" + unknown + "b")
    assert repr(unknown) in str(caught.value)


@pytest.mark.parametrize("number", [-1, 3])
def test_a_number_beyond_the_alphabet_gets_a_sentence(number):
    with pytest.raises(ValueError, match=f"{number} stands for no character"):
        Alphabet("abx").decode([0, number])


@pytest.mark.parametrize("characters", ["", "ba", "aab"])
def test_an_alphabet_is_sorted_and_without_repeats(characters):
    with pytest.raises(ValueError, match=re.escape("Alphabet.of(text) finds them")):
        Alphabet(characters)


def test_windows_are_shifted_by_one():
    ids = rng().integers(0, 1000, 500)
    x, y = windows(ids, 16, 64, rng=rng(1))
    assert x.shape == y.shape == (64, 16)
    assert x.dtype == y.dtype == ids.dtype
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
    pieces = {ids[i : i + 17].tobytes() for i in range(484)}
    for row, following in zip(x, y, strict=True):
        assert np.append(row, following[-1]).tobytes() in pieces


def test_windows_reach_both_ends_of_the_text():
    x, y = windows(np.arange(10), 4, 500, rng=rng())
    assert set(x[:, 0].tolist()) == set(range(6))
    assert y.max() == 9


def test_windows_are_arrays_of_their_own():
    ids = np.arange(10)
    x, y = windows(ids, 4, 3, rng=rng())
    x[:], y[:] = -1, -2
    assert (x == -1).all()
    np.testing.assert_array_equal(ids, np.arange(10))


def test_a_seed_settles_the_windows():
    ids = np.arange(1000)
    first, again, other = (windows(ids, 8, 4, rng=rng(seed))[0] for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize(("length", "batch"), [(10, 1), (0, 1), (4, 0)])
def test_impossible_windows_get_a_sentence(length, batch):
    with pytest.raises(ValueError, match="cannot be drawn from 10"):
        windows(np.arange(10), length, batch, rng=rng())
    assert windows(np.arange(10), 9, 1, rng=rng())[0].shape == (1, 9)


def test_windows_need_a_generator():
    with pytest.raises(TypeError, match=r"default_rng\(0\)"):
        windows(np.arange(10), 4, 1, rng=0)


def test_endless_windows_are_the_same_as_drawn_one_by_one():
    ids = np.arange(1000)
    batches, generator = Windows(ids, 8, 4, rng=rng(3)), rng(3)
    for _, (x, y) in zip(range(3), batches, strict=False):
        expected_x, expected_y = windows(ids, 8, 4, rng=generator)
        np.testing.assert_array_equal(x, expected_x)
        np.testing.assert_array_equal(y, expected_y)
        np.testing.assert_array_equal(batches.last, x[:, 0])


def test_endless_windows_start_again_from_the_state_of_their_generator():
    batches = Windows(np.arange(1000), 8, 4, rng=rng(3))
    next(batches)
    state, kept = batches.rng.bit_generator.state, batches.state_dict()
    assert batches.rng.bit_generator.state == state, "to look at it must not change it"
    first = next(batches)[0]
    batches.load_state_dict(kept)
    batches.rng.bit_generator.state = state
    np.testing.assert_array_equal(next(batches)[0], first)
