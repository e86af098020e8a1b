"""The gallery of all instruments, outside of a notebook: a page to look at, and README's pictures.

    python tools/gallery.py              writes build/99_gallery.html, which needs no network
    python tools/gallery.py --pictures   writes docs/<instrument>.webp, taken in JupyterLab, and
                                         shows them in README.md

It needs the course's `browser` extra; the pictures need Chromium, too.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from benchmarks.timing import README, write_between
from tests import hosts

if TYPE_CHECKING:
    from playwright.sync_api import Locator

ROOT = Path(__file__).resolve().parents[1]
NAME = "99_gallery"
NOTEBOOK = ROOT / "notebooks" / f"{NAME}.ipynb"
PAGE = ROOT / "build" / f"{NAME}.html"
LARGEST = 60_000  # bytes of a picture
WIDE = 1180  # pixels of the window, so that an instrument is as wide as on a usual screen
ALT = """root => jupyterapp.shell.currentWidget.content.widgets
    .find(cell => cell.node.contains(root.getRootNode().host))
    .model.outputs.toJSON()[0].data["text/plain"]"""
Hand = tuple[str, str]  # where, and what to do there: "click", "wait 2", or keys to press

SCENES: dict[str, list[Hand]] = {  # what is done before the picture is taken
    "playground": [("button.play", "click"), (".root", "wait 2"), ("button.play", "click")],
    "stepper": [
        (".track", "Home PageDown PageDown"),
        ("[data-grid='dparams.weight']", "ArrowDown ArrowRight Enter"),
    ],
    "convolution": [],
    "landscape": [],
    "attention": [],
    "denoising": [(".track", "ArrowRight " * 27)],
}


def page() -> Path:
    """The exported page; outside of git, because the notebook makes it again in half a minute."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(NOTEBOOK, folder))
        hosts.nbconvert(copy, "--execute", "--to", "html")
        PAGE.parent.mkdir(exist_ok=True)
        shutil.copy(copy.with_suffix(".html"), PAGE)
    return PAGE


def pictures() -> dict[Path, str]:
    """Each picture with its words."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        folder = Path(place)
        (folder / "course" / "notebooks").mkdir(parents=True)
        shutil.copy(NOTEBOOK, folder / "course")
        browser = driver.chromium.launch(executable_path=hosts.CHROMIUM, args=hosts.QUIET)
        with hosts.serving(folder) as address:
            window = hosts.Window(browser)
            window.page.set_viewport_size({"width": WIDE + 130, "height": 1900})
            hosts.open_notebook(window.page, address, NOTEBOOK.name)
            window.page.evaluate("() => jupyterapp.shell.collapseLeft()")
            hosts.run_all(window.page)
            taken = dict(photograph(window.page.locator(root_of(name)), name) for name in SCENES)
        browser.close()
    return taken


def root_of(name: str) -> str:
    return f".root[data-instrument='{name}']"


def photograph(root: "Locator", name: str) -> tuple[Path, str]:
    root.scroll_into_view_if_needed()
    hosts.ready(root)
    for where, what in SCENES[name]:
        there = root if where == ".root" else root.locator(where).first
        if what == "click":
            there.click()
        elif what.startswith("wait"):
            root.page.wait_for_timeout(1000 * float(what.split()[1]))
        else:
            there.focus()
            for key in what.split():
                root.page.keyboard.press(key)
    root.page.mouse.move(0, 0)
    root.page.wait_for_timeout(600)
    alt = " ".join(root.evaluate(ALT).split())
    return written(root.screenshot(), ROOT / "docs" / f"{name}.webp"), alt


def written(photo: bytes, path: Path) -> Path:
    """As good as it can be within the size."""
    for quality in range(92, 30, -6):
        file = io.BytesIO()
        Image.open(io.BytesIO(photo)).convert("RGB").save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= LARGEST:
            break
    path.write_bytes(file.getvalue())
    return path


def beside_each_other(taken: dict[Path, str]) -> str:
    """A table of two columns; a word in a picture's description must not end its cell."""
    shown = [f"![{words.replace('|', '/')}](docs/{path.name})" for path, words in taken.items()]
    rows = [f"| {' | '.join(shown[i : i + 2])} |" for i in range(0, len(shown), 2)]
    return "\n".join(["| | |", "|---|---|", *rows])


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--pictures"]):
        print(__doc__)
        return 2
    if arguments and hosts.MISSING:
        print(f"{hosts.MISSING}: pictures need it")
        return 2
    taken = pictures() if arguments else {page(): ""}
    if arguments:
        write_between(README, "gallery", beside_each_other(taken))
    for path in taken:
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
