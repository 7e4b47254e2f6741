"""Export-Clixml, in the shape Windows PowerShell writes it."""

from __future__ import annotations

import base64
import codecs
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakKeyDictionary

from fakes.ps_types import PSEnum, PSList, PSNumber, PSObject, deserialize, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_HEAD = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
_NEWLINE = "\r\n"
_SPECIAL = re.compile(
    '[&<>"\x00-\x1f\x7f-\x9f\ud800-\udfff\U00010000-\U0010ffff]|_(?=[xX])',
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': '"'}
_BYTE_ORDER_MARKS = {"utf-16": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def escape(text: str) -> str:
    """Text as CLIXML writes it: XML entities, and ``_xHHHH_`` for what XML cannot hold."""
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ENTITIES:
        return _ENTITIES[character]
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = range(0, len(units), 2)
    return "".join(f"_x{int.from_bytes(units[at : at + 2]):04X}_" for at in pairs)


def net_double(value: float) -> str:
    """A Double as .NET Framework round-trips it: 15 digits when they suffice, else 17."""
    short = format(value, ".15g")
    text = short if float(short) == value else format(value, ".17g")
    return text.upper()


def net_time(value: datetime) -> str:
    """A DateTime in XML: Z for UTC, an offset for local time, nothing when unspecified."""
    text = value.replace(tzinfo=None).isoformat(timespec="seconds")
    if value.microsecond:
        text += f".{value.microsecond:06}".rstrip("0")
    if value.tzinfo is UTC:
        return text + "Z"
    return text + (value.isoformat()[-6:] if value.tzinfo is not None else "")


def net_duration(value: timedelta) -> str:
    """A TimeSpan in XML, such as ``PT10M`` or ``P1DT2H``."""
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    days = f"{value.days}D" if value.days else ""
    clock = "".join(
        f"{number}{unit}"
        for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S"))
        if number or (unit == "S" and not days and not hours and not minutes)
    )
    return f"P{days}" + (f"T{clock}" if clock else "")


_SCALARS: dict[type, tuple[str, Callable[[Any], str]]] = {
    str: ("S", escape),
    bool: ("B", lambda value: "true" if value else "false"),
    int: ("I32", str),
    float: ("Db", net_double),
    UUID: ("G", str),
    datetime: ("DT", net_time),
    timedelta: ("TS", net_duration),
    bytes: ("BA", lambda value: base64.b64encode(value).decode()),
}


class _Writer:
    """One export: it remembers the types and the objects it has already written."""

    def __init__(self, depth: int | None) -> None:
        self._depth = 1000 if depth is None else depth
        self._types: dict[tuple[str, ...], int] = {}
        self._objects: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._numbers = count()
        self._lines: list[str] = []

    def document(self, objects: Iterable[Any], *, declaration: bool) -> Iterator[str]:
        if declaration:
            yield '<?xml version="1.0"?>' + _NEWLINE
        yield _HEAD + _NEWLINE
        for thing in objects:
            self._write(thing, "", "  ", max(self._depth, 1))
            self._lines.append("")
            yield _NEWLINE.join(self._lines)
            self._lines.clear()
        yield "</Objs>"

    def _write(self, value: Any, name: str, indent: str, depth: int) -> None:
        kind = type(value)
        if kind is PSObject and depth < 1:
            self._write_scalar(text_of(value), name, indent)
        elif kind in {PSObject, PSEnum, PSList}:
            self._write_complex(value, name, indent, depth)
        else:
            self._write_scalar(value, name, indent)

    def _write_scalar(self, value: Any, name: str, indent: str) -> None:
        if value is None:
            self._lines.append(f"{indent}<Nil{name} />")
            return
        if isinstance(value, PSNumber):
            tag, text = value.tag, str(value.value)
        else:
            tag, written = _SCALARS[type(value)]
            text = written(value)
            if tag == "I32" and not -(2**31) <= value < 2**31:
                tag = "I64"
        self._lines.append(f"{indent}<{tag}{name}>{text}</{tag}>")

    def _write_complex(self, value: Any, name: str, indent: str, depth: int) -> None:
        number = self._objects.get(value)
        if number is not None:
            self._lines.append(f'{indent}<Ref{name} RefId="{number}" />')
            return
        number = next(self._numbers)
        self._objects[value] = number
        self._lines.append(f'{indent}<Obj{name} RefId="{number}">')
        self._write_types(value.types, indent + "  ")
        if type(value) is PSObject:
            self._write_members(value, indent + "  ", depth)
        elif type(value) is PSEnum:
            self._lines.append(f"{indent}  <ToString>{escape(value.text)}</ToString>")
            self._lines.append(f"{indent}  <I32>{value.value}</I32>")
        else:
            self._write_items(value.items, indent + "  ", depth)
        self._lines.append(f"{indent}</Obj>")

    def _write_types(self, types: tuple[str, ...], indent: str) -> None:
        if not types:
            return
        number = self._types.get(types)
        if number is not None:
            self._lines.append(f'{indent}<TNRef RefId="{number}" />')
            return
        number = self._types[types] = len(self._types)
        self._lines.append(f'{indent}<TN RefId="{number}">')
        self._lines.extend(f"{indent}  <T>{escape(name)}</T>" for name in types)
        self._lines.append(f"{indent}</TN>")

    def _write_members(self, value: PSObject, indent: str, depth: int) -> None:
        if value.text is not None:
            text = escape(value.text)
            line = f"<ToString>{text}</ToString>" if text else "<ToString />"
            self._lines.append(indent + line)
        for tag, members in (("Props", value.properties), ("MS", value.extra)):
            if members:
                self._lines.append(f"{indent}<{tag}>")
                for name, member in members.items():
                    attribute = ' N="' + escape(name).replace('"', "&quot;") + '"'
                    self._write(member, attribute, indent + "  ", depth - 1)
                self._lines.append(f"{indent}</{tag}>")

    def _write_items(self, items: tuple[Any, ...], indent: str, depth: int) -> None:
        if not items:
            self._lines.append(f"{indent}<LST />")
            return
        self._lines.append(f"{indent}<LST>")
        for item in items:
            self._write(item, "", indent + "  ", depth)
        self._lines.append(f"{indent}</LST>")


def clixml_chunks(
    objects: Iterable[Any],
    *,
    declaration: bool = False,
    depth: int | None = None,
) -> Iterator[str]:
    """Export-Clixml piece by piece, one top-level object at a time.

    Objects may come from a generator: none is kept, so a file of any size can be written.
    ``depth`` works like ``-Depth``: objects further down shrink to their ToString text;
    collections cost no depth; None means everything.
    """
    return _Writer(depth).document(objects, declaration=declaration)


def encoded(text: str, encoding: str) -> bytes:
    """Text as bytes; "utf-16" is little-endian and "utf-16-be" big-endian, both with a BOM."""
    mark = _BYTE_ORDER_MARKS.get(encoding, b"")
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    return mark + text.encode(codec, "replace" if encoding == "ascii" else "strict")


def clixml(
    objects: Iterable[PSObject],
    *,
    deserialized: bool = False,
    encoding: str = "utf-16",
    declaration: bool = False,
    depth: int | None = None,
) -> bytes:
    """A whole file as Export-Clixml writes it.

    ``deserialized`` gives what a remote session without the Exchange types exports.
    """
    things = deserialize(objects) if deserialized else objects
    return encoded("".join(clixml_chunks(things, declaration=declaration, depth=depth)), encoding)
