"""From a server's connectors to its listeners: who is bound where, and how surely."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.model.connection import Candidate, Listener, Reason
from rctango.model.rights import TransportRole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.addresses import Binding
    from rctango.model.connector import Connector
    from rctango.model.server import Server

_PROCESSES = (
    TransportRole.HUB_TRANSPORT,
    TransportRole.FRONTEND_TRANSPORT,
    TransportRole.MAILBOX,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A connector that takes part at a listener.

    Attributes:
        specific: whether it is bound to exactly the listener's local address.
        certain: False when it may not be there at all, because a fact is missing.
    """

    connector: Connector
    specific: bool
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """All that decides who answers at one listener.

    Attributes:
        bound: the connectors that take part.
        others: connectors that are bound to the endpoint but take no part, with the reason.
    """

    listener: Listener
    bound: tuple[Bound, ...]
    others: tuple[Candidate, ...]


def role_of(connector: Connector, server: Server | None) -> TransportRole | None:
    """The transport process of a connector; None when nothing tells.

    Exchange 2007, 2010 and Edge have one process, and their exports have no ``TransportRole``.
    """
    if connector.transport_role is not None:
        return connector.transport_role
    if server is not None and server.transport_roles == TransportRole.HUB_TRANSPORT:
        return TransportRole.HUB_TRANSPORT
    return None


def contests(connectors: Iterable[Connector], server: Server | None) -> tuple[Contest, ...]:
    """Every listener of one server, with the connectors that compete there.

    A transport process reads the enabled connectors of its own server and role; selection never
    crosses processes or servers.
    """
    members = tuple(connectors)
    roles = {connector.identity: role_of(connector, server) for connector in members}
    endpoints: dict[tuple[int, Binding], TransportRole | None] = {}
    for connector in members:
        if connector.enabled is False:
            continue
        for role in _processes(roles[connector.identity]):
            for binding in connector.bindings or ():
                endpoints[role or 0, binding] = role
    known = {binding for (role, binding) in endpoints if role}
    return tuple(
        _contest(Listener(server=members[0].server, role=role, local=binding), members, roles)
        for (number, binding), role in sorted(endpoints.items(), key=_by_port)
        if number or binding not in known
    )


def _by_port(item: tuple[tuple[int, Binding], object]) -> tuple[int, Binding, int]:
    (number, binding), _ = item
    return binding.port, binding, number


def _processes(role: TransportRole | None) -> tuple[TransportRole | None, ...]:
    if role is None:
        return (None,)
    return tuple(process for process in _PROCESSES if role & process)


def _contest(
    listener: Listener,
    members: tuple[Connector, ...],
    roles: dict[str, TransportRole | None],
) -> Contest:
    bound: list[Bound] = []
    others: list[Candidate] = []
    for connector in members:
        place = _place(connector, listener.local)
        if place is None:
            continue
        specific, sure_place = place
        role = roles[connector.identity]
        other_role = role is not None and listener.role is not None and not role & listener.role
        if sure_place and (connector.enabled is False or other_role):
            reason = Reason.DISABLED if connector.enabled is False else Reason.OTHER_ROLE
            others.append(Candidate(connector=connector, range=None, reason=reason))
        elif connector.enabled is not False and not other_role:
            sure_role = role is not None or listener.role is None
            certain = sure_place and sure_role and connector.enabled is True
            bound.append(Bound(connector=connector, specific=specific, certain=certain))
    return Contest(listener=listener, bound=tuple(bound), others=tuple(others))


def _place(connector: Connector, local: Binding) -> tuple[bool, bool] | None:
    """Whether the connector is bound specifically and surely; None when it is not bound."""
    bindings = connector.bindings or ()
    if local in bindings:
        return not local.is_wildcard, True
    for binding in bindings:
        if binding.is_wildcard and binding.family == local.family and binding.port == local.port:
            return False, True
    if connector.bindings is None or not connector.bindings_complete:
        return not local.is_wildcard, False
    return None


def by_server(connectors: Iterable[Connector]) -> dict[str, list[Connector]]:
    """The connectors of each server, keyed by the server's name."""
    result: defaultdict[str, list[Connector]] = defaultdict(list)
    for connector in connectors:
        result[connector.server].append(connector)
    return dict(result)
