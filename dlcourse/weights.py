"""Arrays on disk, without pickle: opening such a file can never run code.

The file is NumPy's .npz, so that everybody can read it; both worlds write and read the same.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlcourse.trace import Array


def write(path: str | Path, arrays: Mapping[str, Array]) -> None:
    """Write the arrays; a file that was there is replaced only when the new one is complete."""
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def read(path: str | Path) -> dict[str, Array]:
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}: was the net saved there?") from None
    except (ValueError, OSError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a file of weights, or it is damaged: {error}") from error
