"""What an import costs, in fresh interpreters that take turns.

python benchmarks/imports.py [--json FILE]
"""

import argparse
import statistics
import subprocess
import sys

from timing import Row, table, write_json

LOADS = {
    "numpy": "import numpy",
    "dlcourse.scratch": "import dlcourse.scratch",
    "dlcourse.scratch, every file": "import dlcourse.scratch; dir(dlcourse.scratch)",
    "dlcourse.data": "import dlcourse.data",
    "dlcourse.pytorch, every file": "import dlcourse.pytorch; dir(dlcourse.pytorch)",
}
CPU = "import time; s = time.process_time(); {}; print(time.process_time() - s)"


def milliseconds(code: str) -> float:
    """CPU time of an import in a new interpreter, without the interpreter's own start."""
    return 1e3 * float(subprocess.check_output([sys.executable, "-c", CPU.format(code)]))


def measure(turns: int = 15) -> list[Row]:
    times: dict[str, list[float]] = {name: [] for name in LOADS}
    for turn in range(turns + 1):
        for name, code in LOADS.items():
            spent = milliseconds(code)
            if turn:  # the first turn fills the caches of the disk
                times[name].append(spent)
    base = times["numpy"]
    return [
        {
            "import": name,
            "ms": statistics.median(own),
            "ratio": statistics.median(a / b for a, b in zip(own, base, strict=True)),
        }
        for name, own in times.items()
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", metavar="FILE", help="also write the rows there")
    options = parser.parse_args()
    rows = measure()
    print(table(rows, {"import": "", "ms": ".0f", "ratio": ".2f"}))
    if options.json:
        write_json(options.json, rows)
