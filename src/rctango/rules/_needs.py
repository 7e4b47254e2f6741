"""Which facts are missing, and the command that collects each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.listeners import role_of
from rctango.model.rights import ALL_RIGHTS, Answer, PermissionGroups, Right
from rctango.rules._rule import Need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rctango.analysis.view import View
    from rctango.model.connector import Connector

_MOST_NAMES = 5


def missing(view: View, need: Need) -> tuple[str, ...]:
    """What lacks of one kind of facts, with how to collect it; empty when nothing lacks."""
    return _CHECKS[need](view)


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    shown = ", ".join(every[:_MOST_NAMES])
    return f"{shown} and {len(every) - _MOST_NAMES} more" if len(every) > _MOST_NAMES else shown


def _connectors(view: View) -> tuple[str, ...]:
    if not view.connectors:
        return ("receive connectors: export Get-ReceiveConnector",)
    names = [
        server.name
        for server in view.snapshot.servers
        if server.name not in view.connectors_of and server.transport_roles != 0
    ]
    if not names:
        return ()
    return (f"receive connectors of {_listed(names)}: export Get-ReceiveConnector",)


def _lacking(view: View, prop: str, lacks: Callable[[Connector], bool]) -> tuple[str, ...]:
    names = [one.identity for one in view.connectors if one.enabled is not False and lacks(one)]
    if not names:
        return ()
    return (f"{prop} of {_listed(names)}: export Get-ReceiveConnector with all properties",)


def _selection(view: View) -> tuple[str, ...]:
    return (
        *_connectors(view),
        *_lacking(view, "Enabled", lambda one: one.enabled is None),
        *_lacking(view, "Bindings", lambda one: one.bindings is None or not one.bindings_complete),
        *_lacking(
            view,
            "RemoteIPRanges",
            lambda one: one.remote_ranges is None or not one.remote_ranges_complete,
        ),
        *_lacking(
            view,
            "TransportRole",
            lambda one: role_of(one, view.servers.get(one.server)) is None,
        ),
    )


def _authentication(view: View) -> tuple[str, ...]:
    return (
        *_lacking(view, "AuthMechanism", lambda one: one.auth_mechanism is None),
        *_lacking(
            view,
            "PermissionGroups",
            lambda one: one.permission_groups is None and one.access_entries is None,
        ),
    )


def _rights(view: View) -> tuple[str, ...]:
    names = [one.identity for one in view.connectors if _is_hidden(view, one)]
    if not names:
        return ()
    return (f"access control entries of {_listed(names)}: export Get-ADPermission",)


def _is_hidden(view: View, connector: Connector) -> bool:
    grant = view.grant(connector)
    decisive = Right.SUBMIT | Right.ACCEPT_ANY_RECIPIENT
    groups = connector.permission_groups
    hidden = connector.access_entries is None and (
        groups is None or bool(groups & PermissionGroups.CUSTOM)
    )
    return connector.enabled is not False and (
        grant.has(decisive) is Answer.UNKNOWN or (hidden and bool(grant.unknown & ALL_RIGHTS))
    )


def _servers(view: View) -> tuple[str, ...]:
    if not view.snapshot.servers:
        return ("servers: export Get-ExchangeServer",)
    names = [server.name for server in view.snapshot.servers if server.transport_roles is None]
    if not names:
        return ()
    return (f"version and roles of {_listed(names)}: export Get-ExchangeServer",)


def _network(view: View) -> tuple[str, ...]:
    if not view.snapshot.servers:
        return ("servers: export Get-ExchangeServer",)
    names = [
        server.name
        for server in view.snapshot.servers
        if server.addresses is None or server.gateways is None or not server.network_complete
    ]
    if not names:
        return ()
    how = "export Win32_NetworkAdapterConfiguration or declare [[server]] in rctango.toml"
    return (f"addresses and gateways of {_listed(names)}: {how}",)


def _accepted_domains(view: View) -> tuple[str, ...]:
    if view.snapshot.accepted_domains is not None:
        return ()
    return ("accepted domains: export Get-AcceptedDomain",)


def _inventory(view: View) -> tuple[str, ...]:
    if view.snapshot.appliances is not None:
        return ()
    how = "declare [[appliance]] in rctango.toml, or appliance = [] when there are none"
    return (f"load balancers, NAT and anti-spam devices: {how}",)


def _logging(view: View) -> tuple[str, ...]:
    return _lacking(view, "ProtocolLoggingLevel", lambda one: one.verbose_logging is None)


_CHECKS: dict[Need, Callable[[View], tuple[str, ...]]] = {
    Need.CONNECTORS: _connectors,
    Need.SELECTION: _selection,
    Need.AUTHENTICATION: _authentication,
    Need.RIGHTS: _rights,
    Need.SERVERS: _servers,
    Need.NETWORK: _network,
    Need.ACCEPTED_DOMAINS: _accepted_domains,
    Need.INVENTORY: _inventory,
    Need.LOGGING: _logging,
}
