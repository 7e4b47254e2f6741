"""Rows as symbols: all that the course of a session depends on, in one small number.

Two rows have the same symbol when a session goes on in the same way after either. What a row says
besides - a name, a domain - is kept beside it, as the number of a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rctango.traffic.rows import BLANKS
from rctango.traffic.schema import RECEIVE
from rctango.traffic.session import (
    AUTH,
    BDAT,
    EHLO,
    LAST,
    MAIL,
    OFFERS,
    OTHER,
    RCPT,
    Session,
    code_of_reply,
    domain_of,
    offers,
    on_disconnect,
    on_information,
    read_command,
    shows_nothing,
)
from rctango.traffic.words import MASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from rctango.traffic.table import Table
    from rctango.traffic.words import Places

    Symbolic = NDArray[np.int32]

MOST_SYMBOLS: Final = 10_000
_MOST_KEPT = 10_000
_MOST_TEXTS = 30_000
_LONGEST_KEPT = 400
_WHOLE = -1
_START = 6  # bytes of the data in a key
_STAR = ord("*")


class Step(NamedTuple):
    """What a session does at a symbol.

    Attributes:
        command: the kind of an SMTP command; None for other rows.
        auth: the mechanism it names; None without.
        reply: a reply, or as much of it as matters; empty for other rows.
        permissions: the rights that the row sets; None without.
        protocol: the TLS protocol it names; None without.
        failure: the negative reply that a row of a send log tells of; empty without.
        ended: how the session ended; None before.
    """

    command: int | None = None
    auth: str | None = None
    reply: bytes = b""
    permissions: str | None = None
    protocol: str | None = None
    failure: str = ""
    ended: str | None = None


NOTHING: Final = 0
_FIRST: Final = (Step(), Step(command=EHLO), Step(command=MAIL), Step(command=RCPT))
NAMED: Final = 1
SENDER: Final = 2
RECIPIENT: Final = 3
PROXIED: Final = 4
"""Symbols of commands that say more: EHLO, MAIL, RCPT and XPROXYFROM."""
XPROXYFROM: Final = b"XPROXYFROM "
_PATHS: Final = {SENDER: b"MAIL FROM:<", RECIPIENT: b"RCPT TO:<"}
"""How most commands with a path begin. Without quotes, the first ``>`` then ends the path."""


class Symbols:
    """The symbols of the rows of one log, found once and kept.

    Attributes:
        steps: what each symbol stands for.
    """

    def __init__(self, log: str) -> None:
        """For a ``receive`` or a ``send`` log, in which the directions are exchanged."""
        self._log = log
        self._commands, self._replies = b"<>" if log == RECEIVE else b"><"
        proxied = Step(command=OTHER)
        self.steps = [*_FIRST, proxied]
        self._numbers = {step: number for number, step in enumerate(_FIRST)}
        self._by_start: dict[int, int] = {}
        self._by_row: dict[bytes, int] = {}

    def of(self, table: Table, rows: Places) -> Symbolic:
        """The symbol of each row.

        Raises:
            OverflowError: there are more different ones than can be kept; begin anew.
        """
        keys = pa.array(_starts(table, rows)).dictionary_encode()
        by_start = self._by_start
        symbols: Symbolic = np.array(
            [
                self._of_start(key) if (known := by_start.get(key)) is None else known
                for key in keys.dictionary.to_numpy().tolist()
            ],
            np.int32,
        )[keys.indices.to_numpy()]
        symbols[table.holds_quotes[rows]] = _WHOLE
        whole = np.flatnonzero(symbols == _WHOLE)
        if len(whole):
            symbols[whole] = self._of_rows(table, rows[whole])
        if len(self.steps) > MOST_SYMBOLS:
            raise OverflowError
        if len(self._by_row) > _MOST_KEPT or len(by_start) > _MOST_KEPT:
            by_start.clear()
            self._by_row.clear()
        return symbols

    def _of_start(self, key: int) -> int:
        event, length = key >> 56, key >> 48 & 0xFF
        held = _START if event == _STAR else min(length, _START)
        start = key.to_bytes(8, "little")[:held]
        self._by_start[key] = symbol = self._find(event, start, is_all=length <= _START)
        return symbol

    def _find(self, event: int, start: bytes, *, is_all: bool) -> int:
        """The symbol by event and beginning of the data, if that is enough to tell."""
        if event == self._commands:
            return self._command(start) if is_all else _by_verb(start)
        if event == self._replies:
            may_offer = start[:5] == b"250-X" or (start[:4] == b"250 " and start[4:6] != b"2.")
            is_told = start[:1] in {b"2", b"3"} and not may_offer
            return self._number(_reply(start)) if is_told else _WHOLE
        if event == _STAR:
            return NOTHING if shows_nothing(start[:5]) else _WHOLE
        return _WHOLE if event == ord("-") else NOTHING

    def _of_rows(self, table: Table, rows: Places) -> Symbolic:
        """The symbols of rows that have to be looked at as a whole."""
        symbols = self._of_varied(table, rows)
        left = np.flatnonzero(symbols == _WHOLE)
        if len(left):
            rows = rows[left]
            texts = table.texts(table.event[rows], table.stop[rows])
            symbols[left] = look_up(self._by_row, texts, self._of_row)
        return symbols

    def _of_varied(self, table: Table, rows: Places) -> Symbolic:
        """The symbols of the usual commands that hardly ever come twice: BDAT and XPROXYFROM."""
        start, end = table.text[rows], table.text_end[rows]
        symbols: Symbolic = np.full(len(rows), _WHOLE, np.int32)
        is_command = table.bytes_at(table.event[rows]) == self._commands
        chunk = is_command & table.begin_with(start, b"BDAT ")
        if chunk.any():
            ends = end[chunk]
            last = table.begin_with(ends - 4, b"LAST")
            last &= ends - start[chunk] >= len(b"BDAT LAST")
            counted = table.bytes_at(ends - 1) - np.uint8(ord("0")) <= 9
            kinds = [_WHOLE, self._number(Step(command=BDAT)), self._number(Step(command=LAST))]
            symbols[chunk] = np.array(kinds, np.int32)[np.where(last, 2, counted)]
        symbols[is_command & table.begin_with(start, XPROXYFROM)] = PROXIED
        return symbols

    def _of_row(self, row: bytes) -> int:
        data, context = split_end(row)
        if row[0] == self._commands:
            return self._command(data)
        if row[0] == self._replies:
            return self._number(_reply(data))
        return self._number(_information(self._log, row[:1], data, context))

    def _command(self, data: bytes) -> int:
        if data[: len(XPROXYFROM)].upper() == XPROXYFROM:
            return PROXIED
        command = read_command(data)
        if command is None:
            return NOTHING
        if command.client is not None:
            return PROXIED
        auth = command.text if command.kind == AUTH else None
        return self._number(Step(command=command.kind, auth=auth))

    def _number(self, step: Step) -> int:
        number = self._numbers.get(step)
        if number is None:
            number = self._numbers[step] = len(self.steps)
            self.steps.append(step)
        return number


def look_up(
    known: dict[bytes, int], texts: pa.Array[Any], find: Callable[[bytes], int]
) -> Symbolic:
    """The number of each text, found once and kept."""
    encoded = texts.dictionary_encode()
    numbers = []
    for text in cast("list[bytes]", encoded.dictionary.to_pylist()):
        number = known.get(text)
        if number is None:
            number = find(text)
            if len(text) <= _LONGEST_KEPT:
                known[text] = number
        numbers.append(number)
    return np.asarray(np.array(numbers, np.int32)[encoded.indices.to_numpy()])


def _starts(table: Table, rows: Places) -> NDArray[np.uint64]:
    """Event, length (up to 7) and first six bytes of the data, as one number.

    Of ``*`` rows with less data, the comma and the beginning of the context follow.
    """
    text = table.text[rows]
    length = table.text_end[rows] - text
    event = table.bytes_at(table.event[rows])
    held = np.where(event == _STAR, _START, np.minimum(length, _START))
    size = np.minimum(length, _START + 1).astype(np.uint64) << np.uint64(48)
    start = table.words_at(text)[0] & MASKS[held]
    return np.asarray(start | size | event.astype(np.uint64) << np.uint64(56))


def _by_verb(start: bytes) -> int:
    verb = start[:5].upper()
    if verb in {b"EHLO ", b"HELO "}:
        return NAMED
    if start[:1] == b"<":
        return NOTHING
    return {b"MAIL ": SENDER, b"RCPT ": RECIPIENT}.get(verb, _WHOLE)


def split_end(row: bytes) -> tuple[bytes, bytes]:
    """Data and context of a plain row, from its event on."""
    if row[2:3] == b'"':
        end = row.rfind(b'",')
        return row[3:end].replace(b'""', b'"'), row[end + 2 :].rstrip(BLANKS)
    data, _, context = row[2:].partition(b",")
    return data, context.rstrip(BLANKS)


def _reply(data: bytes) -> Step:
    """A reply; of a positive one the code, and whether it offers Exchange's own authentication."""
    code, more = code_of_reply(data), data[3:4] == b"-"
    if not code or (more and data[:1] != b"2"):
        return Step()
    if data[:1] in b"45":
        return Step(reply=code)
    offer = (b"" if more else b" ") + OFFERS[0] if offers(data) else b""
    return Step(reply=data[:4] + offer)


def _information(log: str, event: bytes, data: bytes, context: bytes) -> Step:
    session = Session(log=log, role=None, file=0)
    if event == b"-":
        on_disconnect(session, context)
    else:
        on_information(session, data, context)
    return Step(
        permissions=session.permissions,
        protocol=session.protocol,
        failure="".join(session.refusals),
        ended=session.ended,
    )


def _place_of(texts: pa.BinaryArray, sign: str) -> Places:
    """Where a sign stands first in each text; -1 where it does not."""
    return np.asarray(pc.find_substring(texts, sign).to_numpy(), np.intp)


class Texts:
    """The texts beside symbols, each with a number.

    Attributes:
        values: the texts by their numbers; the first one is empty.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, when there are too many."""
        self.values: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}
        self._known: dict[int, dict[bytes, int]] = {
            symbol: {} for symbol in (NAMED, SENDER, RECIPIENT)
        }
        self._domains: dict[bytes, int] = {}

    def of(self, table: Table, rows: Places, symbol: int) -> Symbolic:
        """The number of the text of each row; all rows have the symbol."""
        starts, ends = table.text[rows], table.text_end[rows]
        commands = table.texts(starts, ends)
        known = self._known[symbol]
        path = _PATHS.get(symbol)
        if path is None:
            return look_up(known, commands, self._said)
        at, end = (_place_of(commands, sign) for sign in "@>")
        usual = table.begin_with(starts, path) & (len(path) <= at) & (at < end)
        usual &= ~table.holds_quotes[rows]
        numbers = np.empty(len(rows), np.int32)
        domains = table.texts((starts + at + 1)[usual], (starts + end)[usual])
        numbers[usual] = look_up(self._domains, domains, self._domain)
        rest = ~usual
        if rest.any():
            others = table.texts(starts[rest], ends[rest])
            numbers[rest] = look_up(known, others, self._said)
        return numbers

    def column(self, numbers: Places) -> pa.Array[Any]:
        """The texts with some numbers."""
        encoded = pa.array(numbers).dictionary_encode()
        values = self.values
        texts = [values[number] for number in encoded.dictionary.to_numpy().tolist()]
        return pa.array(texts, pa.string()).take(encoded.indices)

    @property
    def is_full(self) -> bool:
        """Whether it is time to forget."""
        kept = sum(map(len, self._known.values()))
        texts = max(len(self.values), len(self._domains))
        return kept > _MOST_KEPT or texts > _MOST_TEXTS

    def _number(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.values)
            self.values.append(text)
        return number

    def _said(self, command: bytes) -> int:
        told = read_command(command.replace(b'""', b'"'))
        return 0 if told is None else self._number(told.text)

    def _domain(self, raw: bytes) -> int:
        """The domain in what follows the first ``@`` of a path."""
        return self._number(domain_of(b"<@" + raw + b">"))
