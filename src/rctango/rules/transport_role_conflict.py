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
from rctango.rules._words import LEARN_CUSTOM, LEARN_NDR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import Binding
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for name, members in view.connectors_of.items():
        server = view.servers.get(name)
        for left, right in combinations(members, 2):
            roles = role_of(left, server), role_of(right, server)
            if roles[0] is None or roles[1] is None or roles[0] & roles[1]:
                continue
            clash = _clash(left, right)
            if clash is not None:
                yield _finding(view, left, right, clash)


def _clash(left: Connector, right: Connector) -> tuple[Binding, Binding] | None:
    for one in left.bindings or ():
        for other in right.bindings or ():
            if one.clashes_with(other):
                return one, other
    return None


def _finding(
    view: View, left: Connector, right: Connector, clash: tuple[Binding, Binding]
) -> Finding:
    server = view.servers.get(left.server)
    roles = [role_of(one, server) for one in (left, right)]
    labels = [role.label if role is not None else "" for role in roles]
    active = left.enabled is not False and right.enabled is not False
    now = (
        "Whichever service starts first gets the port."
        if active
        else "One of them is disabled, so nothing breaks today."
    )
    return RULE.finding(
        severity=Severity.HIGH if active else Severity.MEDIUM,
        connector=right,
        message=(
            f"{left.identity} ({labels[0]}, {clash[0]}) and {right.identity} ({labels[1]}, "
            f"{clash[1]}) claim the same endpoint for different services. {now} The next "
            "cumulative update will fail on this pair and can leave the server down."
        ),
        fix=(
            "Recreate the custom connector with the transport role of the default connector on "
            "that port, or bind it to another port."
        ),
        evidence=[
            *left.origin("bindings", "transport_role"),
            *right.origin("bindings", "transport_role"),
        ],
    )


RULE = Rule(
    name="transport-role-conflict",
    title="Connectors of different services claim the same endpoint",
    severity=Severity.HIGH,
    needs=(Need.SELECTION,),
    explanation=__doc__ or "",
    sources=(LEARN_CUSTOM, LEARN_NDR),
    check=_check,
)
