"""A Value knows who moved the result: checked against PyTorch, against differences, and by rule."""

import gc
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dlcourse.scratch.autograd import Value, neuron
from dlcourse.scratch.autograd_tensor import Tensor

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {  # the same words for a Value and for PyTorch
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / (b * b + 0.5),
    "a ** 3": lambda a, b: a**3,
    "a ** -1": lambda a, b: (a * a + 0.5) ** -1,
    "a ** b": lambda a, b: (a * a + 0.5) ** b.tanh(),
    "2 + a": lambda a, b: 2 + a,
    "2 - a": lambda a, b: 2 - a,
    "2 * a": lambda a, b: 2 * a,
    "2 / a": lambda a, b: 2 / (a * a + 0.5),
    "2 ** a": lambda a, b: 2 ** a.tanh(),
    "a - 2": lambda a, b: a - 2,
    "a / 3": lambda a, b: a / 3,
    "-a": lambda a, b: -a,
    "exp": lambda a, b: a.tanh().exp(),
    "log": lambda a, b: (a * a + 0.5).log(),
    "tanh": lambda a, b: a.tanh(),
    "sigmoid": lambda a, b: a.sigmoid(),
    "relu": lambda a, b: a.relu(),
}
property_test = settings(max_examples=100, deadline=None, derandomize=True)
numbers = st.floats(-2, 2)
step = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0), st.integers(0))


def calculate(leaves: list[Any], steps: list[tuple[str, int, int]]) -> list[Any]:
    """All numbers of an expression: each step takes any two that are there, so many are reused."""
    made = list(leaves)
    for op, i, j in steps:
        made.append(OPERATIONS[op](made[i % len(made)], made[j % len(made)]))
    return made


def weighed(made: list[Any]) -> Any:
    """One number from all, with a different weight for each: no upstream gradient is just 1."""
    return sum(a * math.cos(3 * i + 1) for i, a in enumerate(made))


@property_test
@given(st.lists(numbers, min_size=1, max_size=4), st.lists(step, max_size=12))
def test_the_gradients_of_any_expression_are_those_of_torch(data, steps):
    ours = calculate([Value(x) for x in data], steps)
    theirs = calculate(
        [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in data], steps
    )
    assume(all(abs(a.data) < 100 for a in ours))
    for a in theirs:
        a.retain_grad()
    weighed(ours).backward()
    weighed(theirs).backward()
    scale = max(1.0, *(abs(a.grad.item()) for a in theirs))
    for a, b in zip(ours, theirs, strict=True):
        assert a.data == pytest.approx(b.item(), rel=1e-12, abs=1e-12)
        assert a.grad == pytest.approx(b.grad.item(), rel=1e-12, abs=1e-12 * scale)


@pytest.mark.parametrize("op", OPERATIONS)
@property_test
@given(numbers, numbers)
def test_slopes_are_those_of_a_small_step(op, x, y):
    assume(op != "relu" or abs(x) > 1e-3)
    a, b = Value(x), Value(y)
    (3 * OPERATIONS[op](a, b) + 0 * b + 0 * a).backward()
    for leaf, at in ((a, lambda e: (x + e, y)), (b, lambda e: (x, y + e))):
        up, down = (OPERATIONS[op](*map(Value, at(e))).data for e in (1e-5, -1e-5))
        assert leaf.grad == pytest.approx(3 * (up - down) / 2e-5, rel=1e-6, abs=1e-6)


@property_test
@given(st.lists(st.tuples(numbers, numbers), max_size=9), numbers)
def test_a_neuron_is_its_sum_in_one_node(pairs, b):
    fused, plain = ([[Value(x) for x in pair] for pair in pairs] for _ in range(2))
    bias = Value(b), Value(b)
    one = neuron([w for w, _ in fused], [x for _, x in fused], bias[0])
    many = sum((w * x for w, x in plain), bias[1])
    (-3 * one).backward()
    (-3 * many).backward()
    assert one.data == pytest.approx(many.data, rel=1e-12, abs=1e-12)
    assert len(one.history()) == 2 * len(pairs) + 2
    for mine, theirs in zip([*fused, [bias[0]]], [*plain, [bias[1]]], strict=True):
        assert [v.grad for v in mine] == [v.grad for v in theirs]


def test_a_neuron_takes_plain_numbers_too():
    w = Value(0.5)
    y = neuron([w, 2], np.array([3, 4], np.float32), 1)
    y.backward()
    assert (y.data, w.grad) == (10.5, 3.0)
    assert y.slopes == (3.0, 4.0, 0.5, 2.0, 1.0)


def test_a_weight_that_is_used_twice_is_to_blame_twice():
    a = Value(3.0)
    (a * a + a).backward()
    assert a.grad == 7.0


def test_two_hundred_doublings_are_two_hundred_nodes():
    """There are 2²⁰⁰ ways back to a; each number is asked once, so that nobody has to count them"""
    a = x = Value(1.0)
    for _ in range(200):
        x = x + x
    x.backward()
    assert a.grad == 2.0**200
    assert len(x.history()) == 201


def test_gradients_add_up_in_the_leaves_until_they_are_forgotten():
    a = Value(3.0)
    square = a * a
    loss = square * 2
    assert a.grad is None, "not computed yet is not zero"
    loss.backward()
    loss.backward()
    assert (a.grad, square.grad) == (24.0, 2.0)
    (a * 1.5).backward()
    assert a.grad == 25.5
    loss.zero_grad()
    assert (a.grad, square.grad, loss.grad) == (None, None, None)
    loss.backward()
    assert a.grad == 12.0


def test_parents_and_slopes_are_data_in_the_order_of_the_operands():
    a, b = Value(2.0), Value(-3.0)
    quotient = a / b
    assert quotient.parents == (a, b)
    assert quotient.slopes == (1 / -3.0, -2.0 / 9.0)
    for mixed in (10 + a, 10 - a, 10 * a, 10 / a):
        assert [p.data for p in mixed.parents] == [10.0, 2.0]
    for mixed in (a + 10, a - 10, a * 10, a / 10):
        assert [p.data for p in mixed.parents] == [2.0, 10.0]


def test_the_graph_is_plain_data():
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    loss = (b - a) * b
    loss.backward()
    graph = loss.graph()
    assert json.loads(json.dumps(graph)) == graph
    assert graph["nodes"] == [
        {"id": 0, "op": "", "name": "a", "value": 2.0, "grad": 3.0, "slopes": []},
        {"id": 1, "op": "", "name": "b", "value": -3.0, "grad": -8.0, "slopes": []},
        {"id": 2, "op": "-", "name": "", "value": -5.0, "grad": -3.0, "slopes": [1.0, -1.0]},
        {"id": 3, "op": "*", "name": "", "value": 15.0, "grad": 1.0, "slopes": [-3.0, -5.0]},
    ]
    assert [(e["from"], e["to"], e["operand"]) for e in graph["edges"]] == [
        (1, 2, 0),
        (0, 2, 1),
        (2, 3, 0),
        (1, 3, 1),
    ]
    assert (a + 1).graph()["nodes"][0]["grad"] == 3.0
    assert Value(1.0).graph()["nodes"][0]["grad"] is None


@property_test
@given(st.lists(numbers, min_size=1, max_size=3), st.lists(step, max_size=12))
def test_parents_come_before_their_children_and_nobody_twice(data, steps):
    graph = weighed(calculate([Value(x) for x in data], steps)).graph()
    assert [node["id"] for node in graph["nodes"]] == list(range(len(graph["nodes"])))
    assert all(edge["from"] < edge["to"] for edge in graph["edges"])
    for node in graph["nodes"]:
        places = [edge["operand"] for edge in graph["edges"] if edge["to"] == node["id"]]
        assert places == list(range(len(node["slopes"])))


def test_a_chain_of_a_hundred_thousand():
    """No recursion: neither forward, nor back, nor in forgetting it all."""
    for start, change, grad in (
        (Value(0.5), lambda x: x * 1.0 + 0.0, 1.0),
        (Tensor([0.5]), lambda x: -x, 1.0),
    ):
        x = start
        for _ in range(50_000 if isinstance(start, Value) else 100_000):
            x = change(x)
        x.backward()
        assert start.grad == grad
        del x


def count(kind: type) -> int:
    return sum(type(thing) is kind for thing in gc.get_objects())


def test_nothing_is_left_for_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        values, tensors, functions = count(Value), count(Tensor), count(type(count))
        loss = weighed(calculate([Value(0.3), Value(0.7)], [(op, 1, 2) for op in OPERATIONS]))
        loss = neuron([loss, loss * 2], [loss, 3], 4)
        loss.backward()
        loss.graph()
        x = Tensor(np.ones((3, 2)))
        y = ((x @ x.T).exp().tanh() / 2 - x[:, :1] ** 2).exp().log().relu().reshape(9).max()
        y = y + x.mean() * x.sum(0).transpose(0).sum() - 1
        y.backward()
        y.graph()
        assert count(Value) > values + 50
        assert count(Tensor) > tensors + 15
        del loss, x, y
        assert (count(Value), count(Tensor), count(type(count))) == (values, tensors, functions)
    finally:
        gc.enable()


@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2.5), np.float32(2.5), np.int64(2)])
def test_plain_numbers_on_both_sides(number):
    a, n = Value(3.0), float(number)
    mixed = (a + number, number + a, a - number, number - a, a * number, number * a, a / number)
    expected = (3 + n, n + 3, 3 - n, n - 3, 3 * n, n * 3, 3 / n)
    assert all(type(v) is Value and type(v.data) is float for v in mixed)
    assert tuple(v.data for v in mixed) == expected
    assert (number / a).data == n / 3
    assert (a**number).data == 3**n
    assert (number**a).data == pytest.approx(n**3, rel=1e-14)
    assert type(Value(number).data) is float


@pytest.mark.parametrize("x", [-1000.0, -40.0, 0.0, 40.0, 1000.0])
def test_far_from_zero_a_sigmoid_is_as_exact_as_torch(x):
    a, b = Value(x), torch.tensor(x, dtype=torch.float64)
    assert a.sigmoid().data == pytest.approx(b.sigmoid().item(), rel=1e-15, abs=0)


def test_a_power_of_zero_is_flat():
    a = Value(0.0)
    (5 * a**0).backward()
    assert a.grad == 0.0
    t = Tensor([0.0, 2.0])
    (5 * t**0).sum().backward()
    assert t.grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "wrong, error, sentence",
    [
        (lambda: Value("3"), TypeError, "one plain number is needed here, but this is a str"),
        (lambda: Value([1, 2]), TypeError, "this is a list"),
        (lambda: Value(1 + 2j), TypeError, "this is a complex"),
        (lambda: Value(2) + "3", TypeError, "this is a str"),
        (lambda: "3" * Value(2), TypeError, "this is a str"),
        (lambda: Value(2) * None, TypeError, "this is a NoneType"),
        (lambda: np.ones(2) * Value(2), TypeError, "this is a ndarray"),
        (lambda: Value(2) * np.ones((2, 2)), TypeError, "this is a ndarray"),
        (lambda: Value(2) + Tensor(2), TypeError, "this is a Tensor"),
        (lambda: Value(2) ** "2", TypeError, "this is a str"),
        (lambda: Value(2) < "3", TypeError, "a comparison has no gradient: compare plain numbers"),
        (lambda: Value(2) >= Value(3), TypeError, "a.data < b.data"),
        (lambda: Value(0).log(), ValueError, r"log\(0\) has no finite answer: .* above 0"),
        (lambda: Value(-1).log(), ValueError, r"log\(-1\) has no finite answer: .* above 0"),
        (lambda: Value(1000).exp(), ValueError, r"exp\(1000\) has no .* below 709"),
        (lambda: Value(0) ** -1, ValueError, r"pow\(0, -"),
        (lambda: Value(0) ** 0.5, ValueError, r"pow\(0, -0.5\) has no .* for its slope"),
        (lambda: Value(-8) ** (1 / 3), ValueError, r"pow\(-8, .* needs a base above 0"),
        (lambda: Value(10) ** 400, ValueError, r"pow\(10, "),
        (lambda: Value(-2) ** Value(2), ValueError, r"log\(-2\)"),
        (lambda: 1 / Value(0), ZeroDivisionError, "division by zero"),
        (lambda: neuron([1, 2], [1], 0), ValueError, "2 weights needs 2 inputs, but got 1"),
    ],
)
def test_a_mistake_gets_one_clear_sentence(wrong, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        wrong()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("op", OPERATIONS)
def test_nan_stays_visible(op):
    a = Value(math.nan)
    z = OPERATIONS[op](a, Value(1.0))
    assert math.isnan(z.data)
    assert (z.relu().slopes, z.relu().op) == ((1.0,), "relu")


def test_repr():
    a = Value(2, name="a")
    a.backward()
    assert (repr(a), repr(Value(1))) == ("Value(2.0, grad=1.0, name='a')", "Value(1.0, grad=None)")


def test_the_race_with_micrograd_is_fair_and_runs(monkeypatch):
    """Both sides find the same losses, or the benchmark stops; the times are for the benchmark."""
    pytest.importorskip("micrograd")
    monkeypatch.syspath_prepend(BENCHMARKS)
    from autograd import time_value

    timed = time_value(epochs=2, rounds=1)
    assert timed["plain_ratio"] == timed["plain_ms"] / timed["micrograd_ms"]
    assert 0 < 2 * timed["fused_ms"] < timed["plain_ms"] < timed["micrograd_ms"]
