"""The options that commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rctango.cli.output import Color


class ReportFormat(StrEnum):
    """Formats of ``audit``, ``which`` and ``rules``."""

    CONSOLE = "console"
    JSON = "json"


class TableFormat(StrEnum):
    """Formats of ``map`` and ``matrix``."""

    CONSOLE = "console"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """The lowest severity that makes ``audit`` fail."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


EvidenceArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="EVIDENCE...",
        help="Files and folders with exports; - is standard input.",
        show_default=False,
    ),
]
ReportFormatOption = Annotated[
    ReportFormat, typer.Option("--format", "-f", help="Format of the result.")
]
TableFormatOption = Annotated[
    TableFormat, typer.Option("--format", "-f", help="Format of the result.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the result to a file."),
]
ConfigOption = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Configuration file.  [default: rctango.toml in the working folder]",
        show_default=False,
    ),
]
ServerOption = Annotated[
    list[str] | None,
    typer.Option("--server", metavar="NAME", help="Only this server; may be repeated."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Write nothing but the result.")]
ColorOption = Annotated[Color, typer.Option("--color", help="When to use colours.")]
