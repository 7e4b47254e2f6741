"""The results of ``rctango logs`` as sheets, for people and for spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.report.log_coverage_sheets import coverage_sheets, coverage_table
from rctango.report.log_documents import (
    CoverageReport,
    ProposalReport,
    ReplayReport,
    SnatReport,
    StoreReport,
    TranscriptReport,
    UsageReport,
)
from rctango.report.log_judgement_sheets import (
    replay_sheets,
    replay_table,
    snat_sheets,
    snat_table,
)
from rctango.report.log_proposal_sheets import proposal_sheets, proposal_table
from rctango.report.log_usage_sheets import usage_sheets, usage_table
from rctango.report.log_words import NOBODY, endpoint, number, when
from rctango.report.records import time_text
from rctango.report.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.log_reading import LogsRead, Transcript, TranscriptLine
    from rctango.report.log_documents import LogReport


def sheets_of(report: LogReport) -> list[Sheet]:
    """The sheets of a report for console and Markdown; the first says what was read."""
    if isinstance(report, TranscriptReport):
        return [_transcript_sheet(one) for one in report.transcripts]
    return [read_sheet(report.read), *_sheets(report)]


def _sheets(report: LogReport) -> Iterator[Sheet]:
    match report:
        case UsageReport():
            yield from usage_sheets(report)
        case SnatReport():
            yield from snat_sheets(report)
        case ReplayReport():
            yield from replay_sheets(report)
        case CoverageReport():
            yield from coverage_sheets(report.coverage)
        case ProposalReport():
            for proposal in report.proposals:
                yield from proposal_sheets(proposal)
        case StoreReport():
            yield from _store_sheets(report)


def table_of(report: LogReport) -> Sheet:
    """The one table of a report for CSV."""
    match report:
        case UsageReport():
            table = usage_table(report)
        case SnatReport():
            table = snat_table(report)
        case ReplayReport():
            table = replay_table(report)
        case CoverageReport():
            table = coverage_table(report)
        case ProposalReport():
            table = proposal_table(report)
        case TranscriptReport():
            table = _transcript_table(report)
        case StoreReport():
            table = _read_table(report.read)
    return table


def read_sheet(read: LogsRead) -> Sheet:
    """What was read, in sentences; nothing of it is hidden."""
    notes = [_read_sentence(read), _lines_sentence(read)]
    notes += [f"Not read: {one.path}: {one.why}." for one in read.problems]
    notes += [f"Not an SMTP protocol log: {one.path}: {one.why}." for one in read.refused]
    notes += [f"Rejected: {one.path}, line {one.line}: {one.why}." for one in read.rejected_rows]
    if read.rejected > len(read.rejected_rows) > 0:
        notes.append(f"... and {number(read.rejected - len(read.rejected_rows))} more.")
    return Sheet(title=read.source, columns=(), rows=(), notes=tuple(notes), empty="")


def _read_sentence(read: LogsRead) -> str:
    copies = f", {number(read.copies)} copies left out" if read.copies else ""
    span = f", {when(read.first_seen)} to {when(read.last_seen)} UTC" if read.first_seen else ""
    return (
        f"{number(read.sessions)} sessions from {number(read.files)} files "
        f"({number(read.files_new)} read now{copies}){span}."
    )


def _lines_sentence(read: LogsRead) -> str:
    empty = sum(one.lines for one in read.noise)
    return (
        f"{number(read.lines)} lines: {number(read.parsed)} rows, {number(read.header)} header, "
        f"{number(empty)} empty, {number(read.rejected)} rejected, "
        f"{number(read.unfinished)} unfinished."
    )


def _read_table(read: LogsRead) -> Sheet:
    rows = [
        ("sessions", read.sessions),
        ("files", read.files),
        ("files_new", read.files_new),
        ("copies", read.copies),
        ("lines", read.lines),
        ("parsed", read.parsed),
        ("header", read.header),
        *((f"noise: {one.reason}", one.lines) for one in read.noise),
        ("rejected", read.rejected),
        ("unfinished", read.unfinished),
    ]
    return Sheet(
        title=read.source,
        columns=("what", "number"),
        rows=tuple((name, str(value)) for name, value in rows),
    )


def _store_sheets(report: StoreReport) -> Iterator[Sheet]:
    notes = []
    if report.forgotten is not None:
        notes.append(
            f"Forgotten: {number(report.forgotten)} sessions that ended before {report.before}."
        )
    notes += [f"Written: {path}" for path in report.written]
    if notes:
        yield Sheet(title="Done", columns=(), rows=(), notes=tuple(notes), empty="")


def _transcript_sheet(one: Transcript) -> Sheet:
    local = endpoint(None, one.local, one.local_port)
    remote = endpoint(None, one.remote, one.remote_port)
    return Sheet(
        title=f"{one.session} {one.connector or NOBODY}: {remote} to {local}",
        columns=("Time", "", "Data and (context)"),
        rows=tuple(_transcript_row(line) for line in one.lines),
        notes=(*((f"In {', '.join(one.files)}.",) if one.files else ()),),
        empty=one.why_empty,
    )


def _transcript_row(line: TranscriptLine) -> tuple[str, ...]:
    context = f"({line.context})" if line.context else ""
    said = " ".join(part for part in (line.data, context) if part)
    return f"{line.time:%H:%M:%S.%f}"[:-3], line.event, said


def _transcript_table(report: TranscriptReport) -> Sheet:
    return Sheet(
        title="rows",
        columns=("time", "connector", "session", "sequence", "remote", "event", "data", "context"),
        rows=tuple(
            (
                time_text(line.time), one.connector, one.session, str(line.sequence), one.remote,
                line.event, line.data, line.context,
            )
            for one in report.transcripts
            for line in one.lines
        ),
    )  # fmt: skip
