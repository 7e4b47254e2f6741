"""Protocol logs for tests: rows, and whole scans of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.traffic.scanner import OpenSession, Remainder, Scanner, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rctango.traffic.schema import SessionFacts

HEADER = (
    b"\xef\xbb\xbf#Software: Microsoft Exchange Server\r\n"
    b"#Version: 15.0.0.0\r\n"
    b"#Log-type: SMTP Receive Protocol Log\r\n"
    b"#Date: 2026-03-02T08:00:00.000Z\r\n"
    b"#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,"
    b"event,data,context\r\n"
)


def quoted(field: str) -> str:
    """A field as Exchange writes it."""
    if "," in field or '"' in field:
        return '"' + field.replace('"', '""') + '"'
    return field


@dataclass
class Rows:
    """Writes the rows of one session."""

    connector: str = "EX01\\Relay"
    session: str = "08DE70000000000A"
    local: str = "10.1.1.5:25"
    remote: str = "10.1.9.20:50111"
    second: int = 0
    sequence: int = 0

    def row(
        self, event: str, data: str = "", context: str = "", *, local: str | None = None
    ) -> bytes:
        """The next row."""
        self.second += 1
        minute, second = divmod(self.second, 60)
        fields = (
            f"2026-03-02T08:{minute:02}:{second:02}.{self.sequence % 1000:03}Z",
            self.connector,
            self.session,
            str(self.sequence),
            self.local if local is None else local,
            self.remote,
            event,
            data,
            context,
        )
        self.sequence += 1
        return ",".join(quoted(field) for field in fields).encode() + b"\r\n"

    def rows(self, *lines: str) -> bytes:
        """Several rows: each line is an event and its data, ``> 250 ok``."""
        return b"".join(self.row(line[0], line[2:]) for line in lines)


class SlowScanner(Scanner):
    """Reads every line in full: what the plain way must agree with."""

    def _scan(self, block: bytes) -> None:
        lines = block.split(b"\n")[:-1]
        at = self._offset
        for line in lines:
            self._slow(line, at, block)
            at += len(line) + 1
        self._offset = at
        self._tally.lines += len(lines)


def scan(
    *blocks: bytes,
    log: str = "receive",
    final: bool = False,
    carried: Sequence[OpenSession] | None = (),
    kind: type[Scanner] = Scanner,
) -> tuple[list[SessionFacts], Remainder]:
    """The facts of all sessions, the open ones last, and what is left."""
    scanner = kind(file=1, log=log, role=None, carried=carried)
    found = [facts for block in blocks for facts in scanner.feed(block)]
    ended, rest = scanner.close(final=final)
    return [*found, *ended], rest


def everything(found: Iterable[SessionFacts], rest: Remainder) -> list[SessionFacts]:
    """All sessions: ended ones, pieces taken by themselves, open ones."""
    pieces = [join(None, piece)[0] for piece in rest.pieces]
    return [*found, *pieces, *(one.facts for one in rest.open)]
