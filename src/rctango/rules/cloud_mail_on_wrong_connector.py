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

_CAPABILITY = "mail.protection.outlook.com:acceptcloudservicesmail"
_ENDPOINTS = "https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges"
EXCHANGE_ONLINE = RangeSet.parse(
    "40.92.0.0/15",
    "40.107.0.0/16",
    "52.100.0.0/14",
    "104.47.0.0/17",
)
"""The IPv4 addresses from which Exchange Online delivers, as Microsoft publishes them."""


def _check(view: View) -> Iterator[Finding]:
    for members in view.connectors_of.values():
        prepared = [one for one in members if one.enabled is not False and _has_capability(one)]
        elsewhere = EXCHANGE_ONLINE
        for connector in prepared:
            elsewhere -= view.reach(connector, SMTP_PORT).possible
        for connector in prepared:
            if elsewhere and connector.bindings is not None:
                yield _finding(view, connector, elsewhere)


def _has_capability(connector: Connector) -> bool:
    capabilities = connector.tls_domain_capabilities or ()
    return any("".join(one.split()).casefold().startswith(_CAPABILITY) for one in capabilities)


def _finding(view: View, connector: Connector, elsewhere: RangeSet) -> Finding:
    others = [
        bound.connector.identity
        for table in view.tables_at(connector.server)
        if table.listener.local.port == SMTP_PORT
        for bound in table.contest.bound
        if view.answered(table, bound.connector) & elsewhere
    ]
    who = listed(sorted(others)) or "no connector"
    return RULE.finding(
        confidence=Confidence.MEDIUM,
        connector=connector,
        message=(
            f"{connector.identity} accepts cloud services mail, but does not answer "
            f"{count(elsewhere)} of Exchange Online: they are answered by {who}. Mail from the "
            "tenant loses its trust."
        ),
        fix=(
            "Set TlsDomainCapabilities on the connector that answers Exchange Online, normally "
            "Default Frontend, and remove it from this one."
        ),
        evidence=connector.origin("tls_domain_capabilities", "remote_ranges"),
    )


def _applies(view: View) -> bool:
    return any(
        one.tls_domain_capabilities is None or _has_capability(one) for one in view.connectors
    )


RULE = Rule(
    name="cloud-mail-on-wrong-connector",
    title="Exchange Online is not answered by the connector prepared for it",
    severity=Severity.MEDIUM,
    needs=(Need.SELECTION, Need.CAPABILITIES),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS, _ENDPOINTS),
    check=_check,
    applies=_applies,
)
