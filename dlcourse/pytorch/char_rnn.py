"""A net that reads a text letter by letter, and says after each what it expects to come next.

Axes: B batch, T time, V vocabulary, H numbers remembered.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcourse.pytorch.sampling import choose


class CharRNN(nn.Module):
    """Tokens → a vector each → what is remembered of all so far → a number for each next token

    logits, state = net(tokens, state): tokens (B, T), logits (B, T, V). The state holds all that
    was read; handed in with the tokens that follow, it is as if the text had not been cut.
    """

    cell: type[nn.Module] = nn.RNN

    def __init__(self, vocabulary: int, features: int, hidden: int):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, features)
        self.rnn = self.cell(features, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        x = self.embed(tokens)
        y, state = self.rnn(x, state)
        logits = self.head(y)
        return logits, state


def next_token_loss(answer: tuple[Tensor, Any], targets: Tensor) -> Tensor:
    """Cross-entropy at every moment; what the net remembers in the end has no part in it."""
    logits, _ = answer
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@torch.no_grad()
def generate(
    net: nn.Module, prompt: Tensor, length: int, *, rng: np.random.Generator, **how: Any
) -> Tensor:
    """Read the prompt (B, T), then write on, one token after the other: (B, T + length).

    `how` tokens are chosen is up to sampling.py: temperature, top_k, top_p.
    """
    shape = tuple(prompt.shape)
    if len(shape) != 2 or shape[1] == 0:
        hint = ": one text? then prompt[None]" * (len(shape) == 1)
        raise ValueError(f"generate got a prompt of shape {shape}, needs (B, T) with T ≥ 1{hint}")
    text, tokens, state = [prompt], prompt, None
    for _ in range(length):
        logits, state = net(tokens, state)
        tokens = choose(logits[:, -1:], rng, **how)  # (B, 1), all that is new to read
        text.append(tokens)
    return torch.cat(text, dim=1)
