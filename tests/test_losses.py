"""Every loss beside PyTorch's, value and gradient."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from dlcourse.scratch.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_kl,
    mse_loss,
)
from dlcourse.scratch.mistakes import LayerError
from tests.twins import TOLERANCE

property_test = settings(max_examples=40, deadline=None, derandomize=True)
dtypes = st.sampled_from(["float64", "float32"])
seeds = st.integers(0, 2**32 - 1)
UPSTREAM = -1.7  # what a gradient of one would hide


def compare(ours, theirs, arrays: list[np.ndarray], dtype: str) -> None:
    """`ours` and `theirs` take these arrays; values and all gradients must agree."""
    arrays = [a.astype(dtype) for a in arrays]
    tensors = [torch.from_numpy(a).requires_grad_() for a in arrays]
    value, back = ours(*arrays)
    want = theirs(*tensors)
    (UPSTREAM * want).backward()
    gradients = back(UPSTREAM)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    tolerance = TOLERANCE[dtype]
    assert value == pytest.approx(want.item(), rel=tolerance, abs=tolerance)
    for mine, tensor in zip(gradients, tensors, strict=True):
        assert str(mine.dtype) == dtype
        np.testing.assert_allclose(mine, tensor.grad.numpy(), rtol=tolerance, atol=tolerance * 0.01)


@property_test
@given(array_shapes(max_dims=4, max_side=5), dtypes, seeds)
def test_mse(shape: tuple[int, ...], dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.normal(size=shape).astype(dtype)
    compare(
        lambda p: mse_loss(p, target),
        lambda p: F.mse_loss(p, torch.from_numpy(target)),
        [rng.normal(size=shape)],
        dtype,
    )


@property_test
@given(
    array_shapes(min_dims=2, max_dims=4, max_side=5),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.booleans(),
    dtypes,
    seeds,
)
def test_cross_entropy(
    shape: tuple[int, ...], smoothing: float, padding: bool, dtype: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, shape[-1], shape[:-1])
    if padding:
        targets[rng.random(targets.shape) < 0.4] = -100
        targets.flat[0] = 0
    options = {"label_smoothing": smoothing, "ignore_index": -100}
    compare(
        lambda x: cross_entropy(x, targets, **options),
        lambda x: F.cross_entropy(
            x.reshape(-1, shape[-1]), torch.from_numpy(targets.reshape(-1)), **options
        ),
        [5 * rng.normal(size=shape[::-1]).T],
        dtype,
    )


@property_test
@given(array_shapes(max_dims=3, max_side=5), dtypes, seeds)
def test_binary_cross_entropy(shape: tuple[int, ...], dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.random(shape).astype(dtype)
    compare(
        lambda x: binary_cross_entropy_with_logits(x, target),
        lambda x: F.binary_cross_entropy_with_logits(x, torch.from_numpy(target)),
        [10 * rng.normal(size=shape)],
        dtype,
    )


@property_test
@given(array_shapes(min_dims=2, max_dims=2, max_side=6), dtypes, seeds)
def test_gaussian_kl(shape: tuple[int, ...], dtype: str, seed: int) -> None:
    """Against torch.distributions, which knows the formula by itself."""
    rng = np.random.default_rng(seed)

    def theirs(mean, log_var):
        q = torch.distributions.Normal(mean, torch.exp(log_var / 2))
        p = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
        return torch.distributions.kl_divergence(q, p).sum() / len(mean)

    compare(gaussian_kl, theirs, [rng.normal(size=shape), rng.normal(size=shape)], dtype)


def test_extreme_logits_stay_finite() -> None:
    logits = np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, back = cross_entropy(logits, np.array([1, 1]))
        assert loss == 1e4 and np.isfinite(back()).all()
        loss, back = binary_cross_entropy_with_logits(logits, np.ones_like(logits))
        assert loss == 5e3 and np.isfinite(back()).all()


logits, labels = np.zeros((4, 3), np.float32), np.zeros(4, np.int64)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (
            lambda: cross_entropy(logits, np.array([0, 1, 2])),
            r"targets of shape \(3,\) .* needs \(4,\)",
        ),
        (lambda: cross_entropy(logits, np.eye(4, 3)), "one-hot\\? then targets.argmax"),
        (
            lambda: cross_entropy(logits, np.array([0, 1, 2, 3])),
            "classes from 0 to 3, .*begin at 0",
        ),
        (lambda: cross_entropy(logits, np.zeros(4)), "classes as float64"),
        (lambda: cross_entropy(logits, np.full(4, -100)), "no target that counts"),
        (lambda: mse_loss(logits, logits[:, 0]), r"\(4, 3\) and \(4,\), needs two equal"),
        (lambda: mse_loss(logits[:, :1], logits[:, 0]), r"as a column\? then target\[:, None\]"),
        (lambda: mse_loss(logits, logits.astype(float)), "float64"),
        (
            lambda: mse_loss(logits, logits.astype(float)),
            "^mse_loss got float32 and float64",
        ),
        (lambda: mse_loss((logits, None), logits), r"^mse_loss got a tuple: write y, back = net"),
        (lambda: cross_entropy((logits, None), labels), r"^cross_entropy got a tuple: write y, b"),
        (lambda: cross_entropy(labels, logits), "^cross_entropy got whole .*, and floats .*: swap"),
        (lambda: cross_entropy(logits, np.zeros(4)), "^cross_entropy got classes as float64"),
        (lambda: cross_entropy(logits, labels - 1), "^cross_entropy .*then ignore_index=-1"),
        (lambda: cross_entropy(logits[0, 0][...], labels), "^cross_entropy got"),
        (lambda: cross_entropy(logits, labels, label_smoothing=1), "^cross_entropy got label_smoo"),
        (lambda: cross_entropy(logits, labels, label_smoothing=-0.1), "needs 0 or more, below 1"),
        (lambda: gaussian_kl(logits, logits[:2]), "needs two equal"),
    ],
)
def test_mistakes_are_told_in_a_sentence(call, sentence: str) -> None:
    with pytest.raises(LayerError, match=sentence):
        call()
