"""Unpacks GZIP files and members of ZIP archives as streams; damage loses nothing before it."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final

from rctango.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from rctango.traffic.logfiles import LogFile

    Blocks = Generator[tuple[bytes, int], None, bytes]

_CHUNK: Final = 1 << 16
_BLOCK: Final = 1 << 20
_GZIP: Final = 31  # the window size of zlib, and 16 for the header of a GZIP file
_RAW: Final = -15
_STORED, _DEFLATED = 0, 8
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_LARGE: Final = 256 << 20
_MOST_FOLD: Final = 200

CUT_SHORT = "the archive is cut short"
NO_LOG = f"it unpacks to more than {_MOST_FOLD} times its size: no log does"


class _Source:
    """The packed bytes, up to an end, and a check on how much comes out of them."""

    def __init__(self, stream: BinaryIO, file: LogFile) -> None:
        self._stream = stream
        self._left = file.packed
        self._packed = file.packed
        self._name = file.name
        self.total = 0

    def read(self) -> bytes:
        data = self._stream.read(min(_CHUNK, self._left))
        self._left -= len(data)
        return data

    def give(self, data: bytes) -> bytes:
        """Count unpacked bytes."""
        self.total += len(data)
        if self.total > _LARGE and self.total > self._packed * _MOST_FOLD:
            raise self.error(NO_LOG)
        return data

    def error(self, reason: str) -> EvidenceError:
        return EvidenceError(self._name, f"byte {self.total} of the content", reason)


def inflate_gzip(stream: BinaryIO, file: LogFile) -> Iterator[tuple[bytes, int]]:
    """The content of a GZIP file of one or more members, with the packed bytes each block took.

    Raises:
        EvidenceError: the rest is damaged or lacking.
    """
    source = _Source(stream, file)
    rest = source.read()
    while rest:
        rest = yield from _stream(source, rest, _GZIP)
        rest = rest.lstrip(b"\0")
        while not rest:
            more = source.read()
            if not more:
                return
            rest = more.lstrip(b"\0")


def _stream(source: _Source, rest: bytes, window: int) -> Blocks:
    """Unpack one compressed stream; the result is what was read beyond its end."""
    engine = zlib.decompressobj(window)
    taken = 0
    while not engine.eof:
        before = engine.copy()
        try:
            data = engine.decompress(rest, _BLOCK)
        except zlib.error as error:
            yield source.give(_salvage(before, rest)), taken
            raise source.error(f"the archive is damaged: {error}") from error
        taken += len(rest) - len(engine.unconsumed_tail) - len(engine.unused_data)
        rest = engine.unconsumed_tail
        if data:
            yield source.give(data), taken
            taken = 0
        if not rest and not engine.eof:
            rest = source.read()
            if not rest and not data:
                raise source.error(CUT_SHORT)
    return engine.unused_data


def _salvage(engine: zlib._Decompress, rest: bytes) -> bytes:
    """What can be unpacked before the damage: byte by byte, as zlib gives nothing with an error."""
    found = []
    try:
        for place in range(len(rest)):
            found.append(engine.decompress(rest[place : place + 1]))  # noqa: PERF401 - may stop
    except zlib.error:
        pass
    return b"".join(found)


def inflate_member(stream: BinaryIO, file: LogFile) -> Iterator[tuple[bytes, int]]:
    """The content of a member of a ZIP archive, with the packed bytes each block took.

    Raises:
        EvidenceError: the rest is damaged or lacking.
    """
    source = _Source(stream, file)
    stream.seek(file.start)
    header = stream.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise source.error("the archive is damaged: the member is not where it should be")
    _, name, extra = _LOCAL_HEADER.unpack(header)
    stream.seek(name + extra, 1)
    blocks = _unpack(source, file)
    checksum = 0
    for data, used in blocks:
        checksum = zlib.crc32(data, checksum)
        yield data, used
    if source.total != file.length or checksum != file.checksum:
        raise source.error("the archive is damaged: the content is not what was packed")


def _unpack(source: _Source, file: LogFile) -> Iterator[tuple[bytes, int]]:
    if file.method == _DEFLATED:
        first = source.read()
        if not first:
            raise source.error(CUT_SHORT)
        yield from _stream(source, first, _RAW)
    elif file.method == _STORED:
        while data := source.read():
            yield source.give(data), len(data)
    else:
        raise source.error("compressed in a way other than the usual one (deflate)")
