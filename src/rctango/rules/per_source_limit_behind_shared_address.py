"""A connection limit per source address meets an address from which many connect.

A connector accepts 20 connections at a time from one address, and from one address not more than 2
percent of those still free; so it is made unless somebody changes it. Behind a load balancer, a
firewall that translates addresses or a mail gateway all clients share one address, and share that
limit: connections beyond it are refused with "421 4.3.2", mail waits at the gateway, and the cause
is hard to see.

Raise MaxInboundConnectionPerSource and MaxInboundConnectionPercentagePerSource on the connectors
that answer such an address, or let the device keep the client's address. Without protocol logs the
rule does not apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.logged import counted
from rctango.model.finding import Grade, Severity, Subject, SubjectKind
from rctango.model.judgement import SourceVerdict
from rctango.rules._logs import connectors_of, crowded, has_logs
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_SET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector, Unlimited
    from rctango.model.finding import Finding
    from rctango.model.judgement import SourceJudgement
    from rctango.model.observation import Traffic

_DEFAULT_NUMBER = 20
_DEFAULT_PERCENTAGE = 2
_ALL = 100


def _check(view: View) -> Iterator[Finding]:
    traffic = view.snapshot.traffic
    if traffic is None:
        return
    for client in crowded(view):
        for connector in connectors_of(view, client):
            if _is_low(connector) or (client.limit_refusals and _is_limited(connector)):
                yield _finding(traffic, client, connector)


def _is_low(connector: Connector) -> bool:
    """Whether a limit is as low as it is made, or lower."""
    number, percentage = _limits(connector)
    return (isinstance(number, int) and number <= _DEFAULT_NUMBER) or (
        percentage is not None and percentage <= _DEFAULT_PERCENTAGE
    )


def _is_limited(connector: Connector) -> bool:
    number, percentage = _limits(connector)
    return isinstance(number, int) or (percentage is not None and percentage < _ALL)


def _limits(connector: Connector) -> tuple[int | Unlimited | None, int | None]:
    return connector.max_inbound_per_source, connector.max_inbound_percentage_per_source


def _finding(traffic: Traffic, client: SourceJudgement, connector: Connector) -> Finding:
    refused = client.limit_refusals
    happened = (
        f"The logs show {counted(refused, 'connection')} of it that met a limit (421)."
        if refused
        else "The logs show no refusal yet."
    )
    return RULE.finding(
        severity=Severity.MEDIUM if refused else Severity.LOW,
        confidence=client.confidence,
        grade=Grade.USED if refused else Grade.POSSIBLE,
        connector=connector,
        subjects=(_subject(client),),
        message=(
            f"{connector.identity} limits connections from one address to {_words(connector)}, "
            f"and {client.client} {_who(client)}. {happened}"
        ),
        fix=(
            f"Raise MaxInboundConnectionPerSource and MaxInboundConnectionPercentagePerSource of "
            f"{connector.identity} to what {client.client} needs at its busiest."
        ),
        evidence=(
            traffic.origin,
            *connector.origin("max_inbound_per_source", "max_inbound_percentage_per_source"),
        ),
    )


def _words(connector: Connector) -> str:
    number, percentage = _limits(connector)
    parts = [f"{number:,} at a time"] if isinstance(number, int) else []
    if percentage is not None and percentage < _ALL:
        parts.append(f"{percentage} % of those still free")
    return " and ".join(parts)


def _who(client: SourceJudgement) -> str:
    if client.verdict is SourceVerdict.DECLARED:
        return f"is {client.name}, which stands for many clients"
    if client.verdict in {SourceVerdict.LIKELY, SourceVerdict.POSSIBLE}:
        return f"stands for many clients by the logs ({client.verdict.value})"
    return f"passes on mail of {client.sender_domains:,} sender domains"


def _subject(client: SourceJudgement) -> Subject:
    declared = client.verdict is SourceVerdict.DECLARED
    kind = SubjectKind.APPLIANCE if declared else SubjectKind.CLIENT
    return Subject(kind=kind, name=client.name, address=client.client)


RULE = Rule(
    name="per-source-limit-behind-shared-address",
    title="A connection limit per source address meets an address from which many connect",
    severity=Severity.MEDIUM,
    needs=(Need.TRAFFIC, Need.LIMITS),
    explanation=__doc__ or "",
    sources=(LEARN_SET,),
    check=_check,
    applies=has_logs,
)
