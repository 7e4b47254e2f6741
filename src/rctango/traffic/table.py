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
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from rctango.traffic.rows import BLANKS, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

Places = NDArray[np.intp]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

_LONGEST_COLUMN = 256
"""Of connector, endpoints and sequence-number; longer ones are not plain."""
_MOST_DATES = 32
"""In one block; rows of further dates are not plain."""
_PADDING = bytes(_LONGEST_COLUMN + 8)
_INLINE = 12  # bytes that an Arrow view holds itself
_COMMA, _QUOTE, _NEWLINE, _RETURN, _ZERO = b',"\n\r0'
_TIME_LENGTH, _ID_LENGTH = 24, 16
_EVENTS = np.zeros(256, np.bool_)
_EVENTS[list(b"+-<>*")] = True
_HIGH_BITS = np.uint64(0x8080808080808080)
_MASKS = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
_CLOCK_DIGITS = (11, 12, 14, 15, 17, 18, 20, 21, 22)
_CLOCK_WEIGHTS = np.array([36_000_000, 3_600_000, 600_000, 60_000, 10_000, 1000, 100, 10, 1])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The lines of a block.

    The arrays from ``line`` on have one element for each plain row, and hold places in ``data``.

    Attributes:
        data: the block, and some bytes of padding behind it.
        words: the eight bytes from each place on.
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
    words: Words
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

    def words_at(self, places: Places) -> Words:
        """The eight bytes at each place, as a number of little-endian order."""
        return self.words[places]

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
        head = self.words_at(starts)
        inline = head & _MASKS[np.minimum(length, 8)]
        rest = self.words_at(starts + 4) & _MASKS[np.clip(length - 4, 0, 8)]
        is_short = length <= _INLINE
        views[:, 0] = length.astype(np.uint64) | (inline << np.uint64(32))
        views[:, 1] = np.where(is_short, rest, starts.astype(np.uint64) << np.uint64(32))
        buffers = [None, pa.py_buffer(views.data), pa.py_buffer(self.data)]
        made: pa.Array[Any] = pa.Array.from_buffers(pa.binary_view(), len(starts), buffers)
        return cast("pa.BinaryArray", made.cast(pa.binary()))

    def begin_with(self, places: Places, text: bytes) -> Flags:
        """Whether a text of at least eight bytes stands at each place."""
        begin = self.words_at(places) == np.frombuffer(text[:8], "<u8")[0]
        for skip in range(8, len(text)):
            begin &= self.bytes_at(places + skip) == text[skip]
        return np.asarray(begin)

    def is_zero(self) -> Flags:
        """Which rows have sequence-number 0."""
        first = self.bytes_at(self.sequence)
        return np.asarray((first == _ZERO) & (self.local - self.sequence == 2))

    def microseconds(self, rows: Places) -> Numbers:
        """The times of some rows, in microseconds since 1970."""
        start = self.start[rows]
        text = sliding_window_view(np.frombuffer(self.data, np.uint8), _TIME_LENGTH)[start]
        clock = text[:, _CLOCK_DIGITS].astype(np.int64) @ _CLOCK_WEIGHTS
        day = np.zeros(len(rows), np.int64)
        for date, same in _by_date(np.frombuffer(self.data, np.uint8), start):
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

    def differs(self, place: Places, length: Places, other: Places, which: Places) -> Flags:
        """Whether the text at a place is not that at one of some other places.

        Args:
            place: where the text of each row begins.
            length: how long it is, up to 256 bytes.
            other: where texts begin.
            which: the one of these that each row is compared with.
        """
        differing = np.zeros(len(place), np.uint64)
        whole = int(length.min(initial=_LONGEST_COLUMN)) - 8
        for skip in range(0, int(length.max(initial=0)), 8):
            part = self.words_at(place + skip) ^ self.words_at(other + skip)[which]
            if skip > whole:
                part &= _MASKS[np.clip(length - skip, 0, 8)]
            differing |= part
        return np.asarray(differing != 0)


def _words(data: bytes | Bytes) -> Words:
    """The eight bytes from each place on."""
    return np.ndarray((len(data) - 7,), np.dtype("<u8"), data, strides=(1,))


def _bounds(low: bytes, high: bytes) -> tuple[np.uint64, np.uint64]:
    return np.frombuffer(low, "<u8")[0], np.frombuffer(high, "<u8")[0] | _HIGH_BITS


_TIME_BOUNDS = (
    _bounds(b"0000-00-", b"9999-19-"),
    _bounds(b"00T00:00", b"39T29:59"),
    _bounds(b":00.000Z", b":59.999Z"),
)
_ZEROS, _NINES = _bounds(b"00000000", b"99999999")
_AS, _FS = _bounds(b"AAAAAAAA", b"FFFFFFFF")


def read_table(*blocks: bytes | memoryview) -> Table:
    """Find the lines of blocks that end with a line end, and the columns of their plain rows."""
    data = b"".join((*blocks, _PADDING))
    bytes_ = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(bytes_ == _NEWLINE)
    starts = np.concatenate((np.zeros(1, np.intp), ends[:-1] + 1))
    commas = np.flatnonzero(bytes_ == _COMMA)
    base = np.searchsorted(commas, starts)
    number = np.diff(base, append=len(commas))
    line = np.flatnonzero(number >= 8)
    first = base[line]
    last = commas[first + number[line] - 1]
    columns = [commas[first + place] + 1 for place in range(7)]
    quoted = bytes_[columns[6]] == _QUOTE
    rows = {
        "line": line,
        "start": starts[line],
        "stop": _without_return(bytes_, ends[line]),
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
    quotes = _count_quotes(bytes_, starts)[line]
    plain = _has_right_columns(bytes_, rows, number[line], quotes)
    for check in (_has_time, _has_session, _has_sequence):
        plain &= check(bytes_, rows)
    stray = _stray_returns(bytes_, ends)
    if len(stray):
        plain &= ~np.isin(line, _lines_with(stray, starts))
    inner = quotes > 2
    for place in np.flatnonzero(plain & inner).tolist():
        text = data[rows["text"][place] : rows["text_end"][place]]
        pairs = text.count(b'""')
        plain[place] = pairs * 2 == text.count(b'"') == quotes[place] - 2
    if not plain.all():
        inner = inner[plain]
        rows = {name: places[plain] for name, places in rows.items()}
    odd = np.ones(len(starts), np.bool_)
    odd[rows["line"]] = False
    identity = _identities(bytes_, rows["session"])
    return Table(
        data=data,
        words=_words(data),
        starts=starts,
        ends=ends,
        odd=np.flatnonzero(odd),
        identity=identity,
        holds_quotes=inner,
        **rows,
    )


def _without_return(bytes_: Bytes, ends: Places) -> Places:
    return np.asarray(ends - (bytes_[ends - 1] == _RETURN))


def _count_quotes(bytes_: Bytes, starts: Places) -> Places:
    """How many quotes each line holds."""
    lines = _lines_with(np.flatnonzero(bytes_ == _QUOTE), starts)
    return np.bincount(lines, minlength=len(starts))


def _has_right_columns(
    bytes_: Bytes, rows: dict[str, Places], commas: Places, quotes: Places
) -> Flags:
    """Whether the columns are split where they should be, quotes and lengths considered."""
    text, end = rows["text"], rows["text_end"]
    quoted = (quotes >= 2) & (bytes_[text - 1] == _QUOTE) & (bytes_[end] == _QUOTE) & (text <= end)
    return np.asarray(
        (quoted | ((quotes == 0) & (commas == 8)))
        & _EVENTS[bytes_[rows["event"]]]
        & (bytes_[rows["event"] + 1] == _COMMA)
        & (rows["session"] - rows["connector"] <= _LONGEST_COLUMN)
        & (rows["remote"] - rows["local"] <= _LONGEST_COLUMN)
        & (rows["event"] - rows["remote"] <= _LONGEST_COLUMN)
    )


def _has_time(bytes_: Bytes, rows: dict[str, Places]) -> Flags:
    """Whether the first column is a time that exists."""
    words = _words(bytes_)
    parts = [words[rows["start"] + place] for place in (0, 8, 16)]
    right = np.asarray(rows["connector"] - rows["start"] == _TIME_LENGTH + 1)
    for part, (low, high) in zip(parts, _TIME_BOUNDS, strict=True):
        right &= _is_within(part, low, high)
    tens, ones = (parts[1] >> 24) & 0xFF, (parts[1] >> 32) & 0xFF
    right &= (tens < ord("2")) | (ones < ord("4"))
    candidates = np.flatnonzero(right)
    right[:] = False
    for date, same in islice(_by_date(bytes_, rows["start"][candidates]), _MOST_DATES):
        right[candidates[same]] = _day(date) is not None
    return right


def _by_date(bytes_: Bytes, starts: Places) -> Iterator[tuple[bytes, Flags]]:
    """The different dates with which texts begin, and which texts these are."""
    words = _words(bytes_)
    year, day = words[starts], words[starts + 2]
    left = np.ones(len(starts), np.bool_)
    while left.any():
        at = int(left.argmax())
        same = (year == year[at]) & (day == day[at])
        first = int(starts[at])
        yield bytes_[first : first + 10].tobytes(), same
        left &= ~same


def _is_within(words: Words, low: np.uint64, high: np.uint64) -> Flags:
    """Whether each of the eight bytes is one of ASCII between those of two words.

    ``high`` has the high bit of each byte set. No byte can borrow from the next one, so its high
    bit tells whether it is within its bounds.
    """
    within = ((words | _HIGH_BITS) - low) & (high - (words & ~_HIGH_BITS)) & ~words
    return np.asarray((within & _HIGH_BITS) == _HIGH_BITS)


@lru_cache(maxsize=1000)
def _day(date: bytes) -> int | None:
    """Days since 1970; None when there is no such day."""
    try:
        return (
            datetime.strptime(date.decode("ascii"), "%Y-%m-%d").replace(tzinfo=UTC) - _EPOCH
        ).days
    except ValueError:
        return None


def _has_session(bytes_: Bytes, rows: dict[str, Places]) -> Flags:
    """Whether the session-id has sixteen upper-case hexadecimal digits."""
    right = np.asarray(rows["sequence"] - rows["session"] == _ID_LENGTH + 1)
    for part in (0, 8):
        words = _words(bytes_)[rows["session"] + part]
        decimal = ((words | _HIGH_BITS) - _ZEROS) & (_NINES - (words & ~_HIGH_BITS))
        letter = ((words | _HIGH_BITS) - _AS) & (_FS - (words & ~_HIGH_BITS))
        right &= ((decimal | letter) & ~words & _HIGH_BITS) == _HIGH_BITS
    return right


def _identities(bytes_: Bytes, places: Places) -> Words:
    """Session-ids as numbers."""
    words = np.ndarray((len(bytes_) - 7,), np.dtype(">u8"), bytes_, strides=(1,))
    high, low = (_hexadecimal(words[places + part].astype(np.uint64)) for part in (0, 8))
    return np.asarray((high << np.uint64(32)) | low, np.uint64)


def _hexadecimal(text: Words) -> Words:
    """The value of eight hexadecimal digits."""
    value = (text & 0x0F0F0F0F0F0F0F0F) + ((text >> 6) & 0x0101010101010101) * 9
    for shift, mask in ((4, 0x00FF00FF00FF00FF), (8, 0x0000FFFF0000FFFF), (16, 0xFFFFFFFF)):
        value = (value | (value >> shift)) & mask
    return value


def _has_sequence(bytes_: Bytes, rows: dict[str, Places]) -> Flags:
    """Whether the sequence-number has one to four digits and no needless zero."""
    first, length = rows["sequence"], rows["local"] - rows["sequence"] - 1
    right = (length == 1) | ((length > 1) & (length <= 4) & (bytes_[first] != _ZERO))
    for place in range(4):
        digit = bytes_[first + place] - np.uint8(_ZERO) <= 9
        right &= digit | (place >= length)
    return np.asarray(right)


def _stray_returns(bytes_: Bytes, ends: Places) -> Places:
    """The places of returns that do not stand before a line feed."""
    returns = bytes_ == _RETURN
    if np.count_nonzero(returns) == np.count_nonzero(returns[ends - 1]):
        return ends[:0]
    places = np.flatnonzero(returns)
    return np.asarray(places[bytes_[places + 1] != _NEWLINE])


def _lines_with(places: Places, starts: Places) -> Places:
    return np.searchsorted(starts, places, "right") - 1
