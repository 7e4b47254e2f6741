"""Two connectors of different transport roles claim the same local address and port.

Only one process can listen on an endpoint. Which one gets it depends on which service starts first;
the other connector's clients get "421 4.3.2 Service not available" or the wrong service. Exchange
refuses such a pair when it is created and, enabled or not, setup of the next cumulative update
stops at it with ReceiveConnectorRoleConflictException, when the old build is already removed.

New-ReceiveConnector without -TransportRole makes a HubTransport connector on a Mailbox server. A
custom connector on port 25 of Exchange 2013 and newer has to be FrontendTransport.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from rctango.analysis.listeners import role_of
from rctango.model.finding import Severity
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CUSTOM, LEARN_NDR, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import Binding
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.rights import TransportRole

_DEFAULTS = frozenset(
    {
        "default frontend",
        "client frontend",
        "outbound proxy frontend",
        "default",
        "client proxy",
        "client",
    }
)


def _check(view: View) -> Iterator[Finding]:
    for name, members in view.connectors_of.items():
        server = view.servers.get(name)
        roles = {one.identity: role_of(one, server) for one in members}
        clashes: dict[str, list[Connector]] = {one.identity: [] for one in members}
        for left, right in combinations(members, 2):
            own, other = roles[left.identity], roles[right.identity]
            differ = own is not None and other is not None and not own & other
            if differ and _clash(left, right) is not None:
                clashes[left.identity].append(right)
                clashes[right.identity].append(left)
        for connector in sorted(
            members, key=lambda one: (-len(clashes[one.identity]), _is_default(one), one.identity)
        ):
            partners = clashes[connector.identity]
            if partners:
                partners.sort(key=lambda one: one.identity)
                yield _finding(connector, partners, roles)
                for partner in partners:
                    clashes[partner.identity].remove(connector)


def _is_default(connector: Connector) -> bool:
    """Whether it has the name of a connector that setup makes."""
    kind = connector.name.casefold().removesuffix(connector.server.casefold()).strip()
    return kind in _DEFAULTS


def _clash(left: Connector, right: Connector) -> tuple[Binding, Binding] | None:
    for one in left.bindings or ():
        for other in right.bindings or ():
            if one.clashes_with(other):
                return one, other
    return None


def _finding(
    connector: Connector, partners: list[Connector], roles: dict[str, TransportRole | None]
) -> Finding:
    active = [
        one for one in partners if one.enabled is not False and connector.enabled is not False
    ]
    now = (
        "Whichever service starts first gets the port."
        if active
        else "Not both are enabled, so nothing breaks today."
    )
    names = listed(f"{one.identity} ({_label(roles, one)})" for one in partners)
    places = [_clash(connector, one) for one in partners]
    ports = listed(str(place[0]) for place in places if place is not None)
    evidence = [*connector.origin("bindings", "transport_role")]
    for one in partners:
        evidence += one.origin("bindings", "transport_role")
    return RULE.finding(
        severity=Severity.HIGH if active else Severity.MEDIUM,
        connector=connector,
        message=(
            f"{connector.identity} ({_label(roles, connector)}, {ports}) claims the endpoint of "
            f"{names} for another service. {now} The next cumulative update will fail on this and "
            "can leave the server down."
        ),
        fix=(
            "Recreate the custom connector with the transport role of the default connector on "
            "that port, or bind it to another port."
        ),
        evidence=evidence,
    )


def _label(roles: dict[str, TransportRole | None], connector: Connector) -> str:
    role = roles[connector.identity]
    return role.label if role is not None else "unknown role"


RULE = Rule(
    name="transport-role-conflict",
    title="Connectors of different services claim the same endpoint",
    severity=Severity.HIGH,
    needs=(Need.ENDPOINTS,),
    explanation=__doc__ or "",
    sources=(LEARN_CUSTOM, LEARN_NDR),
    check=_check,
)
