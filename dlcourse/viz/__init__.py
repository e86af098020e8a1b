"""Pictures of traces: each instrument is one call, `stepper(trace)`; `save(view, "page.html")`.

The folder `instruments` is the registry: a file there is a call of the same name here.
"""

from pathlib import Path
from typing import Any

from dlcourse.folder import one_each
from dlcourse.viz.page import save as save

_instrument, _instruments = one_each(
    "dlcourse.viz.instruments", [str(Path(__file__).parent / "instruments")]
)


def __getattr__(name: str) -> Any:
    if name.startswith("_"):  # asked by Python and its tools
        raise AttributeError(f"dlcourse.viz has no {name!r}")
    return _instrument(name)


def __dir__() -> list[str]:
    return sorted([*_instruments(), "save"])
