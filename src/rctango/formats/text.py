"""Character encodings: bytes to text, and to UTF-8 piece by piece."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UTF8 = "utf-8"
FALLBACK = "cp1252"
FALLBACK_NOTE = "not UTF-8; read as Windows-1252"
DAMAGE_NOTE = "parts are not valid {}; they are shown as \ufffd"

_BOMS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 LE stands before UTF-16 LE, which begins with the same two bytes."""

_DECLARATION = re.compile(
    rb"""\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']"""
)
_DECLARED = re.compile(r"utf-?8|us-ascii|ascii|iso-8859-1|iso-8859-15|windows-125[0-8]")
_SAMPLE = 4096
"""So many bytes tell UTF-16 from anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How bytes stand for characters.

    Attributes:
        codec: the name of Python's codec.
        skip: the length of the byte order mark.
        certain: whether a mark, a pattern or a declaration says so, not a mere assumption.
    """

    codec: str
    skip: int = 0
    certain: bool = True


def guess_encoding(head: bytes) -> Encoding:
    """The encoding of a file that begins with ``head``; UTF-8, uncertain, if nothing tells."""
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return Encoding(codec=codec, skip=len(mark))
    wide = _wide_codec(head[:_SAMPLE])
    if wide is not None:
        return Encoding(codec=wide)
    declared = _DECLARATION.match(head)
    name = declared[1].decode("ascii").lower() if declared is not None else ""
    if _DECLARED.fullmatch(name) and name not in {"utf-8", "utf8", "ascii", "us-ascii"}:
        return Encoding(codec=codecs.lookup(name).name)
    return Encoding(codec=UTF8, certain=False)


def _wide_codec(sample: bytes) -> str | None:
    """UTF-16 without a mark: ASCII characters put a NUL into every other byte."""
    pairs = len(sample) // 2
    first, second = sample[: pairs * 2 : 2].count(0), sample[1 : pairs * 2 : 2].count(0)
    if max(first, second) * 10 < pairs * 4 or not pairs:
        return None
    if second > first * 4:
        return "utf-16-le"
    return "utf-16-be" if first > second * 4 else None


def decode_text(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a whole file, without byte order marks, and notes on how it was read."""
    encoding = guess_encoding(data[:_SAMPLE])
    body = data[encoding.skip :]
    notes: tuple[str, ...] = ()
    try:
        text = body.decode(encoding.codec)
    except UnicodeDecodeError as error:
        if encoding.certain or _cut_character(error, body):
            text = body.decode(encoding.codec, "replace")
            notes = (DAMAGE_NOTE.format(encoding.codec.upper()),)
        else:
            text = body.decode(FALLBACK, "replace")
            notes = (FALLBACK_NOTE,)
    return text.replace("\ufeff", ""), notes


def _cut_character(error: UnicodeDecodeError, body: bytes) -> bool:
    """Whether the only flaw is that the file ends inside a character beyond ASCII."""
    return error.reason == "unexpected end of data" and error.start > max(0, len(body) - 4)


def is_utf8(chunks: Iterable[bytes]) -> bool:
    """Whether all of it is UTF-8, if need be with the last character cut short."""
    decoder = codecs.getincrementaldecoder(UTF8)()
    try:
        for chunk in chunks:
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def utf8_chunks(stream: BinaryIO, encoding: Encoding, size: int) -> Iterator[bytes]:
    """Read ``stream`` from its start, piece by piece, as UTF-8 without a byte order mark."""
    read_exactly(stream, encoding.skip)
    if encoding.codec == UTF8:
        while chunk := stream.read(size):
            yield chunk
        return
    decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
    while chunk := stream.read(size):
        yield decoder.decode(chunk).encode(UTF8)
    yield decoder.decode(b"", final=True).encode(UTF8)


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Up to ``size`` bytes, fewer only at the end, however little one read returns."""
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
