"""Arrays on disk, without pickle: opening such a file can never run code.

The file is NumPy's .npz, so that everybody can read it; both worlds write and read the same.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlcourse.trace import Array


def write(path: str | Path, arrays: Mapping[str, Array]) -> None:
    """Write the arrays; a file that was there is replaced only when the new one is complete."""
    import zipfile  # here, because a net that is never saved need not wait for it

    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it first")
    partial = path.with_name(path.name + ".part")
    with zipfile.ZipFile(partial, "w") as archive:  # np.savez takes no array called "file"
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    partial.replace(path)


def read(path: str | Path) -> dict[str, Array]:
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {path}: was the net saved there?") from None
    except Exception as error:  # damaged bytes can break zip and NumPy in a dozen ways
        raise ValueError(f"{path} is not a file of weights, or it is damaged: {error}") from error
