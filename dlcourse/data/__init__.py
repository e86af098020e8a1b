"""Data sets: small, honest about where they come from, and ready for a net.

Each has a question, and says whether it is real or simulated. Some are carried by packages that
are installed anyway, the others are drawn by a random number generator; nothing is downloaded.
"""

from dlcourse.data.alphabet import Alphabet
from dlcourse.data.batches import Batches
from dlcourse.data.dataset import Dataset
from dlcourse.data.digits import load_digits, split_digits, upsample
from dlcourse.data.points import Points, from_points
from dlcourse.data.text import Text, Windows, load_text, windows
from dlcourse.data.toy import blobs, circles, moons, spirals, xor

__all__ = [
    "Alphabet",
    "Batches",
    "Dataset",
    "Points",
    "Text",
    "Windows",
    "blobs",
    "circles",
    "from_points",
    "load_digits",
    "load_text",
    "moons",
    "spirals",
    "split_digits",
    "upsample",
    "windows",
    "xor",
]
