"""What was read of protocol logs: files, lines and sessions, with nothing left uncounted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLines:
    """Lines that carry nothing, by reason.

    Attributes:
        reason: such as ``blank line``.
        lines: how many.
    """

    reason: str
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """A file that was not read, or not to its end.

    Attributes:
        path: the file.
        why: the reason.
    """

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A line that should be a row and is not.

    Attributes:
        path: the file.
        line: its number in the file, from 1.
        why: the reason.
    """

    path: str
    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsRead:
    """What was read. ``lines`` is the sum of the five counts that follow it.

    Attributes:
        source: the store, or what the logs were read from.
        files: how many files the facts come from, those read before included.
        files_new: how many of them this run read, wholly or on from where they had ended.
        copies: how many files were left out because their content was read already.
        sessions: how many sessions are known.
        lines: all physical lines.
        parsed: lines that hold a row.
        header: header lines.
        noise: lines that carry nothing.
        rejected: lines that should be rows and are not.
        unfinished: last lines without an end, left for the next run.
        rejected_rows: the first hundred of the rejected ones.
        refused: files that are no SMTP protocol logs.
        problems: files that could not be read, wholly or from some place on.
        first_seen: the first row (UTC); None without any.
        last_seen: the last row (UTC); None without any.
    """

    source: str
    files: int
    files_new: int
    copies: int
    sessions: int
    lines: int
    parsed: int
    header: int
    noise: tuple[CountedLines, ...]
    rejected: int
    unfinished: int
    rejected_rows: tuple[RejectedRow, ...]
    refused: tuple[FileProblem, ...]
    problems: tuple[FileProblem, ...]
    first_seen: datetime | None
    last_seen: datetime | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing that was given was lost: no unreadable file, no rejected line."""
        return not self.problems and not self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLine:
    """One row of a session.

    Attributes:
        time: when (UTC).
        sequence: the sequence-number.
        event: ``+`` connect, ``-`` disconnect, ``>`` sent, ``<`` received, ``*`` information, all
            from the point of view of the server that logs.
        data: what was sent, received or told.
        context: what the log adds to it.
    """

    time: datetime
    sequence: int
    event: str
    data: str
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    r"""One session as it was logged.

    Attributes:
        session: the session-id.
        log, role, server: as in ``Usage``.
        connector: the connector-id, ``SERVER\\Name`` in a receive log; empty when none answered.
        local: the local address.
        local_port: the local TCP port; None where it is not given.
        remote: the remote address.
        remote_port: the remote TCP port; None where it is not given.
        ended: the context of the disconnect row; None when there is none.
        files: where its rows are.
        lines: its rows in order; empty when the files cannot be read any more.
        why_empty: why there are no rows; empty when there are.
    """

    session: str
    log: str
    role: str | None
    server: str | None
    connector: str
    local: str
    local_port: int | None
    remote: str
    remote_port: int | None
    ended: str | None
    files: tuple[str, ...]
    lines: tuple[TranscriptLine, ...]
    why_empty: str
