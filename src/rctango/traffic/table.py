"""The lines of a block as arrays of places: which are plain rows, and where their columns stand.

A plain row is one as Exchange writes it: a time that exists, sixteen upper-case hexadecimal digits,
nine columns of which at most the data is quoted. Every other line is left to ``rows.read_rows``,
whose answer for plain rows is the same, which the tests show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pyarrow as pa

from rctango.traffic.rows import BLANKS, Row
from rctango.traffic.words import (
    MASKS,
    Bytes,
    Flags,
    Numbers,
    Places,
    Words,
    are_digits,
    are_hexadecimal,
    are_within,
    bounds,
    gather,
    hexadecimal,
    spans,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_COLUMN = 256
"""Of connector, endpoints and sequence-number; longer ones are not plain."""
_MOST_DATES = 32
"""In one block; rows of further dates are not plain."""
_PADDING = bytes(3 * _LONGEST_COLUMN)
_PART = 1 << 20
"""Bytes in which marks are sought at once; more take memory and no less time."""
_MOST_WORDS = 8  # that are compared at once
_INLINE = 12  # bytes that an Arrow view holds itself
_COMMA, _QUOTE, _NEWLINE, _RETURN, _ZERO = b',"\n\r0'
_TIME_LENGTH, _ID_LENGTH = 24, 16
_COMMAS = np.frombuffer(b",,,,,,,,", "<u8")[0]
_EVENTS = np.zeros(256, np.bool_)
_EVENTS[list(b"+-<>*")] = True
_CLOCK_DIGITS = (11, 12, 14, 15, 17, 18, 20, 21, 22)
_CLOCK_WEIGHTS = np.array([36_000_000, 3_600_000, 600_000, 60_000, 10_000, 1000, 100, 10, 1])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The lines of a block.

    The arrays from ``line`` on have one element for each plain row, and hold places in ``data``.

    Attributes:
        data: the block, and some bytes of padding behind it.
        starts: where each line begins.
        ends: where each line's line feed stands.
        odd: the numbers of the lines that are no plain rows, in order.
        line: the number of the row's line.
        start: where the row begins.
        stop: where it ends, without its line end.
        connector, session, sequence, local, remote, event, text: where these columns begin;
            ``text`` is the data column without its quote.
        text_end: where the data ends, without its quote.
        holds_quotes: whether there are quotes within the data, which are doubled.
        context: where the context begins.
        identity: the session-id as a number.
    """

    data: bytes
    starts: Places
    ends: Places
    odd: Places
    line: Places
    start: Places
    stop: Places
    connector: Places
    session: Places
    sequence: Places
    local: Places
    remote: Places
    event: Places
    text: Places
    text_end: Places
    holds_quotes: Flags
    context: Places
    identity: Words

    def bytes_at(self, places: Places) -> Bytes:
        """The byte at each place."""
        return np.frombuffer(self.data, np.uint8)[places]

    def words_at(self, places: Places, count: int = 1) -> Words:
        """The words from each place on, in an array of columns of words."""
        return spans(self.data, places, count)

    def slices(self, starts: Places, ends: Places) -> list[bytes]:
        """The texts between places."""
        data = self.data
        return [data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]

    def texts(self, starts: Places, ends: Places) -> pa.BinaryArray:
        """The texts between places, as binary values.

        Arrow copies them from views: of short texts the bytes, of others their place.
        """
        length = ends - starts
        views = np.empty((len(starts), 2), np.uint64)
        text = self.words_at(starts, 2)
        inline = text[0] & MASKS[np.minimum(length, 8)]
        rest = (text[0] >> np.uint64(32)) | (text[1] << np.uint64(32))
        rest &= MASKS[np.clip(length - 4, 0, 8)]
        is_short = length <= _INLINE
        views[:, 0] = length.astype(np.uint64) | (inline << np.uint64(32))
        views[:, 1] = np.where(is_short, rest, starts.astype(np.uint64) << np.uint64(32))
        buffers = [None, pa.py_buffer(views.data), pa.py_buffer(self.data)]
        made: pa.Array[Any] = pa.Array.from_buffers(pa.binary_view(), len(starts), buffers)
        return cast("pa.BinaryArray", made.cast(pa.binary()))

    def begin_with(self, places: Places, text: bytes) -> Flags:
        """Whether a text stands at each place."""
        count = -(len(text) // -8)
        wanted = np.frombuffer(text.ljust(8 * count, b"\0"), "<u8")
        begin = np.ones(len(places), np.bool_)
        for number, words in enumerate(self.words_at(places, count)):
            begin &= (words & MASKS[min(8, len(text) - 8 * number)]) == wanted[number]
        return begin

    def is_zero(self) -> Flags:
        """Which rows have sequence-number 0."""
        first = self.bytes_at(self.sequence)
        return np.asarray((first == _ZERO) & (self.local - self.sequence == 2))

    def microseconds(self, rows: Places) -> Numbers:
        """The times of some rows, in microseconds since 1970."""
        times = self.words_at(self.start[rows], 3)
        text = np.ascontiguousarray(times.T).view(np.uint8)
        clock = text[:, _CLOCK_DIGITS].astype(np.int64) @ _CLOCK_WEIGHTS
        day = np.zeros(len(rows), np.int64)
        for date, same in _by_date(times, np.ones(len(rows), np.bool_)):
            day[same] = _day(date) or 0
        clock -= _ZERO * int(_CLOCK_WEIGHTS.sum())
        return np.asarray(day * 86_400_000_000 + clock * 1000)

    def rows(self, numbers: Places) -> Iterator[Row]:
        """Some rows, as ``rows.read_rows`` gives them."""
        data = self.data
        columns = (
            self.start, self.connector, self.session, self.sequence, self.local, self.remote,
            self.event, self.text, self.text_end, self.context, self.stop,
        )  # fmt: skip
        places = zip(*(column[numbers].tolist() for column in columns), strict=True)
        for (
            start, connector, session, sequence, local, remote, event, text, end, context, stop,
        ) in places:  # fmt: skip
            yield Row(
                data[start : connector - 1],
                data[connector : session - 1].replace(b"\\\\", b"\\"),
                data[session : sequence - 1],
                int(data[sequence : local - 1]),
                data[local : remote - 1],
                data[remote : event - 1],
                data[event : event + 1],
                data[text:end].replace(b'""', b'"'),
                data[context:stop].rstrip(BLANKS),
            )

    def differs(self, starts: Places, ends: Places, other: Places, which: Places) -> Flags:
        """Whether the text of each row is not that of another row.

        Args:
            starts: where the text of each row begins.
            ends: where it ends.
            other: some rows.
            which: the one of these that each row is compared with.
        """
        length, begin = ends - starts, starts[other]
        shortest, longest = int(length.min(initial=_LONGEST_COLUMN)), int(length.max(initial=0))
        differing = (length ^ length[other][which]).view(np.uint64)
        for start in range(0, longest, 8 * _MOST_WORDS):
            count = min(_MOST_WORDS, -((start - longest) // 8))
            there = gather(self.data, begin + start, count)
            here = gather(self.data, starts + start, count)
            parts = (here.view("<u8") ^ there[which].view("<u8")).reshape(-1, count)
            for number in range(count):
                skip = start + 8 * number
                part = parts[:, number]
                if skip + 8 > shortest:
                    part &= MASKS[np.clip(length - skip, 0, 8)]
                differing |= part
        return np.asarray(differing != 0)


_TIME_BOUNDS = (
    bounds(b"0000-00-", b"9999-19-"),
    bounds(b"00T00:00", b"39T29:59"),
    bounds(b":00.000Z", b":59.999Z"),
)


class _Marks(NamedTuple):
    """The commas, quotes, line ends and other control characters of a block.

    Attributes:
        places: where they stand.
        kinds: which they are.
        first: the number of each line's first one.
        number: how many each line has, without its line end.
        starts: where each line begins.
        ends: where each line's line feed stands.
        strays: whether there are returns that do not stand before a line feed.
    """

    places: Places
    kinds: Bytes
    first: Places
    number: Places
    starts: Places
    ends: Places
    strays: bool


def read_table(*blocks: bytes | memoryview) -> Table:
    """Find the lines of blocks that end with a line end, and the columns of their plain rows."""
    data = b"".join((*blocks, _PADDING))
    bytes_ = np.frombuffer(data, np.uint8)
    marks = _find_marks(bytes_)
    timed = np.flatnonzero(_have_time(data, marks))
    rows, quotes = _find_columns(marks, timed)
    plain = _have_right_columns(bytes_, rows) & (quotes >= 0)
    identifiers = spans(data, rows["session"], 3)
    plain &= _have_session(identifiers, rows) & _have_sequence(identifiers, rows)
    inner = quotes > 2
    for place in np.flatnonzero(plain & inner).tolist():
        text = data[rows["text"][place] : rows["text_end"][place]]
        pairs = text.count(b'""')
        plain[place] = pairs * 2 == text.count(b'"') == quotes[place] - 2
    if not plain.all():
        inner, identifiers = inner[plain], identifiers[:, plain]
        rows = {name: places[plain] for name, places in rows.items()}
    odd = np.ones(len(marks.starts), np.bool_)
    odd[rows["line"]] = False
    return Table(
        data=data,
        starts=marks.starts,
        ends=marks.ends,
        odd=np.flatnonzero(odd),
        identity=hexadecimal(identifiers[0], identifiers[1]),
        holds_quotes=inner,
        **rows,
    )


def _find_marks(bytes_: Bytes) -> _Marks:
    places = np.concatenate(
        [_marks_of(bytes_[at : at + _PART]) + at for at in range(0, len(bytes_), _PART)]
    )
    kinds = bytes_[places]
    line_ends = np.flatnonzero(kinds == _NEWLINE)
    ends = places[line_ends]
    returns = (kinds[line_ends - 1] == _RETURN) & (places[line_ends - 1] == ends - 1)
    first = _behind(line_ends)
    strays = np.count_nonzero(kinds == _RETURN) != np.count_nonzero(returns)
    count = line_ends - first - returns
    return _Marks(places, kinds, first, count, _behind(ends), ends, strays)


def _marks_of(bytes_: Bytes) -> Places:
    is_mark = bytes_ <= _RETURN
    for mark in (_COMMA, _QUOTE):
        is_mark |= bytes_ == mark
    return np.flatnonzero(is_mark)


def _behind(ends: Places) -> Places:
    """Where each line begins, by where the lines end."""
    return np.concatenate((np.zeros(1, np.intp), ends[:-1] + 1))


def _have_time(data: bytes, marks: _Marks) -> Flags:
    """Which lines begin with a time that exists, and have as many marks as a row."""
    times = spans(data, marks.starts, 3)
    right = (marks.number >= 8) & (marks.places[marks.first] - marks.starts == _TIME_LENGTH)
    for words, (low, high) in zip(times, _TIME_BOUNDS, strict=True):
        right &= are_within(words, low, high)
    tens, ones = (times[1] >> 24) & 0xFF, (times[1] >> 32) & 0xFF
    right &= (tens < ord("2")) | (ones < ord("4"))
    exists = np.zeros_like(right)
    for date, same in islice(_by_date(times, right), _MOST_DATES):
        if _day(date) is not None:
            exists |= same
    return np.asarray(exists)


def _find_columns(marks: _Marks, line: Places) -> tuple[dict[str, Places], Numbers]:
    """The columns of some lines, and how many quotes these have; -1 where columns are not so."""
    first, count = marks.first[line], marks.number[line]
    last = marks.places[first + count - 1]
    columns = spans(marks.places, first * 8, 7).view(np.intp) + 1
    kinds = spans(marks.kinds, first, 1)[0]
    quotes = np.where((count == 8) & (kinds == _COMMAS), 0, -1)
    others = np.flatnonzero(quotes)
    quotes[others] = _count_quotes(marks, first[others], count[others])
    quoted = quotes > 0
    start, end = marks.starts[line], marks.ends[line]
    rows = {
        "line": line,
        "start": start,
        "stop": end - (marks.kinds[first + count] == _RETURN),
        "connector": columns[0],
        "session": columns[1],
        "sequence": columns[2],
        "local": columns[3],
        "remote": columns[4],
        "event": columns[5],
        "text": columns[6] + quoted,
        "text_end": last - quoted,
        "context": last + 1,
    }
    return rows, quotes


def _count_quotes(marks: _Marks, first: Places, count: Places) -> Numbers:
    """How many quotes lines have of which the data column alone is quoted; -1 for other lines."""
    places, kinds, behind = marks.places, marks.kinds, first + count
    right = (spans(kinds, first, 1)[0] & MASKS[7]) == _COMMAS & MASKS[7]
    right &= (kinds[first + 7] == _QUOTE) & (places[first + 7] == places[first + 6] + 1)
    right &= (kinds[behind - 2] == _QUOTE) & (places[behind - 2] == places[behind - 1] - 1)
    right &= (kinds[behind - 1] == _COMMA) & (count >= 10)
    if marks.strays:
        right &= _number_of(kinds == _RETURN, first, behind) == 0
    return np.where(right, _number_of(kinds == _QUOTE, first, behind), -1)


def _number_of(flags: Flags, first: Places, behind: Places) -> Numbers:
    """How many flags are set from one place on to another one."""
    places = np.flatnonzero(flags)
    return np.searchsorted(places, behind) - np.searchsorted(places, first)


def _have_right_columns(bytes_: Bytes, rows: dict[str, Places]) -> Flags:
    """Which rows have an event, and columns of usual lengths."""
    return np.asarray(
        _EVENTS[bytes_[rows["event"]]]
        & (bytes_[rows["event"] + 1] == _COMMA)
        & (rows["session"] - rows["connector"] <= _LONGEST_COLUMN)
        & (rows["remote"] - rows["local"] <= _LONGEST_COLUMN)
        & (rows["event"] - rows["remote"] <= _LONGEST_COLUMN)
    )


def _by_date(times: Words, chosen: Flags) -> Iterator[tuple[bytes, Flags]]:
    """The different dates with which the chosen times begin, and which times these are."""
    year, day = times[0], times[1] & MASKS[2]
    left = chosen
    while left.any():
        at = int(left.argmax())
        same = left & (year == year[at]) & (day == day[at])
        yield times[:, at].tobytes()[:10], same
        left = left & ~same


@lru_cache(maxsize=1000)
def _day(date: bytes) -> int | None:
    """Days since 1970; None when there is no such day."""
    try:
        return (
            datetime.strptime(date.decode("ascii"), "%Y-%m-%d").replace(tzinfo=UTC) - _EPOCH
        ).days
    except ValueError:
        return None


def _have_session(identifiers: Words, rows: dict[str, Places]) -> Flags:
    """Which session-ids have sixteen upper-case hexadecimal digits."""
    right = np.asarray(rows["sequence"] - rows["session"] == _ID_LENGTH + 1)
    for part in (0, 1):
        right &= are_hexadecimal(identifiers[part])
    return right


def _have_sequence(identifiers: Words, rows: dict[str, Places]) -> Flags:
    """Which sequence-numbers have one to four digits and no needless zero.

    ``identifiers`` hold the session-id, a comma, and the sequence-number.
    """
    length = rows["local"] - rows["sequence"] - 1
    digits = identifiers[2] >> np.uint64(8)
    right = (length >= 1) & (length <= 4) & are_digits(digits, np.clip(length, 0, 4))
    right &= (length == 1) | ((digits & MASKS[1]) != _ZERO)
    return np.asarray(right)
