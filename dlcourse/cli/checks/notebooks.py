"""What a notebook needs: notebooks that are there, folders to write in, widgets, a browser."""

import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

from dlcourse.cli.checks import GOOD, SO_SO, WRONG, Finding

WIDGETS = {"ipywidgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}


def findings(folder: Path) -> Iterator[Finding]:
    yield notebooks(folder)
    try:
        from jupyter_core.paths import jupyter_path, jupyter_runtime_dir
    except ImportError:
        return  # the packages' findings have named it
    places = [folder, folder / "notebooks", folder / "exercises", Path(tempfile.gettempdir())]
    yield writable([*places, Path(jupyter_runtime_dir())])
    yield widgets([Path(place) for place in jupyter_path("labextensions")])
    yield browser()


def notebooks(folder: Path) -> Finding:
    found = list((folder / "notebooks").glob("*.ipynb"))
    if not found:
        todo = "get the course's whole folder again"
        return Finding(WRONG, f"no notebooks in {folder / 'notebooks'}", todo)
    return Finding(GOOD, f"{len(found)} notebook{'s' * (len(found) > 1)} in {folder}")


def writable(places: list[Path]) -> Finding:
    closed = []
    for place in places:
        while not place.is_dir():
            place = place.parent  # where it would have to be made
        try:
            with tempfile.TemporaryFile(dir=place):  # os.access is not to be trusted on Windows
                pass
        except OSError:
            closed.append(str(place))
    if closed:
        todo = "make them yours, or copy the course to a folder of your own"
        return Finding(WRONG, f"folders that cannot be written: {', '.join(closed)}", todo)
    return Finding(GOOD, "the course's, Jupyter's and the temporary folder can be written")


def widgets(places: list[Path]) -> Finding:
    gone = [
        package
        for package, extension in WIDGETS.items()
        if not any((place / extension / "package.json").is_file() for place in places)
    ]
    if gone:
        todo = "delete the folder .venv, then run `python start.py`"
        return Finding(WRONG, f"JupyterLab does not know the widgets of {' and '.join(gone)}", todo)
    return Finding(GOOD, "JupyterLab knows the widgets of ipywidgets and anywidget")


def browser() -> Finding:
    try:
        name = getattr(webbrowser.get(), "name", "the system's own")
    except webbrowser.Error:
        todo = "open the address that `dlcourse lab` prints, on this machine or through a tunnel"
        return Finding(SO_SO, "browser: none found here", todo)
    return Finding(GOOD, f"browser: {Path(name).name}")
