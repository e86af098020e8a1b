"""The `dlcourse` command. Every other file in this folder but main.py is one command.

A command's file has a docstring, which is its help (the first line stands in `dlcourse --help`,
what follows "Examples:" comes last), and `run(arguments)`, which returns the exit code.
"""

import argparse
from pathlib import Path


class Trouble(Exception):
    """One clear sentence for the person at the keyboard: what is wrong, and what to do."""


def course_folder() -> Path:
    """Where notebooks/, exercises/ and tests/ lie: the folder that holds this package."""
    folder = Path(__file__).resolve().parents[2]
    if not (folder / "start.py").is_file():
        raise Trouble(
            f"the course's notebooks and tests are not beside the installed package ({folder}): "
            "get the whole course and run `python start.py` in its folder."
        )
    return folder


def parser(command: str, text: str) -> argparse.ArgumentParser:
    """A parser whose help is the command's docstring, with its examples last."""
    description, examples, rest = text.partition("Examples:")
    return argparse.ArgumentParser(
        prog=f"dlcourse {command}",
        description=description.strip(),
        epilog=(examples + rest).strip(),
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=80),
        allow_abbrev=False,
    )
