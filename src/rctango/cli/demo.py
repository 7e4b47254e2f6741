"""``rctango demo``: something to try the other commands on."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads it when the program runs
from typing import Annotated

import typer

demo = typer.Typer(name="demo", help="Make example data to try things on.", no_args_is_help=True)


@demo.callback()
def main() -> None:
    """Make example data to try things on."""


@demo.command(name="logs")
def logs(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new or empty.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same logs.")] = 1,
    megabytes: Annotated[
        int, typer.Option("--megabytes", min=3, max=1_000_000, help="About so much log text.")
    ] = 20,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="The days they cover.")] = 3,
) -> None:
    """Write protocol logs of an invented organisation, its exports, and the truth about both."""
    from rctango.demo.plan import Plan  # noqa: PLC0415 - keeps --version and --help fast
    from rctango.demo.write import write  # noqa: PLC0415 - same
    from rctango.errors import RctangoError  # noqa: PLC0415 - same

    try:
        truth = write(target, Plan(seed=seed, size=megabytes * 1_000_000, days=days))
    except OSError as error:
        raise RctangoError(f"cannot write {target}: {error.strerror or error}") from error
    typer.echo(
        f"{target}: {len(truth.files)} logs in logs, exports in evidence, the truth in truth.json"
    )
