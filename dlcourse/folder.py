"""The folder is the registry: what its files define are names of the package, without a list.

A package's __init__.py says `__getattr__, __dir__ = public_names(__name__, __path__)`. Files are
loaded when somebody asks for the first name, so importing the package itself costs nothing.

A name with a leading underscore stays in its file. A file with more that only other files need
says in its own `__all__` what is for everybody.
"""

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def public_names(
    package: str, path: Iterable[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The module functions `__getattr__` and `__dir__` of a package (PEP 562)."""

    files = [info.name for info in iter_modules(path)]

    @cache
    def found() -> dict[str, Any]:
        return {
            name: value
            for module in (import_module(f"{package}.{file}") for file in files)
            for name, value in vars(module).items()
            if name in getattr(module, "__all__", vars(module))
            and getattr(value, "__module__", "") == module.__name__
            and not name.startswith("_")
            and name != "examples"  # each architecture has its own
        }

    def get(name: str) -> Any:
        if name == "__all__":
            return sorted(found())
        if name.startswith("_"):  # asked by Python and its tools; loading a world would be no help
            raise AttributeError(f"{package} has no {name!r}")
        if name in files:
            return import_module(f"{package}.{name}")
        if name not in found():
            raise AttributeError(f"{package} has no {name!r}; it has {', '.join(sorted(found()))}")
        return found()[name]

    return get, lambda: sorted(found())


def one_each(
    package: str, path: Iterable[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The same for a folder in which each file defines the one name that it bears itself."""
    files = sorted(info.name for info in iter_modules(path))

    def get(name: str) -> Any:
        if name not in files:
            raise AttributeError(f"{package} has no {name!r}; it has {', '.join(files)}")
        return getattr(import_module(f"{package}.{name}"), name)

    return get, lambda: files
