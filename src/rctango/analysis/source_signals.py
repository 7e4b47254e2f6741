"""The signals for and against source NAT, each with its points and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import RangeSet
from rctango.analysis.logged import counted
from rctango.model.judgement import SignalKind, SourceSignal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.neighbours import Neighbours
    from rctango.analysis.profiles import Source

LIKELY_FROM = 50
POSSIBLE_FROM = 30
FEW_SESSIONS = 5
"""Below this many sessions with a command nothing is said of an address."""
SOME_SESSIONS = 10
"""From this many on the lack of several names speaks against several clients."""
MANY_SESSIONS = 30
_UNLIKELY_MOST = POSSIBLE_FROM - 5
_POSSIBLE_MOST = LIKELY_FROM - 5
_SEVERAL = 3
_FULL = 100
_INTERNAL = RangeSet.parse(
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1",
    "fc00::/7",
    "fe80::/10",
)
"""Where an organisation has its own machines (RFC 1918, 6598, 3927, 4193, 4291)."""


def signals_of(source: Source, neighbours: Neighbours) -> tuple[SourceSignal, ...]:
    """What speaks for and against it, in the order in which it counts."""
    if neighbours.is_server(source.address):
        name = neighbours.name_of(source.address) or "the server itself"
        why = (
            f"It is an Exchange server ({name}): that explains many sender domains, many sessions "
            "and a place in the subnet."
        )
        return (SourceSignal(kind=SignalKind.SERVER, points=-_FULL, sentence=why),)
    signals = [
        *_by_names(source),
        *_by_senders(source),
        *_by_place(source, neighbours),
        *_by_behaviour(source),
    ]
    device = neighbours.device(source.address)
    if device is not None:
        why = f"It is declared as {device.kind.value} {device.name}."
        return (SourceSignal(kind=SignalKind.INVENTORY, points=_FULL, sentence=why), *signals)
    return (*signals, *_limits(source, neighbours, sum(one.points for one in signals)))


def _by_names(source: Source) -> Iterator[SourceSignal]:
    number, share = source.names, source.common_ehlo_share
    if number < 2:
        return
    points = {2: 15, 3: 40, 4: 42}.get(number, 45 if number < 10 else 50)
    if number < 5 and share > 0.9:
        points //= 3
    yield SourceSignal(
        kind=SignalKind.EHLO_NAMES,
        points=points,
        sentence=(
            f"Its sessions give {number:,} different EHLO names, the commonest in "
            f"{_percent(share)} of them; one host gives one."
        ),
    )


def _by_senders(source: Source) -> Iterator[SourceSignal]:
    number, share = source.sender_domains, source.common_sender_share
    if number >= _SEVERAL and share <= 0.9:
        yield SourceSignal(
            kind=SignalKind.SENDER_DOMAINS,
            points=15 if number >= 10 else 10,
            sentence=(
                f"It sends for {number:,} different domains, the commonest in {_percent(share)} "
                "of the sessions with a sender; smart hosts and gateways do that as well."
            ),
        )


def _by_place(source: Source, neighbours: Neighbours) -> Iterator[SourceSignal]:
    subnet = neighbours.subnet(source.address)
    if subnet:
        yield SourceSignal(
            kind=SignalKind.SUBNET,
            points=15,
            sentence=(
                f"It lies in {subnet}, as a one-arm load balancer does; the real prefix length is "
                "not known."
            ),
        )
    owners = neighbours.gateways.get(source.address) if source.address is not None else None
    if owners:
        yield SourceSignal(
            kind=SignalKind.GATEWAY,
            points=20,
            sentence=(
                f"It is a default gateway of {', '.join(sorted(set(owners)))}, where firewalls "
                "replace the address of inbound mail by their own."
            ),
        )


def _by_behaviour(source: Source) -> Iterator[SourceSignal]:
    shares = [
        one.sessions / one.listener_sessions
        for one in source.profiles
        if one.listener_clients >= _SEVERAL and one.listener_sessions
    ]
    share = max(shares, default=0.0)
    if share >= 0.25:
        yield SourceSignal(
            kind=SignalKind.SHARE,
            points=10 if share >= 0.5 else 5,
            sentence=(
                f"{_percent(share)} of the sessions at one listener come from it, beside those of "
                "other clients."
            ),
        )
    yield from _by_health_checks(source)
    refusals = source.limit_refusals
    if refusals:
        yield SourceSignal(
            kind=SignalKind.LIMIT_REFUSALS,
            points=10,
            sentence=(
                f"{counted(refusals, 'connection')} of it met a connection limit (421), as many "
                "clients behind one address do."
            ),
        )


def _by_health_checks(source: Source) -> Iterator[SourceSignal]:
    for one in sorted(source.profiles, key=lambda profile: -profile.idle_sessions):
        regular = one.idle_regularity or 0.0
        if one.idle_sessions >= 10 and regular >= 0.8 and one.idle_interval:
            yield SourceSignal(
                kind=SignalKind.HEALTH_CHECKS,
                points=15,
                sentence=(
                    f"{counted(one.idle_sessions, 'session')} without a command, every "
                    f"{one.idle_interval:,.0f} seconds: health checks of a load balancer, or of a "
                    "monitoring system."
                ),
            )
            return


def _limits(source: Source, neighbours: Neighbours, points: int) -> Iterator[SourceSignal]:
    """What keeps the supporting signals from adding up to more than they can say."""
    for kind, most, why in _bounds(source, neighbours):
        if points > most:
            sentence = f"{why}; that limits the score to {most}."
            yield SourceSignal(kind=kind, points=most - points, sentence=sentence)
            points = most


def _bounds(source: Source, neighbours: Neighbours) -> Iterator[tuple[SignalKind, int, str]]:
    if source.names < 2:
        given = "one EHLO name" if source.names else "no EHLO name"
        yield SignalKind.ONE_NAME, _UNLIKELY_MOST, f"All its sessions give {given}"
    elif source.names < _SEVERAL:
        why = "Two EHLO names are what one host gives that was renamed"
        yield SignalKind.FEW_NAMES, _POSSIBLE_MOST, why
    address = source.address
    outside = address is not None and address not in _INTERNAL
    if outside and address not in neighbours.gateways and not neighbours.subnet(address):
        why = "It is on the Internet, where a single sender may give any name"
        yield SignalKind.INTERNET, _POSSIBLE_MOST, why
    if not source.messages:
        why = "No message of it was accepted, as with strangers and scanners that try names"
        yield SignalKind.NO_MAIL, _UNLIKELY_MOST, why


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
