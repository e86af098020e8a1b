"""Where learners meet an instrument: a page of its own, an exported notebook, JupyterLab.

`tests/browser/x.py` says what the instrument x shows; here are the places in which it shows it.
One browser and one server are shared, because starting them takes longer than most tests.
"""

import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).resolve().parents[1]
SHOWN = "tests.browser"  # the package whose files say what instruments show
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = (
    (CHROMIUM is None and "Chromium is not installed")
    or (importlib.util.find_spec("playwright") is None and "Playwright is not installed")
    or ""
)
needs_browser = [pytest.mark.browser, pytest.mark.skipif(bool(MISSING), reason=MISSING)]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVERY_CELL_STAYS = {  # or JupyterLab takes those that are out of sight out of the page
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"}
}
NOTHING = "data:,"  # instead of the scripts that nbconvert's template asks of the network
EXPORT = [
    f"--HTMLExporter.require_js_url={NOTHING}",
    f"--HTMLExporter.mathjax_url={NOTHING}",
    "--ExecutePreprocessor.store_widget_state=False",  # or the page wants a renderer from a CDN
]
ALL_RAN = """() => {
    const { widgets } = jupyterapp.shell.currentWidget.content;
    const models = widgets.map(cell => cell.model).filter(model => model.type === "code");
    const goesOn = model => (model.getMetadata("tags") ?? []).includes("raises-exception");
    const failed = models.filter(model => !goesOn(model)).flatMap(model => model.outputs.toJSON())
        .find(output => output.output_type === "error");
    if (failed) return failed.traceback.join("\\n");
    const ran = model => model.executionCount && model.executionState === "idle";
    return models.length > 0 && models.every(ran) && "ran";
}"""


def environment(folder: Path) -> dict[str, str]:
    """A Jupyter of its own, which neither reads nor changes what the learner has set."""
    places = {"SETTINGS": "settings", "WORKSPACES": "workspaces"}
    own = {f"JUPYTERLAB_{name}_DIR": str(folder / place) for name, place in places.items()}
    own |= {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("RUNTIME", "DATA")}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, **own, "PYTHONPATH": path}


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address at which `dlcourse lab` serves folder/course."""
    for name, values in EVERY_CELL_STAYS.items():
        place = folder / "settings" / name
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "dlcourse", "lab", "--no-browser", "--port", port]
    command += [f"--ServerApp.root_dir={folder / 'course'}", "--LabApp.expose_app_in_browser=1"]
    said = folder / "said"
    with said.open("wb") as file:
        server = subprocess.Popen(command, env=environment(folder), stdout=file, stderr=file)
    try:
        yield served(said, server)
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def served(said: Path, server: "subprocess.Popen[bytes]") -> str:
    """The address that JupyterLab prints for people, once it does."""
    for _ in range(300):
        text = said.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"http://127\.0\.0\.1:\S+token=\w+", text):
            return found.group()
        assert server.poll() is None, text
        time.sleep(0.1)
    raise AssertionError(f"no address within 30 s: {text}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """JupyterLab's address and folder; copies of the notebooks, so that none of ours changes."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "course").mkdir()
    shutil.copytree(ROOT / "notebooks", folder / "course" / "notebooks")
    with serving(folder) as address:
        yield address, folder / "course"


@pytest.fixture(scope="module")  # while it lives, nothing else in this process may use asyncio
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Window:
    """A browser's page; whatever it asks of the network is refused, and written down."""

    def __init__(self, browser: "Browser") -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.context.route(re.compile(r"^(?!https?://127\.0\.0\.1[:/])"), self._refuse)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("websocket", lambda socket: self._asks(socket.url))

    def _refuse(self, route: Any) -> None:
        if self._asks(route.request.url):
            route.abort()
        else:
            route.continue_()

    def _asks(self, url: str) -> bool:
        outside = urlsplit(url).scheme in ("http", "https", "ws", "wss")
        if outside := outside and urlsplit(url).hostname != "127.0.0.1":
            self.asked.append(url)
        return outside

    def _heard(self, line: Any) -> None:
        if line.type == "error":
            self.complaints.append(f"{line.text} ({line.location.get('url', '')[-80:]})")

    def faults(self) -> list[str]:
        """What it complained of and asked for since the last time."""
        found = [*self.complaints, *(f"asked the network for {url}" for url in self.asked)]
        self.complaints.clear()
        self.asked.clear()
        return found


# ── what there is to show ────────────────────────────────────────────────────────────────────────


def names() -> list[str]:
    """The instruments that say what they show."""
    spec = importlib.util.find_spec(SHOWN)
    places = spec.submodule_search_locations if spec else None
    files = (path.stem for place in places or () for path in Path(place).glob("*.py"))
    return sorted(name for name in files if not name.startswith("_"))


def shown(name: str) -> ModuleType:
    return import_module(f"{SHOWN}.{name}")


@cache
def view(name: str) -> Any:
    return shown(name).view()


@cache
def facts(name: str) -> Any:
    return shown(name).facts(view(name))


def book(wanted: list[str], *more: str) -> str:
    """A notebook that shows these instruments, a cell each, and then runs some cells more."""
    cells = [f"from {SHOWN} import {n}\n{n}_view = {n}.view()\n{n}_view" for n in wanted]
    cells += more
    made = [
        {"cell_type": "code", "execution_count": None, "id": f"cell-{i}", "outputs": [],
         "metadata": {"tags": ["raises-exception"]}, "source": source}
        for i, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "title": "Instruments"}
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def nbconvert(path: Path, *options: str) -> None:
    command = [sys.executable, "-m", "nbconvert", str(path), *options, *EXPORT]
    own = environment(path.parent)
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


# ── the hosts: `root(name)` is the instrument's root, ready to be looked at ──────────────────────


class PageHost:
    """What `viz.save` writes, one page for each instrument."""

    def __init__(self, browser: "Browser", folder: Path) -> None:
        self.window, self.folder, self.open = Window(browser), folder, ""

    def root(self, name: str) -> "Locator":
        from dlcourse import viz

        if name != self.open:
            file = viz.save(view(name), self.folder / f"{name}.html")
            self.window.page.goto(file.as_uri())
            self.open = name
        return ready(self.window.page.locator(".root"))

    def turn(self, *, dark: bool) -> None:
        self.window.page.emulate_media(color_scheme="dark" if dark else "light")


class ExportHost:
    """nbconvert's page of an executed notebook: each instrument in a frame of its own."""

    def __init__(self, browser: "Browser", executed: Path, wanted: list[str]) -> None:
        self.wanted, self.window = wanted, Window(browser)
        self.page = executed.with_suffix(".html")
        nbconvert(executed, "--to", "html")
        self.turn(dark=False)

    def turn(self, *, dark: bool) -> None:
        """The page as `--theme` makes it, which the frames within must follow."""
        light = '<body class="jp-Notebook" data-jp-theme-light='
        text = self.page.read_text(encoding="utf-8")
        assert light in text
        text = re.sub(f'{light}"\\w+"', f'{light}"{str(not dark).lower()}"', text)
        self.page.write_text(text, encoding="utf-8")
        self.window.page.goto(self.page.as_uri())

    def root(self, name: str) -> "Locator":
        frame = self.window.page.locator("iframe.dlcourse").nth(self.wanted.index(name))
        frame.scroll_into_view_if_needed()
        return ready(frame.content_frame.locator(".root"))


class LabHost:
    """JupyterLab with a kernel: each instrument in a cell of one notebook."""

    def __init__(self, browser: "Browser", lab: tuple[str, Path], wanted: list[str]) -> None:
        self.wanted, self.window = wanted, Window(browser)
        address, folder = lab
        (folder / "instruments.ipynb").write_text(book(wanted), encoding="utf-8")
        open_notebook(self.window.page, address, "instruments.ipynb")
        run_all(self.window.page)

    def root(self, name: str) -> "Locator":
        cell = self.window.page.locator(".jp-Cell").nth(self.wanted.index(name))
        cell.scroll_into_view_if_needed()
        wrong = cell.locator('[data-mime-type="application/vnd.jupyter.error"]')
        assert wrong.count() == 0, wrong.inner_text()[-1500:]
        return ready(cell.locator(".root"))

    def turn(self, *, dark: bool) -> None:
        page, theme = self.window.page, f"JupyterLab {'Dark' if dark else 'Light'}"
        run = "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })"
        page.evaluate(run, theme)
        body = f"body[data-jp-theme-light='{str(not dark).lower()}']"
        page.wait_for_selector(body, state="attached")


def ready(root: "Locator") -> "Locator":
    root.and_(root.page.locator("[data-ready]")).wait_for(state="attached")
    assert root.get_attribute("data-ready") == "true", root.inner_text()
    return root


def open_notebook(page: "Page", address: str, path: str = "") -> None:
    """Wait for its kernel too. A start may fail now and then; nothing after it may."""
    from playwright.sync_api import TimeoutError as TooLate

    if path:
        desk = path.removesuffix(".ipynb")  # or it would open beside what is open already
        address = re.sub(r"/lab.*\?", f"/lab/workspaces/{desk}/tree/{path}?", address)
    for patience in (30_000, 90_000):
        page.goto(address, timeout=60_000)
        idle = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
        with contextlib.suppress(TooLate):
            page.wait_for_selector(idle, timeout=patience)
            break
    else:
        raise AssertionError("no kernel was ready within two minutes")
    page.wait_for_timeout(2000)  # an idle kernel is not listening to everything at once


def run_all(page: "Page") -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    end = page.wait_for_function(ALL_RAN, timeout=180_000).json_value()
    assert end == "ran", end
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
