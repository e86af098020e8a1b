"""The benchmarks run and say what they promise; how fast this machine is, is not a test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import timing
from tests.hosts import MISSING

ROOT = Path(__file__).parent.parent


def rows_of(benchmark: str, folder: Path, *options: str) -> list[dict[str, object]]:
    file = folder / "rows.json"
    command = [sys.executable, str(ROOT / "benchmarks" / benchmark), *options, "--json", str(file)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return json.loads(file.read_text("utf-8"))


def test_engine(tmp_path: Path) -> None:
    rows = rows_of("engine.py", tmp_path, "--only", "mlp64", "--seconds", "0.1")
    assert [(row["workload"], row["phase"], row["threads"]) for row in rows] == [
        ("mlp64", "forward", 1),
        ("mlp64", "step", 1),
    ]
    for row in rows:
        assert 0 < row["numpy_ms"] < 1000 and 0 < row["torch_ms"] < 1000
        assert 0.05 < row["ratio"] < 20
    if sys.platform == "linux":
        assert 0 < rows[1]["peak_mb"] < 1000


@pytest.mark.browser
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_viewer(tmp_path: Path) -> None:
    """Everything that it measures, of the smallest instrument."""
    rows = rows_of("viewer.py", tmp_path, "--only", "autograd", "--seconds", "0.1")
    told = {(row["instrument"], row["interaction"]): row for row in rows}
    for name in (("autograd", "step"), ("autograd", "first picture")):
        assert 0 < told[name]["p50_ms"] <= told[name]["p95_ms"] < 10_000 and told[name]["n"] >= 5
    assert 0 < told["ten instruments", "ten at once"]["p50_ms"] < 60_000
    assert told["autograd", "size"]["also"].endswith(" kB")
    assert 0.5 < float(told["trace of mlp64, NumPy", "trace / step"]["also"].split()[0]) < 20


def test_contenders_take_turns_of_several_steps() -> None:
    """With a clock of our own: the slow one takes three ticks a step, the quick one a single."""
    clock, order = [0.0], []

    def step(name: str, ticks: float) -> None:
        order.append(name)
        clock[0] += ticks

    mine, theirs, ratio = timing.interleaved(
        lambda: step("slow", 3e-3), lambda: step("quick", 1e-3), lambda: clock[0], seconds=0
    )
    assert (mine, theirs, ratio) == pytest.approx((3.0, 1.0, 3.0))
    assert order[7:21] == ["slow"] * 7 + ["quick"] * 7


def test_tables_go_between_their_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- t -->\nold\n<!-- end t -->\nafter\n", "utf-8")
    rows = [{"name": "a", "ms": 1.234}, {"name": "b"}]
    timing.write_between(page, "t", timing.table(rows, {"name": "", "ms": ".1f"}))
    table = "| name | ms |\n|---|---:|\n| a | 1.2 |\n| b | – |"
    assert page.read_text("utf-8") == f"before\n<!-- t -->\n{table}\n<!-- end t -->\nafter\n"
    with pytest.raises(SystemExit, match="no place for this table"):
        timing.write_between(page, "other", "")


def test_without_a_gpu_the_gpu_benchmark_says_so() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here: run benchmarks/gpu.py itself")
    command = [sys.executable, str(ROOT / "benchmarks" / "gpu.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2 and "needs a CUDA GPU" in done.stderr


def test_the_steps_that_the_gpu_takes_also_learn_on_a_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All of gpu.py but its clock, in small: plain and fast loops bring the same loss down."""
    import torch

    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import gpu

    from dlcourse.pytorch.gpt import GPT

    tokens = torch.randint(11, (8, 9), generator=torch.Generator().manual_seed(0))
    for fast in (False, True):
        torch.manual_seed(0)
        net = GPT(11, 8, 16, 2, 2)
        before = [p.clone() for p in net.parameters()]
        step = gpu.training_step(net, tokens, fast)
        for _ in range(3):
            step()
        moved = [(a - b).abs().max() for a, b in zip(before, net.parameters(), strict=True)]
        assert sum(distance > 1e-4 for distance in moved) > 0.9 * len(moved)  # not the keys' bias
    weights = sum(p.numel() for name, p in net.named_parameters() if not name.startswith("pos"))
    assert gpu.flops_per_token(net, 2, 16, 8) == 6 * weights + 12 * 2 * 16 * 8
