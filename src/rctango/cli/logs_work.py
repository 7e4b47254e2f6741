"""What ``rctango logs`` does; loaded only once a command is known, so that start-up stays fast."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango import app
from rctango.app import logs as log_app
from rctango.cli.evidence import tell_gaps
from rctango.cli.options import TableFormat
from rctango.cli.output import complain
from rctango.cli.progress import byte_progress
from rctango.report.document import to_json
from rctango.report.log_documents import log_document
from rctango.report.log_sheets import sheets_of, table_of
from rctango.report.sheets import render_sheets, sheet_csv, sheets_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from rctango.app import Evidence
    from rctango.app.logs import Logs
    from rctango.cli.output import Output
    from rctango.report.log_documents import LogReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What every command that reads logs is given; see ``rctango.app.logs.LogRequest``.

    Attributes:
        output: where the result goes.
        evidence: files and folders with exports; empty for none.
        config: the configuration file; None for the default one.
    """

    output: Output
    paths: list[str]
    store: Path | None
    evidence: list[str]
    config: str | None
    domains: list[str] | None
    servers: list[str]
    since: datetime | None
    until: datetime | None
    workers: int | None
    master: str | None
    facts: str | None

    @property
    def logs(self) -> log_app.LogRequest:
        """Which logs."""
        return log_app.LogRequest(
            paths=tuple(self.paths),
            store=self.store,
            servers=tuple(self.servers),
            since=self.since,
            until=self.until,
            domains=None if self.domains is None else tuple(self.domains),
            workers=self.workers,
            master=self.master,
            facts=self.facts,
        )


@contextmanager
def _opened(request: Request) -> Iterator[tuple[Logs, Evidence | None]]:
    """Read the evidence, if there is any, and the logs."""
    evidence = None
    if request.evidence:
        evidence = app.load(request.evidence, config=request.config)
        tell_gaps(request.output, evidence)
    with ExitStack() as stack:
        with byte_progress(request.output) as step:
            logs = stack.enter_context(log_app.open_logs(request.logs, evidence, step))
        yield logs, evidence


def write(output: Output, format_: TableFormat, report: LogReport) -> None:
    """Write a report in a format."""
    if format_ is TableFormat.JSON:
        output.text(to_json(log_document(report)))
    elif format_ is TableFormat.CSV:
        output.text(sheet_csv(table_of(report)))
    elif format_ is TableFormat.MARKDOWN:
        output.text(sheets_markdown(sheets_of(report)))
    else:
        output.console(lambda console: render_sheets(console, sheets_of(report)))


def usage(request: Request, format_: TableFormat, *, resolve: bool) -> int:
    """Show who used which connector, and give the exit code."""
    with _opened(request) as (logs, _):
        write(request.output, format_, log_app.usage_report(logs, resolve=resolve))
        return log_app.answer_code(logs.read)


def snat(request: Request, format_: TableFormat) -> int:
    """Show which addresses stand for many clients, and give the exit code."""
    with _opened(request) as (logs, evidence):
        write(request.output, format_, log_app.snat_report(logs, evidence))
        return log_app.answer_code(logs.read)


def coverage(request: Request, format_: TableFormat) -> int:
    """Show what the logs cover, and give the exit code."""
    with _opened(request) as (logs, evidence):
        write(request.output, format_, log_app.coverage_report(logs, evidence))
        return log_app.answer_code(logs.read)


def replay(request: Request, format_: TableFormat, *, at_least: float | None) -> int:
    """Compare the computed answers with the logged ones, and give the exit code."""
    with _opened(request) as (logs, evidence):
        if evidence is None or not evidence.snapshot.connectors:
            return _no_connectors(request)
        report = log_app.replay_report(logs, evidence)
        write(request.output, format_, report)
        percent = report.percent
        return log_app.answer_code(
            logs.read,
            determined=percent is not None and not report.replay.left_open.sessions,
            agreed=at_least is None or (percent is not None and percent >= at_least),
        )


def propose(request: Request, format_: TableFormat, connectors: list[str]) -> int:
    """Propose ranges, and give the exit code."""
    with _opened(request) as (logs, evidence):
        if evidence is None or not evidence.snapshot.connectors:
            return _no_connectors(request)
        report = log_app.proposal_report(logs, evidence, connectors)
        write(request.output, format_, report)
        proved = all(one.relay_proved for one in report.proposals)
        return log_app.answer_code(logs.read, determined=proved)


def _no_connectors(request: Request) -> int:
    if not request.output.quiet:
        complain("the evidence holds no receive connectors")
    return app.EXIT_NO_EVIDENCE


def show(request: Request, format_: TableFormat, session: str) -> int:
    """Show transcripts, and give the exit code."""
    with _opened(request) as (logs, _):
        report = log_app.transcript_report(logs, session)
        write(request.output, format_, report)
        readable = all(one.lines for one in report.transcripts)
        return app.EXIT_CLEAN if readable else app.EXIT_NOT_ASSESSED


def read(request: Request, format_: TableFormat) -> int:
    """Read logs and say what was read; give the exit code."""
    with _opened(request) as (logs, _):
        write(request.output, format_, log_app.store_report(logs))
        return log_app.answer_code(logs.read)


def forget(output: Output, store: Path, before: date, format_: TableFormat) -> int:
    """Remove old sessions, and give the exit code."""
    write(output, format_, log_app.forget(store, before))
    return app.EXIT_CLEAN


def export(
    request: Request,
    format_: TableFormat,
    target: Path,
    *,
    pseudonymise: bool,
    key_file: Path | None,
) -> int:
    """Write the facts elsewhere, and give the exit code."""
    with _opened(request) as (logs, _):
        if pseudonymise:
            report = log_app.pseudonymised(logs, target, key_file)
        else:
            report = log_app.export_parquet(logs, target)
        write(request.output, format_, report)
        return log_app.answer_code(logs.read)
