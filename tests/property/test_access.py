"""Laws of access: what entries and permission groups grant, and what stays unknown."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.models import connector, entry
from rctango.analysis.access import (
    anonymous_grant,
    effective,
    exchange_authentication,
    relay_right,
    session_rights,
)
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
    TrusteeKind,
)

if TYPE_CHECKING:
    from rctango.analysis.access import Grant
    from rctango.model.connector import Connector

Entries = list["AccessEntry"]

ANONYMOUS = TrusteeKind.ANONYMOUS
MANY = settings(max_examples=120, deadline=None)

FEW = (
    Right.SUBMIT,
    Right.ACCEPT_ANY_RECIPIENT,
    Right.ACCEPT_AUTHORITATIVE_DOMAIN_SENDER,
    Right.ACCEPT_ANY_SENDER,
    Right.BYPASS_ANTI_SPAM,
    ANONYMOUS_RIGHTS,
    ALL_RIGHTS,
)
TRUSTEES = (
    ANONYMOUS,
    ANONYMOUS,
    TrusteeKind.EVERYONE,
    TrusteeKind.EXTERNALLY_SECURED_SERVERS,
    TrusteeKind.HUB_TRANSPORT_SERVERS,
    TrusteeKind.OTHER,
)


@st.composite
def access_entries(draw: st.DrawFn) -> AccessEntry:
    return entry(
        draw(st.sampled_from(TRUSTEES)),
        draw(st.sampled_from(FEW)),
        deny=draw(st.booleans()),
        inherited=draw(st.sampled_from((False, True, None))),
    )


lists = st.lists(access_entries(), max_size=6)


@st.composite
def connectors(draw: st.DrawFn) -> Connector:
    groups = st.none() | st.integers(0, 63).map(PermissionGroups)
    auth = st.none() | st.integers(0, 63).map(AuthMechanism)
    found = connector(entries=draw(st.none() | lists))
    return replace(found, permission_groups=draw(groups), auth_mechanism=draw(auth))


World = Iterable[tuple[AccessEntry, int]]
"""Entries, each with the distance of the parent it is inherited from; 0 for an explicit one."""


def first_that_speaks(world: World, right: Right) -> bool:
    """The canonical order, literally: near before far, Deny before Allow, the first one wins."""
    ordered = sorted(world, key=lambda pair: (pair[1], pair[0].allow))
    return next((one.allow for one, _ in ordered if one.rights & right), False)


def worlds(entries: Entries) -> Iterable[World]:
    """Every way to fill in from how far entries come, where the export does not say."""
    distances = {False: (0,), True: (1, 2), None: (0, 1, 2)}
    choices = [[(one, distance) for distance in distances[one.inherited]] for one in entries]
    return itertools.product(*choices)


def kinds_of_entries() -> list[AccessEntry]:
    return [
        entry(ANONYMOUS, Right.SUBMIT, deny=deny, inherited=inherited)
        for deny in (False, True)
        for inherited in (False, True, None)
    ]


def test_entries_grant_what_the_canonical_order_grants() -> None:
    for chosen in itertools.product((False, True), repeat=6):
        entries = list(itertools.compress(kinds_of_entries(), chosen))
        answers = {first_that_speaks(world, Right.SUBMIT) for world in worlds(entries)}
        expected = Answer.UNKNOWN if len(answers) > 1 else (Answer.NO, Answer.YES)[answers.pop()]
        assert effective(entries, ANONYMOUS).has(Right.SUBMIT) is expected, entries


@MANY
@given(lists)
def test_each_right_stands_for_itself_and_each_principal_too(entries: Entries) -> None:
    kinds = (ANONYMOUS, TrusteeKind.EVERYONE)
    grant = effective(entries, *kinds)
    for right in Right:
        alone = [
            replace(one, trustee=ANONYMOUS, rights=right)
            for one in entries
            if one.trustee in kinds and one.rights & right
        ]
        assert grant.has(right) is effective(alone, ANONYMOUS).has(right)


@MANY
@given(lists, st.sampled_from(FEW))
def test_an_explicit_deny_beats_every_allow(entries: Entries, right: Right) -> None:
    grant = effective([*entries, entry(ANONYMOUS, right, deny=True)], ANONYMOUS)
    assert not (grant.granted | grant.unknown) & right


@MANY
@given(lists, st.sampled_from(FEW), st.sampled_from((False, True, None)))
def test_one_more_allow_never_takes_a_right_away(
    entries: Entries, right: Right, inherited: bool | None
) -> None:
    before = effective(entries, ANONYMOUS)
    after = effective([*entries, entry(ANONYMOUS, right, inherited=inherited)], ANONYMOUS)
    assert after.granted & before.granted == before.granted
    possible = before.granted | before.unknown
    assert (after.granted | after.unknown) & possible == possible


@MANY
@given(lists, st.sampled_from(FEW), st.sampled_from((False, True, None)))
def test_one_more_deny_never_adds_a_right(
    entries: Entries, right: Right, inherited: bool | None
) -> None:
    before = effective(entries, ANONYMOUS)
    more = entry(ANONYMOUS, right, deny=True, inherited=inherited)
    after = effective([*entries, more], ANONYMOUS)
    assert not after.granted & ~before.granted
    assert not (after.granted | after.unknown) & ~(before.granted | before.unknown)


@MANY
@given(connectors(), st.randoms(use_true_random=False))
def test_the_order_of_entries_is_irrelevant(one: Connector, random: object) -> None:
    shuffled = list(one.access_entries or ())
    getattr(random, "shuffle")(shuffled)  # noqa: B009
    entries = None if one.access_entries is None else tuple(shuffled)
    other = replace(one, access_entries=entries)
    assert anonymous_grant(one) == anonymous_grant(other)
    assert session_rights(one) == session_rights(other)
    assert exchange_authentication(one) is exchange_authentication(other)


@MANY
@given(connectors())
def test_unknown_and_granted_are_disjoint(one: Connector) -> None:
    grant = anonymous_grant(one)
    assert not grant.granted & grant.unknown


@MANY
@given(connectors())
def test_a_right_is_granted_only_if_an_entry_or_a_group_gives_it(one: Connector) -> None:
    given_by = NO_RIGHTS
    groups = one.permission_groups or PermissionGroups.NONE
    if groups & PermissionGroups.ANONYMOUS_USERS:
        given_by |= ANONYMOUS_RIGHTS
    if groups & PermissionGroups.EXCHANGE_SERVERS:
        given_by |= EXTERNALLY_SECURED_RIGHTS
    for found in one.access_entries or ():
        if found.allow:
            given_by |= found.rights
    assert not anonymous_grant(one).granted & ~given_by


@MANY
@given(connectors(), st.sampled_from(FEW))
def test_what_an_explicit_deny_forbids_is_not_granted(one: Connector, right: Right) -> None:
    kinds = (ANONYMOUS, TrusteeKind.EXTERNALLY_SECURED_SERVERS)
    denied = tuple(entry(kind, right, deny=True) for kind in kinds)
    grant = anonymous_grant(replace(one, access_entries=(*(one.access_entries or ()), *denied)))
    assert not grant.granted & right


@MANY
@given(connectors(), st.sampled_from(FEW))
def test_everyone_alone_never_makes_a_right_sure(one: Connector, right: Right) -> None:
    everyone = entry(TrusteeKind.EVERYONE, right)
    entries = tuple(
        found for found in one.access_entries or () if found.trustee is not TrusteeKind.EVERYONE
    )
    with_it = replace(one, access_entries=(*entries, everyone))
    before, after = _possible(replace(one, access_entries=entries)), anonymous_grant(with_it)
    assert not after.granted & ~before


@MANY
@given(st.integers(0, 63).map(PermissionGroups), st.sampled_from(FEW))
def test_an_entry_for_everyone_is_never_overlooked(groups: PermissionGroups, right: Right) -> None:
    for more in ((), (entry(TrusteeKind.HUB_TRANSPORT_SERVERS, Right.SUBMIT),)):
        entries = (entry(TrusteeKind.EVERYONE, right), *more)
        one = replace(connector(entries=entries), permission_groups=groups)
        assert _possible(one) & right == right


def _possible(one: Connector) -> Right:
    grant: Grant = anonymous_grant(one)
    return grant.granted | grant.unknown


@MANY
@given(connectors())
def test_relay_needs_to_submit_and_to_address_anybody(one: Connector) -> None:
    grant = anonymous_grant(one)
    relay = relay_right(grant)
    parts = {grant.has(Right.SUBMIT), grant.has(Right.ACCEPT_ANY_RECIPIENT)}
    if Answer.NO in parts:
        assert relay is Answer.NO
    elif Answer.UNKNOWN in parts:
        assert relay is Answer.UNKNOWN
    else:
        assert relay is Answer.YES


@MANY
@given(connectors())
def test_with_every_domain_accepted_whoever_submits_relays(one: Connector) -> None:
    open_to_all = session_rights(one, every_domain_accepted=True)
    assert open_to_all.relay is open_to_all.submit
    assert replace(open_to_all, relay=session_rights(one).relay) == session_rights(one)


@MANY
@given(connectors())
def test_without_the_mechanism_no_server_authenticates(one: Connector) -> None:
    if one.auth_mechanism is not None and not one.auth_mechanism & AuthMechanism.EXCHANGE_SERVER:
        assert exchange_authentication(one) is Answer.NO
    if one.auth_mechanism is None:
        assert exchange_authentication(one) is Answer.UNKNOWN
