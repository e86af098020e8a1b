"""Open JupyterLab on the welcome notebook.

It serves this machine alone and asks nothing of the network. Ctrl-C, twice,
ends it. All other options go on to JupyterLab.

Examples:
  dlcourse lab
  dlcourse lab --no-browser --port 8899
"""

import os
import sys
from pathlib import Path

from dlcourse.cli import Trouble, course_folder, parser

SETTINGS = Path(__file__).parent / "jupyter"


def run(arguments: list[str]) -> int:
    options = parser("lab", __doc__)
    options.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening it"
    )
    options.add_argument(
        "--port", type=int, default=8888, help="default 8888, or the next one that is free"
    )
    chosen, for_jupyter = options.parse_known_args(arguments)
    os.chdir(course_folder())
    page = f"/lab/tree/{first_notebook()}"
    flags = [f"--LabApp.default_url={page}", f"--ServerApp.port={chosen.port}", *for_jupyter]
    if chosen.no_browser:
        flags.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--allow-root")  # a container's only user
    return open_lab(flags)


def first_notebook() -> str:
    notebooks = sorted(Path("notebooks").glob("*.ipynb"))
    if not notebooks:
        raise Trouble("there are no notebooks in notebooks/: get the course's whole folder again.")
    return notebooks[0].as_posix()


def open_lab(arguments: list[str]) -> int:
    first_on("JUPYTER_CONFIG_PATH", SETTINGS)
    first_on("PATH", Path(sys.executable).parent)  # `!dlcourse` and terminals find this Python
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this Python's kernel before any other one
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        raise Trouble(
            "JupyterLab is not installed in this Python: run `python start.py`."
        ) from None
    LabApp.launch_instance(arguments)
    return 0


def first_on(variable: str, place: Path) -> None:
    before = os.environ.get(variable)
    os.environ[variable] = f"{place}{os.pathsep}{before}" if before else str(place)
