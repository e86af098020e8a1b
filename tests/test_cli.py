"""The `dlcourse` command: its help fits a screen, its doctor sees what is wrong, it starts fast."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dlcourse import cli
from dlcourse.cli import lab
from dlcourse.cli.checks import GOOD, SO_SO, WRONG, machine, notebooks, packages
from dlcourse.cli.main import commands, main

ROOT = Path(__file__).resolve().parents[1]


def dlcourse(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "dlcourse", *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
    )


def test_the_folder_is_the_registry():
    folder = ROOT / "dlcourse" / "cli"
    assert set(commands()) == {file.stem for file in folder.glob("*.py")} - {"__init__", "main"}
    assert {"doctor", "lab", "test"} <= set(commands())


@pytest.mark.parametrize("command", ["", *commands()])
def test_each_help_fits_one_screen_and_shows_an_example(command, capsys):
    arguments = [command, "--help"] if command else []
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    text = capsys.readouterr().out
    assert code in (0, None)
    assert len(text.splitlines()) <= 24, text
    assert max(map(len, text.splitlines())) <= 80, text
    assert f"  dlcourse {command}".rstrip() in text.partition("Example")[2], text


def test_each_command_says_in_one_line_what_it_does(capsys):
    main([])
    text = capsys.readouterr().out
    for name, summary in commands().items():
        assert summary.endswith("."), name
        assert f"{name:<10} {summary}" in text


def test_an_unknown_command_is_told_what_was_meant(capsys):
    assert main(["docter"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "`docter`" in said
    assert "did you mean `doctor`?" in said


def test_a_command_like_no_other_is_shown_the_list(capsys):
    assert main(["xyzzy"]) == 2
    assert "`dlcourse --help`" in capsys.readouterr().err


def test_away_from_its_folder_the_course_says_so(tmp_path, monkeypatch, capsys):
    place = tmp_path / "site-packages" / "dlcourse" / "cli" / "__init__.py"
    monkeypatch.setattr(cli, "__file__", str(place))
    assert main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "python start.py" in said


def test_loading_the_command_loads_nothing_heavy():
    code = "import sys, dlcourse.cli.main; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    loaded = set(result.stdout.split())
    heavy = {"numpy", "torch", "matplotlib", "plotly", "ipywidgets", "jupyterlab", "pytest"}
    assert "dlcourse.cli.main" in loaded
    assert not loaded & heavy


def test_test_hands_on_to_pytest():
    result = dlcourse("test", "--collect-only", "-q", "tests/test_cli.py", "-k", "hands_on")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "tests/test_cli.py::test_test_hands_on_to_pytest" in result.stdout
    assert "unknown_command" not in result.stdout


def test_lab_hands_on_what_it_was_given(tmp_path, monkeypatch):
    given = []
    (tmp_path / "notebooks").mkdir()
    for name in ("01_second.ipynb", "00_first.ipynb"):
        (tmp_path / "notebooks" / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "course_folder", lambda: tmp_path)
    monkeypatch.setattr(lab, "open_lab", lambda flags: given.extend(flags) or 0)
    assert lab.run(["--no-browser", "--port", "8899", "--IdentityProvider.token=abc"]) == 0
    assert "--LabApp.default_url=/lab/tree/notebooks/00_first.ipynb" in given
    assert {"--no-browser", "--ServerApp.port=8899", "--IdentityProvider.token=abc"} <= set(given)


def test_lab_brings_its_settings_its_kernel_and_its_programs(monkeypatch):
    seen: list[list[str]] = []
    launch = SimpleNamespace(LabApp=SimpleNamespace(launch_instance=seen.append))
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", launch)
    monkeypatch.setattr(os, "environ", {"PATH": "elsewhere"})
    assert lab.open_lab(["--some-flag"]) == 0
    assert seen == [["--some-flag"]]
    assert os.environ["PATH"] == f"{Path(sys.executable).parent}{os.pathsep}elsewhere"
    assert os.environ["JUPYTER_CONFIG_PATH"] == str(ROOT / "dlcourse" / "cli" / "jupyter")
    assert os.environ["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_lab_without_jupyterlab_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(lab, "first_notebook", lambda: "notebooks/00_first.ipynb")
    monkeypatch.chdir(ROOT)
    assert main(["lab"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "run `python start.py`" in said


def test_lab_without_notebooks_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "course_folder", lambda: tmp_path)
    assert main(["lab"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "no notebooks" in said


def test_the_news_of_jupyterlab_are_off():
    """The name and values are read from JupyterLab's own schema, which may change."""
    folder = ROOT / "dlcourse" / "cli" / "jupyter" / "labconfig"
    settings = json.loads((folder / "default_setting_overrides.json").read_text(encoding="utf-8"))
    ((plugin, chosen),) = settings.items()
    package, _, name = plugin.partition(":")
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    schema = json.loads((schemas / package / f"{name}.json").read_text(encoding="utf-8"))
    allowed = {one["const"] for one in schema["properties"]["fetchNews"]["oneOf"]}
    assert chosen["fetchNews"] == "false"
    assert "false" in allowed
    assert chosen["checkForUpdates"] is False
    assert schema["properties"]["checkForUpdates"]["type"] == "boolean"


def test_doctor_looks_at_everything_and_fast():
    before = os.times()
    result = dlcourse("doctor")
    took = sum(os.times()[2:4]) - sum(before[2:4])
    words = ("Python 3.", "packages", "GPU", "memory", "disk", "notebook", "written", "widgets")
    for word in (*words, "browser"):
        assert word in result.stdout, f"{word}: {result.stdout}{result.stderr}"
    wrong = any(line.startswith(WRONG) for line in result.stdout.splitlines())
    assert result.returncode == (1 if wrong else 0)
    assert took < 3, f"{took:.1f} s of processor time"


def test_doctor_fails_and_says_what_to_do(tmp_path, monkeypatch, capsys):
    """A course's folder with nothing in it but what the checks read."""
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr("dlcourse.cli.doctor.course_folder", lambda: tmp_path)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert f"{WRONG} no notebooks" in said
    assert "→" in said
    assert "1 to mend" in said


def test_doctor_on_packages():
    assert packages.python((3, 10, 1)).mark == WRONG
    (gone,) = packages.missing(["numpy", "torch"], {"numpy": "2.4.6"})
    assert gone.mark == WRONG
    assert "torch" in gone.what
    assert "numpy" not in gone.what
    differs = packages.versions({"numpy": "2.4.6", "torch": "2.13.0"}, {"numpy": "2.0.0"})
    assert differs.mark == SO_SO
    assert "numpy 2.0.0 (tested: 2.4.6)" in differs.what
    assert packages.versions({"numpy": "2.4.6"}, {"numpy": "2.4.6"}).mark == GOOD
    assert "scikit-learn" in packages.needed(ROOT)
    assert packages.tested(ROOT)["scikit-learn"]


def test_doctor_on_the_machine(monkeypatch):
    monkeypatch.setattr(machine, "DEVICE", "raise ImportError('libtorch is missing')")
    broken = machine.gpu()
    assert broken.mark == WRONG
    assert "libtorch is missing" in broken.what
    monkeypatch.setattr(machine, "DEVICE", "print('GeForce')")
    assert machine.gpu().mark == GOOD
    monkeypatch.setattr(machine, "DEVICE", "")
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert "--gpu" in machine.gpu().todo


@pytest.mark.parametrize(("free", "mark"), [(4e8, WRONG), (6e8, GOOD)])
def test_doctor_on_the_disk(free, mark, monkeypatch):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    assert machine.space(ROOT).mark == mark


def test_doctor_on_what_notebooks_need(tmp_path):
    assert notebooks.writable([tmp_path, tmp_path / "to be made"]).mark == GOOD
    assert not (tmp_path / "to be made").exists()
    missing = notebooks.widgets([tmp_path])
    assert missing.mark == WRONG
    assert "ipywidgets and anywidget" in missing.what


def test_doctor_on_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(dir: Path) -> None:
        raise PermissionError(dir)

    monkeypatch.setattr(notebooks.tempfile, "TemporaryFile", refuse)
    closed = notebooks.writable([tmp_path])
    assert closed.mark == WRONG
    assert str(tmp_path) in closed.what
