"""What the evidence settles about a connector's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.access import exchange_authentication
from rctango.analysis.view import Reach
from rctango.model.rights import Answer, AuthMechanism, PermissionGroups, Right

if TYPE_CHECKING:
    from rctango.analysis.view import View
    from rctango.model.connection import Flow
    from rctango.model.connector import Connector

_DECISIVE = (
    Right.SUBMIT | Right.ACCEPT_ANY_RECIPIENT,
    Right.SUBMIT | Right.ACCEPT_ANY_SENDER,
    Right.SUBMIT | Right.ACCEPT_AUTHORITATIVE_DOMAIN_SENDER,
)


def answering(flow: Flow) -> tuple[Connector, ...]:
    """The connector that answers a flow, or those that may."""
    if flow.selection is None:
        return ()
    winner = flow.selection.connector
    return (winner,) if winner is not None else flow.selection.contenders


def known_reach(view: View, connector: Connector) -> Reach:
    """Which addresses of its known ranges a connector answers, or may answer.

    A connector whose ranges were lost may answer anybody; that is a gap, not an offence.
    """
    reach = view.reach(connector)
    if connector.remote_ranges is not None and connector.remote_ranges_complete:
        return reach
    return Reach(sure=reach.sure, possible=reach.possible & view.ranges(connector))


def entries_suffice(view: View, connector: Connector) -> bool:
    """Whether the exported entries speak of all principals that the permission groups stand for."""
    entries = connector.access_entries or ()
    return (
        len({entry.name for entry in entries}) > 1
        and not view.grant(connector).unknown
        and exchange_authentication(connector) is not Answer.UNKNOWN
    )


def has_hidden_rights(view: View, connector: Connector) -> bool:
    """Whether entries, or better ones, would tell more than the connector's properties do.

    A connector whose mechanisms or groups are not known lacks those first.
    """
    groups, grant = connector.permission_groups, view.grant(connector)
    if connector.enabled is False or not grant.unknown:
        return False
    if connector.access_entries is None:
        return groups is not None and bool(groups & PermissionGroups.CUSTOM)
    if connector.auth_mechanism is None:
        return False
    return any(grant.has(rights) is Answer.UNKNOWN for rights in _DECISIVE)


def hides_server_rights(connector: Connector) -> bool:
    """Whether only entries tell if Exchange servers may submit."""
    auth, groups = connector.auth_mechanism, connector.permission_groups
    return (
        connector.enabled is not False
        and auth is not None
        and bool(auth & AuthMechanism.EXCHANGE_SERVER)
        and groups is not None
        and exchange_authentication(connector) is Answer.UNKNOWN
        and not connector.suppress_x_anonymous_tls
    )
