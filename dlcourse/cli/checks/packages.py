"""Python itself, the packages that are needed, and their versions beside the tested ones."""

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from dlcourse.cli.checks import GOOD, SO_SO, WRONG, Finding

START = "run `python start.py`, which brings the tested ones"


def findings(folder: Path) -> Iterator[Finding]:
    yield python(sys.version_info[:3])
    there = {
        plain(package.name): package.version.partition("+")[0]
        for package in importlib.metadata.distributions()
    }
    yield from missing(needed(folder), there)
    yield versions(tested(folder), there)


def python(version: tuple[int, ...]) -> Finding:
    text = ".".join(str(part) for part in version)
    if version < (3, 11):
        return Finding(WRONG, f"Python {text} is too old", "install Python 3.11 or newer")
    return Finding(GOOD, f"Python {text}: {sys.executable}")


def missing(names: list[str], there: dict[str, str]) -> Iterator[Finding]:
    gone = [name for name in names if name not in there]
    if gone:
        todo = "delete the folder .venv, then run `python start.py`"
        yield Finding(WRONG, f"missing packages: {', '.join(gone)}", todo)


def versions(pins: dict[str, str], there: dict[str, str]) -> Finding:
    both = {name: version for name, version in pins.items() if name in there}
    other = [
        f"{name} {there[name]} (tested: {version})"
        for name, version in both.items()
        if there[name] != version
    ]
    if other:
        return Finding(SO_SO, f"packages in other versions than tested: {', '.join(other)}", START)
    return Finding(GOOD, f"{len(both)} packages, all in the versions that the tests passed with")


def needed(folder: Path) -> list[str]:
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    return [plain(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements]


def tested(folder: Path) -> dict[str, str]:
    text = (folder / "constraints.txt").read_text(encoding="utf-8")
    return {plain(name): pin for name, pin in re.findall(r"^([\w.-]+)==(\S+)", text, re.M)}


def plain(name: str) -> str:
    """scikit_learn, Scikit.Learn and scikit-learn are one package."""
    return re.sub(r"[-_.]+", "-", name).lower()
