"""GPT: never looks ahead, writes the same text with and without a cache, and learns."""

from itertools import count
from typing import Any

import numpy as np
import pytest
import torch

from dlcourse.pytorch import gpt as torch_gpt
from dlcourse.pytorch.record import give_weights
from dlcourse.scratch.gpt import GPT
from dlcourse.scratch.layers import Rng
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.optim import AdamW
from dlcourse.scratch.sampling import choose
from dlcourse.scratch.train import fit

SIZE = 13, 8, 16, 2, 2  # vocabulary, context, width, heads, layers


def lively(dtype: str = "float64", dropout: float = 0.0) -> GPT:
    """A net with large weights, so that each place matters and answers differ."""
    net = GPT(*SIZE, dropout, rng=np.random.default_rng(0)).astype(dtype)
    for param in net.parameters():
        if param.data.ndim > 1:
            param.data *= 15
    return net


def write_without_cache(net: GPT, prompt: np.ndarray, length: int, rng: Rng, **how: Any) -> Any:
    text = prompt
    for _ in range(length):
        logits, _ = net(text[:, -net.context :])
        text = np.concatenate([text, choose(logits[:, -1:], rng, **how)], axis=1)
    return text


HOW: list[dict[str, Any]] = [
    {},
    {"temperature": 0},
    {"temperature": 1.5, "top_k": 4},
    {"top_p": 0.8},
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("how", HOW, ids=str)
def test_same_text_without_cache_and_in_both_worlds(how: dict[str, Any], dtype: str) -> None:
    """20 tokens, far beyond the context of 8."""
    net = lively(dtype)
    twin = give_weights(torch_gpt.GPT(*SIZE), net.state_dict())
    prompt = np.random.default_rng(1).integers(0, 13, (4, 3))
    text = net.generate(prompt, 20, rng=np.random.default_rng(2), **how)
    slow = write_without_cache(net, prompt, 20, np.random.default_rng(2), **how)
    theirs = twin.generate(torch.from_numpy(prompt), 20, rng=np.random.default_rng(2), **how)
    assert text.shape == (4, 23)
    assert len(np.unique(text[:, 3:])) > 5
    np.testing.assert_array_equal(text[:, :3], prompt)
    np.testing.assert_array_equal(text, slow)
    np.testing.assert_array_equal(text, theirs.numpy())


def test_cached_logits() -> None:
    """Piece by piece gives the logits of all at once, though each token was read only once."""
    net = lively()
    tokens = np.random.default_rng(1).integers(0, 13, (2, 8))
    whole, _ = net(tokens)
    caches, seen = [], []
    for piece in np.split(tokens, [3, 4, 5], axis=1):
        logits, caches = net.extend(piece, caches)
        assert logits.shape == (*piece.shape, 13)
        seen.append(logits)
    np.testing.assert_allclose(np.concatenate(seen, axis=1), whole, rtol=1e-10)


def test_a_cache_is_not_changed() -> None:
    """Two ways to go on may start from the same cache."""
    net = lively()
    tokens = np.random.default_rng(1).integers(0, 13, (1, 5))
    _, caches = net.extend(tokens[:, :3])
    first, _ = net.extend(tokens[:, 3:4], caches)
    net.extend(tokens[:, 4:5], caches)
    again, _ = net.extend(tokens[:, 3:4], caches)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("place", range(8))
def test_never_looks_ahead(place: int) -> None:
    """Another token changes no logit before its own place, and every one from there on."""
    net = lively()
    tokens = np.random.default_rng(1).integers(0, 13, (2, 8))
    other = tokens.copy()
    other[:, place] = (other[:, place] + 1) % 13
    a, b = net(tokens)[0], net(other)[0]
    np.testing.assert_array_equal(a[:, :place], b[:, :place])
    assert (np.abs(a - b)[:, place:].max(-1) > 1e-3).all()


def test_generate_drops_nothing() -> None:
    """Dropout is for learning; a net that still learns writes like one in use."""
    net, prompt = lively(dropout=0.5), np.array([[1, 2, 3]])
    text = net.generate(prompt, 9, rng=np.random.default_rng(2))
    np.testing.assert_array_equal(
        text, net.eval().generate(prompt, 9, rng=np.random.default_rng(2))
    )
    assert not np.array_equal(net.train()(prompt)[0], net.eval()(prompt)[0])


def test_begins_without_opinion() -> None:
    """All next tokens are about equally likely at first, so the loss is log V; in both worlds."""
    tokens = np.random.default_rng(1).integers(0, 65, (8, 16))
    net, twin = GPT(65, 16, 32, 4, 2, rng=np.random.default_rng(0)), torch_gpt.GPT(65, 16, 32, 4, 2)
    ours, theirs = net(tokens)[0], twin(torch.from_numpy(tokens)).detach().numpy()
    for logits in (ours, theirs):
        assert cross_entropy(logits, tokens)[0] == pytest.approx(np.log(65), abs=0.1)
    for name, array in net.state_dict().items():
        same = twin.state_dict()[name].numpy()
        assert array.shape == same.shape
        assert array.std() == pytest.approx(same.std(), rel=0.2, abs=1e-9)
        assert array.mean() == pytest.approx(same.mean(), abs=0.003)


def test_learns_a_text() -> None:
    """By heart, in seconds; then it says it to the end."""
    text = "she sells sea shells by the sea shore. "
    letters = sorted(set(text))
    ids = np.array([letters.index(letter) for letter in text * 3])
    rng = np.random.default_rng(0)
    net = GPT(len(letters), 16, 32, 4, 2, rng=rng)

    def batch() -> tuple[np.ndarray, np.ndarray]:
        places = rng.integers(0, len(text), (16, 1)) + np.arange(16)
        return ids[places], ids[places + 1]

    optimizer = AdamW(net.parameters(), lr=0.003)
    batches = (batch() for _ in count())
    losses = [row.loss for row in fit(net, cross_entropy, optimizer, batches, steps=200)]
    assert losses[0] > 2 and losses[-1] < 0.3
    told = net.generate(ids[None, :10], 60, rng=rng, temperature=0)
    assert "".join(letters[i] for i in told[0]) == (text * 2)[:70]


def test_mistakes() -> None:
    net = lively()
    with pytest.raises(LayerError, match=r"positions \(LearnedPositions\) got 9 tokens from place"):
        net(np.zeros((1, 9), np.int64))
    with pytest.raises(LayerError, match=r"embed \(Embedding\) got tokens from 13 to 13"):
        net(np.full((1, 2), 13))
    with pytest.raises(LayerError, match=r"needs \(B, T\): one example\? then x\[None\]"):
        net.generate(np.zeros(3, np.int64), 3, rng=np.random.default_rng(0))
    with pytest.raises(LayerError, match="generate got no token to begin with"):
        net.generate(np.zeros((1, 0), np.int64), 3, rng=np.random.default_rng(0))
