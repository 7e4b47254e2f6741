"""A client for SMTP without a socket: bytes in, events out, commands as bytes.

What a peer does wrong is an event, a ``RemoteFault``. What the caller does wrong is an exception:
``CommandError`` for a text that must not be sent, ``LocalProtocolError`` for a call out of turn.
Every reply is bounded, whatever the peer sends. Sources: RFC 5321 (SMTP), RFC 3207 (STARTTLS),
RFC 2034 (enhanced status codes).
"""

from rctango.smtp._client import (
    PLAIN_TEXT_AFTER_STARTTLS,
    Event,
    LocalProtocolError,
    ReplyContinued,
    SmtpClient,
    offer_of,
)
from rctango.smtp._commands import (
    DATA,
    QUIT,
    RSET,
    STARTTLS,
    Command,
    CommandError,
    ehlo,
    helo,
    mail,
    message,
    noop,
    rcpt,
)
from rctango.smtp._replies import LONGEST_LINE, LONGEST_REPLY, LONGEST_SESSION, MOST_LINES
from rctango.smtp._text import plain_text

__all__ = [
    "DATA",
    "LONGEST_LINE",
    "LONGEST_REPLY",
    "LONGEST_SESSION",
    "MOST_LINES",
    "PLAIN_TEXT_AFTER_STARTTLS",
    "QUIT",
    "RSET",
    "STARTTLS",
    "Command",
    "CommandError",
    "Event",
    "LocalProtocolError",
    "ReplyContinued",
    "SmtpClient",
    "ehlo",
    "helo",
    "mail",
    "message",
    "noop",
    "offer_of",
    "plain_text",
    "rcpt",
]
