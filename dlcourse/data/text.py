"""Text to learn language from: Python's own documentation, which every Python carries.

Axes: B windows in a batch, T characters in a window.
"""

import ast
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from dlcourse.data.dataset import require_generator


@dataclass(frozen=True, repr=False)
class Text:
    """A long string and where it comes from."""

    name: str
    text: str
    source: str
    licence: str

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        size = f"{len(self):,} characters, {len(set(self.text))} different ones"
        return f"{self.name} (real): {size}\n  {self.source} Licence: {self.licence}"

    def split(self, fraction: float = 0.9) -> tuple[str, str]:
        """Train and validation, cut by position.

        Random pieces would not do: the end of a sentence in one part gives away the other's.
        """
        cut = round(fraction * len(self))
        if not 0 < cut < len(self):
            raise ValueError(f"A fraction of {fraction} leaves one part empty; 0.9 is usual.")
        return self.text[:cut], self.text[cut:]


def windows(
    ids: np.ndarray, length: int, batch: int, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Random windows x of the text, and y: for every character, the one that follows it."""
    return _cut(ids, _starts(ids, length, batch, rng), length)


class Windows:
    """Endless batches of such windows, for `fit`; `last` holds where the last ones began."""

    def __init__(self, ids: np.ndarray, length: int, batch: int, *, rng: np.random.Generator):
        self.ids, self.length, self.batch, self.rng = ids, length, batch, rng
        self.last = np.empty(0, dtype=np.int64)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[np.ndarray, np.ndarray]:
        self.last = _starts(self.ids, self.length, self.batch, self.rng)
        return _cut(self.ids, self.last, self.length)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Nothing: the state of `rng` alone decides all windows to come."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Nothing to take up again."""


def _starts(ids: np.ndarray, length: int, batch: int, rng: np.random.Generator) -> np.ndarray:
    if length < 1 or batch < 1 or len(ids) <= length:
        raise ValueError(
            f"{batch} windows of {length} characters cannot be drawn from {len(ids)}: both must "
            f"be 1 or more, and the text longer than a window, for y is one character ahead."
        )
    return require_generator(rng).integers(0, len(ids) - length, batch)


def _cut(ids: np.ndarray, starts: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    places = starts[:, None] + np.arange(length)  # (B, T)
    return ids[places], ids[places + 1]


@cache
def load_text() -> Text:
    """Python's documentation as one long string, which differs a little between versions.

    The topics quote one another; a repeated paragraph is left out, so that the validation part
    holds no paragraph that was seen in training.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        return _docstrings()
    return Text(
        name="Python's documentation",
        text=_joined(topics[name] for name in sorted(topics)),
        source="The Python Language Reference, as `pydoc_data.topics` carries it.",
        licence="Python Software Foundation License 2",
    )


def _docstrings() -> Text:
    """Instead of the topics, where a Linux distribution leaves them out."""
    folder = Path(sysconfig.get_path("stdlib"))
    parts = [part for path in sorted(folder.glob("*.py")) for part in _docstrings_in(path)]
    if not parts:
        raise FileNotFoundError(
            f"This Python carries neither `pydoc_data` nor its own source in {folder}; install "
            f"its full standard library, or build a Text from a file of your own."
        )
    return Text(
        name="Python's docstrings",
        text=_joined(parts),
        source="Docstrings of the standard library, because this Python lacks `pydoc_data`.",
        licence="Python Software Foundation License 2",
    )


def _docstrings_in(path: Path) -> Iterable[str]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, documented) and (docstring := ast.get_docstring(node)):
            yield docstring


def _joined(parts: Iterable[str]) -> str:
    """All paragraphs in order, each only once."""
    paragraphs = "\n\n".join(parts).split("\n\n")
    return "\n\n".join(dict.fromkeys(paragraph.rstrip() for paragraph in paragraphs))
