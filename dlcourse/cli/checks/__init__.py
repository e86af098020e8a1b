"""What `dlcourse doctor` looks at: each file has `findings(folder)`, one Finding for each thing."""

from typing import NamedTuple

GOOD, SO_SO, WRONG = "✓", "–", "✗"


class Finding(NamedTuple):
    """One line of the doctor's: how it stands, what it is about, and what to do if it is wrong."""

    mark: str
    what: str
    todo: str = ""
