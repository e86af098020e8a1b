"""How wrong is an answer, as one number, and how should the answer change?

    loss, loss_back = cross_entropy(logits, targets)
    back(loss_back())                                    # begin the way back through the net

B batch, C classes. All are means, so the size of a batch does not change the size of a step.
"""

import numpy as np

from dlcourse.scratch.activations import sigmoid
from dlcourse.scratch.layer import Back
from dlcourse.scratch.mistakes import LayerError, expect_indices, expect_numbers
from dlcourse.trace import Array


def mse_loss(prediction: Array, target: Array) -> tuple[float, Back]:
    """L = mean (p - t)², so dp = 2 (p - t) / n"""
    _expect_pair("mse_loss", prediction, target)
    apart = prediction - target
    return float(np.mean(apart * apart)), lambda dloss=1.0: apart * (2 * dloss / apart.size)


def cross_entropy(
    logits: Array, targets: Array, *, label_smoothing: float = 0.0, ignore_index: int = -100
) -> tuple[float, Back]:
    """L = mean -log softmax(logits)[target], so dlogits = (softmax(logits) - onehot(target)) / n

    Classes lie on the last axis. Label smoothing s asks for 1 - s on the target and spreads s
    evenly over all classes; targets equal to `ignore_index` (padding) do not count.
    """
    _expect_logits(logits, targets, label_smoothing)
    classes = logits.shape[-1]
    rows, labels = logits.reshape(-1, classes), np.asarray(targets).reshape(-1)  # (n, C), (n,)
    counted = np.flatnonzero(labels != ignore_index)
    _expect_classes(labels[counted], classes)
    shifted = rows - rows.max(-1, keepdims=True)  # log softmax stays the same, e^x stays small
    log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    chosen = counted, labels[counted]
    per_row = (1 - label_smoothing) * log_p[chosen]
    if label_smoothing:
        per_row += label_smoothing * log_p[counted].mean(-1)

    def back(dloss: float = 1.0) -> Array:
        dlogits = np.exp(log_p)
        dlogits -= label_smoothing / classes
        dlogits[chosen] -= 1 - label_smoothing
        dlogits *= dloss / len(counted)
        if len(counted) < len(labels):
            dlogits[labels == ignore_index] = 0
        return dlogits.reshape(logits.shape)

    return float(-per_row.mean()), back


def binary_cross_entropy_with_logits(logits: Array, target: Array) -> tuple[float, Back]:
    """L = mean -(t log p + (1 - t) log(1 - p)) with p = sigmoid(x), so dx = (p - t) / n

    Written as max(x, 0) - x t + log(1 + e^-|x|), which is the same and never overflows.
    """
    _expect_pair("binary_cross_entropy_with_logits", logits, target)
    each = np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))

    def back(dloss: float = 1.0) -> Array:
        return (sigmoid(logits) - target) * (dloss / logits.size)

    return float(each.mean()), back


def gaussian_kl(mean: Array, log_var: Array) -> tuple[float, Back]:
    """KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² - log σ² - 1), mean over the batch

    So dμ = μ / B and dlog σ² = ½ (σ² - 1) / B; `back` gives both.
    """
    _expect_pair("gaussian_kl", mean, log_var)
    var = np.exp(log_var)
    each = 0.5 * (mean * mean + var - log_var - 1)  # (B, latent)

    def back(dloss: float = 1.0) -> tuple[Array, Array]:
        share = dloss / len(mean)
        return mean * share, (var - 1) * (0.5 * share)

    return float(each.sum() / len(mean)), back


def _expect_pair(loss: str, a: Array, b: Array) -> None:
    _expect_floats(loss, a)
    _expect_floats(loss, b)
    if a.dtype != b.dtype:
        cure = f"target.astype(np.{a.dtype})?"
        raise LayerError(f"{loss} got {a.dtype} and {b.dtype}, needs the same for both: {cure}")
    if a.shape != b.shape:
        hint = f": {b.shape[0]} numbers as a column? then target[:, None]" * (b.ndim < a.ndim)
        raise LayerError(f"{loss} got shapes {a.shape} and {b.shape}, needs two equal ones{hint}")


def _expect_floats(loss: str, x: Array) -> None:
    if isinstance(x, tuple):
        raise LayerError(f"{loss} got a tuple: write y, back = net(x)?")
    try:
        expect_numbers(x)
    except LayerError as error:
        raise LayerError(f"{loss} {error.problem}") from None


def _expect_logits(logits: Array, targets: Array, label_smoothing: float) -> None:
    kinds = [x.dtype.kind for x in (logits, targets) if isinstance(x, np.ndarray)]
    if kinds == ["i", "f"]:
        raise LayerError("cross_entropy got whole numbers as logits, and floats as targets: swap?")
    _expect_floats("cross_entropy", logits)
    if not 0 <= label_smoothing < 1:
        got = f"label_smoothing={label_smoothing}"
        raise LayerError(f"cross_entropy got {got}, needs 0 or more, below 1; 0.1 is usual")
    if logits.shape[:-1] != np.shape(targets) or not logits.ndim:
        hint = ": one-hot? then targets.argmax(-1)" * (logits.shape == np.shape(targets))
        got = f"targets of shape {np.shape(targets)} for logits {logits.shape}"
        raise LayerError(f"cross_entropy got {got}, needs {logits.shape[:-1]}{hint}")


def _expect_classes(counted: Array, classes: int) -> None:
    if not counted.size:
        raise LayerError("cross_entropy got no target that counts: all are ignored, or none came")
    if counted.dtype.kind == "i" and counted.min() == -1:
        raise LayerError("cross_entropy got a class -1: for padding? then ignore_index=-1")
    try:
        expect_indices(counted, classes, "classes")
    except LayerError as error:
        raise LayerError(f"cross_entropy {error.problem}") from None
