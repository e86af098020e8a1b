"""The sequence instrument: gates and gradients against PyTorch's autograd, and what it refuses."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dlcourse import pytorch, scratch, viz
from dlcourse.scratch.char_rnn import next_token_loss
from dlcourse.trace import Trace

LAW = Path(__file__).parent / "viewer" / "sequence_law.mjs"
TEXT = "hello hill"
TOKENS = np.array([["helo i".index(c) for c in TEXT], [5, 4, 3, 2, 1, 0, 1, 2, 3, 4]])
CELLS = ("CharRNN", "CharLSTM", "CharGRU")
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


def traces(cell: str, dtype: str = "float64") -> tuple[Trace, Trace]:
    """The same net in both worlds, made livelier than a net at its beginning."""
    net = getattr(scratch, cell)(6, 4, 5, rng=np.random.default_rng(3))
    for param in net.parameters():
        param.data *= 2
    net.astype(dtype)
    x, y = TOKENS[:, :-1], TOKENS[:, 1:]
    twin = pytorch.give_weights(getattr(pytorch, cell)(6, 4, 5), net.state_dict())
    tx, ty = torch.from_numpy(x), torch.from_numpy(y)
    ours = scratch.trace(net, x, loss=lambda out: next_token_loss(out, y))
    theirs = pytorch.trace(twin, tx, loss=lambda out: pytorch.next_token_loss(out, ty))
    return ours, theirs


def apart(trace: Trace, folder: Path, source: int | str = "all") -> list[dict[str, Any]]:
    """The layers of a trace, taken apart as the browser does it."""
    path = folder / "trace.bin"
    path.write_bytes(trace.to_bytes())
    told = subprocess.check_output(["node", LAW, path, str(source)], text=True)
    return json.loads(told)


def by_autograd(trace: Trace, b: int, source: int | str) -> dict[str, np.ndarray]:
    """Gates, states and gradients of one example, moment by moment, by PyTorch's autograd."""
    step = trace["rnn"]
    W, U, bi, bh = (torch.from_numpy(p) for p in step.params.values())
    x = torch.from_numpy(step.inputs[0][b]).requires_grad_()
    h = c = torch.zeros(U.shape[1], dtype=W.dtype)
    found: dict[str, list[torch.Tensor]] = {}

    def keep(**values: torch.Tensor) -> None:
        for name, value in values.items():
            value.retain_grad()
            found.setdefault(name, []).append(value)

    for x_t in x:
        from_x, from_h = W @ x_t + bi, U @ h + bh
        if step.kind == "RNN":
            keep(a=(a := from_x + from_h))
            h = torch.tanh(a)
        elif step.kind == "LSTM":
            i, f, g, o = (from_x + from_h).chunk(4)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            keep(i=i, f=f, g=g, o=o, c=c)
        else:
            (rx, zx, nx), (rh, zh, nh) = from_x.chunk(3), from_h.chunk(3)
            r, z = (rx + rh).sigmoid(), (zx + zh).sigmoid()
            n = (nx + r * nh).tanh()
            h = (1 - z) * n + z * h
            keep(r=r, z=z, n=n)
        keep(h=h)
    dy = torch.from_numpy(step.doutputs[0][b])
    moments = range(len(x)) if source == "all" else [source]
    sum((found["h"][t] * dy[t]).sum() for t in moments).backward()  # type: ignore[union-attr,arg-type]
    zeros = torch.zeros_like(h)
    gradients = {
        f"d{name}": torch.stack([zeros if v.grad is None else v.grad for v in found[name]])
        for name in ("h", "c")
        if name in found
    }
    values = {name: torch.stack(v) for name, v in found.items()}
    all_of_them = {**values, **gradients, "dx": x.grad, "x": x}
    return {name: t.detach().numpy() for name, t in all_of_them.items()}


@needs_node
@pytest.mark.parametrize("source", ["all", 8, 3, 0])
@pytest.mark.parametrize("world", [0, 1], ids=["numpy", "torch"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_gate_and_every_gradient(
    cell: str, world: int, source: int | str, tmp_path: Path
) -> None:
    trace = traces(cell)[world]
    for told in apart(trace, tmp_path, source):
        expected = by_autograd(trace, told["example"], source)
        [layer] = told["layers"]
        for name, numbers in expected.items():
            np.testing.assert_allclose(layer[name], numbers.ravel(), rtol=0, atol=1e-12)
        norms = np.linalg.norm(expected["dh"], axis=1)
        np.testing.assert_allclose(layer["norms"], norms, atol=1e-12)
        assert layer["worst"] < 1e-12, "each formula gives the number that it explains"
        assert all(check["agrees"] for check in told["checks"])


@needs_node
@pytest.mark.parametrize("cell", CELLS)
def test_float32_differs_by_rounding_alone(cell: str, tmp_path: Path) -> None:
    for trace in traces(cell, "float32"):
        for told in apart(trace, tmp_path):
            names = [check["what"] for check in told["checks"]]
            assert names == ["h", *["c"] * (cell == "CharLSTM"), "dx"]
            assert all(check["agrees"] for check in told["checks"])
            assert all(check["gap"] < 1e-6 for check in told["checks"])


@needs_node
@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_stack_without_biases_and_with_a_state(kind: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    extra = {"nonlinearity": "relu"} if kind is nn.RNN else {}
    net = nn.Sequential(kind(3, 4, num_layers=2, bias=False, batch_first=True, **extra))
    x, state = torch.randn(2, 6, 3), torch.randn(2, 2, 4)

    def loss(answer: Any) -> torch.Tensor:
        y, last = answer
        return (y**2).sum() + sum(part.sum() for part in (last if kind is nn.LSTM else [last]))

    for told in apart(pytorch.trace(net, x, loss=loss), tmp_path):
        assert all(check["agrees"] for check in told["checks"])
    given = (state, state) if kind is nn.LSTM else state
    net = kind(3, 4, num_layers=2, batch_first=True, **extra)
    for told in apart(pytorch.trace(net, x, given, loss=loss), tmp_path):
        assert "dh₀" in [check["what"] for check in told["checks"]]
        assert all(check["agrees"] for check in told["checks"])


@needs_node
def test_one_moment_and_numbers_that_are_none(tmp_path: Path) -> None:
    """One positive number does not make tanh a ReLU, and NaN beside NaN is no gap."""
    net = scratch.CharRNN(3, 2, 1, rng=np.random.default_rng(1))
    net.rnn.bias_ih_l0.data[:] = 2
    one = np.array([[2]])
    trace = scratch.trace(net, one, loss=lambda out: next_token_loss(out, one))
    assert trace["rnn"].outputs[0].item() > 0
    assert all(check["agrees"] for check in apart(trace, tmp_path)[0]["checks"])
    net.rnn.weight_hh_l0.data[:] = np.nan
    trace = scratch.trace(net, one, loss=lambda out: next_token_loss(out, one))
    assert np.isnan(trace["rnn"].outputs[0]).all()
    assert all(check["agrees"] for check in apart(trace, tmp_path)[0]["checks"])


@needs_node
def test_a_wrong_number_is_found(tmp_path: Path) -> None:
    trace, _ = traces("CharGRU")
    for place, what in (("outputs", "h"), ("dinputs", "dx")):
        spoilt = Trace.from_bytes(trace.to_bytes())
        getattr(spoilt["rnn"], place)[0][0, 4, 2] += 1e-4
        told = apart(spoilt, tmp_path)[0]
        assert what in [check["what"] for check in told["checks"] if not check["agrees"]]


# ── the view ──────────────────────────────────────────────────────────────────────────────────────


def test_words_hold_facts() -> None:
    trace, _ = traces("CharLSTM")
    second = "".join("helo i"[n] for n in TOKENS[1, :-1])
    view = viz.sequence(trace, [TEXT[:-1], second])
    h = trace["rnn"].outputs[0][0]
    t, unit = np.unravel_index(np.abs(h).argmax(), h.shape)
    assert f"unit {unit} at moment {t}" in view.words.alt
    assert f"{h[t, unit]:.3g}" in view.words.alt
    norm = np.linalg.norm(trace["rnn"].dinputs[0][0], axis=-1)
    assert view.words.table.rows[2] == (
        *("2", "“l”", f"{np.linalg.norm(h[2]):.3g}"),
        f"{norm[2]:.3g}",
    )
    assert view.poster.startswith("<svg") and "LSTM" in view.poster


def test_seq2seq_has_two_texts() -> None:
    rng = np.random.default_rng(0)
    net = scratch.Seq2Seq(7, 4, 6, rng=rng)
    source, target = rng.integers(0, 7, (1, 5)), rng.integers(0, 4, (1, 3))
    trace = scratch.trace(net, source, target)
    view = viz.sequence(trace, {"decoder": [f"t{n}" for n in target[0]]})
    layers = {layer["name"]: layer["tokens"] for layer in view.content["layers"]}
    assert layers["encoder"] == [[f"#{n}" for n in source[0]]]
    assert layers["decoder"] == [[f"t{n}" for n in target[0]]]
    assert view.choices["at"] == 4, "without a loss there is no way back"


def test_the_source_is_the_last_moment_that_feels_the_loss() -> None:
    trace, _ = traces("CharRNN")
    assert viz.sequence(trace).choices["source"] == 8
    trace["rnn"].doutputs[0][0, 6:] = 0
    assert viz.sequence(trace).choices["source"] == 5
    assert viz.sequence(trace, example=1).choices["source"] == 8
    trace["rnn"].doutputs[0][:] = 0
    assert viz.sequence(trace).choices["source"] == "all"


@pytest.mark.parametrize(
    ("tokens", "how", "says"),
    [
        ("hello", {}, "2 examples"),
        (["hello", "hello hil"], {}, "5 tokens for example 0"),
        (["abcdefghi"] * 2, {}, "token 2 would be both 'c' and 'd'"),
        (7, {}, "type int"),
        ({"encoder": "hello"}, {}, "called 'encoder'"),
        (None, {"layer": "lstm"}, "there is rnn"),
        (None, {"show": "f"}, "there is x, r, z, n, h, dh, dx"),
        (None, {"unit": 5}, "needs 0 to 4"),
        (None, {"example": -1}, "needs 0 to 1"),
        (None, {"at": 19}, "needs 0 to 18"),
        (None, {"source": 9}, '"all" or 0 to 8'),
        (None, {"level": 1}, "needs 0 to 0"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(tokens: Any, how: Any, says: str) -> None:
    trace, _ = traces("CharGRU")
    with pytest.raises((ValueError, TypeError), match=says):
        viz.sequence(trace, tokens, **how)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_what_cannot_be_unrolled_is_refused() -> None:
    mlp = scratch.MLP(2, 3, 3, 2, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="no RNN, LSTM or GRU"):
        viz.sequence(scratch.trace(mlp, np.ones((1, 2), np.float32)))
    with pytest.raises(TypeError, match="needs a trace"):
        viz.sequence(mlp)
    x = torch.ones(2, 5, 3)
    for net, says in (
        (nn.LSTM(3, 4, batch_first=True, bidirectional=True), "both directions"),
        (nn.LSTM(3, 4, batch_first=True, proj_size=2), "proj_size"),
        (nn.LSTM(3, 4), "batch_first=True"),
    ):
        with pytest.raises(ValueError, match=says):
            viz.sequence(pytorch.trace(net, x))
    with pytest.raises(ValueError, match="no batch"):
        viz.sequence(pytorch.trace(nn.GRU(3, 4), x[0]))
