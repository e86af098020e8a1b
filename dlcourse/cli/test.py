"""Run the course's tests with pytest.

All that follows `test` goes on to pytest, in the course's folder.

Examples:
  dlcourse test                 all of them
  dlcourse test -k mlp -x       those named after mlp, up to the first failure
  dlcourse test -m "not slow"   all but the slow ones
"""

import os

from dlcourse.cli import Trouble, course_folder, parser


def run(arguments: list[str]) -> int:
    _, for_pytest = parser("test", __doc__).parse_known_args(arguments)
    os.chdir(course_folder())
    try:
        import pytest
    except ImportError:
        raise Trouble(
            "pytest is not installed in this Python: run `python start.py test`."
        ) from None
    return int(pytest.main(for_pytest))
