"""The laws of the house: who may stand on whom, what an import loads, what names say."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dlcourse"
FILES = sorted(PACKAGE.rglob("*.py"))

GROUND = ("trace", "wire", "weights", "folder")  # floor 0
JUPYTER = {"jupyter_core", "jupyter_server", "jupyterlab", "zmq"}
FLOORS = {  # room: (rooms of dlcourse it may use, outside packages it may use)
    "trace": (("wire",), {"numpy"}),
    "wire": ((), {"numpy"}),
    "weights": (("trace",), {"numpy"}),
    "folder": ((), set()),
    "scratch": (GROUND, {"numpy"}),
    "pytorch": (GROUND, {"numpy", "torch"}),
    "data": (GROUND, {"numpy", "sklearn", "pooch"}),
    "viz": (GROUND, {"numpy", "anywidget", "ipywidgets", "matplotlib", "plotly", "traitlets"}),
    "grading": (GROUND, {"numpy", "pytest"}),
    "cli": ((*GROUND, "viz", "grading", "data"), JUPYTER | {"packaging", "psutil", "pytest"}),
    "__main__": (("cli",), set()),
    "__init__": ((), set()),
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides which floor it reaches"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def breaches(where: str, tree: ast.AST) -> list[str]:
    """Imports of a file in room `where` that do not point down."""
    below, outside = FLOORS[where]
    wrong = []
    for name in imports(tree):
        top, *rest = name.split(".")
        if top == "dlcourse":
            fine = not rest or rest[0] in (where, *below, "__version__")
        else:
            fine = top in outside or top in sys.stdlib_module_names
        if not fine:
            wrong.append(f"{where} must not import {name}")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    assert room(path) in FLOORS, f"{path} stands on no floor: give it one in this file"
    assert not breaches(room(path), ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "where, line",
    [
        ("scratch", "import torch"),
        ("scratch", "from dlcourse.pytorch.mlp import MLP"),
        ("pytorch", "from dlcourse import scratch"),
        ("trace", "from dlcourse.scratch.layer import Layer"),
        ("data", "from dlcourse.scratch import mlp"),
        ("viz", "import torch.nn"),
    ],
)
def test_the_law_of_floors_sees_a_breach(where: str, line: str) -> None:
    assert breaches(where, ast.parse(line))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Some ring of modules that import each other, or nothing."""
    left = dict(graph)
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_ring_of_imports() -> None:
    names = {module_name(path) for path in FILES}
    graph = {}
    for path in FILES:
        needed = set()
        for name in imports(ast.parse(path.read_text("utf-8"))):
            needed |= {name, name.rpartition(".")[0]} & names
        graph[module_name(path)] = needed - {module_name(path), "dlcourse"}
    assert cycle(graph) == []
    assert cycle(graph | {"dlcourse.wire": {"dlcourse.trace"}}), "a ring that is there is found"


HEAVY = {"torch", "matplotlib", "plotly", "ipywidgets", "sklearn", "pandas", "IPython"}


def loaded_by(code: str) -> set[str]:
    """Names of the top-level modules that an interpreter has loaded after this code."""
    code += "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    return set(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split())


@pytest.mark.parametrize(
    "code",
    [
        "import dlcourse",
        "import dlcourse.trace",
        "import dlcourse.scratch; dlcourse.scratch.MLP",
        "import dlcourse.data",
        "import dlcourse.cli.main",
    ],
)
def test_what_an_import_does_not_load(code: str) -> None:
    assert not loaded_by(code) & HEAVY


def test_what_an_import_loads_is_seen() -> None:
    assert "torch" in loaded_by("import dlcourse.pytorch; dlcourse.pytorch.MLP")


SAYS_NOTHING = {"utils", "util", "common", "helpers", "helper", "core", "base", "misc", "stuff"}


def test_names_say_something() -> None:
    words = {part.removesuffix(".py") for path in FILES for part in path.relative_to(ROOT).parts}
    assert not words & SAYS_NOTHING


def long_parts() -> dict[str, list[tuple[int, str]]]:
    """Modules over 150 lines, functions over 25, constructors over 5 arguments; longest first."""
    found: dict[str, list[tuple[int, str]]] = {"module": [], "function": [], "constructor": []}
    for path in FILES:
        text, place = path.read_text("utf-8"), str(path.relative_to(ROOT))
        found["module"].append((len(text.splitlines()), place))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                found["function"].append((lines, f"{place}:{node.name}"))
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                count = len(node.args.args + node.args.kwonlyargs) - 1
                found["constructor"].append((count, f"{place}:{node.lineno}"))
    limits = {"module": 150, "function": 25, "constructor": 5}
    return {what: sorted(e for e in found[what] if e[0] > limits[what])[::-1] for what in found}


def test_the_longest_are_shown_and_not_too_long() -> None:
    """Soft limits are printed (pytest -s); twice as much is a law."""
    found = long_parts()
    for what, entries in found.items():
        print(
            f"\nlong: {what}", *(f"{size:5d}  {place}" for size, place in entries[:12]), sep="\n  "
        )
    hard = {"module": 250, "function": 50, "constructor": 8}
    assert not [e for what, entries in found.items() for e in entries if e[0] > hard[what]]


def test_docstrings_at_the_door() -> None:
    """Every file and every public class says in its first line what it is."""
    silent = []
    for path in FILES:
        tree = ast.parse(path.read_text("utf-8"))
        classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name[0] != "_"]
        silent += [
            f"{path.name}: {getattr(n, 'name', 'file')}"
            for n in (tree, *classes)
            if not ast.get_docstring(n)
        ]
    assert not silent


def public_layers() -> dict[str, str]:
    """Every layer class of scratch and the file it stands in."""
    from dlcourse import scratch

    return {
        name: thing.__module__.rpartition(".")[2]
        for name in dir(scratch)
        if isinstance(thing := getattr(scratch, name), type) and issubclass(thing, scratch.Layer)
    }


def test_every_layer_has_a_twin_test() -> None:
    """A layer is named in a twin test, or its file is an architecture's, which the law finds."""
    from dlcourse import scratch

    tests = "\n".join(p.read_text("utf-8") for p in ROOT.glob("tests/test_twins_*.py"))
    alone = [
        name
        for name, file in public_layers().items()
        if not hasattr(getattr(scratch, file), "examples")
        and not re.search(rf"\b{name}\b", tests)
        and name != "Layer"
    ]
    assert not alone


def test_no_name_is_made_twice_in_a_package() -> None:
    """`scratch.trace` must be one thing, whichever file it comes from."""
    for package in ("scratch", "pytorch"):
        made: dict[str, str] = {}
        for path in sorted((PACKAGE / package).glob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                name = getattr(node, "name", "_")
                if not name.startswith("_") and name != "examples":
                    assert name not in made, f"{package}: {name} in {made[name]} and {path.name}"
                    made[name] = path.name


def test_twin_files_have_twin_names() -> None:
    """An architecture of scratch has a file of the same name with the same classes in pytorch."""
    for path in sorted((PACKAGE / "scratch").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        if any(getattr(node, "name", "") == "examples" for node in tree.body):
            twin = PACKAGE / "pytorch" / path.name
            assert twin.exists(), f"pytorch/{path.name} is missing"
            twins = ast.parse(twin.read_text("utf-8")).body
            assert names == {node.name for node in twins if isinstance(node, ast.ClassDef)}
