"""Artifacts from files, folders and standard input."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

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
            yield _in_memory("(standard input)", sys.stdin.buffer)
        elif path.is_dir():
            yield from _folder(path, on_left_out)
        else:
            yield _file(path)


def _folder(folder: Path, on_left_out: Callable[[str], None]) -> Iterator[Artifact]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error.strerror or type(error).__name__)
        return
    for entry in entries:
        linked_folder = entry.is_symlink() and entry.is_dir()
        if entry.name.startswith(".") or entry.name.casefold() in _NO_EVIDENCE or linked_folder:
            on_left_out(str(entry))
        elif entry.is_dir():
            yield from _folder(entry, on_left_out)
        else:
            yield _file(entry)


def _file(path: Path) -> Artifact:
    try:
        status = path.stat()
        if stat.S_ISFIFO(status.st_mode):
            with path.open("rb") as stream:
                return _in_memory(str(path), stream)
    except OSError as error:
        return _unreadable(path, error.strerror or type(error).__name__)
    if not stat.S_ISREG(status.st_mode):
        return _unreadable(path, "not a file")

    def reopen() -> BinaryIO:
        try:
            return path.open("rb")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise EvidenceError(str(path), "", reason) from error

    return Artifact(name=str(path), size=status.st_size, open=reopen)


def _in_memory(name: str, stream: BinaryIO) -> Artifact:
    data = stream.read()

    def reopen() -> BinaryIO:
        return io.BytesIO(data)

    return Artifact(name=name, size=len(data), open=reopen)


def _unreadable(path: Path, reason: str) -> Artifact:
    def refuse() -> BinaryIO:
        raise EvidenceError(str(path), "", reason)

    return Artifact(name=str(path), size=0, open=refuse)
