"""A slow and simple reader of protocol logs that knows nothing of how they were made."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = re.compile(r"(northwind|sales\.northwind|[a-z.]+\.subsidiary)\.example", re.IGNORECASE)
NUMBER = re.compile(r"(\D+)(\d+)-(\d+)\.LOG")


@dataclass
class Row:
    time: str
    connector: str
    session: str
    number: int
    local: str
    remote: str
    event: str
    data: str
    context: str


@dataclass
class Session:
    log: str
    role: str | None
    server: str
    rows: list[Row] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    messages: int = 0
    own: int = 0
    foreign: int = 0
    refused: int = 0
    failures: int = 0
    tls: bool = False
    ehlo: list[str] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        return self.rows[-1].event == "-"

    @property
    def client(self) -> str:
        return address(self.rows[0].remote)

    def read(self) -> None:
        sent, received = ("<", ">") if self.log == "receive" else (">", "<")
        waiting: list[str] = []
        for row in self.rows:
            if row.event == sent:
                waiting.append(row.data)
            elif row.event == received and not re.match(r"\d{3}-|334", row.data):
                command = waiting.pop(0) if waiting else ""
                self.answer(command, row.data)
                if row.data.startswith("354"):
                    waiting.insert(0, "(data)")

    def answer(self, command: str, reply: str) -> None:
        verb = command.upper().split(" ")[0]
        good = reply.startswith("2")
        if verb in {"EHLO", "HELO"}:
            self.ehlo.append(command[5:])
        elif verb in {"STARTTLS", "X-ANONYMOUSTLS"} and reply.startswith("220"):
            self.tls = True
        elif verb == "AUTH" and not good:
            self.failures += 1
        elif verb == "RCPT":
            self.recipient(command, good=good)
        elif verb == "(DATA)" or (verb == "BDAT" and command.endswith(" LAST")):
            self.messages += good

    def recipient(self, command: str, *, good: bool) -> None:
        domain = command.partition("<")[2].partition(">")[0].rpartition("@")[2]
        if not good:
            self.refused += 1
        elif OWN.fullmatch(domain):
            self.own += 1
        else:
            self.foreign += 1


def address(endpoint: str) -> str:
    return endpoint.rpartition(":")[0].strip("[]").partition("%")[0]


def file_order(path: Path) -> tuple[str, str, int]:
    match = NUMBER.fullmatch(path.name)
    assert match
    return str(path.parent), match[2], int(match[3])


def lines(path: Path) -> list[str]:
    text = path.read_bytes().decode("utf-8-sig", "replace")
    assert text.endswith("\r\n")
    return text[:-2].split("\r\n")


def rows(path: Path) -> Iterator[Row]:
    for fields in csv.reader(one for one in lines(path) if not one.startswith("#")):
        assert len(fields) == 9
        yield Row(
            *(fields[0], fields[1], fields[2], int(fields[3]), fields[4]),
            *(fields[5], fields[6], fields[7], fields[8]),
        )


def sessions(folder: Path) -> list[Session]:
    found: dict[tuple[str, str], Session] = {}
    for path in sorted(folder.rglob("*.LOG"), key=file_order):
        parts = path.relative_to(folder).parts
        role = next((one.casefold() for one in parts if one in {"FrontEnd", "Hub"}), None)
        log = "send" if path.parent.name == "SmtpSend" else "receive"
        for row in rows(path):
            key = (parts[0], row.session)
            session = found.setdefault(key, Session(log=log, role=role, server=parts[0]))
            assert (session.log, session.role) == (log, role)
            session.rows.append(row)
            session.files.add(str(path))
    for session in found.values():
        session.read()
    return list(found.values())
