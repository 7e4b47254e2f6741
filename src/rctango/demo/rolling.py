"""The files of one log: their names, their headers, and when a new one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.demo.talk import time_text
from rctango.demo.truth import FileTruth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rctango.demo.desk import Log
    from rctango.demo.ledger import Ledger
    from rctango.demo.organisation import Server
    from rctango.demo.plan import Plan
    from rctango.demo.talk import Block

_FIELDS = (
    "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,"
    "context"
)
_LAG = 400
"""Rows lie in a buffer before a file is opened for them, so some are older than their file."""

_CHUNK = 1 << 20
_FOLDERS = {"frontend": "FrontEnd/", "hub": "Hub/", None: ""}


class Files:
    """Writes one log of one server, file after file."""

    def __init__(self, server: Server, log: Log, plan: Plan, ledger: Ledger) -> None:
        direction, role = log
        kind = "Receive" if direction == "receive" else "Send"
        self._prefix = "RECV" if direction == "receive" else "SEND"
        self._folder = (
            f"logs/{server.name}/TransportRoles/Logs/{_FOLDERS[role]}ProtocolLog/Smtp{kind}"
        )
        self._type = f"SMTP {kind} Protocol Log"
        self._version = f"{min(server.version[0], 15)}.0.0.0"
        self._hourly = not server.is_old
        self._period = 3_600_000 if self._hourly else 86_400_000
        self._roll = plan.roll
        self._ledger = ledger
        self._until = 0
        self._number = 0
        self._path = ""
        self._rows = 0
        self._size = 0
        self._held = 0
        self._parts: list[bytes] = []

    def take(self, blocks: Iterable[Block]) -> Iterator[tuple[str, bytes]]:
        """Write blocks; gives pieces of files, each with its path."""
        for time, rows, data in blocks:
            if time + _LAG >= self._until or self._size >= self._roll:
                yield from self.finish()
                self._open(time + _LAG)
            self._parts.append(data)
            self._rows += rows
            self._size += len(data)
            if self._size - self._held > _CHUNK:
                yield self._piece()

    def _piece(self) -> tuple[str, bytes]:
        piece = (self._path, b"".join(self._parts))
        self._parts.clear()
        self._held = self._size
        return piece

    def _open(self, now: int) -> None:
        begin = now - now % self._period
        self._number = self._number + 1 if begin < self._until else 1
        self._until = begin + self._period
        stamp = time_text(begin)
        hour = stamp[11:13] if self._hourly else ""
        name = f"{self._prefix}{stamp[:10].replace('-', '')}{hour}-{self._number}.LOG"
        self._path = f"{self._folder}/{name}"
        header = (
            "\ufeff#Software: Microsoft Exchange Server\r\n"
            f"#Version: {self._version}\r\n"
            f"#Log-type: {self._type}\r\n"
            f"#Date: {time_text(now)}\r\n"
            f"#Fields: {_FIELDS}\r\n"
        ).encode()
        self._rows = self._held = 0
        self._parts = [header]
        self._size = len(header)

    def finish(self) -> Iterator[tuple[str, bytes]]:
        """The rest of the file that is open, if any."""
        if not self._path:
            return
        self._ledger.files.append(
            FileTruth(
                path=self._path,
                lines=self._rows + 5,
                rows=self._rows,
                header_lines=5,
                bytes=self._size,
            )
        )
        if self._parts:
            yield self._piece()
        self._path = ""
