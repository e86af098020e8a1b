"""Convolution: stride, padding, receptive fields and whole nets, as PyTorch has them."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dlcourse import pytorch, scratch, viz
from dlcourse.viz.module import module
from dlcourse.wire import pack
from tests.test_viz_formulas import node

LAW = Path(__file__).parent / "viewer" / "convolution_law.mjs"
Cell = tuple[str, Sequence[int]]


class Odd(nn.Module):
    """Every setting that a trace does not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.b = nn.Conv2d(4, 4, (3, 1), padding=(2, 0), dilation=(2, 1), groups=2)
        self.pool = nn.AvgPool2d(3, 2, 1)
        self.c = nn.Conv2d(4, 6, 5, stride=(1, 2), padding=2)
        self.up = nn.ConvTranspose2d(6, 2, 3, stride=2, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.up(self.c(self.pool(self.b(self.a(x)))))


def smooth(net: nn.Module) -> nn.Module:
    """The same windows, but every pixel under them has some influence on every answer."""
    for name, part in list(net.named_modules()):
        owner = net.get_submodule(name.rpartition(".")[0])
        if isinstance(part, nn.ReLU):
            setattr(owner, name.rpartition(".")[2], nn.Softplus())
        if isinstance(part, nn.MaxPool2d):
            setattr(owner, name.rpartition(".")[2], nn.AvgPool2d(2))
    return net.eval()


def lawful(folder: Path, cases: dict[str, Any]) -> dict[str, Any]:
    """What the viewer finds in these views and convolutions."""
    for name, content in cases.items():
        if isinstance(content, list):
            (folder / f"{name}.json").write_text(json.dumps(content))
        else:
            (folder / f"{name}.view").write_bytes(pack("view", content))
    done = subprocess.run([node(), LAW, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def asked(trace: Any, cells: list[Cell], picture: np.ndarray) -> dict[str, Any]:
    cells_asked = [{"label": label, "cell": list(cell)} for label, cell in cells]
    view = viz.convolution(trace)
    return {**view.content, "asked": {"cells": cells_asked, "picture": picture}}


def seen(net: nn.Module, picture: torch.Tensor, name: str, cell: Sequence[int]) -> Any:
    """The pixels that a cell has seen, found with autograd: those that could change it."""
    answers: list[torch.Tensor] = []
    hook = net.get_submodule(name).register_forward_hook(lambda _m, _i, y: answers.append(y))
    x = picture[None].clone().double().requires_grad_()
    net.double()(x)
    hook.remove()
    answers[-1][(0, *cell)].backward()
    assert x.grad is not None
    rows, columns = np.nonzero(x.grad[0].abs().sum(0).numpy())
    net.float()
    return {"rows": [rows.min(), rows.max()], "columns": [columns.min(), columns.max()]}


NETS: dict[str, tuple[nn.Module, int, list[Cell]]] = {}


def nets() -> dict[str, tuple[nn.Module, int, list[Cell]]]:
    torch.manual_seed(0)
    lenet = [("conv1", (3, 0, 5)), ("conv2", (0, 4, 4)), ("conv2", (9, 7, 0)), ("fc", (3,))]
    small = [("conv1", (0, 0, 0)), ("conv2", (1, 2, 1)), ("conv2", (0, 3, 3))]
    odd = [
        ("a", (0, 3, 4)),
        ("b", (1, 0, 3)),
        ("pool", (0, 1, 2)),
        ("c", (2, 2, 1)),
        ("up", (0, 3, 2)),
    ]
    resnet = [
        ("blocks.0.conv2", (0, 3, 3)),
        ("blocks.1.conv2", (2, 2, 1)),
        ("blocks.2.conv1", (1, 1, 1)),
    ]
    resnet += [("blocks.1.shortcut.0", (0, 1, 2)), ("blocks.2.bn2", (0, 0, 1))]
    return {
        "lenet": (pytorch.LeNet(28, 1), 28, lenet),
        "small": (pytorch.SmallCNN(8, 1, 4), 8, small),
        "resnet": (pytorch.ResNet(1, 4, 1, 3), 20, resnet),
        "odd": (Odd(), 19, odd),
    }


@pytest.mark.parametrize("name", ["lenet", "small", "resnet", "odd"])
def test_receptive_fields_are_where_gradients_go(name: str, tmp_path: Path) -> None:
    net, size, cells = nets()[name]
    net = smooth(net)
    x = torch.rand(3, 1, size, size)
    picture = torch.rand(1, size, size)
    found = lawful(tmp_path, {name: asked(pytorch.trace(net, x), cells, picture.numpy())})[name]
    assert found["reason"] == ""
    for (label, cell), field in zip(cells, found["fields"], strict=True):
        assert field == seen(net, picture, label, cell), (label, cell)


@pytest.mark.parametrize("name", ["lenet", "small", "resnet", "odd"])
def test_another_picture_gives_what_pytorch_gives(name: str, tmp_path: Path) -> None:
    net, size, cells = nets()[name]
    net.eval()
    picture = torch.rand(1, size, size)
    with torch.no_grad():
        expected = net(picture[None]).numpy().ravel()
        trace = pytorch.trace(net, torch.rand(3, 1, size, size))
    found = lawful(tmp_path, {name: asked(trace, cells, picture.numpy())})[name]
    assert found["reason"] == "" and found["gap"] < 1e-5
    np.testing.assert_allclose(found["answer"], expected, atol=1e-5 * np.abs(expected).max())
    if name == "odd":
        down, across = found["slides"]["b"]["down"], found["slides"]["b"]["across"]
        assert (down["padding"], down["dilation"]) == (2, 2) and found["slides"]["b"]["groups"] == 2
        assert (across["padding"], across["kernel"]) == (0, 1)
        assert found["slides"]["c"]["across"]["stride"] == 2
        assert found["slides"]["pool"]["down"] == {
            "kernel": 3,
            "stride": 2,
            "padding": 1,
            "dilation": 1,
        }


def test_a_net_that_cannot_be_recomputed_is_not_offered(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Hardswish(), nn.Conv2d(2, 2, 3))
    x = torch.rand(2, 1, 8, 8)
    cells: list[Cell] = [("0", (0, 0, 0))]
    content = asked(pytorch.trace(net, x), cells, x[0].numpy())
    assert "Hardswish" in lawful(tmp_path, {"odd": content})["odd"]["reason"]


def test_a_trace_that_contradicts_itself_is_not_offered(tmp_path: Path) -> None:
    net = scratch.SmallCNN(8, 1, 4, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2, 1, 8, 8)).astype(np.float32)
    content = asked(scratch.trace(net, x), [("conv1", (0, 0, 0))], x[0])
    content["trace"]["steps"][-1]["params"]["bias"][1] += 0.1
    reason = lawful(tmp_path, {"odd": content})["odd"]["reason"]
    assert reason == "fc, computed here, is not what the trace holds."


SETTINGS = [(1, 0, 1, 1), (2, 1, 1, 1), (1, 2, 2, 1), (3, 2, 1, 1), (2, 2, 3, 1), (1, 1, 1, 2)]


def test_one_convolution_forward_and_back(tmp_path: Path) -> None:
    """y, dx, dW and db against autograd; and each number's terms add up to it."""
    rng, cases, expected = np.random.default_rng(0), [], []
    for stride, padding, dilation, groups in SETTINGS:
        x, W = rng.normal(size=(4, 9, 8)), rng.normal(size=(4, 4 // groups, 3, 3))
        b = rng.normal(size=4)
        tensors = [torch.tensor(a, requires_grad=True) for a in (x[None], W, b)]
        y = nn.functional.conv2d(*tensors, stride, padding, dilation, groups)
        dy = rng.normal(size=y.shape)
        y.backward(torch.tensor(dy))
        along = {"kernel": 3, "stride": stride, "padding": padding, "dilation": dilation}
        setting = {"down": along, "across": along, "groups": groups}
        arrays = {"x": x, "W": W, "dy": dy[0]}
        case = {n: {"data": a.ravel().tolist(), "shape": a.shape} for n, a in arrays.items()}
        cases.append({**case, "b": b.tolist(), "setting": setting})
        expected.append([y.detach(), *(t.grad for t in tensors)])
    found = lawful(tmp_path, {"convs": cases})["convs"]
    for case, arrays in zip(found, expected, strict=True):
        assert case["gaps"] < 1e-12
        for values, array in zip(case["values"], arrays, strict=True):
            np.testing.assert_allclose(values, array.numpy().ravel(), atol=1e-12)
    assert sum(case.get("count", 0) for case in found) > 1000


# ── words, choices, refusals ──────────────────────────────────────────────────────────────────────


def some_trace(size: int = 28, batch: int = 2) -> Any:
    rng = np.random.default_rng(0)
    net = scratch.LeNet(size, rng=rng)
    x = rng.random((batch, 1, size, size)).astype(np.float32)
    labels = np.arange(batch) % 10
    return scratch.trace(net, x, loss=lambda y: scratch.cross_entropy(y, labels))


def test_what_a_blind_learner_is_told() -> None:
    trace = some_trace()
    words = viz.convolution(trace).words
    assert "conv1 slides 8 kernels of 5 × 5: 8 × 24 × 24." in words.alt
    assert f"answer {np.argmax(trace['fc'].output[0])} is the largest" in words.alt
    assert [row[0] for row in words.table.rows] == [s.name for s in trace][:-1]
    pooled = trace["pool"].output
    assert words.table.rows[2][3] == "8 × 12 × 12"
    assert words.table.rows[2][5] == f"{np.mean(pooled == 0):.0%}"


def test_a_large_batch_is_cut_so_that_a_page_can_hold_it(tmp_path: Path) -> None:
    view = viz.convolution(some_trace(batch=40))
    assert len(view.content["trace"]["steps"][0]["inputs"][0]) == 12 and view.content["batch"] == 40
    assert viz.save(view, tmp_path / "x.html").stat().st_size < 2_000_000
    assert "left_out" not in str(view.content.keys())


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"show": "all"}, "show='all': needs one of 'window', 'net'"),
        ({"layer": "conv9"}, "layer='conv9' is no convolution of this net: 'conv1', 'conv2'"),
        ({"layer": "conv1", "map": 8}, "map=8: needs a whole number from 0 to 7"),
        ({"example": 2}, "example=2: needs a whole number from 0 to 1"),
        ({"kernel": "lens"}, "kernel='lens': needs edge, sobel x"),
        ({"layer": "conv1", "kernel": "edge"}, "needs None for what it has learned"),
        ({"kernel": [[1, 2], [3, 4]]}, "a kernel of shape (2, 2)"),
        ({"stride": 0}, "stride=0: needs a whole number from 1 to 4"),
        ({"seen": ("conv1", 0, 24, 0)}, "is nowhere in this net: it needs a layer and a place"),
        ({"drawing": "..#"}, "it needs 28 rows of 28 signs"),
    ],
)
def test_choices_that_cannot_be_drawn(choices: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        viz.convolution(some_trace(), **choices)


def test_what_is_no_net_for_pictures() -> None:
    with pytest.raises(TypeError, match="got a LeNet: trace"):
        viz.convolution(scratch.LeNet(28, rng=np.random.default_rng(0)))
    mlp = scratch.MLP(4, 3, 3, 2, rng=np.random.default_rng(0))
    with pytest.raises(
        ValueError, match="no Conv2d with pictures in this trace, only Linear, ReLU"
    ):
        viz.convolution(scratch.trace(mlp, np.ones((2, 4), np.float32)))
    with pytest.raises(TypeError, match="no choice 'colour'"):
        viz.convolution(some_trace(), colour="red")
    with pytest.raises(TypeError, match="answer must be an Experiment or a function"):
        viz.convolution(some_trace(), answer=3)


def test_python_answers_to_a_drawing() -> None:
    rng = np.random.default_rng(0)
    net = scratch.LeNet(28, rng=rng)
    x = rng.random((2, 1, 28, 28)).astype(np.float32)
    trace = scratch.trace(net, x)
    experiment = scratch.Experiment(net, x, loss=lambda y: scratch.mse_loss(y, y * 0))
    drawing = rng.random((1, 28, 28)).astype(np.float32)
    expected = net.eval()(drawing[None])[0]
    said = viz.convolution(trace, answer=experiment).answers["answer"](picture=drawing)
    np.testing.assert_array_equal(said["y"], expected)
    whole = viz.convolution(trace, answer=lambda x: scratch.trace(net, x)).answers["answer"]
    said = whole(picture=drawing)
    np.testing.assert_array_equal(said["outputs"][-1], expected)
    assert len(said["outputs"]) == len(trace.steps) - 1


def test_the_script_stays_small() -> None:
    assert len(module("convolution").encode()) < 160_000
