"""A relay candidate holds the address of an Exchange server in its ranges; nothing breaks yet.

Servers of Exchange 2013 and newer reach each other on port 2525, where a relay connector on port 25
is not in the way. That changes with a server of another version or role, an Edge server, a
monitoring script or a Send connector that names this server as smart host: they use port 25, and
the relay connector answers them. Where a narrower range of another connector protects the address
the matter is small.

A server's own address in its own relay connector is harmless; it is reported as information,
because the same ranges copied to another server are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.access import exchange_authentication
from rctango.analysis.flows import SMTP_PORT, usable_addresses
from rctango.model.connection import FlowVerdict
from rctango.model.finding import Severity
from rctango.model.rights import Answer
from rctango.rules._rule import Need, Rule
from rctango.rules._words import (
    LEARN_MAIL_FLOW,
    LEARN_SET,
    listed,
    ranges_holding,
    server_subject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import Address
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding

_Hit = tuple[str, "Address"]


def _check(view: View) -> Iterator[Finding]:
    for connector in view.relay_candidates:
        captured = _captured(view, connector)
        hits: dict[Severity, list[_Hit]] = {}
        for name, address in _servers_inside(view, connector):
            if name == connector.server:
                hits.setdefault(Severity.INFO, []).append((name, address))
            elif (name, address) not in captured:
                severity = _severity(view, connector, address)
                hits.setdefault(severity, []).append((name, address))
        for severity, found in hits.items():
            if severity is Severity.INFO:
                yield _own(view, connector, found)
            else:
                yield _others(view, connector, severity, found)


def _servers_inside(view: View, connector: Connector) -> Iterator[_Hit]:
    ranges = view.ranges(connector)
    for server in view.snapshot.servers:
        for address in usable_addresses(server) or ():
            if address in ranges:
                yield server.name, address


def _captured(view: View, connector: Connector) -> set[_Hit]:
    return {
        (flow.sender, flow.source)
        for flow in view.server_flows.get(connector.server, ())
        if flow.verdict is FlowVerdict.BROKEN
        and flow.source is not None
        and flow.selection is not None
        and flow.selection.connector is connector
    }


def _severity(view: View, connector: Connector, address: Address) -> Severity:
    answers = address in view.reach(connector, SMTP_PORT).possible
    if answers and exchange_authentication(connector) is not Answer.YES:
        return Severity.MEDIUM
    return Severity.LOW


def _others(view: View, connector: Connector, severity: Severity, found: list[_Hit]) -> Finding:
    names = listed(f"{name} ({address})" for name, address in found)
    if severity is Severity.MEDIUM:
        what = (
            f"{connector.identity} answers {names} on port {SMTP_PORT} and cannot do Exchange "
            "Server authentication. Today's mail between these servers does not use that port; an "
            "Edge server, another version or role, or a script on them would meet 451 5.7.3."
        )
    else:
        what = (
            f"The ranges of {connector.identity} hold {names}. Today another connector answers "
            "them or Exchange Server authentication works, so nothing breaks."
        )
    return RULE.finding(
        severity=severity,
        connector=connector,
        subjects=(server_subject(name, address) for name, address in found),
        ranges=[text for _, address in found for text in ranges_holding(connector, address)],
        message=what,
        fix=f"Take {listed(str(address) for _, address in found)} out of its remote ranges.",
        evidence=[
            *connector.origin("remote_ranges"),
            *(one for name, _ in found for one in view.servers[name].origin("addresses")),
        ],
    )


def _own(view: View, connector: Connector, found: list[_Hit]) -> Finding:
    addresses = listed(str(address) for _, address in found)
    message = (
        f"The ranges of {connector.identity} hold the server's own address {addresses}. That is "
        "harmless here, and a fault once the connector is copied to another server."
    )
    own = set(view.servers[connector.server].addresses or ())
    if all(
        (any(address in entry.range for address in own) and entry.range.size == 1)
        or entry.range.first >> 24 == 127
        for entry in connector.remote_ranges or ()
    ):
        message += " The ranges hold nothing else, so no other device can use this connector."
    return RULE.finding(
        severity=Severity.INFO,
        connector=connector,
        subjects=(server_subject(name, address) for name, address in found),
        ranges=[text for _, address in found for text in ranges_holding(connector, address)],
        message=message,
        fix="Nothing has to change; leave the address out when you copy the connector.",
        evidence=connector.origin("remote_ranges"),
    )


RULE = Rule(
    name="exchange-server-in-relay-range",
    title="A relay connector's ranges hold an Exchange server",
    severity=Severity.MEDIUM,
    needs=(Need.SELECTION, Need.AUTHENTICATION, Need.RIGHTS, Need.NETWORK),
    explanation=__doc__ or "",
    sources=(LEARN_MAIL_FLOW, LEARN_SET),
    check=_check,
)
