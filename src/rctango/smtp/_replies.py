"""Lines of a peer, put together to replies; bounded.

Source: RFC 5321 section 4.2. A peer may send more than the 512 bytes a line that section 4.5.3.1.5
allows, but not without end.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Final

from rctango.model.probing import RemoteErrorKind, RemoteFault, SmtpReply
from rctango.smtp._text import plain_text

LONGEST_LINE: Final = 8192
"""Bytes of a line with its end."""
MOST_LINES: Final = 100
"""Lines of one reply."""
LONGEST_REPLY: Final = 16384
"""Bytes of one reply."""
LONGEST_SESSION: Final = 32768
"""Bytes of all replies of a session, several times what the longest honest one takes."""
MOST_SESSION_LINES: Final = 1000
"""Lines of all replies of a session."""
KEPT: Final = 2000
"""Characters of a line that are kept."""

_LINE: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\0]*))?\r\n", re.DOTALL)
_ENHANCED: Final = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")


def malformed(detail: str) -> RemoteFault:
    """The peer does not speak SMTP."""
    return RemoteFault(kind=RemoteErrorKind.MALFORMED_REPLY, detail=detail)


def too_long(detail: str) -> RemoteFault:
    """The peer sends more than is taken."""
    return RemoteFault(kind=RemoteErrorKind.TOO_LONG, detail=detail)


class ReplyReader:
    """Turns lines into replies.

    The longest line, the most lines and the most bytes of a reply and of the whole session are
    bounded, so that it never holds more than ``LONGEST_LINE`` and ``LONGEST_REPLY`` together.
    """

    def __init__(self) -> None:
        self._partial = b""
        self._code = b""
        self._texts: list[str] = []
        self._reply_bytes = 0
        self._session_bytes = 0
        self._session_lines = 0

    @property
    def start(self) -> bytes:
        """The first three bytes of the line that is not yet complete."""
        return self._partial[:3]

    @property
    def held(self) -> int:
        """How many bytes of the peer are held."""
        return len(self._partial) + self._reply_bytes

    def add(self, piece: bytes) -> RemoteFault | None:
        """Take a part of a line, at least a byte of it and at most up to its end."""
        self._partial += piece[: LONGEST_LINE + 1 - len(self._partial)]
        if not self.start.isdigit():
            return malformed("a line does not begin with a reply code")
        if len(self._partial) > LONGEST_LINE:
            return too_long(f"a line is longer than {LONGEST_LINE} bytes")
        return None

    def finish(self) -> SmtpReply | RemoteFault | None:
        """Take what was added as a line; the reply, if it was its last."""
        line = self._partial
        if not line.endswith(b"\n"):
            return None
        self._partial = b""
        match = _LINE.fullmatch(line)
        if match is None:
            return malformed(_what_is_wrong(line))
        fault = self._count(len(line)) or self._same_code(match[1])
        if fault is not None:
            return fault
        self._texts.append(intern(plain_text(match[3] or b"", KEPT)))
        return None if match[2] == b"-" else self._reply()

    def _count(self, size: int) -> RemoteFault | None:
        self._reply_bytes += size
        self._session_bytes += size
        self._session_lines += 1
        if len(self._texts) == MOST_LINES:
            return too_long(f"a reply has more than {MOST_LINES} lines")
        if self._reply_bytes > LONGEST_REPLY:
            return too_long(f"a reply is longer than {LONGEST_REPLY} bytes")
        if self._session_bytes > LONGEST_SESSION or self._session_lines > MOST_SESSION_LINES:
            return too_long(
                f"the replies are longer than {LONGEST_SESSION} bytes or {MOST_SESSION_LINES} lines"
            )
        return None

    def _same_code(self, code: bytes) -> RemoteFault | None:
        if self._code and code != self._code:
            return malformed("the lines of a reply have different codes")
        self._code = code
        return None

    def _reply(self) -> SmtpReply:
        match = _ENHANCED.match(self._texts[0])
        reply = SmtpReply(
            code=int(self._code), enhanced=match and match[1], lines=tuple(self._texts)
        )
        self._code, self._texts, self._reply_bytes = b"", [], 0
        return reply


def _what_is_wrong(line: bytes) -> str:
    if b"\0" in line:
        return "a line holds a NUL byte"
    if not line.endswith(b"\r\n"):
        return "a line ends with a bare LF"
    if b"\r" in line[:-2]:
        return "a line holds a bare CR"
    if not b"200" <= line[:3] <= b"599":
        return "a reply code is not between 200 and 599"
    return "a reply code is not followed by a blank or a dash"
