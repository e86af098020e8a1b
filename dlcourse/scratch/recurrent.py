"""Layers that read one thing after the other, and remember: RNN here, LSTM and GRU in gated.py.

Axes: B batch, T time, I numbers in, H numbers remembered, G gates (an RNN has one, an LSTM four).
Sequences come and go as (B, T, ...). Inside they are (G, T, B, H): then the numbers of one gate at
one moment lie together in memory, and work on them takes half as long as with (B, T, G·H).
"""

import math
from typing import Any

import numpy as np

from dlcourse.scratch.layer import Back, Layer, Param
from dlcourse.scratch.layers import Rng, uniform
from dlcourse.scratch.mistakes import LayerError, expect_axes, expect_numbers
from dlcourse.trace import Array

__all__ = ["RNN", "Recurrent"]


class Recurrent(Layer):
    """What RNN, LSTM and GRU share: for each gate the sum a = W_ih x + b_ih + W_hh h + b_hh

    Only h must be waited for, moment by moment. All else is done for all moments at once, as one
    product of large matrices: the part with x, and on the way back the gradients of the weights.
    This makes learning 1.2 times as fast.
    """

    gates = 1

    def __init__(self, input_size: int, hidden_size: int, *, rng: Rng) -> None:
        self.input_size, self.hidden_size = input_size, hidden_size
        draw = uniform(rng, 1 / math.sqrt(hidden_size))
        self.weight_ih_l0 = Param(draw(self.gates * hidden_size, input_size))
        self.weight_hh_l0 = Param(draw(self.gates * hidden_size, hidden_size))
        self.bias_ih_l0 = Param(draw(self.gates * hidden_size))
        self.bias_hh_l0 = Param(draw(self.gates * hidden_size))

    def by_gate(self, weights: Array) -> Array:
        """(G·H, ...) as PyTorch keeps them, as (G, H, ...)"""
        return weights.reshape(self.gates, self.hidden_size, -1)

    def read(self, x: Array, bias: Array) -> tuple[Array, Array]:
        """The inputs as rows (T·B, I), and W_ih x + bias of all gates and moments (G, T, B, H)."""
        expect_numbers(x, self.weight_ih_l0.data.dtype)
        expect_axes(x, "B T I", I=self.input_size)
        B, T, _ = x.shape
        if T == 0:
            raise LayerError(f"got an array of shape {x.shape}, needs at least one moment (axis T)")
        rows = x.swapaxes(0, 1).reshape(T * B, self.input_size)
        a = rows @ self.by_gate(self.weight_ih_l0.data).swapaxes(1, 2)  # (G, T·B, H)
        a += bias.reshape(self.gates, 1, self.hidden_size)
        return rows, a.reshape(self.gates, T, B, self.hidden_size)

    def begin(self, x: Array, state: Array | None) -> Array:
        """What is known before the first moment (B, H); zeros, if nobody says."""
        wanted = (1, len(x), self.hidden_size)
        if state is None:
            return np.zeros(wanted[1:], x.dtype)
        _expect_state(state, wanted)
        expect_numbers(state, x.dtype)
        return state[0]

    def room_for_h(self, x: Array, h0: Array | None) -> Array:
        """h before each moment and after the last (T + 1, B, H); as yet only the first is there."""
        B, T, _ = x.shape
        h = np.empty((T + 1, B, self.hidden_size), x.dtype)
        h[0] = self.begin(x, h0)
        return h

    def recall(self) -> Array:
        """W_hhᵀ of every gate (G, H, H), for h @ W_hhᵀ

        Copied, as with a transposed view each of the T products may take 1.8 times as long.
        """
        return self.by_gate(self.weight_hh_l0.data).swapaxes(1, 2).copy()

    def learn(self, rows: Array, h: Array, da: Array, da_h: Array) -> Array | None:
        """Gradients of the weights, from all moments at once; gives dx (B, T, I).

        `da` (T, B, G·H) goes to the part with x, `da_h` to that with h: the same but in a GRU.
        """
        T, B, H = len(da), *h.shape[1:]
        da, da_h = (d.reshape(T * B, self.gates * H) for d in (da, da_h))
        self.weight_ih_l0.add_grad(da.T @ rows)
        self.weight_hh_l0.add_grad(da_h.T @ h[:-1].reshape(T * B, H))
        self.bias_ih_l0.add_grad(da.sum(0))
        self.bias_hh_l0.add_grad(da_h.sum(0))
        if not self.wants_dx:
            return None
        return (da @ self.weight_ih_l0.data).reshape(T, B, self.input_size).swapaxes(0, 1)


def or_zeros(gradient: Array | None, like: Array) -> Array:
    """No gradient came from there: then it is zero."""
    return np.zeros_like(like) if gradient is None else gradient


def _expect_state(state: Array, wanted: tuple[int, ...]) -> None:
    if not isinstance(state, np.ndarray):
        hint = ": is it the pair of an LSTM?" * isinstance(state, tuple)
        raise LayerError(f"got a state of type {type(state).__name__}, needs an array{hint}")
    if state.shape != wanted:
        hint = ": state[None]?" if state.ndim == 2 else ": is it of a batch of another size?"
        raise LayerError(f"got a state of shape {state.shape}, needs {wanted}{hint}")


class RNN(Recurrent):
    """h ← tanh(W_ih x + b_ih + W_hh h + b_hh), moment by moment; y is every h, in order

    (y, h), back = rnn(x, h0): y (B, T, H), and the last h (1, B, H), to go on from later.
    """

    def forward(self, x: Array, h0: Array | None = None) -> tuple[Any, Back]:
        rows, [a] = self.read(x, self.bias_ih_l0.data + self.bias_hh_l0.data)
        h, [W], T = self.room_for_h(x, h0), self.recall(), x.shape[1]
        for t in range(T):
            h[t + 1] = np.tanh(a[t] + h[t] @ W)
        y, h_last = h[1:].swapaxes(0, 1), h[-1:].copy()  # a view would keep all h in memory

        def back(doutputs: Any) -> tuple[Array | None, Array | None]:
            dy, dh = doutputs
            dy, dh = or_zeros(dy, y), or_zeros(dh, h_last)[0]
            da = np.empty_like(h[1:])  # (T, B, H)
            for t in reversed(range(T)):
                dh = dh + dy[:, t]  # the future and this moment both say how h should change
                da[t] = dh * (1 - h[t + 1] * h[t + 1])
                dh = da[t] @ self.weight_hh_l0.data
            return self.learn(rows, h, da, da), None if h0 is None else dh[None]

        return (y, h_last), back
