"""Which connector answers, the slow and literal way; shares no code with ``rctango.analysis``.

One connection is asked at a time. Where facts are missing, every completion that could matter is
tried, and the answer is undetermined exactly when the completed worlds disagree.

The documented part of the rules (the narrowest remote range wins):
https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from rctango.addresses import Address, AddressRange, Binding, Notation, RangeText
from rctango.model.connection import Reason, Verdict
from rctango.model.rights import TransportRole
from rctango.model.server import Server, ServerRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rctango.model.connector import Connector

HUB = TransportRole.HUB_TRANSPORT
FRONTEND = TransportRole.FRONTEND_TRANSPORT


class Span(NamedTuple):
    """A range that holds the remote address, as plain numbers."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


class Place(NamedTuple):
    """Who competes for a connection, with the narrowest range at each kind of binding."""

    identity: str
    exact: Span | None
    wildcard: Span | None


@dataclass(frozen=True)
class Told:
    """What the oracle says.

    Attributes:
        identity: who answers; None unless answered.
        span: the range that won; None unless answered, or when worlds disagree about it only.
        contenders: who may answer, when ambiguous or undetermined.
    """

    verdict: Verdict
    identity: str | None = None
    span: Span | None = None
    contenders: frozenset[str] = frozenset()


def ask(
    server: Server | None,
    connectors: Iterable[Connector],
    process: TransportRole | None,
    local: Binding,
    remote: Address,
) -> Told:
    """Who answers ``remote`` at the local endpoint of one transport process of one server.

    Args:
        server: None when nothing is known of it.
        connectors: those of that server.
        process: None for the process to which the connectors without a known role belong. They
            share it: Exchange refuses clashing bindings of connectors with different roles.
        local: the local address and port of the connection.
        remote: the client; one of another family than ``local`` meets no range.
    """
    members = tuple(connectors)
    worlds: list[Told] = []
    for running, unnamed in _processes(process):
        possible = [
            sorted({_place(one, running, local, remote) for one in completions}, key=repr)
            for completions in (
                _completed(each, server, unnamed, local, remote) for each in members
            )
        ]
        worlds += [_look_up(world) for world in itertools.product(*possible)]
    return _agreement(worlds)


def _processes(
    process: TransportRole | None,
) -> tuple[tuple[TransportRole, tuple[TransportRole, ...]], ...]:
    """Each process that may be meant, with the roles that a connector without one may have."""
    if process is None:
        return ((HUB, (HUB,)), (FRONTEND, (FRONTEND,)))
    return ((process, (HUB, FRONTEND)),)


def _place(connector: Connector, process: TransportRole, local: Binding, remote: Address) -> Place:
    """What a connector of which everything is known puts into the map of the process."""
    nothing = Place(connector.identity, None, None)
    assert connector.transport_role is not None
    assert connector.bindings is not None
    if not connector.enabled or not connector.transport_role & process:
        return nothing
    best = _narrowest(connector, local, remote)
    exact = any(_same(bound, local) for bound in connector.bindings)
    everywhere = Binding(address=Address(family=local.family, value=0), port=local.port)
    wildcard = any(_same(bound, everywhere) for bound in connector.bindings)
    return Place(connector.identity, best if exact else None, best if wildcard else None)


def _narrowest(connector: Connector, local: Binding, remote: Address) -> Span | None:
    """A binding keeps the ranges of its own family only."""
    assert connector.remote_ranges is not None
    spans = [
        Span(item.range.first, item.range.last)
        for item in connector.remote_ranges
        if item.range.family == local.address.family == remote.family
        and item.range.first <= remote.value <= item.range.last
    ]
    return min(spans, key=lambda span: span.size, default=None)


def _same(one: Binding, other: Binding) -> bool:
    return (one.address.family, one.address.value, one.port) == (
        other.address.family,
        other.address.value,
        other.port,
    )


def _look_up(world: Sequence[Place]) -> Told:
    exact = [(place.identity, place.exact) for place in world if place.exact]
    wildcard = [(place.identity, place.wildcard) for place in world if place.wildcard]
    if not exact and not wildcard:
        return Told(Verdict.REFUSED)
    if exact and (not wildcard or _least(exact) <= _least(wildcard)):
        return _best(exact)
    return _best(wildcard)


def _least(bucket: Sequence[tuple[str, Span]]) -> int:
    return min(span.size for _, span in bucket)


def _best(bucket: Sequence[tuple[str, Span]]) -> Told:
    least = _least(bucket)
    tied = [(identity, span) for identity, span in bucket if span.size == least]
    if len(tied) > 1:
        names = frozenset(identity for identity, _ in tied)
        return Told(Verdict.AMBIGUOUS, contenders=names)
    return Told(Verdict.ANSWERED, *tied[0])


def _agreement(worlds: Sequence[Told]) -> Told:
    """What all worlds say, or that they disagree."""
    if len(set(worlds)) == 1:
        return worlds[0]
    if len({replace(told, span=None) for told in worlds}) == 1:
        return replace(worlds[0], span=None)
    names = {told.identity for told in worlds if told.identity is not None}
    tied = {name for told in worlds for name in told.contenders}
    return Told(Verdict.UNDETERMINED, contenders=frozenset(names | tied))


def _completed(
    connector: Connector,
    server: Server | None,
    unnamed: tuple[TransportRole, ...],
    local: Binding,
    remote: Address,
) -> Iterator[Connector]:
    """The connector as it is, or as it may be, where something about it is not known."""
    choices = itertools.product(
        _enabled(connector),
        _roles(connector, server, unnamed),
        _bindings(connector, local),
        _ranges(connector, remote),
    )
    for enabled, role, bindings, ranges in choices:
        yield replace(
            connector,
            enabled=enabled,
            transport_role=role,
            bindings=bindings,
            remote_ranges=ranges,
        )


def _enabled(connector: Connector) -> tuple[bool, ...]:
    return (True, False) if connector.enabled is None else (connector.enabled,)


def _roles(
    connector: Connector, server: Server | None, unnamed: tuple[TransportRole, ...]
) -> tuple[TransportRole, ...]:
    """A server with one transport process may leave the role of its connectors unnamed."""
    if connector.transport_role is not None:
        return (connector.transport_role,)
    only = None if server is None else _only_process(server)
    return unnamed if only is None else (only,)


def _only_process(server: Server) -> TransportRole | None:
    """Exchange 2007, 2010 and Edge, and a 2013 server with one of the two roles, have just one."""
    if server.roles is not None and server.roles & ServerRole.EDGE:
        return HUB
    if server.version is None:
        return None
    if server.version.major < 15:
        return HUB
    if server.version.minor > 0 or server.roles is None:
        return None
    mailbox = bool(server.roles & ServerRole.MAILBOX)
    client_access = bool(server.roles & (ServerRole.CLIENT_ACCESS | ServerRole.CAFE))
    if mailbox == client_access:
        return None
    return HUB if mailbox else FRONTEND


def _bindings(connector: Connector, local: Binding) -> tuple[tuple[Binding, ...], ...]:
    known = connector.bindings or ()
    if connector.bindings is not None and connector.bindings_complete:
        return (known,)
    return (known, (*known, local))


def _ranges(connector: Connector, remote: Address) -> tuple[tuple[RangeText, ...], ...]:
    known = connector.remote_ranges or ()
    if connector.remote_ranges is not None and connector.remote_ranges_complete:
        return (known,)
    narrow, wide = AddressRange.of(remote), AddressRange.whole(remote.family)
    return (known, (*known, _unread(narrow)), (*known, _unread(wide)))


def _unread(found: AddressRange) -> RangeText:
    return RangeText(text="unread", range=found, notation=Notation.LOHI)


def losses(
    connectors: Iterable[Connector], process: TransportRole, local: Binding, remote: Address
) -> dict[str, Reason]:
    """Why each connector that is bound to the endpoint did not answer; all facts are known."""
    members = [one for one in connectors if _is_bound(one, local)]
    told = ask(None, members, process, local, remote)
    return {
        one.identity: _loss(one, members, process, local, remote)
        for one in members
        if one.identity != told.identity
    }


def _is_bound(connector: Connector, local: Binding) -> bool:
    everywhere = Binding(address=Address(family=local.family, value=0), port=local.port)
    return any(_same(one, local) or _same(one, everywhere) for one in connector.bindings or ())


def _loss(
    connector: Connector,
    members: Sequence[Connector],
    process: TransportRole,
    local: Binding,
    remote: Address,
) -> Reason:
    assert connector.transport_role is not None
    if not connector.enabled:
        return Reason.DISABLED
    if not connector.transport_role & process:
        return Reason.OTHER_ROLE
    families = {item.range.family for item in connector.remote_ranges or ()}
    if remote.family != local.family or local.family not in families:
        return Reason.OTHER_FAMILY
    own = _narrowest(connector, local, remote)
    if own is None:
        return Reason.NO_MATCHING_RANGE
    told = ask(None, members, process, local, remote)
    if connector.identity in told.contenders:
        return Reason.TIE_UNDEFINED_ORDER
    winners = [one for one in members if one.identity in {told.identity, *told.contenders}]
    best = _narrowest(winners[0], local, remote)
    assert best is not None
    equal = own.size == best.size
    return Reason.TIE_SPECIFIC_BINDING if equal else Reason.LESS_SPECIFIC
