"""What a reply says; pure.

Exchange's texts are told from its enhanced status codes and its words, because versions differ:
"550 5.7.1 Unable to relay" of Exchange 2013 is "550 5.7.54 SMTP; Unable to relay recipient in
non-accepted domain" later. Sources: RFC 5321 section 4.2, RFC 3463,
https://learn.microsoft.com/exchange/mail-flow/non-delivery-reports-and-bounce-messages/non-delivery-reports-and-bounce-messages
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rctango.model.probing import SmtpReply


class Meaning(Enum):
    """What a reply to MAIL, RCPT or DATA says."""

    ACCEPTED = auto()
    GOING_AWAY = auto()
    NO_SERVICE = auto()
    TLS_FIRST = auto()
    AUTHENTICATE_FIRST = auto()
    PROXY_FAILED = auto()
    SENDER_REFUSED = auto()
    NO_RELAY = auto()
    TRY_LATER = auto()
    BAD_SYNTAX = auto()
    RECIPIENT_REFUSED = auto()
    REFUSED = auto()
    ODD = auto()


_TABLE: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"25[0-2] ", Meaning.ACCEPTED),
        (r"421 4\.3\.2 .*\b(maximum|exceed\w*|limit\w*|too many)\b", Meaning.TRY_LATER),
        (r"421 4\.3\.2 ", Meaning.NO_SERVICE),
        (r"421 ", Meaning.GOING_AWAY),
        (r"[45].. .*(proxy session setup failed|temporary server error)", Meaning.PROXY_FAILED),
        (r"[45].. .*(issue (a )?starttls|starttls is required)|530 5\.7\.0 ", Meaning.TLS_FIRST),
        (r"530 |5.. 5\.7\.57 ", Meaning.AUTHENTICATE_FIRST),
        (r"5.. .*(not authenticated|authentication (is )?required)", Meaning.AUTHENTICATE_FIRST),
        (r"5.. .*permissions? to submit to this server", Meaning.AUTHENTICATE_FIRST),
        (r"5.. 5\.(7\.60|1\.[78]|7\.2[0-4]|7\.27) ", Meaning.SENDER_REFUSED),  # RFC 7372, 7505
        (r"5.. .*(send (as|on behalf)|sender (address )?rejected)", Meaning.SENDER_REFUSED),
        (r"5.. .*(\b(spf|dmarc)\b|sender verif\w+)", Meaning.SENDER_REFUSED),
        (r"5.. .*(?<![\w.-])relay(ing|ed)?(?![\w-]|\.\w)", Meaning.NO_RELAY),
        (r"5.. 5\.7\.(54|64) ", Meaning.NO_RELAY),
        (r"4", Meaning.TRY_LATER),
        (r"50[0-4] |555 ", Meaning.BAD_SYNTAX),
        (r"556 |5.. 5\.(1\.\d+|4\.1) ", Meaning.RECIPIENT_REFUSED),
        (r"5", Meaning.REFUSED),
    )
)

_ADDRESS: Final = re.compile(r"<[^<>]*>|[^\s@]+@[^\s@]+")
"""Addresses that a reply repeats say nothing, whatever words they are made of."""


def meaning_of(reply: SmtpReply) -> Meaning:
    """What a reply says."""
    words = " ".join(line.removeprefix(reply.enhanced or "").strip() for line in reply.lines)
    text = f"{reply.code} {reply.enhanced or '-'} {_ADDRESS.sub('', words[:500])}"
    return next((meaning for pattern, meaning in _TABLE if pattern.match(text)), Meaning.ODD)
