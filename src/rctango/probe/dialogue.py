"""The course of a session: what is said in which order, and what ends it. It knows no socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rctango.model.probing import ProbeResult, ProbeStepKind, RemoteErrorKind
from rctango.probe.judge import (
    Verdict,
    judge_ehlo,
    judge_greeting,
    judge_mail,
    judge_message,
    judge_starttls,
    needs_tls,
)
from rctango.probe.plan import NO_STARTTLS, StepPlan, mail_steps, message_lines
from rctango.probe.record import PeerError
from rctango.probe.settings import contact_text
from rctango.smtp import DATA, RSET, STARTTLS, ehlo, helo, noop, offer_of

if TYPE_CHECKING:
    from rctango.model.probing import CertificateFacts, SmtpReply
    from rctango.probe.record import Record
    from rctango.probe.settings import ProbeSettings
    from rctango.smtp import Command

Kind = ProbeStepKind

_UNKNOWN_COMMAND = frozenset({500, 501, 502, 503, 504})


class Peer(Protocol):
    """The other side. Every method raises ``PeerError`` when it does wrong."""

    async def greeting(self) -> SmtpReply:
        """The greeting."""

    async def ask(self, command: Command) -> SmtpReply:
        """Send a command; the reply."""

    def continued(self) -> tuple[SmtpReply, ...]:
        """What came of the last reply after what looked like its last line."""

    async def deliver(self, lines: tuple[str, ...]) -> SmtpReply:
        """Send a message; the reply."""

    async def secure(self) -> CertificateFacts:
        """Begin TLS after a 220 to STARTTLS."""

    async def leave(self) -> None:
        """Send QUIT and see that nothing but its reply comes."""


class Dialogue:
    """One session.

    Args:
        peer: the other side.
        settings: what is sent.
        record: where what it shows is kept, also when it ends before its time.
        date: the time of sending as RFC 5322 writes it.
    """

    def __init__(self, peer: Peer, settings: ProbeSettings, record: Record, date: str) -> None:
        self._peer = peer
        self._settings = settings
        self._record = record
        self._date = date
        self._refuses_made_up = False
        self._has_tried_tls = False

    async def run(self) -> None:
        """Hold the session from the greeting to QUIT.

        Raises:
            PeerError: the peer ended it, or did wrong.
        """
        await self._greet()
        await self._hello()
        if self._settings.contact is not None:
            _stay(await self._peer.ask(noop(contact_text(self._settings.contact))))
        for plan in mail_steps(self._settings):
            await self._mail_step(plan)
        if not self._has_tried_tls:
            await self._start_tls()
        await self._peer.leave()

    async def _greet(self) -> None:
        self._record.begin(Kind.CONNECT)
        banner = await self._peer.greeting()
        self._record.banner = banner
        self._record.done(judge_greeting(banner))
        if banner.code != 220:
            raise PeerError(RemoteErrorKind.REFUSED_SERVICE, banner.text[:500])

    async def _hello(self) -> None:
        self._record.begin(Kind.EHLO)
        reply = await self._ask(ehlo(self._settings.ehlo_name))
        if reply.code == 250:
            self._record.offer = offer_of(reply, self._peer.continued())
        self._record.done(judge_ehlo(reply, self._record.offer))
        if self._record.offer is None:
            if reply.code not in _UNKNOWN_COMMAND:
                raise PeerError(RemoteErrorKind.REFUSED_SERVICE, reply.text[:500])
            reply = await self._peer.ask(helo(self._settings.ehlo_name))
            if reply.code != 250:
                raise PeerError(RemoteErrorKind.REFUSED_SERVICE, reply.text[:500])

    async def _mail_step(self, plan: StepPlan) -> None:
        self._record.begin(plan.kind, plan.sender, plan.recipient)
        if plan.lacking is not None:
            self._record.done(Verdict(result=ProbeResult.INCONCLUSIVE, why=plan.lacking))
            return
        mail, rcpt = await self._envelope(plan)
        if needs_tls(rcpt or mail) and self._may_start_tls():
            if _is_taken(mail):
                await self._reset()
            await self._start_tls()
            self._record.begin(plan.kind, plan.sender, plan.recipient)
            mail, rcpt = await self._envelope(plan)
        verdict = judge_mail(plan.kind, mail, rcpt, refuses_made_up=self._refuses_made_up)
        if plan.kind is Kind.ACCEPTED_DOMAIN and rcpt is not None:
            self._refuses_made_up = plan.is_made_up and rcpt.code >= 500
        is_pending = _is_taken(mail)
        if DATA in plan.commands and verdict.result is ProbeResult.ALLOWED:
            verdict, is_pending = await self._send()
        self._record.done(verdict)
        _stay(verdict.reply or mail)
        if is_pending:
            await self._reset()

    async def _envelope(self, plan: StepPlan) -> tuple[SmtpReply, SmtpReply | None]:
        first = await self._ask(plan.commands[0])
        return first, await self._ask(plan.commands[1]) if _is_taken(first) else None

    async def _send(self) -> tuple[Verdict, bool]:
        reply = await self._ask(DATA)
        if reply.code != 354:
            return judge_message(reply), True
        lines = message_lines(self._settings, self._date)
        return judge_message(await self._peer.deliver(lines)), False

    async def _reset(self) -> None:
        """RSET is always taken (RFC 5321 section 4.1.1.5): a refusal answers something else."""
        reply = await self._peer.ask(RSET)
        _stay(reply)
        if not _is_taken(reply):
            raise PeerError(RemoteErrorKind.UNEXPECTED_DATA, f"RSET got {reply.text[:200]}")

    def _may_start_tls(self) -> bool:
        offer = self._record.offer
        return not self._has_tried_tls and offer is not None and offer.has("STARTTLS")

    async def _start_tls(self) -> None:
        may_start, self._has_tried_tls = self._may_start_tls(), True
        self._record.begin(Kind.STARTTLS)
        if not may_start:
            self._record.done(Verdict(result=ProbeResult.DENIED, why=NO_STARTTLS))
            return
        reply = await self._ask(STARTTLS)
        if reply.code == 220:
            self._record.certificate = await self._peer.secure()
        self._record.done(judge_starttls(reply))
        _stay(reply)
        if reply.code == 220:
            await self._hello_again()

    async def _hello_again(self) -> None:
        self._record.begin(Kind.EHLO_AFTER_STARTTLS)
        reply = await self._ask(ehlo(self._settings.ehlo_name))
        if reply.code == 250:
            self._record.offer_after_tls = offer_of(reply, self._peer.continued())
            why = "The server offers what it offers inside TLS."
            self._record.done(Verdict(result=ProbeResult.ALLOWED, why=why, reply=reply))
        else:
            self._record.done(judge_ehlo(reply, None))
        _stay(reply)

    async def _ask(self, command: Command) -> SmtpReply:
        self._record.sent(command)
        return await self._peer.ask(command)


def _is_taken(reply: SmtpReply) -> bool:
    return reply.code // 100 == 2


def _stay(reply: SmtpReply) -> None:
    if reply.code == 421:
        raise PeerError(RemoteErrorKind.REFUSED_SERVICE, reply.text[:500])
