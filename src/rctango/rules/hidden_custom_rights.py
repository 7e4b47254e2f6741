"""PermissionGroups says Custom, and no access control entries were collected.

Exchange computes PermissionGroups from the connector's access control entries. Custom means that
some of them fit no permission group: the right to relay, granted by hand, shows as nothing else.
Without the entries nobody can tell whether the connector relays. Export Get-ADPermission of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.relay import is_wide_open
from rctango.model.finding import Severity
from rctango.model.rights import PermissionGroups
from rctango.rules._known import known_reach
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, LEARN_RELAY, count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        groups = connector.permission_groups
        if groups is None or not groups & PermissionGroups.CUSTOM or connector.enabled is False:
            continue
        if connector.access_entries is not None and not view.grant(connector).unknown:
            continue
        yield _finding(view, connector)


def _finding(view: View, connector: Connector) -> Finding:
    reach = known_reach(view, connector).possible
    whom = f", to {count(reach)}" if reach else ""
    if connector.access_entries is None:
        why = f"it grants rights that no permission group shows, perhaps to relay{whom}"
        fix = (
            "Export the entries and run again: Get-ADPermission on the DistinguishedName of "
            f"{connector.identity}."
        )
    else:
        why = f"the exported entries do not settle what a client may do, perhaps relay{whom}"
        fix = (
            f"Export all entries of {connector.identity} with IsInherited; remove entries for "
            "Everyone, which Windows policy may or may not apply to anonymous clients."
        )
    return RULE.finding(
        severity=Severity.MEDIUM if is_wide_open(connector) else Severity.LOW,
        connector=connector,
        message=f"PermissionGroups of {connector.identity} holds Custom: {why}.",
        fix=fix,
        evidence=connector.origin("permission_groups", "access_entries"),
    )


RULE = Rule(
    name="hidden-custom-rights",
    title="Custom rights that the evidence does not show",
    severity=Severity.MEDIUM,
    needs=(Need.CONNECTORS, Need.AUTHENTICATION),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS, LEARN_RELAY),
    check=_check,
)
