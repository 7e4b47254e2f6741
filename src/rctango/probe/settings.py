"""What a probe sends as, and to whom; and how long it waits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rctango.errors import RctangoError
from rctango.smtp import CommandError, ehlo, mail, noop, rcpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rctango.smtp import Command

TEST_DOMAINS: Final = ("example.com", "example.net", "example.org")
"""Domains that are nobody's. Source: RFC 2606 section 3."""
TEST_USER: Final = "rctango-probe"
"""The local part of every made-up address; it tells the reader of a log what this is."""

_DOMAIN: Final = re.compile(r"([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z0-9_-]+")
_SOME_DOMAINS: Final = re.compile(rf"\*|(\*\.)?{_DOMAIN.pattern}")


class SettingsError(RctangoError, ValueError):
    """What the user wants cannot be probed.

    Attributes:
        name: the setting.
        reason: why, as a clause without a full stop.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings:
    """What every session of a probe sends.

    Given addresses are sorted into own and foreign ones by the domains; the first of each is used.

    Attributes:
        ehlo_name: how it names itself in EHLO.
        contact: whom to ask about the probe; sent with NOOP, which leaves it in the server's log.
        senders: addresses to send as.
        recipients: addresses to send to.
        domains: the accepted domains, as Exchange writes them; ``*.`` in front means all below.
        tricks: whether the old ways round a relay refusal are tried.
        send: whether a message is sent, to the first of the recipients; nothing is otherwise.

    Raises:
        SettingsError: a value cannot be sent, or ``send`` lacks a recipient.
    """

    ehlo_name: str
    contact: str | None = None
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tricks: bool = False
    send: bool = False

    def __post_init__(self) -> None:
        _sendable("--ehlo", ehlo, self.ehlo_name)
        _sendable("--contact", noop, contact_text(self.contact or ""))
        for one in self.senders:
            _address("--sender", mail, one)
        for one in self.recipients:
            _address("--recipient", rcpt, one)
        for one in self.domains:
            if len(one) > 255 or not _SOME_DOMAINS.fullmatch(one):
                raise SettingsError("--domain", f"{one[:100]!r} is no domain in ASCII form")
        if (self.senders or self.recipients) and not self.domains:
            why = "name an accepted domain, to tell own addresses from foreign ones"
            raise SettingsError("--domain", why)
        if self.send and not self.recipients:
            raise SettingsError("--send", "name the recipient of the message with --recipient")

    @property
    def own_domain(self) -> str | None:
        """The domain for made-up own addresses; None when none is known."""
        return next((one for one in self.domains if not one.startswith("*")), None)

    @property
    def foreign_sender(self) -> str:
        """A sender in a domain that is not the organisation's."""
        return self._first(self.senders, own=False) or f"{TEST_USER}@{self._foreign_domains()[0]}"

    @property
    def foreign_recipient(self) -> str:
        """A recipient in a domain that is not the organisation's."""
        given = self._first(self.recipients, own=False)
        return given or f"{TEST_USER}@{self._foreign_domains()[-1]}"

    @property
    def own_sender(self) -> str | None:
        """A sender in an accepted domain; None when none is known."""
        return self._first(self.senders, own=True) or self._made_up()

    @property
    def own_recipient(self) -> str | None:
        """A recipient in an accepted domain; None when none is known."""
        return self._first(self.recipients, own=True) or self._made_up()

    @property
    def is_own_recipient_made_up(self) -> bool:
        """Whether the recipient in an accepted domain hardly exists."""
        return self._first(self.recipients, own=True) is None

    def is_own(self, address: str) -> bool:
        """Whether an address is in one of the domains."""
        domain = address.rpartition("@")[2].casefold().rstrip(".")
        return any(_covers(one.casefold(), domain) for one in self.domains)

    def _made_up(self) -> str | None:
        return None if self.own_domain is None else f"{TEST_USER}@{self.own_domain}"

    def _first(self, addresses: Iterable[str], *, own: bool) -> str | None:
        return next((one for one in addresses if self.is_own(one) == own), None)

    def _foreign_domains(self) -> tuple[str, ...]:
        free = [one for one in TEST_DOMAINS if not self.is_own(f"{TEST_USER}@{one}")]
        return tuple(free[:2]) or ("invalid",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLimits:
    """How long a probe waits, in seconds, and how much it does at a time.

    Exchange delays each refusal to an anonymous client by five seconds (TarpitInterval of
    Set-ReceiveConnector), so a whole run takes a minute or more where much is refused.

    Attributes:
        connect: for the name and the connection.
        greeting: for the greeting.
        reply: for each whole reply.
        tls: for the TLS handshake.
        run: for everything of one target.
        farewell: for QUIT after an interruption.
        at_once: sessions at the same time.
        rate: sessions begun in a second.
    """

    connect: float = 10.0
    greeting: float = 30.0
    reply: float = 30.0
    tls: float = 15.0
    run: float = 180.0
    farewell: float = 1.0
    at_once: int = 10
    rate: float = 5.0

    def __post_init__(self) -> None:
        for name in ("connect", "greeting", "reply", "tls", "run", "at_once", "rate"):
            if not 0 < getattr(self, name) < float("inf"):
                raise SettingsError(f"--{name.replace('_', '-')}", "must be more than 0")


def contact_text(contact: str) -> str:
    """What stands behind NOOP, to tell who is probing."""
    return f"rctango probe, contact {contact}"


def _covers(pattern: str, domain: str) -> bool:
    if pattern.startswith("*."):
        return domain.endswith(pattern[1:])
    return domain == pattern


def _sendable(name: str, compose: Callable[[str], Command], text: str) -> None:
    try:
        compose(text)
    except CommandError as error:
        raise SettingsError(name, str(error)) from error


def _address(name: str, compose: Callable[[str], Command], text: str) -> None:
    user, _, domain = text.rpartition("@")
    if not user or not _DOMAIN.fullmatch(domain):
        raise SettingsError(name, f"{text[:100]!r} is no address")
    _sendable(name, compose, text)
