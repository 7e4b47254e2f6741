"""The commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from rctango._version import __version__
from rctango.cli.demo import demo
from rctango.cli.logs import LogsOption, StoreOption, logs
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
from rctango.cli.output import Color, Output
from rctango.cli.probe import probe

app = typer.Typer(
    name="rctango",
    help="Which Exchange receive connector answers, what the client may do, where it is dangerous.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(logs)
app.add_typer(demo)


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


@app.command()
def audit(  # noqa: PLR0913, PLR0917 - one parameter per option
    evidence: EvidenceArgument,
    format_: ReportFormatOption = ReportFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    server: ServerOption = None,
    log_paths: LogsOption = None,
    store: StoreOption = None,
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
    from rctango.cli import work  # noqa: PLC0415 - keeps --version and --help fast

    target = Output(output, color, quiet=quiet)
    request = work.Request(evidence=evidence, config=config, servers=server or [], output=target)
    logged = work.LogSource(paths=log_paths or [], store=store)
    raise typer.Exit(work.audit(request, format_, fail_on, strict=strict, logged=logged))


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
    from rctango.cli import work  # noqa: PLC0415 - keeps --version and --help fast

    target = Output(output, color, quiet=quiet)
    request = work.Request(evidence=evidence, config=config, servers=server or [], output=target)
    raise typer.Exit(work.which(request, format_, address))


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
    from rctango.cli import work  # noqa: PLC0415 - keeps --version and --help fast

    target = Output(output, color, quiet=quiet)
    request = work.Request(evidence=evidence, config=config, servers=server or [], output=target)
    raise typer.Exit(work.map_(request, format_))


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
    from rctango.cli import work  # noqa: PLC0415 - keeps --version and --help fast

    target = Output(output, color, quiet=quiet)
    request = work.Request(evidence=evidence, config=config, servers=server or [], output=target)
    raise typer.Exit(work.matrix(request, format_))


app.command()(probe)


@app.command()
def rules(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", show_default=False)] = None,
    format_: ReportFormatOption = ReportFormat.CONSOLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """List the catalogue, or explain one rule."""
    from rctango.cli import work  # noqa: PLC0415 - keeps --version and --help fast

    work.rules(Output(output, color, quiet=quiet), format_, name)
