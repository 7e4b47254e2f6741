"""Access: what a session is granted on a connector.

Sources: https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors (permission
groups and rights) and
https://learn.microsoft.com/windows/win32/secauthz/order-of-aces-in-a-dacl (order of entries).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
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

    In the canonical order explicit entries come before inherited ones, entries of a near parent
    before those of a far one and, among equals, Deny before Allow. Where the export does not say
    whether an entry is inherited, or from how far, and that would decide, the right is unknown.
    """
    masks = {(allow, how): NO_RIGHTS for allow in (True, False) for how in (True, False, None)}
    for entry in entries:
        if entry.trustee in trustees:
            masks[entry.allow, entry.inherited] |= entry.rights
    denied, maybe_denied = masks[False, False], masks[False, None]
    explicit, maybe_explicit = masks[True, False], masks[True, None]
    inherited = masks[True, True]
    disputed = (maybe_explicit | inherited) & masks[False, True] & ~explicit
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
    anonymous = _with_more(_anonymous(connector), _by_no_tls(connector))
    if external is Answer.NO:
        return anonymous
    more = _externally_secured(connector)
    both = more.granted
    if connector.permission_groups is None:  # then Exchange insists on the group ExchangeServers
        both = EXTERNALLY_SECURED_RIGHTS
    granted = anonymous.granted & both
    possible = more.granted | more.unknown | anonymous.granted | anonymous.unknown
    return Grant(granted=granted, unknown=possible & ~granted)


def _by_no_tls(connector: Connector) -> Right:
    """What TlsDomainCapabilities gives to everybody, by its pseudo-domain ``NO-TLS``.

    Observed: AcceptCrossForestMail adds the rights of an externally secured session, AllowSubmit
    and AcceptCloudServicesMail those to submit as anybody.
    """
    result = NO_RIGHTS
    for text in connector.tls_domain_capabilities or ():
        domain, _, capabilities = text.casefold().partition(":")
        if domain.strip() == "no-tls":
            if "acceptcrossforestmail" in capabilities:
                result |= EXTERNALLY_SECURED_RIGHTS
            if "allowsubmit" in capabilities or "acceptcloudservicesmail" in capabilities:
                result |= ANONYMOUS_RIGHTS
    return result


def _with_more(grant: Grant, rights: Right) -> Grant:
    return Grant(granted=grant.granted | rights, unknown=grant.unknown & ~rights)


def _anonymous(connector: Connector) -> Grant:
    by_group = _if_in_group(connector, PermissionGroups.ANONYMOUS_USERS, ANONYMOUS_RIGHTS)
    return _session(connector, TrusteeKind.ANONYMOUS, by_group)


def _externally_secured(connector: Connector) -> Grant:
    by_group = _if_in_group(connector, PermissionGroups.EXCHANGE_SERVERS, EXTERNALLY_SECURED_RIGHTS)
    return _session(connector, TrusteeKind.EXTERNALLY_SECURED_SERVERS, by_group)


def _if_in_group(connector: Connector, group: PermissionGroups, rights: Right) -> Right:
    groups = connector.permission_groups
    return rights if groups is not None and groups & group else NO_RIGHTS


def _session(connector: Connector, kind: TrusteeKind, by_group: Right) -> Grant:
    """What a session holds, from the entries and the permission group of its principal.

    Without Custom the group stands for exactly its rights, and entries can only add inherited
    ones. With Custom, or with unknown groups, a full list of entries decides alone; anything less
    than a full list leaves the rest unknown.
    """
    entries = connector.access_entries or ()
    hidden = _has_custom(connector) and not _is_full(entries, kind, by_group)
    if hidden or not _has_custom(connector):
        entries = (*entries, _allow(kind, by_group))
    grant = _with_or_without_everyone(entries, kind)
    if not hidden:
        return grant
    most = effective((*entries, _allow(kind, ALL_RIGHTS)), kind)
    possible = grant.unknown | most.granted | most.unknown
    return Grant(granted=grant.granted, unknown=possible & ~grant.granted)


def _has_custom(connector: Connector) -> bool:
    """Whether principals may hold other rights than those of the permission groups."""
    groups = connector.permission_groups
    return groups is None or bool(groups & PermissionGroups.CUSTOM)


def _is_full(entries: tuple[AccessEntry, ...], kind: TrusteeKind, by_group: Right) -> bool:
    """Whether the list of entries was exported for everybody and every right, not filtered.

    A list that has been cut down to one right does not speak of the right to submit; one cut down
    to a principal speaks of that principal only; one without any inherited entry was cut down to
    explicit ones, because every connector inherits some; and one that shows the right to submit
    alone, where the permission group promises more, was cut down to that right.
    """
    if all(entry.inherited is False for entry in entries):
        return False
    own = [entry for entry in entries if entry.trustee is kind]
    named = NO_RIGHTS
    for entry in own:
        named |= entry.rights
    if named & Right.SUBMIT:
        return named & by_group != Right.SUBMIT
    speaking = any(entry.rights & Right.SUBMIT for entry in entries)
    return not by_group and speaking and _is_of_several(entries)


def _is_of_several(entries: tuple[AccessEntry, ...]) -> bool:
    return len({entry.name for entry in entries}) > 1


def _allow(kind: TrusteeKind, rights: Right) -> AccessEntry:
    return AccessEntry(
        trustee=kind,
        name=kind.value,
        rights=rights,
        allow=True,
        inherited=False,
        locator="PermissionGroups",
    )


def _with_or_without_everyone(entries: tuple[AccessEntry, ...], kind: TrusteeKind) -> Grant:
    """Windows policy decides whether an anonymous token holds Everyone; sure is what both give.

    A built-in principal under a name that is not recognised may be the one in question.
    """
    without = effective(entries, kind)
    with_it = effective(entries, kind, TrusteeKind.EVERYONE, TrusteeKind.UNRECOGNISED)
    granted = without.granted & with_it.granted
    possible = without.granted | without.unknown | with_it.granted | with_it.unknown
    return Grant(granted=granted, unknown=possible & ~granted)


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
    groups, entries = connector.permission_groups, connector.access_entries or ()
    if groups is not None and groups & PermissionGroups.EXCHANGE_SERVERS:
        return Answer.YES
    by_entries = effective(entries, *_SERVER_TRUSTEES).has(Right.SUBMIT)
    if by_entries is not Answer.NO or not _has_custom(connector):
        return by_entries
    full = _is_of_several(entries) and any(entry.rights & Right.SUBMIT for entry in entries)
    return Answer.NO if full else Answer.UNKNOWN


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


def rights_of_nobody() -> SessionRights:
    """What a client may do that no connector answers."""
    no = Answer.NO
    return SessionRights(
        connect=no,
        submit=no,
        relay=no,
        spoof_internal_sender=no,
        bypass_anti_spam=no,
        exchange_authentication=no,
    )


def common_rights(possible: Iterable[SessionRights]) -> SessionRights:
    """What is sure when one of several answers is the true one: all else is unknown."""
    every = list(possible)

    def agreed(name: str) -> Answer:
        answers = {getattr(one, name) for one in every}
        return answers.pop() if len(answers) == 1 else Answer.UNKNOWN

    return SessionRights(**{one.name: agreed(one.name) for one in fields(SessionRights)})


def relay_right(grant: Grant) -> Answer:
    """Whether a session may send to any recipient: it needs to submit and to address anybody."""
    return grant.has(Right.SUBMIT | Right.ACCEPT_ANY_RECIPIENT)
