"""Paragraphs and tables on a console, in which nothing is ever cut.

All text from the evidence goes through ``data`` and travels as ``rich.text.Text``: Rich reads
markup only in plain strings, so no name is taken for markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from rctango.report.safe import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

_NARROWEST = 8
_LAST_COLUMN = 24
_GUTTER = "  "

BAD = "bold red"
DIM = "dim"
GOOD = "green"
HEAD = "bold"
UNSURE = "yellow"


def data(text: str, style: str = "") -> Text:
    """Text from the evidence, made safe."""
    return Text(printable(text), style=style)


def join(*parts: Text | str | tuple[str, str]) -> Text:
    """Parts after each other; plain strings, with or without a style, are our own words."""
    return Text.assemble(*parts)


def write(console: Console, text: Text, *, indent: int = 0, hang: int = 0) -> None:
    """Write one paragraph, wrapped to the width of the console.

    Args:
        console: where to.
        text: the paragraph.
        indent: the margin of every line.
        hang: the further margin of every line but the first.
    """
    room = max(_NARROWEST, console.width - indent - hang)
    for at, line in enumerate(text.wrap(console, room, overflow="fold")):
        line.rstrip()
        margin = Text(" " * (indent + (hang if at else 0)))
        _print(console, margin.append_text(line))


def write_field(console: Console, label: str, value: Text, *, style: str = "") -> None:
    """Write ``label: value`` as part of a block."""
    write(console, join((f"{label}: ", style or HEAD), value), indent=2, hang=2)


def blank(console: Console) -> None:
    """Write an empty line."""
    _print(console, Text())


def fits(console: Console, headers: Sequence[str], body: Sequence[Sequence[Text]]) -> bool:
    """Whether a table stands in the width of the console without wrapping any cell."""
    return _needed(_widths(headers, body)) <= console.width


def write_table(
    console: Console,
    headers: Sequence[str],
    body: Sequence[Sequence[Text]],
    *,
    right: int | None = None,
) -> None:
    """Write a table whose last column may wrap; a block for each row where even that is too wide.

    Args:
        console: where to.
        headers: our own words, or texts already made safe.
        body: the cells, row by row.
        right: the column to align at the right.
    """
    widths = _widths(headers, body)
    widths[-1] = min(widths[-1], _LAST_COLUMN)
    if _needed(widths) > console.width:
        for row in body:
            _write_block(console, headers, row)
        return
    _write_row(console, [Text(header, style=HEAD) for header in headers], widths, right)
    for row in body:
        _write_row(console, row, widths, right)


def _widths(headers: Sequence[str], body: Sequence[Sequence[Text]]) -> list[int]:
    return [
        max([cell_len(header), *(row[at].cell_len for row in body)])
        for at, header in enumerate(headers)
    ]


def _needed(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GUTTER) * len(widths)


def _write_block(console: Console, headers: Sequence[str], row: Sequence[Text]) -> None:
    write(console, row[0], indent=2, hang=2)
    for header, cell in zip(headers[1:], row[1:], strict=True):
        if cell:
            write(console, join((f"{header}: ", DIM), cell), indent=4, hang=2)


def _write_row(
    console: Console, row: Sequence[Text], widths: Sequence[int], right: int | None
) -> None:
    line = Text(_GUTTER)
    for at, cell in enumerate(row[:-1]):
        padding = " " * (widths[at] - cell.cell_len)
        line.append_text(join(padding, cell) if at == right else join(cell, padding))
        line.append(_GUTTER)
    margin = " " * line.cell_len
    lines = row[-1].wrap(console, console.width - len(margin), overflow="fold") or [Text()]
    for at, part in enumerate(lines):
        shown = line.append_text(part) if not at else join(margin, part)
        shown.rstrip()
        _print(console, shown)


def _print(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=True)
