"""A connector that cannot do Exchange authentication answers another Exchange server.

An Exchange server delivers to another one over SMTP and insists on proving who it is. When the
remote ranges of a custom connector hold the sending server's address, that connector answers
instead of the default one. Without Exchange Server authentication it offers neither X-ANONYMOUSTLS
nor X-EXPS, the sending server gives up with "451 5.7.3 Cannot achieve Exchange Server
authentication", and its queue grows. Other servers of the same site can hide this for a while.

Only flows that this organisation really has are judged: the port follows from the versions and
roles of both servers. Take the sending server's address out of the connector's remote ranges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.relay import is_wide_open
from rctango.model.connection import FlowVerdict
from rctango.model.finding import Confidence, Severity
from rctango.rules._known import answering
from rctango.rules._rule import Need, Rule
from rctango.rules._words import KB_979175, LEARN_NDR, LEARN_SET, listed, server_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connection import Flow
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for flows in view.server_flows.values():
        for connector, captured in _by_connector(flows):
            yield _finding(view, connector, captured)


def _by_connector(flows: tuple[Flow, ...]) -> list[tuple[Connector, list[Flow]]]:
    """The broken flows, by the connector that may answer and the port."""
    groups: dict[tuple[str, int | None], tuple[Connector, list[Flow]]] = {}
    for flow in flows:
        if flow.verdict is FlowVerdict.BROKEN:
            for connector in answering(flow):
                group = groups.setdefault((connector.identity, flow.port), (connector, []))
                group[1].append(flow)
    return list(groups.values())


def _finding(view: View, connector: Connector, flows: list[Flow]) -> Finding:
    flows = sorted(flows, key=lambda flow: (flow.sender, str(flow.source)))
    first = flows[0]
    senders = listed(f"{flow.sender} ({flow.source})" for flow in flows)
    ranges = [
        flow.selection.range.text
        for flow in flows
        if flow.selection is not None and flow.selection.range is not None
    ]
    by_range = f" because its range {listed(ranges)} is the narrowest" if ranges else ""
    sure = all(flow.selection is not None and flow.selection.connector for flow in flows)
    answers = "answers" if sure else "may answer"
    message = (
        f"{connector.identity} {answers} {senders} on port {first.port}{by_range}. "
        f"{first.reason}. Mail from there to {connector.server} stays in the queue."
    )
    evidence = [*connector.origin("remote_ranges", "auth_mechanism", "permission_groups")]
    for flow in flows:
        evidence += view.servers[flow.sender].origin("addresses")
    return RULE.finding(
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        connector=connector,
        subjects=(server_subject(flow.sender, flow.source) for flow in flows),
        ranges=ranges,
        message=message,
        fix=_fix(connector, flows),
        evidence=evidence,
    )


def _fix(connector: Connector, flows: list[Flow]) -> str:
    addresses = listed(str(flow.source) for flow in flows)
    if is_wide_open(connector):
        return (
            f"Give {connector.identity} back ExchangeServer in AuthMechanism and the permission "
            "group ExchangeServers."
        )
    return (
        f"Take {addresses} out of the remote ranges of {connector.identity}; split a range around "
        "the address where needed."
    )


def _applies(view: View) -> bool:
    """One server by itself has no flows, but only Get-ExchangeServer tells that it is alone."""
    servers = view.snapshot.servers
    return len(servers) != 1 or servers[0].transport_roles is None


RULE = Rule(
    name="captured-exchange-server",
    title="Another Exchange server is answered by a connector without Exchange authentication",
    severity=Severity.HIGH,
    needs=(Need.SELECTION, Need.AUTHENTICATION, Need.SERVERS, Need.NETWORK),
    explanation=__doc__ or "",
    sources=(LEARN_NDR, KB_979175, LEARN_SET),
    check=_check,
    applies=_applies,
)
