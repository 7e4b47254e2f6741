"""The connector that should receive from other Exchange servers cannot authenticate them.

On port 25, and on port 2525 of servers with both transport services, one connector has to answer
Exchange servers: by default the one with all addresses in its ranges. When ExchangeServer is gone
from its AuthMechanism, or the permission group ExchangeServers from its groups, mail from other
servers (on port 2525 also from the server's own Front End service) stays in the queue with
451 5.7.3. A custom connector with the permission group but without the mechanism was meant for
Exchange servers as well, and does not serve them either.

Security guides that ask for Tls alone on internal connectors, and commands that set
PermissionGroups to AnonymousUsers alone, cause exactly this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Family
from rctango.analysis.access import exchange_authentication
from rctango.analysis.flows import HUB_PORT, SMTP_PORT
from rctango.model.finding import Severity
from rctango.model.rights import Answer, AuthMechanism, PermissionGroups, TransportRole
from rctango.rules._rule import Need, Rule
from rctango.rules._words import KB_979175, LEARN_CONNECTORS, LEARN_NDR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding

_GENERAL = "the connector for all addresses on port {port}"
_CUSTOM = "half made for Exchange servers"


def _check(view: View) -> Iterator[Finding]:
    for members in view.connectors_of.values():
        for port in (SMTP_PORT, HUB_PORT):
            general = [one for one in members if _is_general(view, one, port)]
            answers = {one.identity: exchange_authentication(one) for one in general}
            if Answer.YES in answers.values():
                continue
            for connector in general:
                if answers[connector.identity] is Answer.NO:
                    yield _finding(connector, port, _GENERAL)
    for connector in view.connectors:
        if _is_half_made(view, connector):
            yield _finding(connector, None, _CUSTOM)


def _is_half_made(view: View, connector: Connector) -> bool:
    """Whether a custom connector has the permission group without the mechanism."""
    auth, groups = connector.auth_mechanism, connector.permission_groups
    if auth is None or groups is None or connector.enabled is False:
        return False
    if any(view.ranges(connector).is_whole(family) for family in Family):
        return False
    able = auth & (AuthMechanism.EXCHANGE_SERVER | AuthMechanism.EXTERNAL_AUTHORITATIVE)
    return bool(groups & PermissionGroups.EXCHANGE_SERVERS) and not able


def _is_general(view: View, connector: Connector, port: int) -> bool:
    """Whether the connector is the one that answers whoever no other connector answers."""
    return (
        connector.enabled is not False
        and any(one.port == port for one in connector.bindings or ())
        and any(view.ranges(connector).is_whole(family) for family in Family)
    )


def _finding(connector: Connector, port: int | None, what: str) -> Finding:
    auth = connector.auth_mechanism or AuthMechanism.NONE
    if auth & AuthMechanism.EXCHANGE_SERVER:
        lacks = "the permission group ExchangeServers"
    else:
        lacks = "ExchangeServer in AuthMechanism"
    hub = port == HUB_PORT or connector.transport_role == TransportRole.HUB_TRANSPORT
    who = "other Exchange servers and the server's own Front End" if hub else "Exchange servers"
    return RULE.finding(
        severity=Severity.HIGH if port else Severity.MEDIUM,
        connector=connector,
        ranges=[] if port else [entry.text for entry in connector.remote_ranges or ()],
        message=(
            f"{connector.identity} is {what.format(port=port)} and has not {lacks}. Mail from "
            f"{who} that meets it stays in the sender's queue: 451 5.7.3 Cannot achieve Exchange "
            "Server authentication."
        ),
        fix=f"Give {connector.identity} back {lacks}.",
        evidence=connector.origin("auth_mechanism", "permission_groups"),
    )


RULE = Rule(
    name="exchange-authentication-missing",
    title="The connector for other Exchange servers cannot authenticate them",
    severity=Severity.HIGH,
    needs=(Need.SELECTION, Need.AUTHENTICATION),
    explanation=__doc__ or "",
    sources=(LEARN_NDR, KB_979175, LEARN_CONNECTORS),
    check=_check,
)
