"""Mail from Exchange Online meets another connector than the one prepared for it.

In a hybrid organisation one connector carries mail.protection.outlook.com:AcceptCloudServicesMail
in TlsDomainCapabilities, so that mail from the tenant keeps its internal headers. The Hybrid
Configuration Wizard chooses the connector itself and can choose a custom one. When Exchange
Online's addresses are answered by a different connector, or lie outside the ranges of the prepared
one, that trust is lost: internal mail arrives as outside mail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import RangeSet
from rctango.analysis.flows import SMTP_PORT
from rctango.model.finding import Confidence, Severity
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, count, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding

_CAPABILITY = "acceptcloudservicesmail"
_ENDPOINTS = "https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges"
EXCHANGE_ONLINE = RangeSet.parse(
    "40.92.0.0/15",
    "40.107.0.0/16",
    "52.100.0.0/14",
    "104.47.0.0/17",
)
"""The IPv4 addresses from which Exchange Online delivers, as Microsoft publishes them."""


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        if connector.enabled is False or not _has_capability(connector):
            continue
        reach = view.reach(connector, SMTP_PORT)
        elsewhere = EXCHANGE_ONLINE - reach.possible
        if elsewhere:
            yield _finding(view, connector, elsewhere)


def _has_capability(connector: Connector) -> bool:
    return any(_CAPABILITY in one.casefold() for one in connector.tls_domain_capabilities or ())


def _finding(view: View, connector: Connector, elsewhere: RangeSet) -> Finding:
    others = [
        bound.connector.identity
        for table in view.reachable_tables(view.servers[connector.server], SMTP_PORT)
        for bound in table.contest.bound
        if bound.connector is not connector and view.answered(table, bound.connector) & elsewhere
    ]
    who = f"{listed(others)} answers them" if others else "no connector answers them"
    return RULE.finding(
        confidence=Confidence.MEDIUM,
        connector=connector,
        message=(
            f"{connector.identity} accepts cloud services mail, but does not answer "
            f"{count(elsewhere)} of Exchange Online; {who}. Mail from the tenant loses its trust."
        ),
        fix=(
            "Set TlsDomainCapabilities on the connector that answers Exchange Online, normally "
            "Default Frontend, and remove it from this one."
        ),
        evidence=connector.origin("tls_domain_capabilities", "remote_ranges"),
    )


def _applies(view: View) -> bool:
    return any(_has_capability(one) for one in view.connectors)


RULE = Rule(
    name="cloud-mail-on-wrong-connector",
    title="Exchange Online is not answered by the connector prepared for it",
    severity=Severity.MEDIUM,
    needs=(Need.SELECTION,),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS, _ENDPOINTS),
    check=_check,
    applies=_applies,
)
