"""From one sequence to another: read it all, then write, looking back at what was read.

Axes: B batch, S places of the source, T places of the target, D width, V tokens of the target.
"""

from typing import Any

import numpy as np

from dlcourse.scratch.attention import MultiHeadAttention
from dlcourse.scratch.example import Example
from dlcourse.scratch.gated import GRU
from dlcourse.scratch.layer import Back, Layer
from dlcourse.scratch.layers import Embedding, Linear, Rng
from dlcourse.trace import Array


class Seq2Seq(Layer):
    """A GRU reads; a GRU writes, and at each step attention brings what it needs from the source

    logits = net(source, target_in, source_mask): (B, S), (B, T) → (B, T, V). `target_in` is the
    right answer, one step late ("teacher forcing"): so all steps can be learned at once. The mask
    (B, S) is True where the source is real, False where it is only padded.
    """

    def __init__(self, source_size: int, target_size: int, width: int, *, rng: Rng) -> None:
        self.source_embed = Embedding(source_size, width, rng=rng)
        self.encoder = GRU(width, width, rng=rng)
        self.target_embed = Embedding(target_size, width, rng=rng)
        self.decoder = GRU(width, width, rng=rng)
        self.attn = MultiHeadAttention(width, 1, rng=rng)
        self.head = Linear(width, target_size, rng=rng)

    def forward(
        self, source: Array, target_in: Array, source_mask: Array | None = None
    ) -> tuple[Array, Back]:
        (memory, state), back_encode = self.encode(source, source_mask)
        (logits, _), back_decode = self.decode(target_in, state, memory, source_mask)
        return logits, lambda dlogits: back_encode(back_decode(dlogits))

    def encode(self, source: Array, mask: Array | None) -> tuple[Any, Back]:
        """What was read at each place (B, S, D), and the state after the last real one."""
        x, back_embed = self.source_embed(source)
        (memory, _), back_encoder = self.encoder(x)
        B, S, _ = memory.shape
        last = np.arange(B), S - 1 if mask is None else S - 1 - mask[:, ::-1].argmax(1)

        def back(doutputs: Any) -> tuple[None, None, None]:
            dmemory, dstate = doutputs
            dmemory = dmemory.copy()
            dmemory[last] += dstate[0]
            dx, _ = back_encoder((dmemory, None))
            back_embed(dx)
            return None, None, None

        return (memory, memory[last][None]), back

    def decode(
        self, tokens: Array, state: Array, memory: Array, mask: Array | None
    ) -> tuple[Any, Back]:
        """Logits for what comes after each token (B, T, V), and the state to go on from."""
        x, back_embed = self.target_embed(tokens)
        (h, state), back_decoder = self.decoder(x, state)
        found, back_attn = self.attn(h, memory, mask)
        logits, back_head = self.head(h + found)

        def back(dlogits: Array) -> tuple[Array, Array]:
            dsum = back_head(dlogits)
            dh, dmemory, _ = back_attn(dsum)
            dx, dstate = back_decoder((dsum + dh, None))
            back_embed(dx)
            return dmemory, dstate

        return (logits, state), back

    def greedy(
        self, source: Array, begin: int, length: int, source_mask: Array | None = None
    ) -> Array:
        """Write `length` tokens (B, length): each time the likeliest, and read it for the next."""
        (memory, state), _ = self.encode(source, source_mask)
        written = [np.full((len(source), 1), begin)]
        for _ in range(length):
            (logits, state), _ = self.decode(written[-1], state, memory, source_mask)
            written.append(logits.argmax(-1))  # (B, 1)
        return np.concatenate(written[1:], axis=1)


def examples(rng: Rng) -> list[Example]:
    source, target = rng.integers(0, 7, (3, 5)), rng.integers(0, 4, (3, 2))
    mask = np.arange(5) < np.array([[5], [1], [3]])
    return [
        Example(Seq2Seq, (7, 4, 6), (source, target)),
        Example(Seq2Seq, (7, 4, 6), (source, target, mask)),
    ]
