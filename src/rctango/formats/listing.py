"""Format-List text and console pastes of it, however mangled.

Where one object ends and the next begins: at a command line, at a property that the object
already has, and at a gap wider than the gaps inside objects. The usual gap is none; in pastes from
web pages every property is followed by a blank line, and then one blank line means nothing. When in
doubt an object is split, because a part without a name is noticed, and two objects in one are not.

A line belongs to the value above it if it is indented, if the list above is closed further down, or
if the value above ends with a comma. Everything else between properties is taken for prose.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rctango.formats._limits import NESTING_LIMIT
from rctango.formats._listing_lines import Kind, Line, is_listing, read_lines, row_parts
from rctango.formats._listing_values import is_open, join_wrapped, read_cell, read_value
from rctango.formats.raw import RawObject, RawValue, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.formats._items import Item

__all__ = ["is_listing", "read_listing"]

_NESTED_INDENT = 4
"""PowerShell indents the properties of a nested object by four blanks."""

_WRAP_INDENT = 4
"""Lines indented so far were broken by PowerShell and show how wide the console was."""

_HEADER = re.compile(r"[A-Za-z_]\w*(?:[ \t]+[A-Za-z_]\w*)+[ \t]*")
_COLUMN_GAP = re.compile(r"[ \t]{2,}")
_FLAG_BEFORE_LIST = re.compile(r"(.*\S)[ \t]+(True|False)")
_RIGHTS = ("user", "extendedrights")
"""The columns of a table of rights whose header was not copied along."""


def read_listing(text: str) -> Iterator[Item]:
    """The objects in ``text``, each located by its first line and each property by its own."""
    return _Reader(read_lines(text)).items()


class _Object:
    """An object that is being read."""

    def __init__(self, line: Line, command: str | None) -> None:
        self.first = line
        self.command = command
        self.properties: dict[str, RawValue] = {}
        self.lines: dict[str, str] = {}
        self.last = line

    def add(self, line: Line, value: RawValue) -> None:
        self.properties[line.name] = value
        self.lines[line.name] = f"line {line.number}"
        self.last = line

    def finished(self) -> RawObject:
        return RawObject(
            properties=self.properties,
            locator=f"line {self.first.number}",
            lines=self.lines,
            command=self.command,
        )


class _Reader:
    """The walk over the lines of one text."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._at = 0
        self._width = max(
            (line.width for line in lines if line.name or line.indent >= _WRAP_INDENT), default=0
        )
        self._command: str | None = None
        self._open: list[_Object] = []
        self._header: tuple[str, ...] = ()
        self._blanks = 0
        self._usual_gap = 0
        self._failed = False

    def items(self) -> Iterator[Item]:
        self._usual_gap = self._measure_gap()
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if line.kind is Kind.PROPERTY:
                yield from self._property(line)
            elif line.kind is Kind.BLANK:
                self._blanks += 1
            else:
                yield from self._other(line)
        yield from self._flush()

    def _other(self, line: Line) -> Iterator[Item]:
        if line.kind is Kind.COMMAND:
            yield from self._flush()
            self._begin_command(line)
        elif line.kind is Kind.ERROR:
            yield from self._error(line)
        elif line.kind is Kind.ROW:
            yield from self._row(line)
        elif line.kind is Kind.RULE:
            yield from self._rule(line)
        else:
            self._text(line)

    def _flush(self) -> Iterator[Item]:
        self._close_nested(0)
        if self._open:
            yield self._open.pop().finished()
        self._blanks = 0

    def _close_nested(self, indent: int) -> None:
        """End the nested objects that are indented further than ``indent``."""
        while len(self._open) > 1 and self._open[-1].first.indent > indent:
            nested = self._open.pop().finished()
            outer = self._open[-1]
            outer.properties[outer.last.name] = nested

    def _measure_gap(self) -> int:
        """How many blank lines stand between the properties of one object, up to a command."""
        gaps: Counter[int] = Counter()
        name, blanks = "", 0
        for index in range(self._at, len(self._lines)):
            line = self._lines[index]
            if line.kind is Kind.COMMAND:
                break
            if line.kind is Kind.PROPERTY:
                if name not in {"", line.name}:
                    gaps[blanks] += 1
                name = line.name
            blanks = blanks + 1 if line.kind is Kind.BLANK else 0
        if gaps[0] * 2 >= gaps.total():
            return 0
        return max(gaps, key=lambda gap: (gaps[gap], -gap))

    def _begin_command(self, line: Line) -> None:
        parts = [line.text]
        while self._at < len(self._lines) and self._command_goes_on(parts[-1]):
            parts.append(self._lines[self._at].text.lstrip("> "))
            self._at += 1
        command = " ".join(part.strip().removesuffix("`").rstrip() for part in parts)
        self._command = command or None
        self._header = ()
        self._failed = False
        self._usual_gap = self._measure_gap()

    def _command_goes_on(self, part: str) -> bool:
        following = self._lines[self._at]
        if following.text.startswith(">>"):
            return True
        broken = part.rstrip().endswith(("`", "|"))
        return broken and following.kind in {Kind.TEXT, Kind.ROW, Kind.COMMAND}

    def _error(self, line: Line) -> Iterator[Item]:
        if not self._failed:
            why = f"PowerShell reported an error: {line.text.strip()[:200]}"
            yield Skipped(locator=f"line {line.number}", why=why)
        self._failed = True

    def _property(self, line: Line) -> Iterator[Item]:
        self._header = ()
        self._failed = False
        if self._begins_nested(line):
            self._open.append(_Object(line, self._command))
        else:
            self._close_nested(line.indent)
            if self._open and self._begins_object(line):
                yield from self._flush()
            if not self._open:
                self._open.append(_Object(line, self._command))
        segments = self._segments(line)
        value = read_value(join_wrapped(segments, self._width - line.column))
        self._open[-1].add(line, value)
        self._blanks = 0

    def _begins_object(self, line: Line) -> bool:
        return self._blanks > self._usual_gap or line.name in self._open[-1].properties

    def _begins_nested(self, line: Line) -> bool:
        """Whether a line stands indented under a property without a value."""
        if not self._open or self._blanks or len(self._open) >= NESTING_LIMIT:
            return False
        outer = self._open[-1]
        deeper = line.indent >= outer.first.indent + _NESTED_INDENT
        return deeper and outer.properties.get(outer.last.name) == ""

    def _segments(self, line: Line) -> list[str]:
        """The value of a property, line by line; steps over the lines it takes."""
        segments = [line.value]
        closing = self._closing_line(line) if is_open(segments) else -1
        while self._at < len(self._lines):
            following = self._lines[self._at]
            if self._at > closing and not _continues(line, segments, following):
                break
            if following.kind is not Kind.BLANK:
                segments.append(following.text)
            self._at += 1
        return segments

    def _closing_line(self, line: Line) -> int:
        """The index of the line that ends the list begun in ``line``; -1 if none does."""
        for index in range(self._at, len(self._lines)):
            following = self._lines[index]
            stray = following.kind in {Kind.COMMAND, Kind.ERROR, Kind.PROPERTY}
            if "{" in following.text or (stray and following.indent != line.column):
                break
            if following.text.rstrip().endswith("}"):
                return index
        return -1

    def _text(self, line: Line) -> None:
        """Prose, or the header of a table."""
        self._header = ()
        following = self._next_kind()
        if following in {Kind.ROW, Kind.RULE} and _HEADER.fullmatch(line.text):
            self._header = tuple(line.text.lower().split())

    def _next_kind(self) -> Kind | None:
        for index in range(self._at, len(self._lines)):
            if self._lines[index].kind is not Kind.BLANK:
                return self._lines[index].kind
        return None

    def _rule(self, line: Line) -> Iterator[Item]:
        if self._header and self._next_kind() is not Kind.ROW:
            why = "a Format-Table listing, which cuts values short; use Export-Clixml"
            yield Skipped(locator=f"line {line.number}", why=why)
            self._header = ()

    def _row(self, line: Line) -> Iterator[Item]:
        parts = row_parts(line.text)
        if parts is None or not (self._header or parts[1].startswith("{ms-Exch-")):
            return
        yield from self._flush()
        segments = [line.text]
        while self._at < len(self._lines) and _row_continues(line, segments, self._lines[self._at]):
            segments.append(self._lines[self._at].text)
            self._at += 1
        text = join_wrapped(segments, self._width)
        header = self._header or _RIGHTS
        cells = _cells(text, len(header))
        if cells is None:
            why = f"a table row that cannot be told apart into {len(header)} cells"
            yield Skipped(locator=f"line {line.number}", why=why)
            return
        row = _Object(line, self._command)
        for name, cell in zip(header, cells, strict=True):
            row.add(line._replace(name=name), read_cell(cell))
        yield row.finished()


def _continues(line: Line, segments: list[str], following: Line) -> bool:
    """Whether ``following`` belongs to the value of ``line`` of which ``segments`` were read."""
    complete = segments[0].startswith("{") and not is_open(segments)
    if following.kind is Kind.BLANK or complete:
        return False
    if following.indent == line.column:
        return True
    if following.kind in {Kind.PROPERTY, Kind.COMMAND, Kind.ERROR}:
        return False
    return following.indent > line.indent + 1 or segments[-1].rstrip().endswith(",")


def _row_continues(line: Line, segments: list[str], following: Line) -> bool:
    opened = segments[-1].rstrip().endswith(",")
    return opened and following.kind is Kind.TEXT and following.indent > line.indent


def _cells(text: str, count: int) -> tuple[str, ...] | None:
    """The cells of a table row, of which one is a list; None if they cannot be told apart."""
    parts = tuple(_COLUMN_GAP.split(text.strip()))
    if len(parts) == count:
        return parts
    row = row_parts(text)
    if row is None or not row[1].endswith(("}", "...", "\u2026")):
        return None
    flag = _FLAG_BEFORE_LIST.fullmatch(row[0])
    if count == 3 and flag is not None:
        return flag[1], flag[2], row[1]
    return row if count == 2 else None
