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
from rctango.analysis.access import effective, exchange_authentication
from rctango.analysis.flows import HUB_PORT, SMTP_PORT
from rctango.model.finding import Severity
from rctango.model.rights import Answer, AuthMechanism, PermissionGroups, Right, TrusteeKind
from rctango.rules._rule import Need, Rule
from rctango.rules._words import KB_979175, LEARN_CONNECTORS, LEARN_NDR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for members in view.connectors_of.values():
        for port in (SMTP_PORT, HUB_PORT):
            general = [one for one in members if _is_general(view, one, port)]
            answers = {one.identity: exchange_authentication(one) for one in general}
            if Answer.YES in answers.values():
                continue
            for connector in general:
                if answers[connector.identity] is Answer.NO:
                    yield _lacking(connector, port)
    for connector in view.connectors:
        if _is_half_made(view, connector):
            yield _half_made(connector)


def _is_half_made(view: View, connector: Connector) -> bool:
    """Whether a custom connector has the permission group without the mechanism."""
    auth = connector.auth_mechanism
    if auth is None or connector.enabled is False:
        return False
    if any(view.ranges(connector).is_whole(family) for family in Family):
        return False
    able = auth & (AuthMechanism.EXCHANGE_SERVER | AuthMechanism.EXTERNAL_AUTHORITATIVE)
    return not able and _is_for_servers(connector)


def _is_for_servers(connector: Connector) -> bool:
    if connector.permission_groups is not None:
        return bool(connector.permission_groups & PermissionGroups.EXCHANGE_SERVERS)
    entries = connector.access_entries or ()
    return effective(entries, TrusteeKind.EXCHANGE_SERVERS).has(Right.SUBMIT) is Answer.YES


def _is_general(view: View, connector: Connector, port: int) -> bool:
    """Whether the connector is the one that answers whoever no other connector answers."""
    return (
        connector.enabled is not False
        and any(one.port == port for one in connector.bindings or ())
        and any(view.ranges(connector).is_whole(family) for family in Family)
    )


def _lacking(connector: Connector, port: int) -> Finding:
    if (connector.auth_mechanism or AuthMechanism.NONE) & AuthMechanism.EXCHANGE_SERVER:
        lacks = "the permission group ExchangeServers"
        fix = f"Add ExchangeServers to the permission groups of {connector.identity}."
    else:
        lacks = "ExchangeServer in AuthMechanism"
        fix = f"Add ExchangeServer to AuthMechanism of {connector.identity}."
    front = " and from the server's own Front End service" if port == HUB_PORT else ""
    return RULE.finding(
        connector=connector,
        message=(
            f"{connector.identity} is the connector for all addresses on port {port} and lacks "
            f"{lacks}. Mail from other Exchange servers{front} that meets it stays in the sender's "
            "queue: 451 5.7.3 Cannot achieve Exchange Server authentication."
        ),
        fix=fix,
        evidence=connector.origin("auth_mechanism", "permission_groups"),
    )


def _half_made(connector: Connector) -> Finding:
    return RULE.finding(
        severity=Severity.LOW,
        connector=connector,
        ranges=[entry.text for entry in connector.remote_ranges or ()],
        message=(
            f"{connector.identity} has the permission group ExchangeServers, but lacks "
            "ExchangeServer in AuthMechanism. An Exchange server in its ranges cannot deliver to "
            "it: 451 5.7.3 Cannot achieve Exchange Server authentication."
        ),
        fix=(
            "Add ExchangeServer to AuthMechanism if Exchange servers are to use this connector; "
            "otherwise remove the permission group ExchangeServers."
        ),
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
