"""The rows of one session, read again from the log files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rctango.errors import EvidenceError
from rctango.model.log_reading import Transcript, TranscriptLine
from rctango.traffic.logfiles import read_blocks
from rctango.traffic.rows import BadLineError, Row, read_rows, read_time
from rctango.traffic.session import endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rctango.traffic.logfiles import LogFile
    from rctango.traffic.schema import SessionFacts

MOST_LINES: Final = 10_000
_LONGEST = 100_000
_GONE = "the log file is gone or has changed since it was read"


def transcript(facts: SessionFacts, find: Callable[[int], Sequence[LogFile]]) -> Transcript:
    """One session as it was logged.

    Args:
        facts: the session.
        find: the files that may hold the content with a number of the ledger; none when it cannot
            be found any more.
    """
    lines: list[TranscriptLine] = []
    names: list[str] = []
    why = ""
    for number in range(facts.first_file, facts.last_file + 1):
        file = next(iter(find(number)), None)
        if file is None:
            why = _GONE
            continue
        try:
            found = list(_lines(facts, number, file))
        except EvidenceError as error:
            why = error.reason
            continue
        if found:
            names.append(file.name)
            lines += found
    return Transcript(
        session=facts.session,
        log=facts.log,
        role=facts.role,
        server=facts.server,
        connector=facts.connector,
        local=facts.local,
        local_port=facts.local_port,
        remote=facts.remote,
        remote_port=facts.remote_port,
        ended=facts.ended,
        files=tuple(names),
        lines=tuple(lines[:MOST_LINES]),
        why_empty="" if lines else (why or _GONE),
    )


def _lines(facts: SessionFacts, number: int, file: LogFile) -> Iterator[TranscriptLine]:
    start = facts.first_offset if number == facts.first_file else 0
    last = facts.last_offset if number == facts.last_file else None
    for at, line in _physical_lines(file, start):
        if facts.session.encode("ascii") in line.upper():
            yield from (_line(row) for row in _rows(line) if _belongs(row, facts))
        if last is not None and at >= last:
            return


def _physical_lines(file: LogFile, start: int) -> Iterator[tuple[int, bytes]]:
    rest = b""
    at = start
    for data, _ in read_blocks(file, start):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield at, line
            at += len(line) + 1
    if rest:
        yield at, rest


def _rows(line: bytes) -> list[Row]:
    try:
        return read_rows(line)
    except BadLineError:
        return []


def _belongs(row: Row, facts: SessionFacts) -> bool:
    remote = endpoint(row.remote.decode("utf-8", "replace"))
    return (
        row.session.decode("ascii") == facts.session
        and row.connector.decode("utf-8", "replace") == facts.connector
        and remote == (facts.remote, facts.remote_port)
    )


def _line(row: Row) -> TranscriptLine:
    return TranscriptLine(
        time=read_time(row.time),
        sequence=row.sequence,
        event=row.event.decode("ascii"),
        data=row.data[:_LONGEST].decode("utf-8", "replace"),
        context=row.context[:_LONGEST].decode("utf-8", "replace"),
    )
