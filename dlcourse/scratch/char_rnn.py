"""A net that reads a text letter by letter, and says after each what it expects to come next.

Axes: B batch, T time, V vocabulary, H numbers remembered.
"""

from typing import Any

import numpy as np

from dlcourse.scratch.example import Example
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Embedding, Linear, Rng
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.recurrent import RNN, Recurrent
from dlcourse.scratch.sampling import choose
from dlcourse.trace import Array


class CharRNN(Layer):
    """Tokens → a vector each → what is remembered of all so far → a number for each next token

    (logits, state), back = net(tokens, state): tokens (B, T), logits (B, T, V). The state holds
    all that was read; handed in with the tokens that follow, it is as if the text had not been cut.
    """

    cell: type[Recurrent] = RNN

    def __init__(self, vocabulary: int, features: int, hidden: int, *, rng: Rng) -> None:
        self.embed = Embedding(vocabulary, features, rng=rng)
        self.rnn = self.cell(features, hidden, rng=rng)
        self.head = Linear(hidden, vocabulary, rng=rng)

    def forward(self, tokens: Array, state: Any = None) -> tuple[Any, Back]:
        x, back_embed = self.embed(tokens)
        (y, state), back_rnn = self.rnn(x, state)
        logits, back_head = self.head(y)

        def back(doutputs: Any) -> tuple[None, Any]:
            dlogits, dstate = doutputs
            dy = None if dlogits is None else back_head(dlogits)
            dx, dstate = back_rnn((dy, dstate))
            back_embed(dx)
            return None, dstate

        return (logits, state), back


def next_token_loss(answer: tuple[Array, Any], targets: Array) -> tuple[float, Back]:
    """Cross-entropy at every moment; what the net remembers in the end has no part in it."""
    logits, _ = answer
    loss, back = cross_entropy(logits, targets)
    return loss, lambda: (back(), None)


def generate(net: Layer, prompt: Array, length: int, *, rng: Rng, **how: Any) -> Array:
    """Read the prompt (B, T), then write on, one token after the other: (B, T + length).

    `how` tokens are chosen is up to sampling.py: temperature, top_k, top_p.
    """
    if not isinstance(prompt, np.ndarray):
        got = f"a {type(prompt).__name__} as prompt"
        raise ValueError(f"generate got {got}, needs an array (B, T): np.array([tokens])?")
    shape = prompt.shape
    if len(shape) != 2 or shape[1] == 0:
        hint = ": one text? then prompt[None]" * (len(shape) == 1)
        raise ValueError(f"generate got a prompt of shape {shape}, needs (B, T) with T ≥ 1{hint}")
    text, tokens, state = [prompt], prompt, None
    for _ in range(length):
        (logits, state), _ = net(tokens, state)
        tokens = choose(logits[:, -1:], rng, **how)  # (B, 1), all that is new to read
        text.append(tokens)
    return np.concatenate(text, axis=1)


def examples(rng: Rng) -> list[Example]:
    tokens, state = rng.integers(0, 7, (3, 5)), rng.normal(size=(1, 3, 6))
    return [Example(CharRNN, (7, 4, 6), (tokens,)), Example(CharRNN, (7, 4, 6), (tokens, state))]
