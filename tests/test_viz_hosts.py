"""Every instrument in every host: the same numbers, for eyes, ears and keyboards, and no network.

What each instrument must show is said in `tests/browser/`; this file is what holds for all.
"""

import base64
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts import (
    ExportHost,
    LabHost,
    PageHost,
    Window,
    book,
    facts,
    names,
    nbconvert,
    needs_browser,
    open_notebook,
    shown,
    view,
)
from tests.probes import PROBES, barriers, probe, tabbed
from tools import axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

Host = PageHost | ExportHost | LabHost
NAMES = names()
NARROW = 360
BARE_HOST = Path(__file__).with_name("bare_host.js").read_text(encoding="utf-8")
pytestmark = [*needs_browser, pytest.mark.skipif(not NAMES, reason="there is no instrument yet")]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook of all instruments, with its outputs."""
    path = tmp_path_factory.mktemp("executed") / "instruments.ipynb"
    path.write_text(book(NAMES), encoding="utf-8")
    nbconvert(path, "--execute", "--to", "notebook", "--inplace")
    return path


@pytest.fixture(scope="module")
def opened(browser: "Browser") -> Iterator[dict[str, Host]]:
    """The browser's hosts that are open; each is opened once, in whatever order the tests come."""
    hosts: dict[str, Host] = {}
    yield hosts
    for host in hosts.values():
        host.window.context.close()


@pytest.fixture(scope="module", params=["page", "export", "lab"])
def host(
    request: pytest.FixtureRequest,
    browser: "Browser",
    opened: dict[str, Host],
    tmp_path_factory: pytest.TempPathFactory,
) -> Host:
    kind = request.param
    if kind not in opened and kind == "page":
        opened[kind] = PageHost(browser, tmp_path_factory.mktemp(kind))
    elif kind not in opened and kind == "export":
        opened[kind] = ExportHost(browser, request.getfixturevalue("executed"), NAMES)
    elif kind not in opened:
        opened[kind] = LabHost(browser, request.getfixturevalue("lab"), NAMES)
    return opened[kind]


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def root(host: Host, name: str) -> "Iterator[Locator]":
    """The instrument's root; afterwards nothing was complained of and the network not asked."""
    host.window.faults()  # what earlier tests left is theirs
    yield host.root(name)
    assert host.window.faults() == []


@pytest.fixture(scope="session")
def axe_core() -> str:
    try:
        return axe.script()
    except axe.Missing as missing:
        pytest.skip(str(missing))


def found(host: Host, look: "Callable[[Locator], Any]") -> dict[str, Any]:
    """What `look` finds in any instrument; empty when all are in order."""
    each = {name: look(host.root(name)) for name in NAMES}
    return {name: wrong for name, wrong in each.items() if wrong}


def test_it_opens_without_a_complaint(host: Host) -> None:
    """The first of all, because what a host says while it starts is heard once."""
    assert found(host, lambda root: not root.is_visible()) == {}
    assert host.window.faults() == []


def test_the_numbers_are_those_of_the_trace(root: "Locator", host: Host, name: str) -> None:
    shown(name).check(root, host.window.page, facts(name))


def test_python_answers(root: "Locator", host: Host, name: str) -> None:
    if not isinstance(host, LabHost):
        pytest.skip("only JupyterLab has a Python; controls without one are used below")
    if check := getattr(shown(name), "check_live", None):
        check(root, host.window.page, facts(name), f"{name}_view")
    elif view(name).answers:
        pytest.fail(f"{name} asks Python, but tests/browser/{name}.py has no check_live")


def test_tab_reaches_every_control_and_leaves(root: "Locator") -> None:
    stayed, reached, wrong = tabbed(root)
    assert sorted(stayed - set(reached)) == []
    assert wrong == []


def test_axe_finds_nothing(root: "Locator", host: Host, axe_core: str) -> None:
    whole = isinstance(host, PageHost)
    assert barriers(root, axe_core, whole=whole) == []
    if whole:  # the drawers are the same in every host
        for tool in root.locator(".tools button").all():
            tool.click()
            assert barriers(root, axe_core) == []
            tool.click()


def test_it_says_who_it_is(root: "Locator", name: str) -> None:
    assert root.get_attribute("data-instrument") == name
    assert root.get_attribute("aria-label")
    assert root.locator(".voice").get_attribute("aria-live") == "polite"
    assert root.evaluate("root => root.getRootNode().host.dataset.lmSuppressShortcuts") == "true"


def test_keys_inside_change_no_cell(host: Host) -> None:
    """JupyterLab's own keys delete, cut and insert cells; not while an instrument has the focus."""
    if not isinstance(host, LabHost):
        pytest.skip("only JupyterLab has such keys")
    page = host.window.page
    cells = "() => jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.id).join()"
    before = page.evaluate(cells)

    def pressed(root: "Locator") -> list[str]:
        wrong = []
        for place in (".tools button", ".grid[tabindex='0']", "[role=slider]", "[tabindex='0']"):
            if root.locator(place).count():
                root.locator(place).first.focus()
                for key in ("d", "d", "x", "a", "b", "0", "0"):
                    page.keyboard.press(key)
                wrong += [place] * (page.evaluate(cells) != before)
        return wrong

    assert found(host, pressed) == {}
    assert page.locator(".jp-Dialog").count() == 0


def test_dark_and_light(host: Host, axe_core: str) -> None:
    """It follows while it is on screen, and can be read in both."""
    host.turn(dark=True)
    assert found(host, lambda root: probe(root, "light") > 0.3) == {}
    if not isinstance(host, ExportHost):  # its frames are pages, as looked at there
        assert found(host, lambda root: barriers(root, axe_core)) == {}
    host.turn(dark=False)
    assert found(host, lambda root: probe(root, "light") < 0.9) == {}
    assert host.window.faults() == []


def test_every_control_changes_what_is_seen(name: str, browser: "Browser", tmp_path: Path) -> None:
    """And no button breaks anything, in whatever order they are used."""
    host = PageHost(browser, tmp_path)
    root = host.root(name)
    assert probe(root, "use") == []
    assert root.get_attribute("data-ready") == "true"
    assert host.window.faults() == []
    host.window.context.close()


def test_what_render_gives_releases_everything(name: str, browser: "Browser") -> None:
    window = Window(browser)
    window.page.goto("about:blank")
    content = base64.b64encode(view(name).data).decode()
    window.page.evaluate(f"() => {{ {PROBES} {BARE_HOST} }}")
    given = {"source": view(name)._esm, "data": content}
    window.page.evaluate("given => bareHost.show(given)", given)
    seen = window.page.evaluate("() => bareHost.release()")
    assert seen["during"]["hears"] and seen["during"]["holds"], "nothing was counted"
    assert seen["after"] == {"hears": [], "holds": [], "drawn": 0, "children": 0}
    assert window.faults() == []
    window.context.close()


def test_an_untrusted_notebook_shows_figure_caption_and_table(
    browser: "Browser", lab: tuple[str, Path], executed: Path
) -> None:
    """Whoever opens somebody else's notebook sees what is in it, before any script may run."""
    address, folder = lab
    shutil.copy(executed, folder / "untrusted.ipynb")
    window = Window(browser)
    open_notebook(window.page, address, "untrusted.ipynb")
    for number, name in enumerate(NAMES):
        output = window.page.locator(".jp-Cell").nth(number).locator(".jp-OutputArea-output")
        words = view(name).words
        assert output.locator("figure img").get_attribute("alt") == words.alt
        assert (
            output.locator("figure img").evaluate("e => e.decode().then(() => e.naturalWidth)") > 99
        )
        assert words.caption in output.locator("figcaption").inner_text()
        assert output.locator("table tbody tr").count() == min(len(words.table.rows), 60)
        assert output.locator("iframe, script, .root").count() == 0
    assert window.faults() == []
    window.context.close()


def test_paper_gets_the_still_picture(host: Host) -> None:
    """A printer does not wait for frames: picture, caption and table take their place."""
    if not isinstance(host, ExportHost):
        pytest.skip("the exported notebook is what is printed")
    page = host.window.page
    frames, stills = page.locator("iframe.dlcourse"), page.locator("figure.dlcourse")
    assert found(host, lambda root: None) == {}, "all are alive, so all pictures are hidden"
    seen = "all => all.filter(e => e.checkVisibility()).length"
    assert [frames.evaluate_all(seen), stills.evaluate_all(seen)] == [len(NAMES), 0]
    page.emulate_media(media="print")
    assert [frames.evaluate_all(seen), stills.evaluate_all(seen)] == [0, len(NAMES)]
    page.emulate_media(media="screen")


def test_narrow(host: Host) -> None:
    """On a telephone nothing sticks out and nothing has to be pushed sideways."""
    page = host.window.page
    if isinstance(host, LabHost):
        page.evaluate("() => jupyterapp.shell.collapseLeft()")
    around = 0
    if not isinstance(host, PageHost):
        inside = "e => e.getRootNode().host.getBoundingClientRect().width"
        around = page.viewport_size["width"] - round(host.root(NAMES[0]).evaluate(inside))
    page.set_viewport_size({"width": NARROW + around, "height": 800})
    page.wait_for_timeout(300)
    assert found(host, lambda root: probe(root, "tooWide", not isinstance(host, LabHost))) == {}
    page.set_viewport_size({"width": 1280, "height": 900})
    assert host.window.faults() == []
