"""A progress bar on standard error, for people only."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from rctango.cli.output import Output

_LONGEST_NAME = 40


def _silent(_what: str, _done: int, _total: int) -> None:
    return


def progress(output: Output) -> AbstractContextManager[Callable[[str, int, int], None]]:
    """Show the steps of long work, unless it is to be quiet or nobody looks at a terminal."""
    return _bar(output, in_bytes=False)


def byte_progress(output: Output) -> AbstractContextManager[Callable[[str, int, int], None]]:
    """The same for bytes: with how many of how many there are, and the rate."""
    return _bar(output, in_bytes=True)


@contextlib.contextmanager
def _bar(output: Output, *, in_bytes: bool) -> Iterator[Callable[[str, int, int], None]]:
    if output.quiet or not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console  # noqa: PLC0415 - loaded only when a bar is shown
    from rich.progress import (  # noqa: PLC0415 - same
        BarColumn,
        DownloadColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TransferSpeedColumn,
    )

    from rctango.report.safe import printable  # noqa: PLC0415 - same

    console = Console(stderr=True, highlight=False, no_color=output.no_color)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    amounts = (DownloadColumn(), TransferSpeedColumn()) if in_bytes else ()
    with Progress(*columns, *amounts, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def step(what: str, done: int, total: int) -> None:
            shown = printable(what)
            if len(shown) > _LONGEST_NAME:
                shown = "..." + shown[-_LONGEST_NAME:]
            bar.update(task, description=shown, completed=done, total=total)

        yield step
