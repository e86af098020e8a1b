"""Handwritten digits: 1,797 real pictures of 8×8 pixels, carried by scikit-learn.

Axes: N pictures, 1 channel (grey), then rows and columns of pixels.
"""

from functools import cache

import numpy as np

from dlcourse.data.dataset import Dataset

_SPLIT_SEED = 0


def load_digits(size: int = 8) -> Dataset:
    """The digits, 0 for paper and 1 for ink, shaped (N, 1, size, size); `.flat` gives rows.

    Size 8 is the real thing. Size 28 is the same pictures *upsampled* to the size that LeNet
    expects: smoother, but with no detail that the 8×8 pixels do not hold.
    """
    if size not in (8, 28):
        raise ValueError(f"Digits come in size 8 (real) or 28 (upsampled), not {size!r}.")
    pixels, labels = _original()
    x = pixels[:, None] if size == 8 else upsample(pixels, size)[:, None]  # (N, 1, size, size)
    return Dataset(
        name="digits" if size == 8 else f"digits, upsampled to {size}×{size}",
        question="Which digit did the person write?",
        x=x,
        y=labels,
        feature_names=tuple(f"row {r} column {c}" for r in range(size) for c in range(size)),
        class_names=tuple("0123456789"),
        source="Written by 13 people; E. Alpaydin and C. Kaynak, Optical Recognition of "
        "Handwritten Digits (1998), UCI Machine Learning Repository, as scikit-learn carries it."
        + ("" if size == 8 else f" Upsampled here from 8×8 to {size}×{size}, bilinearly."),
        licence="CC BY 4.0",
        simulated=False,
    )


def split_digits(size: int = 8) -> tuple[Dataset, Dataset]:
    """Train (80 %) and test (20 %), always the same two: figures can be compared.

    Who wrote which digit is not recorded, so the same hand may appear in both.
    """
    train, test = load_digits(size).split((0.8, 0.2), rng=np.random.default_rng(_SPLIT_SEED))
    return train, test


def upsample(pictures: np.ndarray, size: int) -> np.ndarray:
    """Square pictures (N, small, small), stretched to (N, size, size) by bilinear interpolation.

    Each new pixel is a weighted mean of the nearest old ones, first along the rows and then
    along the columns: big = U @ small @ Uᵀ.
    """
    weights = _stretch(pictures.shape[-1], size).astype(pictures.dtype)  # (size, small)
    return weights @ pictures @ weights.T


def _stretch(small: int, size: int) -> np.ndarray:
    """One row of weights per new pixel: how much of each old pixel it takes."""
    # Pixels are little squares, so their centres sit at ½, 1½, …; at the rim the edge repeats.
    centres = (np.arange(size) + 0.5) * small / size - 0.5
    centres = np.clip(centres, 0, small - 1)
    distance = np.abs(centres[:, None] - np.arange(small))  # (size, small)
    return np.maximum(0, 1 - distance)


@cache
def _original() -> tuple[np.ndarray, np.ndarray]:
    # Imported here because scikit-learn takes most of a second to load.
    try:
        from sklearn.datasets import load_digits as load
    except ImportError as error:
        raise ImportError(
            "The digits are carried by scikit-learn, which is missing: pip install scikit-learn"
        ) from error
    bunch = load()
    return (bunch.images / 16).astype(np.float32), bunch.target.astype(np.int64)
