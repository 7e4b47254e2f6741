"""``rctango probe`` and its options. No option takes a password."""

from __future__ import annotations

import math
from pathlib import Path  # noqa: TC003 - Typer reads it when the program runs
from typing import Annotated

import typer

from rctango.cli.options import (
    ColorOption,
    ConfigOption,
    OutputOption,
    QuietOption,
    ServerOption,
    TableFormat,
    TableFormatOption,
)
from rctango.cli.output import Color, Output

_DAY = 86_400.0


def _number(value: float) -> float:
    """Refuse what is no number, which no bound does."""
    if math.isnan(value):
        raise typer.BadParameter("a number is needed")
    return value


def _seconds(name: str, what: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(
        name, metavar="SECONDS", min=0.1, max=_DAY, callback=_number, help=f"Wait for {what}."
    )
    return found


TargetsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TARGET]...",
        help="host, address, host:port, or [IPv6]:port.  [default: all of --evidence]",
        show_default=False,
    ),
]
EvidenceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--evidence", metavar="PATH", help="Exports: they give targets and foretell; repeatable."
    ),
]
ViaOption = Annotated[
    list[str] | None,
    typer.Option(
        "--via",
        metavar="NAME=ADDRESS",
        help="A load balancer's address, to compare with the targets behind it; repeatable.",
    ),
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source", metavar="ADDRESS", help="Connect from this local address; repeatable."
    ),
]
PortOption = Annotated[
    list[int] | None,
    typer.Option(
        "--port", min=1, max=65535, help="Of the evidence only this port; may be repeated."
    ),
]
SenderOption = Annotated[
    list[str] | None,
    typer.Option("--sender", metavar="ADDRESS", help="Send as this address; repeatable."),
]
RecipientOption = Annotated[
    list[str] | None,
    typer.Option("--recipient", metavar="ADDRESS", help="Send to this address; repeatable."),
]
DomainOption = Annotated[
    list[str] | None,
    typer.Option(
        "--domain",
        metavar="NAME",
        help="An accepted domain, instead of the evidence's; repeatable.",
    ),
]


def probe(  # noqa: PLR0913, PLR0917 - one parameter per option
    targets: TargetsArgument = None,
    evidence: EvidenceOption = None,
    via: ViaOption = None,
    source: SourceOption = None,
    server: ServerOption = None,
    port: PortOption = None,
    sender: SenderOption = None,
    recipient: RecipientOption = None,
    domain: DomainOption = None,
    tricks: Annotated[
        bool, typer.Option("--tricks", help="Also try old ways round a relay refusal.")
    ] = False,
    send: Annotated[
        bool,
        typer.Option(
            "--send", help="Send one message with a forged From to --recipient at each target."
        ),
    ] = False,
    ehlo: Annotated[
        str | None,
        typer.Option(
            "--ehlo",
            metavar="NAME",
            help="Name for EHLO.  [default: this host's]",
            show_default=False,
        ),
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option("--contact", metavar="TEXT", help="Whom to ask; left in the server's log."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent; connect to nothing.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Keep the observations, for rctango audit."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show the whole dialogue.")
    ] = False,
    rate: Annotated[
        float,
        typer.Option(
            "--rate", min=0.01, max=1000.0, callback=_number, help="Sessions begun in a second."
        ),
    ] = 5.0,
    at_once: Annotated[
        int,
        typer.Option(
            "--at-once", min=1, max=100, help="Sessions at the same time; one at each target."
        ),
    ] = 10,
    connect_timeout: Annotated[
        float, _seconds("--connect-timeout", "a name and a connection")
    ] = 10.0,
    greeting_timeout: Annotated[float, _seconds("--greeting-timeout", "the greeting")] = 30.0,
    reply_timeout: Annotated[float, _seconds("--reply-timeout", "each reply")] = 30.0,
    tls_timeout: Annotated[float, _seconds("--tls-timeout", "the TLS handshake")] = 15.0,
    session_timeout: Annotated[float, _seconds("--session-timeout", "a whole session")] = 180.0,
    run_timeout: Annotated[float, _seconds("--run-timeout", "the whole run")] = 3600.0,
    format_: TableFormatOption = TableFormat.CONSOLE,
    output: OutputOption = None,
    config: ConfigOption = None,
    quiet: QuietOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Test live what servers let this machine do: relay, forged senders, Exchange authentication.

    Sends no message without --send. Probe only servers that you may test.
    """
    from rctango.app.probing import ProbeRequest  # noqa: PLC0415 - keeps --help fast
    from rctango.cli import probe_work  # noqa: PLC0415 - same
    from rctango.probe import ProbeLimits  # noqa: PLC0415 - same

    if dry_run and save is not None:
        raise typer.BadParameter("a dry run observes nothing", param_hint="--save")
    request = probe_work.Request(
        output=Output(output, color, quiet=quiet), format=format_, evidence=evidence or [],
        config=config, save=save, verbose=verbose,
    )  # fmt: skip
    asked = ProbeRequest(
        targets=tuple(targets or ()), via=tuple(via or ()), sources=tuple(source or ()),
        servers=tuple(server or ()), ports=tuple(port or ()), ehlo=ehlo, contact=contact,
        senders=tuple(sender or ()), recipients=tuple(recipient or ()),
        domains=None if domain is None else tuple(domain), tricks=tricks, send=send,
        limits=ProbeLimits(
            connect=connect_timeout, greeting=greeting_timeout, reply=reply_timeout,
            tls=tls_timeout, run=session_timeout, at_once=at_once, rate=rate,
        ),
        seconds=run_timeout,
    )  # fmt: skip
    work = probe_work.dry_run if dry_run else probe_work.probe
    raise typer.Exit(work(request, asked))
