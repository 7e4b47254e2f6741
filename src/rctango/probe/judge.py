"""What the replies to a step prove; pure.

A refusal proves that the server refuses only if it is about what the step tests: a server that
refuses the sender shows nothing about recipients. An acceptance of RCPT proves as much as the
server checks at that moment. Sources: RFC 5321 section 3.3,
https://learn.microsoft.com/exchange/mail-flow/connectors/allow-anonymous-relay
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rctango.model.probing import ProbeResult, ProbeStepKind
from rctango.probe.meaning import Meaning, meaning_of

if TYPE_CHECKING:
    from rctango.model.probing import EhloOffer, RemoteFault, SmtpReply

Kind = ProbeStepKind
_ALLOWED: Final = ProbeResult.ALLOWED
_DENIED: Final = ProbeResult.DENIED
_OPEN: Final = ProbeResult.INCONCLUSIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a step showed.

    Attributes:
        result: what the server let happen.
        why: one sentence.
        reply: the reply that decided it; None when none did.
    """

    result: ProbeResult
    why: str
    reply: SmtpReply | None = None


_SPOOFS: Final = frozenset({Kind.SPOOF_TO_INTERNAL, Kind.SPOOF_TO_FOREIGN})
_HIDDEN: Final = frozenset({Kind.PERCENT_HACK, Kind.BANG_PATH, Kind.QUOTED_LOCAL_PART})
_TRICKS: Final = _HIDDEN | {Kind.SOURCE_ROUTE}

_NOTHING: Final = {
    Meaning.GOING_AWAY: "The server ended the session, which proves nothing about this.",
    Meaning.NO_SERVICE: "The server reports that its service is not available: no connector "
    "answers this client, or the service is paused.",
    Meaning.TLS_FIRST: "The server demands STARTTLS first, so this could not be tried.",
    Meaning.PROXY_FAILED: "The front end could not hand the session to the transport service, "
    "which proves nothing about this.",
    Meaning.TRY_LATER: "The server refuses for now only (as greylisting does), which proves "
    "nothing.",
    Meaning.BAD_SYNTAX: "The server did not take the command, which proves nothing about this.",
    Meaning.ODD: "The reply does not belong to this command.",
}
"""Replies that prove nothing in any step."""

_GRANTED: Final = {
    Kind.RELAY: "The server accepts a foreign sender and a foreign recipient: it relays.",
    Kind.SPOOF_TO_INTERNAL: "The server accepts a sender of the organisation from this client, to "
    "a recipient of the organisation.",
    Kind.SPOOF_TO_FOREIGN: "The server accepts a sender of the organisation from this client, to "
    "a foreign recipient.",
    Kind.ACCEPTED_DOMAIN: "The server accepts the recipient; a front end may do so without knowing "
    "whether it exists, and refuse the message later.",
    Kind.SOURCE_ROUTE: "The server accepts a foreign recipient behind a source route: it relays.",
    Kind.PERCENT_HACK: "The server refuses a made-up recipient of this domain but accepts a "
    "foreign one behind a percent sign: it seems to relay.",
    Kind.BANG_PATH: "The server refuses a made-up recipient of this domain but accepts a foreign "
    "one in a bang path: it seems to relay.",
    Kind.QUOTED_LOCAL_PART: "The server refuses a made-up recipient of this domain but accepts a "
    "foreign one in a quoted local part: it seems to relay.",
}
_AUTHENTICATE: Final = "The server demands authentication before a client may send."
_NO_SENDER: Final = "The server does not let this client send as this sender."
_NO_RELAY: Final = "The server refuses to relay to the recipient's domain."
_DENIALS: Final = {
    Meaning.AUTHENTICATE_FIRST: _AUTHENTICATE,
    Meaning.BAD_SYNTAX: "The server does not take such a recipient.",
}
_NOT_TRIED: Final = "The sender was refused, so the recipient could not be tried."
_ANY_LOCAL_PART: Final = (
    "The server is not known to check local parts here, so accepting this one proves nothing."
)


def judge_mail(
    kind: ProbeStepKind,
    mail: SmtpReply,
    rcpt: SmtpReply | None,
    *,
    refuses_made_up: bool = False,
) -> Verdict:
    """What the replies to MAIL and RCPT prove.

    Args:
        kind: the step.
        mail: the reply to MAIL.
        rcpt: the reply to RCPT; None when MAIL was refused.
        refuses_made_up: whether the server was seen to refuse a recipient that hardly exists, in
            the domain that the step's recipient pretends to be in.
    """
    if rcpt is None:
        return _judge_sender(kind, mail)
    meaning = meaning_of(rcpt)
    if meaning is Meaning.ACCEPTED:
        if kind in _HIDDEN and not refuses_made_up:
            return Verdict(result=_OPEN, why=_ANY_LOCAL_PART, reply=rcpt)
        why = _GRANTED.get(kind, "The server accepts sender and recipient.")
        return Verdict(result=_ALLOWED, why=why, reply=rcpt)
    result, why = _judge_recipient(kind, meaning)
    return Verdict(result=result, why=why, reply=rcpt)


def _judge_sender(kind: ProbeStepKind, mail: SmtpReply) -> Verdict:
    meaning = meaning_of(mail)
    if meaning is Meaning.AUTHENTICATE_FIRST:
        return Verdict(result=_DENIED, why=_AUTHENTICATE, reply=mail)
    if meaning in _NOTHING:
        return Verdict(result=_OPEN, why=_NOTHING[meaning], reply=mail)
    if kind in _SPOOFS and mail.code >= 500:
        return Verdict(result=_DENIED, why=_NO_SENDER, reply=mail)
    return Verdict(result=_OPEN, why=_NOT_TRIED, reply=mail)


def _judge_recipient(kind: ProbeStepKind, meaning: Meaning) -> tuple[ProbeResult, str]:
    if meaning in _NOTHING and not (meaning is Meaning.BAD_SYNTAX and kind in _TRICKS):
        return _OPEN, _NOTHING[meaning]
    if meaning is Meaning.NO_RELAY:
        return _no_relay(kind)
    if meaning is Meaning.SENDER_REFUSED:
        return (_DENIED, _NO_SENDER) if kind in _SPOOFS else (_OPEN, _NOT_TRIED)
    if meaning is Meaning.RECIPIENT_REFUSED and kind not in _TRICKS:
        return _OPEN, "The server refuses this recipient for itself, which shows nothing of others."
    return _DENIED, _DENIALS.get(meaning, "The server refuses the recipient.")


def _no_relay(kind: ProbeStepKind) -> tuple[ProbeResult, str]:
    if kind is Kind.SPOOF_TO_INTERNAL:
        return _OPEN, "The server takes the recipient's domain for a foreign one."
    if kind in {Kind.ACCEPTED_DOMAIN, Kind.HEADER_FROM}:
        return _DENIED, "The server takes the recipient's domain for a foreign one: no relay to it."
    return _DENIED, _NO_RELAY


def judge_message(reply: SmtpReply) -> Verdict:
    """What the reply to DATA, or to the message, proves about its From line."""
    meaning = meaning_of(reply)
    if meaning is Meaning.ACCEPTED:
        why = "The server took a message with a From line of the organisation; see what arrives."
        return Verdict(result=_ALLOWED, why=why, reply=reply)
    if meaning in _NOTHING:
        return Verdict(result=_OPEN, why=_NOTHING[meaning], reply=reply)
    if meaning is Meaning.AUTHENTICATE_FIRST:
        return Verdict(result=_DENIED, why=_AUTHENTICATE, reply=reply)
    return Verdict(result=_DENIED, why="The server refuses the message.", reply=reply)


def judge_greeting(reply: SmtpReply) -> Verdict:
    """What the greeting proves. Source: RFC 5321 section 3.1.

    Exchange's "421 4.3.2 Service not available" says that nothing is there for this client. Any
    other refusal for now, such as that of too many connections, proves nothing.
    """
    if reply.code == 220:
        return Verdict(result=_ALLOWED, why="The server talks to this client.", reply=reply)
    meaning = meaning_of(reply)
    why = _NOTHING.get(meaning, "The server refuses to talk to this client.")
    result = _DENIED if meaning is Meaning.NO_SERVICE or reply.code >= 500 else _OPEN
    return Verdict(result=result, why=why, reply=reply)


def judge_ehlo(reply: SmtpReply, offer: EhloOffer | None) -> Verdict:
    """What the first reply to EHLO proves.

    Args:
        reply: the reply.
        offer: what it offers; None when EHLO was refused.
    """
    if offer is None:
        result = _DENIED if reply.code >= 500 else _OPEN
        return Verdict(result=result, why="The server refuses EHLO.", reply=reply)
    if offer.is_rewritten:
        why = "A device between here and the server has masked keywords."
    elif offer.offers_exchange_auth:
        why = "Exchange Server authentication is offered."
    else:
        why = (
            "Exchange Server authentication is not offered: the connector, or a device on the way, "
            "does not allow it."
        )
    return Verdict(result=_ALLOWED, why=why, reply=reply)


def judge_starttls(reply: SmtpReply) -> Verdict:
    """What a reply to STARTTLS proves, before any handshake. Source: RFC 3207 section 4."""
    if reply.code == 220:
        return Verdict(result=_ALLOWED, why="The server begins TLS.", reply=reply)
    if reply.code >= 500:
        return Verdict(result=_DENIED, why="The server refuses STARTTLS.", reply=reply)
    return Verdict(result=_OPEN, why="The server does not begin TLS now.", reply=reply)


def judge_fault(fault: RemoteFault) -> Verdict:
    """What a step shows in which the session ended."""
    detail = fault.detail[:200]
    return Verdict(result=_OPEN, why=f"The session ended here: {fault.kind.value}: {detail}.")


def needs_tls(reply: SmtpReply) -> bool:
    """Whether a reply demands STARTTLS."""
    return reply.code >= 400 and meaning_of(reply) is Meaning.TLS_FIRST
