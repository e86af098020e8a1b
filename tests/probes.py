"""What tests ask an instrument's root in a browser; the questions themselves are in probes.js."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator

PROBES = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def probe(root: "Locator", question: str, argument: Any = None) -> Any:
    if not root.evaluate("() => 'probes' in window"):
        root.evaluate(f"() => {{ {PROBES} }}")
    return root.evaluate(f"(root, argument) => probes.{question}(root, argument)", argument)


def barriers(root: "Locator", axe: str, *, whole: bool = False) -> list[str]:
    """What axe-core finds in the instrument, or in the whole page that it stands in."""
    if not root.evaluate("() => 'axe' in window"):
        root.evaluate(f"() => {{ {axe} }}")
    return probe(root, "barriers", whole)


def tabbed(root: "Locator") -> tuple[set[str], list[str], list[str]]:
    """The names of the controls that were there all the time; of those that Tab reaches, in turn;
    and what is wrong on the way. (Some are there only for what has the focus.)"""
    stayed = set(probe(root, "controls"))
    most = len(stayed) + 40
    reached: list[str] = []
    wrong: list[str] = []
    probe(root, "fence")
    for _ in range(most):
        root.page.keyboard.press("Tab")
        found = probe(root, "focused")
        if found == "out":
            break
        if found == "lost":
            wrong.append(f"after {(reached or ['the beginning'])[-1]} the focus is lost")
            break
        reached.append(found["name"])
        wrong += found["wrong"]
        stayed &= set(found["controls"])
    else:
        wrong.append("Tab never leaves the instrument")
    probe(root, "unfence")
    return stayed, reached, wrong
