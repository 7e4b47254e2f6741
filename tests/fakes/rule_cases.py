"""Running one rule over a small organisation, and saying what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from fakes.models import AUTH_31, connector, default_connectors, domain, entry, server, snapshot
from rctango.audit import audit_snapshot
from rctango.model.finding import Finding, Outcome, OutcomeKind
from rctango.model.rights import ANONYMOUS_RIGHTS, AccessEntry
from rctango.rules import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.model.connector import Connector
    from rctango.model.finding import AuditResult
    from rctango.model.server import Server
    from rctango.rules import Rule

    Item = Server | Connector | Iterable[Connector]

TODAY = date(2026, 6, 30)
OWN_DOMAINS = (domain("contoso.com"),)
ANY_RECIPIENT = entry("anonymous", "ms-Exch-SMTP-Accept-Any-Recipient")
USERS = entry(
    "authenticated", "ms-Exch-SMTP-Submit, ms-Exch-SMTP-Accept-Any-Recipient", inherited=True
)
"""With it a list of entries is visibly not cut down to one principal or one right."""
RELAY_ENTRIES: tuple[AccessEntry, ...] = (
    entry("anonymous", ANONYMOUS_RIGHTS),
    ANY_RECIPIENT,
    USERS,
)
PUBLIC_IPV4 = "192.0.0.9"
"""An address that counts as public and belongs to nobody: port control anycast (RFC 7723)."""
PUBLIC_IPV6 = "2001:1::1"
"""Its IPv6 counterpart."""


@dataclass(frozen=True)
class Ran:
    """What one rule made of an organisation."""

    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def only(self) -> Finding:
        """The one finding, all facts being there."""
        assert self.outcome.kind is OutcomeKind.FIRED
        assert self.outcome.missing == ()
        assert len(self.findings) == 1, [one.message for one in self.findings]
        return self.findings[0]

    def is_clean(self) -> bool:
        """Whether the rule looked at everything and found nothing."""
        assert self.findings == (), [one.message for one in self.findings]
        return self.outcome.kind is OutcomeKind.CLEAN and self.outcome.missing == ()

    def lacks(self, *texts: str) -> bool:
        """Whether nothing was found and the rule asks for exactly these facts, in this order."""
        assert self.findings == (), [one.message for one in self.findings]
        missing = self.outcome.missing
        return (
            self.outcome.kind is OutcomeKind.NOT_ASSESSED
            and len(missing) == len(texts)
            and all(text in line for text, line in zip(texts, missing, strict=True))
        )


def rule(name: str) -> Rule:
    """The rule of the catalogue with this name."""
    return next(one for one in CATALOGUE if one.name == name)


def audit(*items: Item, **more: Any) -> AuditResult:
    """The audit of an organisation with one accepted domain and no declared devices."""
    facts: dict[str, Any] = {"accepted_domains": OWN_DOMAINS, "appliances": (), **more}
    return audit_snapshot(snapshot(*items, **facts), today=TODAY)


def run(name: str, *items: Item, **more: Any) -> Ran:
    """What the rule makes of an organisation with one accepted domain and no declared devices."""
    facts: dict[str, Any] = {"accepted_domains": OWN_DOMAINS, "appliances": (), **more}
    result = audit_snapshot(snapshot(*items, **facts), today=TODAY, rules=[rule(name)])
    assert result.gaps == (), result.gaps
    (outcome,) = result.outcomes
    return Ran(outcome, result.findings)


def ex(
    name: str = "EX01", version: str = "15.2", roles: str = "Mailbox", **more: Any
) -> tuple[Server, tuple[Connector, ...]]:
    """A server of which everything is known, and its default connectors; ``more`` is its own."""
    return server(name, version=version, roles=roles, **more), defaults(name, version, roles)


def defaults(
    name: str = "EX01", version: str = "15.2", roles: str = "Mailbox", **more: Any
) -> tuple[Connector, ...]:
    """The connectors that setup makes, with all properties; ``more`` goes to each of them."""
    return default_connectors(name, version, roles, **{**_SILENT, **more})


def default(title: str, server_name: str = "EX01", **more: Any) -> Connector:
    """One default connector (``Default Frontend``), changed as ``more`` says."""
    made = defaults(server_name, **more)
    return next(one for one in made if one.name == f"{title} {server_name}")


def replaced(changed: Connector) -> tuple[Connector, ...]:
    """The default connectors of a server with one of them changed."""
    same = defaults(changed.server)
    assert any(one.name == changed.name for one in same)
    return tuple(changed if one.name == changed.name else one for one in same)


def relay(
    server_name: str = "EX01", name: str = "Relay", *, ranges: str | None, **more: Any
) -> Connector:
    """A connector that lets Anonymous Logon send to any recipient, entries exported."""
    facts: dict[str, Any] = {"groups": "AnonymousUsers, Custom", "entries": RELAY_ENTRIES, **more}
    return connector(server_name, name, **{**_ONE_BINDING, "ranges": ranges, **facts})


def inbound(
    server_name: str = "EX01", name: str = "Inbound", *, ranges: str | None, **more: Any
) -> Connector:
    """A connector for Internet mail: anonymous, Tls, no relay."""
    return connector(server_name, name, **{**_ONE_BINDING, "ranges": ranges, **more})


def secured(
    server_name: str = "EX01", name: str = "Trusted", *, ranges: str | None, **more: Any
) -> Connector:
    """An externally secured connector."""
    facts: dict[str, Any] = {"auth": "Tls, ExternalAuthoritative", "groups": "ExchangeServers"}
    return connector(server_name, name, **{**_ONE_BINDING, "ranges": ranges, **facts, **more})


def exchange(
    server_name: str = "EX01", name: str = "Exchange", *, ranges: str | None, **more: Any
) -> Connector:
    """A custom connector for Exchange servers that does what it should."""
    facts: dict[str, Any] = {"auth": AUTH_31, "groups": "ExchangeServers", **more}
    return connector(server_name, name, **{**_ONE_BINDING, "ranges": ranges, **facts})


_SILENT: dict[str, Any] = {"verbose_logging": True, "tls_domain_capabilities": ()}
_ONE_BINDING: dict[str, Any] = {"bindings": "0.0.0.0:25", **_SILENT}
