"""From one sequence to another: read it all, then write, looking back at what was read.

Axes: B batch, S places of the source, T places of the target, D width, V tokens of the target.
"""

import torch
from torch import Tensor, nn

from dlcourse.pytorch.attention import MultiHeadAttention


class Seq2Seq(nn.Module):
    """A GRU reads; a GRU writes, and at each step attention brings what it needs from the source

    logits = net(source, target_in, source_mask): (B, S), (B, T) → (B, T, V). `target_in` is the
    right answer, one step late ("teacher forcing"): so all steps can be learned at once. The mask
    (B, S) is True where the source is real, False where it is only padded.
    """

    def __init__(self, source_size: int, target_size: int, width: int):
        super().__init__()
        self.source_embed = nn.Embedding(source_size, width)
        self.encoder = nn.GRU(width, width, batch_first=True)
        self.target_embed = nn.Embedding(target_size, width)
        self.decoder = nn.GRU(width, width, batch_first=True)
        self.attn = MultiHeadAttention(width, 1)
        self.head = nn.Linear(width, target_size)

    def forward(
        self, source: Tensor, target_in: Tensor, source_mask: Tensor | None = None
    ) -> Tensor:
        memory, state = self.encode(source, source_mask)
        logits, _ = self.decode(target_in, state, memory, source_mask)
        return logits

    def encode(self, source: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """What was read at each place (B, S, D), and the state after the last real one."""
        x = self.source_embed(source)
        memory, _ = self.encoder(x)
        B, S, _ = memory.shape
        last = S - 1 if mask is None else S - 1 - mask.flip(1).int().argmax(1)
        return memory, memory[torch.arange(B, device=source.device), last][None]

    def decode(
        self, tokens: Tensor, state: Tensor, memory: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Logits for what comes after each token (B, T, V), and the state to go on from."""
        x = self.target_embed(tokens)
        h, state = self.decoder(x, state)
        found = self.attn(h, memory, mask)
        return self.head(h + found), state

    @torch.no_grad()
    def greedy(
        self, source: Tensor, begin: int, length: int, source_mask: Tensor | None = None
    ) -> Tensor:
        """Write `length` tokens (B, length): each time the likeliest, and read it for the next."""
        memory, state = self.encode(source, source_mask)
        written = [torch.full((len(source), 1), begin, device=source.device)]
        for _ in range(length):
            logits, state = self.decode(written[-1], state, memory, source_mask)
            written.append(logits.argmax(-1))  # (B, 1)
        return torch.cat(written[1:], dim=1)
