"""Make the notebooks that learners open from the lessons that authors write.

    python tools/notebooks.py            write notebooks/*.ipynb
    python tools/notebooks.py --check    write nothing; name what is stale, and exit with 1

A lesson is a Python script in which each cell begins with one of these lines:

    # %% [markdown]      prose, as comments
    # %%                 code
    # %% folded          code that opens folded: drawing that would stand in the way of reading
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MARK = "# %%"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
KINDS = ("", "[markdown]", "folded")


class LessonError(SystemExit):
    """A lesson is not written as a notebook needs it; said without a traceback."""


def notebook(script: str, name: str) -> str:
    """The notebook for this lesson: no outputs, and the same cell ids each time."""
    prefix = name.replace("_", "-")
    found = enumerate(cells(script, name))
    document = {
        "cells": [cell(kind, lines, f"{prefix}-{number:02}") for number, (kind, lines) in found],
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def cells(script: str, name: str) -> list[tuple[str, list[str]]]:
    """The lesson cut at its marks: the kind of each cell, and its lines."""
    found: list[tuple[str, list[str]]] = []
    for number, line in enumerate(script.splitlines(), 1):
        if line.startswith(MARK):
            kind = line.removeprefix(MARK).strip()
            if kind not in KINDS:
                raise LessonError(f"{name}, line {number}: {kind!r} is none of {KINDS[1:]}")
            found.append((kind, []))
        elif found:
            found[-1][1].append(line)
        elif line:
            raise LessonError(f"{name}, line {number}: text before the first {MARK!r}")
    if not found:
        raise LessonError(f"{name} has no cell: begin one with {MARK!r}")
    return found


def cell(kind: str, lines: list[str], ident: str) -> dict[str, Any]:
    text = "\n".join(lines).strip("\n")
    if not text:
        raise LessonError(f"cell {ident} is empty")
    made = {"id": ident, "metadata": {}}
    if kind == "[markdown]":
        return made | {"cell_type": "markdown", "source": prose(text, ident)}
    if kind == "folded":
        made["metadata"] = {"jupyter": {"source_hidden": True}}
    source = text.splitlines(keepends=True)
    return made | {"cell_type": "code", "execution_count": None, "outputs": [], "source": source}


def prose(text: str, ident: str) -> list[str]:
    """Comments without their signs."""
    lines = text.splitlines(keepends=True)
    for line in lines:
        if line.rstrip() != "#" and not line.startswith("# "):
            raise LessonError(f"cell {ident} is prose, but this line is no comment: {line!r}")
    return [line.removeprefix("#").removeprefix(" ") for line in lines]


def names(folder: Path, ending: str) -> list[str]:
    """Only names like 00_welcome: whatever a learner keeps beside them is left alone."""
    found = (path.stem for path in folder.glob(f"*{ending}"))
    return sorted(name for name in found if re.fullmatch(r"\d\d_[a-z0-9_]+", name))


def made(root: Path) -> dict[Path, str]:
    """Every notebook that there should be, and its text."""
    wanted = {}
    for name in names(root / "lessons", ".py"):
        script = (root / "lessons" / f"{name}.py").read_text(encoding="utf-8")
        wanted[root / "notebooks" / f"{name}.ipynb"] = notebook(script, name)
    return wanted


def stale(root: Path) -> list[str]:
    """What does not agree with the lessons, a sentence each."""
    wanted = made(root)
    there = {root / "notebooks" / f"{n}.ipynb" for n in names(root / "notebooks", ".ipynb")}
    same = {path for path in there & wanted.keys() if path.read_bytes() == wanted[path].encode()}
    old = [f"{p.name} is stale: run python tools/notebooks.py" for p in wanted.keys() - same]
    return sorted(old + [f"{p.name} has no lesson: delete it" for p in there - wanted.keys()])


def main(arguments: list[str], root: Path = ROOT) -> int:
    if arguments == ["--check"]:
        print("\n".join(problems := stale(root)) or "Every notebook is as its lesson.")
        return 1 if problems else 0
    if arguments:
        print(__doc__)
        return 2
    for path, text in made(root).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
