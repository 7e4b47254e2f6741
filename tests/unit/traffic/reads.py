"""Reading logs into stores, for tests."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fakes.protocol_logs import HEADER, Rows
from rctango.traffic.logfiles import LogFile, find
from rctango.traffic.reading import ReadSummary, read_logs
from rctango.traffic.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rctango.traffic.schema import SessionFacts


@dataclass
class Found:
    """What was found, and what was not."""

    files: list[LogFile] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


def find_all(spool: Path | str, *paths: Path | str) -> Found:
    """Every file that paths name."""
    found = Found()
    problems = found.problems
    found.files = list(
        find(map(str, paths), str(spool), lambda name, reason: problems.append((name, reason)))
    )
    return found


def read(store: Store, *paths: Path | str, workers: int = 1) -> ReadSummary:
    """Read paths into a store."""
    with TemporaryDirectory() as spool:
        found = find_all(spool, *paths)
        assert not found.problems
        return read_logs(found.files, store, workers=workers)


@contextmanager
def store_of(*paths: Path | str, workers: int = 1) -> Iterator[Store]:
    """A temporary store with the logs that paths name."""
    with Store.open(None) as store:
        read(store, *paths, workers=workers)
        yield store


def all_facts(store: Store) -> list[SessionFacts]:
    """All sessions, in an order of their own, without file numbers."""
    found = [
        facts._replace(first_file=0, last_file=0) for some in store.sessions() for facts in some
    ]
    return sorted(found, key=repr)


def told(*paths: Path | str, workers: int = 1) -> list[SessionFacts]:
    """The sessions of the logs that paths name, read at once."""
    with store_of(*paths, workers=workers) as store:
        return all_facts(store)


def header(date: str) -> bytes:
    """The header of a receive log."""
    return HEADER.replace(b"2026-03-02T08:00:00.000Z", date.encode())


def session(number: int, rows: int = 3, *, server: str = "EX01") -> list[bytes]:
    """The lines of a session that begins and ends."""
    one = Rows(
        connector=f"{server}\\Relay",
        session=f"08DE7{number:011X}",
        remote=f"10.1.9.{number % 250}:{20000 + number % 40000}",
        second=number % 3000,
    )
    return [
        one.row("+"),
        one.row(">", "220 ex01.corp.example Microsoft ESMTP MAIL Service ready"),
        *(one.row("<", f"NOOP {n}") for n in range(rows)),
        one.row("-", "", "Local"),
    ]


def log(date: str, *sessions: list[bytes]) -> bytes:
    """A receive log with whole sessions, one after the other."""
    return header(date) + b"".join(line for one in sessions for line in one)
