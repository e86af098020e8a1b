"""The formulas behind every number: what the viewer writes gives what the trace holds."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcourse import scratch
from dlcourse.pytorch.record import trace as torch_trace
from dlcourse.scratch.record import trace as scratch_trace
from dlcourse.trace import Trace
from tests.test_twins_architectures import CASES, THEIRS, examples
from tests.twins import both_traces, random_losses

LAW = Path(__file__).parent / "viewer" / "formulas_law.mjs"
WITHOUT = (  # origins that say: nobody knows how this number was made
    "PyTorch keeps what is inside this layer to itself",
    "this kind of layer has no formula here",
    "made with a setting of this layer that its numbers do not tell",
    "the sum over all uses of this weight, and this is only one of them",
)
Tally = dict[str, dict[str, Any]]


def node() -> str:
    """Node from the system, or the one that comes with Playwright."""
    found = shutil.which("node")
    if found:
        return found
    playwright = pytest.importorskip("playwright", reason="needs node")
    bundled = Path(playwright.__file__).parent / "driver" / "node"
    return str(bundled) if bundled.exists() else pytest.skip("needs node")


def looked_at(folder: Path, traces: dict[str, Trace]) -> Tally:
    """What the law found in these traces, kind by kind; fails where a formula is not true."""
    for name, each in traces.items():
        (folder / f"{name}.trace").write_bytes(each.to_bytes())
    done = subprocess.run([node(), LAW, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert not found["count"], "\n".join(found["wrong"])
    return found["tally"]


def shares(tally: Tally) -> dict[str, float]:
    """Of each kind and group, the share of numbers that have a formula."""
    return {name: each["explained"] / each["seen"] for name, each in tally.items()}


def test_every_number_of_every_architecture(tmp_path: Path) -> None:
    tally: dict[str, Tally] = {}
    for backend in ("numpy", "torch"):
        traces = {}
        for name, i in CASES:
            for dtype, training in (("float64", True), ("float32", False)):
                example = examples(name)[i]
                net = example.net(*example.args, rng=np.random.default_rng(1))
                twin = getattr(THEIRS[name], example.net.__name__)(*example.args)
                both = both_traces(net, twin, *example.inputs, dtype=dtype, training=training)
                traces[f"{name}-{i}-{dtype}"] = both[backend == "torch"]
        folder = tmp_path / backend
        folder.mkdir()
        tally[backend] = looked_at(folder, traces)
    for backend, found in tally.items():
        lines = [f"{share:7.1%}  {kind}" for kind, share in sorted(shares(found).items())]
        print(f"\nnumbers with a formula, {backend}:", *lines, sep="\n  ")
        for kind, each in found.items():
            assert not set(each["origins"]) & set(WITHOUT), f"{backend} {kind}: {each['origins']}"
        leaves = [kind for kind in found if kind.endswith(" dparams")]
        assert len(leaves) >= 9
        for kind in leaves:
            for group in ("outputs", "dparams"):
                assert shares(found)[f"{kind.split()[0]} {group}"] == 1, f"{backend} {kind}"


def torch_traces(net: nn.Module, *inputs: Tensor, loss: Any = None) -> dict[str, Trace]:
    """In both precisions."""
    found = {}
    for dtype in ("float64", "float32"):
        kind = getattr(torch, dtype)
        x = [a.to(kind) if a.is_floating_point() else a for a in inputs]
        to_loss = loss or random_losses(7, dtype)[1]
        found[dtype] = torch_trace(net.to(kind), *x, loss=to_loss)
    return found


def picture() -> Tensor:
    return torch.randn(3, 4, 9, 8, generator=torch.Generator().manual_seed(0))


PICTURES: list[Callable[[], nn.Module]] = [
    lambda: nn.Conv2d(4, 6, 3, stride=2, padding=1),
    lambda: nn.Conv2d(4, 6, (3, 2), stride=(1, 2), padding=(0, 1)),
    lambda: nn.Conv2d(4, 8, 3, groups=2, bias=False),
    lambda: nn.Conv2d(4, 4, 3, padding=2, dilation=2),
    lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1),
    lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2),
    lambda: nn.MaxPool2d(3, stride=2, padding=1),
    lambda: nn.MaxPool2d(2, stride=1),
    lambda: nn.MaxPool2d(2, ceil_mode=True),
    lambda: nn.AvgPool2d(3, 2, 1),
    lambda: nn.AdaptiveAvgPool2d(1),
    lambda: nn.AdaptiveAvgPool2d((3, 4)),
    lambda: nn.AdaptiveMaxPool2d(1),
    lambda: nn.BatchNorm2d(4, affine=False),
    lambda: nn.BatchNorm2d(4).eval(),
    lambda: nn.LayerNorm((9, 8)),
    lambda: nn.LayerNorm(8, eps=1e-2, bias=False),
    lambda: nn.LayerNorm(8, elementwise_affine=False),
    lambda: nn.RMSNorm(8),
]
ROWS: list[Callable[[], nn.Module]] = [
    nn.GELU,
    lambda: nn.GELU(approximate="tanh"),
    lambda: nn.ELU(0.7),
    nn.SiLU,
    nn.Softplus,
    lambda: nn.LogSoftmax(-1),
    lambda: nn.Softmax(0),
    nn.Tanh,
    nn.Sigmoid,
    lambda: nn.LeakyReLU(0.3),
    lambda: nn.BatchNorm1d(5),
    lambda: nn.Dropout(0.3),
    lambda: nn.Unflatten(1, (5, 1)),
]
SEQUENCES: list[Callable[[], nn.Module]] = [
    lambda: nn.RNN(3, 6, nonlinearity="relu"),
    lambda: nn.LSTM(3, 6),
    lambda: nn.LSTM(3, 6, batch_first=True, bias=False),
    lambda: nn.GRU(3, 6, bias=False),
]


def test_settings_that_no_trace_holds(tmp_path: Path) -> None:
    """Stride, padding, slope, ε, p, axes: found again from the numbers alone."""
    torch.manual_seed(0)
    rows, traces = torch.randn(6, 5) * 2, {}
    nets = [(make(), picture()) for make in PICTURES]
    nets += [(nn.Sequential(nn.Linear(5, 5), make()), rows) for make in ROWS]
    nets += [(make(), torch.randn(4, 5, 3)) for make in SEQUENCES]
    nets += [(make(), torch.randn(4, 4, 3)) for make in SEQUENCES]  # is it batch or time first?
    nets += [(nn.GRU(3, 6), torch.randn(4, 3)), (nn.Conv1d(4, 5, 3, 2, 1), torch.randn(3, 4, 9))]
    for i, (net, x) in enumerate(nets):
        for dtype, each in torch_traces(net, x).items():
            traces[f"{i:02}-{type(net).__name__}-{dtype}"] = each
    for kind, found in looked_at(tmp_path, traces).items():
        assert not set(found["origins"]) & set(WITHOUT), f"{kind}: {found['origins']}"


def test_layers_of_scratch_that_no_architecture_uses(tmp_path: Path) -> None:
    rng, traces = np.random.default_rng(0), {}
    layers: list[tuple[scratch.Layer, tuple[int, ...]]] = [
        (scratch.Softmax(1), (3, 4, 5)),
        (scratch.Tanh(), (3, 4)),
        (scratch.Sigmoid(), (3, 4)),
        (scratch.AvgPool2d(2), (2, 3, 5, 5)),
        (scratch.MaxPool2d(3, 1, 1), (2, 3, 5, 5)),
        (scratch.SinusoidalPositions(9, 4), (2, 5, 4)),
        (scratch.BatchNorm1d(3), (4, 3, 5)),
        (scratch.Residual(scratch.Linear(4, 4, rng=rng)), (3, 4)),
    ]
    for i, (layer, shape) in enumerate(layers):
        for dtype in ("float64", "float32"):
            net, x = layer.astype(dtype), rng.normal(size=shape).astype(dtype)
            traces[f"{i}-{dtype}"] = scratch_trace(net, x, loss=random_losses(7, dtype)[0])
    tally = looked_at(tmp_path, traces)
    for kind, share in shares(tally).items():
        name, group = kind.split()
        made = group in ("outputs", "dinputs", "dparams") and name != "Sequential"
        assert share == 1 or not made, f"{name} {group}: {share:.0%}"


def test_sealed_layers_say_so(tmp_path: Path) -> None:
    """Also where all weights are zero, and one layer would give the same as two."""
    net = nn.LSTM(3, 6, num_layers=2)
    traces = torch_traces(net, torch.randn(4, 5, 3))
    for param in net.parameters():
        nn.init.zeros_(param)
    traces["zero"] = torch_traces(net, torch.randn(4, 5, 3))["float64"]
    tally = looked_at(tmp_path, traces)
    for group in ("outputs", "dinputs", "dparams"):
        assert list(tally[f"LSTM {group}"]["origins"]) == [WITHOUT[0]]
        assert not tally[f"LSTM {group}"]["explained"]


class Twice(nn.Module):
    """One layer that answers twice."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(5, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.tanh(self.fc(x)))


class Tied(nn.Module):
    """Two layers with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(7, 4), nn.Linear(4, 7, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.embed(tokens))


def test_weights_that_are_used_several_times(tmp_path: Path) -> None:
    torch.manual_seed(0)
    traces = torch_traces(Twice(), torch.randn(6, 5))
    (tmp_path / "twice").mkdir()
    assert shares(looked_at(tmp_path / "twice", traces))["Linear dparams"] == 1
    traces = torch_traces(Tied(), torch.randint(0, 7, (3, 4)))
    (tmp_path / "tied").mkdir()
    tally = shares(looked_at(tmp_path / "tied", traces))
    assert tally["Linear dparams"] == tally["Embedding dparams"] == 1


LABELS, BITS = torch.tensor([0, 4, 1, -100, 2, 2]), (torch.arange(30) % 3 == 0).reshape(6, 5)
LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "cross entropy": lambda y: F.cross_entropy(y, LABELS),
    "mean squared error": lambda y: F.mse_loss(y, BITS.to(y) * 3),
    "binary cross entropy": lambda y: F.binary_cross_entropy_with_logits(y, BITS.to(y)),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_is_recognised(loss: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 5))
    tally = looked_at(tmp_path, torch_traces(net, torch.randn(6, 5), loss=LOSSES[loss]))
    assert shares(tally)["Sequential doutputs"] == 1
    assert tally["Linear doutputs"]["explained"] * 2 == tally["Linear doutputs"]["seen"]


def test_another_loss_is_not_taken_for_one_of_these(tmp_path: Path) -> None:
    torch.manual_seed(0)
    for name, loss in {"cubes": lambda y: (y**3).mean(), "sum": lambda y: y.sum()}.items():
        (tmp_path / name).mkdir()
        traces = torch_traces(nn.Sequential(nn.Linear(5, 5)), torch.randn(6, 5), loss=loss)
        tally = looked_at(tmp_path / name, traces)
        assert list(tally["Linear doutputs"]["origins"]) == ["from the loss"]
