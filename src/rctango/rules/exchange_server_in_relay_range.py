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

from rctango.addresses import RangeSet
from rctango.analysis.access import exchange_authentication
from rctango.analysis.flows import SMTP_PORT, usable_addresses
from rctango.model.connection import FlowVerdict
from rctango.model.finding import Severity
from rctango.model.rights import Answer
from rctango.rules._known import answering
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_MAIL_FLOW, LEARN_SET, listed, ranges_holding, server_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import Address
    from rctango.analysis.view import View
    from rctango.model.connection import Flow
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding

_Hit = tuple[str, "Address"]
_Judged = tuple[Severity, str]
_LOOPBACK = RangeSet.parse("127.0.0.0/8", "::1")
_HARMLESS = (
    "Today another connector answers or Exchange Server authentication works: nothing breaks."
)
_TODAY = (
    "Mail from there uses another port today; an Edge server, another version or role, or a script "
    "on these machines would meet 451 5.7.3."
)
_PERHAPS = (
    "Whether mail from there uses that port is not known; if so, it stays in the queue: 451 5.7.3."
)


def _check(view: View) -> Iterator[Finding]:
    for connector in view.relay_candidates:
        own: list[_Hit] = []
        others: dict[_Judged, list[_Hit]] = {}
        for name, address in _servers_inside(view, connector):
            if name == connector.server:
                own.append((name, address))
            elif not _is_captured(view, connector, name, address):
                judged = _judge(view, connector, name, address)
                others.setdefault(judged, []).append((name, address))
        for (severity, what), found in others.items():
            yield _others(view, connector, (severity, what), found)
        if own:
            yield _own(view, connector, own)


def _servers_inside(view: View, connector: Connector) -> Iterator[_Hit]:
    ranges = view.specific_ranges(connector)
    for server in sorted(view.snapshot.servers, key=lambda one: one.name):
        for address in sorted(usable_addresses(server) or ()):
            if address in ranges:
                yield server.name, address


def _flows(view: View, connector: Connector, name: str) -> list[Flow]:
    return [one for one in view.flows_into(connector.server) if one.sender == name]


def _is_captured(view: View, connector: Connector, name: str, address: Address) -> bool:
    """Whether another rule reports that mail from there queues."""
    return any(
        flow.verdict is FlowVerdict.BROKEN
        and flow.source == address
        and any(one is connector for one in answering(flow))
        for flow in _flows(view, connector, name)
    )


def _judge(view: View, connector: Connector, name: str, address: Address) -> _Judged:
    able = exchange_authentication(connector)
    if able is Answer.YES or address not in view.reach(connector, SMTP_PORT).possible:
        return Severity.LOW, _HARMLESS
    ports = {flow.port for flow in _flows(view, connector, name)}
    usage = _PERHAPS if ports & {SMTP_PORT, None} else _TODAY
    cannot = "cannot" if able is Answer.NO else "perhaps cannot"
    return Severity.MEDIUM, f"{cannot} do Exchange Server authentication. {usage}"


def _others(view: View, connector: Connector, judged: _Judged, found: list[_Hit]) -> Finding:
    severity, what = judged
    names = listed(f"{name} ({address})" for name, address in found)
    message = (
        f"{connector.identity} answers {names} on port {SMTP_PORT} and {what}"
        if severity is Severity.MEDIUM
        else f"The ranges of {connector.identity} hold {names}. {what}"
    )
    addresses = listed(str(address) for _, address in found)
    fix = f"Take {addresses} out of the remote ranges of {connector.identity}."
    return _finding(view, connector, severity, found, (message, fix))


def _own(view: View, connector: Connector, found: list[_Hit]) -> Finding:
    own = "address " if len(found) == 1 else "addresses "
    own += listed(str(address) for _, address in found)
    message = (
        f"The ranges of {connector.identity} hold the server's own {own}. That is harmless here, "
        "and a fault once the connector is copied to another server."
    )
    if view.specific_ranges(connector) <= RangeSet.of(address for _, address in found) | _LOOPBACK:
        message += " The ranges hold nothing else, so no other device can use this connector."
    fix = "Nothing has to change; leave the address out when you copy the connector."
    return _finding(view, connector, Severity.INFO, found, (message, fix))


def _finding(
    view: View, connector: Connector, severity: Severity, found: list[_Hit], texts: tuple[str, str]
) -> Finding:
    return RULE.finding(
        severity=severity,
        connector=connector,
        subjects=(server_subject(name, address) for name, address in found),
        ranges=[text for _, address in found for text in ranges_holding(connector, address)],
        message=texts[0],
        fix=texts[1],
        evidence=[
            *connector.origin("remote_ranges"),
            *(one for name, _ in found for one in view.servers[name].origin("addresses")),
        ],
    )


RULE = Rule(
    name="exchange-server-in-relay-range",
    title="A relay connector's ranges hold an Exchange server",
    severity=Severity.MEDIUM,
    needs=(Need.SELECTION, Need.AUTHENTICATION, Need.RIGHTS, Need.SERVERS, Need.NETWORK),
    explanation=__doc__ or "",
    sources=(LEARN_MAIL_FLOW, LEARN_SET),
    check=_check,
)
