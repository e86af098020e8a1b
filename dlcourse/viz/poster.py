"""Still pictures as SVG, drawn in a few milliseconds: what is seen where no script may run.

picture = Picture(640, 300)
picture.heat(20, 40, 200, 200, array)
picture.text(20, 24, "fc1.weight")
picture.svg()
"""

import base64
import html
import struct
import zlib
from collections.abc import Iterable, Sequence

import numpy as np

from dlcourse.trace import Array

MINUS = ("#fdf6ec", "#f6cf9a", "#e39a4a", "#b35c0e", "#6e3204")
PLUS = ("#eef4fb", "#b4d2ec", "#6aa3d5", "#2a6fb0", "#0b3a70")
ODD, PAPER, INK, QUIET, LINE = "#c2187e", "#ffffff", "#1d222b", "#566070", "#d5dae2"
CLASSES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a6bbf", "#b8a800")
FONT = "system-ui,sans-serif"


class Picture:
    """Marks on white paper, placed in pixels from the upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.marks: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: int = 13,
        *,
        bold: bool = False,
        quiet: bool = False,
    ) -> None:
        style = f'font-size="{size}" fill="{QUIET if quiet else INK}"'
        weight = ' font-weight="650"' if bold else ""
        self.marks.append(
            f'<text x="{x:.5g}" y="{y:.5g}" {style}{weight}>{html.escape(words)}</text>'
        )

    def heat(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        array: Array,
        reach: float | None = None,
    ) -> None:
        """An array as coloured cells; leading axes are laid side by side."""
        pixels = _flat(np.asarray(array, float))
        source = base64.b64encode(png(colours(pixels, reach))).decode()
        box = f'x="{x:.5g}" y="{y:.5g}" width="{width:.5g}" height="{height:.5g}"'
        self.marks.append(
            f'<image {box} preserveAspectRatio="none" style="image-rendering:pixelated"'
            f' href="data:image/png;base64,{source}"/><rect {box} fill="none" stroke="{LINE}"/>'
        )

    def line(self, xs: Sequence[float], ys: Sequence[float], colour: str = PLUS[3]) -> None:
        places = " ".join(f"{x:.5g},{y:.5g}" for x, y in zip(xs, ys, strict=True))
        self.marks.append(
            f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        )

    def points(
        self, xs: Sequence[float], ys: Sequence[float], labels: Iterable[int], size: float = 3
    ) -> None:
        for x, y, label in zip(xs, ys, labels, strict=True):
            colour = CLASSES[int(label) % len(CLASSES)]
            self.marks.append(
                f'<circle cx="{x:.5g}" cy="{y:.5g}" r="{size}" fill="{colour}" stroke="{PAPER}"'
                ' stroke-width=".6"/>'
            )

    def box(self, x: float, y: float, width: float, height: float, words: str = "") -> None:
        self.marks.append(
            f'<rect x="{x:.5g}" y="{y:.5g}" width="{width:.5g}" height="{height:.5g}" rx="6"'
            f' fill="#f4f6f9" stroke="{LINE}"/>'
        )
        if words:
            self.text(x + 10, y + height / 2 + 4, words, 12)

    def svg(self) -> str:
        size = f'viewBox="0 0 {self.width:.5g} {self.height:.5g}" width="{self.width:.5g}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}">'
        paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
        return f"{head}{paper}{''.join(self.marks)}</svg>"


def fit(values: Array, low: float, high: float, *, flip: bool = False) -> Array:
    """Values spread over the pixels from low to high; flipped for an axis that points upwards."""
    values = np.nan_to_num(np.asarray(values, float))
    span = np.ptp(values) if values.size else 0.0
    t = (values - values.min()) / span if span else np.full(values.shape, 0.5)
    return low + (1 - t if flip else t) * (high - low)


def colours(values: Array, reach: float | None = None) -> Array:
    """(rows, cols) numbers as (rows, cols, 3) bytes: orange below zero, blue above."""
    finite = np.isfinite(values)
    if reach is None:
        reach = float(np.abs(values[finite]).max(initial=0))
    t = np.clip(np.nan_to_num(values) / reach, -1, 1) if reach else np.zeros(values.shape)
    stops = np.array([_rgb(colour) for colour in (*MINUS[::-1], *PLUS)], float)
    at = np.concatenate([np.linspace(-1, -1e-9, 5), np.linspace(0, 1, 5)])
    mixed = np.stack([np.interp(t, at, stops[:, channel]) for channel in range(3)], axis=-1)
    mixed[~finite] = _rgb(ODD)
    return mixed.round().astype(np.uint8)


def png(pixels: Array) -> bytes:
    """(rows, cols, 3) bytes as a picture file."""
    rows, cols, _ = pixels.shape
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), pixels.reshape(rows, -1)], axis=1)
    head = struct.pack(">2I5B", cols, rows, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6))
    return b"\x89PNG\r\n\x1a\n" + body + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check


def _rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _flat(array: Array) -> Array:
    """At most 256 x 256 numbers of it, as rows and columns."""
    if array.size == 0:
        return np.zeros((1, 1))
    if array.ndim < 2:
        array = array.reshape(1, -1)
    sheets = array.reshape(-1, *array.shape[-2:])[:16, :256, :256]
    return np.concatenate(list(sheets), axis=1)[:, :1024]
