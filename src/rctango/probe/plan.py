"""Which steps a probe does, with the exact commands; pure.

The tests of relay and senders come first and in plain text, because a receive connector is chosen
by addresses alone and its rights for anonymous clients are the same inside TLS. STARTTLS comes
last, or first of all where the server demands it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rctango.model.probing import ProbeStepKind
from rctango.probe.settings import contact_text
from rctango.smtp import (
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rctango.model.probing import EhloOffer
    from rctango.probe.settings import ProbeSettings

NO_DOMAIN: Final = "No domain of the organisation is known; name one with --domain."
NO_STARTTLS: Final = "The server does not offer STARTTLS."

Kind = ProbeStepKind

TRICKS: Final[tuple[tuple[ProbeStepKind, Callable[[str, str, str], str]], ...]] = (
    (Kind.PERCENT_HACK, lambda user, foreign, own: f"{user}%{foreign}@{own}"),
    (Kind.BANG_PATH, lambda user, foreign, own: f"{foreign}!{user}@{own}"),
    (Kind.SOURCE_ROUTE, lambda user, foreign, own: f"@{own}:{user}@{foreign}"),
    (Kind.QUOTED_LOCAL_PART, lambda user, foreign, own: f'"{user}@{foreign}"@{own}'),
)
"""How a foreign recipient is hidden behind an own domain. Sources: RFC 5321 appendix F.2 for source
routes and section 4.1.2 for quoted local parts, RFC 1123 section 5.2.16 for the percent hack, RFC
976 for the bang path.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """One step before it is done.

    Attributes:
        kind: what it tests.
        sender: the reverse-path; None for steps without one.
        recipient: the forward-path; None for steps without one.
        is_made_up: whether the recipient hardly exists.
        commands: what is sent if the server agrees each time; DATA is followed by the message.
        lacking: why it cannot be done, as a sentence; None when it can.
    """

    kind: ProbeStepKind
    sender: str | None = None
    recipient: str | None = None
    is_made_up: bool = False
    commands: tuple[Command, ...] = ()
    lacking: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCommand:
    """A line that a probe would send.

    Attributes:
        kind: the step it belongs to; None for what keeps the session in order.
        line: the line without its end.
        condition: when it is sent, as a clause; None when always.
    """

    kind: ProbeStepKind | None
    line: str
    condition: str | None


def steps_for(settings: ProbeSettings, offer: EhloOffer | None) -> tuple[StepPlan, ...]:
    """The steps after EHLO, in their order.

    Args:
        settings: what is sent, and to whom.
        offer: what the first reply to EHLO offers; None where EHLO was refused.
    """
    return (*mail_steps(settings), *_tls_steps(settings, offer))


@lru_cache(maxsize=1)
def mail_steps(settings: ProbeSettings) -> tuple[StepPlan, ...]:
    """The steps that name senders and recipients; the same for every session of a probe."""
    foreign, own = settings.foreign_sender, settings.own_sender
    outside, inside = settings.foreign_recipient, settings.own_recipient
    made_up = settings.is_own_recipient_made_up
    steps = [
        _envelope(Kind.RELAY, foreign, outside),
        _envelope(Kind.SPOOF_TO_INTERNAL, own, inside, is_made_up=made_up),
        _envelope(Kind.SPOOF_TO_FOREIGN, own, outside),
        _envelope(Kind.ACCEPTED_DOMAIN, foreign, inside, is_made_up=made_up),
    ]
    if settings.tricks:
        user, _, domain = outside.rpartition("@")
        for kind, hide in TRICKS:
            hidden = settings.own_domain and hide(user, domain, settings.own_domain)
            steps.append(_envelope(kind, foreign, hidden))
    if settings.send:
        sender = settings.foreign_sender if settings.own_sender else None
        steps.append(_envelope(Kind.HEADER_FROM, sender, settings.recipients[0]))
    return tuple(steps)


def message_lines(settings: ProbeSettings, date: str | None) -> tuple[str, ...]:
    """The message of the header-From test; its text says what it is.

    Args:
        settings: whom it claims to be from, and to whom it goes.
        date: the time of sending as RFC 5322 writes it; None to leave the line out.
    """
    contact = () if settings.contact is None else (f"Contact: {settings.contact}",)
    return (
        *(() if date is None else (f"Date: {date}",)),
        f"From: <{settings.own_sender}>",
        f"To: <{settings.recipients[0]}>",
        "Subject: rctango test message: the From line is not who sent this",
        "Auto-Submitted: auto-generated",
        "",
        "This is a test by rctango (rctango probe --send). It shows whether the mail server takes",
        "a message whose From line names a sender of the organisation although the client is not",
        "authenticated. Nothing needs to be done; the message can be deleted.",
        *contact,
    )


def commands_of(settings: ProbeSettings) -> tuple[PlannedCommand, ...]:
    """Every line that a session may send, in order, with what it depends on."""
    return tuple(_session(settings))


def _session(settings: ProbeSettings) -> Iterator[PlannedCommand]:
    name = settings.ehlo_name
    yield PlannedCommand(kind=Kind.EHLO, line=ehlo(name).line, condition=None)
    yield PlannedCommand(kind=Kind.EHLO, line=helo(name).line, condition="if EHLO is unknown")
    if settings.contact is not None:
        line = noop(contact_text(settings.contact)).line
        yield PlannedCommand(kind=None, line=line, condition=None)
    for step in mail_steps(settings):
        if step.lacking is None:
            yield from _lines(settings, step)
    for kind, command in ((Kind.STARTTLS, STARTTLS), (Kind.EHLO_AFTER_STARTTLS, ehlo(name))):
        condition = "if STARTTLS is offered; before the tests if the server demands it"
        if kind is Kind.EHLO_AFTER_STARTTLS:
            condition = "if STARTTLS succeeds"
        yield PlannedCommand(kind=kind, line=command.line, condition=condition)
    yield PlannedCommand(kind=None, line=QUIT.line, condition=None)


def _lines(settings: ProbeSettings, step: StepPlan) -> Iterator[PlannedCommand]:
    conditions = {
        "RCPT": "if the sender is accepted",
        "DATA": "if the recipient is accepted",
        "RSET": "if the sender is accepted",
    }
    for command in step.commands:
        condition = conditions.get(command.verb)
        yield PlannedCommand(kind=step.kind, line=command.line, condition=condition)
    if DATA in step.commands:
        text = message(message_lines(settings, None)).decode("ascii")
        for line in text.splitlines():
            yield PlannedCommand(kind=step.kind, line=line, condition="if DATA is accepted")
        yield PlannedCommand(kind=None, line=RSET.line, condition="if no message was sent")


def _envelope(
    kind: ProbeStepKind, sender: str | None, recipient: str | None, *, is_made_up: bool = False
) -> StepPlan:
    if sender is None or recipient is None:
        return StepPlan(kind=kind, sender=sender, recipient=recipient, lacking=NO_DOMAIN)
    try:
        first = (mail(sender), rcpt(recipient))
    except CommandError as error:
        return StepPlan(kind=kind, sender=sender, lacking=f"The recipient cannot be sent: {error}.")
    last = DATA if kind is Kind.HEADER_FROM else RSET
    return StepPlan(
        kind=kind,
        sender=sender,
        recipient=recipient,
        is_made_up=is_made_up,
        commands=(*first, last),
    )


def _tls_steps(settings: ProbeSettings, offer: EhloOffer | None) -> Iterator[StepPlan]:
    if offer is None or not offer.has("STARTTLS"):
        yield StepPlan(kind=Kind.STARTTLS, lacking=NO_STARTTLS)
        return
    yield StepPlan(kind=Kind.STARTTLS, commands=(STARTTLS,))
    yield StepPlan(kind=Kind.EHLO_AFTER_STARTTLS, commands=(ehlo(settings.ehlo_name),))
