"""What a view says of itself: to eyes, to ears, and where no picture can be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """A view's numbers for those who read instead of looking."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Words:
    """`alt` describes the picture, `caption` says what to do with it."""

    name: str  # of the instrument, as it is called in Python
    title: str
    caption: str
    alt: str
    table: Table
    subtitle: str = ""
    given: Sequence[str] = ()  # the call's first arguments, as the learner would write them
    keys: Mapping[str, str] = field(default_factory=dict)  # key: what it does

    def content(self) -> dict[str, Any]:
        """As the browser gets it."""
        own = {
            name: getattr(self, name) for name in ("name", "title", "subtitle", "caption", "alt")
        }
        return {
            "words": own,
            "code": {"name": self.name, "given": list(self.given)},
            "keys": dict(self.keys),
            "table": asdict(self.table),
        }
