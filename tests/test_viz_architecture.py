"""Architecture: who feeds whom, what it costs, and where it stops; found in traces alone."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dlcourse import pytorch, scratch, viz
from dlcourse.viz.instruments.architecture import full_label
from dlcourse.viz.parts.blueprint import Plan, blueprint
from dlcourse.wire import pack
from tests.test_failing import Apart, X
from tests.test_twins_architectures import CASES, THEIRS, examples
from tests.test_viz_formulas import node
from tests.twins import both_traces

LAW = Path(__file__).parent / "viewer" / "architecture_law.mjs"
RNG = np.random.default_rng


def lenet(size: int = 28) -> Any:
    net = scratch.LeNet(28, rng=RNG(0))
    return scratch.trace(net, RNG(1).normal(size=(2, 1, size, size)).astype(np.float32))


def gpt(layers: int = 2) -> Any:
    net = scratch.GPT(11, 8, 12, 3, layers, rng=RNG(0))
    return scratch.trace(net, RNG(1).integers(0, 11, (2, 6)))


def resnet() -> Any:
    net = scratch.ResNet(2, 4, 1, 3, rng=RNG(0))
    return scratch.trace(net, RNG(1).normal(size=(3, 2, 9, 7)).astype(np.float32))


def sources(plan: Plan, label: str) -> list[str]:
    """Labels of those who feed a box, in their order."""
    target = [full_label(own) for own in plan.nodes].index(label)
    return [full_label(plan.nodes[w["source"]]) for w in plan.ways if w["target"] == target]


def sums(plan: Plan) -> list[tuple[str, list[str]]]:
    """Each sum's group, and what it adds."""
    found = []
    for i, own in enumerate(plan.nodes):
        if own.role == "sum":
            fed = [full_label(plan.nodes[w["source"]]) for w in plan.ways if w["target"] == i]
            found.append((own.group, sorted(fed)))
    return found


# ── who feeds whom ────────────────────────────────────────────────────────────────────────────────


def test_a_chain_is_a_chain() -> None:
    plan = blueprint(lenet())
    labels = [full_label(own) for own in plan.nodes]
    chain = ["conv1", "act", "pool", "conv2", "act (2)", "pool (2)", "flatten", "fc"]
    assert labels == ["input", *chain]
    assert [(w["source"], w["target"]) for w in plan.ways] == [(i, i + 1) for i in range(8)]


def test_residual_roads_of_a_resnet() -> None:
    plan = blueprint(resnet())
    assert sums(plan) == [
        ("blocks.0", ["blocks.0.bn2", "blocks.0.shortcut"]),
        ("blocks.1", ["blocks.1.bn2", "blocks.1.shortcut.1"]),
        ("blocks.2", ["blocks.2.bn2", "blocks.2.shortcut.1"]),
    ]
    assert sources(plan, "blocks.1.shortcut.0") == sources(plan, "blocks.1.conv1")
    assert sources(plan, "fc") == ["mean"] and sources(plan, "mean") == ["blocks.2.act (2)"]


def test_residual_roads_and_heads_of_a_gpt() -> None:
    plan = blueprint(gpt())
    assert [(home, fed[-1]) for home, fed in sums(plan)] == [
        ("blocks.0", "drop"),
        ("blocks.0", "blocks.0.drop (2)"),
        ("blocks.1", "blocks.1.drop"),
        ("blocks.1", "blocks.1.drop (2)"),
    ]
    heads = [f"blocks.0.attn.{name}" for name in ("query", "key", "value")]
    assert sources(plan, "blocks.0.attn.attend") == heads
    assert sources(plan, "blocks.0.attn.proj") == ["blocks.0.attn.attend"]
    assert all(way["sure"] for way in plan.ways)


def test_what_lies_between_layers_is_marked_as_not_sure() -> None:
    example = next(e for e in examples("vae") if e.net.__name__ == "VAE")
    net = example.net(*example.args, rng=RNG(0)).astype(np.float32)
    plan = blueprint(scratch.trace(net, *(x.astype(np.float32) for x in example.inputs)))
    assert sources(plan, "decoder.0") == ["input 2", "mean", "log_var"]
    unsure = {(w["source"], w["target"]) for w in plan.ways if not w["sure"]}
    assert len(unsure) == 3


def test_a_layer_used_at_every_moment_is_one_box() -> None:
    class Unrolled(scratch.Layer):
        def __init__(self) -> None:
            self.cell = scratch.Linear(3, 3, rng=RNG(0))

        def forward(self, x: Any) -> Any:
            for _ in range(12):
                x, _ = self.cell(x)
            return x, lambda dy: dy

    plan = blueprint(scratch.trace(Unrolled(), np.ones((2, 3), np.float32)))
    assert [(n.label, n.calls) for n in plan.nodes] == [("input", 1), ("cell", 12)]
    assert plan.count == 12 and plan.work == 12 * 9


@pytest.mark.parametrize("name, i", CASES)
def test_both_worlds_have_one_plan(name: str, i: int) -> None:
    example = examples(name)[i]
    net = example.net(*example.args, rng=RNG(1))
    twin = getattr(THEIRS[name], example.net.__name__)(*example.args)
    ours, theirs = both_traces(net, twin, *example.inputs, dtype="float32", training=False)
    mine, yours = blueprint(ours), blueprint(theirs)
    assert [full_label(n) for n in mine.nodes] == [full_label(n) for n in yours.nodes]
    assert mine.ways == yours.ways
    assert (mine.count, mine.work, mine.kept) == (yours.count, yours.work, yours.kept)
    assert mine.count == sum(p.numel() for p in twin.parameters())
    fed = {way["target"] for way in mine.ways}
    outside = [n.role for n in mine.nodes].count("input")
    assert sum(n not in fed for n in range(len(mine.nodes))) <= outside + 1


# ── what it costs ─────────────────────────────────────────────────────────────────────────────────


def test_multiply_adds_as_torch_counts_them() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    net = pytorch.ResNet(2, 4, 1, 3).eval()
    x = torch.rand(1, 2, 9, 7)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(x)
    assert blueprint(pytorch.trace(net, x)).work == counter.get_total_flops() // 2


def test_numbers_kept_are_the_answers_of_the_layers() -> None:
    plan = blueprint(lenet())
    each = 28**2 + 2 * 8 * 24**2 + 8 * 12**2 + 2 * 16 * 8**2 + 16 * 4**2 + 10  # flatten keeps none
    assert plan.kept == 2 * each and plan.batch == 2


def test_weights_that_are_shared_count_once() -> None:
    net = pytorch.GPT(11, 8, 12, 3, 1)
    net.head.weight = net.embed.weight
    plan = blueprint(pytorch.trace(net, torch.zeros(2, 6, dtype=torch.long)))
    assert plan.count == sum(p.numel() for p in net.parameters())
    assert next(n for n in plan.nodes if n.label == "head").shared == "embed"


# ── where it stops ────────────────────────────────────────────────────────────────────────────────


def test_a_shape_error_draws_the_net_up_to_the_failing_edge() -> None:
    net = scratch.LeNet(28, rng=RNG(0))
    trace, error = scratch.trace_until_error(net, X)
    view = viz.architecture(trace, failed=error)
    failed = view.content["nodes"][-1]
    assert failed["label"] == "fc" and failed["failed"]
    assert failed["reads"] == [[2, 400]] and failed["needs"] == "… × 256"
    assert view.content["problem"] == str(error)
    assert "It stops: fc (Linear) got 400" in view.words.alt
    assert view.content["ways"][-1]["shape"] == [2, 400]


def test_an_error_between_layers_is_a_box_of_its_own() -> None:
    trace, error = scratch.trace_until_error(Apart(), np.ones((2, 3), np.float32))
    plan = blueprint(trace)
    assert [n.label for n in plan.nodes] == ["input", "a", "b", "here"]
    assert plan.nodes[-1].reads == [[2, 4], [2, 5]]
    assert viz.architecture(trace, failed=error).content["problem"].startswith("operands")


# ── words, choices, refusals ──────────────────────────────────────────────────────────────────────


def test_what_a_blind_learner_is_told() -> None:
    words = viz.architecture(lenet()).words
    assert "LeNet has 8 layers with 5,994 parameters" in words.alt
    assert "322,560 multiply-adds" in words.alt and "conv2: 3,216" in words.alt
    assert words.table.rows[1] == ("conv1", "Conv2d", "8 × 24 × 24", "208", "115,200", "4,608")


def test_what_is_unfolded_at_first() -> None:
    assert viz.architecture(gpt(4)).choices["open"] == []
    assert viz.architecture(resnet()).choices["open"] == ["blocks", "blocks.0"]
    net = scratch.GPT(11, 8, 12, 3, 4, rng=RNG(0))
    net.blocks[2].mlp = scratch.Sequential(scratch.Linear(40, 12, rng=RNG(0)))
    trace, error = scratch.trace_until_error(net, RNG(1).integers(0, 11, (2, 6)))
    view = viz.architecture(trace, failed=error)
    assert {"blocks.2", "blocks.2.mlp"} <= set(view.choices["open"])  # what failed is in sight


@pytest.mark.parametrize(
    ("choices", "kind", "said"),
    [
        ({"open": "blocks"}, TypeError, "needs names of groups in a list: open=['blocks']"),
        ({"open": ["block"]}, ValueError, "open='block' is no group of this net; it has 'blocks'"),
        ({"at": "conv7"}, ValueError, "at='conv7' is no box of this net; it has input, conv"),
        ({"failed": "because"}, ValueError, "this trace has no layer that failed"),
        ({"failed": 3}, TypeError, "failed must be the error, got a int"),
    ],
)
def test_choices_that_cannot_be_drawn(choices: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=re.escape(said)):
        viz.architecture(resnet(), **choices)


def test_what_is_no_trace() -> None:
    with pytest.raises(TypeError, match="got a LeNet: trace"):
        viz.architecture(scratch.LeNet(28, rng=RNG(0)))


# ── the drawing ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("folded", ["all", "none", "first"])
def test_boxes_stand_apart_and_inside(folded: str, tmp_path: Path) -> None:
    """Every architecture at 300 and 760 pixels: no box on another, none outside, ways go down."""
    for name, i in CASES:
        example = examples(name)[i]
        net = example.net(*example.args, rng=RNG(1))
        twin = getattr(THEIRS[name], example.net.__name__)(*example.args)
        trace, _ = both_traces(net, twin, *example.inputs, dtype="float32", training=False)
        view = viz.architecture(trace)
        groups = [group["name"] for group in view.content["groups"]]
        opened = {"all": [], "none": groups, "first": view.choices["open"]}[folded]
        (tmp_path / f"{name}-{i}.view").write_bytes(pack("view", {**view.content, "open": opened}))
    done = subprocess.run([node(), LAW, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["wrong"] == [] and found["boxes"] > 200
