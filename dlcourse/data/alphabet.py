"""Characters as numbers, and back."""

from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True, repr=False)
class Alphabet:
    """The different characters of a text, sorted; a character's number is its place in them."""

    characters: str

    @classmethod
    def of(cls, text: str) -> Self:
        return cls("".join(sorted(set(text))))

    def __post_init__(self) -> None:
        if not self.characters or sorted(set(self.characters)) != list(self.characters):
            raise ValueError(
                "An alphabet needs sorted characters, each once; Alphabet.of(text) finds them."
            )

    def __len__(self) -> int:
        return len(self.characters)

    def __repr__(self) -> str:
        return f"Alphabet of {len(self)} characters: {self.characters!r}"

    def encode(self, text: str) -> np.ndarray:
        """The number of each character, as int64."""
        known, wanted = _code_points(self.characters), _code_points(text)
        # In a sorted row the place is found by halving: fast enough for a whole book.
        ids = np.minimum(np.searchsorted(known, wanted), len(self) - 1)
        found = known[ids] == wanted
        if not found.all():
            at = int(np.argmin(found))
            raise ValueError(
                f"The character {text[at]!r} at position {at} is not among the {len(self)} of "
                f"this alphabet; build it from the whole text, or leave the character out."
            )
        return ids.astype(np.int64)

    def decode(self, ids: np.ndarray) -> str:
        """The text that these numbers stand for."""
        ids = np.asarray(ids, dtype=np.int64)
        wrong = ids[(ids < 0) | (ids >= len(self))]
        if wrong.size:
            raise ValueError(
                f"{wrong[0]} stands for no character: this alphabet has 0 to {len(self) - 1}."
            )
        return "".join(self.characters[i] for i in ids.ravel())


def _code_points(text: str) -> np.ndarray:
    # UTF-32 has four bytes for every character, so the bytes are the numbers already.
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
