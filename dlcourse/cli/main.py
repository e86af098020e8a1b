"""Finds the command's file and hands on to it."""

import ast
import difflib
import importlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from dlcourse import __version__
from dlcourse.cli import Trouble

USAGE = """\
The course at the command line.

usage: dlcourse COMMAND ...

{commands}

`dlcourse COMMAND --help` says more about one.

Example:
  dlcourse lab        open JupyterLab on the welcome notebook"""


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old console may not know ✓
    given = sys.argv[1:] if arguments is None else arguments
    command, *rest = given or ["--help"]
    try:
        return dispatch(command, rest)
    except Trouble as trouble:
        print(f"dlcourse {command}: {trouble}", file=sys.stderr)
        return 1


def dispatch(command: str, rest: list[str]) -> int:
    known = commands()
    if command in known:
        return int(importlib.import_module(f"dlcourse.cli.{command}").run(rest))
    if command in ("-h", "--help"):
        lines = (f"  {name:<10} {summary}" for name, summary in known.items())
        print(USAGE.format(commands="\n".join(lines)))
        return 0
    if command == "--version":
        print(f"dlcourse {__version__}")
        return 0
    near = difflib.get_close_matches(command, known, n=1)
    meant = f"did you mean `{near[0]}`?" if near else "`dlcourse --help` lists them."
    print(f"dlcourse: there is no command `{command}`: {meant}", file=sys.stderr)
    return 2


def commands() -> dict[str, str]:
    """Each command's name and the first line of its docstring, read without importing it."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    return {
        name: (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        for name, text in texts.items()
        if name not in ("__init__", "main")
    }
