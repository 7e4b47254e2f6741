"""CSV as ``Export-Csv`` writes it, and tables like it.

Rows are never guessed at: one that does not fit the header is skipped, because it is unknown which
of its cells are missing. A quote that is never closed costs its own line and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.formats.raw import RawObject, RawValue, Skipped, lost_type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.formats._items import Item

_DELIMITERS = ",;\t|"
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_QUOTED_NAME = re.compile(r"[A-Za-z_][\w ./()-]*")
_TYPE_LINE = re.compile(r'"?#TYPE[ \t]+([^",;|\t\r\n]+)', re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?\r?', re.IGNORECASE)
_PROPERTY_LINE = re.compile(r"[ \t]*[A-Za-z_][\w-]*[ \t]+:(?:[ \t]|\r?$)", re.MULTILINE)
_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)*+(?:[ \t]*\Z)?")
_BARE = {mark: re.compile(rf'(?! *")[^{re.escape(mark)}\r\n]*+') for mark in _DELIMITERS}
_HEADER_LIMIT = 1 << 16
"""A longer first line is no header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """The columns of one table; a column without a name is called ``""``."""

    types: tuple[str, ...]
    delimiter: str
    names: tuple[str, ...]


def is_csv(text: str) -> bool:
    """Whether ``text`` begins with a ``#TYPE`` line or with a row of column names.

    Two words and a comma also begin many a letter. So column names without quotes count only if
    the next line has as many cells, or if there are three of them and that line is no
    Format-List property.
    """
    line, at = _line(text, _after_blank_lines(text, 0))
    if _TYPE_LINE.match(line) or _SEPARATOR_LINE.fullmatch(line):
        return True
    delimiter, names = _split_header(line)
    if sum(map(bool, names)) < 2:
        return False
    at = _after_blank_lines(text, at)
    if line.startswith('"') or at == len(text):
        return True
    cells, _ = _record(text, at, delimiter)
    if cells is not None and _fits(cells, len(names)):
        return True
    return len(names) > 2 and not _PROPERTY_LINE.match(text, at)


def read_csv(text: str) -> Iterator[Item]:
    """The rows of all tables in ``text`` as objects, each located by its first line."""
    return _Reader(text).items()


class _Reader:
    """The walk over the records of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._types: tuple[str, ...] = ()
        self._header: _Header | None = None
        self._delimiter: str | None = None
        self._line = 1
        self._at = 0
        self._after_gap = False

    def items(self) -> Iterator[Item]:
        while self._skip_blank_lines() < len(self._text):
            line_number = self._line
            if not self._is_directive():
                delimiter = self._header.delimiter if self._header else self._next_delimiter()
                cells, end = _record(self._text, self._at, delimiter)
                self._advance(end)
                yield from self._cells(cells, delimiter, f"line {line_number}")
            self._after_gap = False

    def _skip_blank_lines(self) -> int:
        end = _after_blank_lines(self._text, self._at)
        self._after_gap = self._after_gap or end > self._at
        self._advance(end)
        return end

    def _advance(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _is_directive(self) -> bool:
        """Whether a line that names the type or the delimiter was read; a table follows it."""
        start = self._text[self._at : self._at + 6].lstrip('"').lower()
        if not start.startswith(("#type", "sep=")):
            return False
        line, end = _line(self._text, self._at)
        separator = _SEPARATOR_LINE.fullmatch(line)
        named = _TYPE_LINE.match(line)
        if separator is not None:
            self._delimiter = separator[1]
        elif named is not None:
            self._types = (_plain_type(named[1]),)
        else:
            return False
        self._header = None
        self._advance(end)
        return True

    def _next_delimiter(self) -> str:
        return self._delimiter or _split_header(_line(self._text, self._at)[0])[0]

    def _cells(self, cells: list[str] | None, delimiter: str, locator: str) -> Iterator[Item]:
        if cells is None:
            yield Skipped(locator=locator, why="a quote that is not closed or stands inside a cell")
            cells = []
            if self._header is not None:
                return
        if self._header is None or self._is_new_header(cells):
            yield from self._begin(cells, delimiter, locator)
        elif not _repeats(self._header, cells):
            yield from _row(self._header, cells, locator)

    def _is_new_header(self, cells: list[str]) -> bool:
        """Whether another table begins: after a gap, with other columns than before."""
        return (
            self._after_gap
            and self._header is not None
            and len(cells) != len(self._header.names)
            and len(cells) > 1
            and all(_NAME.fullmatch(cell) for cell in cells)
        )

    def _begin(self, cells: list[str], delimiter: str, locator: str) -> Iterator[Item]:
        names = tuple(cell.strip().lower() for cell in cells)
        self._header = _Header(types=self._types, delimiter=delimiter, names=names)
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            yield Skipped(
                locator=locator, why=f"two columns called {name[:60]!r}; the last is read"
            )


def _fits(cells: list[str], columns: int) -> bool:
    """Whether there is one cell for each column; empty ones beyond the last do not count."""
    return len(cells) >= columns and not any(cells[columns:])


def _row(header: _Header, cells: list[str], locator: str) -> Iterator[Item]:
    if not _fits(cells, len(header.names)):
        why = f"a row of {len(cells)} cells under {len(header.names)} columns"
        yield Skipped(locator=locator, why=why)
        return
    properties: dict[str, RawValue] = {}
    stray = False
    for name, cell in zip(header.names, cells, strict=False):
        if name:
            properties[name] = lost_type_name(cell) or cell
        else:
            stray = stray or bool(cell)
    if stray:
        yield Skipped(locator=locator, why="a cell under a column without a name")
    yield RawObject(types=header.types, properties=properties, locator=locator)


def _repeats(header: _Header, cells: list[str]) -> bool:
    """Whether a row is the header again, as where files were joined."""
    return cells[0].strip().lower() in header.names[:1] and (
        [cell.strip().lower() for cell in cells] == list(header.names)
    )


def _plain_type(name: str) -> str:
    return name.strip().removeprefix("CSV:").removeprefix("Deserialized.")


def _split_header(line: str) -> tuple[str, list[str]]:
    """The delimiter that cuts ``line`` into most column names, and these; a comma if none does."""
    best: tuple[str, list[str]] = (",", [])
    if len(line) > _HEADER_LIMIT:
        return best
    pattern = _QUOTED_NAME if line.startswith('"') else _NAME
    for delimiter in _DELIMITERS:
        cells, _ = _record(line, 0, delimiter)
        names = [cell.strip() for cell in cells or ()]
        named = [name for name in names if name]
        if len(named) > len(best[1]) and all(pattern.fullmatch(name) for name in named):
            best = (delimiter, names)
    return best


def _after_blank_lines(text: str, at: int) -> int:
    match = _BLANK_LINES.match(text, at)
    return match.end() if match is not None else at


def _line(text: str, at: int) -> tuple[str, int]:
    """The line at ``at`` without its end, and where the next one begins."""
    end = text.find("\n", at)
    if end < 0:
        return text[at:], len(text)
    return text[at:end].removesuffix("\r"), end + 1


def _record(text: str, at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """The cells of the record at ``at`` and where the next one begins.

    None for the cells if its quotes are wrong; then only the first line of it is passed over.
    """
    line, following = _line(text, at)
    if '"' not in line:
        return line.split(delimiter), following
    if line[0] == '"' == line[-1]:
        cells = line[1:-1].split(f'"{delimiter}"')
        if line.count('"') == 2 * len(cells):
            return cells, following
    return _quoted_record(text, at, delimiter) or (None, following)


def _quoted_record(text: str, at: int, delimiter: str) -> tuple[list[str], int] | None:
    cells: list[str] = []
    while True:
        cell, at = _quoted_cell(text, at) or _bare_cell(text, at, delimiter)
        cells.append(cell)
        if text.startswith("\r\n", at):
            return cells, at + 2
        mark = text[at : at + 1]
        if mark in {"", "\n"}:
            return cells, at + len(mark)
        if mark != delimiter:
            return None
        at += 1


def _quoted_cell(text: str, at: int) -> tuple[str, int] | None:
    """The cell in quotes at ``at`` and its end; None if there is none or it does not end."""
    while text.startswith(" ", at):
        at += 1
    if not text.startswith('"', at):
        return None
    end = text.find('"', at + 1)
    while end >= 0 and text.startswith('"', end + 1):
        end = text.find('"', end + 2)
    if end < 0:
        return None
    cell = text[at + 1 : end].replace('""', '"')
    end += 1
    while text.startswith(" ", end):
        end += 1
    return cell, end


def _bare_cell(text: str, at: int, delimiter: str) -> tuple[str, int]:
    """The cell without quotes at ``at`` and its end; its end is ``at`` if a quote begins there."""
    match = _BARE[delimiter].match(text, at)
    return (match[0], match.end()) if match is not None else ("", at)
