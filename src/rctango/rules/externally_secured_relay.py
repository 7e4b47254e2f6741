"""Every client of an externally secured connector counts as an authenticated internal server.

With ExternalAuthoritative in AuthMechanism and the permission group ExchangeServers, Exchange takes
whoever connects for a trusted server: any recipient, any sender, no anti-spam, no size limit, and
mail that is treated as internal. A forged internal sender is shown as the real person. No access
control entry is needed for that, so looking for rights of Anonymous Logon does not find it.

Where a relay is all that is wanted, the permission group AnonymousUsers with the right to address
any recipient is the smaller evil. Use one method or the other, not both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import PUBLIC
from rctango.analysis.access import effective, is_externally_secured
from rctango.model.finding import Confidence, Severity
from rctango.model.rights import Answer, Right, TrusteeKind
from rctango.rules._known import known_reach
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, LEARN_RELAY, WIDE, count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import RangeSet
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        secured = is_externally_secured(connector) is Answer.YES
        if not secured or connector.enabled is False:
            continue
        relay = view.rights(connector).relay
        reach = known_reach(view, connector)
        if relay is Answer.NO or not reach.possible:
            continue
        may = "answers" if reach.sure else "may answer"
        yield RULE.finding(
            severity=Severity.HIGH if _is_grave(reach.possible) else Severity.MEDIUM,
            confidence=Confidence.HIGH if relay is Answer.YES else Confidence.MEDIUM,
            connector=connector,
            ranges=[entry.text for entry in connector.remote_ranges or ()],
            message=(
                f"{connector.identity} is externally secured and {may} {count(reach.possible)}: "
                "every client there may send to any recipient as any sender, past the anti-spam "
                f"agents, and its mail counts as internal.{_superseded(connector)}"
            ),
            fix=(
                f"Remove ExternalAuthoritative from AuthMechanism of {connector.identity} and "
                "ExchangeServers from its permission groups. A mail gateway needs AnonymousUsers "
                "and Tls only; where a relay is needed, grant Anonymous Logon the right to any "
                "recipient for few addresses."
            ),
            evidence=connector.origin("auth_mechanism", "permission_groups", "remote_ranges"),
        )


def _is_grave(addresses: RangeSet) -> bool:
    return addresses.size >= WIDE or bool(addresses & PUBLIC)


def _superseded(connector: Connector) -> str:
    grant = effective(connector.access_entries or (), TrusteeKind.ANONYMOUS)
    if grant.has(Right.ACCEPT_ANY_RECIPIENT) is Answer.NO:
        return ""
    return " The entry that lets Anonymous Logon address any recipient has no effect beside this."


RULE = Rule(
    name="externally-secured-relay",
    title="Externally secured connector: every client counts as an internal server",
    severity=Severity.HIGH,
    needs=(Need.SELECTION, Need.AUTHENTICATION),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_CONNECTORS),
    check=_check,
)
