"""Where results and messages go."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rctango.errors import RctangoError

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """Let neither a closed stream nor a character its code page lacks end the program."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """Write one message to standard error, with nothing in it that a terminal would obey."""
    from rctango.report.safe import printable  # noqa: PLC0415 - errors are rare, start-up is not

    print(f"rctango: {printable(message)}", file=sys.stderr)  # noqa: T201 - this is the printer


def _discard_rest() -> None:
    """Send what is still buffered nowhere, so that leaving does not fail once more."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


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

    @property
    def _colors(self) -> bool | None:
        return {Color.ALWAYS: True, Color.NEVER: False, Color.AUTO: None}[self.color]

    @property
    def no_color(self) -> bool | None:
        """For Rich; None lets the variable NO_COLOR decide."""
        return None if self._colors is None else not self._colors

    def text(self, text: str) -> None:
        """Write a finished text."""
        try:
            if self.file is None:
                sys.stdout.write(text)
                sys.stdout.flush()
            else:
                self.file.write_text(
                    text, encoding="utf-8", errors="backslashreplace", newline="\n"
                )
        except BrokenPipeError:
            _discard_rest()  # who reads has seen enough; what was found stays the same
        except (OSError, ValueError) as error:
            if self.file is None:
                _discard_rest()
            reason = getattr(error, "strerror", None) or str(error)
            target = self.file or "standard output"
            raise OutputError(f"cannot write {target}: {reason}") from error

    def console(self, render: Callable[[Console], None]) -> None:
        """Let a renderer write to a console."""
        from rich.console import Console  # noqa: PLC0415 - loaded only when a console is wanted

        colors = self._colors
        to_terminal = self.file is None and sys.stdout.isatty()
        if to_terminal:
            console = Console(
                force_terminal=colors,
                no_color=self.no_color,
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
