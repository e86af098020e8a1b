"""pyproject.toml, constraints.txt, environment.yml and CITATION.cff speak of the same versions."""

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import dlcourse

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"pytorch": "torch"}  # conda's name → pip's


def requirements(*extras: str) -> dict[str, SpecifierSet]:
    """What the package, with these extras, names directly."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    named = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one.specifier for one in named}


def pinned(lines: list[str]) -> dict[str, str]:
    found = [re.fullmatch(r"([\w.-]+)==([\w.+!]+)", line) for line in lines]
    assert all(found), f"not of the form name==version: {lines}"
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def constraints() -> dict[str, str]:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return pinned([line for line in text.splitlines() if line and not line.startswith("#")])


def environment() -> list:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["dependencies"]


def test_every_tested_version_lies_in_its_range():
    pins = constraints()
    for name, allowed in requirements(*EXTRAS).items():
        assert name in pins, f"{name} stands in pyproject.toml and not in constraints.txt"
        assert pins[name] in allowed, f"{name} {pins[name]} is outside {allowed}"


def test_every_range_has_both_ends():
    for name, allowed in requirements(*EXTRAS).items():
        signs = {one.operator for one in allowed}
        assert ">=" in signs, f"{name}: a lowest version is missing"
        assert "<" in signs, f"{name}: a next version, untested, would be taken"


def test_conda_gets_what_pip_gets():
    *conda, by_pip = environment()
    conda = [line for line in conda if line != "pip" and not line.startswith("python=")]
    versions = pinned(conda)
    versions |= pinned([line for line in by_pip["pip"] if line != "-e ."])
    versions = {CONDA_NAMES.get(name, name): version for name, version in versions.items()}
    pins = constraints()
    named = requirements("lab", "test")
    assert versions == {name: pins[name] for name in named}
    assert "-e ." in by_pip["pip"]


def test_conda_gets_a_python_that_the_course_runs_on():
    (line,) = (line for line in environment() if str(line).startswith("python="))
    assert line.partition("=")[2] in SpecifierSet(PROJECT["requires-python"])


def test_start_asks_for_the_same_python():
    import start

    assert PROJECT["requires-python"] == ">={}.{}".format(*start.OLDEST)


def test_torch_is_pinned_without_a_build():
    assert "+" not in constraints()["torch"], "each machine has its own build: cpu or cuda"


def test_citation_names_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == dlcourse.__version__


def test_nothing_that_is_installed_along_is_left_unpinned():
    """Follows what our packages need, and what those need, as far as they are installed here."""
    pins, seen = constraints(), set()
    open_ends = [Requirement(line) for extra in EXTRAS for line in EXTRAS[extra]]
    open_ends += [Requirement(line) for line in PROJECT["dependencies"]]
    while open_ends:
        one = open_ends.pop()
        name = canonicalize_name(one.name)
        if (name, *sorted(one.extras)) in seen:
            continue
        seen.add((name, *sorted(one.extras)))
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # an extra that is not installed here
        of_cuda = name.startswith(("nvidia-", "triton", "cuda-"))  # pinned by torch itself
        assert name in pins or of_cuda, f"{name} is installed along and not in constraints.txt"
        for need in map(Requirement, needs):
            wanted = [{"extra": extra} for extra in ("", *one.extras)]
            if need.marker is None or any(map(need.marker.evaluate, wanted)):
                open_ends.append(need)


@pytest.mark.skipif(
    not (Path(sys.prefix) / "start.json").is_file(), reason="start.py did not make this Python"
)
def test_the_tests_run_with_the_pinned_versions():
    pins = constraints()
    for package in importlib.metadata.distributions():
        name = canonicalize_name(package.name)
        if name in pins:
            assert Version(package.version).public == pins[name], name
