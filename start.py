#!/usr/bin/env python3
"""The way into the course: makes .venv beside this file, installs the course, hands on to it.

    python start.py               open JupyterLab on the welcome notebook
    python start.py test          run the course's tests
    python start.py doctor        look whether everything is in order
    python start.py COMMAND ...   hand on to `dlcourse COMMAND ...`

--cpu or --gpu before the command choose the PyTorch build where there are two, and the choice is
remembered. If pip does not find the build you want, set DLCOURSE_TORCH_INDEX to the address that
the selector on PyTorch's "Get started" page shows for it.
"""

import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

OLDEST = (3, 11)


def check_python(version):
    """Comes first, and the whole file keeps to old syntax, so that an old Python gets this far."""
    if version < OLDEST:
        found, needed = (".".join(str(part) for part in pair) for pair in (version, OLDEST))
        sys.exit(
            f"start.py: this is Python {found}, and the course needs {needed} or newer: "
            f"install a newer Python and start with that one, such as `python{needed} start.py`."
        )


check_python(sys.version_info[:2])

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
VERSION = "{}.{}".format(*sys.version_info[:2])
STAMP = VENV / "start.json"  # what .venv was made for; empty while it is half-made
CONSTRAINTS = ROOT / "constraints.txt"
TWO_BUILDS = {("Linux", "x86_64"), ("Windows", "AMD64")}  # where PyTorch comes for CPU and for GPU
GIGABYTES = {"only": 3, "cpu": 3, "gpu": 10}

AGAIN = "then run `python start.py` again."
OTHER_BUILD = (
    "For the {} build, set DLCOURSE_TORCH_INDEX to the address that the selector on PyTorch's "
    '"Get started" page shows, and run `python start.py --{}` again.'
)
SIGNS = {  # what pip, venv or the system may say, and the sentence for it
    r"No space left on device|Errno (?:28|122)\b|WinError 112\b|quota exceeded": (
        "the disk is full (the course's, pip's cache or the one for temporary files): free about "
        f"{GIGABYTES['cpu']} GB, {AGAIN}"
    ),
    r"connection broken by|name resolution|getaddrinfo failed|Connection(?:Error| refused| reset)"
    r"|Network is unreachable|timed out|ProxyError|SSLError": (
        f"pip cannot reach the network: connect this machine (or set pip's proxy), {AGAIN}"
    ),
    r"(?m)(?:No matching distribution found for|Cannot install) (.+?)(?: because|$)": (
        "pip does not find {1} where it looks: check the network and pip's settings (`pip config "
        f"list`, variables that begin with PIP_), {AGAIN}"
    ),
    r"Read-only file system|Permission denied|Errno 13\b|WinError (?:5|32)\b": (
        "the folder {root} cannot be changed: close what still uses its .venv, or copy the course "
        f"to a folder of your own, {AGAIN}"
    ),
}


class Trouble(Exception):
    """One clear sentence: what is wrong, and what to do."""


def main(arguments: list[str]) -> int:
    asked = ""
    while arguments and arguments[0] in ("--cpu", "--gpu"):
        asked, arguments = arguments[0][2:], arguments[1:]
    if arguments and arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    try:
        prepare(asked)
    except (Trouble, OSError) as error:
        sentence = error if isinstance(error, Trouble) else meaning(str(error))
        print(f"start.py: {sentence}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstart.py: stopped; `python start.py` starts afresh.", file=sys.stderr)
        return 130
    return hand_over(arguments or ["lab"])


def prepare(asked: str) -> None:
    """Sees to it that .venv is what this course needs, with this Python, on this machine."""
    wanted, why = choose(asked)
    if ready(wanted):
        return
    with one_at_a_time():
        if not ready(wanted):  # another start may have made it meanwhile
            install(wanted, why)


def choose(asked: str) -> tuple[dict[str, str], str]:
    """What .venv has to be made for, and why with this build of PyTorch."""
    before = stamped()
    if (platform.system(), platform.machine()) not in TWO_BUILDS:
        build, why = "only", "PyTorch comes in one build for this machine"
    elif asked:
        build, why = asked, f"you asked for it with --{asked}"
    elif before.get("build") in ("cpu", "gpu"):
        build, why = before["build"], "it was chosen before"
    elif nvidia_answers():
        build, why = "gpu", "nvidia-smi answers here; --cpu takes the other"
    else:
        build, why = "cpu", "no nvidia-smi answers here; --gpu takes the other"
    requirements = (ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()
    wanted = {
        "folder": str(ROOT),  # a .venv does not survive being moved
        "python": VERSION,
        "build": build,
        "torch index": os.environ.get("DLCOURSE_TORCH_INDEX", before.get("torch index", "")),
        "requirements": hashlib.sha256(requirements).hexdigest(),
    }
    return wanted, why


def stamped() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def nvidia_answers() -> bool:
    return shutil.which("nvidia-smi") is not None and succeeds(["nvidia-smi"])


def ready(wanted: dict[str, str]) -> bool:
    return stamped() == wanted and succeeds([str(PYTHON), "-I", "-c", "import pip, dlcourse"])


def succeeds(command: list[str]) -> bool:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    return False


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two starts in one folder take turns. The system frees the lock of a start that dies."""
    with (ROOT / ".start.lock").open("w", encoding="utf-8") as file:
        if not locked(file):
            print("Another start is at work in this folder: waiting for it ...", flush=True)
            while not locked(file):
                time.sleep(0.3)
        yield


def locked(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # a disk that knows no locks is no reason to wait
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def install(wanted: dict[str, str], why: str) -> None:
    began = time.monotonic()
    if not usable(wanted):
        make_venv(wanted["build"])
    print(f"PyTorch: {wanted['build']} build, because {why}.")
    print("Installing the course's packages, usually in one to five minutes ...", flush=True)
    install_packages(wanted)
    STAMP.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
    print(f"Ready after {time.monotonic() - began:.0f} s.{torch_note(wanted['build'])}", flush=True)


def usable(wanted: dict[str, str]) -> bool:
    """Whether pip can go on with this .venv: ours for the same purpose, or one by an editor."""
    purpose = ("folder", "python", "build", "torch index")
    if STAMP.exists() and any(stamped().get(key) != wanted[key] for key in purpose):
        return False
    right = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return succeeds([str(PYTHON), "-I", "-c", right])


def make_venv(build: str) -> None:
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise Trouble(
                f"this Python lacks its module {module}: install it (on Debian and Ubuntu with "
                f"`sudo apt install python{VERSION}-venv`), {AGAIN}"
            )
    if os.path.lexists(VENV):
        print("The .venv here is unfinished, broken or made for something else: making it anew.")
        if VENV.is_dir() and not VENV.is_symlink():
            shutil.rmtree(VENV)
        else:
            VENV.unlink()
    check_space(build)
    print("Making .venv, the course's own Python ...", flush=True)
    VENV.mkdir()
    mark_half_made()
    run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(VENV)])
    STAMP.unlink()  # empty but whole: pip may begin, and begin again


def mark_half_made() -> None:
    STAMP.write_text("", encoding="utf-8")


def check_space(build: str) -> None:
    free, need = shutil.disk_usage(ROOT).free / 1e9, GIGABYTES[build]
    if free < need:
        raise Trouble(
            f"the disk has {free:.1f} GB free, and the course needs about {need} GB: free some, "
            f"or move the course to another disk, {AGAIN}"
        )


def install_packages(wanted: dict[str, str]) -> None:
    course = ["--editable", ".[lab,test]", "--constraint", CONSTRAINTS.name]
    if wanted["torch index"]:
        course += ["--extra-index-url", wanted["torch index"]]
    torch = re.search(r"^torch==\S+", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    if torch and wanted["build"] == "cpu":
        for_cpu = f"{torch.group()}+cpu"  # the mark that PyTorch gives its CPU builds
        try:
            pip(for_cpu, *course)
            return
        except Trouble as trouble:
            if for_cpu not in str(trouble):
                raise
        if platform.system() == "Linux":  # where the plain name means the GPU build
            check_space("gpu")
            print("pip finds no CPU build: taking the GPU build, larger, which runs on both.")
            print(OTHER_BUILD.format("CPU", "cpu"), flush=True)
    pip(*course)


def pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    run([*command, *arguments], PIP_USER="0", PIP_QUIET="0", PYTHONIOENCODING="utf-8")


def run(command: list[str], **environment: str) -> None:
    """Runs one part of the installation; a failure becomes a sentence."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    lines: list[str] = []
    try:
        follow(process, lines)
    finally:
        if process.poll() is None:  # Ctrl-C
            process.terminate()
            process.wait()
    if process.returncode:
        full = shutil.disk_usage(ROOT).free < 1e7  # venv does not say so
        raise Trouble(meaning("No space left on device" if full else "\n".join(lines)))


def follow(process: "subprocess.Popen[str]", lines: list[str]) -> None:
    """Collects what the process prints and, on a terminal, shows that it is alive."""
    reader = threading.Thread(target=collect, args=(process.stdout, lines), daemon=True)
    reader.start()
    began, width = time.monotonic(), shutil.get_terminal_size().columns - 1
    while reader.is_alive():
        reader.join(0.2)
        if sys.stdout.isatty():
            sign = f"{time.monotonic() - began:4.0f} s  {lines[-1] if lines else ''}"
            print("\r" + sign[:width].ljust(width), end="", flush=True)
    if sys.stdout.isatty():
        print("\r" + " " * width, end="\r", flush=True)
    process.wait()


def collect(output: IO[str], lines: list[str]) -> None:
    for line in output:
        lines.append(line.strip())
        if line.startswith("Installing collected packages"):  # from here on .venv is half-made
            with contextlib.suppress(OSError):
                mark_half_made()


def meaning(said: str) -> str:
    for sign, sentence in SIGNS.items():
        match = re.search(sign, said)
        if match:
            return sentence.format(match.group(), *match.groups(), root=ROOT)
    lines = [line for line in said.splitlines() if "error" in line.lower()] or [said]
    return f"the installation failed ({lines[-1].strip()}): mend that, {AGAIN}"


def torch_note(build: str) -> str:
    """Which PyTorch came: read from its folder's name, which takes no time."""
    library = VENV / ("Lib" if WINDOWS else f"lib/python{VERSION}") / "site-packages"
    for folder in library.glob("torch-*.dist-info"):
        version = folder.name[len("torch-") : -len(".dist-info")]
        for_cpu = "+cpu" in version or (WINDOWS and "+" not in version)
        missed = build == "gpu" and for_cpu
        hint = " It is the CPU build. " + OTHER_BUILD.format("GPU", "gpu") if missed else ""
        return f" PyTorch {version} is in place.{hint}"
    return ""


def hand_over(command: list[str]) -> int:
    line = [str(PYTHON), "-P", "-m", "dlcourse", *command]
    if not WINDOWS:
        os.execv(line[0], line)
    child = subprocess.Popen(line)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is for the child, which sees it too
            return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
