"""Which facts about connectors are missing, and the command that collects each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.access import exchange_authentication
from rctango.analysis.listeners import role_of
from rctango.model.rights import Answer
from rctango.rules._known import entries_suffice, has_hidden_rights, hides_server_rights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rctango.analysis.view import View
    from rctango.model.connector import Connector

_MOST_NAMES = 5


def listed(names: Iterable[str]) -> str:
    """Names in alphabetical order; a long enumeration ends with how many more there are."""
    every = sorted(names)
    shown = ", ".join(every[:_MOST_NAMES])
    return f"{shown} and {len(every) - _MOST_NAMES} more" if len(every) > _MOST_NAMES else shown


def connectors(view: View) -> tuple[str, ...]:
    """Servers whose connectors were not collected."""
    if not view.connectors:
        return ("receive connectors: export Get-ReceiveConnector",)
    silent = [
        server
        for server in view.snapshot.servers
        if server.name not in view.connectors_of and server.transport_roles != 0
    ]
    if not silent:
        return ()
    there = " (of an Edge server: on itself)" if any(one.is_edge for one in silent) else ""
    names = listed(server.name for server in silent)
    return (f"receive connectors of {names}: export Get-ReceiveConnector{there}",)


def _lacking(view: View, prop: str, lacks: Callable[[Connector], bool]) -> tuple[str, ...]:
    return _text(prop, (one for one in view.connectors if one.enabled is not False and lacks(one)))


def _text(prop: str, lacking: Iterable[Connector]) -> tuple[str, ...]:
    names = listed(one.identity for one in lacking)
    how = "export Get-ReceiveConnector with all properties"
    return (f"{prop} of {names}: {how}",) if names else ()


def _lacks_bindings(connector: Connector) -> bool:
    return connector.bindings is None or not connector.bindings_complete


def selection(view: View) -> tuple[str, ...]:
    """What selection needs of every connector."""
    return (
        *connectors(view),
        *_lacking(view, "Enabled", lambda one: one.enabled is None),
        *_lacking(view, "Bindings", _lacks_bindings),
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


def endpoints(view: View) -> tuple[str, ...]:
    """Where connectors listen and for which service; a disabled one claims its place as well."""
    without_role = (
        one for one in view.connectors if role_of(one, view.servers.get(one.server)) is None
    )
    return (
        *connectors(view),
        *_text("Bindings", filter(_lacks_bindings, view.connectors)),
        *_text("TransportRole", without_role),
    )


def _properties(view: View) -> tuple[str, ...]:
    return (
        *_lacking(view, "AuthMechanism", lambda one: one.auth_mechanism is None),
        *_lacking(
            view,
            "PermissionGroups",
            lambda one: one.permission_groups is None and not entries_suffice(view, one),
        ),
    )


def _entries(names: Iterable[str]) -> tuple[str, ...]:
    texts = listed(names)
    how = "export Get-ADPermission of them, all users"
    return (f"access control entries of {texts}: {how}",) if texts else ()


def authentication(view: View) -> tuple[str, ...]:
    """What tells whether another Exchange server can deliver."""
    downgraded = listed(
        one.identity
        for one in view.connectors
        if one.suppress_x_anonymous_tls and exchange_authentication(one) is Answer.UNKNOWN
    )
    how = "see UseDowngradedExchangeServerAuth in Get-TransportService"
    return (
        *_properties(view),
        *_entries(one.identity for one in view.connectors if hides_server_rights(one)),
        *([f"the effect of SuppressXAnonymousTls of {downgraded}: {how}"] * bool(downgraded)),
    )


def rights(view: View) -> tuple[str, ...]:
    """What tells what a client may do.

    Entries decide what a connector grants only once its groups and mechanisms are known.
    """
    hidden = (one.identity for one in view.connectors if has_hidden_rights(view, one))
    return (*_properties(view), *_entries(hidden))


def logging(view: View) -> tuple[str, ...]:
    """Whether connectors write protocol logs."""
    return _lacking(view, "ProtocolLoggingLevel", lambda one: one.verbose_logging is None)


def capabilities(view: View) -> tuple[str, ...]:
    """Which TLS domains connectors trust."""
    return _lacking(view, "TlsDomainCapabilities", lambda one: one.tls_domain_capabilities is None)
