"""Reading what belongs to the organisation: domains, Send connectors, agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.intake.names import property_text, server_name
from rctango.intake.values import bool_of, list_of, text_of
from rctango.model.origin import Origin
from rctango.model.server import AcceptedDomain, DomainType, SendConnector, TransportAgent

if TYPE_CHECKING:
    from rctango.formats.raw import RawObject

_DOMAIN_TYPES = {
    "authoritative": DomainType.AUTHORITATIVE,
    "0": DomainType.AUTHORITATIVE,
    "externalrelay": DomainType.EXTERNAL_RELAY,
    "1": DomainType.EXTERNAL_RELAY,
    "internalrelay": DomainType.INTERNAL_RELAY,
    "2": DomainType.INTERNAL_RELAY,
}


def read_accepted_domain(source: str, raw: RawObject) -> AcceptedDomain | None:
    """One accepted domain; None when the export lost the domain itself."""
    domain = property_text(raw, "DomainName")
    if domain is None:
        return None
    kind = (text_of(raw.get("DomainType")) or "").strip().casefold()
    return AcceptedDomain(
        name=property_text(raw, "Name", "Identity") or domain,
        domain=domain.casefold(),
        kind=_DOMAIN_TYPES.get(kind),
        origin=Origin(source=source, locator=raw.where("DomainName")),
    )


def read_send_connector(source: str, raw: RawObject) -> SendConnector:
    """One Send connector."""
    hosts = list_of(raw.get("SmartHosts"))
    servers = list_of(raw.get("SourceTransportServers"))
    names = (server_name(text) for text in servers.items) if servers else ()
    return SendConnector(
        name=property_text(raw, "Name", "Identity") or "(unnamed)",
        enabled=bool_of(raw.get("Enabled")),
        smart_hosts=hosts.items if hosts and not hosts.lost else None,
        source_servers=tuple(name for name in names if name) if servers else None,
        origin=Origin(source=source, locator=raw.locator),
    )


def read_transport_agent(source: str, raw: RawObject) -> TransportAgent:
    """One transport agent."""
    return TransportAgent(
        name=property_text(raw, "Identity", "Name") or "(unnamed)",
        enabled=bool_of(raw.get("Enabled")),
        server=server_name(property_text(raw, "Server", "PSComputerName")),
        origin=Origin(source=source, locator=raw.locator),
    )
