"""The viewer's pure parts, tested where they run: in JavaScript."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NODE = shutil.which("node")
TESTS = sorted((ROOT / "tests" / "viewer").glob("*.test.mjs"))


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_the_viewers_own_tests_pass() -> None:
    assert TESTS, "there are none"
    command = [NODE or "", "--test", *map(str, TESTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, "\n".join(
        line for line in done.stdout.splitlines() if "not ok" in line or "error:" in line
    )
