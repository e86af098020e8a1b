"""`dlcourse lab` as a learner meets it: the welcome notebook opens in a browser and runs."""

from pathlib import Path
from typing import TYPE_CHECKING

from tests.hosts import Window, needs_browser, open_notebook, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_browser


def test_the_welcome_notebook_opens_and_runs(
    lab: tuple[str, Path], browser: "Browser", tmp_path: Path
) -> None:
    window = Window(browser)
    page = window.page
    open_notebook(page, lab[0])

    assert "00_" in page.title()
    assert page.locator(".jp-toast-message").count() == 0, "no news pop-up"
    run_all(page)
    page.screenshot(path=tmp_path / "welcome.png")

    outputs = page.locator(".jp-OutputArea-output")
    assert outputs.locator("img, svg, canvas").count() > 0, "a picture appears"
    for kind in ("error", "stderr"):
        shown = outputs.and_(page.locator(f'[data-mime-type="application/vnd.jupyter.{kind}"]'))
        assert shown.all_inner_texts() == []
    assert window.faults() == []
