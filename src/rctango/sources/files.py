"""Artifacts from files, folders and standard input."""

from __future__ import annotations

import io
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from rctango.errors import EvidenceError
from rctango.model.origin import Artifact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_NO_EVIDENCE = frozenset({"rctango.toml", "readme.md", "thumbs.db", "desktop.ini"})


def fetch(paths: Iterable[str], on_left_out: Callable[[str], None]) -> Iterator[Artifact]:
    """Every file that the paths name, in their order; folders are searched through.

    ``-`` stands for standard input. A path that cannot be read gives an artifact whose ``open``
    raises ``EvidenceError``, so that it is reported with all others.

    Args:
        paths: files and folders.
        on_left_out: called with each entry of a folder that is not taken for evidence: hidden
            ones, ``rctango.toml`` and ``README.md``. A file named by itself is never left out.
    """
    for text in paths:
        path = Path(text)
        if text == "-":
            yield _standard_input()
        elif _is_folder(path):
            yield from _folder(path, on_left_out)
        else:
            yield _file(path)


def _standard_input() -> Artifact:
    name = "(standard input)"
    if sys.stdin is None:
        return _unreadable(name, "closed")
    try:
        return _in_memory(name, sys.stdin.buffer)
    except OSError as error:
        return _unreadable(name, _reason(error))


def _folder(folder: Path, on_left_out: Callable[[str], None]) -> Iterator[Artifact]:
    """Everything below ``folder``; without recursion, because folders may nest deeply."""
    open_folders = [iter([folder])]
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif entry is not folder and _is_left_out(entry):
            on_left_out(str(entry))
        elif not _is_folder(entry):
            yield _file(entry)
        else:
            try:
                inside = sorted(entry.iterdir(), key=lambda one: one.name)
            except OSError as error:
                yield _unreadable(str(entry), _reason(error))
            else:
                open_folders.append(iter(inside))


def _is_left_out(entry: Path) -> bool:
    by_name = entry.name.startswith(".") or entry.name.casefold() in _NO_EVIDENCE
    return by_name or (entry.is_symlink() and _is_folder(entry))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False  # opening it as a file will tell why


def _file(path: Path) -> Artifact:
    name = str(path)
    try:
        status = path.stat()
        if stat.S_ISFIFO(status.st_mode):
            with path.open("rb") as stream:
                return _in_memory(name, stream)
    except (OSError, ValueError) as error:
        return _unreadable(name, _reason(error))
    if not stat.S_ISREG(status.st_mode):
        return _unreadable(name, "not a file")

    def reopen() -> BinaryIO:
        try:
            return path.open("rb")
        except OSError as error:
            raise EvidenceError(name, "", _reason(error)) from error

    return Artifact(name=name, size=status.st_size, open=reopen)


def _in_memory(name: str, stream: BinaryIO) -> Artifact:
    data = stream.read()

    def reopen() -> BinaryIO:
        return io.BytesIO(data)

    return Artifact(name=name, size=len(data), open=reopen)


def _unreadable(name: str, reason: str) -> Artifact:
    def refuse() -> BinaryIO:
        raise EvidenceError(name, "", reason)

    return Artifact(name=name, size=0, open=refuse)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class _Counting(io.BufferedReader):
    """A file that tells how many bytes of it have been read."""

    def __init__(self, raw: io.RawIOBase, on_bytes: Callable[[int], None]) -> None:
        super().__init__(raw)
        self._on_bytes = on_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._on_bytes(len(data))
        return data


def counted(artifact: Artifact, on_bytes: Callable[[int], None]) -> Artifact:
    """The same artifact; ``on_bytes`` hears how many bytes each read gave."""

    def reopen() -> BinaryIO:
        stream = artifact.open()
        return _Counting(cast("io.RawIOBase", stream), on_bytes)

    return replace(artifact, open=reopen)
