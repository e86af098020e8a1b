"""The letter by letter net with a memory that lasts: as CharRNN, but with gated cells."""

from dlcourse.scratch.char_rnn import CharRNN
from dlcourse.scratch.example import Example
from dlcourse.scratch.gated import GRU, LSTM
from dlcourse.scratch.layers import Rng


class CharLSTM(CharRNN):
    """CharRNN with an LSTM inside; its state is a pair (h, c)"""

    cell = LSTM


class CharGRU(CharRNN):
    """CharRNN with a GRU inside"""

    cell = GRU


def examples(rng: Rng) -> list[Example]:
    tokens, state = rng.integers(0, 7, (3, 5)), rng.normal(size=(1, 3, 6))
    return [
        Example(CharLSTM, (7, 4, 6), (tokens,)),
        Example(CharGRU, (7, 4, 6), (tokens,)),
        Example(CharGRU, (7, 4, 6), (tokens, state)),
    ]
