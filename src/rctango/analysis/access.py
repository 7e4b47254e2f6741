"""Access: what a session is granted on a connector.

Sources: https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors (permission
groups and rights) and
https://learn.microsoft.com/windows/win32/secauthz/order-of-aces-in-a-dacl (order of entries).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.model.rights import (
    ALL_RIGHTS,
    ANONYMOUS_RIGHTS,
    EXTERNALLY_SECURED_RIGHTS,
    NO_RIGHTS,
    AccessEntry,
    Answer,
    AuthMechanism,
    PermissionGroups,
    Right,
    SessionRights,
    TrusteeKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.model.connector import Connector

_SERVER_TRUSTEES = (
    TrusteeKind.HUB_TRANSPORT_SERVERS,
    TrusteeKind.EDGE_TRANSPORT_SERVERS,
    TrusteeKind.EXCHANGE_SERVERS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The rights of a session.

    Attributes:
        granted: rights it surely has.
        unknown: rights it may have; never overlaps with ``granted``.
    """

    granted: Right
    unknown: Right

    def has(self, right: Right) -> Answer:
        """Whether the session has all bits of ``right``."""
        if self.granted & right == right:
            return Answer.YES
        return Answer.UNKNOWN if (self.granted | self.unknown) & right == right else Answer.NO


NOTHING = Grant(granted=NO_RIGHTS, unknown=NO_RIGHTS)


def effective(entries: Iterable[AccessEntry], *trustees: TrusteeKind) -> Grant:
    """What access control entries grant to a token that holds the given principals.

    In the canonical order explicit entries come before inherited ones and, among equals, Deny
    before Allow. Where the export does not say whether an entry is inherited, and that would
    decide, the right is unknown.
    """
    masks = {(allow, how): NO_RIGHTS for allow in (True, False) for how in (True, False, None)}
    for entry in entries:
        if entry.trustee in trustees:
            masks[entry.allow, entry.inherited] |= entry.rights
    denied, maybe_denied = masks[False, False], masks[False, None]
    explicit, maybe_explicit = masks[True, False], masks[True, None]
    inherited = masks[True, True] & ~masks[False, True]
    disputed = maybe_explicit & masks[False, True] & ~explicit
    allowed = (explicit | maybe_explicit | inherited) & ~denied
    unknown = allowed & (maybe_denied | disputed)
    return Grant(granted=allowed & ~unknown, unknown=unknown)


def is_externally_secured(connector: Connector) -> Answer:
    """Whether every client that connects counts as an authenticated internal server."""
    if connector.auth_mechanism is not None:
        external = connector.auth_mechanism & AuthMechanism.EXTERNAL_AUTHORITATIVE
        return Answer.YES if external else Answer.NO
    groups = connector.permission_groups
    possible = groups is None or groups & PermissionGroups.EXCHANGE_SERVERS
    return Answer.UNKNOWN if possible else Answer.NO


def anonymous_grant(connector: Connector) -> Grant:
    """What a client gets that connects and proves nothing.

    With ``ExternalAuthoritative`` that is what Externally Secured Servers hold, otherwise what
    Anonymous Logon holds.
    """
    external = is_externally_secured(connector)
    if external is Answer.YES:
        return _externally_secured(connector)
    anonymous = _anonymous(connector)
    if external is Answer.NO:
        return anonymous
    more = _externally_secured(connector)
    possible = (more.granted | more.unknown | anonymous.unknown) & ~anonymous.granted
    return Grant(granted=anonymous.granted, unknown=possible)


def _anonymous(connector: Connector) -> Grant:
    groups, entries = connector.permission_groups, connector.access_entries
    by_group = NO_RIGHTS
    if groups is not None and groups & PermissionGroups.ANONYMOUS_USERS:
        by_group = ANONYMOUS_RIGHTS
    if entries is not None and _covers_anonymous(entries, by_group):
        return _with_or_without_everyone((*entries, *_promised(groups, by_group)))
    hidden = ALL_RIGHTS if groups is None or groups & PermissionGroups.CUSTOM else NO_RIGHTS
    return Grant(granted=by_group, unknown=hidden & ~by_group)


def _covers_anonymous(entries: tuple[AccessEntry, ...], by_group: Right) -> bool:
    """Whether a list of entries was exported for everybody, not only for some other principal."""
    if any(entry.trustee is TrusteeKind.ANONYMOUS for entry in entries):
        return True
    return not by_group and len({entry.name for entry in entries}) > 1


def _promised(groups: PermissionGroups | None, by_group: Right) -> tuple[AccessEntry, ...]:
    """The entry that AnonymousUsers stands for; with Custom beside it nothing is promised."""
    if groups is None or groups & PermissionGroups.CUSTOM or not by_group:
        return ()
    return (
        AccessEntry(
            trustee=TrusteeKind.ANONYMOUS,
            name="AnonymousUsers",
            rights=by_group,
            allow=True,
            inherited=False,
            locator="PermissionGroups",
        ),
    )


def _with_or_without_everyone(entries: tuple[AccessEntry, ...]) -> Grant:
    """Windows policy decides whether an anonymous token holds Everyone; sure is what both give."""
    without = effective(entries, TrusteeKind.ANONYMOUS)
    with_it = effective(entries, TrusteeKind.ANONYMOUS, TrusteeKind.EVERYONE)
    granted = without.granted & with_it.granted
    possible = without.granted | without.unknown | with_it.granted | with_it.unknown
    return Grant(granted=granted, unknown=possible & ~granted)


def _externally_secured(connector: Connector) -> Grant:
    groups, entries = connector.permission_groups, connector.access_entries
    kind = TrusteeKind.EXTERNALLY_SECURED_SERVERS
    if entries is not None and any(entry.trustee is kind for entry in entries):
        return effective(entries, kind)
    if groups is None:
        return Grant(granted=NO_RIGHTS, unknown=ALL_RIGHTS)
    by_group = NO_RIGHTS
    if groups & PermissionGroups.EXCHANGE_SERVERS:
        by_group = EXTERNALLY_SECURED_RIGHTS
    hidden = ALL_RIGHTS if groups & PermissionGroups.CUSTOM and entries is None else NO_RIGHTS
    return Grant(granted=by_group, unknown=hidden & ~by_group)


def exchange_authentication(connector: Connector) -> Answer:
    """Whether another Exchange server can prove itself on this connector and then submit.

    Without ``ExchangeServer`` in AuthMechanism the connector offers neither X-ANONYMOUSTLS nor
    X-EXPS, and the sending server gives up with 451 5.7.3. Without the permission group
    ExchangeServers the proven server has no right to submit.
    """
    if connector.auth_mechanism is None:
        return Answer.UNKNOWN
    if not connector.auth_mechanism & AuthMechanism.EXCHANGE_SERVER:
        return Answer.NO
    if connector.suppress_x_anonymous_tls:
        return Answer.UNKNOWN
    return _servers_may_submit(connector)


def _servers_may_submit(connector: Connector) -> Answer:
    groups, entries = connector.permission_groups, connector.access_entries
    if groups is not None and groups & PermissionGroups.EXCHANGE_SERVERS:
        return Answer.YES
    by_entries = effective(entries or (), *_SERVER_TRUSTEES).has(Right.SUBMIT)
    if by_entries is not Answer.NO:
        return by_entries
    hidden = groups is None or (groups & PermissionGroups.CUSTOM and entries is None)
    return Answer.UNKNOWN if hidden else Answer.NO


def session_rights(connector: Connector, *, every_domain_accepted: bool = False) -> SessionRights:
    """What an unauthenticated client may do on the connector, in the terms of the documents.

    Args:
        connector: the connector that answers.
        every_domain_accepted: whether ``*`` is an accepted domain, so that whoever may submit
            may send to any recipient.
    """
    grant = anonymous_grant(connector)
    submit = grant.has(Right.SUBMIT)
    relay = submit if every_domain_accepted else relay_right(grant)
    spoof = grant.has(Right.SUBMIT | Right.ACCEPT_AUTHORITATIVE_DOMAIN_SENDER)
    if spoof is Answer.NO and grant.has(Right.SUBMIT | Right.ACCEPT_ANY_SENDER) is not Answer.NO:
        spoof = Answer.UNKNOWN
    return SessionRights(
        connect=Answer.YES,
        submit=submit,
        relay=relay,
        spoof_internal_sender=spoof,
        bypass_anti_spam=grant.has(Right.BYPASS_ANTI_SPAM),
        exchange_authentication=exchange_authentication(connector),
    )


def relay_right(grant: Grant) -> Answer:
    """Whether a session may send to any recipient: it needs to submit and to address anybody."""
    return grant.has(Right.SUBMIT | Right.ACCEPT_ANY_RECIPIENT)
