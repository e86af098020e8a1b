"""The letter by letter net with a memory that lasts: as CharRNN, but with gated cells."""

from torch import nn

from dlcourse.pytorch.char_rnn import CharRNN


class CharLSTM(CharRNN):
    """CharRNN with an LSTM inside; its state is a pair (h, c)"""

    cell = nn.LSTM


class CharGRU(CharRNN):
    """CharRNN with a GRU inside"""

    cell = nn.GRU
