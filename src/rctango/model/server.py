"""Exchange servers and the devices around them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING

from rctango.model.origin import Origin, origin_of
from rctango.model.rights import TransportRole

if TYPE_CHECKING:
    from rctango.addresses import Address, RangeSet


class ServerRole(IntFlag):
    """The value of ``ServerRole`` of ``Get-ExchangeServer``."""

    NONE = 0
    CAFE = 1
    MAILBOX = 2
    CLIENT_ACCESS = 4
    UNIFIED_MESSAGING = 16
    HUB_TRANSPORT = 32
    EDGE = 64
    FRONTEND_TRANSPORT = 16384


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """The start of ``AdminDisplayVersion``: 14.x is 2010, 15.0 2013, 15.1 2016, 15.2 2019 or SE."""

    major: int
    minor: int

    @property
    def product(self) -> str:
        """The product name."""
        names = {(15, 0): "Exchange 2013", (15, 1): "Exchange 2016", (15, 2): "Exchange 2019/SE"}
        older = {8: "Exchange 2007", 14: "Exchange 2010"}
        fallback = older.get(self.major, f"Exchange {self.major}.{self.minor}")
        return names.get((self.major, self.minor), fallback)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One Exchange server.

    Attributes:
        name: the short (NetBIOS) name, as the exports spell it.
        version: from ``AdminDisplayVersion``.
        roles: ``ServerRole`` as ``Get-ExchangeServer`` prints it.
        addresses: every IP address of its network adapters.
        gateways: every default gateway of its network adapters.
        network_complete: False when the export lost some addresses or gateways.
        anti_spam_agents: whether anti-spam agents are installed.
        facts: where each property was read, as (attribute name, origin).
    """

    name: str
    fqdn: str | None = None
    version: Version | None = None
    roles: ServerRole | None = None
    site: str | None = None
    addresses: tuple[Address, ...] | None = None
    gateways: tuple[Address, ...] | None = None
    network_complete: bool = True
    anti_spam_agents: bool | None = None
    facts: tuple[tuple[str, Origin], ...] = ()

    @property
    def is_edge(self) -> bool | None:
        """Whether this is an Edge Transport server."""
        return None if self.roles is None else bool(self.roles & ServerRole.EDGE)

    @property
    def transport_roles(self) -> TransportRole | None:
        """The transport processes that run on this server; None when version or roles are unknown.

        Since Exchange 2016 every Mailbox server runs both the Transport and the Front End
        Transport service; in 2013 Mailbox and Client Access could be on separate machines.
        Source: https://learn.microsoft.com/exchange/mail-flow/mail-flow
        """
        if self.roles is None:
            return None
        if self.roles & ServerRole.EDGE:
            return TransportRole.HUB_TRANSPORT
        if self.version is None:
            return None
        if self.version.major < 15:
            has_hub = bool(self.roles & ServerRole.HUB_TRANSPORT)
            return TransportRole.HUB_TRANSPORT if has_hub else TransportRole(0)
        result = TransportRole(0)
        mailbox = bool(self.roles & ServerRole.MAILBOX)
        if mailbox or self.roles & ServerRole.HUB_TRANSPORT:
            result |= TransportRole.HUB_TRANSPORT
        client_access = ServerRole.CAFE | ServerRole.CLIENT_ACCESS
        frontend = self.roles & (client_access | ServerRole.FRONTEND_TRANSPORT)
        if frontend or (mailbox and self.version.minor >= 1):
            result |= TransportRole.FRONTEND_TRANSPORT
        return result

    def origin(self, *names: str) -> tuple[Origin, ...]:
        """Where the named properties were read; those not collected are left out."""
        found = (origin_of(self.facts, name) for name in names)
        return tuple(origin for origin in found if origin is not None)


class ApplianceKind(StrEnum):
    """What an address that stands for many clients belongs to."""

    LOAD_BALANCER = "load-balancer"
    NAT = "nat"
    FIREWALL = "firewall"
    ANTI_SPAM = "anti-spam"
    GATEWAY = "gateway"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """A device that the user declared, because no export knows it.

    Attributes:
        addresses: the addresses Exchange sees its connections come from.
    """

    name: str
    kind: ApplianceKind
    addresses: RangeSet
    origin: Origin


class DomainType(StrEnum):
    """The type of an accepted domain."""

    AUTHORITATIVE = "Authoritative"
    INTERNAL_RELAY = "InternalRelay"
    EXTERNAL_RELAY = "ExternalRelay"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedDomain:
    """A domain that Exchange accepts mail for; ``domain`` may be ``*`` or ``*.example.com``."""

    name: str
    domain: str
    kind: DomainType | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SendConnector:
    """A Send connector: where the organisation sends, and so which devices may send back."""

    name: str
    enabled: bool | None
    smart_hosts: tuple[str, ...] | None
    source_servers: tuple[str, ...] | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportAgent:
    """A transport agent; ``server`` is None when the export does not name one."""

    name: str
    enabled: bool | None
    server: str | None
    origin: Origin

    @property
    def is_anti_spam(self) -> bool:
        """Whether it is one of Exchange's own anti-spam agents.

        Source: https://learn.microsoft.com/exchange/antispam-and-antimalware/antispam-protection/antispam-protection
        """
        names = {
            "connection filtering agent",
            "content filter agent",
            "protocol analysis agent",
            "recipient filter agent",
            "sender filter agent",
            "sender id agent",
        }
        return self.name.casefold() in names
