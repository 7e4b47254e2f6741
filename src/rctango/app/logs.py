"""Protocol logs: read into a store, asked, and judged together with the evidence."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rctango.analysis.least_ranges import propose
from rctango.analysis.log_coverage import log_coverage
from rctango.analysis.replay import replay
from rctango.analysis.source_nat import judge_sources
from rctango.analysis.view import View
from rctango.app import EXIT_CLEAN, EXIT_FINDINGS, EXIT_NO_EVIDENCE, EXIT_NOT_ASSESSED
from rctango.errors import RctangoError
from rctango.model.log_reading import CountedLines, FileProblem, LogsRead, RejectedRow
from rctango.model.origin import Origin
from rctango.model.snapshot import EvidenceItem, Gap
from rctango.report.log_documents import (
    CoverageReport,
    HostName,
    ProposalReport,
    ReplayReport,
    SnatReport,
    StoreReport,
    TranscriptReport,
    UsageReport,
)
from rctango.sources.reverse_dns import host_names
from rctango.traffic import answers
from rctango.traffic.engines import DuckDBEngine
from rctango.traffic.logfiles import LogFile, find
from rctango.traffic.queries import Asked
from rctango.traffic.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime
    from pathlib import Path

    from rctango.app import Evidence
    from rctango.model.connector import Connector
    from rctango.model.observation import Traffic
    from rctango.traffic.engines import Engine
    from rctango.traffic.reading import ReadSummary
    from rctango.traffic.store import Store

MOST_REJECTED = 100
"""How many rejected lines a report lists."""
_MOST_NAMES = 500


class LogRequestError(RctangoError):
    """What was asked of the logs makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """Which logs, and which part of them.

    Attributes:
        paths: files, folders and patterns; may be empty where there is a store.
        store: the file of the session store; None for one that lives as long as the run.
        servers: only sessions of these servers; empty for all.
        since: only sessions that began at this time (UTC) or later.
        until: only sessions that began before this time (UTC).
        domains: the accepted domains; None for those of the evidence, if there are any.
        workers: how many processes scan; None for one on each core.
        master: a Spark master, such as ``local[2]`` or ``spark://host:7077``; None for the
            embedded engine.
        facts: the folder that Spark writes the session facts to, or has written them to.
    """

    paths: tuple[str, ...]
    store: Path | None = None
    servers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    domains: tuple[str, ...] | None = None
    workers: int | None = None
    master: str | None = None
    facts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Logs that were read.

    Attributes:
        read: what was read.
        engine: what answers questions.
        asked: which part of the logs is asked about.
        store: the session store; None with Spark.
        files: the files that were given now.
    """

    read: LogsRead
    engine: Engine
    asked: Asked
    store: Store | None
    files: tuple[LogFile, ...] = field(default=(), repr=False)

    def traffic(self) -> Traffic:
        """Everything the logs show."""
        return answers.traffic(
            self.engine,
            self.asked,
            incomplete=_incomplete(self.read),
            origin=Origin(source=self.read.source, locator=""),
        )


def _incomplete(read: LogsRead) -> tuple[str, ...]:
    found = [f"{one.path}: {one.why}" for one in read.problems]
    if read.rejected:
        found.append(f"{read.rejected:,} lines could not be read")
    return tuple(found)


@contextmanager
def open_logs(
    request: LogRequest,
    evidence: Evidence | None = None,
    on_bytes: Callable[[str, int, int], None] | None = None,
) -> Iterator[Logs]:
    """Read logs, new ones only where a store knows the others, and make them ready for questions.

    Args:
        request: which logs.
        evidence: for the accepted domains.
        on_bytes: called now and then with a file's name, the bytes read and the bytes of all.

    Raises:
        EvidenceError: the store cannot be used.
        LogRequestError: there is nothing to read.
        RctangoError: Spark fails, or a package is missing.
    """
    if not (request.paths or request.store or request.facts):
        raise LogRequestError("no logs given: name files or folders, or a store with --store")
    asked = Asked(
        servers=request.servers,
        since=request.since,
        until=request.until,
        accepted_domains=_accepted_domains(request, evidence),
    )
    problems: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="rctango-") as spool:
        files = tuple(find(request.paths, spool, lambda name, why: problems.append((name, why))))
        if request.master is not None:
            from rctango.app.spark_logs import open_with_spark  # noqa: PLC0415 - loads Spark

            with open_with_spark(request, request.master, asked, files, problems) as logs:
                yield logs
            return
        with _store(request.store) as store:
            read = _read(store, request, files, problems, on_bytes)
            yield Logs(
                read=read, engine=DuckDBEngine(store.connection), asked=asked, store=store,
                files=files,
            )  # fmt: skip


def _accepted_domains(request: LogRequest, evidence: Evidence | None) -> tuple[str, ...] | None:
    if request.domains is not None:
        return request.domains
    domains = None if evidence is None else evidence.snapshot.accepted_domains
    return None if domains is None else tuple(one.domain for one in domains)


@contextmanager
def _store(path: Path | None) -> Iterator[Store]:
    try:
        from rctango.traffic.store import Store  # noqa: PLC0415 - loads DuckDB and Arrow
    except ImportError as error:
        raise missing_packages("logs", error) from error
    with Store.open(path) as store:
        yield store


def missing_packages(extra: str, error: ImportError) -> RctangoError:
    """What to tell somebody who lacks the packages of an extra."""
    return RctangoError(f"{error.name} is not installed: install rctango[{extra}]")


def _read(
    store: Store,
    request: LogRequest,
    files: tuple[LogFile, ...],
    problems: list[tuple[str, str]],
    on_bytes: Callable[[str, int, int], None] | None,
) -> LogsRead:
    from rctango.traffic.reading import read_logs  # noqa: PLC0415 - loads Arrow

    summary = read_logs(files, store, workers=request.workers, on_bytes=on_bytes)
    source = str(request.store) if request.store else ", ".join(request.paths)
    return _logs_read(store, source, summary, problems)


def _logs_read(
    store: Store, source: str, summary: ReadSummary, problems: list[tuple[str, str]]
) -> LogsRead:
    ledger = store.ledger()
    entries = [one for one in ledger.entries.values() if one.refusal is None]
    lines = store.line_totals()
    names = {one.number: _entry_name(one.path, one.member) for one in entries}
    found = answers.totals(DuckDBEngine(store.connection), Asked())
    lost = dict([*problems, *summary.problems])
    for one in entries:
        if one.problem is not None:
            lost.setdefault(names[one.number], one.problem)
    rejected = store.rejected()[:MOST_REJECTED]
    return LogsRead(
        source=source,
        files=len(entries),
        files_new=len(summary.read),
        copies=len(summary.copies),
        sessions=sum(one.sessions for one in found),
        lines=lines.lines,
        parsed=lines.parsed,
        header=lines.header,
        noise=tuple(CountedLines(reason=reason, lines=count) for reason, count in lines.noise),
        rejected=lines.rejected,
        unfinished=lines.unfinished,
        rejected_rows=tuple(
            RejectedRow(path=names.get(number, "?"), line=one.line, why=one.reason)
            for number, one in rejected
        ),
        refused=tuple(FileProblem(path=path, why=why) for path, why in summary.refused),
        problems=tuple(FileProblem(path=path, why=why) for path, why in lost.items()),
        first_seen=min((one.first_seen for one in found), default=None),
        last_seen=max((one.last_seen for one in found), default=None),
    )


def _entry_name(path: str, member: str) -> str:
    return f"{path}!{member}" if member else path


def usage_report(logs: Logs, *, resolve: bool) -> UsageReport:
    """Who used which connector; with ``resolve`` the clients' names by reverse DNS."""
    usage = answers.usage(logs.engine, logs.asked)
    proxied = answers.proxied(logs.engine, logs.asked)
    names: dict[str, str] = {}
    if resolve:
        addresses = [str(one.address) for one in usage if one.address is not None]
        names = host_names(list(dict.fromkeys(addresses))[:_MOST_NAMES])
    return UsageReport(
        read=logs.read,
        accepted_domains_known=logs.asked.accepted_domains is not None,
        usage=usage,
        proxied=proxied,
        host_names=tuple(HostName(client=one, name=name) for one, name in sorted(names.items())),
    )


def snat_report(logs: Logs, evidence: Evidence | None) -> SnatReport:
    """Which addresses stand for many clients."""
    view = None if evidence is None else View(evidence.snapshot)
    return SnatReport(
        read=logs.read,
        evidence_given=evidence is not None,
        sources=judge_sources(logs.traffic(), view),
    )


def replay_report(logs: Logs, evidence: Evidence) -> ReplayReport:
    """Whether the computed answers are the logged ones."""
    result = replay(logs.traffic().answers, View(evidence.snapshot))
    return ReplayReport(
        read=logs.read,
        percent=result.percent,
        percent_of_connections=result.percent_of_connections,
        replay=result,
    )


def coverage_report(logs: Logs, evidence: Evidence | None) -> CoverageReport:
    """What the logs cover, and where they are silent."""
    view = None if evidence is None else View(evidence.snapshot)
    return CoverageReport(read=logs.read, coverage=log_coverage(logs.traffic(), view))


def proposal_report(logs: Logs, evidence: Evidence, names: Iterable[str]) -> ProposalReport:
    """Least-privilege ranges for the named connectors, or for all relay connectors.

    Raises:
        LogRequestError: a name is no connector of the evidence.
    """
    view = View(evidence.snapshot)
    traffic = logs.traffic()
    chosen = _connectors(view, list(names))
    return ProposalReport(
        read=logs.read,
        proposals=tuple(propose(view, traffic, connector) for connector in chosen),
    )


def _connectors(view: View, names: list[str]) -> list[Connector]:
    if not names:
        return list(view.suspects)
    known = {one.identity.casefold(): one for one in view.snapshot.connectors}
    missing = [name for name in names if name.casefold() not in known]
    if missing:
        listed = ", ".join(sorted(one.identity for one in known.values())) or "none"
        raise LogRequestError(f"no connector {missing[0]!r} in the evidence; there are {listed}")
    return [known[name.casefold()] for name in names]


def transcript_report(logs: Logs, session: str) -> TranscriptReport:
    """The rows of every session with an id.

    Raises:
        LogRequestError: there is none.
    """
    found = answers.find_sessions(logs.engine, replace(logs.asked, session=session))
    if not found:
        raise LogRequestError(f"no session {session!r} in the logs")
    return TranscriptReport(
        session=session,
        transcripts=tuple(transcript(one, lambda number: _files(logs, number)) for one in found),
    )


def _files(logs: Logs, number: int) -> list[LogFile]:
    """Where a content of the ledger lies: among the files given now, or where it was read."""
    if logs.store is None:
        return []
    ledger = logs.store.ledger()
    places = {(one.path, one.member) for one in ledger.places(number)}
    given = [one for one in logs.files if (one.place, one.member) in places]
    if given:
        return given
    paths = dict.fromkeys(path for path, _ in sorted(places) if path != "-")
    found = find(paths, "", lambda _name, _why: None)
    return [one for one in found if (one.place, one.member) in places]


def export_parquet(logs: Logs, folder: Path) -> StoreReport:
    """Write sessions and files to a folder as Parquet.

    Raises:
        LogRequestError: Spark has written them already.
        EvidenceError: they cannot be written.
    """
    if logs.store is None:
        raise LogRequestError("Spark writes Parquet itself: name the folder with --facts")
    logs.store.export_parquet(folder)
    return StoreReport(read=logs.read, written=(str(folder),))


def pseudonymised(logs: Logs, target: Path, key_file: Path | None) -> StoreReport:
    """Write a new store in which names and addresses are pseudonyms.

    Args:
        logs: what to share.
        target: the new store.
        key_file: the file with the key; None for the environment variable.

    Raises:
        LogRequestError: Spark holds the facts.
        ConfigError: there is no key, or it is too short.
        EvidenceError: the target exists, or cannot be written.
    """
    if logs.store is None:
        raise LogRequestError("this needs the embedded engine")
    from rctango.traffic.pseudonyms import pseudonymise, read_key  # noqa: PLC0415 - loads Arrow

    pseudonymise(logs.store, target, read_key(key_file), logs.asked.accepted_domains or ())
    return StoreReport(read=logs.read, written=(str(target),))


def store_report(logs: Logs) -> StoreReport:
    """What is in the store now."""
    return StoreReport(read=logs.read)


def forget(path: Path, before: date) -> StoreReport:
    """Remove the sessions that ended before a day from a store, for good.

    Raises:
        LogRequestError: there is no such store.
        EvidenceError: it cannot be used.
    """
    if not path.is_file():
        raise LogRequestError(f"there is no store {path}")
    with open_logs(LogRequest(paths=(), store=path)) as logs:
        removed = 0 if logs.store is None else logs.store.forget(before)
    with open_logs(LogRequest(paths=(), store=path)) as logs:
        return StoreReport(read=logs.read, forgotten=removed, before=before)


def with_logs(
    evidence: Evidence, request: LogRequest, on_bytes: Callable[[str, int, int], None] | None = None
) -> Evidence:
    """The evidence together with what the logs show, for an audit.

    Logs that could not be read in full are a gap of the snapshot.
    """
    with open_logs(request, evidence, on_bytes) as logs:
        read = logs.read
        traffic = logs.traffic() if read.files else None
    snapshot = evidence.snapshot
    item = EvidenceItem(path=read.source, kind="SMTP protocol logs", objects=read.sessions)
    gaps = [
        Gap(what="protocol log", server=None, why=one.why, unreadable=True,
            origin=Origin(source=one.path, locator=""))
        for one in (*read.problems, *read.refused)
    ]  # fmt: skip
    gaps += [
        Gap(what="a row of a protocol log", server=None, why=one.why, unreadable=True,
            origin=Origin(source=one.path, locator=f"line {one.line}"))
        for one in read.rejected_rows
    ]  # fmt: skip
    return replace(
        evidence,
        snapshot=replace(
            snapshot,
            traffic=traffic,
            evidence=(*snapshot.evidence, item),
            gaps=(*snapshot.gaps, *gaps),
        ),
    )


def answer_code(read: LogsRead, *, determined: bool = True, agreed: bool = True) -> int:
    """The exit code of a command that asks logs.

    Args:
        read: what was read.
        determined: whether the question could be answered in full.
        agreed: whether a demand of the user is met, where there is one.
    """
    if not read.files:
        return EXIT_NO_EVIDENCE
    if not agreed:
        return EXIT_FINDINGS
    return EXIT_CLEAN if determined and read.is_complete else EXIT_NOT_ASSESSED
