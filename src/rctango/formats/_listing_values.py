"""The values of a listing: wrapped lines joined, lists taken apart."""

from __future__ import annotations

import re
from itertools import pairwise

from rctango.formats.raw import Lost, RawValue, lost_type_name

_BETWEEN = re.compile(r",\s+")
_DOTS = ("...", "\u2026")

CUT_SHORT = "the list was cut short by $FormatEnumerationLimit or by the width of the console"
NOT_CLOSED = "the list is not closed; its end is missing"


def join_wrapped(segments: list[str], width: int) -> str:
    """One value from the lines it was broken into.

    PowerShell breaks lines at blanks, and only cuts a word that is longer than a whole line; the
    blank itself is often lost on the way. So a blank is put back unless the words on both sides
    are together too long for one line.
    """
    in_list = segments[0].startswith("{")
    joined = [segments[0]]
    for left, right in pairwise(segments):
        joined.append(_glue(left, right, width, in_list=in_list) + right.strip())
    return "".join(joined)


def _glue(left: str, right: str, width: int, *, in_list: bool) -> str:
    if left.endswith((" ", "\t")):
        return ""
    last = left.rsplit(" ", 1)[-1].strip()
    first = right.strip().split(" ", 1)[0]
    between_items = last.endswith(",") and (in_list or "=" not in last)
    return " " if between_items or len(last) + len(first) <= width else ""


def is_open(segments: list[str]) -> bool:
    """Whether a value that begins with these lines is a list whose end was not among them."""
    return segments[0].startswith("{") and not segments[-1].rstrip().endswith("}")


def read_value(text: str) -> RawValue:
    """A list in braces as a tuple, anything else as text."""
    text = text.strip()
    if not text.startswith("{"):
        return lost_type_name(text) or text
    closed = len(text) > 1 and text.endswith("}")
    body = (text[1:-1] if closed else text[1:]).strip()
    items = [item.strip() for item in _BETWEEN.split(body)] if body else []
    if body.endswith(_DOTS):
        last = items.pop().removesuffix("...").rstrip("\u2026").strip()
        if last and closed:
            items.append(last)
        return Lost(why=CUT_SHORT, rest=_values(items))
    if not closed:
        return Lost(why=NOT_CLOSED, rest=_values(items[:-1]))
    return _values(items)


def read_cell(text: str) -> RawValue:
    """The cell of a table, which is cut to the width of its column."""
    if text.endswith(_DOTS) and not text.startswith("{"):
        return Lost(why="the cell was cut to the width of its column")
    return read_value(text)


def _values(items: list[str]) -> tuple[RawValue, ...]:
    return tuple(lost_type_name(item) or item for item in items)
