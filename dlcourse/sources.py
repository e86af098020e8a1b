"""From a layer to the lines of source that make its numbers."""

import inspect
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """Where the `forward` of a layer is written."""

    file: str  # "dlcourse/scratch/layers.py", "torch/nn/modules/linear.py"; not this machine's path
    line: int  # of the first line of the text
    text: str  # the whole function
    kind: str  # name of the layer's class, "Linear"


def source_of(kind: type) -> Source | None:
    """The `forward` of this class; None where Python cannot show it (typed in, or built in)."""
    forward = inspect.unwrap(kind.forward)  # type: ignore[attr-defined]
    try:
        lines, line = inspect.getsourcelines(forward)
        path = inspect.getsourcefile(forward) or ""
    except (OSError, TypeError):
        return None
    return Source(
        _file(forward.__module__, path), line, textwrap.dedent("".join(lines)), kind.__name__
    )


def _file(module: str, path: str) -> str:
    """The path as seen from beside the package; of a lone file or a notebook's cell its name."""
    package = getattr(sys.modules.get(module.partition(".")[0]), "__file__", None) or ""
    root = Path(package).parent.parent
    inside = Path(package).name == "__init__.py" and Path(path).is_relative_to(root)
    return Path(path).relative_to(root).as_posix() if inside else Path(path).name
