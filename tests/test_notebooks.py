"""Notebooks come from lessons, run top to bottom without a network, and describe their pictures."""

import ast
import json
import os
import re
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path

import nbclient
import nbformat
import pytest

from tools import notebooks

ROOT = Path(__file__).resolve().parents[1]
MADE = notebooks.made(ROOT)
SECONDS = 90

# Refuses every connection that leaves this machine, in the kernel and in all that it starts.
OFFLINE = """
import sys

def guard(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in ("127.0.0.1", "::1", "localhost", "", None):
        raise ConnectionError(f"a lesson works without a network, but asked for {host}")

sys.addaudithook(guard)
"""

LESSON = """# %% [markdown]
# # Title
#
# Words with "quotes", a \\\\ and an é.

# %% folded
x = 1

# %%
def f():
    return x


f()
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small course of its own, with its one notebook made."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "07_topic_two.py").write_text(LESSON, encoding="utf-8")
    assert notebooks.main([], tmp_path) == 0
    return tmp_path


def changed_here() -> bool:
    """Whether somebody ran, changed and saved a committed notebook in this copy of the course."""
    command = ["git", "status", "--porcelain", "notebooks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode != 0 or bool(done.stdout.strip())


def test_nothing_is_stale():
    """Byte for byte. A learner's own changes are no fault, and in a fresh clone there are none."""
    assert MADE
    problems = notebooks.stale(ROOT)
    if problems and changed_here() and not os.environ.get("CI"):
        pytest.skip(f"changed in this copy: {', '.join(problems)}")
    assert problems == []


def test_a_notebook_holds_what_its_lesson_says(house):
    made = json.loads((house / "notebooks" / "07_topic_two.ipynb").read_text(encoding="utf-8"))
    prose, folded, code = made["cells"]
    assert [cell["id"] for cell in made["cells"]] == [f"07-topic-two-{n:02}" for n in range(3)]
    assert [cell["cell_type"] for cell in made["cells"]] == ["markdown", "code", "code"]
    assert "".join(prose["source"]) == '# Title\n\nWords with "quotes", a \\\\ and an é.'
    assert "".join(code["source"]) == "def f():\n    return x\n\n\nf()"
    assert folded["metadata"] == {"jupyter": {"source_hidden": True}}
    assert prose["metadata"] == code["metadata"] == {}
    assert all(cell["outputs"] == [] and not cell["execution_count"] for cell in (folded, code))


def test_a_second_run_changes_no_byte(house):
    path = house / "notebooks" / "07_topic_two.ipynb"
    before = path.read_bytes()
    assert notebooks.main([], house) == 0
    assert path.read_bytes() == before
    assert b"\r" not in before


def test_check_writes_nothing_and_names_what_is_stale(house, capsys):
    assert notebooks.main(["--check"], house) == 0
    lesson, made = house / "lessons" / "07_topic_two.py", house / "notebooks" / "07_topic_two.ipynb"
    lesson.write_text(LESSON.replace("x = 1", "x = 2"), encoding="utf-8")
    (house / "lessons" / "08_new.py").write_text(LESSON, encoding="utf-8")
    (house / "notebooks" / "09_gone.ipynb").write_text("{}", encoding="utf-8")
    before = made.read_bytes()
    capsys.readouterr()
    assert notebooks.main(["--check"], house) == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" ", 1)[0] for line in said] == [
        "07_topic_two.ipynb", "08_new.ipynb", "09_gone.ipynb",
    ]  # fmt: skip
    assert "has no lesson" in said[2]
    assert made.read_bytes() == before
    assert not (house / "notebooks" / "08_new.ipynb").exists()


def test_what_a_learner_keeps_beside_the_notebooks_is_left_alone(house):
    own = [house / "notebooks" / name for name in ("Untitled.ipynb", "07_topic_two-Copy1.ipynb")]
    for path in own:
        path.write_text("mine", encoding="utf-8")
    assert notebooks.main([], house) == 0
    assert notebooks.stale(house) == []
    assert all(path.read_text(encoding="utf-8") == "mine" for path in own)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("", "00_x has no cell"),
        ("import os\n# %%\nos", "00_x, line 1: text before the first '# %%'"),
        ("# %% markdown\n# hi", "00_x, line 1: 'markdown' is none of"),
        ("# %%\n1\n# %%\n\n", "cell 00-x-01 is empty"),
        ("# %% [markdown]\nhi", "cell 00-x-00 is prose, but this line is no comment: 'hi'"),
    ],
)
def test_a_lesson_that_cannot_be_built_gets_a_sentence(script, sentence):
    with pytest.raises(notebooks.LessonError, match=re.escape(sentence)):
        notebooks.notebook(script, "00_x")


def test_unknown_arguments_show_the_help(house, capsys):
    assert notebooks.main(["--chekc"], house) == 2
    assert "--check" in capsys.readouterr().out


def test_the_workshop_imports_nothing_of_the_course():
    for path in (ROOT / "tools").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            source = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not any(name.split(".")[0] == "dlcourse" for name in [*named, source]), path


class Pictures(HTMLParser):
    """The alt text of each picture in a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes).get("alt") or "")


def alt_texts(outputs: list) -> list[str]:
    """The alt text of each picture in these outputs; an empty one where there is none."""
    found = []
    for output in outputs:
        data = output.get("data", {})
        for kind in data:
            if kind.startswith("image/"):
                found.append(output["metadata"].get(kind, {}).get("alt", ""))
        found += Pictures(data.get("text/html", "")).found
    return found


def run_offline(text: str, folder: Path) -> list:
    """The outputs of a notebook that ran in a fresh kernel without a network."""
    (folder / "sitecustomize.py").write_text(OFFLINE, encoding="utf-8")
    places = [str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}
    notebook = nbformat.reads(text, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(notebook, timeout=SECONDS, resources=resources)
    client.execute(env=env)
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.stem)
def test_a_notebook_is_valid_and_without_outputs(path):
    notebook = nbformat.reads(MADE[path], as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@pytest.mark.slow
@pytest.mark.parametrize("path", MADE, ids=lambda path: path.stem)
def test_a_notebook_runs_and_describes_its_pictures(path, tmp_path):
    began = time.monotonic()
    outputs = run_offline(MADE[path], tmp_path)
    assert time.monotonic() - began < SECONDS
    said = [output["text"] for output in outputs if output.get("name") == "stderr"]
    assert said == [], "warnings and logs never appear in a finished lesson"
    alts = alt_texts(outputs)
    assert alts, "a lesson shows at least one picture"
    assert all(len(alt) >= 20 for alt in alts), f"every picture needs alt text: {alts}"
    assert len(set(alts)) > len(alts) // 2, "alt text is written for its own picture"


def small(*cells: str) -> str:
    return notebooks.notebook("\n".join(f"# %%\n{cell}" for cell in cells), "00_small")


@pytest.mark.slow
def test_the_kernel_is_offline(tmp_path):
    cell = """
import urllib.request
try:
    urllib.request.urlopen("http://example.com", timeout=5)
except Exception as error:
    print(error)
"""
    (said,) = run_offline(small(cell), tmp_path)
    assert "works without a network" in said["text"]


def test_pictures_without_alt_text_are_found():
    image = {"data": {"image/png": "..."}, "metadata": {}}
    told = {"data": {"image/png": "..."}, "metadata": {"image/png": {"alt": "A line"}}}
    markup = {"data": {"text/html": "<p><img src='data:,'><img alt='Dots'></p>"}, "metadata": {}}
    assert alt_texts([image, told, markup, {"name": "stdout"}]) == ["", "A line", "", "Dots"]
