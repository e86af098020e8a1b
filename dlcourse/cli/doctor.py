"""Look whether everything that the course needs is in order.

✓ is in order, – may stay as it is, ✗ has to be mended. Where there is something
to do, the next line says what. The exit code is 1 if there is a ✗.

Examples:
  dlcourse doctor
"""

from dlcourse.cli import course_folder, parser
from dlcourse.cli.checks import WRONG, machine, notebooks, packages


def run(arguments: list[str]) -> int:
    parser("doctor", __doc__).parse_args(arguments)
    folder = course_folder()
    wrong = 0
    for check in (packages, machine, notebooks):
        for mark, what, todo in check.findings(folder):
            print(f"{mark} {what}" + (f"\n  → {todo}" if todo else ""), flush=True)
            wrong += mark == WRONG
    print(f"\n{wrong} to mend." if wrong else "\nEverything needed is in order.")
    return 1 if wrong else 0
