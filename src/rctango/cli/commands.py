"""The commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rctango._version import __version__
from rctango.cli.options import (
    ColorOption,
    ConfigOption,
    EvidenceArgument,
    FailOn,
    OutputOption,
    QuietOption,
    ReportFormat,
    ReportFormatOption,
    ServerOption,
    TableFormat,
    TableFormatOption,
)
from rctango.cli.output import Color, Output, complain

if TYPE_CHECKING:
    from rctango.app import Evidence

app = typer.Typer(
    name="rctango",
    help="Which Exchange receive connector answers, what the client may do, where it is dangerous.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"rctango {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Which Exchange receive connector answers, and what the client may then do."""


def _load(evidence: list[str], config: str | None, output: Output) -> Evidence:
    from rctango.app import load  # noqa: PLC0415 - keeps --version and --help fast

    with output.progress() as progress:
        return load(evidence, config=config, on_artifact=progress)


def _leave_without_evidence(evidence: Evidence, output: Output) -> None:
    """Say what could not be read; leave when nothing is left to ask."""
    from rctango import app as application  # noqa: PLC0415 - keeps --version and --help fast

    if not output.quiet:
        for gap in evidence.snapshot.gaps:
            if gap.unreadable:
                place = f"{gap.origin}: " if gap.origin else ""
                complain(f"{place}{gap.what}: {gap.why}")
    if not evidence.snapshot.connectors:
        if not output.quiet:
            complain("the evidence holds no receive connectors")
        raise typer.Exit(application.EXIT_NO_EVIDENCE)


@app.command()
def audit(  # noqa: PLR0913, PLR0917 - one parameter per option
    evidence: EvidenceArgument,
    format_: ReportFormatOption = ReportFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    server: ServerOption = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Fail on findings of this severity and above.")
    ] = FailOn.LOW,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail when some evidence cannot be read.")
    ] = False,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Read evidence, run every rule, and report."""
    from rctango import app as application  # noqa: PLC0415 - keeps --version and --help fast
    from rctango.model.finding import Severity  # noqa: PLC0415 - same
    from rctango.report.document import report_document, to_json  # noqa: PLC0415 - same

    target = Output(output, color, quiet=quiet)
    read = _load(evidence, config, target)
    result = application.run_audit(read, servers=(server or ()) if read.is_usable else ())
    if format_ is ReportFormat.JSON:
        target.text(to_json(report_document(result)))
    else:
        from rctango.report.console import render_audit  # noqa: PLC0415 - loads Rich

        target.console(lambda console: render_audit(console, result))
    if not read.is_usable and not quiet:
        complain("no usable evidence: nothing could be read")
    level = Severity(fail_on.value)
    raise typer.Exit(application.exit_code(read, result, fail_on=level, strict=strict))


@app.command()
def which(  # noqa: PLR0913, PLR0917 - one parameter per option
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The client's IP address.")],
    evidence: EvidenceArgument,
    format_: ReportFormatOption = ReportFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    server: ServerOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show which connector answers ADDRESS, what it grants, and why the others lost."""
    from rctango import app as application  # noqa: PLC0415 - keeps --version and --help fast
    from rctango.addresses import Address  # noqa: PLC0415 - same
    from rctango.analysis.view import View  # noqa: PLC0415 - same
    from rctango.report.document import to_json, which_document  # noqa: PLC0415 - same

    asked = Address.parse(address)
    target = Output(output, color, quiet=quiet)
    read = _load(evidence, config, target)
    _leave_without_evidence(read, target)
    view = View(read.snapshot)
    rows = list(application.which_rows(view, asked, application.only_servers(view, server or ())))
    if format_ is ReportFormat.JSON:
        target.text(to_json(which_document(asked, rows)))
    else:
        from rctango.report.console import render_which  # noqa: PLC0415 - loads Rich

        target.console(lambda console: render_which(console, asked, rows))
    raise typer.Exit(application.answer_code(read, determined=application.is_determined(rows)))


@app.command(name="map")
def map_(  # noqa: PLR0913, PLR0917 - one parameter per option
    evidence: EvidenceArgument,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    server: ServerOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show every listener's whole address space, segment by segment."""
    from rctango import app as application  # noqa: PLC0415 - keeps --version and --help fast
    from rctango.analysis.view import View  # noqa: PLC0415 - same
    from rctango.report import document, tables  # noqa: PLC0415 - same

    target = Output(output, color, quiet=quiet)
    read = _load(evidence, config, target)
    _leave_without_evidence(read, target)
    view = View(read.snapshot)
    found = list(application.coverages(view, application.only_servers(view, server or ())))
    if format_ is TableFormat.JSON:
        target.text(document.to_json(document.map_document(found)))
    elif format_ is TableFormat.CSV:
        target.text(tables.map_csv(found))
    elif format_ is TableFormat.MARKDOWN:
        target.text(tables.map_markdown(found))
    else:
        from rctango.report.console import render_map  # noqa: PLC0415 - loads Rich

        target.console(lambda console: render_map(console, found))
    determined = application.is_mapped(found)
    raise typer.Exit(application.answer_code(read, determined=determined))


@app.command()
def matrix(  # noqa: PLR0913, PLR0917 - one parameter per option
    evidence: EvidenceArgument,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    server: ServerOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show who reaches whom: server to server, gateway and device to server."""
    from rctango import app as application  # noqa: PLC0415 - keeps --version and --help fast
    from rctango.analysis.view import View  # noqa: PLC0415 - same
    from rctango.report import document, tables  # noqa: PLC0415 - same

    target = Output(output, color, quiet=quiet)
    read = _load(evidence, config, target)
    _leave_without_evidence(read, target)
    view = View(read.snapshot)
    found = list(application.matrix_flows(view, application.only_servers(view, server or ())))
    if format_ is TableFormat.JSON:
        target.text(document.to_json(document.matrix_document(found)))
    elif format_ is TableFormat.CSV:
        target.text(tables.matrix_csv(found))
    elif format_ is TableFormat.MARKDOWN:
        target.text(tables.matrix_markdown(found))
    else:
        from rctango.report.console import render_matrix  # noqa: PLC0415 - loads Rich

        target.console(lambda console: render_matrix(console, found))
    determined = application.is_foreseen(found)
    raise typer.Exit(application.answer_code(read, determined=determined))


@app.command()
def rules(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", show_default=False)] = None,
    format_: ReportFormatOption = ReportFormat.CONSOLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """List the catalogue, or explain one rule."""
    from rctango.app import rule_rows  # noqa: PLC0415 - keeps --version and --help fast
    from rctango.report.document import rules_document, to_json  # noqa: PLC0415 - same

    found = [row for row in rule_rows() if name is None or row.name == name]
    if not found:
        raise typer.BadParameter(f"{name!r} is no rule; 'rctango rules' lists them")
    target = Output(output, color, quiet=quiet)
    if format_ is ReportFormat.JSON:
        target.text(to_json(rules_document(found)))
        return
    from rctango.report.console import render_rule, render_rules  # noqa: PLC0415 - loads Rich

    if name is None:
        target.console(lambda console: render_rules(console, found))
    else:
        target.console(lambda console: render_rule(console, found[0]))
