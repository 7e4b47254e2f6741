"""A relay connector knows its clients by IPv4 address, but the server answers IPv6 as well.

Windows prefers IPv6 where both sides have it. A client that connects over IPv6 is in none of the
IPv4 ranges: another connector answers it, and its mail is refused with "550 5.7.54 Unable to relay"
now and then and depending on DNS. It also gets that connector's rights, not those of the relay
connector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Family
from rctango.model.finding import Severity
from rctango.model.rights import Answer
from rctango.rules._known import known_reach
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.server import Server


def _check(view: View) -> Iterator[Finding]:
    for connector in view.relay_candidates:
        server = view.servers.get(connector.server)
        if server is None or not view.is_dual_stack(server):
            continue
        relays = view.rights(connector).relay is not Answer.NO
        if relays and known_reach(view, connector).possible and not _has_ipv6(view, connector):
            others = _answering_ipv6(view, connector)
            if others and not any(view.rights(one).relay is Answer.YES for one in others):
                yield _finding(connector, server, others)


def _has_ipv6(view: View, connector: Connector) -> bool:
    bound = any(one.family is Family.IPV6 for one in connector.bindings or ())
    return bound and bool(view.ranges(connector).spans(Family.IPV6))


def _answering_ipv6(view: View, connector: Connector) -> list[Connector]:
    ports = {one.port for one in connector.bindings or ()}
    return [
        bound.connector
        for table in view.tables_at(connector.server)
        if table.family is Family.IPV6 and table.listener.local.port in ports
        for bound in table.contest.bound
        if view.answered(table, bound.connector)
    ]


def _finding(connector: Connector, server: Server, others: list[Connector]) -> Finding:
    names = listed(sorted(one.identity for one in others))
    return RULE.finding(
        connector=connector,
        message=(
            f"{connector.server} has an IPv6 address, but {connector.identity} answers IPv4 "
            f"clients only. Clients that connect over IPv6 meet {names} instead and cannot relay."
        ),
        fix=(
            "Add an IPv6 binding and the clients' IPv6 addresses, or publish no AAAA record for "
            "the name the clients use."
        ),
        evidence=[
            *connector.origin("bindings", "remote_ranges"),
            *server.origin("addresses"),
        ],
    )


RULE = Rule(
    name="relay-over-ipv4-only",
    title="IPv6 clients of a dual-stack server miss the relay connector",
    severity=Severity.LOW,
    needs=(Need.SELECTION, Need.RIGHTS, Need.NETWORK, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS,),
    check=_check,
)
