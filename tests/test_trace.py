"""Traces and runs as data: comparing them, and their bytes."""

import io
import math
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from dlcourse import scratch, weights
from dlcourse.scratch.losses import cross_entropy
from dlcourse.scratch.mlp import MLP
from dlcourse.scratch.record import trace
from dlcourse.trace import Frame, Row, Run, Step, Trace, difference
from dlcourse.wire import DTYPES, MAGIC, Damaged, pack


def small_trace(seed: int = 0) -> Trace:
    rng = np.random.default_rng(seed)
    labels = [0, 1] * 3
    net, x = MLP(4, 5, 3, 2, rng=rng), rng.normal(size=(6, 4)).astype(np.float32)
    return trace(net, x, loss=lambda y: cross_entropy(y, np.array(labels)), seed=seed)


def same(a: object, b: object) -> bool:
    """Equal to the last bit, NaN included, and of the same type and shape."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and (a.dtype, a.shape, a.tobytes()) == (
            b.dtype,
            b.shape,
            b.tobytes(),
        )
    return type(a) is type(b) and (a == b or a != a)


def test_what_changes_between_two_layers_is_seen_as_it_was_each_time() -> None:
    """Equal arrays are copied once, so one that somebody changed in place must be told apart."""

    class InPlace(scratch.Layer):
        def __init__(self) -> None:
            self.fc = scratch.Linear(3, 2, rng=np.random.default_rng(0))
            self.act = scratch.Tanh()

        def forward(self, x: Any) -> Any:
            h, back1 = self.fc(x)
            h += 1
            y, back2 = self.act(h)
            return y, lambda dy: back1(back2(dy))

    traced = scratch.trace(InPlace(), np.ones((4, 3), np.float32))
    np.testing.assert_array_equal(traced["fc"].output + 1, traced["act"].inputs[0])


def test_a_trace_tells_what_happened() -> None:
    seen = small_trace()
    assert seen.names() == ["fc1", "act", "fc2", "fc3", "MLP"]
    assert [step.kind for step in seen.all("act")] == ["ReLU", "ReLU"]
    first, second = seen.all("act")
    assert first.outputs[0].shape == (6, 5) and second.outputs[0].shape == (6, 3)
    assert seen["fc1"].dparams["weight"].shape == (5, 4)
    assert seen["fc1"].dinputs[0].shape == (6, 4), "a watched net also says how its data should be"
    with pytest.raises(KeyError, match="no step is called 'fc9'; this trace has fc1, act"):
        seen["fc9"]


def test_forward_only_leaves_gradients_absent_and_not_zero() -> None:
    net = MLP(4, 5, 3, 2, rng=np.random.default_rng(0))
    seen = trace(net, np.ones((2, 4), np.float32))
    assert seen.loss is None
    assert all(step.dinputs == (None,) and step.doutputs == (None,) for step in seen)
    assert seen["fc1"].dparams == {"weight": None, "bias": None}


def test_a_trace_holds_copies_and_leaves_the_net_as_it_was() -> None:
    rng = np.random.default_rng(0)
    net, x = MLP(4, 5, 3, 2, rng=rng), rng.normal(size=(2, 4)).astype(np.float32)
    net.fc1.weight.grad = np.full((5, 4), 3, np.float32)
    seen = trace(net, x, loss=lambda y: (float(y.sum()), lambda: y * 2))
    kept = seen["fc1"].params["weight"].copy(), seen["fc1"].inputs[0].copy()
    net.fc1.weight.data += 1
    x += 1
    assert np.array_equal(seen["fc1"].params["weight"], kept[0])
    assert np.array_equal(seen["fc1"].inputs[0], kept[1])
    assert (net.fc1.weight.grad == 3).all() and net.fc1.watcher is None


def test_difference_sees_a_planted_mistake() -> None:
    a, b = small_trace(), small_trace()
    assert max(difference(a, b).values()) == 0
    b["fc2"].params["weight"][0, 0] += 1e-3
    gaps = difference(a, b)
    assert gaps["fc2.params.weight"] == pytest.approx(1e-3, rel=1e-3)
    assert sum(gap > 0 for gap in gaps.values()) == 1


@pytest.mark.parametrize(
    "a, b, gap",
    [
        ([1.0, np.nan], [1.0, np.nan], 0),
        ([1.0, np.inf], [1.0, np.inf], 0),
        ([1.0, np.nan], [1.0, 2.0], math.inf),
        ([1.0, np.inf], [1.0, -np.inf], math.inf),
        ([1.0], [1.0, 2.0], math.inf),
        (None, [0.0], math.inf),
        (None, None, 0),
        ([], [], 0),
        ([1.0, 4.0], [2.0, 4.0], 1),
    ],
)
def test_difference_of_unusual_numbers(a: object, b: object, gap: float) -> None:
    one, other = (
        Trace((Step("s", "S", (None if x is None else np.array(x, float),), (None,)),))
        for x in (a, b)
    )
    assert difference(one, other)["s.inputs.0"] == gap


def test_difference_is_relative_to_the_largest_number() -> None:
    one, other = (Trace((Step("s", "S", (np.array([x, 200.0]),), ()),)) for x in (1.0, 2.0))
    assert difference(one, other, relative=True)["s.inputs.0"] == 1 / 200


def test_difference_of_different_nets_names_the_place() -> None:
    shorter = Trace(small_trace().steps[:2])
    with pytest.raises(ValueError, match=r"part at step 2: one has \('fc2', 'Linear'\), .*nothing"):
        difference(small_trace(), shorter)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_round_trip_is_exact(data: st.DataObject) -> None:
    """Every dtype, shape (0-d and empty too) and bit pattern, also from strided arrays."""
    dtype = np.dtype(data.draw(st.sampled_from(sorted(DTYPES))))
    array = data.draw(arrays(dtype, array_shapes(min_dims=0, min_side=0, max_side=4)))
    loss = data.draw(st.floats() | st.none())
    step = Step("a.b", "Kind", (array.T, None), (array[::-1] if array.ndim else array,))
    seen = Trace((step,), loss, seed=data.draw(st.integers(0, 2**40)), dtype="float64")
    again = Trace.from_bytes(seen.to_bytes())
    assert same(again.loss, loss) and again.seed == seen.seed and again.dtype == "float64"
    for key, before in step.arrays().items():
        assert same(before, again["a.b"].arrays()[key])
    assert again.to_bytes() == seen.to_bytes()


def test_a_run_goes_round_too() -> None:
    state = np.random.default_rng(5).bit_generator.state
    frame = Frame(3, {"net/w": np.arange(3.0)}, {"batches": state}, small_trace())
    rows = [Row(0, 1.5, 0.01, {"accuracy": float("nan")}), Row(1, math.inf, 0.02)]
    run = Run(7, rows=rows, frames=[frame], batches=[np.array([2, 0, 1])])
    again = Run.from_bytes(run.to_bytes())
    assert again.frames[0].generators["batches"] == state and again.rows[1].loss == math.inf
    assert math.isnan(again.rows[0].metrics["accuracy"]) and again.seed == 7
    assert max(difference(again.frames[0].trace, frame.trace).values()) == 0
    assert again.to_bytes() == run.to_bytes()


def test_the_layout_is_what_a_browser_expects() -> None:
    data = Trace((Step("s", "S", (np.array([1.5, -2.0], ">f4"),), ()),)).to_bytes()
    length = int.from_bytes(data[12:16], "little")
    assert data[:8] == MAGIC and length % 8 == 0
    assert data[16 + length :] == np.array([1.5, -2.0], "<f4").tobytes()


def test_cut_off_bytes_are_refused_at_every_length() -> None:
    data = small_trace().to_bytes()
    for length in [*range(40), *range(40, len(data), 97), len(data) - 1]:
        with pytest.raises(Damaged):
            Trace.from_bytes(data[:length])
    with pytest.raises(Damaged, match="goes on behind the last one"):
        Trace.from_bytes(data + b"\0")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_damaged_bytes_give_a_sentence_or_another_trace(data: st.DataObject) -> None:
    """Whatever is changed: either refused in our own words, or still a proper trace."""
    good = bytearray(small_trace().to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        again = Trace.from_bytes(bytes(good))
    except Damaged as error:
        assert len(str(error)) > 20
    else:
        assert all(isinstance(step.name, str) and step.arrays() is not None for step in again)


def written(kind: str, arrays: str, content: str = "[]", blob: bytes = b"") -> bytes:
    """A file with this header, whatever it says."""
    return with_header(f'{{"kind": "{kind}", "arrays": {arrays}, "content": {content}}}', blob)


def one_array(dtype: str, shape: str, at: int | str = 0, blob: bytes = b"") -> bytes:
    return written("trace", f'[{{"dtype": "{dtype}", "shape": {shape}, "at": {at}}}]', TREE, blob)


def with_header(text: str, blob: bytes = b"") -> bytes:
    header = text.encode()
    header += b" " * (-len(header) % 8)
    return MAGIC + (1).to_bytes(4, "little") + len(header).to_bytes(4, "little") + header + blob


TREE = '{"steps": [], "loss": null, "seed": null, "dtype": "float32", "backend": "numpy"}'


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04cos\nsystem\n(S'echo hello'\ntR.",
        b"PK\x03\x04" + bytes(40),
        MAGIC + (2).to_bytes(4, "little") + bytes(8),
        MAGIC + (1).to_bytes(4, "little") + (2**32 - 8).to_bytes(4, "little") + b"{}",
        with_header("[" * 100_000),
        written("run", "[]", TREE),
        written("trace", "{}"),
        written("trace", "[]", '{"__class__": "os.system"}'),
        written("trace", "[]", TREE.replace("[]", '"abc"')),
        written("trace", "[]", TREE.replace("[]", "[7]")),
        one_array("object", "[1]", blob=bytes(8)),
        one_array("float32", "[99999999999]"),
        one_array("float32", "[-1]"),
        one_array("float32", "[0, 1e9]"),
        one_array("bool", "[true]", blob=bytes(8)),
        one_array("int8", "[8]", at=8, blob=bytes(8)),
        one_array("int8", '""', blob=bytes(8)),
        one_array("int8", "[8]", at="false", blob=bytes(8)),
        written("trace", "[]", TREE.replace('"loss": null', '"loss": ' + "9" * 400)),
        None,
        "DLCOURSE",
    ],
)
def test_foreign_and_hostile_bytes_are_refused(data: Any) -> None:
    with pytest.raises(Damaged):
        Trace.from_bytes(data)


def test_reading_twice_the_same_bytes_is_no_way_to_fill_the_memory() -> None:
    table = ", ".join(['{"dtype": "float64", "shape": [1000], "at": 0}'] * 1000)
    with pytest.raises(Damaged):
        Trace.from_bytes(written("trace", f"[{table}]", blob=bytes(8000)))


def test_what_is_not_plain_data_cannot_be_written() -> None:
    for content, about in [
        (object(), "a object cannot be written"),
        ({"a": np.array([object()])}, "array of object"),
        ({1: 2}, "names must be texts"),
        ({"$array": 0}, "do not begin with"),
    ]:
        with pytest.raises(TypeError, match=about):
            pack("trace", content)


@pytest.mark.parametrize(
    "content, field",
    [
        (Run(seed=None), "run.seed is a NoneType, needs int"),  # type: ignore[arg-type]
        (Run(0, rows=[Row(0, 1.0, 0.1, {"ok": True})]), "run.rows.0.metrics.ok is a bool"),
        (Run(0, batches=[[1, 2]]), "run.batches.0 is a list, needs ndarray"),  # type: ignore
        (Run(0, rows=[Row(0, 10**400, 0.1)]), "too large"),
        (Trace((), loss=np.array(1.0)), "trace.loss is a ndarray"),  # type: ignore[arg-type]
    ],
)
def test_what_could_never_be_read_is_not_written(content: Any, field: str) -> None:
    with pytest.raises(TypeError, match=f"could never be read again: .*{re.escape(field)}"):
        content.to_bytes()


@pytest.mark.parametrize("kind", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_generator_goes_round(kind: Any) -> None:
    dice = np.random.Generator(kind(3))
    dice.random(5)
    run = Run(0, frames=[Frame(0, {}, {"dice": dice.bit_generator.state})])
    again = np.random.Generator(kind(0))
    again.bit_generator.state = Run.from_bytes(run.to_bytes()).frames[0].generators["dice"]
    assert np.array_equal(again.random(700), dice.random(700))


def test_bytes_may_come_as_a_view() -> None:
    data = small_trace().to_bytes()
    for form in (bytearray(data), memoryview(data)):
        assert Trace.from_bytes(form).to_bytes() == data


def test_no_loss_is_not_a_loss_of_nan() -> None:
    absent, nan = Trace(()), Trace((), loss=math.nan)
    assert difference(absent, nan)["loss"] == math.inf
    assert difference(absent, absent)["loss"] == difference(nan, nan)["loss"] == 0


class Kit:
    """As much of a Training as `record` needs."""

    def __init__(self, step: int) -> None:
        self.step, self.batches = step, self
        self.last = np.zeros(2, int)

    def frame(self, trace: Trace | None = None) -> Frame:
        return Frame(self.step, {})


def rows(*steps: int) -> list[Row]:
    return [Row(step, 0.0, 0.0) for step in steps]


def test_a_fork_needs_a_new_run() -> None:
    run = Run(0)
    list(run.record(rows(0, 1, 2), Kit(0), every=1))
    list(run.record(rows(3), Kit(3), every=1))
    with pytest.raises(ValueError, match=r"goes to step 3, but .* at 2: start a new Run"):
        list(run.record(rows(2), Kit(2), every=1))
    assert [row.step for row in run.rows] == [0, 1, 2, 3] and len(run.batches) == 4
    assert run.frame_before(3) is run.frames[-2], "of two frames of a step, the latest"
    with pytest.raises(ValueError, match="every=0, needs 1 or more"):
        list(run.record(rows(4), Kit(4), every=0))


def test_weights_may_have_any_name(tmp_path: Path) -> None:
    arrays = {"file": np.arange(3.0), "allow_pickle": np.eye(2), "args": np.array(1), "a.b/c": [1]}
    weights.write(tmp_path / "w.npz", arrays)  # type: ignore[arg-type]
    again = weights.read(tmp_path / "w.npz")
    assert again.keys() == arrays.keys() and all(np.array_equal(again[k], arrays[k]) for k in again)
    with np.load(tmp_path / "w.npz") as plain:
        assert np.array_equal(plain["allow_pickle"], np.eye(2))
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*none: make it first"):
        weights.write(tmp_path / "none" / "w.npz", arrays)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        weights.write(tmp_path / "o.npz", {"o": np.array([object()])})


def test_a_damaged_file_of_weights_gives_one_sentence(tmp_path: Path) -> None:
    path, rng = tmp_path / "w.npz", np.random.default_rng(0)
    weights.write(path, {"fc.weight": np.eye(4), "fc.bias": np.ones(4, np.float32)})
    good, refused = path.read_bytes(), 0
    for _ in range(400):
        bad = bytearray(good)
        for place in rng.integers(0, len(bad), rng.integers(1, 4)):
            bad[place] = rng.integers(0, 256)
        path.write_bytes(bad)
        try:
            weights.read(path)
        except ValueError as error:
            assert "is not a file of weights, or it is damaged" in str(error)
            refused += 1
    assert refused > 200
    forged = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        forged, {"descr": "<f8", "fortran_order": False, "shape": (10**11,)}
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w.npy", forged.getvalue())
    with pytest.raises(ValueError, match="or it is damaged"):
        weights.read(path)


def test_traces_need_no_torch() -> None:
    code = "import dlcourse.trace, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
