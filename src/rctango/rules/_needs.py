"""Which facts are missing, and the command that collects each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.flows import usable_addresses
from rctango.rules import _lacking, _logs
from rctango.rules._lacking import listed
from rctango.rules._rule import Need

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.analysis.view import View
    from rctango.model.server import Server


def missing(view: View, need: Need) -> tuple[str, ...]:
    """What lacks of one kind of facts, with how to collect it; empty when nothing lacks."""
    return _CHECKS[need](view)


def _servers(view: View) -> tuple[str, ...]:
    if not view.snapshot.servers:
        return ("servers: export Get-ExchangeServer",)
    names = [server.name for server in view.snapshot.servers if server.transport_roles is None]
    if not names:
        return ()
    return (f"version and roles of {listed(names)}: export Get-ExchangeServer",)


def _network(view: View) -> tuple[str, ...]:
    if not view.snapshot.servers:
        return ("servers: export Get-ExchangeServer",)
    names = [
        server.name
        for server in view.snapshot.servers
        if not usable_addresses(server)
        or server.gateways is None
        or not server.network_complete
        or _binds_elsewhere(view, server)
    ]
    if not names:
        return ()
    how = "export Win32_NetworkAdapterConfiguration or declare [[server]] in rctango.toml"
    return (f"addresses and gateways of {listed(names)}: {how}",)


def _binds_elsewhere(view: View, server: Server) -> bool:
    """Whether a connector is bound to an address that no exported adapter of its server has."""
    return any(
        not binding.is_wildcard
        and not binding.address.is_loopback
        and binding.address not in (server.addresses or ())
        for connector in view.connectors_of.get(server.name, ())
        if connector.enabled is not False
        for binding in connector.bindings or ()
    )


def _accepted_domains(view: View) -> tuple[str, ...]:
    if view.snapshot.accepted_domains is not None:
        return ()
    return ("accepted domains: export Get-AcceptedDomain",)


def _inventory(view: View) -> tuple[str, ...]:
    if view.snapshot.appliances is not None:
        return ()
    how = "declare [[appliance]] in rctango.toml, or appliance = [] when there are none"
    return (f"load balancers, NAT and anti-spam devices: {how}",)


_CHECKS: dict[Need, Callable[[View], tuple[str, ...]]] = {
    Need.CONNECTORS: _lacking.connectors,
    Need.SELECTION: _lacking.selection,
    Need.AUTHENTICATION: _lacking.authentication,
    Need.RIGHTS: _lacking.rights,
    Need.SERVERS: _servers,
    Need.NETWORK: _network,
    Need.ACCEPTED_DOMAINS: _accepted_domains,
    Need.INVENTORY: _inventory,
    Need.LOGGING: _lacking.logging,
    Need.ENDPOINTS: _lacking.endpoints,
    Need.CAPABILITIES: _lacking.capabilities,
    Need.TRAFFIC: _logs.traffic,
    Need.LOG_PERIOD: _logs.log_period,
    Need.OTHER_LOGS: _logs.other_logs,
    Need.LIMITS: _logs.limits,
}
