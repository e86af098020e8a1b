"""Data sets keep what they promise: shapes, types, ranges, splits, and arrays of their own."""

import dataclasses
import re
import subprocess
import sys

import numpy as np
import pytest

import dlcourse.data
from dlcourse.data import Dataset, digits, load_digits, split_digits, upsample


def measured(n: int = 100) -> Dataset:
    """A set whose rows can be told apart, with measurements for answers."""
    rows = np.arange(n, dtype=np.float64)
    return Dataset(
        name="rows",
        question="Which row is it?",
        x=np.stack([rows, -rows], axis=1),
        y=rows,
        source="Counted.",
        licence="none needed",
        simulated=True,
    )


def classified(counts: tuple[int, ...]) -> Dataset:
    """The same with so many examples of each class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    names = tuple("abcdef"[: len(counts)])
    return dataclasses.replace(measured(len(labels)), y=labels, class_names=names)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_importing_data_loads_nothing_heavy():
    script = "import sys, dlcourse.data; print(*sorted(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    heavy = {"sklearn", "scipy", "torch", "matplotlib", "pandas", "plotly", "pydoc_data"}
    assert "dlcourse" in loaded
    assert not heavy & loaded


def test_public_names_are_sorted_and_exist():
    names = dlcourse.data.__all__
    assert names == sorted(names)
    assert all(hasattr(dlcourse.data, name) for name in names)


def test_types_are_settled():
    assert measured().x.dtype == np.float32
    assert measured().y.dtype == np.float32
    assert classified((2, 2)).y.dtype == np.int64


def test_arrays_are_copied():
    x, y = np.zeros((3, 2), dtype=np.float32), np.zeros(3, dtype=np.int64)
    data = dataclasses.replace(measured(3), x=x, y=y, class_names=("a", "b"))
    x[:], y[:] = 1, 1
    assert not data.x.any()
    assert not data.y.any()


def test_fields_cannot_be_exchanged():
    with pytest.raises(dataclasses.FrozenInstanceError):
        measured().name = "other"


def test_representation_names_what_matters():
    text = repr(classified((3, 5)))
    for part in ("rows (simulated)", "Which row", "8 examples", "a (3)", "b (5)", "Counted."):
        assert part in text
    assert "rows (real)" in repr(dataclasses.replace(measured(), simulated=False))
    assert "measurements" in repr(measured())


def test_flat_puts_an_example_in_a_row():
    digits = load_digits()
    np.testing.assert_array_equal(digits.flat.x[5], digits.x[5, 0].ravel())
    assert digits.flat.x.shape == (1797, 64)


@pytest.mark.parametrize("fractions", [(0.6, 0.2, 0.2), (0.8, 0.2), (1.0,), (0.1, 0.2, 0.3, 0.4)])
def test_parts_hold_every_row_once(fractions):
    for data in (measured(), classified((50, 30, 20))):
        parts = data.split(fractions, rng=rng())
        assert [len(part) for part in parts] == [round(100 * f) for f in fractions]
        rows = np.concatenate([part.x[:, 0] for part in parts])
        assert sorted(rows) == list(range(100))
        assert all((part.x[:, 0] == -part.x[:, 1]).all() for part in parts)


def test_answers_stay_with_their_examples():
    for part in measured().split(rng=rng()):
        np.testing.assert_array_equal(part.x[:, 0], part.y)


@pytest.mark.parametrize("counts", [(900, 100), (500, 300, 195, 5), (7, 993)])
def test_every_part_has_each_class_in_its_share(counts):
    for part, fraction in zip(
        classified(counts).split((0.6, 0.2, 0.2), rng=rng()), (0.6, 0.2, 0.2), strict=True
    ):
        expected = np.array(counts) * fraction
        assert (np.abs(part.class_counts - expected) <= 1.5).all()


def test_same_seed_gives_the_same_parts_and_another_seed_others():
    first, again, other = (measured().split(rng=rng(seed)) for seed in (1, 1, 2))
    assert all(a.x.tobytes() == b.x.tobytes() for a, b in zip(first, again, strict=True))
    assert first[0].x.tobytes() != other[0].x.tobytes()


def test_a_part_is_a_fair_draw():
    times_in_test = np.zeros(100)
    generator = rng()
    for _ in range(400):
        test = classified((60, 40)).split((0.8, 0.2), rng=generator)[1]
        times_in_test[test.x[:, 0].astype(int)] += 1
    # 400 draws with a chance of 0.2: mean 80, standard deviation 8; 100 rows stay within 5 of it.
    assert np.abs(times_in_test - 80).max() < 40
    assert times_in_test[:60].mean() == pytest.approx(80, abs=1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"x": np.zeros((99, 2))}, "do not belong together"),
        ({"x": np.zeros(100)}, "one row per example"),
        ({"y": np.zeros((100, 1))}, "one answer per row"),
        ({"x": np.full((100, 2), "cat")}, "a net needs numbers"),
        ({"y": np.full(100, "cat")}, "a net needs numbers"),
        ({"y": np.full(100, 2), "class_names": ("a", "b")}, "2 is not a class"),
        ({"y": np.full(100, -1), "class_names": ("a", "b")}, "numbered 0 to 1"),
        ({"y": np.full(100, 0.5), "class_names": ("a", "b")}, "0.5 is not a class"),
        ({"y": np.full(100, np.nan), "class_names": ("a", "b")}, "nan is not a class"),
        ({"y": np.full(100, "cat"), "class_names": ("a", "b")}, "cat is not a class"),
    ],
)
def test_a_wrong_set_is_refused_with_a_sentence(change, sentence):
    with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
        dataclasses.replace(measured(), **change)


@pytest.mark.parametrize("fractions", [(0.6, 0.2), (1.2, -0.2), (), (float("nan"), 1), 0.8])
def test_fractions_must_add_up(fractions):
    with pytest.raises(ValueError, match="add up to 1"):
        measured().split(fractions, rng=rng())


def test_too_few_examples_to_split():
    with pytest.raises(ValueError, match="2 examples are too few"):
        measured(2).split(rng=rng())


@pytest.mark.parametrize("seed", [0, None, np.random])
def test_a_seed_is_not_a_generator(seed):
    with pytest.raises(TypeError, match=r"rng=np\.random\.default_rng\(0\)"):
        measured().split(rng=seed)


def test_digits_are_what_they_say():
    digits = load_digits()
    assert digits.x.shape == (1797, 1, 8, 8)
    assert digits.x.dtype == np.float32
    assert digits.y.dtype == np.int64
    assert digits.x.min() == 0
    assert digits.x.max() == 1
    np.testing.assert_array_equal(digits.x * 16, np.round(digits.x * 16))
    assert digits.class_counts.min() >= 174
    assert digits.class_counts.max() <= 183
    assert not digits.simulated


def test_digits_come_as_arrays_of_their_own():
    before = load_digits().x.tobytes(), load_digits().y.tobytes()
    digits = load_digits()
    digits.x[:] = 7
    digits.y[:] = 7
    assert (load_digits().x.tobytes(), load_digits().y.tobytes()) == before


def test_digits_split_is_always_the_same():
    train, test = split_digits()
    assert (len(train), len(test)) == (1438, 359)
    assert train.x.tobytes() == split_digits()[0].x.tobytes()
    # All 1,797 pictures differ, so a picture found on both sides would be a leak.
    pictures = {row.tobytes() for row in train.x} | {row.tobytes() for row in test.x}
    assert len(pictures) == 1797
    assert (np.abs(test.class_counts - load_digits().class_counts / 5) <= 1.5).all()
    # The very rows, on every machine: benchmarks compare figures over months.
    assert test.y[:12].tolist() == [3, 7, 5, 6, 0, 4, 1, 3, 5, 9, 0, 2]


def test_large_digits_are_the_same_split_upsampled():
    for small, large in zip(split_digits(), split_digits(28), strict=True):
        assert large.x.shape == (len(small), 1, 28, 28)
        assert large.x.dtype == np.float32
        np.testing.assert_array_equal(small.y, large.y)
        np.testing.assert_array_equal(upsample(small.x[:, 0], 28), large.x[:, 0])
        assert large.x.min() >= 0
        assert large.x.max() <= 1
        assert "upsampled" in large.name
        assert "Upsampled" in large.source


def test_upsampling_agrees_with_torch():
    torch = pytest.importorskip("torch")
    small = rng().random((3, 8, 8))
    theirs = torch.nn.functional.interpolate(
        torch.tensor(small)[:, None], size=28, mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(upsample(small, 28), theirs[:, 0].numpy(), rtol=0, atol=1e-12)


def test_digits_have_two_sizes():
    with pytest.raises(ValueError, match=re.escape("size 8 (real) or 28 (upsampled), not 32")):
        load_digits(32)


def test_digits_without_scikit_learn_get_a_sentence(monkeypatch):
    digits._original.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        load_digits()
