"""ExternalAuthoritative is set, but the permission group ExchangeServers is not.

Externally secured clients get what the permission group ExchangeServers grants to Externally
Secured Servers. Without the group they have no right to submit and their mail is refused. Exchange
does not allow this combination, so it comes from a directory edit or from entries that were removed
by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.access import is_externally_secured
from rctango.model.finding import Confidence, Severity
from rctango.model.rights import Answer, PermissionGroups, Right
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_RELAY, LEARN_SET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        groups = connector.permission_groups
        secured = is_externally_secured(connector) is Answer.YES
        if not secured or connector.enabled is False:
            continue
        submit = view.grant(connector).has(Right.SUBMIT)
        open_question = submit is Answer.UNKNOWN and groups is None
        by_group = groups is not None and groups & PermissionGroups.EXCHANGE_SERVERS
        if submit is Answer.YES or by_group or open_question:
            continue
        yield RULE.finding(
            confidence=Confidence.HIGH if submit is Answer.NO else Confidence.MEDIUM,
            connector=connector,
            message=(
                f"{connector.identity} has ExternalAuthoritative in AuthMechanism without the "
                "permission group ExchangeServers: its clients get no right to submit mail."
            ),
            fix=(
                "Remove ExternalAuthoritative, or add the permission group ExchangeServers if "
                "every client in its ranges really is a trusted server."
            ),
            evidence=connector.origin("auth_mechanism", "permission_groups"),
        )


RULE = Rule(
    name="externally-secured-without-exchange-servers",
    title="An externally secured connector grants nothing",
    severity=Severity.MEDIUM,
    needs=(Need.CONNECTORS, Need.AUTHENTICATION),
    explanation=__doc__ or "",
    sources=(LEARN_SET, LEARN_RELAY),
    check=_check,
)
