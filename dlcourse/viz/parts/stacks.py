"""Stacks of pictures with one channel, from whatever form a net has them in."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcourse.trace import Array

ROOM = 100_000  # numbers of a stack that is sent along with a view
BATCH = 256


def pictures_of(given: Any, name: str, axes: int = 1) -> Array:
    """(…, H, W) from (…, H, W), (…, 1, H, W) or (…, H·W); `axes` says how many stand in front."""
    array = np.asarray(given)
    if array.dtype.kind not in "fiub" or array.ndim <= axes:
        got = f"{array.dtype} numbers of shape {array.shape}"
        raise ValueError(f"{name}: got {got}, needs pictures such as (N, H, W) or (N, H·W)")
    array = array if array.dtype.kind == "f" else array.astype(np.float32)
    front, size = array.shape[:axes], array.shape[axes:]
    if len(size) == 3 and size[0] == 1:
        return array.reshape(*front, *size[1:])
    if len(size) == 1:
        side = math.isqrt(size[0])
        return array.reshape(*front, *((side, side) if side * side == size[0] else (1, size[0])))
    if len(size) != 2:
        raise ValueError(f"{name}: pictures of shape {size} have more than one channel: x.mean(1)?")
    return array


def fitting(size: int, most: int) -> int:
    """So many pictures of this size find room, at least one."""
    return max(1, min(most, ROOM // max(1, size)))


def evenly(count: int, most: int) -> Array:
    """At most so many places of 0 … count − 1, first and last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def error_of(pictures: Array, rebuilt: Array) -> Array:
    """Mean squared difference of each picture from what was rebuilt of it."""
    gap = pictures.astype(float) - rebuilt.astype(float)
    return (gap**2).reshape(len(gap), -1).mean(1)


class Decoder:
    """A callable from codes (B, L) to pictures, in batches, with a look at what it answers."""

    def __init__(self, decode: Callable[[Array], Any], size: tuple[int, ...] | None) -> None:
        if not callable(decode):
            raise TypeError(f"decode is a {type(decode).__name__}: give a function of codes (B, L)")
        self.decode, self.size = decode, size

    def __call__(self, codes: Array) -> Array:
        """(B, H, W)"""
        parts = [self._some(codes[i : i + BATCH]) for i in range(0, len(codes), BATCH)]
        return np.concatenate(parts)

    def _some(self, codes: Array) -> Array:
        answer = self.decode(codes)
        if isinstance(answer, tuple):
            raise TypeError("decode gave a tuple, needs pictures: decode=lambda z: decoder(z)[0]")
        try:
            array = np.asarray(answer)
        except (RuntimeError, TypeError) as error:
            raise TypeError(f"decode gave no array ({error}); .detach().cpu().numpy()?") from None
        if array.shape[:1] != (len(codes),):
            got = f"shape {array.shape} for {len(codes)} codes"
            raise ValueError(f"decode gave {got}: needs a picture for each, (B, H, W) or (B, H·W)")
        if self.size and array[0].size == math.prod(self.size):
            return array.reshape(len(codes), *self.size).astype(np.float32)
        pictures = pictures_of(array, "decode")
        if self.size and pictures.shape[1:] != self.size:
            got = f"{pictures.shape[1:]}, but the pictures given are {self.size}"
            raise ValueError(f"decode gave pictures of {got}")
        return pictures.astype(np.float32)
