"""One script out of the viewer's ES modules, as a notebook and a page need it.

Each file keeps a scope of its own, so two files may use the same names inside.
"""

import base64
import gzip
import posixpath
import re
from functools import cache
from pathlib import Path

VIEWER = Path(__file__).parent / "viewer"
IMPORT = re.compile(r'^import (\{[^}]*\}) from "(\.[./\w]*\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const|let) (\w+))", re.MULTILINE)
COMMENT = re.compile(r"^\s*//.*\n|^\s*/\*\*(?:(?!\*/)[\s\S])*\*/\n", re.MULTILINE)


LOADER = """const packed = "{packed}";
const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const script = new Blob([await new Response(unpacked).text()], {{ type: "text/javascript" }});
const url = URL.createObjectURL(script);
export default (await import(url)).default;
URL.revokeObjectURL(url);
"""


@cache
def sent(name: str) -> str:
    """The module as a notebook gets it: packed to a third of its size; the browser unpacks it."""
    packed = gzip.compress(module(name).encode(), 9, mtime=0)
    return LOADER.format(packed=base64.b64encode(packed).decode())


@cache
def module(name: str) -> str:
    """The whole of an instrument, ending with `export default`."""
    order: list[str] = []
    _collect(f"{name}.js", order, ())
    *parts, entry = order
    return "\n".join([*(_scoped(part) for part in parts), _opened(entry)])


def _source(file: str) -> str:
    path = VIEWER / file
    if not path.is_file():
        raise FileNotFoundError(f"the viewer has no {file}")
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def _collect(file: str, order: list[str], above: tuple[str, ...]) -> None:
    """What a file imports comes before it, and everything once."""
    if file in above:
        raise ImportError(f"the viewer imports in a ring: {' → '.join([*above, file])}")
    if file in order:
        return
    for _, imported in IMPORT.findall(_source(file)):
        _collect(_place(imported, file), order, (*above, file))
    order.append(file)


def _scoped(file: str) -> str:
    source = _source(file)
    names = ", ".join(name for _, name in EXPORT.findall(source))
    return f"const {_scope(file)} = (() => {{\n{_opened(file)}\nreturn {{ {names} }};\n}})();"


def _opened(file: str) -> str:
    """Imports become a look into the other scope; exports become plain definitions."""

    def looked(found: re.Match[str]) -> str:
        return f"const {_renamed(found[1])} = {_scope(_place(found[2], file))};\n"

    return EXPORT.sub(r"\1", IMPORT.sub(looked, _source(file)))


def _place(imported: str, file: str) -> str:
    """Where an imported file lies in the viewer's folder: "../frame/grid.js" → "frame/grid.js"."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), imported))


def _renamed(names: str) -> str:
    return re.sub(r"\s+", " ", names).replace(" as ", ": ")


def _scope(file: str) -> str:
    return "$" + file.removesuffix(".js").replace("/", "_")
