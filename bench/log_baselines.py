"""The same question about raw protocol logs, answered by DuckDB, by mawk and by rctango.

``python bench/log_baselines.py ENGINE FOLDER CORES`` measures one answer in a process of its own
and prints it as JSON: seconds, seconds of processor time, the peak memory of all its processes in
MB, and whether the answer is the one that the generator wrote down. The seconds begin when
everything is imported.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rctango.demo.organisation import ACCEPTED
from rctango.traffic.columnar import ColumnScanner
from rctango.traffic.columns import from_batch
from rctango.traffic.logfiles import LogFile, find, read_blocks
from rctango.traffic.queries import Asked, Question
from rctango.traffic.scanner import OpenSession, Remainder, join
from rctango.traffic.workers import save_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rctango.traffic.schema import SessionFacts

HERE = Path(__file__).parent
NUMBER = re.compile(r"(?:RECV|SEND)(\d+)-(\d+)\.LOG(?:\.gz)?")

Key = tuple[str, str | None, str | None, str, str]
"""Log, role, server, connector, client."""


@dataclass(slots=True)
class Client:
    """What one client did at one connector: the numbers in the order of ``truth``."""

    numbers: list[int]
    first: str
    last: str
    days: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def add(self, other: Client) -> None:
        """Put two together."""
        self.numbers = [a + b for a, b in zip(self.numbers, other.numbers, strict=True)]
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.days |= other.days
        self.names |= other.names

    def row(self) -> tuple[object, ...]:
        """For comparison."""
        return (*self.numbers, self.first, self.last, len(self.days), len(self.names))


Clients = dict[Key, Client]
Rows = dict[Key, tuple[object, ...]]


def truth(folder: Path) -> Rows:
    """What the generator wrote down."""
    known = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {
        (one["log"], one["role"], one["server"], one["connector"], one["client"]): (
            one["sessions"],
            one["messages"],
            one["recipients_own"],
            one["recipients_foreign"],
            one["recipients_refused"],
            one["auth_failures"],
            one["tls_sessions"],
            one["first_seen"],
            one["last_seen"],
            one["days"],
            len(one["ehlo_names"]),
        )
        for one in known["usage"]
    }


def in_order(folder: Path) -> list[LogFile]:
    """The logs, those of a folder in the order in which they were written."""
    found = find([str(folder / "logs")], "", lambda name, why: sys.exit(f"{name}: {why}"))
    return sorted(found, key=lambda one: (Path(one.path).parent, _number(one)))


def _number(file: LogFile) -> tuple[str, int]:
    match = NUMBER.fullmatch(Path(file.path).name)
    return (match[1], int(match[2])) if match else ("", 0)


def put_together(parts: Iterable[Clients]) -> Clients:
    """The sums."""
    whole: Clients = {}
    for part in parts:
        for key, one in part.items():
            if key in whole:
                whole[key].add(one)
            else:
                whole[key] = one
    return whole


def duckdb_usage(folder: Path, cores: int) -> tuple[Rows, float]:
    """The answer of ``log_usage.sql``."""
    import duckdb  # noqa: PLC0415 - takes memory that is not the other engines'

    text = (HERE / "log_usage.sql").read_text(encoding="utf-8")
    with duckdb.connect(config={"threads": cores}) as connection:
        rows = connection.execute(text, {"files": f"{folder}/logs/**/*.LOG"}).fetchall()
    return {row[:5]: row[5:] for row in rows}, 0.0


def mawk_usage(folder: Path, cores: int) -> tuple[Rows, float]:
    """The answer of ``log_usage.awk``; a folder goes to one process, because sessions go on."""
    chains: dict[Path, list[LogFile]] = {}
    for file in in_order(folder):
        chains.setdefault(Path(file.path).parent, []).append(file)
    bins: list[list[str]] = [[] for _ in range(cores)]
    sizes = [0] * cores
    for chain in sorted(chains.values(), key=lambda held: -sum(one.size for one in held)):
        at = sizes.index(min(sizes))
        sizes[at] += sum(one.size for one in chain)
        bins[at] += [one.path for one in chain]
    peak = 0.0
    parts = []
    with tempfile.TemporaryDirectory() as spool:
        started = []
        for at, files in enumerate(bins):
            output = Path(spool) / str(at)
            with output.open("wb") as stream:
                command = ["mawk", "-f", str(HERE / "log_usage.awk"), *files]
                process = subprocess.Popen(command, stdout=stream)  # noqa: S603 - our own program
            started.append((process, output))
        for process, output in started:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                sys.exit("mawk failed")
            peak += usage.ru_maxrss / 1024
            parts.append(_mawk_clients(output.read_text(encoding="latin-1")))
    return {key: one.row() for key, one in put_together(parts).items()}, peak


def _mawk_clients(text: str) -> Clients:
    """The lines of one process; those with the counts come first."""
    clients: Clients = {}
    for line in text.splitlines():
        kind, log, role, server, connector, client, rest = line.split(",", 6)
        key = (log, role or None, server if log == "receive" else None, connector, client)
        if kind == "U":
            *numbers, first, last = rest.split(",")
            clients[key] = Client([int(one or 0) for one in numbers], first, last)
        elif kind == "D":
            clients[key].days.add(rest)
        else:
            clients[key].names.add(rest)
    return clients


OWN = frozenset(domain for domain, _ in ACCEPTED if not domain.startswith("*"))
SUFFIXES = tuple(domain.removeprefix("*") for domain, _ in ACCEPTED if domain.startswith("*"))


class Tally:
    """Adds session facts up to what each client did."""

    def __init__(self) -> None:
        self.clients: Clients = {}

    def add(self, ended: Iterable[SessionFacts]) -> None:
        """Add some."""
        clients = self.clients
        for facts in ended:
            key: Key = (facts.log, facts.role, facts.server, facts.connector, facts.remote)
            began = facts.began.isoformat(timespec="milliseconds") + "Z"
            last = facts.last_seen.isoformat(timespec="milliseconds") + "Z"
            client = clients.get(key)
            if client is None and facts.log == "receive" and facts.server is None:
                key = (facts.log, facts.role, "", facts.connector, facts.remote)
                client = clients.get(key)
            if client is None:
                client = clients[key] = Client([0] * 7, began, last)
            client.first = min(client.first, began)
            client.last = max(client.last, last)
            client.days.add(began[:10])
            client.names.update(facts.ehlo_names)
            _count(client.numbers, facts)


def _count(numbers: list[int], facts: SessionFacts) -> None:
    numbers[0] += 1
    numbers[1] += facts.messages
    for domain, accepted, refused in facts.recipients:
        numbers[2 if domain in OWN or domain.endswith(SUFFIXES) else 3] += accepted
        numbers[4] += refused
    numbers[5] += facts.auth_failures
    numbers[6] += facts.tls is not None


@dataclass(slots=True)
class Work:
    """One file to scan."""

    number: int
    file: LogFile
    counts: bool


def scan(work: Work) -> tuple[int, Clients, Remainder, int, int, float]:
    """Scan one file to session facts, and add these up if that is wanted."""
    path = Path(work.file.path)
    log = "send" if path.parent.name == "SmtpSend" else "receive"
    parts = path.parts
    role = "frontend" if "FrontEnd" in parts else "hub" if "Hub" in parts else None
    scanner = ColumnScanner(file=work.number, log=log, role=role)
    tally = Tally()
    sessions = 0
    ended = [batch for data, _ in read_blocks(work.file) for batch in scanner.feed(data)]
    last, remainder = scanner.close(final=work.file.is_closed)
    for batch in (*ended, *last):
        sessions += batch.num_rows
        if work.counts:
            tally.add(from_batch(batch))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return work.number, tally.clients, remainder, sessions, os.getpid(), peak


def rctango_usage(folder: Path, cores: int, *, counts: bool = True) -> tuple[Rows, float]:
    """The answer by session facts; any process takes any file."""
    files = in_order(folder)
    work = [Work(number, file, counts) for number, file in enumerate(files)]
    peaks: dict[int, float] = {}
    if cores == 1:
        save_memory()
        results = [scan(one) for one in work]
    else:
        work.sort(key=lambda one: -one.file.size)
        with ProcessPoolExecutor(cores, initializer=save_memory) as pool:
            results = sorted(pool.map(scan, work), key=lambda result: result[0])
        for result in results:
            peaks[result[4]] = max(result[5], peaks.get(result[4], 0.0))
    tally = Tally()
    chains: dict[Path, dict[str, OpenSession]] = {}
    for number, _, remainder, *_ in results:
        going_on = chains.setdefault(Path(files[number].path).parent, {})
        tally.add(_joined(going_on, remainder))
    for going_on in chains.values():
        tally.add(one.facts for one in going_on.values())
    if not counts:
        return {}, sum(peaks.values())
    whole = put_together([*(result[1] for result in results), tally.clients])
    return {key: one.row() for key, one in whole.items()}, sum(peaks.values())


def _joined(going_on: dict[str, OpenSession], remainder: Remainder) -> Iterable[SessionFacts]:
    """The sessions that ended with the pieces of the next file."""
    for piece in remainder.pieces:
        facts, still_open = join(going_on.pop(piece.key, None), piece)
        if still_open is None:
            yield facts
        else:
            going_on[piece.key] = still_open
    for one in remainder.open:
        going_on[one.key] = one


def rctango_facts(folder: Path, cores: int) -> tuple[Rows, float]:
    """Session facts alone, which are then dropped."""
    return rctango_usage(folder, cores, counts=False)


def store(folder: Path, cores: int) -> dict[str, float]:
    """Read into a store, read again, ask."""
    from rctango.traffic.engines import DuckDBEngine  # noqa: PLC0415 - imports more
    from rctango.traffic.reading import read_logs  # noqa: PLC0415 - same
    from rctango.traffic.store import Store  # noqa: PLC0415 - same

    result: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=folder.parent) as spool:
        for name in ("first", "second"):
            start = time.perf_counter()
            with Store.open(Path(spool) / "store.duckdb") as opened:
                found = find([str(folder / "logs")], spool, lambda *_: None)
                read_logs(found, opened, workers=cores)
            result[name] = time.perf_counter() - start
        asked = Asked(accepted_domains=tuple(domain for domain, _ in ACCEPTED))
        with Store.open(Path(spool) / "store.duckdb") as opened:
            engine = DuckDBEngine(opened.connection)
            for question in Question:
                start = time.perf_counter()
                engine.rows(question, asked)
                seconds = time.perf_counter() - start
                result[f"question {question}"] = seconds
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result["peak"] = own / 1024
    result["peak of a worker"] = workers / 1024
    return result


ENGINES: dict[str, Callable[[Path, int], tuple[Rows, float]]] = {
    "DuckDB": duckdb_usage,
    "mawk": mawk_usage,
    "facts": rctango_facts,
    "usage": rctango_usage,
}


def main() -> None:
    """Measure one answer."""
    name, folder, cores = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if name == "store":
        print(json.dumps(store(folder, cores)))
        return
    start = time.perf_counter()
    cpu = os.times()
    rows, others = ENGINES[name](folder, cores)
    seconds = time.perf_counter() - start
    now = os.times()
    busy = sum(now[:4]) - sum(cpu[:4])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if name == "mawk":
        peak = 0.0  # this process only waits
    right = name == "facts" or rows == truth(folder.with_name(folder.name.removesuffix("-gz")))
    print(json.dumps({"seconds": seconds, "cpu": busy, "peak": peak + others, "right": right}))


if __name__ == "__main__":
    main()
