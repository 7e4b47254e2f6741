"""One line of a protocol log: the nine columns, or why it is no row.

Exchange writes comma-separated rows of nine columns in UTF-8, one physical line each. A column is
quoted only when it holds a comma or a quote, which is then doubled; line breaks in data are
written as text. Logs that people pass on are mangled: indented, commented out, wrapped, joined.

Source: https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import NamedTuple

COLUMNS = 9

BLANK = "blank line"
PADDING = "NUL padding"
WRAPPING = "JSON around the rows"

NOT_A_ROW = "not a row: it does not begin with a time"
CUT_SHORT = "cut short: fewer than nine columns"
OPEN_QUOTE = "a quote does not end"
NO_SESSION = "no session-id"
NO_SEQUENCE = "no sequence-number"
NO_EVENT = "unknown event"
WRONG_TIME = "no such time"
TOO_LONG = "longer than 16 MiB"

_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,")
_SESSION = re.compile(rb"[0-9A-Fa-f]{16}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_JOINT = re.compile(
    rb"(?<=.)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,[^,\"]*,[0-9A-Fa-f]{16},\d{1,9},", re.DOTALL
)
_FIELD = re.compile(rb'"((?:[^"]|"")*)"[ \t]*(?:,|$)|([^",][^,]*|)(?:,|$)')
_HEADER = re.compile(rb"#|(?:Software|Version|Log-type|Date|Fields): ")
BLANKS = b" \t\r\n\x00"
_LEAD = b" \t\x00\xef\xbb\xbf"
_JSON = re.compile(rb'[\[\]{}]+,?$|"(?!message":)[^"]*":')
_EVENTS = frozenset({b"+", b"-", b"<", b">", b"*"})


class Row(NamedTuple):
    """The columns of one row, unquoted; an event that was lost is ``*``."""

    time: bytes
    connector: bytes
    session: bytes
    sequence: int
    local: bytes
    remote: bytes
    event: bytes
    data: bytes
    context: bytes


class BadLineError(Exception):
    """A line that is no row; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_header(line: bytes) -> bool:
    """Whether a line belongs to a header: it begins with ``#`` or has lost it, and is no row."""
    bare = line.lstrip(_LEAD)
    return _HEADER.match(bare) is not None and _TIME.match(_bare(line)) is None


def noise(line: bytes) -> str | None:
    """Why a line carries nothing; None when it should be a row or a header."""
    text = line.lstrip(_LEAD).rstrip(BLANKS)
    if text:
        return WRAPPING if _JSON.match(text) else None
    return PADDING if b"\x00" in line else BLANK


def _bare(line: bytes) -> bytes:
    return line.lstrip(_LEAD + b"#").rstrip(BLANKS)


def read_rows(line: bytes) -> list[Row]:
    """The rows of one physical line: one, or several that were joined by mistake.

    Raises:
        BadLineError: the line, or a part of it, is no row.
    """
    text = _bare(line)
    if text[:1] in {b'"', b"{"}:
        text = _message(text)
    if _TIME.match(text) is None:
        raise BadLineError(NOT_A_ROW)
    fields = _fields(text)
    if len(fields) > COLUMNS:
        parts = _parts(text)
        if len(parts) > 1:
            return [_row(_fields(part)) for part in parts]
    return [_row(fields)]


def _message(text: bytes) -> bytes:
    """The row inside a JSON event (``"message": "..."``), as log shippers write them."""
    start = text.find(b'"message":')
    if start < 0:
        raise BadLineError(NOT_A_ROW)
    try:
        value, _ = json.JSONDecoder().raw_decode(
            text[start + len(b'"message":') :].decode("utf-8", "replace").lstrip()
        )
    except (ValueError, RecursionError) as error:
        raise BadLineError(NOT_A_ROW) from error
    if not isinstance(value, str):
        raise BadLineError(NOT_A_ROW)
    return _bare(value.encode("utf-8", "replace"))


def _parts(text: bytes) -> list[bytes]:
    starts = [0, *(match.start() for match in _JOINT.finditer(text))]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _fields(text: bytes) -> list[bytes]:
    """Split at commas; a quote counts only where a column begins."""
    if b'"' not in text:
        return text.split(b",")
    fields = []
    at = 0
    while True:
        match = _FIELD.match(text, at)
        if match is None:
            raise BadLineError(OPEN_QUOTE)
        quoted = match[1]
        fields.append(match[2] if quoted is None else quoted.replace(b'""', b'"'))
        at = match.end()
        if at == len(text):
            if text.endswith(b",") and match.end() > match.start() and match[0].endswith(b","):
                fields.append(b"")
            return fields


def _row(fields: list[bytes]) -> Row:
    """Check the columns; what follows the ninth is left aside.

    A newer version may add columns, and a paste may lose the quotes around data with commas: in
    both cases the first eight columns hold.
    """
    if len(fields) < COLUMNS:
        raise BadLineError(CUT_SHORT)
    time, connector, session, sequence, local, remote, event, data, context = fields[:COLUMNS]
    if _SESSION.fullmatch(session) is None:
        raise BadLineError(NO_SESSION)
    if not (sequence.isdigit() and len(sequence) <= 9):
        raise BadLineError(NO_SEQUENCE)
    if event not in _EVENTS and event:
        raise BadLineError(NO_EVENT)
    if not is_time(time):
        raise BadLineError(WRONG_TIME)
    return Row(
        time,
        connector.replace(b"\\\\", b"\\"),
        session.upper(),
        int(sequence),
        local,
        remote,
        event or b"*",
        data,
        context,
    )


def is_time(text: bytes) -> bool:
    """Whether a time of a row, such as ``2026-03-02T08:00:00.010Z``, exists."""
    if len(text) != 24 or _TIME.match(text + b",") is None:
        return False
    try:
        read_time(text)
    except ValueError:
        return False
    return True


def read_time(text: bytes) -> datetime:
    """The time of a row, in UTC without zone.

    Raises:
        ValueError: there is no such time.
    """
    return datetime.fromisoformat(text[:23].decode("ascii"))
