"""Export-Csv and Format-List."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fakes.ps_types import PSList, PSObject, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NEWLINE = "\r\n"


def csv_text(
    objects: Sequence[PSObject],
    columns: Sequence[str],
    *,
    type_line: bool = True,
    delimiter: str = ",",
    joined: str | None = ", ",
) -> str:
    """What ``Select-Object $columns | Export-Csv`` writes.

    ``joined`` puts that separator between the items of a collection, as careful scripts do;
    None prints the collection's .NET type name, as Export-Csv does when left alone.
    """
    lines = [f"#TYPE Selected.{objects[0].types[0]}"] if type_line and objects else []
    lines.append(delimiter.join(_quoted(name) for name in columns))
    lines.extend(
        delimiter.join(_cell(_member(thing, name), joined) for name in columns) for thing in objects
    )
    return "".join(line + _NEWLINE for line in lines)


def _member(thing: PSObject, name: str) -> Any:
    return thing.properties.get(name, thing.extra.get(name))


def _cell(value: Any, joined: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, PSList):
        parts = (text_of(item) or "" for item in value.items)
        return _quoted(value.text if joined is None else joined.join(parts))
    return _quoted(_printed(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _printed(value: Any) -> str:
    """A scalar in the console's words, for the culture en-US."""
    if isinstance(value, datetime):
        hour = value.hour % 12 or 12
        half = "AM" if value.hour < 12 else "PM"
        day = f"{value.month}/{value.day}/{value.year}"
        return f"{day} {hour}:{value.minute:02}:{value.second:02} {half}"
    return text_of(value) or ""


def format_list(
    objects: Iterable[PSObject],
    properties: Sequence[str],
    *,
    enumeration_limit: int = 16,
    width: int = 120,
    blank_after_each: bool = False,
    prompt: str | None = None,
) -> str:
    """What ``Format-List $properties`` prints in a window of ``width`` columns.

    Collections stop after ``enumeration_limit`` items with three dots; -1 shows them all.
    ``blank_after_each`` puts a blank line below each property, as pastes in forums have it;
    ``prompt`` is the line in which the command was typed.
    """
    label_width = max(len(name) for name in properties)
    lines = [] if prompt is None else [prompt]
    lines += ["", ""]
    for thing in objects:
        for name in properties:
            value = _shown(_member(thing, name), enumeration_limit)
            lines += _property_lines(name.ljust(label_width), value, width)
            lines += [""] if blank_after_each else []
        lines.append("")
    lines += ["", ""]
    return "".join(line + _NEWLINE for line in lines)


def _shown(value: Any, limit: int) -> str:
    if not isinstance(value, PSList):
        return _printed(value)
    shown = value.items if limit < 0 else value.items[:limit]
    dots = "..." if len(shown) < len(value.items) else ""
    return "{" + ", ".join(_printed(item) for item in shown) + dots + "}"


def _property_lines(label: str, value: str, width: int) -> list[str]:
    head = f"{label} : "
    room = max(width - len(head), 20)
    pieces = [
        piece
        for line in value.splitlines() or [""]
        for piece in textwrap.wrap(line, room, break_on_hyphens=False) or [""]
    ]
    margin = " " * len(head)
    return [(margin if number else head) + piece for number, piece in enumerate(pieces)]
