"""From one sequence to another: it learns, and padding is as if it were not there."""

from itertools import count, pairwise

import numpy as np
import pytest
import torch

from dlcourse.pytorch import seq2seq as torch_seq2seq
from dlcourse.pytorch.record import give_weights
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.optim import Adam
from dlcourse.scratch.schedules import cosine
from dlcourse.scratch.seq2seq import Seq2Seq
from dlcourse.scratch.train import fit

BEGIN = 10


def reversal(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Digits, the same one step late in reverse, and in reverse."""
    source = rng.integers(0, 10, (size, 4))
    target = source[:, ::-1]
    begin = np.full((size, 1), BEGIN)
    return source, np.concatenate([begin, target[:, :-1]], axis=1), target


@pytest.fixture(scope="module")
def net() -> Seq2Seq:
    """A net that has learned to reverse, in a second."""
    rng = np.random.default_rng(0)
    net = Seq2Seq(10, 11, 32, rng=rng)
    batches = (reversal(rng, 64) for _ in count())
    optimizer = Adam(net.parameters())
    for _ in fit(net, cross_entropy, optimizer, batches, steps=500, schedule=cosine(0.01, 500)):
        pass
    return net


def test_learns_to_reverse(net: Seq2Seq) -> None:
    """And its twin, with the same weights, writes the same."""
    source, _, target = reversal(np.random.default_rng(1), 300)
    written = net.greedy(source, BEGIN, 4)
    assert (written == target).all(1).mean() > 0.98
    twin = give_weights(torch_seq2seq.Seq2Seq(10, 11, 32), net.state_dict())
    same = twin.greedy(torch.from_numpy(source), BEGIN, 4).numpy()
    np.testing.assert_array_equal(written, same)


def test_one_step_at_a_time_is_all_at_once(net: Seq2Seq) -> None:
    """Fed with what it wrote itself, the whole net expects just that."""
    rng = np.random.default_rng(0)
    source = rng.integers(0, 10, (50, 6))
    mask = np.arange(6) < rng.integers(1, 7, (50, 1))
    written = net.greedy(source, BEGIN, 5, mask)
    assert len({tuple(row) for row in written.tolist()}) > 40  # or the test would say little
    begun = np.concatenate([np.full((50, 1), BEGIN), written[:, :-1]], axis=1)
    logits, _ = net(source, begun, mask)
    np.testing.assert_array_equal(logits.argmax(-1), written)


def test_padding_does_not_matter() -> None:
    """A short source beside a long one gives what it gives alone, and so do the gradients."""
    rng = np.random.default_rng(0)
    net = Seq2Seq(10, 11, 8, rng=rng).astype(np.float64)
    source, target_in = rng.integers(0, 10, (1, 3)), rng.integers(0, 11, (1, 4))
    dlogits = rng.normal(size=(1, 4, 11))

    def gradients(source: np.ndarray, mask: np.ndarray | None) -> list[np.ndarray]:
        net.zero_grad()
        logits, back = net(source, target_in, mask)
        back(dlogits)
        return [logits, *(param.grad for param in net.parameters())]

    padded = np.concatenate([source, rng.integers(0, 10, (1, 2))], axis=1)
    alone, beside = gradients(source, None), gradients(padded, np.arange(5)[None] < 3)
    for a, b in zip(alone, beside, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-14)


def test_first_state_is_the_last_real_one() -> None:
    rng = np.random.default_rng(0)
    net = Seq2Seq(10, 11, 8, rng=rng)
    source = rng.integers(0, 10, (4, 5))
    lengths = [5, 1, 3, 2]
    (memory, state), _ = net.encode(source, np.arange(5) < np.array(lengths)[:, None])
    for row, length in enumerate(lengths):
        np.testing.assert_array_equal(state[0, row], memory[row, length - 1])
    assert all(not np.allclose(state[0, i], state[0, j]) for i, j in pairwise(range(4)))
