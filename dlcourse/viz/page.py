"""A view as one file, with no network and no Python behind it; and where no script may run."""

import base64
import gzip
import html
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcourse.viz.module import module

__all__ = ["save"]

LARGEST = 2_000_000  # bytes of a page

# The model that an instrument talks to where there is no Python: it remembers, that is all.
SHIM = """
const text = atob(document.getElementById("data").textContent);
const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const data = new DataView(await new Response(unpacked).arrayBuffer());
const state = { data, live: false, choices: {}, level: 1 };
const model = { get: (name) => state[name], set: (name, value) => { state[name] = value; },
  save_changes() {}, on() {}, off() {} };
const el = document.getElementById("view");
el.replaceChildren();
$shown.render({ model, el });
const tell = () => parent.postMessage({ dlcourse: true, high: el.offsetHeight + 12 }, "*");
new ResizeObserver(tell).observe(el);
if (parent !== window) document.documentElement.style.overflowY = "hidden"; // all is in sight
addEventListener("message", ({ source, data }) => {
  const here = document.body.dataset; // as light or dark as the page around it; told once
  if (source === parent && data?.light && here.jpThemeLight !== data.light) {
    here.jpThemeLight = data.light;
  }
});
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:;
 script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>:root {{ color-scheme: light dark; background: #fff }}
@media (prefers-color-scheme: dark) {{ :root {{ background: #14181e; color: #e9edf3 }} }}
:root:has([data-jp-theme-light=true]) {{ color-scheme: light; background: none; color: #1d222b }}
:root:has([data-jp-theme-light=false]) {{ color-scheme: dark; background: #111; color: #e9edf3 }}
body {{ margin: 4px; font: 15px/1.5 system-ui, sans-serif }}</style>
<main id="view">{still}</main>
<script type="text/plain" id="data">{data}</script>
<script type="module">
{script}
{shim}</script>
</html>
"""
# In an exported notebook scripts may run: the page within then takes the place of the picture.
LISTEN = """<style>
@media print { iframe.dlcourse { display: none } figure.dlcourse[hidden] { display: block } }
</style>
<script>
addEventListener("message", ({ data, source }) => {
  for (const frame of document.querySelectorAll("iframe.dlcourse")) {
    if (frame.contentWindow !== source || !data?.high) continue;
    frame.style.height = data.high + "px";
    frame.previousElementSibling.hidden = true;
    source.postMessage({ light: document.body.dataset.jpThemeLight }, "*"); // as the page around it
  }
});
</script>"""


def save(view: Any, path: str | Path) -> Path:
    """Write the view as one page that works with no network and no Python; at most 2 MB."""
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"{path.name} would be a web page: give it a name that ends with .html")
    if not hasattr(view, "words"):
        raise TypeError(f"save needs a view, such as stepper(trace); got a {type(view).__name__}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it first")
    path.write_text(page(view), encoding="utf-8")
    return path


def page(view: Any) -> str:
    """The text of the page; the largest arrays are left out, and said to be, until it fits."""
    script = module(view.words.name).replace("export default", "const $shown =")
    script = script.replace("</script", "<\\/script")
    title = html.escape(view.words.title)
    bare = PAGE.format(title=title, still=still(view), data="\0", script=script, shim=SHIM)
    room = (LARGEST - len(bare.encode())) * 3 // 4 - 4  # base64 makes four letters of three bytes
    before, _, after = bare.partition("\0")
    return before + base64.b64encode(_fitting(view, room)).decode() + after


def _fitting(view: Any, room: int) -> bytes:
    """The packed data within so many bytes: small arrays first, then in the order of time."""
    packed = gzip.compress(view.pack(view.choices), 6, mtime=0)
    content = view.content
    arrays = sorted({id(array): array for array in _arrays(content)}.values(), key=_size)
    while len(packed) > room and arrays:
        share = 0.97 * room / len(packed)
        budget, kept = share * sum(array.nbytes for array in arrays), []
        for array in arrays:
            budget -= array.nbytes
            if budget < 0:
                break
            kept.append(array)
        arrays = kept
        try:
            view.content = _only({id(array) for array in arrays}, content)
            packed = gzip.compress(view.pack(view.choices), 6, mtime=0)
        finally:
            view.content = content
    if len(packed) > room:
        raise ValueError("this view is too large for a page of 2 MB: show fewer examples in it")
    return packed


def _size(array: np.ndarray) -> int:
    return array.size


def _arrays(node: Any) -> Iterator[np.ndarray]:
    if isinstance(node, np.ndarray):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _arrays(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _arrays(value)


def _only(kept: set[int], node: Any) -> Any:
    """The same tree; the arrays that are not kept are only named, with their shape."""
    if isinstance(node, np.ndarray):
        return node if id(node) in kept else {"left_out": list(node.shape)}
    if isinstance(node, Mapping):
        return {key: _only(kept, value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_only(kept, value) for value in node]
    return node


def still(view: Any) -> str:
    """Picture, caption and table: for paper, for untrusted notebooks, and without scripts."""
    words = view.words
    picture = base64.b64encode(view.poster.encode()).decode()
    head = "".join(
        f"<th>{html.escape(str(name))}</th>" if name else "<td></td>"
        for name in words.table.columns
    )
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in words.table.rows[:60]
    )
    return (
        f'<figure class="dlcourse"><img alt="{html.escape(words.alt)}" style="max-width:100%"'
        f' src="data:image/svg+xml;base64,{picture}"><figcaption><b>{html.escape(words.title)}</b>'
        f" {html.escape(words.caption)}</figcaption><details><summary>The numbers</summary><table>"
        f"<caption>{html.escape(words.table.caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></details></figure>"
    )


def fallback(view: Any) -> str:
    """What a notebook shows where the live view cannot be: in exports, and where nobody trusts."""
    try:
        inner = html.escape(page(view))
    except ValueError:  # too large for a page: picture, caption and table remain
        return still(view)
    frame = (
        f'<iframe class="dlcourse" title="{html.escape(view.words.title)}" sandbox="allow-scripts"'
        f' style="width:100%;height:0;border:0" srcdoc="{inner}"></iframe>'
    )
    return f"<div>{still(view)}{frame}</div>{LISTEN}"
