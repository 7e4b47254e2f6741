"""Protocol logs for tests: rows, and whole scans of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rctango.traffic.columnar import ColumnScanner
from rctango.traffic.columns import from_batch
from rctango.traffic.scanner import OpenSession, Remainder, Scanner, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

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


class InColumns:
    """A ``ColumnScanner`` whose batches are taken apart."""

    def __init__(self, **options: Any) -> None:
        self._scanner = ColumnScanner(**options)

    def feed(self, data: bytes) -> list[SessionFacts]:
        return _taken_apart(self._scanner.feed(data))

    def close(self, *, final: bool) -> tuple[list[SessionFacts], Remainder]:
        ended, rest = self._scanner.close(final=final)
        return _taken_apart(ended), rest


def _taken_apart(batches: list[pa.RecordBatch]) -> list[SessionFacts]:
    return [facts for batch in batches for facts in from_batch(batch)]


def scan(
    *blocks: bytes,
    log: str = "receive",
    final: bool = False,
    carried: Sequence[OpenSession] | None = (),
    kind: type[Scanner | InColumns] = InColumns,
) -> tuple[list[SessionFacts], Remainder]:
    """The facts of all sessions that ended, by their places, and what is left."""
    scanner = kind(file=1, log=log, role=None, carried=carried)
    found = [facts for block in blocks for facts in scanner.feed(block)]
    ended, rest = scanner.close(final=final)
    return sorted([*found, *ended], key=place), rest


def place(facts: SessionFacts) -> tuple[int, int, str, str]:
    """For ordering sessions."""
    return facts.first_offset, facts.last_offset, facts.session, facts.remote


def everything(found: Iterable[SessionFacts], rest: Remainder) -> list[SessionFacts]:
    """All sessions: ended ones, pieces taken by themselves, open ones."""
    pieces = [join(None, piece)[0] for piece in rest.pieces]
    return [*found, *pieces, *(one.facts for one in rest.open)]
