"""`dlcourse lab` as a learner meets it: the welcome notebook opens in a browser and runs."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

ROOT = Path(__file__).resolve().parents[1]
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
ALL_RAN = """() => {
    const { widgets } = jupyterapp.shell.currentWidget.content;
    const cells = widgets.map(cell => cell.model).filter(model => model.type === "code");
    const ran = model => model.executionCount && model.executionState === "idle";
    return cells.length > 0 && cells.every(ran);
}"""


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    """Where `dlcourse lab` serves copies of the notebooks, so that none of ours is saved over."""
    (tmp_path / "course").mkdir()
    shutil.copytree(ROOT / "notebooks", tmp_path / "course" / "notebooks")
    for name, values in EVERY_CELL_STAYS.items():
        place = tmp_path / "settings" / name
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(values), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    command = [sys.executable, "-m", "dlcourse", "lab", "--no-browser", "--port", "8970"]
    command += [f"--ServerApp.root_dir={tmp_path / 'course'}", "--LabApp.expose_app_in_browser=1"]
    said = tmp_path / "said"
    with said.open("wb") as file:
        server = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
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


@pytest.fixture
def page() -> Iterator["playwright.Page"]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def open_notebook(page: "playwright.Page", address: str) -> None:
    page.goto(address)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    page.wait_for_timeout(2000)  # an idle kernel is not listening to everything at once


def test_the_welcome_notebook_opens_and_runs(address, page, tmp_path):
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    try:
        open_notebook(page, address)
    except playwright.TimeoutError:  # a start may fail now and then; nothing after it may
        open_notebook(page, address)

    assert "00_" in page.title()
    assert page.locator(".jp-toast-message").count() == 0, "no news pop-up"
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    page.wait_for_function(ALL_RAN, timeout=180_000)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    page.screenshot(path=tmp_path / "welcome.png")

    outputs = page.locator(".jp-OutputArea-output")
    assert outputs.locator("img, svg, canvas").count() > 0, "a picture appears"
    for kind in ("error", "stderr"):
        shown = outputs.and_(page.locator(f'[data-mime-type="application/vnd.jupyter.{kind}"]'))
        assert shown.all_inner_texts() == []
    hosts = {urlsplit(url).hostname for url in asked if url.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}, "JupyterLab asked the network"
    assert complaints == []
