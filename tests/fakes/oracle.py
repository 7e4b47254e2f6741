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
from rctango.model.connection import Verdict
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
    process: TransportRole,
    local: Binding,
    remote: Address,
) -> Told:
    """Who answers ``remote`` at the local endpoint of one transport process of one server.

    ``connectors`` are those of that server; ``server`` is None when nothing is known of it.
    """
    possible = [
        sorted(
            {_place(one, process, local, remote) for one in _completed(each, server, local, remote)}
        )
        for each in connectors
    ]
    return _agreement([_look_up(world) for world in itertools.product(*possible)])


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
    connector: Connector, server: Server | None, local: Binding, remote: Address
) -> Iterator[Connector]:
    """The connector as it is, or as it may be, where something about it is not known."""
    choices = itertools.product(
        _enabled(connector),
        _roles(connector, server),
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


def _roles(connector: Connector, server: Server | None) -> tuple[TransportRole, ...]:
    """Exchange 2007, 2010 and Edge know one transport process and may not name it."""
    if connector.transport_role is not None:
        return (connector.transport_role,)
    if server is not None and server.version is not None and server.version.major < 15:
        return (HUB,)
    if server is not None and server.roles is not None and server.roles & ServerRole.EDGE:
        return (HUB,)
    return (HUB, FRONTEND)


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
