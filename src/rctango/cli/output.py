"""Where results and messages go."""

from __future__ import annotations

import contextlib
import io
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from rctango.errors import RctangoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

_PLAIN_WIDTH = 100
"""The width of console text that goes to a file or a pipe."""


class OutputError(RctangoError):
    """The output file cannot be written."""


class Color(StrEnum):
    """When to use colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def prepare_streams() -> None:
    """Let no character that the terminal's code page lacks end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """Write one message to standard error, with nothing in it that a terminal would obey."""
    from rctango.report.safe import printable  # noqa: PLC0415 - errors are rare, start-up is not

    print(f"rctango: {printable(message)}", file=sys.stderr)  # noqa: T201 - this is the printer


class Output:
    """Standard output, or the file of ``--output``.

    Attributes:
        color: when to use colours.
        quiet: whether to write nothing but results.
    """

    def __init__(self, file: Path | None, color: Color, *, quiet: bool) -> None:
        self.file = file
        self.color = color
        self.quiet = quiet

    def text(self, text: str) -> None:
        """Write a finished text."""
        if self.file is None:
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        try:
            self.file.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise OutputError(f"cannot write {self.file}: {reason}") from error

    def console(self, render: Callable[[Console], None]) -> None:
        """Let a renderer write to a console."""
        from rich.console import Console  # noqa: PLC0415 - loaded only when a console is wanted

        colors = {Color.ALWAYS: True, Color.NEVER: False, Color.AUTO: None}[self.color]
        to_terminal = self.file is None and sys.stdout.isatty()
        if to_terminal:
            console = Console(
                force_terminal=colors,
                no_color=True if colors is False else None,
                highlight=False,
                markup=False,
                emoji=False,
            )
            render(console)
            return
        buffer = io.StringIO()
        plain = Console(
            file=buffer,
            width=_PLAIN_WIDTH,
            force_terminal=bool(colors),
            no_color=not colors,
            highlight=False,
            markup=False,
            emoji=False,
        )
        render(plain)
        self.text(buffer.getvalue())

    @contextlib.contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Show what is being read, on standard error and only on a terminal."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _name: None
            return
        from rich.console import Console  # noqa: PLC0415 - loaded only when a console is wanted
        from rich.text import Text  # noqa: PLC0415 - same

        from rctango.report.safe import printable  # noqa: PLC0415 - same

        console = Console(stderr=True, highlight=False)
        with console.status(Text("reading evidence")) as status:
            yield lambda name: status.update(Text(f"reading {printable(name)}"))
