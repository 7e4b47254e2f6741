"""From a server's connectors to its listeners: who is bound where, and how surely."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
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
_EITHER = TransportRole.HUB_TRANSPORT | TransportRole.FRONTEND_TRANSPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A connector that takes part at a listener.

    Attributes:
        specific: whether it is bound to exactly the listener's local address.
        certain: False when it may not be there at all, because a fact is missing.
        maybe_specific: whether a lost binding may be to exactly that address, when the known
            one is to the wildcard.
    """

    connector: Connector
    specific: bool
    certain: bool
    maybe_specific: bool = False

    @property
    def ranges_known(self) -> bool:
        """Whether no remote range of the connector is missing."""
        return self.connector.remote_ranges is not None and self.connector.remote_ranges_complete


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

    Exchange 2007, 2010 and Edge have one process, and their exports have no ``TransportRole``. A
    2013 server with one of the two roles has one process as well.
    """
    if connector.transport_role is not None or server is None:
        return connector.transport_role
    if server.version is not None and server.version.major < 15:
        return TransportRole.HUB_TRANSPORT
    running = server.transport_roles
    return running if running in _PROCESSES else None


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
        role = roles[connector.identity]
        other_role = role is not None and listener.role is not None and not role & listener.role
        if connector.enabled is not False and not other_role:
            same_process = _is_surely_of(role, listener)
            certain = place.certain and same_process and connector.enabled is True
            bound.append(replace(place, certain=certain))
        elif place.certain:
            reason = Reason.DISABLED if connector.enabled is False else Reason.OTHER_ROLE
            others.append(Candidate(connector=connector, range=None, reason=reason))
    return Contest(listener=listener, bound=tuple(bound), others=tuple(others))


def _is_surely_of(role: TransportRole | None, listener: Listener) -> bool:
    """Whether a connector of that role belongs to the listener's process, if it may at all.

    Connectors without a known role share one process, because Exchange refuses clashing bindings
    of different roles. A connector with both roles belongs to it whichever process it is.
    """
    if listener.role is not None:
        return role is not None
    return role is None or role & _EITHER == _EITHER


def _place(connector: Connector, local: Binding) -> Bound | None:
    """How the connector is bound to the endpoint, by its bindings alone; None when it is not."""
    bindings = connector.bindings or ()
    specific = not local.is_wildcard
    if local in bindings:
        return Bound(connector=connector, specific=specific, certain=True)
    lost = connector.bindings is None or not connector.bindings_complete
    for binding in bindings:
        if binding.is_wildcard and binding.family == local.family and binding.port == local.port:
            return Bound(
                connector=connector, specific=False, certain=True, maybe_specific=specific and lost
            )
    return Bound(connector=connector, specific=specific, certain=False) if lost else None


def by_server(connectors: Iterable[Connector]) -> dict[str, list[Connector]]:
    """The connectors of each server, keyed by the server's name."""
    result: defaultdict[str, list[Connector]] = defaultdict(list)
    for connector in connectors:
        result[connector.server].append(connector)
    return dict(result)
