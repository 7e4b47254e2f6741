"""ConvertTo-Json, as Windows PowerShell 5.1 and as PowerShell 7 write it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from fakes.ps_clixml import net_double, net_time
from fakes.ps_types import PSEnum, PSList, PSNumber, PSObject, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Flavour = Literal["5.1", "7"]

_NEWLINE = "\r\n"
_SPECIAL = {
    "5.1": re.compile("[\"\\\\<>&'\x00-\x1f\x85\u2028\u2029]"),
    "7": re.compile('["\\\\\x00-\x1f\x85\u2028\u2029]'),
}
_SHORT = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def json_text(
    objects: Sequence[PSObject],
    *,
    flavour: Flavour = "5.1",
    depth: int = 2,
    enums_as_strings: bool = False,
    wrapper: bool = False,
) -> str:
    """What ``$objects | ConvertTo-Json`` prints.

    One object is no array. An array costs a level of depth, as it does in PowerShell, and what
    lies below ``depth`` is its ToString text. ``wrapper`` gives ``{"value": [...], "Count": n}``,
    which 5.1 makes of an array that carries added members.
    """
    reader = _Reader(depth, enums_as_strings=enums_as_strings)
    if len(objects) == 1 and not wrapper:
        tree = reader.read(objects[0], 0)
    else:
        tree = [reader.read(thing, 1) for thing in objects]
    if wrapper:
        tree = {"value": tree, "Count": len(objects)}
    writer = _Writer51() if flavour == "5.1" else _Writer7()
    return writer.text(tree, 0)


class _Reader:
    """Turns PowerShell values into dictionaries, lists and scalars, down to the given depth."""

    def __init__(self, depth: int, *, enums_as_strings: bool) -> None:
        self._depth = depth
        self._enums_as_strings = enums_as_strings

    def read(self, value: Any, level: int) -> Any:
        if isinstance(value, PSEnum):
            return value.text if self._enums_as_strings else value.value
        if isinstance(value, PSNumber):
            return value.value
        if isinstance(value, (PSObject, PSList, timedelta)):
            return text_of(value) if level > self._depth else self._read_complex(value, level)
        return value

    def _read_complex(self, value: PSObject | PSList | timedelta, level: int) -> Any:
        if isinstance(value, timedelta):
            seconds = value.total_seconds()
            return {"Ticks": int(seconds * 10_000_000), "TotalSeconds": seconds}
        if isinstance(value, PSList):
            return [self.read(item, level + 1) for item in value.items]
        members = {**value.properties, **value.extra}
        return {
            name: self.read(member, level + 1)
            for name, member in members.items()
            if not isinstance(member, bytes)
        }


class _Writer:
    """What both editions share: scalars and the walk over the tree."""

    flavour: Flavour

    def text(self, value: Any, column: int) -> str:
        if isinstance(value, dict):
            return self.container(self.pairs(value), column, "{}")
        if isinstance(value, list):
            return self.container([("", item) for item in value], column, "[]")
        return self.scalar(value)

    def pairs(self, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
        raise NotImplementedError

    def container(self, pairs: list[tuple[str, Any]], column: int, brackets: str) -> str:
        raise NotImplementedError

    def time(self, value: datetime) -> str:
        raise NotImplementedError

    def scalar(self, value: Any) -> str:
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return net_double(value)
        if isinstance(value, int):
            return str(value)
        if isinstance(value, datetime):
            return self.time(value)
        return self.quoted(str(value) if isinstance(value, UUID) else value)

    def quoted(self, text: str) -> str:
        return f'"{_SPECIAL[self.flavour].sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}"


class _Writer51(_Writer):
    """Windows PowerShell: everything inside a bracket is indented from that bracket."""

    flavour: Flavour = "5.1"

    def pairs(self, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
        return [(f"{self.quoted(name)}:  ", member) for name, member in value.items()]

    def container(self, pairs: list[tuple[str, Any]], column: int, brackets: str) -> str:
        inner = column + 4
        lines = [
            " " * inner + head + self.text(member, inner + len(head)) for head, member in pairs
        ]
        return _bracketed(lines, " " * column, brackets)

    def time(self, value: datetime) -> str:
        return f'"\\/Date({int(value.timestamp() * 1000)})\\/"'


class _Writer7(_Writer):
    """PowerShell 7: two blanks a level, empty containers on one line."""

    flavour: Flavour = "7"

    def pairs(self, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
        return [(f"{self.quoted(name)}: ", member) for name, member in value.items()]

    def container(self, pairs: list[tuple[str, Any]], column: int, brackets: str) -> str:
        if not pairs:
            return brackets
        inner = column + 2
        lines = [" " * inner + head + self.text(member, inner) for head, member in pairs]
        return _bracketed(lines, " " * column, brackets)

    def time(self, value: datetime) -> str:
        return f'"{net_time(value)}"'


def _bracketed(lines: Iterable[str], indent: str, brackets: str) -> str:
    body = f",{_NEWLINE}".join(lines)
    return f"{brackets[0]}{_NEWLINE}{body}{_NEWLINE}{indent}{brackets[1]}"
