"""The laws of the house: who may stand on whom, what an import loads, what names say."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dlcourse"
FILES = sorted(PACKAGE.rglob("*.py"))

GROUND = (  # floor 0
    *("trace", "wire", "weights", "folder", "rounds"),
    *("sources", "what_if", "outset", "answers", "learner"),
)
JUPYTER = {"jupyter_core", "jupyter_server", "jupyterlab", "zmq"}
FLOORS = {  # room: (rooms of dlcourse it may use, outside packages it may use)
    "trace": (("wire",), {"numpy"}),
    "wire": ((), {"numpy"}),
    "weights": (("trace",), {"numpy"}),
    "rounds": ((), {"numpy"}),
    "folder": ((), set()),
    "sources": ((), set()),
    "what_if": (("trace", "sources"), {"numpy"}),
    "outset": (("trace",), {"numpy"}),
    "answers": (("trace", "what_if", "outset"), {"numpy"}),
    "learner": (("trace", "rounds", "what_if", "outset", "answers"), {"numpy"}),
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
        elif isinstance(node, ast.Name) and node.id == "__import__":
            yield node.id


def breaches(where: str, tree: ast.AST) -> list[str]:
    """Imports of a file in room `where` that do not point down."""
    below, outside = FLOORS[where]
    wrong = []
    for name in imports(tree):
        top, *rest = name.split(".")
        if top == "dlcourse":
            fine = bool(rest) and rest[0] in (where, *below, "__version__")
        elif top in ("importlib", "__import__"):  # whatever these load, no law sees
            fine = where in ("folder", "cli")
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
        ("scratch", "import importlib; importlib.import_module('torch')"),
        ("scratch", "from importlib import import_module"),
        ("scratch", "__import__('torch')"),
        ("scratch", "import dlcourse; dlcourse.data.moons()"),
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


def uses(code: str) -> set[str]:
    """Names that the code works with; to import a thing is not to use it."""
    nodes = list(ast.walk(ast.parse(code)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def test_to_import_is_not_to_use() -> None:
    assert uses("from a import B, C; import D; C(x.E)") == {"C", "x", "E"}


def test_every_layer_has_a_twin_test() -> None:
    """A layer is named in a twin test, or its file is an architecture's, which the law finds."""
    from dlcourse import scratch

    used = set().union(*(uses(p.read_text("utf-8")) for p in ROOT.glob("tests/test_twins_*.py")))
    alone = [
        name
        for name, file in public_layers().items()
        if not hasattr(getattr(scratch, file), "examples") and name not in used and name != "Layer"
    ]
    assert not alone


LEARNERS_NEED = {
    "scratch": "MLP Linear Conv2d LSTM GPT cross_entropy mse_loss Adam SGD fit predict trace save "
    "load initialise Layer LayerError Value Tensor Training choose softmax one_cycle",
    "pytorch": "MLP GPT VAE fit predict trace save load give_weights Training choose best_device",
}


@pytest.mark.parametrize("package", LEARNERS_NEED)
def test_public_names_are_sorted_and_hold_what_learners_need(package: str) -> None:
    module = import_module(f"dlcourse.{package}")
    names = dir(module)
    assert names == sorted(set(names)) == module.__all__
    assert not set(LEARNERS_NEED[package].split()) - set(names)
    assert not [name for name in names if name.startswith("_")]
    assert "kth_likeliest" not in names, "only sampling.py itself needs it"


def test_a_star_brings_the_names() -> None:
    brought: dict[str, object] = {}
    exec("from dlcourse.scratch import *", brought)
    assert "MLP" in brought and "cross_entropy" in brought


def test_a_look_for_what_only_python_asks_loads_nothing() -> None:
    code = "import dlcourse.pytorch as p; assert not hasattr(p, '__wrapped__')"
    assert "torch" not in loaded_by(code)


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
