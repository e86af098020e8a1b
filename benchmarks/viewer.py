"""How quickly the instruments answer: real JupyterLab, a real kernel, a headless Chromium.

    python benchmarks/viewer.py                        the table
    python benchmarks/viewer.py --only stepper         one instrument; several with spaces between
    python benchmarks/viewer.py --json rows.json       also write the rows there
    python benchmarks/viewer.py --readme               write the table into README.md

What a row's interaction means:

    step, hover, …   from the event to all that it draws, in the browser alone; goal: p95 ≤ 4 ms
    … (Python)       through the kernel, until the answer is on screen; p50 ≤ 50, p95 ≤ 100 ms
    first picture    from the kernel's answer to the cell until the instrument is there; ≤ 300 ms
    ten at once      from the beginning of a cell with ten of them until all are there; ≤ 2000 ms
    lag of a frame   the playground trains: from Python's clock to the screen, and frames a second;
                     goal: 15 and more, and none is lost
    size             of the module, as it is sent; ≤ 100 kB
    trace / step     recording a trace of a step of training, over the plain step; ≤ 2 ×

Everywhere the time line is stepped, pictures are hovered and walked over, sliders slid. More is
done where an instrument's file in tests/browser has `gestures()`, a list of dicts: "name", "on" (a
selector) and one of "keys" (pressed in turn), "hover" (the pointer goes over it), "slide" (a slider
goes along its way), or "script" instead of all these: JavaScript with `root`, the number `i`, and
`press(element, key)`; "first", a script that prepares it; and "python": True where Python answers.
"""

import argparse
import re
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import where
from recording import recording
from timing import README, Row, table, write_between, write_json

from tests import hosts

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WATCH = Path(__file__).with_name("viewer_watch.js")
COLUMNS = {
    "instrument": "",
    "interaction": "",
    "p50_ms": ".1f",
    "p95_ms": ".1f",
    "n": "d",
    "also": "",
}
SUMMARY = {
    "instrument": "",
    "drawn_p95_ms": ".1f",
    "Python_p50_ms": ".0f",
    "Python_p95_ms": ".0f",
    "first_picture_ms": ".0f",
    "sent": "",
    "also": "",
}
PICTURES = (".grid[tabindex='0']", ".heat", ".points-plane", ".plane", ".map", ".plot", ".netpic")
ARROWS = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]
BY_DEFAULT: list[dict[str, Any]] = [
    {"name": "step", "on": ".track", "keys": ["ArrowRight"] * 20 + ["ArrowLeft"] * 20},
    *({"name": f"hover {on[1:].split('[')[0]}", "on": on, "hover": True} for on in PICTURES),
    *({"name": f"walk {on[1:].split('[')[0]}", "on": on, "keys": ARROWS} for on in PICTURES),
    {"name": "walk", "on": ".node[tabindex='0']", "keys": ["ArrowRight", "ArrowLeft"]},
    {"name": "walk", "on": ".hit[tabindex='0']", "keys": ["ArrowDown", "ArrowUp"]},
    {"name": "walk", "on": ".count[tabindex='0']", "keys": ["ArrowDown", "ArrowUp"]},
    {"name": "slide", "on": "input[type=range]:not(:disabled)", "slide": True},
]
AGAIN = 5  # times that a cell is run
TRAINS = "button.play"  # what starts and stops the playground


def row(instrument: str, interaction: str, times: list[float], **more: Any) -> Row:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    short = {"p50_ms": statistics.median(ordered), "p95_ms": p95, "n": len(ordered)}
    return {"instrument": instrument, "interaction": interaction, **short, **more}


class Lab:
    """A notebook, open in JupyterLab: a cell for each instrument, and one with ten of them."""

    def __init__(self, browser: Any, folder: Path, address: str, names: list[str]) -> None:
        self.names, self.window = names, hosts.Window(browser)
        self.window.context.add_init_script(path=WATCH)
        self.page: Page = self.window.page
        ten = (names * 10)[:10]
        shows = "\n".join(f"display({name}_view)" for name in ten)
        file = f"measured_{names[0]}_{len(names)}.ipynb"
        (folder / file).write_text(hosts.book(names, shows), encoding="utf-8")
        hosts.open_notebook(self.page, address, file)
        hosts.run_all(self.page)

    def root(self, name: str) -> "Locator":
        cell = self.page.locator(".jp-Cell").nth(self.names.index(name))
        cell.scroll_into_view_if_needed()
        return hosts.ready(cell.locator(".root"))

    def gestures(self, name: str) -> list[Row]:
        """A row for everything that can be done with the instrument."""
        root, more = self.root(name), getattr(hosts.shown(name), "gestures", list)
        wanted = [g for g in BY_DEFAULT if root.locator(g["on"]).locator("visible=true").count()]
        return [self.gesture(root, name, {"times": 40, **gesture}) for gesture in wanted + more()]

    def gesture(self, root: "Locator", name: str, gesture: dict[str, Any]) -> Row:
        way = "throughKernel" if gesture.get("python") else "inBrowser"
        if gesture.get("python"):
            gesture["times"] = min(gesture["times"], 30)
        if first := gesture.get("first"):
            root.evaluate("(root, script) => watch.prepare(root, script)", first)
            self.page.wait_for_timeout(500)
        warm = {**gesture, "times": 4}
        root.evaluate(f"(root, gesture) => watch.{way}(root, gesture)", warm)
        times = root.evaluate(f"(root, gesture) => watch.{way}(root, gesture)", gesture)
        said = f"{gesture['name']} (Python)" if gesture.get("python") else gesture["name"]
        return row(name, said, times)

    def first_picture(self, name: str) -> Row:
        number = self.names.index(name)
        show = "number => watch.cell(number, 'execute_result', 1)"
        times = [self.page.evaluate(show, number) for _ in range(AGAIN)]
        return row(name, "first picture", times)

    def ten(self) -> Row:
        show = "number => watch.cell(number, 'execute_input', 10)"
        times = [self.page.evaluate(show, len(self.names)) for _ in range(AGAIN)]
        return row("ten instruments", "ten at once", times)

    def training(self, name: str = "playground", seconds: float = 8) -> Row:
        root, sent = self.root(name), self.asks(f"{name}_view.sent")
        watch = "(root, [button, seconds]) => watch.stream(root, button, seconds)"
        seen = root.evaluate(watch, [TRAINS, seconds])
        lost = self.asks(f"{name}_view.sent") - sent - len(seen["lags"])
        also = f"{seen['perSecond']:.1f} a second, {lost} lost"
        return row(name, "lag of a frame", seen["lags"], also=also)

    def asks(self, expression: str) -> int:
        """What the kernel says that this is."""
        ask = """async (code) => {
            const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
            const expressions = { code: "", user_expressions: { x: code } };
            const { content } = await kernel.requestExecute(expressions).done;
            return content.user_expressions.x.data["text/plain"];
        }"""
        return int(self.page.evaluate(ask, expression))


def sizes(name: str) -> Row:
    from dlcourse.viz.module import sent

    return {
        "instrument": name,
        "interaction": "size",
        "n": 1,
        "also": f"{len(sent(name)) / 1e3:.0f} kB",
    }


def measured(names: list[str], seconds: float) -> list[Row]:
    from playwright.sync_api import sync_playwright

    rows = recording(seconds) + [sizes(name) for name in names]
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        folder = Path(place)
        shutil.copytree(hosts.ROOT / "notebooks", folder / "course" / "notebooks")
        browser = driver.chromium.launch(executable_path=hosts.CHROMIUM, args=hosts.QUIET)
        with hosts.serving(folder) as address:
            for name in names:  # alone, as a learner has it before the eyes
                lab = Lab(browser, folder / "course", address, [name])
                rows += [*lab.gestures(name), lab.first_picture(name)]
                if name == "playground":
                    rows.append(lab.training())
                lab.window.context.close()
            rows.append(Lab(browser, folder / "course", address, names).ten())
        browser.close()
    return rows


def summary(rows: list[Row]) -> list[Row]:
    """A line for each instrument: README has no room for every gesture."""
    lines = []
    for name in hosts.names():
        mine = [row for row in rows if row["instrument"] == name and "p50_ms" in row]
        told = {row["interaction"]: row for row in mine}
        first, frame = told.pop("first picture", {}), told.pop("lag of a frame", {})
        asked = [row for key, row in told.items() if key.endswith("(Python)")]
        drawn = [row for key, row in told.items() if not key.endswith("(Python)")]
        size = next(
            (r["also"] for r in rows if r["instrument"] == name and "p50_ms" not in r), None
        )
        lines.append(
            {
                "instrument": name,
                "drawn_p95_ms": max((row["p95_ms"] for row in drawn), default=None),
                "Python_p50_ms": max((row["p50_ms"] for row in asked), default=None),
                "Python_p95_ms": max((row["p95_ms"] for row in asked), default=None),
                "first_picture_ms": first.get("p50_ms"),
                "sent": size,
                "also": frame.get("also"),
            }
        )
    return [line for line in lines if line["first_picture_ms"] is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=hosts.names(), default=hosts.names())
    parser.add_argument("--seconds", type=float, default=2, help="for each recording of traces")
    parser.add_argument("--json", metavar="FILE", help="also write the rows there")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    if hosts.MISSING:
        parser.exit(2, f"{hosts.MISSING}: this benchmark needs both Chromium and Playwright\n")
    rows = measured(options.only, options.seconds)
    text = re.sub(r"\| None ", "| – ", table(rows, COLUMNS))
    print(f"{text}\n\n{where()}")
    if options.json:
        write_json(options.json, rows)
    if options.readme:
        ten = next(row["p50_ms"] for row in rows if row["interaction"] == "ten at once")
        traces = [row for row in rows if row["interaction"] == "trace / step"]
        costs = ", ".join(f"{row['instrument'][9:]}: {row['also']}" for row in traces)
        also = f"Ten instruments in one cell: {ten:.0f} ms. A trace over the plain step: {costs}."
        write_between(README, "viewer", f"{table(summary(rows), SUMMARY)}\n\n{also}\n\n{where()}")


if __name__ == "__main__":
    main()
