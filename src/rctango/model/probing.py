"""What a live SMTP test of a server showed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from rctango.model.origin import Origin


class ProbeStepKind(StrEnum):
    """What a step tests.

    STARTTLS comes last unless the server demands it, because what a client may do is asked in
    plain text first.
    """

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    EHLO_AFTER_STARTTLS = "ehlo-after-starttls"
    RELAY = "relay"
    SPOOF_TO_INTERNAL = "spoof-to-internal"
    SPOOF_TO_FOREIGN = "spoof-to-foreign"
    ACCEPTED_DOMAIN = "accepted-domain"
    PERCENT_HACK = "percent-hack"
    BANG_PATH = "bang-path"
    SOURCE_ROUTE = "source-route"
    QUOTED_LOCAL_PART = "quoted-local-part"
    HEADER_FROM = "header-from"


class ProbeResult(StrEnum):
    """What a step showed: whether the server lets the client do it."""

    ALLOWED = "allowed"
    DENIED = "denied"
    INCONCLUSIVE = "inconclusive"


class RemoteErrorKind(StrEnum):
    """Why a session ended before its time.

    Everything but ``INTERRUPTED`` is what the other side, or the way there, did wrong.
    """

    CONNECT_FAILED = "connect-failed"
    CONNECT_TIMEOUT = "connect-timeout"
    GREETING_TIMEOUT = "greeting-timeout"
    REPLY_TIMEOUT = "reply-timeout"
    RUN_TIMEOUT = "run-timeout"
    CLOSED = "closed"
    MALFORMED_REPLY = "malformed-reply"
    TOO_LONG = "reply-too-long"
    UNEXPECTED_DATA = "unexpected-data"
    TLS_FAILED = "tls-failed"
    REFUSED_SERVICE = "refused-service"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFault:
    """What ended a session before its time.

    Attributes:
        kind: the class of the fault.
        detail: more about it, in words; may hold text of the peer.
    """

    kind: RemoteErrorKind
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpReply:
    """A reply. Source: RFC 5321 section 4.2, RFC 2034 for enhanced status codes.

    Attributes:
        code: the three digits.
        enhanced: the enhanced status code of its first line, such as ``5.7.54``; None without.
        lines: the texts of its lines, without codes; at most a hundred, each at most 2000
            characters, bytes that are no UTF-8 replaced.
    """

    code: int
    enhanced: str | None
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The reply as one line."""
        return " ".join((str(self.code), *self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeStep:
    """One step and what came of it.

    Attributes:
        kind: what was tested.
        result: what the server let happen.
        reply: the reply that decided it; None when none came.
        commands: the commands that were sent for it, in order.
        sender: the reverse-path used; None for steps without one.
        recipient: the forward-path used; None for steps without one.
        why: one sentence: what the reply proves, or why it proves nothing.
    """

    kind: ProbeStepKind
    result: ProbeResult
    reply: SmtpReply | None
    commands: tuple[str, ...]
    sender: str | None
    recipient: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EhloOffer:
    """What an EHLO reply offers.

    Attributes:
        greeting: the text of its first line.
        keywords: the lines after the first, as sent, in order.
    """

    greeting: str
    keywords: tuple[str, ...]

    def has(self, verb: str) -> bool:
        """Whether a keyword is offered, in any case."""
        return any(_words(one)[:1] == [verb] for one in self.keywords)

    @property
    def auth_mechanisms(self) -> tuple[str, ...]:
        """The mechanisms of every AUTH keyword, each once, also in the old form ``AUTH=LOGIN``."""
        words = [_words(one) or [""] for one in self.keywords]
        return tuple(
            dict.fromkeys(name for verb, *rest in words if verb == "AUTH" for name in rest)
        )

    @property
    def offers_exchange_auth(self) -> bool:
        """Whether X-ANONYMOUSTLS or X-EXPS is offered: an Exchange server can prove itself."""
        return self.has("X-ANONYMOUSTLS") or self.has("X-EXPS")

    @property
    def is_rewritten(self) -> bool:
        """Whether a device on the way has masked keywords with runs of X.

        Source: https://support.microsoft.com/kb/979175
        """
        verbs = [(_words(one) or [""])[0] for one in self.keywords]
        return any(len(verb) >= 4 and set(verb[:-1]) == {"X"} for verb in verbs)


def _words(keyword: str) -> list[str]:
    return keyword.upper().replace("=", " ").split()


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """The certificate that a server showed, not judged by any trust store.

    What stands inside the certificate is None where it was not parsed.

    Attributes:
        subject: its subject as text.
        issuer: its issuer as text.
        names: its DNS names and addresses (subjectAltName).
        not_before: valid from.
        not_after: valid until.
        is_self_signed: whether subject and issuer are the same.
        sha256: its fingerprint in hexadecimal digits.
        protocol: such as ``TLSv1.3``.
        cipher: the cipher suite.
    """

    subject: str | None
    issuer: str | None
    names: tuple[str, ...] | None
    not_before: datetime | None
    not_after: datetime | None
    is_self_signed: bool | None
    sha256: str
    protocol: str
    cipher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLine:
    """A line of the dialogue.

    Attributes:
        seconds: since the beginning of the session.
        direction: ``>`` sent, ``<`` received, ``*`` what happened otherwise.
        text: the line without its end.
    """

    seconds: float
    direction: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeObservation:
    """Everything that one probe of one target showed, from one source address.

    Attributes:
        target: the target as the user named it.
        server: the server of the evidence that it is; None when it was named by hand.
        via: the name of the load balancer it was reached through; None for a direct target.
        address: the IP address connected to; None when its name could not be resolved.
        port: the TCP port.
        source: the local address used; None when nothing was connected.
        began: when (UTC).
        seconds: how long it took.
        steps: in the order in which they were done.
        banner: the greeting; None without one.
        offer: what the first EHLO reply offers; None without one.
        offer_after_tls: the same after STARTTLS.
        certificate: what STARTTLS showed; None without.
        fault: what ended it before its time; None when it went to its end.
        transcript: the dialogue, at most 500 lines.
    """

    target: str
    server: str | None
    via: str | None
    address: str | None
    port: int
    source: str | None
    began: datetime
    seconds: float
    steps: tuple[ProbeStep, ...]
    banner: SmtpReply | None
    offer: EhloOffer | None
    offer_after_tls: EhloOffer | None
    certificate: CertificateFacts | None
    fault: RemoteFault | None
    transcript: tuple[ProbeLine, ...]

    @property
    def greeting_name(self) -> str | None:
        """The first word of the greeting, where a server names itself, in lower case.

        Source: RFC 5321 section 4.2.
        """
        lines = () if self.banner is None else self.banner.lines
        words = lines[0].split() if lines else []
        return words[0].casefold() if words else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedProbe:
    """An observation that was saved, as evidence.

    Attributes:
        seen: what the probe showed.
        origin: the file and the place in it.
    """

    seen: ProbeObservation
    origin: Origin
