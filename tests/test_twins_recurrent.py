"""RNN, LSTM and GRU, and the nets that write letter by letter, beside PyTorch's own."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dlcourse.pytorch import char_rnn as torch_char_rnn
from dlcourse.pytorch import lstm as torch_lstm
from dlcourse.scratch import char_rnn, lstm
from dlcourse.scratch.gated import GRU, LSTM
from dlcourse.scratch.layer import Layer
from dlcourse.scratch.mistakes import LayerError
from dlcourse.scratch.optim import Adam
from dlcourse.scratch.record import flat
from dlcourse.scratch.recurrent import RNN, Recurrent
from tests.twins import as_tensor, assert_twins

property_test = settings(max_examples=25, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
CELLS = [RNN, LSTM, GRU]
NETS = [
    (char_rnn.CharRNN, torch_char_rnn.CharRNN),
    (lstm.CharLSTM, torch_lstm.CharLSTM),
    (lstm.CharGRU, torch_lstm.CharGRU),
]
every_cell = pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.__name__)
every_net = pytest.mark.parametrize("ours, theirs", NETS, ids=lambda net: net.__name__)


def draw(seed: int, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    """Numbers in memory that is not contiguous."""
    return np.random.default_rng(seed).normal(size=shape[::-1]).astype(dtype).T


def draw_state(cell: type, seed: int, B: int, H: int, dtype: str = "float64") -> Any:
    states = [draw(seed + i, (1, B, H), dtype) for i in range(2)]
    return tuple(states) if cell is LSTM else states[0]


def double_pair(cell: type[Recurrent], size: int, H: int) -> tuple[Recurrent, nn.Module]:
    """A layer and its twin with the same weights, in float64."""
    net = cell(size, H, rng=np.random.default_rng(1)).astype(np.float64)
    twin = getattr(nn, cell.__name__)(size, H, batch_first=True).double()
    return net, with_weights_of(net, twin)


def with_weights_of(net: Layer, twin: nn.Module) -> nn.Module:
    twin.load_state_dict({name: torch.from_numpy(a) for name, a in net.state_dict().items()})
    return twin


def learning(value: Any) -> Any:
    """The same as tensors that want a gradient."""
    if isinstance(value, tuple):
        return tuple(learning(part) for part in value)
    return torch.from_numpy(value.copy()).requires_grad_()


def assert_same_gradients(net: Layer, twin: nn.Module) -> None:
    for name, param in twin.named_parameters():
        ours = net.named_parameters()[name].grad
        assert (ours is None) == (param.grad is None), name
        if ours is not None:
            np.testing.assert_allclose(ours, param.grad, rtol=1e-9, atol=1e-12, err_msg=name)


@every_cell
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@property_test
@given(
    B=st.integers(1, 4),
    T=st.integers(1, 6),
    size=st.integers(1, 5),
    H=st.integers(1, 6),
    begun=st.booleans(),
    training=st.booleans(),
    seed=seeds,
)
def test_same_trace(
    cell: type,
    dtype: str,
    B: int,
    T: int,
    size: int,
    H: int,
    begun: bool,
    training: bool,
    seed: int,
) -> None:
    net = cell(size, H, rng=np.random.default_rng(seed))
    twin = getattr(nn, cell.__name__)(size, H, batch_first=True)
    state = draw_state(cell, seed % 1000, B, H, dtype) if begun else None
    assert_twins(net, twin, draw(seed, (B, T, size)), state, dtype=dtype, training=training)


@every_cell
def test_weights_have_pytorchs_names_shapes_and_size(cell: type) -> None:
    net, twin = double_pair(cell, 4, 100)
    shapes = {name: tuple(a.shape) for name, a in twin.state_dict().items()}
    assert [(k, a.shape) for k, a in net.state_dict().items()] == list(shapes.items())
    for name, array in cell(4, 100, rng=np.random.default_rng(3)).state_dict().items():
        assert array.dtype == np.float32
        assert 0.09 < np.abs(array).max() <= 0.1, f"{name} should spread to 1/√H"


@pytest.mark.parametrize(
    "cell, source",
    [(cell, source) for cell in CELLS for source in ("y", "h", "y and h")] + [(LSTM, "c")],
)
@pytest.mark.parametrize("begun", [True, False])
def test_gradients_may_come_from_some_outputs_only(cell: type, source: str, begun: bool) -> None:
    net, twin = double_pair(cell, 3, 5)
    x, state = draw(1, (2, 4, 3)), draw_state(cell, 2, 2, 5) if begun else None
    dy = draw(4, (2, 4, 5)) if "y" in source else None
    dh = draw(5, (1, 2, 5)) if "h" in source else None
    dc = draw(6, (1, 2, 5)) if "c" in source else None

    tx, tstate = learning(x), learning(state) if begun else None
    outputs = flat(twin(tx, tstate))
    pairs = zip(outputs, (dy, dh, dc)[: len(outputs)], strict=True)
    sum((a * torch.from_numpy(d)).sum() for a, d in pairs if d is not None).backward()

    dstate = (dh, dc) if cell is LSTM and source != "y" else dh
    _, back = net(x, state)
    dx, dstate0 = back((dy, dstate))
    np.testing.assert_allclose(dx, tx.grad, rtol=1e-9, atol=1e-12)
    assert_same_gradients(net, twin)
    if begun:
        for ours, theirs in zip(flat(dstate0), flat(tstate), strict=True):
            np.testing.assert_allclose(ours, theirs.grad, rtol=1e-9, atol=1e-12)
    else:
        assert dstate0 is None


@every_cell
@property_test
@given(T=st.integers(2, 7), data=st.data())
def test_a_cut_sequence_is_as_one_long_one(cell: type, T: int, data: st.DataObject) -> None:
    """Truncated backpropagation through time, but with the gradient carried over the cut."""
    cut = data.draw(st.integers(1, T - 1))
    net, _ = double_pair(cell, 3, 4)
    x, dy = draw(1, (2, T, 3)), draw(2, (2, T, 4))
    state, dstate = draw_state(cell, 3, 2, 4), draw_state(cell, 5, 2, 4)

    (y, last), back = net(x, state)
    dx, dfirst = back((dy, dstate))
    long = [y, *flat(last), dx, *flat(dfirst), *(p.grad for p in net.parameters())]

    net.zero_grad()
    (y1, middle), back1 = net(x[:, :cut], state)
    (y2, last), back2 = net(x[:, cut:], middle)
    dx2, dmiddle = back2((dy[:, cut:], dstate))
    dx1, dfirst = back1((dy[:, :cut], dmiddle))
    y, dx = np.concatenate([y1, y2], 1), np.concatenate([dx1, dx2], 1)
    parts = [y, *flat(last), dx, *flat(dfirst), *(p.grad for p in net.parameters())]
    for one, other in zip(long, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)


@every_cell
def test_used_twice_before_going_back(cell: type) -> None:
    net, twin = double_pair(cell, 3, 4)
    x1, x2, dy = draw(1, (2, 5, 3)), draw(2, (3, 2, 3)), draw(3, (3, 5, 4))
    (_, back1), (_, back2) = net(x1), net(x2)
    back1((dy[:2], None))
    back2((dy[:, :2], None))
    y1, y2 = twin(as_tensor(x1))[0], twin(as_tensor(x2))[0]
    ((y1 * as_tensor(dy[:2])).sum() + (y2 * as_tensor(dy[:, :2])).sum()).backward()
    assert_same_gradients(net, twin)


@every_cell
def test_arrays_of_others_stay_as_they_are(cell: type) -> None:
    net, _ = double_pair(cell, 3, 4)
    given_away = [draw(1, (2, 5, 3)), draw_state(cell, 2, 2, 4)]
    came_back = [draw(4, (2, 5, 4)), draw_state(cell, 5, 2, 4)]
    answer, back = net(*given_away)
    arrays = [*flat(given_away), *flat(came_back), *flat(answer)]
    before = [a.copy() for a in arrays]
    first = back(tuple(came_back))
    second = back(tuple(came_back))
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    for one, other in zip(flat(first), flat(second), strict=True):
        np.testing.assert_array_equal(one, other)


@every_cell
def test_the_state_does_not_keep_all_moments_alive(cell: type) -> None:
    (_, state), _ = cell(3, 4, rng=np.random.default_rng(1))(draw(1, (2, 500, 3), "float32"))
    for array in flat(state):
        memory = array if array.base is None else array.base
        assert array.shape == (1, 2, 4) and memory.size == array.size


@every_cell
def test_a_first_layer_skips_the_gradient_of_the_data(cell: type) -> None:
    net, _ = double_pair(cell, 3, 4)
    x, dy = draw(1, (2, 5, 3)), draw(2, (2, 5, 4))
    net(x)[1]((dy, None))
    wanted = [p.grad for p in net.parameters()]
    net.zero_grad()
    with net.reading_data():
        _, back = net(x)
        dx, _ = back((dy, None))
    assert dx is None
    for one, param in zip(wanted, net.parameters(), strict=True):
        np.testing.assert_array_equal(one, param.grad)


MISTAKES = [
    ((2, 5, 3), None, "float64", "got float64 numbers, but its weights are float32"),
    ((5, 3), None, "float32", r"shape \(5, 3\), needs \(B, T, 3\): one example\? then x\[None\]"),
    ((2, 5, 4), None, "float32", r"got 4 on axis I of an array \(2, 5, 4\), needs \(B, T, 3\)"),
    ((2, 0, 3), None, "float32", r"shape \(2, 0, 3\), needs at least one moment \(axis T\)"),
    ((2, 5, 3), (1, 3, 4), "float32", r"\(1, 3, 4\), needs \(1, 2, 4\): is it of a batch of ano"),
    ((2, 5, 3), (2, 4), "float32", r"shape \(2, 4\), needs \(1, 2, 4\): state\[None\]\?"),
]


@every_cell
@pytest.mark.parametrize("shape, state, dtype, sentence", MISTAKES)
def test_mistakes(cell: type, shape: Any, state: Any, dtype: str, sentence: str) -> None:
    net = cell(3, 4, rng=np.random.default_rng(1))
    if state is not None:
        state = np.zeros(state, np.float32)
        state = (state, state) if cell is LSTM else state
    with pytest.raises(LayerError, match=f"^{cell.__name__} .*{sentence}"):
        net(np.zeros(shape, dtype), state)


def test_mistaken_kinds_of_state() -> None:
    x, h = np.zeros((2, 5, 3), np.float32), np.zeros((1, 2, 4), np.float32)
    with pytest.raises(LayerError, match=r"^LSTM got a state of type ndarray, needs a pair \(h, c"):
        LSTM(3, 4, rng=np.random.default_rng(1))(x, h)
    for cell in (RNN, GRU):
        with pytest.raises(LayerError, match="type tuple, needs an array: is it the pair of an LS"):
            cell(3, 4, rng=np.random.default_rng(1))(x, (h, h))
        with pytest.raises(LayerError, match="got float64 numbers, but its weights are float32"):
            cell(3, 4, rng=np.random.default_rng(1))(x, h.astype(np.float64))


@every_net
def test_nets_learn_alike(ours: type, theirs: type) -> None:
    """Three steps on the same text leave the same weights, with the state carried along."""
    net = ours(11, 5, 6, rng=np.random.default_rng(1)).astype(np.float64)
    twin = with_weights_of(net, theirs(11, 5, 6).double())
    adam, torch_adam = Adam(net.parameters(), 0.1), torch.optim.Adam(twin.parameters(), 0.1)
    text, state, tstate = np.random.default_rng(2).integers(0, 11, (3, 13)), None, None
    for start in (0, 4, 8):
        tokens, targets = text[:, start : start + 4], text[:, start + 1 : start + 5]
        answer, back = net(tokens, state)
        loss, loss_back = char_rnn.next_token_loss(answer, targets)
        adam.zero_grad()
        back(loss_back())
        adam.step()
        state = answer[1]

        tanswer = twin(torch.from_numpy(tokens), tstate)
        tloss = torch_char_rnn.next_token_loss(tanswer, torch.from_numpy(targets))
        torch_adam.zero_grad()
        tloss.backward()
        torch_adam.step()
        tstate = tanswer[1]
        tstate = tuple(s.detach() for s in tstate) if isinstance(tstate, tuple) else tstate.detach()
        assert loss == pytest.approx(tloss.item(), rel=1e-12)
    for name, array in twin.state_dict().items():
        np.testing.assert_allclose(net.state_dict()[name], array, rtol=1e-8, atol=1e-10)


@every_net
def test_a_gradient_may_come_from_the_state_alone(ours: type, theirs: type) -> None:
    net = ours(11, 5, 6, rng=np.random.default_rng(1)).astype(np.float64)
    twin = with_weights_of(net, theirs(11, 5, 6).double())
    tokens = np.random.default_rng(2).integers(0, 11, (3, 4))
    (_, state), back = net(tokens)
    ones = (
        tuple(np.ones_like(s) for s in state) if isinstance(state, tuple) else np.ones_like(state)
    )
    back((None, ones))
    sum(s.sum() for s in flat(twin(torch.from_numpy(tokens))[1])).backward()
    assert_same_gradients(net, twin)


@every_net
@pytest.mark.parametrize(
    "how", [{}, {"temperature": 0}, {"temperature": 2.0, "top_k": 4}, {"top_p": 0.7}]
)
def test_both_worlds_write_the_same_text(ours: type, theirs: type, how: dict[str, Any]) -> None:
    net = ours(11, 5, 6, rng=np.random.default_rng(1))
    twin = with_weights_of(net, theirs(11, 5, 6))
    prompt = np.random.default_rng(2).integers(0, 11, (3, 4))
    text = char_rnn.generate(net, prompt, 50, rng=np.random.default_rng(3), **how)
    again = torch_char_rnn.generate(
        twin, torch.from_numpy(prompt), 50, rng=np.random.default_rng(3), **how
    )
    assert text.shape == (3, 54)
    np.testing.assert_array_equal(text[:, :4], prompt)
    np.testing.assert_array_equal(text, again.numpy())


@every_net
def test_the_state_is_all_that_writing_needs(ours: type, theirs: type) -> None:
    """To carry the state along gives the same as to read the whole text again for each token."""
    net = ours(11, 5, 6, rng=np.random.default_rng(1))
    prompt = np.random.default_rng(2).integers(0, 11, (2, 3))
    text = char_rnn.generate(net, prompt, 20, rng=np.random.default_rng(3), temperature=0)
    for length in range(3, 23):
        (logits, _), _ = net(text[:, :length])
        np.testing.assert_array_equal(logits[:, -1].argmax(-1), text[:, length])


@pytest.mark.parametrize("shape, hint", [((4,), r": one text\? then prompt\[None\]"), ((2, 0), "")])
def test_prompts_that_cannot_be(shape: tuple[int, ...], hint: str) -> None:
    prompt, rng = np.zeros(shape, np.int64), np.random.default_rng(1)
    net, twin = char_rnn.CharRNN(7, 2, 3, rng=rng), torch_char_rnn.CharRNN(7, 2, 3)
    sentence = rf"^generate got a prompt of shape .*, needs \(B, T\) with T ≥ 1{hint}$"
    with pytest.raises(ValueError, match=sentence):
        char_rnn.generate(net, prompt, 5, rng=rng)
    with pytest.raises(ValueError, match=sentence):
        torch_char_rnn.generate(twin, torch.from_numpy(prompt), 5, rng=rng)


def test_the_loss_is_pytorchs_cross_entropy() -> None:
    rng = np.random.default_rng(1)
    logits, targets = rng.normal(size=(3, 4, 7)), rng.integers(0, 7, (3, 4))
    loss, back = char_rnn.next_token_loss((logits, None), targets)
    tlogits = learning(logits)
    tloss = F.cross_entropy(tlogits.reshape(12, 7), torch.from_numpy(targets).reshape(12))
    tloss.backward()
    dlogits, dstate = back()
    assert loss == pytest.approx(tloss.item()) and dstate is None
    np.testing.assert_allclose(dlogits, tlogits.grad, rtol=1e-9)
