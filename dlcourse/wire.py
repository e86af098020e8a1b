"""One binary form for traces and runs, which Python and a browser read alike.

    8 bytes   DLCOURSE
    4 bytes   version of the form, little-endian like every number here
    4 bytes   length of the header
    header    JSON; where an array belongs it says {"$array": n}; spaces up to a multiple of 8
    blob      the arrays one after the other, each from a multiple of 8 on

The reader believes nothing: a length, a type, a place that does not add up is refused with a
sentence, and bytes can never become code.
"""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

MAGIC, VERSION = b"DLCOURSE", 1
NUMBERS = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64"
DTYPES = {name: np.dtype(name).newbyteorder("<") for name in NUMBERS.split()}


class Damaged(ValueError):
    """These bytes are not a trace or a run that this version can read."""


def pack(kind: str, content: Any) -> bytes:
    """The bytes of a tree of dataclasses, dicts, lists, numbers, texts and arrays."""
    found: dict[Any, tuple[int, np.ndarray]] = {}
    tree = _without_arrays(content, found)
    arrays = [array for _, array in found.values()]
    if is_dataclass(content):
        _expect_readable(kind, tree, arrays, type(content))
    table, blob = [], bytearray()
    for array in arrays:
        table.append({"dtype": array.dtype.name, "shape": list(array.shape), "at": len(blob)})
        blob += array.astype(DTYPES[array.dtype.name], order="C").tobytes()
        blob += bytes(-len(blob) % 8)
    header = {"kind": kind, "arrays": table, "content": tree}
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    sizes = VERSION.to_bytes(4, "little") + len(text).to_bytes(4, "little")
    return MAGIC + sizes + text + bytes(blob)


def _expect_readable(kind: str, tree: Any, arrays: list[np.ndarray], form: Any) -> None:
    """What `unpack` would refuse is not written: a record must not be lost without a word."""
    try:
        _shaped(_with_arrays(tree, arrays), form, kind)
    except (Damaged, ArithmeticError) as error:
        raise TypeError(f"this {kind} could never be read again: {error}") from None


def _without_arrays(node: Any, found: dict[Any, tuple[int, np.ndarray]]) -> Any:
    """The tree as JSON can hold it. Equal arrays are kept once: one layer's output is the next
    one's input, which halves the bytes of a trace."""
    match node:
        case np.ndarray():
            if node.dtype.name not in DTYPES:
                raise TypeError(f"an array of {node.dtype} cannot be written; use numbers or bools")
            same = (node.dtype.name, node.shape, node.tobytes())
            return {"$array": found.setdefault(same, (len(found), node))[0]}
        case _ if is_dataclass(node):
            return _without_arrays({f.name: getattr(node, f.name) for f in fields(node)}, found)
        case Mapping():
            if any(not isinstance(key, str) or key.startswith("$") for key in node):
                raise TypeError("names must be texts that do not begin with $")
            return {key: _without_arrays(value, found) for key, value in node.items()}
        case list() | tuple():
            return [_without_arrays(value, found) for value in node]
        case np.generic():
            return _without_arrays(node.item(), found)
        case float() if not math.isfinite(node):
            return {"$float": str(node)}  # JSON has no word for NaN and infinity
        case str() | int() | float() | bool() | None:
            return node
    raise TypeError(f"a {type(node).__name__} cannot be written; numbers, texts and arrays can")


def unpack(kind: str, data: bytes | bytearray | memoryview, form: type) -> Any:
    """The `form`, a dataclass, that `pack` was given; refuses everything else."""
    found, content = parse(data)
    if found != kind:
        raise Damaged(f"this is a {found!r}, not a {kind}")
    with _making_sense():
        return _shaped(content, form, kind)


def parse(data: bytes | bytearray | memoryview) -> tuple[str, Any]:
    """The kind and the content, as dicts, lists, numbers, texts and arrays, of whatever form."""
    data = _as_bytes(data)
    if len(data) < 16 or data[:8] != MAGIC:
        raise Damaged("these bytes were not written by dlcourse")
    version, length = (int.from_bytes(data[i : i + 4], "little") for i in (8, 12))
    if version != VERSION:
        raise Damaged(f"written in form {version}, this dlcourse reads {VERSION}: update dlcourse")
    if length % 8 or 16 + length > len(data):
        raise Damaged("the file ends in the middle of its header")
    with _making_sense():
        header = json.loads(data[16 : 16 + length])
        arrays = _read_arrays(header["arrays"], memoryview(data)[16 + length :])
        return header["kind"], _with_arrays(header["content"], arrays)


@contextmanager
def _making_sense() -> Iterator[None]:
    """Whatever goes wrong while bytes are read, the bytes are at fault."""
    try:
        yield
    except Damaged:
        raise
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise Damaged("the header of the file makes no sense") from error


def _as_bytes(data: Any) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise Damaged(f"got a {type(data).__name__}, needs the bytes of a file: path.read_bytes()?")
    return bytes(data)


def _read_arrays(table: list[dict[str, Any]], blob: memoryview) -> list[np.ndarray]:
    """Copies of all arrays. They must fill the blob exactly, so that nothing is read twice."""
    arrays, at = [], 0
    for entry in table:
        dtype, shape = DTYPES[entry["dtype"]], entry["shape"]
        if type(shape) is not list or type(entry["at"]) is not int or entry["at"] != at:
            raise Damaged("the table of arrays makes no sense")
        if any(type(n) is not int or not 0 <= n < 2**31 for n in shape):
            raise Damaged("the table of arrays makes no sense")
        end = at + dtype.itemsize * math.prod(shape)
        if end > len(blob):
            raise Damaged("the file ends in the middle of an array")
        raw = np.frombuffer(blob[at:end], np.uint8 if dtype.kind == "b" else dtype)
        arrays.append(raw.reshape(shape).astype(dtype.newbyteorder("=")))
        at = end + -end % 8
    if at != len(blob):
        raise Damaged("the file ends in the middle of an array, or goes on behind the last one")
    return arrays


def _with_arrays(node: Any, arrays: list[np.ndarray]) -> Any:
    match node:
        case {"$array": int(number)}:
            if not 0 <= number < len(arrays):
                raise Damaged("the file names an array that it does not hold")
            return arrays[number]
        case {"$float": str(text)}:
            return float(text)
        case dict():
            return {key: _with_arrays(value, arrays) for key, value in node.items()}
        case list():
            return [_with_arrays(value, arrays) for value in node]
    return node


def _shaped(node: Any, form: Any, place: str) -> Any:
    """The node as its annotation says it must be: Step, tuple[Array | None, ...], float, ..."""
    kind: Any = get_origin(form) or form
    inner = get_args(form)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        if not isinstance(node, dict) or node.keys() != hints.keys():
            raise Damaged(f"{place} is no proper {kind.__name__}")
        return kind(**{n: _shaped(node[n], hint, f"{place}.{n}") for n, hint in hints.items()})
    if kind is UnionType:
        return None if node is None and NoneType in inner else _shaped(node, inner[0], place)
    if kind is Mapping and isinstance(node, dict):
        return {n: _shaped(value, inner[1], f"{place}.{n}") for n, value in node.items()}
    if kind in (tuple, list) and isinstance(node, list):
        return kind(_shaped(value, inner[0], f"{place}.{i}") for i, value in enumerate(node))
    if kind is float and type(node) is int:
        return float(node)
    if form is Any or type(node) is kind:
        return node
    raise Damaged(f"{place} is a {type(node).__name__}, needs {getattr(form, '__name__', form)}")
