"""Finds log files and opens them: files, folders, patterns, archives, standard input."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import sys
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from rctango.errors import EvidenceError
from rctango.traffic.inflate import inflate_gzip, inflate_member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    OnProblem = Callable[[str, str], None]

BLOCK: Final = 3 << 20
"""Bytes in a block, about. Each takes time of its own; larger ones take memory."""
_SMALL: Final = BLOCK // 2
STANDARD_INPUT: Final = "-"
NONE, GZIP, ZIP = "none", "gzip", "zip"

_MAGIC: Final = {b"\x1f\x8b": GZIP, b"PK": ZIP}
_UNREADABLE_ZIP: Final = (
    zipfile.BadZipFile,
    struct.error,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
    EOFError,
)
_ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A file, or a member of an archive, that may be a log.

    Attributes:
        name: as people know it: as the user wrote it, with ``!`` before the member.
        place: what it is known by from run to run: its absolute path; ``-`` for standard input.
        member: its name inside a ZIP archive; empty otherwise.
        path: where its bytes are now.
        compression: ``none``, ``gzip`` or ``zip``, by content.
        size: bytes on disk; of a member: of its archive.
        modified: when it was modified, in nanoseconds since 1970; of a member: its archive.
        packed: bytes on disk of this content alone.
        length: the length of the content, as far as it is known without reading it.
        start: where a member's local header begins in the archive.
        method: how a member is compressed, by the number of the ZIP format.
        checksum: the CRC-32 of a member.
    """

    name: str
    place: str
    member: str = ""
    path: str
    compression: str = NONE
    size: int
    modified: int
    packed: int
    length: int | None = None
    start: int = 0
    method: int = 0
    checksum: int = 0

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be appended to it: archives and standard input."""
        return self.compression != NONE or self.place == STANDARD_INPUT


def find(paths: Iterable[str], spool: str, on_problem: OnProblem) -> Iterator[LogFile]:
    """Every file that the paths name, each once; folders are searched through.

    Args:
        paths: files, folders, patterns (``*``, ``?``, ``[...]`` and ``**``) and ``-`` for standard
            input. Shells on Windows do not expand patterns, so this does.
        spool: a folder for what cannot be read twice: standard input and pipes.
        on_problem: called with the name and the reason for what cannot be read.
    """
    finder = _Finder(spool, on_problem)
    for text in paths:
        yield from finder.named(text)


class _Finder:
    def __init__(self, spool: str, on_problem: OnProblem) -> None:
        self._spool = spool
        self._spooled = 0
        self._problem = on_problem
        self._seen: set[str] = set()
        self._real: dict[str, str] = {}

    def named(self, text: str) -> Iterator[LogFile]:
        """What one argument names."""
        if text == STANDARD_INPUT:
            yield from self._standard_input()
        elif not os.path.lexists(text) and _is_pattern(text):
            found = sorted(set(_expand(text, self._problem)))
            if not found:
                self._problem(text, "no file matches the pattern")
            for path in found:
                yield from self._path(path)
        else:
            yield from self._path(text)

    def _path(self, text: str) -> Iterator[LogFile]:
        if not _is_folder(text):
            yield from self._file(text)
            return
        for path in _walk(text, self._problem):
            yield from self._file(path)

    def _file(self, text: str) -> Iterator[LogFile]:
        key = self._identity(text)
        if key in self._seen:
            return
        self._seen.add(key)
        try:
            status = Path(text).stat()
            if stat.S_ISREG(status.st_mode):
                yield from self._opened(text, str(Path(text).absolute()), text, status)
            elif stat.S_ISFIFO(status.st_mode):
                with Path(text).open("rb") as stream:
                    yield from self._spool_in(text, text, stream)
            else:
                self._problem(text, "not a file")
        except (OSError, ValueError) as error:
            self._problem(text, _reason(error))

    def _identity(self, text: str) -> str:
        """The real path; the real path of a folder is looked up once."""
        folder, name = os.path.split(text)
        if Path(text).is_symlink():
            return os.path.normcase(os.path.realpath(text))
        real = self._real.get(folder)
        if real is None:
            real = self._real[folder] = os.path.realpath(folder)
        return os.path.normcase(os.path.join(real, name))  # noqa: PTH118 - texts, by the thousand

    def _standard_input(self) -> Iterator[LogFile]:
        name = "(standard input)"
        if STANDARD_INPUT in self._seen:
            return
        self._seen.add(STANDARD_INPUT)
        if sys.stdin is None:
            self._problem(name, "closed")
            return
        try:
            yield from self._spool_in(name, STANDARD_INPUT, sys.stdin.buffer)
        except (OSError, ValueError) as error:
            self._problem(name, _reason(error))

    def _spool_in(self, name: str, place: str, stream: BinaryIO) -> Iterator[LogFile]:
        self._spooled += 1
        target = Path(self._spool) / f"input-{self._spooled}"
        with target.open("wb") as copy:
            shutil.copyfileobj(stream, copy, BLOCK)
        yield from self._opened(name, place, str(target), target.stat())

    def _opened(
        self, name: str, place: str, path: str, status: os.stat_result
    ) -> Iterator[LogFile]:
        with Path(path).open("rb") as stream:
            compression = _MAGIC.get(stream.read(2), NONE)
        size = status.st_size
        file = LogFile(
            name=name,
            place=place,
            path=path,
            compression=compression,
            size=size,
            modified=0 if place == STANDARD_INPUT else status.st_mtime_ns,
            packed=size,
            length=size if compression == NONE else None,
        )
        if compression == ZIP:
            yield from self._members(file)
        else:
            yield file

    def _members(self, archive: LogFile) -> Iterator[LogFile]:
        try:
            with zipfile.ZipFile(archive.path) as opened:
                infos = [info for info in opened.infolist() if not info.is_dir()]
        except _UNREADABLE_ZIP as error:
            self._problem(archive.name, f"a damaged ZIP archive: {_reason(error)}")
            return
        if sum(info.compress_size for info in infos) > archive.size:
            self._problem(archive.name, "a damaged ZIP archive: its members overlap")
            return
        names: dict[str, int] = {}
        for info in infos:
            again = names[info.filename] = names.get(info.filename, 0) + 1
            member = info.filename if again == 1 else f"{info.filename} ({again})"
            if info.flag_bits & _ENCRYPTED:
                self._problem(f"{archive.name}!{member}", "encrypted")
                continue
            yield _member(archive, member, info)


def _member(archive: LogFile, member: str, info: zipfile.ZipInfo) -> LogFile:
    return LogFile(
        name=f"{archive.name}!{member}",
        place=archive.place,
        member=member,
        path=archive.path,
        compression=ZIP,
        size=archive.size,
        modified=archive.modified,
        packed=info.compress_size,
        length=info.file_size,
        start=info.header_offset,
        method=info.compress_type,
        checksum=info.CRC,
    )


def _is_pattern(text: str) -> bool:
    return any(mark in text for mark in "*?[")


def _is_folder(text: str) -> bool:
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):
        return False  # opening it as a file will tell why


def _expand(pattern: str, on_problem: OnProblem) -> Iterator[str]:
    """The paths that match a pattern, part by part."""
    path = Path(pattern)
    start, parts = (path.anchor, path.parts[1:]) if path.anchor else ("", path.parts)
    return _matches(start, parts, on_problem)


def _matches(base: str, parts: tuple[str, ...], on_problem: OnProblem) -> Iterator[str]:
    if not parts:
        yield base
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        for folder in (base, *_folders(base, on_problem)):
            yield from _matches(folder, rest, on_problem)
    elif _is_pattern(part):
        for entry in _entries(base or ".", on_problem) if _is_folder(base or ".") else ():
            if fnmatch(entry.name, part):
                yield from _matches(str(Path(base, entry.name)), rest, on_problem)
    elif os.path.lexists(Path(base, part)):
        yield from _matches(str(Path(base, part)), rest, on_problem)


def _folders(base: str, on_problem: OnProblem) -> Iterator[str]:
    """All folders below one; a folder that links lead to again is not searched again."""
    seen = {os.path.realpath(base or ".")}
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(folder or ".", on_problem):
            if _is_folder(entry.path):
                real = os.path.realpath(entry.path)
                if real not in seen:
                    seen.add(real)
                    found = str(Path(folder, entry.name))
                    waiting.append(found)
                    yield found


def _walk(base: str, on_problem: OnProblem) -> Iterator[str]:
    """All files below a folder; a folder that links lead to again is not searched again."""
    seen = {os.path.realpath(base)}
    waiting = [base]
    while waiting:
        inside = []
        for entry in _entries(waiting.pop(), on_problem):
            if not _is_folder(entry.path):
                yield entry.path
                continue
            real = os.path.realpath(entry.path)
            if real not in seen:
                seen.add(real)
                inside.append(entry.path)
        waiting.extend(reversed(inside))


def _entries(folder: str, on_problem: OnProblem) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        on_problem(folder, _reason(error))
        return []


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def read_blocks(file: LogFile, offset: int = 0) -> Iterator[tuple[bytes, int]]:
    """The content from an offset on, in blocks, each with the bytes on disk it took.

    A plain file is read up to the length it had when it was found, or to its end if that comes
    first. Of a damaged archive everything before the damage is given.

    Raises:
        EvidenceError: it cannot be opened or read on.
    """
    at = 0
    try:
        with Path(file.path).open("rb", buffering=0) as stream:
            if file.compression == NONE:
                yield from _plain(stream, offset, file.length or 0)
                return
            blocks = (
                inflate_gzip(stream, file)
                if file.compression == GZIP
                else inflate_member(stream, file)
            )
            for data, used in _gather(blocks):
                start = max(0, offset - at)
                at += len(data)
                yield data[start:] if start else data, used
    except OSError as error:
        raise EvidenceError(file.name, "", _reason(error)) from error


def _gather(blocks: Iterator[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    """Small blocks together, as each takes time of its own; damage loses nothing before it."""
    held: list[bytes] = []
    size = taken = 0
    damage: EvidenceError | OSError | None = None
    try:
        for data, used in blocks:
            held.append(data)
            size += len(data)
            taken += used
            if size >= _SMALL:
                yield b"".join(held), taken
                held.clear()
                size = taken = 0
    except (EvidenceError, OSError) as error:
        damage = error
    if held:
        yield b"".join(held), taken
    if damage is not None:
        raise damage


def _plain(stream: BinaryIO, offset: int, end: int) -> Iterator[tuple[bytes, int]]:
    stream.seek(offset)
    left = end - offset
    blocks = max(1, round(left / BLOCK))  # of equal sizes: a small last one takes as long
    size = -(left // -blocks)
    while left > 0:
        data = stream.read(min(left, size))
        if not data:
            return
        left -= len(data)
        yield data, len(data)
