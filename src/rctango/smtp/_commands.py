"""Commands, composed so that no text of others can add a second one.

Only printable ASCII is sent: SMTPUTF8 (RFC 6531) is not used. The limits are those of RFC 5321
section 4.5.3.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rctango.errors import RctangoError

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_COMMAND: Final = 512
"""Bytes of a command with its end. Source: RFC 5321 section 4.5.3.1.4."""
LONGEST_PATH: Final = 256
"""Characters of a path with its angle brackets. Source: RFC 5321 section 4.5.3.1.3."""
LONGEST_DOMAIN: Final = 255
"""Source: RFC 5321 section 4.5.3.1.2."""
LONGEST_MESSAGE_LINE: Final = 998
"""Source: RFC 5322 section 2.1.1."""

_PRINTABLE: Final = re.compile(r"[\x20-\x7e]*")
_PATH: Final = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]*")
"""Printable, but neither a blank nor angle brackets: no path can hold a parameter."""
_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?|\[[A-Za-z0-9:.]+\]")


class CommandError(RctangoError, ValueError):
    """A text cannot be part of a command.

    Attributes:
        text: the text that was refused.
        reason: why, as a clause without a full stop.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text[:100]!r}: {reason}")
        self.text = text
        self.reason = reason


def _check(
    text: str, allowed: re.Pattern[str], most: int, otherwise: str = "has characters not allowed"
) -> str:
    if len(text) > most:
        raise CommandError(text, f"is longer than {most} characters")
    if not allowed.fullmatch(text):
        raise CommandError(text, otherwise)
    return text


@dataclass(frozen=True, slots=True)
class Command:
    """One command, safe to send.

    Attributes:
        verb: such as ``MAIL``.
        line: the whole command without its end.

    Raises:
        CommandError: the line holds something other than printable ASCII, or is too long.
    """

    verb: str
    line: str

    def __post_init__(self) -> None:
        _check(self.line, _PRINTABLE, LONGEST_COMMAND - 2)

    @property
    def wire(self) -> bytes:
        """The bytes that are sent."""
        return self.line.encode("ascii") + b"\r\n"


STARTTLS: Final = Command("STARTTLS", "STARTTLS")
RSET: Final = Command("RSET", "RSET")
DATA: Final = Command("DATA", "DATA")
QUIT: Final = Command("QUIT", "QUIT")


def ehlo(name: str) -> Command:
    """Greet. Source: RFC 5321 section 4.1.1.1.

    Args:
        name: a host name, or an address in square brackets.

    Raises:
        CommandError: the name is neither.
    """
    return Command("EHLO", f"EHLO {_host(name)}")


def helo(name: str) -> Command:
    """Greet as of old, where EHLO is refused. Source: RFC 5321 section 3.2.

    Raises:
        CommandError: the name is no host name.
    """
    return Command("HELO", f"HELO {_host(name)}")


def mail(sender: str) -> Command:
    """Begin a message; an empty sender is the null reverse-path. Source: RFC 5321, 4.1.1.2.

    Raises:
        CommandError: the sender could be more than a path.
    """
    return Command("MAIL", f"MAIL FROM:<{_path(sender)}>")


def rcpt(recipient: str) -> Command:
    """Name a recipient. Source: RFC 5321 section 4.1.1.3.

    Raises:
        CommandError: the recipient is empty, or could be more than a path.
    """
    if not recipient:
        raise CommandError(recipient, "a recipient is needed")
    return Command("RCPT", f"RCPT TO:<{_path(recipient)}>")


def noop(text: str) -> Command:
    """Do nothing, and leave a text in the server's log. Source: RFC 5321 section 4.1.1.9.

    Raises:
        CommandError: the text is not printable ASCII, or too long.
    """
    return Command("NOOP", f"NOOP {_check(text, _PRINTABLE, LONGEST_COMMAND - 7)}")


def message(lines: Iterable[str]) -> bytes:
    """A message as DATA sends it, with its end; dots are doubled. Source: RFC 5321, 4.5.2.

    Raises:
        CommandError: a line holds something other than printable ASCII, or is too long.
    """
    sent = []
    for line in lines:
        _check(line, _PRINTABLE, LONGEST_MESSAGE_LINE)
        sent.append(f".{line}" if line.startswith(".") else line)
    return "".join(f"{line}\r\n" for line in (*sent, ".")).encode("ascii")


def _host(name: str) -> str:
    return _check(name, _NAME, LONGEST_DOMAIN, "is no host name or address in square brackets")


def _path(address: str) -> str:
    return _check(address, _PATH, LONGEST_PATH - 2)
