"""LSTM and GRU: layers that learn when to write, when to forget and when to speak.

Axes: B batch, T time, I numbers in, H numbers remembered.
"""

from typing import Any

import numpy as np

from dlcourse.scratch.activations import sigmoid
from dlcourse.scratch.layer import Back
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.recurrent import Recurrent, or_zeros
from dlcourse.trace import Array

__all__ = ["GRU", "LSTM"]

Moment = tuple[Array, ...]  # what the way back needs to know of one moment, each (B, H)


class LSTM(Recurrent):
    """c ← f·c + i·g, h ← o·tanh c: a memory c that nothing bends on its way through time

    The gates i (write?), f (keep?), o (show?) = σ(a), and what to write g = tanh(a), where each has
    an a = W_ih x + b_ih + W_hh h + b_hh of its own.
    (y, (h, c)), back = lstm(x, (h0, c0)): y (B, T, H) is every h; h and c (1, B, H) the last ones.
    """

    gates = 4

    def forward(self, x: Array, state: Any = None) -> tuple[Any, Back]:
        h0, c0 = pair(state)
        rows, a = self.read(x, self.bias_ih_l0.data + self.bias_hh_l0.data)
        h, c, W = self.room_for_h(x, h0), self.begin(x, c0), self.recall()
        moments: list[Moment] = []
        for t in range(x.shape[1]):
            gates = a[:, t]  # (4, B, H), a view: in `a` itself the sums become the gates
            gates += h[t] @ W
            open_gates(gates)
            i, f, g, o = gates
            c_before, c = c, f * c + i * g
            tanh_c = np.tanh(c)
            h[t + 1] = o * tanh_c
            moments.append((i, f, g, o, c_before, tanh_c))
        y, h_last = h[1:].swapaxes(0, 1), h[-1:].copy()  # a view would keep all h in memory
        c_last = c[None]

        def back(doutputs: Any) -> tuple[Array | None, Any]:
            dy, dh, dc = doutputs[0], *pair(doutputs[1])
            dy, dh, dc = or_zeros(dy, y), or_zeros(dh, h_last)[0], or_zeros(dc, c_last)[0]
            da, dh, dc = self.back_through_time(moments, dy, dh, dc)
            return self.learn(rows, h, da, da), None if state is None else (dh[None], dc[None])

        return (y, (h_last, c_last)), back

    def back_through_time(
        self, moments: list[Moment], dy: Array, dh: Array, dc: Array
    ) -> tuple[Array, Array, Array]:
        """Gradients of all sums a (T, B, 4·H), and of the first h and c."""
        B, T, H = dy.shape
        da = np.empty((T, B, 4 * H), dy.dtype)
        for t, (i, f, g, o, c_before, tanh_c) in reversed(list(enumerate(moments))):
            dh = dh + dy[:, t]  # the future and this moment both say how h should change
            dc = dc + dh * o * (1 - tanh_c * tanh_c)
            da_i = dc * g * i * (1 - i)
            da_f = dc * c_before * f * (1 - f)
            da_g = dc * i * (1 - g * g)
            da_o = dh * tanh_c * o * (1 - o)
            da[t] = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
            dh = da[t] @ self.weight_hh_l0.data
            dc = dc * f
        return da, dh, dc


HALF = np.array([0.5, 0.5, 1, 0.5], np.float32).reshape(4, 1, 1)  # 1 at g, which is no σ
OTHER_HALF = 1 - HALF


def open_gates(a: Array) -> None:
    """From the sums of i, f, g and o to σ, σ, tanh and σ of them (4, B, H), in place

    Since σ(a) = ½ + ½ tanh(½ a), one tanh serves all four. `sigmoid` and `np.tanh` on each gate
    would be plainer; an LSTM then takes 1.04 times as long to learn.
    """
    a *= HALF
    np.tanh(a, out=a)
    a *= HALF
    a += OTHER_HALF


def pair(state: Any) -> tuple[Array | None, Array | None]:
    """The two halves (h, c) of a state, or of its gradient."""
    if state is None:
        return None, None
    if not isinstance(state, tuple | list) or len(state) != 2:
        raise LayerError(f"got a state of type {type(state).__name__}, needs a pair (h, c)")
    return state[0], state[1]


class GRU(Recurrent):
    """h ← (1 - z)·n + z·h: some of what is new, some of what was known

    r (look back?) and z (keep?) = σ(W_ih x + b_ih + W_hh h + b_hh), each with weights of its own,
    and what is new n = tanh(W_ih x + b_ih + r·(W_hh h + b_hh)).
    (y, h), back = gru(x, h0): y (B, T, H) is every h, and h (1, B, H) the last one.
    """

    gates = 3

    def forward(self, x: Array, h0: Array | None = None) -> tuple[Any, Back]:
        rows, a = self.read(x, self.bias_ih_l0.data)
        h, W, b = self.room_for_h(x, h0), self.recall(), self.by_gate(self.bias_hh_l0.data)
        moments: list[Moment] = []
        for t in range(x.shape[1]):
            from_x, from_h = a[:, t], h[t] @ W + b.swapaxes(1, 2)  # (3, B, H) each
            r, z = sigmoid(from_x[:2] + from_h[:2])
            n = np.tanh(from_x[2] + r * from_h[2])
            h[t + 1] = (1 - z) * n + z * h[t]
            moments.append((r, z, n, h[t], from_h[2]))
        y, h_last = h[1:].swapaxes(0, 1), h[-1:].copy()  # a view would keep all h in memory

        def back(doutputs: Any) -> tuple[Array | None, Array | None]:
            dy, dh = doutputs
            dy, dh = or_zeros(dy, y), or_zeros(dh, h_last)[0]
            da, da_h, dh = self.back_through_time(moments, dy, dh)
            return self.learn(rows, h, da, da_h), None if h0 is None else dh[None]

        return (y, h_last), back

    def back_through_time(
        self, moments: list[Moment], dy: Array, dh: Array
    ) -> tuple[Array, Array, Array]:
        """Gradients of the sums' parts with x and with h (T, B, 3·H), and of the first h."""
        B, T, H = dy.shape
        da, da_h = np.empty((2, T, B, 3 * H), dy.dtype)
        for t, (r, z, n, h_before, n_from_h) in reversed(list(enumerate(moments))):
            dh = dh + dy[:, t]  # the future and this moment both say how h should change
            da_n = dh * (1 - z) * (1 - n * n)
            da_r = da_n * n_from_h * r * (1 - r)
            da_z = dh * (h_before - n) * z * (1 - z)
            da[t] = np.concatenate([da_r, da_z, da_n], axis=1)
            da_h[t] = np.concatenate([da_r, da_z, da_n * r], axis=1)
            dh = dh * z + da_h[t] @ self.weight_hh_l0.data
        return da, da_h, dh
