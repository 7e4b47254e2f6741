from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.models import connector, default_connectors, entry
from rctango.analysis.access import (
    Grant,
    anonymous_grant,
    effective,
    exchange_authentication,
    is_externally_secured,
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
    Right,
    TrusteeKind,
)

if TYPE_CHECKING:
    from rctango.model.connector import Connector

ANONYMOUS = TrusteeKind.ANONYMOUS
RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
INTERNAL_SENDER = "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"
DEFAULT = (
    "ms-Exch-SMTP-Submit",
    "ms-Exch-SMTP-Accept-Any-Sender",
    INTERNAL_SENDER,
    "ms-Exch-Accept-Headers-Routing",
)
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def entries(trustee: str, *rights: str, inherited: bool | None = False) -> list[AccessEntry]:
    return [entry(trustee, right, inherited=inherited) for right in rights]


def full_list(*anonymous: AccessEntry) -> list[AccessEntry]:
    """An unfiltered list: Exchange's own principals, and what is given for Anonymous Logon."""
    servers = "ms-Exch-SMTP-Submit, ms-Exch-SMTP-Accept-Any-Recipient"
    inherited = entry("edge", servers, inherited=True)
    return [*anonymous, entry("hub", servers), inherited, entry("partner")]


# --- the sums that protocol logs show


def test_the_permission_group_anonymous_users_sums_to_1073() -> None:
    grant = anonymous_grant(connector(groups="AnonymousUsers"))
    assert (int(grant.granted), grant.unknown) == (1073, NO_RIGHTS)


def test_a_list_of_the_default_entries_sums_to_1073() -> None:
    one = connector(groups="AnonymousUsers", entries=full_list(*entries("anonymous", *DEFAULT)))
    assert anonymous_grant(one) == Grant(granted=Right(1073), unknown=NO_RIGHTS)


def test_the_first_documented_build_sums_to_1077() -> None:
    listed = full_list(*entries("anonymous", *DEFAULT, RELAY))
    one = connector(groups="AnonymousUsers, Custom", entries=listed)
    assert anonymous_grant(one) == Grant(granted=Right(1077), unknown=NO_RIGHTS)
    rights = session_rights(one)
    assert (rights.submit, rights.relay, rights.spoof_internal_sender) == (YES, YES, YES)
    assert (rights.bypass_anti_spam, rights.exchange_authentication) == (NO, NO)


@pytest.mark.parametrize("auth", ["ExternalAuthoritative", "Tls, ExternalAuthoritative"])
def test_the_second_documented_build_sums_to_1789(auth: str) -> None:
    one = connector(auth=auth, groups="ExchangeServers")
    assert anonymous_grant(one) == Grant(granted=Right(1789), unknown=NO_RIGHTS)
    rights = session_rights(one)
    assert (rights.submit, rights.relay, rights.spoof_internal_sender) == (YES, YES, YES)
    assert (rights.bypass_anti_spam, rights.exchange_authentication) == (YES, NO)


def test_every_bit_is_known() -> None:
    assert int(ALL_RIGHTS) == 67108863 == sum(Right)
    assert len(Right) == 26


# --- default connectors


def test_the_default_front_end_takes_mail_and_lets_own_domains_be_spoofed() -> None:
    rights = session_rights(default_connectors()[0])
    assert rights.connect is YES
    assert (rights.submit, rights.relay, rights.spoof_internal_sender) == (YES, NO, YES)
    assert (rights.bypass_anti_spam, rights.exchange_authentication) == (NO, YES)


@pytest.mark.parametrize("one", default_connectors()[1:], ids=lambda one: one.name)
def test_the_other_default_connectors_let_nobody_submit_unproven(one: Connector) -> None:
    rights = session_rights(one)
    assert (rights.submit, rights.relay, rights.spoof_internal_sender) == (NO, NO, NO)


# --- Custom


def test_custom_without_a_list_hides_everything_beyond_the_group() -> None:
    grant = anonymous_grant(connector(groups="AnonymousUsers, Custom"))
    assert grant.granted == ANONYMOUS_RIGHTS
    assert grant.unknown == ALL_RIGHTS & ~ANONYMOUS_RIGHTS
    assert relay_right(grant) is UNKNOWN


def test_custom_alone_without_a_list_hides_everything() -> None:
    assert anonymous_grant(connector(groups="Custom")) == Grant(
        granted=NO_RIGHTS, unknown=ALL_RIGHTS
    )


def test_unknown_groups_without_a_list_hide_everything() -> None:
    assert anonymous_grant(connector(groups=None)) == Grant(granted=NO_RIGHTS, unknown=ALL_RIGHTS)


def test_no_group_grants_nothing() -> None:
    assert anonymous_grant(connector(groups="")) == Grant(granted=NO_RIGHTS, unknown=NO_RIGHTS)


def test_a_full_list_settles_what_custom_hides() -> None:
    listed = full_list(*entries("anonymous", *DEFAULT))
    one = connector(groups="AnonymousUsers, Custom", entries=listed)
    assert relay_right(anonymous_grant(one)) is NO


def test_a_hardened_connector_without_the_right_for_own_domains() -> None:
    kept = [right for right in DEFAULT if right != INTERNAL_SENDER]
    one = connector(
        groups="AnonymousUsers, Custom", entries=full_list(*entries("anonymous", *kept))
    )
    assert anonymous_grant(one).has(Right.ACCEPT_AUTHORITATIVE_DOMAIN_SENDER) is NO
    assert session_rights(one).spoof_internal_sender is UNKNOWN  # sources disagree on Any-Sender


# --- lists that somebody filtered


@pytest.mark.parametrize("groups", ["AnonymousUsers, Custom", "AnonymousUsers"])
def test_a_list_of_the_relay_right_alone_proves_relay_with_the_group(groups: str) -> None:
    one = connector(groups=groups, entries=entries("anonymous", RELAY))
    grant = anonymous_grant(one)
    assert int(grant.granted) == 1077
    assert relay_right(grant) is YES


def test_a_list_of_the_relay_right_of_several_principals_is_filtered_as_well() -> None:
    listed = [*entries("hub", RELAY), *entries("anonymous", RELAY)]
    one = connector(groups="AnonymousUsers, Custom", entries=listed)
    assert relay_right(anonymous_grant(one)) is YES


@pytest.mark.parametrize("groups", [None, "ExchangeServers, Custom"])
def test_a_list_of_the_relay_right_alone_leaves_submit_unknown(groups: str | None) -> None:
    one = connector(groups=groups, entries=entries("anonymous", RELAY))
    grant = anonymous_grant(one)
    assert grant.granted == Right.ACCEPT_ANY_RECIPIENT
    assert grant.has(Right.SUBMIT) is UNKNOWN
    assert relay_right(grant) is UNKNOWN


def test_a_list_of_another_right_alone_does_not_deny_relay() -> None:
    listed = entries("anonymous", "ms-Exch-SMTP-Accept-Any-Sender")
    one = connector(groups="AnonymousUsers, Custom", entries=listed)
    assert relay_right(anonymous_grant(one)) is UNKNOWN


def test_a_list_of_another_principal_says_nothing_of_anonymous_logon() -> None:
    listed = entries("hub", "ms-Exch-SMTP-Submit", RELAY)
    one = connector(groups="AnonymousUsers, Custom", entries=listed)
    grant = anonymous_grant(one)
    assert grant.granted == ANONYMOUS_RIGHTS
    assert relay_right(grant) is UNKNOWN


def test_a_list_without_anonymous_logon_contradicts_the_group_and_so_is_not_full() -> None:
    grant = anonymous_grant(connector(groups="AnonymousUsers, Custom", entries=full_list()))
    assert grant.granted == ANONYMOUS_RIGHTS
    assert relay_right(grant) is UNKNOWN


def test_a_list_of_one_right_of_several_principals_does_not_settle_the_other_rights() -> None:
    listed = [*entries("hub", RELAY), *entries("edge", RELAY)]
    grant = anonymous_grant(connector(groups="ExchangeServers, Custom", entries=listed))
    assert grant.has(Right.SUBMIT) is UNKNOWN


def test_a_full_list_without_anonymous_logon_grants_it_nothing() -> None:
    one = connector(groups="ExchangeServers, Custom", entries=full_list())
    assert anonymous_grant(one) == Grant(granted=NO_RIGHTS, unknown=NO_RIGHTS)


def test_an_empty_list_is_as_good_as_none() -> None:
    bare, empty = connector(groups="Custom"), connector(groups="Custom", entries=())
    assert anonymous_grant(empty) == anonymous_grant(bare)


def test_a_filtered_list_that_denies_relay_settles_it() -> None:
    one = connector(groups="AnonymousUsers, Custom", entries=[entry("anonymous", RELAY, deny=True)])
    grant = anonymous_grant(one)
    assert grant.granted == ANONYMOUS_RIGHTS
    assert relay_right(grant) is NO


def test_an_inherited_right_counts_though_it_raises_no_custom() -> None:
    listed = full_list(
        *entries("anonymous", *DEFAULT), *entries("anonymous", RELAY, inherited=True)
    )
    one = connector(groups="AnonymousUsers", entries=listed)
    assert relay_right(anonymous_grant(one)) is YES


# --- the order of entries


@pytest.mark.parametrize(
    ("allow", "deny", "expected"),
    [
        (False, False, NO),
        (False, True, YES),
        (True, False, NO),
        (True, True, UNKNOWN),
        (False, None, UNKNOWN),
        (None, False, NO),
        (None, True, UNKNOWN),
        (True, None, UNKNOWN),
        (None, None, UNKNOWN),
    ],
)
def test_explicit_goes_before_inherited_and_deny_before_allow(
    allow: bool | None,
    deny: bool | None,
    expected: Answer,
) -> None:
    listed = [
        entry("anonymous", RELAY, inherited=allow),
        entry("anonymous", RELAY, deny=True, inherited=deny),
    ]
    grant = effective(listed, ANONYMOUS)
    assert grant.has(Right.ACCEPT_ANY_RECIPIENT) is expected


def test_an_entry_for_all_rights_is_relay() -> None:
    listed = full_list(entry("anonymous"))
    grant = anonymous_grant(connector(groups="Custom", entries=listed))
    assert grant == Grant(granted=ALL_RIGHTS, unknown=NO_RIGHTS)


# --- Everyone


@pytest.mark.parametrize(
    "groups", ["", "ExchangeUsers", "AnonymousUsers", "AnonymousUsers, Custom"]
)
@pytest.mark.parametrize("full", [True, False])
def test_what_everyone_holds_an_anonymous_client_may_hold(groups: str, full: bool) -> None:
    listed = entries("everyone", "ms-Exch-SMTP-Submit", RELAY)
    if full:
        listed = full_list(*entries("anonymous", *DEFAULT), *listed)
    grant = anonymous_grant(connector(groups=groups, entries=listed))
    assert grant.has(Right.ACCEPT_ANY_RECIPIENT) is UNKNOWN
    assert relay_right(grant) is UNKNOWN


def test_what_everyone_is_denied_an_anonymous_client_may_be_denied() -> None:
    listed = full_list(*entries("anonymous", *DEFAULT, RELAY), entry("everyone", RELAY, deny=True))
    grant = anonymous_grant(connector(groups="AnonymousUsers, Custom", entries=listed))
    assert grant.has(Right.SUBMIT) is YES
    assert grant.has(Right.ACCEPT_ANY_RECIPIENT) is UNKNOWN


def test_what_authenticated_users_hold_does_not_concern_anonymous_clients() -> None:
    listed = full_list(*entries("anonymous", *DEFAULT), entry("authenticated"))
    grant = anonymous_grant(connector(groups="AnonymousUsers, ExchangeUsers", entries=listed))
    assert grant == Grant(granted=ANONYMOUS_RIGHTS, unknown=NO_RIGHTS)


# --- externally secured


def test_externally_secured_without_the_group_exchange_servers_grants_nothing() -> None:
    one = connector(auth="Tls, ExternalAuthoritative", groups="AnonymousUsers")
    assert is_externally_secured(one) is YES
    assert anonymous_grant(one) == Grant(granted=NO_RIGHTS, unknown=NO_RIGHTS)


def test_externally_secured_with_custom_may_hold_more() -> None:
    one = connector(auth="ExternalAuthoritative", groups="ExchangeServers, Custom")
    grant = anonymous_grant(one)
    assert grant.granted == EXTERNALLY_SECURED_RIGHTS
    assert grant.unknown == ALL_RIGHTS & ~EXTERNALLY_SECURED_RIGHTS


def test_externally_secured_with_unknown_groups_may_hold_anything() -> None:
    grant = anonymous_grant(connector(auth="ExternalAuthoritative", groups=None))
    assert grant == Grant(granted=NO_RIGHTS, unknown=ALL_RIGHTS)


def test_externally_secured_does_not_go_by_anonymous_logon() -> None:
    listed = full_list(*entries("anonymous", *DEFAULT, RELAY))
    one = connector(auth="ExternalAuthoritative", groups="AnonymousUsers", entries=listed)
    assert relay_right(anonymous_grant(one)) is NO


def test_externally_secured_by_a_list_of_the_relay_right_alone_still_relays() -> None:
    listed = entries("externally", RELAY)
    one = connector(auth="ExternalAuthoritative", groups="ExchangeServers", entries=listed)
    assert anonymous_grant(one) == Grant(granted=EXTERNALLY_SECURED_RIGHTS, unknown=NO_RIGHTS)


def test_externally_secured_by_a_full_list() -> None:
    few = Right.SUBMIT | Right.BYPASS_ANTI_SPAM
    listed = full_list(entry("externally", few))
    one = connector(auth="ExternalAuthoritative", groups="ExchangeServers, Custom", entries=listed)
    assert anonymous_grant(one) == Grant(granted=few, unknown=NO_RIGHTS)


def test_a_list_cut_down_to_explicit_entries_settles_nothing() -> None:
    listed = [entry("anonymous", ANONYMOUS_RIGHTS), entry("hub", "ms-Exch-SMTP-Submit")]
    one = connector(groups="AnonymousUsers, Custom", entries=listed)
    assert relay_right(anonymous_grant(one)) is UNKNOWN


def test_a_list_cut_down_to_the_right_to_submit_settles_nothing() -> None:
    listed = full_list(entry("anonymous", "ms-Exch-SMTP-Submit"))
    one = connector(groups="AnonymousUsers, Custom", entries=listed)
    assert relay_right(anonymous_grant(one)) is UNKNOWN


def test_a_builtin_principal_that_is_not_recognised_may_be_anonymous_logon() -> None:
    strange = entry("anonymous", RELAY)
    strange = replace(strange, trustee=TrusteeKind.UNRECOGNISED, name="NT AUTHORITY\\??")
    one = connector(groups="AnonymousUsers", entries=full_list(strange))
    assert relay_right(anonymous_grant(one)) is UNKNOWN


@pytest.mark.parametrize(
    ("groups", "expected"),
    [(None, UNKNOWN), ("ExchangeServers", UNKNOWN), ("AnonymousUsers", NO), ("", NO)],
)
def test_without_auth_mechanism_the_group_tells_whether_it_may_be_externally_secured(
    groups: str | None, expected: Answer
) -> None:
    assert is_externally_secured(connector(auth=None, groups=groups)) is expected


def test_without_auth_mechanism_what_both_kinds_of_session_hold_is_sure() -> None:
    one = connector(auth=None, groups="AnonymousUsers, ExchangeServers")
    grant = anonymous_grant(one)
    assert grant.granted == ANONYMOUS_RIGHTS
    assert grant.unknown == EXTERNALLY_SECURED_RIGHTS & ~ANONYMOUS_RIGHTS


def test_without_auth_mechanism_and_groups_a_full_list_still_counts() -> None:
    listed = full_list(*entries("anonymous", *DEFAULT, RELAY, "ms-Exch-SMTP-Send-Exch50"))
    grant = anonymous_grant(connector(auth=None, groups=None, entries=listed))
    assert int(grant.granted) == 1077
    assert grant.has(Right.SEND_EXCH50) is UNKNOWN


def test_without_auth_mechanism_a_right_of_anonymous_sessions_alone_is_not_sure() -> None:
    few = entry("externally", Right.SUBMIT | Right.BYPASS_ANTI_SPAM)
    listed = full_list(*entries("anonymous", *DEFAULT, RELAY), few)
    one = connector(auth=None, groups="AnonymousUsers, ExchangeServers, Custom", entries=listed)
    grant = anonymous_grant(one)
    assert grant.granted == Right.SUBMIT
    assert relay_right(grant) is UNKNOWN


# --- Exchange authentication


@pytest.mark.parametrize(
    ("auth", "groups", "expected"),
    [
        ("Tls, ExchangeServer", "ExchangeServers", YES),
        ("ExchangeServer", "AnonymousUsers, ExchangeServers, Custom", YES),
        ("Tls, ExchangeServer", "AnonymousUsers", NO),
        ("Tls, ExchangeServer", "AnonymousUsers, Custom", UNKNOWN),
        ("Tls, ExchangeServer", None, UNKNOWN),
        ("Tls", "ExchangeServers", NO),
        ("Tls, ExternalAuthoritative", "ExchangeServers", NO),
        ("", "ExchangeServers", NO),
        (None, "ExchangeServers", UNKNOWN),
    ],
)
def test_a_server_needs_the_mechanism_and_the_right_to_submit(
    auth: str | None, groups: str | None, expected: Answer
) -> None:
    assert exchange_authentication(connector(auth=auth, groups=groups)) is expected


@pytest.mark.parametrize("trustee", ["hub", "edge", "exchange servers"])
def test_an_entry_that_lets_servers_submit_does_for_the_group(trustee: str) -> None:
    listed = entries(trustee, "ms-Exch-SMTP-Submit")
    one = connector(auth="ExchangeServer", groups="Custom", entries=listed)
    assert exchange_authentication(one) is YES


def test_a_full_list_without_servers_lets_none_submit() -> None:
    listed = [*entries("anonymous", *DEFAULT), *entries("authenticated", "ms-Exch-SMTP-Submit")]
    one = connector(auth="ExchangeServer", groups="AnonymousUsers, Custom", entries=listed)
    assert exchange_authentication(one) is NO


@pytest.mark.parametrize("rights", [(RELAY,), DEFAULT])
def test_a_filtered_list_without_servers_does_not_tell(rights: tuple[str, ...]) -> None:
    listed = entries("anonymous", *rights)
    one = connector(auth="ExchangeServer", groups="AnonymousUsers, Custom", entries=listed)
    assert exchange_authentication(one) is UNKNOWN


def test_suppressed_x_anonymous_tls_makes_it_unknown() -> None:
    one = connector(auth="Tls, ExchangeServer", groups="ExchangeServers")
    assert exchange_authentication(replace(one, suppress_x_anonymous_tls=False)) is YES
    assert exchange_authentication(replace(one, suppress_x_anonymous_tls=True)) is UNKNOWN
    without = replace(one, suppress_x_anonymous_tls=True, auth_mechanism=AuthMechanism.TLS)
    assert exchange_authentication(without) is NO


# --- every domain accepted


def test_with_a_star_domain_whoever_submits_relays() -> None:
    assert session_rights(connector(), every_domain_accepted=True).relay is YES
    nobody = connector(groups="ExchangeUsers")
    assert session_rights(nobody, every_domain_accepted=True).relay is NO


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        ("NO-TLS:AcceptCrossForestMail", YES),
        ("no-tls:acceptcrossforestmail", YES),
        ("NO-TLS:AllowSubmit", NO),
        ("fabrikam.com:AcceptCrossForestMail", NO),
    ],
)
def test_the_pseudo_domain_no_tls_gives_rights_to_everybody(
    capability: str, expected: Answer
) -> None:
    one = connector(groups="AnonymousUsers", tls_domain_capabilities=(capability,))
    assert relay_right(anonymous_grant(one)) is expected
