"""start.py in a small course of its own, in a folder with a space: making, healing, refusing.

The small course needs no network: it builds itself, and a PyTorch of one line lies beside it.
"""

import ast
import contextlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import start

ROOT = Path(__file__).resolve().parents[1]
BACKEND = """\
import base64, os, time, zipfile
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    time.sleep(float(os.environ.get("SLOW", 0)))
    about = "Metadata-Version: 2.1\\nName: dlcourse\\nVersion: 1\\nProvides-Extra: lab\\n"
    about += "Provides-Extra: test\\n" + Path("requires.txt").read_text()
    files = {
        "dlcourse.pth": os.getcwd(),
        "dlcourse-1.dist-info/METADATA": about,
        "dlcourse-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nTag: py3-none-any\\n",
    }
    files["dlcourse-1.dist-info/RECORD"] = "".join(f"{name},,\\n" for name in files)
    with zipfile.ZipFile(Path(folder, "dlcourse-1-py3-none-any.whl"), "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return "dlcourse-1-py3-none-any.whl"
"""
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "dlcourse"
version = "1"
"""
COMMAND = """\
import json, sys
print("HANDED " + json.dumps([sys.prefix, sys.argv[1:]]), flush=True)
sys.exit(int(sys.argv[2]) if sys.argv[1] == "exit" else 0)
"""


class Course:
    """A small course in its folder, and what it takes to start it without a network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "dlcourse").mkdir(parents=True)
        (folder / "nothing").mkdir()
        shutil.copy(ROOT / "start.py", folder)
        files = {"backend.py": BACKEND, "pyproject.toml": PROJECT, "requires.txt": ""}
        files |= {
            "constraints.txt": "",
            "dlcourse/__init__.py": "",
            "dlcourse/__main__.py": COMMAND,
        }
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "DLCOURSE_", "PYTHON", "VIRTUAL_ENV"))
        }
        self.environment |= {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": (folder / "nothing").as_uri(),
            "PIP_RETRIES": "0",
        }

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def begin(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(self.folder / "start.py"), *arguments],
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.begin(*arguments, **environment)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def starts(self, *arguments: str, **environment: str) -> str:
        """Starts, which has to succeed and reach the command inside .venv; what was said."""
        result = self.start(*arguments, **environment)
        assert result.returncode == 0, result.stdout + result.stderr
        said, _, handed = result.stdout.partition("HANDED ")
        expected = [str(self.venv), [*arguments] or ["lab"]]
        expected[1] = [one for one in expected[1] if one not in ("--cpu", "--gpu")] or ["lab"]
        assert json.loads(handed) == expected
        return said

    def refuses(self, *arguments: str, **environment: str) -> str:
        """Starts, which has to fail with one sentence; the sentence."""
        result = self.start(*arguments, **environment)
        assert result.returncode == 1, result.stdout + result.stderr
        assert result.stderr.count("\n") == 1, result.stderr
        assert result.stderr.startswith("start.py: ")
        assert "HANDED" not in result.stdout
        return result.stderr


@pytest.fixture(autouse=True)
def no_test_touches_the_venv_of_this_course(tmp_path, monkeypatch) -> None:
    venv = tmp_path / ".venv"
    for name, place in {"VENV": venv, "STAMP": venv / "start.json", "PYTHON": venv / "no"}.items():
        monkeypatch.setattr(start, name, place)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """One that has been started once. A test may break it, and heals it by starting it again."""
    course = Course(tmp_path_factory.mktemp("one of") / "my courses")
    said = course.starts("hello", "a b", "--help")
    assert "Making .venv" in said
    assert re.search(r"Ready after \d+ s\.", said)
    return course


@pytest.fixture
def new_course(tmp_path) -> Course:
    return Course(tmp_path / "a new course")


# Starting again


def test_a_second_start_hands_over_at_once(course):
    began = time.perf_counter()
    said = course.starts()
    took = time.perf_counter() - began
    assert said == ""
    assert took < 3, f"{took:.1f} s"


def test_the_exit_code_comes_back(course):
    assert course.start("exit", "7").returncode == 7


def test_new_constraints_are_installed_into_the_same_venv(course):
    (course.venv / "kept").touch()
    (course.folder / "constraints.txt").write_text("# changed\n", encoding="utf-8")
    said = course.starts()
    assert "Installing" in said
    assert "Making" not in said
    assert (course.venv / "kept").exists()
    assert course.starts() == ""


def test_a_venv_of_an_editor_is_used_and_kept(course):
    (course.venv / "start.json").unlink()
    (course.venv / "kept").touch()
    assert "Making" not in course.starts()
    assert (course.venv / "kept").exists()


# Healing


def interpreter_was_moved(course: Course) -> None:
    course.python.unlink()
    course.python.symlink_to(course.folder / "python that was uninstalled")


def lose_pip(course: Course) -> None:
    for place in course.venv.glob("[Ll]ib/**/site-packages/pip"):
        shutil.rmtree(place)


def lose_course(course: Course) -> None:
    for place in course.venv.glob("[Ll]ib/**/site-packages/dlcourse.pth"):
        place.unlink()


def be_cut_short(course: Course) -> None:
    (course.venv / "start.json").write_text("", encoding="utf-8")


def put_a_file_there(course: Course) -> None:
    shutil.rmtree(course.venv)
    course.venv.write_text("not a folder", encoding="utf-8")


def go_on_in_a_copy(course: Course) -> None:
    there = course.folder.with_name(course.folder.name + " copied")
    course.folder = shutil.copytree(course.folder, there, symlinks=True)
    course.environment["PIP_INDEX_URL"] = (course.folder / "nothing").as_uri()


@pytest.mark.parametrize(
    "damage",
    [
        interpreter_was_moved,
        lose_pip,
        lose_course,
        be_cut_short,
        put_a_file_there,
        go_on_in_a_copy,
    ],
)
def test_a_start_heals(damage, course):
    damage(course)
    assert "Installing" in course.starts()
    assert course.starts() == "", "and the next one is quick again"


@pytest.mark.parametrize("text", ["", "{", "[1]", "7", '{"folder": "elsewhere"}', "\0"])
def test_a_stamp_that_says_something_else_is_no_stamp(text):
    start.VENV.mkdir()
    wanted, _ = start.choose("cpu")
    start.STAMP.write_text(text, encoding="utf-8")
    assert not start.ready(wanted)
    assert not start.usable(wanted)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C in another way")
def test_a_start_that_was_stopped_is_healed_by_the_next(new_course):
    for until, sign, code in (
        ("Making .venv", signal.SIGKILL, -9),
        ("Installing", signal.SIGINT, 130),
    ):
        process = new_course.begin(SLOW="20")
        assert process.stdout is not None
        while until not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(0.5)
        os.killpg(process.pid, sign)
        _, err = process.communicate(timeout=20)
        assert process.returncode == code
        assert "Traceback" not in err
    assert "Ready" in new_course.starts()


def test_venv_counts_as_half_made_while_pip_installs():
    start.VENV.mkdir()
    start.collect(iter(["Collecting numpy\n"]), lines := [])
    assert not start.STAMP.exists()
    start.collect(iter(["Installing collected packages: numpy\n"]), lines)
    assert start.STAMP.read_text(encoding="utf-8") == ""
    assert len(lines) == 2


def test_two_starts_at_once_take_turns(new_course):
    both = [new_course.begin(SLOW="1") for _ in range(2)]
    texts = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], texts
    assert sum("Making .venv" in text for text in texts) == 1
    assert sum("Another start is at work" in text for text in texts) == 1
    assert all("HANDED" in text for text in texts)


# Refusing, each with one sentence


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10)])
def test_an_old_python_is_told_which_one_is_needed(version):
    with pytest.raises(SystemExit, match=r"the course needs 3\.11 or newer") as refusal:
        start.check_python(version)
    assert "\n" not in str(refusal.value)
    assert ".".join(map(str, version)) in str(refusal.value)


def test_this_python_is_new_enough():
    start.check_python((3, 11))
    start.check_python((4, 0))


def test_an_old_python_can_read_the_file_far_enough():
    tree = ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    names = [
        node.value.func.id
        for node in tree.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        if isinstance(node.value.func, ast.Name)
    ]
    assert names == ["check_python"], "it runs before anything that needs a newer Python"
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions[0] == "check_python", "newer annotations come after it"


def test_without_a_network_then_without_a_package_then_with_all(new_course):
    requires = new_course.folder / "requires.txt"
    requires.write_text("Requires-Dist: lost-and-found\n", encoding="utf-8")
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    assert "cannot reach the network" in new_course.refuses(**closed)
    assert "does not find lost-and-found" in new_course.refuses(PIP_NO_INDEX="1")
    requires.write_text("", encoding="utf-8")
    assert "anew" not in new_course.starts(), "what was whole is gone on with"


def test_a_change_that_cannot_be_fetched_leaves_what_is_there(course):
    (course.venv / "kept").touch()
    requires = course.folder / "requires.txt"
    requires.write_text("Requires-Dist: lost-and-found\n", encoding="utf-8")
    (course.folder / "constraints.txt").write_text("# changed again\n", encoding="utf-8")
    course.refuses()
    requires.write_text("", encoding="utf-8")
    assert "anew" not in course.starts()
    assert (course.venv / "kept").exists()


def test_too_little_space_is_seen_before_anything_is_made(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1_234_567_890)
    monkeypatch.setattr(start.shutil, "disk_usage", lambda place: usage)
    with pytest.raises(start.Trouble, match=r"has 1\.2 GB free, and the course needs about 3 GB"):
        start.make_venv("cpu")
    assert not start.VENV.exists()


START = '"$2" start.py'


def mounted(how: str, folder: Path, program: str = START) -> subprocess.CompletedProcess[str]:
    """start.py in a mount of its own, which ends with it."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("mounting a small disk takes Linux and root")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let a test mount")
    environment = Course(folder).environment
    command = f"{how} && exec {program}"
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", command, "sh", str(folder), sys.executable],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=60,
    )


SMALL_DISK = (
    'cp -r "$1" "$1-copy" && mount -t tmpfs -o size={size} tmpfs "$1" && '
    'cp -r "$1-copy/." "$1" && cd "$1"'
)


def test_a_full_disk(tmp_path):
    result = mounted(SMALL_DISK.format(size="4m"), tmp_path / "small disk")
    assert result.returncode == 1, result.stdout
    assert result.stderr.count("\n") == 1
    assert "the disk has 0.0 GB free" in result.stderr


def test_a_disk_that_becomes_full_on_the_way(tmp_path):
    program = (
        '"$2" -c "import start, sys; start.check_space = lambda build: None; '
        'sys.exit(start.main([]))"'
    )
    result = mounted(SMALL_DISK.format(size="4m"), tmp_path / "small disk", program)
    assert result.returncode == 1, result.stdout
    assert result.stderr.count("\n") == 1, result.stderr
    assert "the disk is full" in result.stderr


def test_a_folder_that_cannot_be_written(tmp_path):
    read_only = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1"'
    result = mounted(read_only, tmp_path / "not mine")
    assert result.returncode == 1, result.stdout
    assert result.stderr.count("\n") == 1, result.stderr
    assert f"the folder {tmp_path / 'not mine'} cannot be changed" in result.stderr


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_debian_without_its_venv_package(module, monkeypatch):
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: name != module or None)
    with pytest.raises(start.Trouble, match=rf"lacks its module {module}.*apt install python3"):
        start.make_venv("cpu")


SAID = {
    "OSError: [Errno 28] No space left on device": "the disk is full",
    "[WinError 112] There is not enough space on the disk": "the disk is full",
    "Failed to resolve 'x': [Errno -3] Temporary failure in name resolution": "network",
    "WARNING: Retrying after connection broken by 'ProxyError'\nERROR: No matching "
    "distribution found for numpy": "network",
    "socket.gaierror: [Errno 11001] getaddrinfo failed": "network",
    "ERROR: No matching distribution found for numpy==2": "does not find numpy==2 where",
    "ERROR: Cannot install torch==2+cpu because these package versions have conflicting "
    "dependencies.\nmore": "does not find torch==2+cpu where",
    "[Errno 13] Permission denied: '/x'": "cannot be changed",
    "[WinError 32] The file is used by another process": "cannot be changed",
    "a line\nERROR: the wheel is broken\nmore": "(ERROR: the wheel is broken)",
    "something new": "(something new)",
}


@pytest.mark.parametrize(("said", "expected"), SAID.items())
def test_what_a_program_said_becomes_a_sentence(said, expected):
    sentence = start.meaning(said)
    assert expected in sentence
    assert "\n" not in sentence
    assert sentence.endswith("run `python start.py` again.")


# PyTorch's builds


two_builds = pytest.mark.skipif(
    (platform.system(), platform.machine()) not in start.TWO_BUILDS,
    reason="PyTorch comes in one build for this machine",
)


def wheel_of_torch(folder: Path, version: str) -> None:
    """A PyTorch of one line, as pip sees it."""
    folder.mkdir(parents=True, exist_ok=True)
    about = f"torch-{version}.dist-info"
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("torch.py", f"version = {version!r}")
        wheel.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
        )
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


@pytest.fixture
def torch_course(new_course) -> Course:
    """A course that needs a PyTorch, and finds it beside itself."""
    (new_course.folder / "requires.txt").write_text("Requires-Dist: torch\n", encoding="utf-8")
    (new_course.folder / "constraints.txt").write_text("torch==9.9.9\n", encoding="utf-8")
    new_course.environment["PIP_FIND_LINKS"] = (new_course.folder / "wheels").as_uri()
    programs = new_course.folder / "programs"
    programs.mkdir()
    new_course.environment["PATH"] = str(programs)  # no nvidia-smi but ours
    return new_course


def answering(programs: Path, code: int) -> None:
    program = programs / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    program.chmod(0o755)


@two_builds
@pytest.mark.skipif(os.name == "nt", reason="the program that stands in is a shell script")
def test_nvidia_smi_decides_until_somebody_asks_for_the_other(torch_course):
    answering(torch_course.folder / "programs", 0)
    wheel_of_torch(torch_course.folder / "wheels", "9.9.9")
    said = torch_course.starts()
    assert "PyTorch: gpu build, because nvidia-smi answers here" in said
    assert "PyTorch 9.9.9 is in place." in said
    for version in ("9.9.9+cpu", "9.9.9+cu130"):  # pip by itself takes the one that sorts last
        wheel_of_torch(torch_course.folder / "wheels", version)
    said = torch_course.starts("--cpu", "lab")
    assert "because you asked for it with --cpu" in said
    assert "PyTorch 9.9.9+cpu is in place." in said
    assert torch_course.starts() == "", "the choice is remembered"


@pytest.mark.skipif(os.name == "nt", reason="the program that stands in is a shell script")
@pytest.mark.parametrize(("code", "build"), [(0, "gpu"), (9, "cpu"), (None, "cpu")])
def test_an_nvidia_smi_that_fails_is_no_gpu(code, build, tmp_path, monkeypatch):
    if code is not None:
        answering(tmp_path, code)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(start, "TWO_BUILDS", {(platform.system(), platform.machine())})
    assert start.choose("")[0]["build"] == build


def test_where_there_is_one_build_nothing_is_chosen(monkeypatch):
    monkeypatch.setattr(start, "TWO_BUILDS", set())
    for asked in ("", "cpu", "gpu"):
        wanted, why = start.choose(asked)
        assert wanted["build"] == "only"
        assert "one build" in why


@two_builds
def test_without_a_cpu_build_the_other_is_taken_and_the_address_asked_for(torch_course):
    wheel_of_torch(torch_course.folder / "wheels", "9.9.9")
    said = torch_course.starts("--cpu")
    assert "PyTorch 9.9.9 is in place." in said
    if sys.platform == "linux":
        assert "pip finds no CPU build" in said
        assert "DLCOURSE_TORCH_INDEX" in said
    place = torch_course.folder / "index" / "torch"
    wheel_of_torch(place, "9.9.9+cpu")
    link = '<a href="torch-9.9.9%2Bcpu-py3-none-any.whl">torch-9.9.9+cpu-py3-none-any.whl</a>'
    page = f"<!DOCTYPE html><html><body>{link}</body></html>"
    (place / "index.html").write_text(page, encoding="utf-8")
    said = torch_course.starts(DLCOURSE_TORCH_INDEX=place.parent.as_uri())
    assert "PyTorch 9.9.9+cpu is in place." in said
    assert torch_course.starts() == "", "the address is remembered"


@pytest.mark.parametrize("build", ["cpu", "gpu"])
def test_who_wants_the_gpu_build_and_gets_the_other_is_told(build, monkeypatch):
    monkeypatch.setattr(start, "WINDOWS", False)
    packages = start.VENV / f"lib/python{start.VERSION}" / "site-packages"
    (packages / "torch-9.9.9+cpu.dist-info").mkdir(parents=True)
    note = start.torch_note(build)
    assert "PyTorch 9.9.9+cpu is in place." in note
    assert ("DLCOURSE_TORCH_INDEX" in note) == (build == "gpu")


# On a terminal


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is not to be had")
def test_a_terminal_is_shown_that_work_goes_on(course):
    (course.venv / "start.json").unlink()
    shown = b"".join(on_a_terminal(course, SLOW="1.5")).decode()
    signs = re.findall(r"\r +(\d+) s  ", shown)
    assert {"0", "1"} <= set(signs), shown
    assert "HANDED" in shown


def on_a_terminal(course: Course, **environment: str) -> Iterator[bytes]:
    import pty  # which Windows has not

    ours, theirs = pty.openpty()
    command = [sys.executable, str(course.folder / "start.py")]
    surroundings = {**course.environment, **environment}
    with subprocess.Popen(command, env=surroundings, stdout=theirs, stderr=theirs):
        os.close(theirs)
        with contextlib.suppress(OSError):  # Linux ends a terminal with an error
            while piece := os.read(ours, 1000):
                yield piece
    os.close(ours)
