from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.models import (
    WHOLE_IPV4,
    appliance,
    connector,
    default_connectors,
    domain,
    server,
    snapshot,
)
from rctango.addresses import Address, RangeSet
from rctango.analysis.view import View
from rctango.model.connection import FlowVerdict, Verdict
from rctango.model.rights import Answer
from rctango.model.server import ApplianceKind

if TYPE_CHECKING:
    from rctango.model.connector import Connector

WILD, OWN = "0.0.0.0:25", "10.0.0.5:25"
DEFAULT = connector(name="Default", ranges=WHOLE_IPV4, bindings=WILD)


def rows(view: View, remote: str) -> list[tuple[str, str]]:
    return [
        (
            str(selection.listener.local),
            selection.connector.name if selection.connector else selection.verdict.value,
        )
        for selection in view.connections(Address.parse(remote))
    ]


# --- connections


def test_a_wildcard_listener_is_shown_once_when_exact_addresses_change_nothing() -> None:
    relay = connector(name="Relay", ranges="10.0.0.0/24", bindings=f"{WILD}, {OWN}")
    assert rows(View(snapshot(DEFAULT, relay)), "10.0.0.9") == [(WILD, "Relay")]


def test_an_exact_address_is_shown_where_its_answer_differs() -> None:
    relay = connector(name="Relay", ranges="10.0.0.0/24", bindings=OWN)
    other = connector(name="Other", ranges="10.9.0.0/24", bindings="10.0.0.6:25")
    view = View(snapshot(DEFAULT, relay, other))
    assert rows(view, "10.0.0.9") == [(WILD, "Default"), (OWN, "Relay")]
    assert rows(view, "10.9.0.9") == [(WILD, "Default"), ("10.0.0.6:25", "Other")]
    assert rows(view, "192.0.2.1") == [(WILD, "Default")]


def test_an_exact_address_is_shown_when_its_verdict_differs() -> None:
    one = connector(name="One", ranges="10.0.0.0/24", bindings=f"{WILD}, {OWN}")
    other = connector(name="Other", ranges="10.0.0.0/24", bindings=OWN)
    assert rows(View(snapshot(one, other)), "10.0.0.9") == [(WILD, "One"), (OWN, "ambiguous")]


def test_an_exact_address_without_a_wildcard_is_shown() -> None:
    view = View(snapshot(connector(name="Relay", ranges="10.0.0.0/24", bindings=OWN)))
    assert rows(view, "10.0.0.9") == [(OWN, "Relay")]
    assert rows(view, "10.1.0.9") == [(OWN, "refused")]


def test_an_exact_address_of_another_process_is_shown() -> None:
    hub = connector(name="Hub", ranges=WHOLE_IPV4, bindings=OWN, role="HubTransport")
    assert rows(View(snapshot(DEFAULT, hub)), "10.0.0.9") == [(WILD, "Default"), (OWN, "Hub")]


def test_every_port_server_and_process_of_the_family_is_shown() -> None:
    view = View(snapshot(default_connectors("EX01"), default_connectors("EX02")))
    for name in ("EX01", "EX02"):
        found = [
            (one.listener.local.port, one.connector.name)
            for one in view.connections(Address.parse("fd00::9"))
            if one.listener.server == name and one.connector is not None
        ]
        assert found == [
            (25, f"Default Frontend {name}"),
            (465, f"Client Proxy {name}"),
            (587, f"Client Frontend {name}"),
            (717, f"Outbound Proxy Frontend {name}"),
            (2525, f"Default {name}"),
        ]


def test_a_client_that_nobody_answers_is_shown_as_refused() -> None:
    relay = connector(ranges="10.0.0.0/24", bindings=WILD)
    (found,) = View(snapshot(relay)).connections(Address.parse("192.0.2.1"))
    assert found.verdict is Verdict.REFUSED


# --- reach


def test_reach_is_what_a_connector_answers_at_all_its_listeners() -> None:
    relay = connector(
        name="Relay", ranges="10.0.0.0/24, fd00::/64", bindings="0.0.0.0:25, [::]:587"
    )
    narrow = connector(name="Narrow", ranges="10.0.0.0/25", bindings=WILD)
    view = View(snapshot(relay, narrow))
    assert view.reach(relay).sure == RangeSet.parse("10.0.0.128/25", "fd00::/64")
    assert view.reach(relay, 25).sure == RangeSet.parse("10.0.0.128/25")
    assert view.reach(relay, 26).possible == RangeSet()


def test_reach_that_is_possible_holds_what_is_sure() -> None:
    relay = connector(name="Relay", ranges="10.0.0.0/24", bindings=WILD)
    maybe = connector(name="Maybe", ranges="10.0.0.0/25", bindings=WILD, enabled=None)
    view = View(snapshot(relay, maybe))
    assert view.reach(relay).sure == RangeSet.parse("10.0.0.128/25")
    assert view.reach(relay).possible == RangeSet.parse("10.0.0.0/24")
    assert view.reach(maybe).sure == RangeSet()
    assert view.reach(maybe).possible == RangeSet.parse("10.0.0.0/25")


def test_a_disabled_connector_reaches_nobody() -> None:
    off = connector(ranges="10.0.0.0/24", enabled=False)
    assert View(snapshot(off)).reach(off).possible == RangeSet()


# --- relay candidates and suspects


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (connector(ranges="10.0.0.0/24"), True),
        (connector(), False),
        (connector(ranges="0.0.0.0/1, 128.0.0.0/1"), False),
        (connector(ranges="10.0.0.0/24", bindings="0.0.0.0:587"), False),
        (connector(ranges="10.0.0.0/24", enabled=False), False),
        (connector(ranges="10.0.0.0/24", groups="ExchangeUsers"), False),
        (connector(ranges="10.0.0.0/24", groups="Custom"), True),
        (
            connector(ranges="10.0.0.0/24", auth="ExternalAuthoritative", groups="ExchangeServers"),
            True,
        ),
        (connector(ranges=None), False),
    ],
)
def test_relay_candidates(one: Connector, expected: bool) -> None:
    assert (one in View(snapshot(one)).relay_candidates) == expected


def test_suspects_relay_on_any_port() -> None:
    other = connector(
        ranges="10.0.0.0/24",
        bindings="0.0.0.0:2525",
        auth="ExternalAuthoritative",
        groups="ExchangeServers",
    )
    view = View(snapshot(other))
    assert view.relay_candidates == ()
    assert view.suspects == (other,)
    assert View(snapshot(connector(ranges="10.0.0.0/24", bindings="0.0.0.0:2525"))).suspects == ()


def test_a_star_domain_makes_submitters_relay() -> None:
    one = connector()
    star = domain("*", "InternalRelay")
    assert View(snapshot(one, accepted_domains=(star,))).rights(one).relay is Answer.YES
    for known in ((domain("*.corp.example"),), (), None):
        assert View(snapshot(one, accepted_domains=known)).rights(one).relay is Answer.NO


# --- servers and devices


def test_server_flows_go_by_target() -> None:
    one, other = server("EX01"), server("EX02", addresses="10.0.0.6")
    view = View(snapshot(one, other, default_connectors("EX01"), default_connectors("EX02")))
    assert {name: [flow.sender for flow in found] for name, found in view.server_flows.items()} == {
        "EX01": ["EX02"],
        "EX02": ["EX01"],
    }
    every = [flow for found in view.server_flows.values() for flow in found]
    assert {(flow.port, flow.verdict) for flow in every} == {(2525, FlowVerdict.OK)}


def test_appliances_by_kind() -> None:
    balancer = appliance("LB", "load-balancer", "10.0.0.20")
    view = View(snapshot(appliances=(balancer, appliance("FW", "firewall", "10.0.0.1"))))
    assert view.appliances(ApplianceKind.LOAD_BALANCER, ApplianceKind.NAT) == (balancer,)
    assert View(snapshot()).appliances(ApplianceKind.NAT) == ()


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [("10.0.0.5, fd00::5", True), ("10.0.0.5, fe80::5%3, ::1", False), (None, False)],
)
def test_dual_stack_needs_an_address_that_others_can_use(
    addresses: str | None, expected: bool
) -> None:
    one = server(addresses=addresses)
    assert View(snapshot(one)).is_dual_stack(one) == expected


def test_reachable_tables_are_those_of_the_port() -> None:
    one = server("EX01")
    view = View(snapshot(one, default_connectors("EX01")))
    assert [str(table.listener.local) for table in view.reachable_tables(one, 25)] == [
        "0.0.0.0:25",
        "[::]:25",
    ]
