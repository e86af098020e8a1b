"""Fair timing of two contenders in one process, and tables of what came out.

Machines drift and are shared, so single times mean little. Contenders take turns, A B A B ..., and
what is told is the median, and the median of the ratios pair by pair. A turn is several steps, as
in a training: after a single one each would find the caches full of the other's numbers. With one
thread each, the clock is the CPU time of the process, which other programs hardly disturb.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]
README = Path(__file__).parent.parent / "README.md"


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Inside, NumPy's and PyTorch's products of matrices use so many threads each."""
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    with threadpool_limits(count):
        yield
    torch.set_num_threads(before)


def clock(count: int) -> Callable[[], float]:
    """CPU time for one thread, the clock on the wall for several."""
    return time.process_time if count == 1 else time.perf_counter


def interleaved(
    one: Callable[[], Any], other: Callable[[], Any], now: Callable[[], float], seconds: float = 4
) -> tuple[float, float, float]:
    """Median milliseconds of both, and the median of their ratios one / other."""
    for _ in range(3):  # the first turns load libraries and fill caches
        one()
        other()
    start = now()
    one()
    steps = max(1, min(20, round(0.02 / (now() - start))))  # a turn lasts some 20 ms

    def turn(work: Callable[[], Any]) -> float:
        start = now()
        for _ in range(steps):
            work()
        return (now() - start) / steps * 1e3

    pairs, end = [], time.perf_counter() + seconds
    while len(pairs) < 9 or time.perf_counter() < end:
        pairs.append((turn(one), turn(other)))
    mine, theirs = zip(*pairs, strict=True)
    return (*map(statistics.median, (mine, theirs)), statistics.median(a / b for a, b in pairs))


def table(rows: Sequence[Row], columns: dict[str, str]) -> str:
    """A Markdown table; `columns` gives each heading the format of its numbers: {"ratio": ".2f"}"""
    lines = ["| " + " | ".join(c.replace("_", " ") for c in columns) + " |"]
    lines.append("|" + "|".join("---:" if form else "---" for form in columns.values()) + "|")
    for row in rows:
        cells = (_cell(row.get(name), form) for name, form in columns.items())
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: Any, form: str) -> str:
    if value is None:
        return "–"
    return format(value, form) if form and not isinstance(value, str) else str(value)


def write_json(path: str | Path, rows: Sequence[Row]) -> None:
    Path(path).write_text(json.dumps(list(rows), indent=1) + "\n", encoding="utf-8")


def write_between(path: str | Path, mark: str, text: str) -> None:
    """Replace what stands between <!-- mark --> and <!-- end mark --> in a Markdown file."""
    path, begin, end = Path(path), f"<!-- {mark} -->", f"<!-- end {mark} -->"
    page = path.read_text(encoding="utf-8")
    if begin not in page or end not in page:
        raise SystemExit(f"{path} has no place for this table: put {begin} and {end} into it")
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
