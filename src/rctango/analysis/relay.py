"""Relay candidates and what they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Family, RangeSet
from rctango.analysis.access import anonymous_grant, is_externally_secured, relay_right
from rctango.model.rights import Answer, Right

if TYPE_CHECKING:
    from rctango.model.connector import Connector

SMTP_PORT = 25


def range_set(connector: Connector) -> RangeSet:
    """All addresses in the connector's remote ranges, whether or not it wins there."""
    return RangeSet.of(entry.range for entry in connector.remote_ranges or ())


def without_whole(ranges: RangeSet) -> RangeSet:
    """The part of a set that is of families it does not hold as a whole."""
    result = RangeSet()
    for family in Family:
        if not ranges.is_whole(family):
            result |= ranges.only(family)
    return result


def is_wide_open(connector: Connector) -> bool:
    """Whether the ranges hold every address of each family they are of.

    One whole range is not needed for that: ``0.0.0.0/1`` and ``128.0.0.0/1`` do it as well. A
    connector for all IPv6 addresses and a few IPv4 ones is specific, because of the latter.
    """
    ranges = range_set(connector)
    return bool(ranges) and not without_whole(ranges)


def listens_on(connector: Connector, port: int) -> bool:
    """Whether a binding of the connector has the port."""
    return any(binding.port == port for binding in connector.bindings or ())


def may_relay(connector: Connector) -> Answer:
    """Whether a client that proves nothing may send to any recipient through the connector."""
    return relay_right(anonymous_grant(connector))


def lets_anonymous_in(connector: Connector) -> bool:
    """Whether a client that proves nothing can, or may be able to, submit a message."""
    if is_externally_secured(connector) is Answer.YES:
        return True
    return anonymous_grant(connector).has(Right.SUBMIT) is not Answer.NO


def is_relay_candidate(connector: Connector) -> bool:
    """The heuristic of the article: anonymous rights, specific ranges, port 25.

    Unlike the article's script this counts externally secured connectors, ignores Deny entries
    and looks at the union of the ranges.
    """
    return (
        connector.enabled is not False
        and listens_on(connector, SMTP_PORT)
        and bool(connector.remote_ranges)
        and lets_anonymous_in(connector)
        and not is_wide_open(connector)
    )
