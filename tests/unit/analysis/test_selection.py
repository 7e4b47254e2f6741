from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.models import WHOLE_IPV4, WHOLE_IPV6, connector, default_connectors, server
from rctango.addresses import Address, Binding
from rctango.analysis.listeners import contests, role_of
from rctango.analysis.selection import Table
from rctango.model.connection import Reason, Verdict
from rctango.model.rights import TransportRole

if TYPE_CHECKING:
    from rctango.model.connection import Selection
    from rctango.model.connector import Connector
    from rctango.model.server import Server

HUB, FRONTEND = TransportRole.HUB_TRANSPORT, TransportRole.FRONTEND_TRANSPORT
ANSWERED, REFUSED = Verdict.ANSWERED, Verdict.REFUSED
AMBIGUOUS, UNDETERMINED = Verdict.AMBIGUOUS, Verdict.UNDETERMINED


def table(local: str, *connectors: Connector, of: Server | None = None) -> Table:
    (found,) = [
        Table(contest)
        for contest in contests(connectors, of)
        if contest.listener.local == Binding.parse(local)
    ]
    return found


def select(local: str, remote: str, *connectors: Connector, of: Server | None = None) -> Selection:
    return table(local, *connectors, of=of).select(Address.parse(remote))


def winner(selection: Selection) -> str:
    assert selection.verdict is ANSWERED
    assert selection.connector is not None
    return selection.connector.name


def reasons(selection: Selection) -> dict[str, Reason]:
    return {one.connector.name: one.reason for one in selection.candidates}


def rivals(selection: Selection) -> tuple[Verdict, list[str]]:
    assert selection.connector is None
    assert selection.range is None
    return selection.verdict, [one.name for one in selection.contenders]


WILD, OWN = "0.0.0.0:25", "10.0.0.5:25"
DEFAULT = connector(name="Default", ranges=WHOLE_IPV4, bindings=WILD)
RELAY = connector(name="Relay", ranges="10.0.0.0/24", bindings=WILD)


# --- the worked examples


def test_a_relay_range_goes_before_the_default() -> None:
    found = select(WILD, "10.0.0.9", DEFAULT, RELAY)
    assert winner(found) == "Relay"
    assert found.range is not None
    assert found.range.text == "10.0.0.0/24"
    assert reasons(found) == {"Default": Reason.LESS_SPECIFIC}


def test_a_single_address_goes_before_a_block() -> None:
    exchange = connector(name="Exch", ranges="10.0.0.9", bindings=WILD)
    assert winner(select(WILD, "10.0.0.9", RELAY, exchange)) == "Exch"
    assert winner(select(WILD, "10.0.0.8", RELAY, exchange)) == "Relay"


def test_a_narrower_range_on_the_wildcard_beats_a_wider_one_on_the_exact_address() -> None:
    one = connector(name="A", ranges="10.0.0.0/16", bindings=OWN)
    other = connector(name="B", ranges="10.0.0.0/24", bindings=WILD)
    found = select(OWN, "10.0.0.9", one, other)
    assert winner(found) == "B"
    assert reasons(found) == {"A": Reason.LESS_SPECIFIC}
    assert winner(select(OWN, "10.0.1.9", one, other)) == "A"


def test_the_exact_address_decides_between_equal_ranges() -> None:
    one = connector(name="A", ranges=WHOLE_IPV4, bindings=OWN)
    other = connector(name="B", ranges="0.0.0.0/0", bindings=WILD)
    found = select(OWN, "192.0.2.1", one, other)
    assert winner(found) == "A"
    assert reasons(found) == {"B": Reason.TIE_SPECIFIC_BINDING}


def test_the_family_of_the_local_address_separates() -> None:
    default = connector(name="Default", ranges=WHOLE_IPV6, bindings="[::]:25")
    found = select("[::]:25", "fd00::9", RELAY, default)
    assert winner(found) == "Default"
    assert reasons(found) == {}


def test_the_count_of_addresses_decides_and_not_the_notation() -> None:
    one = connector(name="P", ranges="10.0.0.1-10.0.0.40", bindings=WILD)
    other = connector(name="Q", ranges="10.0.0.0/27", bindings=WILD)
    assert winner(select(WILD, "10.0.0.9", one, other)) == "Q"
    assert winner(select(WILD, "10.0.0.40", one, other)) == "P"


# --- load and filter


def test_a_disabled_connector_leaves_its_clients_to_the_next() -> None:
    off = connector(name="Relay", ranges="10.0.0.0/24", bindings=WILD, enabled=False)
    found = select(WILD, "10.0.0.9", DEFAULT, off)
    assert winner(found) == "Default"
    assert reasons(found) == {"Relay": Reason.DISABLED}


def test_a_disabled_connector_opens_no_port() -> None:
    assert contests([connector(bindings=WILD, enabled=False)], None) == ()


def test_another_process_takes_no_part() -> None:
    hub = connector(name="Hub", ranges="10.0.0.9", bindings=WILD, role="HubTransport")
    found = {one.listener.role: Table(one) for one in contests([DEFAULT, hub], None)}
    remote = Address.parse("10.0.0.9")
    assert winner(found[FRONTEND].select(remote)) == "Default"
    assert reasons(found[FRONTEND].select(remote)) == {"Hub": Reason.OTHER_ROLE}
    assert winner(found[HUB].select(remote)) == "Hub"


def test_a_connector_with_two_roles_serves_two_processes() -> None:
    both = connector(name="Both", bindings=WILD, role="HubTransport, FrontendTransport")
    roles = [one.listener.role for one in contests([both], None)]
    assert set(roles) == {HUB, FRONTEND}
    assert len(roles) == 2


def test_another_port_takes_no_part() -> None:
    client = connector(name="Client", ranges="10.0.0.9", bindings="0.0.0.0:587")
    found = select(WILD, "10.0.0.9", DEFAULT, client)
    assert winner(found) == "Default"
    assert found.candidates == ()


def test_a_binding_without_ranges_of_its_family_opens_the_port_and_answers_nobody() -> None:
    one = connector(name="Relay", ranges="10.0.0.0/24", bindings="[::]:25")
    found = select("[::]:25", "fd00::9", one)
    assert rivals(found) == (REFUSED, [])
    assert reasons(found) == {"Relay": Reason.OTHER_FAMILY}


def test_nobody_answers_an_address_outside_all_ranges() -> None:
    found = select(WILD, "10.1.0.9", RELAY)
    assert rivals(found) == (REFUSED, [])
    assert reasons(found) == {"Relay": Reason.NO_MATCHING_RANGE}


def test_a_connector_without_any_range_answers_nobody() -> None:
    none = connector(name="None", ranges="", bindings=WILD)
    assert reasons(select(WILD, "10.0.0.9", none)) == {"None": Reason.NO_MATCHING_RANGE}


@pytest.mark.parametrize("remote", ["::ffff:10.0.0.9", "::10.0.0.9"])
def test_ipv4_written_as_ipv6_is_ipv4(remote: str) -> None:
    assert winner(select(WILD, remote, DEFAULT, RELAY)) == "Relay"


def test_the_zone_is_not_compared() -> None:
    one = connector(name="Local", ranges="fe80::9%3", bindings="[fe80::5%3]:25")
    assert winner(select("[fe80::5]:25", "fe80::9%7", one)) == "Local"


def test_servers_do_not_mix() -> None:
    listeners = contests(default_connectors("EX01"), server("EX01"))
    assert {one.listener.server for one in listeners} == {"EX01"}
    assert len(listeners) == 10


# --- overlapping ranges of one connector, and its several bindings


def test_the_narrowest_own_range_represents_a_connector() -> None:
    two = connector(name="Two", ranges="10.0.0.0/8, 10.0.0.9", bindings=WILD)
    assert winner(select(WILD, "10.0.0.9", RELAY, two)) == "Two"
    assert winner(select(WILD, "10.0.0.8", RELAY, two)) == "Relay"


def test_neighbouring_ranges_of_a_connector_are_not_added_up() -> None:
    halves = connector(name="Halves", ranges="10.0.0.0/25, 10.0.0.128/25", bindings=WILD)
    assert winner(select(WILD, "10.0.0.9", RELAY, halves)) == "Halves"


def test_the_same_range_twice_is_no_tie() -> None:
    twice = connector(name="Twice", ranges="10.0.0.0/24, 10.0.0.0-10.0.0.255", bindings=WILD)
    assert winner(select(WILD, "10.0.0.9", twice)) == "Twice"


def test_a_connector_on_both_addresses_counts_as_exact() -> None:
    both = connector(name="Both", ranges="10.0.0.0/24", bindings=f"{WILD}, {OWN}")
    found = select(OWN, "10.0.0.9", RELAY, both)
    assert winner(found) == "Both"
    assert reasons(found) == {"Relay": Reason.TIE_SPECIFIC_BINDING}
    assert rivals(select(WILD, "10.0.0.9", RELAY, both)) == (AMBIGUOUS, ["Both", "Relay"])


# --- ties


def test_equal_ranges_in_one_place_are_ambiguous() -> None:
    other = connector(name="Other", ranges="10.0.0.0(255.255.255.0)", bindings=WILD)
    found = select(WILD, "10.0.0.9", RELAY, other, DEFAULT)
    assert rivals(found) == (AMBIGUOUS, ["Other", "Relay"])
    assert reasons(found) == {
        "Other": Reason.TIE_UNDEFINED_ORDER,
        "Relay": Reason.TIE_UNDEFINED_ORDER,
        "Default": Reason.LESS_SPECIFIC,
    }


@pytest.mark.parametrize("winners", ["B", "BC"])
def test_a_range_of_one_address_more_loses_by_its_size_wherever_it_is_bound(winners: str) -> None:
    larger = connector(name="A", ranges="10.0.0.0-10.0.0.10", bindings=OWN)
    wild = [connector(name=one, ranges="10.0.0.0-10.0.0.9", bindings=WILD) for one in winners]
    found = select(OWN, "10.0.0.9", larger, *wild)
    assert found.verdict is (ANSWERED if len(winners) == 1 else AMBIGUOUS)
    assert reasons(found)["A"] is Reason.LESS_SPECIFIC


def test_a_range_that_ends_just_below_the_highest_address() -> None:
    one = connector(name="One", ranges="255.255.255.0-255.255.255.254", bindings=WILD)
    assert winner(select(WILD, "255.255.255.254", DEFAULT, one)) == "One"
    assert winner(select(WILD, "255.255.255.255", DEFAULT, one)) == "Default"


def test_a_tie_on_the_exact_address_leaves_the_wildcard_out() -> None:
    tied = [connector(name=name, ranges="10.0.0.0/24", bindings=OWN) for name in "BA"]
    found = select(OWN, "10.0.0.9", RELAY, *tied)
    assert rivals(found) == (AMBIGUOUS, ["A", "B"])
    assert reasons(found)["Relay"] is Reason.TIE_SPECIFIC_BINDING


# --- missing facts


def test_a_connector_that_may_be_disabled_makes_it_undetermined_where_it_would_win() -> None:
    maybe = connector(name="Maybe", ranges="10.0.0.0/24", bindings=WILD, enabled=None)
    found = select(WILD, "10.0.0.9", DEFAULT, maybe)
    assert rivals(found) == (UNDETERMINED, ["Default", "Maybe"])
    assert set(reasons(found).values()) == {Reason.FACTS_MISSING}
    assert winner(select(WILD, "10.1.0.9", DEFAULT, maybe)) == "Default"


def test_a_connector_that_may_be_disabled_may_leave_the_client_refused() -> None:
    maybe = connector(name="Maybe", ranges="10.0.0.0/24", bindings=WILD, enabled=None)
    assert rivals(select(WILD, "10.0.0.9", maybe)) == (UNDETERMINED, ["Maybe"])


@pytest.mark.parametrize("how", [{"ranges": None}, {"remote_ranges_complete": False}])
def test_unknown_ranges_make_it_undetermined_everywhere_else(how: dict[str, bool | None]) -> None:
    lost = connector(name="Lost", bindings=WILD, **{"ranges": "10.9.0.0/24", **how})  # type: ignore[arg-type]
    found = select(WILD, "10.0.0.9", RELAY, lost)
    assert rivals(found) == (UNDETERMINED, ["Lost", "Relay"])
    assert reasons(found)["Lost"] is Reason.FACTS_MISSING


def test_an_unknown_range_cannot_beat_a_single_address_on_the_exact_local_address() -> None:
    exact = connector(name="Exact", ranges="10.0.0.9", bindings=OWN)
    lost = connector(name="Lost", ranges=None, bindings=WILD)
    assert winner(select(OWN, "10.0.0.9", exact, lost)) == "Exact"
    wild = connector(name="Exact", ranges="10.0.0.9", bindings=WILD)
    assert rivals(select(WILD, "10.0.0.9", wild, lost)) == (UNDETERMINED, ["Exact", "Lost"])


def test_a_connector_alone_answers_though_some_of_its_ranges_are_lost() -> None:
    lost = connector(name="Lost", bindings=WILD, remote_ranges_complete=False)
    assert winner(select(WILD, "10.0.0.9", lost)) == "Lost"


def test_a_tie_that_a_lost_range_may_break_is_undetermined() -> None:
    lost = connector(name="Lost", ranges="10.0.0.0/24", bindings=WILD, remote_ranges_complete=False)
    assert rivals(select(WILD, "10.0.0.9", RELAY, lost)) == (UNDETERMINED, ["Lost", "Relay"])


def test_a_tie_of_single_addresses_cannot_be_broken_by_a_lost_range() -> None:
    one = connector(name="One", ranges="10.0.0.9", bindings=WILD)
    lost = connector(name="Lost", ranges="10.0.0.9", bindings=WILD, remote_ranges_complete=False)
    assert rivals(select(WILD, "10.0.0.9", one, lost)) == (AMBIGUOUS, ["Lost", "One"])


def test_unknown_bindings_make_it_undetermined_where_the_connector_would_win() -> None:
    lost = connector(name="Lost", ranges="10.0.0.0/28", bindings=None)
    assert rivals(select(WILD, "10.0.0.9", RELAY, lost)) == (UNDETERMINED, ["Lost", "Relay"])
    assert winner(select(WILD, "10.0.0.90", RELAY, lost)) == "Relay"


def test_a_lost_binding_may_be_to_the_exact_address() -> None:
    exact = connector(name="Exact", ranges="10.0.0.0/24", bindings=OWN)
    lost = connector(name="Lost", ranges="10.0.0.0/24", bindings=WILD, bindings_complete=False)
    assert rivals(select(OWN, "10.0.0.9", exact, lost)) == (UNDETERMINED, ["Exact", "Lost"])
    assert rivals(select(OWN, "10.0.0.9", exact, RELAY, lost))[0] is UNDETERMINED
    narrower = connector(name="Exact", ranges="10.0.0.0/25", bindings=OWN)
    assert winner(select(OWN, "10.0.0.9", narrower, lost)) == "Exact"


def test_a_connector_alone_answers_though_some_of_its_bindings_are_lost() -> None:
    other = connector(name="Other", ranges="10.9.0.0/24", bindings=OWN)
    lost = connector(name="Lost", ranges="10.0.0.0/24", bindings=WILD, bindings_complete=False)
    assert winner(select(OWN, "10.0.0.9", other, lost)) == "Lost"


# --- the role of connectors that do not name it


@pytest.mark.parametrize(
    ("version", "roles", "expected"),
    [
        ("8.3", "HubTransport", HUB),
        ("14.3", "Mailbox, ClientAccess, HubTransport", HUB),
        ("14.3", None, HUB),
        ("14.3", "Edge", HUB),
        ("15.2", "Edge", HUB),
        (None, "Edge", HUB),
        ("15.0", "Mailbox", HUB),
        ("15.0", "ClientAccess", FRONTEND),
        ("15.0", "Mailbox, ClientAccess", None),
        ("15.1", "Mailbox", None),
        ("15.2", None, None),
        (None, "Mailbox", None),
        (None, None, None),
    ],
)
def test_the_role_follows_from_the_server_when_it_has_one_process(
    version: str | None, roles: str | None, expected: TransportRole | None
) -> None:
    of = server(version=version, roles=roles)
    assert role_of(connector(role=None), of) == expected
    (listener,) = [one.listener for one in contests([connector(role=None, bindings=WILD)], of)]
    assert listener.role == expected


def test_a_role_that_is_named_is_believed() -> None:
    assert role_of(connector(role="FrontendTransport"), server(version="14.3")) == FRONTEND
    assert role_of(connector(role=None), None) is None


def test_connectors_without_a_role_share_one_process() -> None:
    one = connector(name="Default", ranges=WHOLE_IPV4, bindings=WILD, role=None)
    other = connector(name="Relay", ranges="10.0.0.0/24", bindings=WILD, role=None)
    found = select(WILD, "10.0.0.9", one, other)
    assert found.listener.role is None
    assert winner(found) == "Relay"


def test_a_connector_without_a_role_may_belong_to_another_process() -> None:
    unnamed = connector(name="Relay", ranges="10.0.0.0/24", bindings=WILD, role=None)
    found = select(WILD, "10.0.0.9", DEFAULT, unnamed)
    assert found.listener.role == FRONTEND
    assert rivals(found) == (UNDETERMINED, ["Default", "Relay"])


def test_a_connector_with_a_role_may_not_belong_to_the_unnamed_process() -> None:
    unnamed = connector(name="Unnamed", ranges=WHOLE_IPV4, bindings=OWN, role=None)
    found = select(OWN, "10.0.0.9", RELAY, unnamed)
    assert found.listener.role is None
    assert rivals(found) == (UNDETERMINED, ["Relay", "Unnamed"])


def test_a_connector_of_both_processes_belongs_to_the_unnamed_one_too() -> None:
    both = "HubTransport, FrontendTransport"
    relay = connector(name="Relay", ranges="10.0.0.0/24", bindings=WILD, role=both)
    unnamed = connector(name="Unnamed", ranges=WHOLE_IPV4, bindings=OWN, role=None)
    assert winner(select(OWN, "10.0.0.9", relay, unnamed)) == "Relay"


def test_the_unnamed_process_may_be_either_of_two_that_conflict() -> None:
    hub = connector(name="Hub", ranges="10.0.0.0/24", bindings=WILD, role="HubTransport")
    unnamed = connector(name="Unnamed", ranges=WHOLE_IPV4, bindings=OWN, role=None)
    verdict, names = rivals(select(OWN, "10.0.0.9", RELAY, hub, unnamed))
    assert verdict is UNDETERMINED
    assert {"Hub", "Relay"} <= set(names)
