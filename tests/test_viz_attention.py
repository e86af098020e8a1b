"""The attention instrument: weights against PyTorch, draws against `choose`, what it refuses."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dlcourse import pytorch, scratch, viz
from dlcourse.scratch.attention import attention_weights
from dlcourse.scratch.sampling import choose
from dlcourse.trace import Trace
from dlcourse.viz.parts import looking

LAW = Path(__file__).parent / "viewer" / "attention_law.mjs"
TEXT = "the cat"
LETTERS = "".join(sorted(set(TEXT)))
IDS = np.array([[LETTERS.index(c) for c in TEXT]])
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


def law(path: Path) -> Any:
    return json.loads(subprocess.check_output(["node", LAW, path], text=True))


def seen(view: Any, folder: Path) -> Any:
    """What the browser finds: for each example each layer's weights and checks."""
    path = folder / "view.bin"
    path.write_bytes(view.data)
    return law(path)


def gpt(dtype: str = "float64", seed: int = 0) -> tuple[Trace, Trace]:
    """A GPT in both worlds, its weights large enough for heads that care where they look."""
    net = scratch.GPT(len(LETTERS), 8, 8, 2, 3, rng=np.random.default_rng(seed))
    for param in net.parameters():
        param.data *= 12
    net.astype(dtype)
    twin = pytorch.give_weights(pytorch.GPT(len(LETTERS), 8, 8, 2, 3), net.state_dict())
    return scratch.trace(net, IDS), pytorch.trace(twin, torch.from_numpy(IDS))


def seq2seq(masked: bool = True) -> tuple[Trace, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    net = scratch.Seq2Seq(7, 4, 6, rng=rng).astype("float64")
    source, target = rng.integers(0, 7, (3, 4)), rng.integers(0, 4, (3, 4))
    mask = np.arange(4) < np.array([[4], [1], [3]])
    trace = scratch.trace(net, source, target, *([mask] if masked else []))
    return trace, source, target


def by_torch(attend: Any, causal: bool) -> np.ndarray:
    """The weights as PyTorch's own attention has them: what it answers to the unit values."""
    q, k, _, *mask = (None if a is None else torch.from_numpy(a) for a in attend.inputs)
    ones = torch.eye(k.shape[2], dtype=k.dtype).expand(*k.shape[:2], -1, -1)
    seen = mask[0] if mask else None
    answer = torch.nn.functional.scaled_dot_product_attention(q, k, ones, seen, is_causal=causal)
    return answer.numpy()


@needs_node
@pytest.mark.parametrize("world", [0, 1], ids=["numpy", "torch"])
def test_every_weight_of_a_gpt(world: int, tmp_path: Path) -> None:
    trace = gpt()[world]
    [told] = seen(viz.attention(trace, TEXT), tmp_path)
    assert [layer["name"] for layer in told] == [f"blocks.{n}.attn" for n in range(3)]
    for n, layer in enumerate(told):
        expected = by_torch(trace[f"blocks.{n}.attn.attend"], causal=True)[0]
        np.testing.assert_allclose(np.reshape(layer["P"], expected.shape), expected, atol=1e-12)
        assert layer["causal"] and layer["worst"] < 1e-12
        assert [check["agrees"] for check in layer["checks"]] == [True, True]
        ours = looking.weights(trace[f"blocks.{n}.attn.attend"], 0)
        np.testing.assert_allclose(ours, expected, atol=1e-12)


@needs_node
def test_float32_differs_by_rounding_alone(tmp_path: Path) -> None:
    for trace in gpt("float32"):
        [told] = seen(viz.attention(trace, TEXT), tmp_path)
        assert all(check["agrees"] for layer in told for check in layer["checks"])


@needs_node
def test_what_is_no_number_is_no_gap(tmp_path: Path) -> None:
    net = scratch.GPT(6, 8, 8, 2, 1, rng=np.random.default_rng(0))
    net.blocks[0].attn.query.weight.data[0, 0] = np.nan
    with np.errstate(invalid="ignore"):
        view = viz.attention(scratch.trace(net, IDS))
    [[layer]] = seen(view, tmp_path)
    assert layer["causal"] and all(check["agrees"] for check in layer["checks"])


@needs_node
@pytest.mark.parametrize("masked", [True, False])
def test_a_look_at_another_text(masked: bool, tmp_path: Path) -> None:
    """Source and target are of one length: that alone must not make it self-attention."""
    trace, source, target = seq2seq(masked)
    view = viz.attention(trace)
    assert view.content["tokens"] == [[f"#{n}" for n in row] for row in target]
    assert view.content["source"] == [[f"#{n}" for n in row] for row in source]
    attend = trace["attn.attend"]
    expected = attention_weights(*attend.inputs[:2], attend.inputs[3] if masked else None)
    for b, [layer] in enumerate(seen(view, tmp_path)):
        np.testing.assert_allclose(np.reshape(layer["P"], (1, 4, 4)), expected[b], atol=1e-12)
        assert not layer["causal"] and all(check["agrees"] for check in layer["checks"])
        np.testing.assert_allclose(looking.weights(attend, b), expected[b], atol=1e-12)


@needs_node
@pytest.mark.parametrize("part", ["attn.attend", "attn"])
def test_a_wrong_answer_is_found(part: str, tmp_path: Path) -> None:
    trace, *_ = seq2seq()
    trace[part].outputs[0][0] += 1e-4
    told = seen(viz.attention(trace), tmp_path)[0][0]["checks"]
    assert not all(check["agrees"] for check in told)


@needs_node
def test_the_browser_draws_what_python_draws(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    tasks = []
    for seed in (0, 1, 7, 2**32 - 1):
        for temperature in (0.0, 0.3, 1.0, 1.7):
            for top_k, top_p in ((None, None), (3, None), (None, 0.6), (5, 0.9), (99, 1.0)):
                how = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
                logits = rng.normal(size=9).astype(np.float32).tolist()
                tasks.append({"logits": logits, "seed": seed, "times": 8, **how})
    path = tmp_path / "draws.json"
    path.write_text(json.dumps(tasks))
    for task, told in zip(tasks, law(path), strict=True):
        logits, dice = np.array(task["logits"], np.float32), np.random.default_rng(task["seed"])
        how = {name: task[name] for name in ("temperature", "top_k", "top_p")}
        assert told["tokens"] == [int(choose(logits, dice, **how)) for _ in range(task["times"])]
        if task["temperature"]:
            warm = torch.from_numpy(logits.astype(float)) / task["temperature"]
            np.testing.assert_allclose(told["p"], torch.softmax(warm, 0), atol=1e-12)


# ── the view ──────────────────────────────────────────────────────────────────────────────────────


def read(text: str) -> tuple[Trace, str]:
    net = scratch.GPT(len(LETTERS), 8, 8, 2, 3, rng=np.random.default_rng(0))
    return scratch.trace(net, np.array([[LETTERS.index(c) for c in text]])), text


def test_words_hold_facts() -> None:
    trace, _ = gpt()
    view = viz.attention(trace, TEXT, layer=1, at=4)
    weights = looking.weights(trace["blocks.1.attn.attend"], 0)[:, 4]
    head, place = np.unravel_index(weights.argmax(), weights.shape)
    assert f"head {head} looks hardest, at {place}, “{TEXT[place]}”" in view.words.alt
    assert f"{weights.max():.3f}" in view.words.alt
    assert view.words.table.rows[4][-1] == f"{weights.max():.3f}"
    assert view.poster.count("<image") == 6


def test_only_a_net_that_says_what_comes_next_has_logits() -> None:
    trace, *_ = seq2seq()
    assert viz.attention(trace).content["logits"] is trace.steps[-1].outputs[0]
    alone = Trace(tuple(s for s in trace if s.name.startswith("attn")))
    assert viz.attention(alone).content["logits"] is None


def test_reading_a_text() -> None:
    view = viz.attention(*read("the"), read=read)
    answer = view.answers["read"](text="cat")
    assert answer["tokens"] == [["c", "a", "t"]]
    assert answer["logits"].shape == (1, 3, len(LETTERS))
    with pytest.raises(ValueError, match="empty text"):
        view.answers["read"](text="")
    wrong = viz.attention(*read("the"), read=lambda text: text)
    with pytest.raises(TypeError, match="pair"):
        wrong.answers["read"](text="cat")
    assert viz.attention(*read("the")).answers == {}


@pytest.mark.parametrize(
    ("tokens", "how", "says"),
    [
        ("the", {}, "3 tokens, but the net read 7"),
        ("the dog", {}, "both 't' and 'g'"),
        (TEXT, {"source": "le chat"}, "its own text only"),
        (TEXT, {"layer": 3}, "layer=3, needs 0 to 2"),
        (TEXT, {"head": 2}, "head=2, needs 0 to 1"),
        (TEXT, {"at": 7}, "at=7, needs 0 to 6"),
        (TEXT, {"temperature": -1}, "temperature=-1"),
        (TEXT, {"temperature": float("nan")}, "temperature=nan"),
        (TEXT, {"top_k": 0}, "top_k=0"),
        (TEXT, {"top_p": 1.5}, "top_p=1.5"),
        (TEXT, {"seed": -1}, "seed=-1"),
        (TEXT, {"vocabulary": "abc"}, "3 tokens in the vocabulary"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(tokens: Any, how: Any, says: str) -> None:
    trace, _ = gpt()
    with pytest.raises(ValueError, match=says):
        viz.attention(trace, tokens, **how)


def test_what_pays_no_attention_is_refused() -> None:
    net = scratch.CharRNN(6, 4, 5, rng=np.random.default_rng(3))
    with pytest.raises(ValueError, match="only Embedding, RNN, Linear, CharRNN"):
        viz.attention(scratch.trace(net, IDS))
    with pytest.raises(TypeError, match="needs a trace"):
        viz.attention(net)
