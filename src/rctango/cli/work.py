"""What the commands do; loaded only once a command is known, so that start-up stays fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import typer

from rctango import app
from rctango.addresses import Address
from rctango.analysis.view import View
from rctango.cli.evidence import load_evidence
from rctango.cli.options import ReportFormat, TableFormat
from rctango.cli.output import complain
from rctango.cli.progress import byte_progress, progress
from rctango.model.finding import Severity
from rctango.report import document, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from rich.console import Console

    from rctango.app import Evidence
    from rctango.cli.options import FailOn
    from rctango.cli.output import Output
    from rctango.model.connection import Coverage, Flow

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What every command that reads evidence is given.

    Attributes:
        evidence: files and folders.
        config: the configuration file; None for the default one.
        servers: the server filter; empty for all.
        output: where the result goes.
    """

    evidence: list[str]
    config: str | None
    servers: list[str]
    output: Output


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """Where protocol logs are.

    Attributes:
        paths: files, folders and patterns.
        store: a session store; None for none.
    """

    paths: list[str]
    store: Path | None


def audit(
    request: Request,
    format_: ReportFormat,
    fail_on: FailOn,
    *,
    strict: bool,
    logged: LogSource,
) -> int:
    """Audit, report, and give the exit code."""
    with progress(request.output) as step:
        read = app.load(request.evidence, config=request.config, on_step=step)
    if logged.paths or logged.store is not None:
        read = _with_logs(request, read, logged)
    with progress(request.output) as step:
        servers = request.servers if read.is_usable else []
        result = app.run_audit(read, servers=servers, on_step=step)
    if format_ is ReportFormat.JSON:
        request.output.text(document.to_json(document.report_document(result)))
    else:
        from rctango.report.console import render_audit  # noqa: PLC0415 - loads Rich

        request.output.console(lambda console: render_audit(console, result))
    if not read.is_usable and not request.output.quiet:
        complain("no usable evidence: nothing could be read")
    return app.exit_code(read, result, fail_on=Severity(fail_on.value), strict=strict)


def _with_logs(request: Request, read: Evidence, logged: LogSource) -> Evidence:
    """The evidence and what the logs show."""
    from rctango.app.logs import LogRequest, with_logs  # noqa: PLC0415 - loads DuckDB

    asked = LogRequest(paths=tuple(logged.paths), store=logged.store)
    with byte_progress(request.output) as step:
        return with_logs(read, asked, step)


def _read(request: Request) -> tuple[Evidence, View, frozenset[str] | None]:
    """Read the evidence and say what could not be read; leave when nothing is left to ask."""
    read = load_evidence(request.output, request.evidence, request.config)
    view = View(read.snapshot)
    return read, view, app.only_servers(view, request.servers)


def which(request: Request, format_: ReportFormat, address: str) -> int:
    """Show who answers an address, and give the exit code."""
    asked = Address.parse(address)
    read, view, servers = _read(request)
    rows = list(app.which_rows(view, asked, servers))
    if format_ is ReportFormat.JSON:
        request.output.text(document.to_json(document.which_document(asked, rows)))
    else:
        from rctango.report.console import render_which  # noqa: PLC0415 - loads Rich

        request.output.console(lambda console: render_which(console, asked, rows))
    return app.answer_code(read, determined=app.is_determined(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table(Generic[_Row]):
    """How one kind of rows is found, judged and written in each format."""

    find: Callable[[View, frozenset[str] | None], Iterable[_Row]]
    known: Callable[[Iterable[_Row]], bool]
    json: Callable[[list[_Row]], document.Document]
    csv: Callable[[list[_Row]], str]
    markdown: Callable[[list[_Row]], str]
    render: Callable[[Console, list[_Row]], None]


def _table(request: Request, format_: TableFormat, table: _Table[_Row]) -> int:
    read, view, servers = _read(request)
    rows = list(table.find(view, servers))
    if format_ is TableFormat.JSON:
        request.output.text(document.to_json(table.json(rows)))
    elif format_ is TableFormat.CSV:
        request.output.text(table.csv(rows))
    elif format_ is TableFormat.MARKDOWN:
        request.output.text(table.markdown(rows))
    else:
        request.output.console(lambda console: table.render(console, rows))
    return app.answer_code(read, determined=table.known(rows))


def _render_map(console: Console, rows: list[Coverage]) -> None:
    from rctango.report.console import render_map  # noqa: PLC0415 - loads Rich

    render_map(console, rows)


def _render_matrix(console: Console, rows: list[Flow]) -> None:
    from rctango.report.console import render_matrix  # noqa: PLC0415 - loads Rich

    render_matrix(console, rows)


_MAP = _Table(
    find=app.coverages,
    known=app.is_mapped,
    json=document.map_document,
    csv=tables.map_csv,
    markdown=tables.map_markdown,
    render=_render_map,
)
_MATRIX = _Table(
    find=app.matrix_flows,
    known=app.is_foreseen,
    json=document.matrix_document,
    csv=tables.matrix_csv,
    markdown=tables.matrix_markdown,
    render=_render_matrix,
)


def map_(request: Request, format_: TableFormat) -> int:
    """Show every listener's address space, and give the exit code."""
    return _table(request, format_, _MAP)


def matrix(request: Request, format_: TableFormat) -> int:
    """Show who reaches whom, and give the exit code."""
    return _table(request, format_, _MATRIX)


def rules(output: Output, format_: ReportFormat, name: str | None) -> None:
    """List the catalogue, or explain one rule."""
    found = [row for row in app.rule_rows() if name is None or row.name == name]
    if not found:
        raise typer.BadParameter(f"{name!r} is no rule; 'rctango rules' lists them")
    if format_ is ReportFormat.JSON:
        output.text(document.to_json(document.rules_document(found)))
        return
    from rctango.report.console import render_rule, render_rules  # noqa: PLC0415 - loads Rich

    if name is None:
        output.console(lambda console: render_rules(console, found))
    else:
        output.console(lambda console: render_rule(console, found[0]))
