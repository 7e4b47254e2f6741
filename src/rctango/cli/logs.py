"""``rctango logs`` and its options."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rctango.cli.options import (
    ColorOption,
    ConfigOption,
    EvidenceArgument,
    OutputOption,
    QuietOption,
    ServerOption,
    TableFormat,
    TableFormatOption,
)
from rctango.cli.output import Color, Output

if TYPE_CHECKING:
    from rctango.cli.logs_work import Request

logs = typer.Typer(
    name="logs",
    help="SMTP protocol logs: who uses which connector, source NAT, and whether the model agrees.",
    no_args_is_help=True,
)

LogsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LOGS]...",
        help="Log files, folders and patterns; .gz and .zip too; - is standard input.",
        show_default=False,
    ),
]
LogsOption = Annotated[
    list[str] | None,
    typer.Option("--logs", metavar="PATH", help="Log files, folders, patterns; may be repeated."),
]
EvidenceOption = Annotated[
    list[str] | None,
    typer.Option("--evidence", metavar="PATH", help="Exports to compare with; may be repeated."),
]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", metavar="FILE", help="Keep the session facts; read only what is new."),
]
DomainOption = Annotated[
    list[str] | None,
    typer.Option(
        "--domain",
        metavar="NAME",
        help="An accepted domain, instead of the evidence's; repeatable.",
    ),
]
SinceOption = Annotated[
    datetime | None, typer.Option("--since", help="Only sessions that began then or later (UTC).")
]
UntilOption = Annotated[
    datetime | None, typer.Option("--until", help="Only sessions that began before then (UTC).")
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes that scan.  [default: one for each core]"),
]
EngineOption = Annotated[str, typer.Option("--engine", help="embedded, or spark (rctango[spark]).")]
MasterOption = Annotated[
    str, typer.Option("--master", metavar="URL", help="The master for --engine spark.")
]
FactsOption = Annotated[
    str | None,
    typer.Option("--facts", metavar="FOLDER", help="Where Spark writes the facts, or wrote them."),
]


def _request(  # noqa: PLR0913, PLR0917 - one parameter per option
    output: Output,
    paths: list[str] | None,
    store: Path | None,
    evidence: list[str] | None,
    config: str | None,
    domain: list[str] | None = None,
    server: list[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    workers: int | None = None,
    engine: str = "embedded",
    master: str = "local[*]",
    facts: str | None = None,
) -> Request:
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    if engine not in {"embedded", "spark"}:
        raise typer.BadParameter(f"{engine!r} is neither embedded nor spark", param_hint="--engine")
    return logs_work.Request(
        output=output,
        paths=paths or [],
        store=store,
        evidence=evidence or [],
        config=config,
        domains=domain,
        servers=server or [],
        since=since,
        until=until,
        workers=workers,
        master=master if engine == "spark" else None,
        facts=facts,
    )


@logs.command()
def usage(  # noqa: PLR0913, PLR0917 - one parameter per option
    paths: LogsArgument = None,
    evidence: EvidenceOption = None,
    store: StoreOption = None,
    domain: DomainOption = None,
    server: ServerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Ask reverse DNS for the clients' names.")
    ] = False,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    workers: WorkersOption = None,
    engine: EngineOption = "embedded",
    master: MasterOption = "local[*]",
    facts: FactsOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show who used which connector, and who really relayed."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    request = _request(
        Output(output, color, quiet=quiet), paths, store, evidence, config, domain, server,
        since, until, workers, engine, master, facts,
    )  # fmt: skip
    raise typer.Exit(logs_work.usage(request, format_, resolve=resolve))


@logs.command()
def snat(  # noqa: PLR0913, PLR0917 - one parameter per option
    paths: LogsArgument = None,
    evidence: EvidenceOption = None,
    store: StoreOption = None,
    server: ServerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    workers: WorkersOption = None,
    engine: EngineOption = "embedded",
    master: MasterOption = "local[*]",
    facts: FactsOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show which addresses stand for many clients: balancers, firewalls, source NAT."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    request = _request(
        Output(output, color, quiet=quiet), paths, store, evidence, config, None, server,
        since, until, workers, engine, master, facts,
    )  # fmt: skip
    raise typer.Exit(logs_work.snat(request, format_))


@logs.command()
def coverage(  # noqa: PLR0913, PLR0917 - one parameter per option
    paths: LogsArgument = None,
    evidence: EvidenceOption = None,
    store: StoreOption = None,
    server: ServerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    workers: WorkersOption = None,
    engine: EngineOption = "embedded",
    master: MasterOption = "local[*]",
    facts: FactsOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show what the logs cover, and where they are silent."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    request = _request(
        Output(output, color, quiet=quiet), paths, store, evidence, config, None, server,
        since, until, workers, engine, master, facts,
    )  # fmt: skip
    raise typer.Exit(logs_work.coverage(request, format_))


@logs.command()
def replay(  # noqa: PLR0913, PLR0917 - one parameter per option
    evidence: EvidenceArgument,
    paths: LogsOption = None,
    store: StoreOption = None,
    server: ServerOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    at_least: Annotated[
        float | None,
        typer.Option("--at-least", metavar="PERCENT", min=0, max=100, help="Fail below this."),
    ] = None,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    workers: WorkersOption = None,
    engine: EngineOption = "embedded",
    master: MasterOption = "local[*]",
    facts: FactsOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Put every logged session through selection: does the model agree with what happened?"""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    request = _request(
        Output(output, color, quiet=quiet), paths, store, evidence, config, None, server,
        since, until, workers, engine, master, facts,
    )  # fmt: skip
    raise typer.Exit(logs_work.replay(request, format_, at_least=at_least))


@logs.command()
def propose(  # noqa: PLR0913, PLR0917 - one parameter per option
    evidence: EvidenceArgument,
    paths: LogsOption = None,
    store: StoreOption = None,
    connector: Annotated[
        list[str] | None,
        typer.Option(
            "--connector",
            metavar="SERVER\\NAME",
            help="Only this connector; may be repeated.  [default: all relay connectors]",
            show_default=False,
        ),
    ] = None,
    domain: DomainOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    workers: WorkersOption = None,
    engine: EngineOption = "embedded",
    master: MasterOption = "local[*]",
    facts: FactsOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Propose least-privilege RemoteIPRanges from the clients that really relayed."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    request = _request(
        Output(output, color, quiet=quiet), paths, store, evidence, config, domain, None,
        since, until, workers, engine, master, facts,
    )  # fmt: skip
    raise typer.Exit(logs_work.propose(request, format_, connector or []))


@logs.command()
def show(  # noqa: PLR0913, PLR0917 - one parameter per option
    session: Annotated[str, typer.Argument(metavar="SESSION", help="The session-id.")],
    paths: LogsArgument = None,
    store: StoreOption = None,
    server: ServerOption = None,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    workers: WorkersOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show the transcript of one session."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    request = _request(
        Output(output, color, quiet=quiet), paths, store, None, None, None, server,
        workers=workers,
    )  # fmt: skip
    raise typer.Exit(logs_work.show(request, format_, session))


@logs.command()
def read(  # noqa: PLR0913, PLR0917 - one parameter per option
    paths: LogsArgument = None,
    store: StoreOption = None,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    workers: WorkersOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Read new logs into a store, and count every line."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    target = Output(output, color, quiet=quiet)
    request = _request(target, paths, store, None, None, workers=workers)
    raise typer.Exit(logs_work.read(request, format_))


@logs.command()
def forget(
    store: Annotated[
        Path, typer.Option("--store", metavar="FILE", help="The store.", show_default=False)
    ],
    before: Annotated[
        datetime,
        typer.Option(
            "--before", formats=["%Y-%m-%d"], help="Sessions that ended before this day (UTC)."
        ),
    ],
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Remove old sessions from a store, for good; their logs are not read again."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    target = Output(output, color, quiet=quiet)
    raise typer.Exit(logs_work.forget(target, store, before.date(), format_))


@logs.command()
def export(  # noqa: PLR0913, PLR0917 - one parameter per option
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="A folder for Parquet, or a new store.")
    ],
    paths: LogsOption = None,
    store: StoreOption = None,
    pseudonymise: Annotated[
        bool,
        typer.Option(
            "--pseudonymise", help="Write a new store in which names and addresses are replaced."
        ),
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            metavar="FILE",
            help="The key for --pseudonymise.  [default: the variable RCTANGO_KEY]",
            show_default=False,
        ),
    ] = None,
    domain: DomainOption = None,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    workers: WorkersOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Write the session facts as Parquet, or with pseudonyms for sharing."""
    from rctango.cli import logs_work  # noqa: PLC0415 - keeps --version and --help fast

    request = _request(
        Output(output, color, quiet=quiet), paths, store, None, None, domain, workers=workers
    )
    code = logs_work.export(request, format_, target, pseudonymise=pseudonymise, key_file=key_file)
    raise typer.Exit(code)
