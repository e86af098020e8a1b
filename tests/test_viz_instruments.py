"""Words, pictures and refusals of the stepper, the autograd graph and the table of mistakes."""

import re

import numpy as np
import pytest

from dlcourse import scratch, viz
from dlcourse.scratch import Tensor, Value
from dlcourse.trace import Run, Trace
from tests.browser import examples as digits


def net_and_input():
    rng = np.random.default_rng(0)
    return scratch.MLP(4, 8, 6, 3, rng=rng), rng.normal(size=(5, 4)).astype(np.float32)


def some_trace(seed=0):
    net, x = net_and_input()
    labels = np.array([0, 1, 2, 0, 1])
    return scratch.trace(net, x, loss=lambda y: scratch.cross_entropy(y, labels))


# ── stepper ──────────────────────────────────────────────────────────────────────────────────────


def test_the_stepper_says_what_a_blind_learner_needs():
    trace = some_trace()
    words = viz.stepper(trace).words
    learned = sum(p.size for s in trace for p in s.params.values())
    assert f"{learned:,} numbers learned" in words.subtitle
    assert f"{trace.loss:.4g}" in words.alt and "fc2 5 × 6" in words.alt
    assert [row[0] for row in words.table.rows] == [step.name for step in trace]
    largest = np.abs(trace["fc1"].output).max()
    assert words.table.rows[0][3] == f"{largest:.4g}"


def test_a_weight_used_twice_is_counted_once():
    net = scratch.Linear(3, 3, rng=np.random.default_rng(0))

    class Twice(scratch.Layer):
        def __init__(self):
            self.fc = net

        def forward(self, x):
            y, back1 = self.fc(x)
            z, back2 = self.fc(y)
            return z, lambda dz: back1(back2(dz))

    view = viz.stepper(scratch.trace(Twice(), np.ones((2, 3), np.float32)))
    assert view.words.subtitle.startswith("12 numbers learned")


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"range": "layers"}, "range='layers' is none of"),
        ({"show": "PyTorch"}, "show='PyTorch' is none of 'NumPy', 'difference'"),
        ({"at": -1}, "at=-1"),
        ({"at": "fc1"}, "at='fc1'"),
        ({"cell": ("nowhere.0", (0, 0))}, "cell=('nowhere.0', (0, 0))"),
    ],
)
def test_the_stepper_refuses_choices_it_cannot_draw(choices, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        viz.stepper(some_trace(), **choices)


def test_the_stepper_refuses_what_holds_no_trace():
    with pytest.raises(TypeError, match="a Trace, a Run or an Experiment"):
        viz.stepper(net_and_input()[0])
    with pytest.raises(ValueError, match="this run holds no traces"):
        viz.stepper(Run(seed=0))
    with pytest.raises(ValueError, match="holds no steps"):
        viz.stepper(Trace(()))
    with pytest.raises(ValueError, match="the traces part at step 0"):
        viz.stepper(some_trace(), beside=scratch.trace(scratch.ReLU(), np.ones(3, np.float32)))
    with pytest.raises(ValueError, match="1 traces beside 2"):
        viz.stepper(some_trace(), beside=[some_trace(), some_trace()])


def test_a_kept_change_stands_beside_what_was_before():
    net, x = net_and_input()
    labels = np.array([0, 1, 2, 0, 1])
    experiment = scratch.Experiment(net, x, loss=lambda y: scratch.cross_entropy(y, labels))
    view = viz.stepper(experiment)
    view.answers["change"](name="fc1.weight", index=[0, 1], value=2.5)
    after, before = view.content["traces"][0], view.content["beside"][0]
    assert net.fc1.weight.data[0, 1] == np.float32(2.5)
    weights = [t["steps"][0]["params"]["weight"][0, 1] for t in (after, before)]
    assert weights[0] == np.float32(2.5) and weights[1] != weights[0]
    assert tuple(view.content["names"]) == ("after the change", "before")


# ── autograd ─────────────────────────────────────────────────────────────────────────────────────


def test_what_each_operand_gets_adds_up_to_its_gradient():
    rng = np.random.default_rng(0)
    x, w = Tensor(rng.normal(size=(5, 4))), Tensor(rng.normal(size=(4, 3)), name="w")
    b = Tensor(rng.normal(size=3), name="b")
    loss = (((x @ w) + b).relu() * (x @ w)).mean()  # w is used twice, b is spread over the rows
    loss.backward()
    content = viz.autograd(loss).content
    for i, node in enumerate(content["nodes"]):
        shares = [arrow["sent"] for arrow in content["edges"] if arrow["from"] == i]
        if shares:
            assert all(share.shape == node["value"].shape for share in shares)
            np.testing.assert_allclose(sum(shares), node["grad"], rtol=1e-12, atol=1e-15)


def test_of_a_long_history_the_last_part_is_shown():
    total = Value(0.0)
    for i in range(300):
        total = total + float(i)
    view = viz.autograd(total)
    assert len(view.content["nodes"]) == 150
    assert "older ones are left out" in view.words.subtitle
    assert max(edge["to"] for edge in view.content["edges"]) == 149
    assert "gradient" not in view.words.alt, "nobody asked for one yet"


def test_autograd_refuses_what_is_no_graph():
    with pytest.raises(TypeError, match="a Value or a Tensor"):
        viz.autograd(3.0)
    with pytest.raises(ValueError, match="pick=9"):
        viz.autograd(Value(1.0) + 2.0, pick=9)
    with pytest.raises(ValueError, match="at=5"):
        viz.autograd(Value(1.0) + 2.0, at=5)


# ── examples ─────────────────────────────────────────────────────────────────────────────────────


def test_the_table_of_mistakes_is_scikit_learns():
    view = digits.view()
    facts = digits.facts(view)
    np.testing.assert_array_equal(view.content["counts"], facts["counts"])
    right = np.trace(facts["counts"])
    assert f"{right} of {facts['counts'].sum()} right" in view.words.subtitle
    assert tuple(view.choices["cell"]) == facts["worst"]


def test_without_mistakes_and_without_examples_there_is_a_table_too():
    p = np.eye(3)
    assert "Most frequent" not in viz.examples(np.zeros((3, 2)), [0, 1, 2], p).words.alt
    empty = viz.examples(np.zeros((0, 2)), np.zeros(0, int), np.zeros((0, 3)))
    assert "0 of 0 right" in empty.words.subtitle


@pytest.mark.parametrize(
    ("x", "labels", "p", "choices", "said"),
    [
        (np.zeros((3, 2)), [0, 1], np.eye(3), {}, "3 examples, 2 labels, 3 rows"),
        (np.zeros((3, 2)), [0, 1, 3], np.eye(3), {}, "labels reach from 0 to 3: 0 to 2"),
        (np.zeros((3, 2)), [0.0, 1.0, 2.0], np.eye(3), {}, "need whole numbers"),
        (np.zeros((3, 2)), [0, 1, 2], np.zeros(3), {}, "need (examples, classes)"),
        (np.zeros((3, 2)), [0, 1, 2], np.eye(3), {"cell": (0, 3)}, "cell=(0, 3)"),
        (np.zeros((3, 2)), [0, 1, 2], np.eye(3), {"order": "best"}, "order='best'"),
        (np.zeros((3, 2)), [0, 1, 2], np.eye(3), {"pick": 3}, "pick=3"),
        (np.zeros((3, 2)), [0, 1, 2], np.eye(3), {"class_names": "ab"}, "2 class_names for 3"),
    ],
)
def test_the_table_of_mistakes_refuses(x, labels, p, choices, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        viz.examples(x, labels, p, **choices)
