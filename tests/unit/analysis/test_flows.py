from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import AUTH_31, EXCHANGE_GROUPS, WHOLE, connector, default_connectors, snapshot
from fakes.models import server as make
from rctango.addresses import Address
from rctango.analysis.flows import (
    device_flows,
    is_pair,
    port_used,
    reachable,
    usable_addresses,
)
from rctango.analysis.view import View
from rctango.model.connection import FlowVerdict

if TYPE_CHECKING:
    from rctango.model.connection import Flow
    from rctango.model.connector import Connector
    from rctango.model.server import Server

OK, BROKEN, UNKNOWN = FlowVerdict.OK, FlowVerdict.BROKEN, FlowVerdict.UNKNOWN

KINDS = {
    "2007": ("8.3", "Mailbox, ClientAccess, HubTransport"),
    "2010": ("14.3", "HubTransport"),
    "2010 mailbox": ("14.3", "Mailbox"),
    "2013 both": ("15.0", "Mailbox, ClientAccess"),
    "2013 mailbox": ("15.0", "Mailbox"),
    "2013 cas": ("15.0", "ClientAccess"),
    "2016": ("15.1", "Mailbox"),
    "2019": ("15.2", "Mailbox"),
    "edge 2010": ("14.3", "Edge"),
    "edge": ("15.2", "Edge"),
}


def server(kind: str, name: str, address: str | None, **more: Any) -> Server:
    version, roles = KINDS[kind]
    return make(name, version=version, roles=roles, addresses=address, **more)


def sender(kind: str, address: str | None = "10.0.0.4") -> Server:
    return server(kind, "EX01", address)


def target(kind: str, address: str | None = "10.0.0.5") -> Server:
    return server(kind, "EX02", address)


def defaults(kind: str) -> tuple[Connector, ...]:
    version, roles = KINDS[kind]
    return default_connectors("EX02", version, roles)


def between(source: Server, goal: Server, *connectors: Connector) -> list[Flow]:
    view = View(snapshot(source, goal, connectors))
    return list(view.flows_between(source, goal))


def only(flows: list[Flow]) -> Flow:
    (flow,) = flows
    return flow


def winner(flow: Flow) -> str:
    assert flow.selection is not None
    assert flow.selection.connector is not None
    return flow.selection.connector.name


# --- who delivers to whom, on which port

MODERN = ("2013 both", "2016", "2019")
OLD = ("2007", "2010")
EDGES = ("edge 2010", "edge")


@pytest.mark.parametrize("goal", MODERN)
@pytest.mark.parametrize("source", [*MODERN, "2013 mailbox", "2013 cas"])
def test_2013_and_newer_reach_a_server_with_both_roles_on_2525(source: str, goal: str) -> None:
    assert is_pair(sender(source), target(goal))
    assert port_used(sender(source), target(goal)) == 2525


@pytest.mark.parametrize("source", [*MODERN, "2013 mailbox", "2013 cas", *OLD, *EDGES])
def test_everybody_reaches_a_2013_mailbox_server_without_front_end_on_25(source: str) -> None:
    assert is_pair(sender(source), target("2013 mailbox"))
    assert port_used(sender(source), target("2013 mailbox")) == 25


@pytest.mark.parametrize("goal", OLD)
@pytest.mark.parametrize("source", [*MODERN, "2013 mailbox", *OLD, *EDGES])
def test_everybody_reaches_a_2007_or_2010_hub_on_25(source: str, goal: str) -> None:
    assert is_pair(sender(source), target(goal))
    assert port_used(sender(source), target(goal)) == 25


@pytest.mark.parametrize("goal", MODERN)
@pytest.mark.parametrize("source", [*OLD, *EDGES])
def test_older_servers_and_edge_reach_the_front_end_on_25(source: str, goal: str) -> None:
    assert is_pair(sender(source), target(goal))
    assert port_used(sender(source), target(goal)) == 25


@pytest.mark.parametrize("goal", EDGES)
@pytest.mark.parametrize("source", [*MODERN, "2013 mailbox", *OLD])
def test_everybody_reaches_edge_on_25(source: str, goal: str) -> None:
    assert is_pair(sender(source), target(goal))
    assert port_used(sender(source), target(goal)) == 25


@pytest.mark.parametrize(
    ("source", "goal"),
    [
        ("edge", "edge 2010"),
        ("2019", "2013 cas"),
        ("2010", "2013 cas"),
        ("2013 cas", "edge"),
        ("2013 cas", "2010"),
        ("2010 mailbox", "2019"),
        ("2019", "2010 mailbox"),
    ],
)
def test_pairs_that_never_deliver(source: str, goal: str) -> None:
    assert not is_pair(sender(source), target(goal))
    assert between(sender(source), target(goal), *defaults(goal)) == []


def test_a_server_does_not_deliver_to_itself() -> None:
    assert not is_pair(target("2019"), target("2019"))


@pytest.mark.parametrize(
    ("source", "goal", "port"),
    [
        (make("EX01", roles=None), target("2019"), None),
        (make("EX01", version=None), target("2019"), None),
        (make("EX01", version=None, roles="Edge"), target("2019"), 25),
        (make("EX01", version="14.3", roles=None), target("2019"), 25),
        (make("EX01", version=None, roles=None), target("2013 mailbox"), 25),
        (make("EX01", version=None, roles=None), target("2010"), 25),
        (make("EX01", version=None, roles=None), target("edge"), 25),
        (sender("2019"), make("EX02", version=None), None),
        (sender("2019"), make("EX02", roles=None), None),
        (sender("2019"), make("EX02", version="14.3", roles=None), 25),
        (sender("2010"), make("EX02", version=None), 25),
        (sender("edge"), make("EX02", version=None, roles=None), 25),
    ],
)
def test_the_port_is_told_only_when_it_is_certain(
    source: Server, goal: Server, port: int | None
) -> None:
    assert is_pair(source, goal)
    assert port_used(source, goal) == port


# --- the default connectors let every flow through


@pytest.mark.parametrize(
    ("source", "goal", "port", "expected"),
    [
        ("2016", "2019", 2525, "Default EX02"),
        ("2013 both", "2013 both", 2525, "Default EX02"),
        ("2013 both", "2013 mailbox", 25, "Default EX02"),
        ("2013 cas", "2013 mailbox", 25, "Default EX02"),
        ("2013 cas", "2013 both", 2525, "Default EX02"),
        ("2019", "2010", 25, "Default EX02"),
        ("2007", "2010", 25, "Default EX02"),
        ("2010", "2019", 25, "Default Frontend EX02"),
        ("2007", "2013 both", 25, "Default Frontend EX02"),
        ("edge", "2019", 25, "Default Frontend EX02"),
        ("edge", "2010", 25, "Default EX02"),
        ("2019", "edge", 25, "Default internal receive connector EX02"),
        ("2010", "edge 2010", 25, "Default internal receive connector EX02"),
    ],
)
def test_default_connectors_let_every_flow_through(
    source: str, goal: str, port: int, expected: str
) -> None:
    flow = only(between(sender(source), target(goal), *defaults(goal)))
    assert (flow.sender, flow.target, flow.port) == ("EX01", "EX02", port)
    assert flow.source == Address.parse("10.0.0.4")
    assert winner(flow) == expected
    assert flow.verdict is OK
    assert flow.reason == rf"EX02\{expected} offers Exchange Server authentication"


# --- a relay connector on port 25


@pytest.mark.parametrize(
    ("source", "goal", "role"),
    [
        ("2013 both", "2013 mailbox", "HubTransport"),
        ("2019", "2010", None),
        ("2007", "2010", None),
        ("2010", "2019", "FrontendTransport"),
        ("edge", "2019", "FrontendTransport"),
        ("2019", "edge", "HubTransport"),
        ("2019", "edge", None),
    ],
)
def test_a_relay_connector_on_25_captures(source: str, goal: str, role: str | None) -> None:
    relay = connector("EX02", "Relay", ranges="10.0.0.0/24", bindings="0.0.0.0:25", role=role)
    flow = only(between(sender(source), target(goal), *defaults(goal), relay))
    assert winner(flow) == "Relay"
    assert flow.verdict is BROKEN
    assert "no ExchangeServer in AuthMechanism" in flow.reason
    assert "451 5.7.3 Cannot achieve Exchange Server authentication" in flow.reason


@pytest.mark.parametrize("source", ["2013 mailbox", "2016"])
def test_a_front_end_relay_on_25_cannot_capture_what_goes_to_2525(source: str) -> None:
    relay = connector("EX02", "Relay", ranges="10.0.0.0/24")
    flow = only(between(sender(source), target("2019"), *defaults("2019"), relay))
    assert (winner(flow), flow.port, flow.verdict) == ("Default EX02", 2525, OK)


def test_a_hub_connector_on_2525_captures() -> None:
    relay = connector(
        "EX02", "Relay", ranges="10.0.0.4", bindings="0.0.0.0:2525", role="HubTransport"
    )
    flow = only(between(sender("2019"), target("2019"), *defaults("2019"), relay))
    assert (winner(flow), flow.verdict) == ("Relay", BROKEN)


def test_an_externally_secured_connector_always_breaks_captured_servers() -> None:
    relay = connector(
        "EX02", ranges="10.0.0.0/24", auth="Tls, ExternalAuthoritative", groups="ExchangeServers"
    )
    flow = only(between(sender("2010"), target("2019"), *defaults("2019"), relay))
    assert (winner(flow), flow.verdict) == ("Relay", BROKEN)


def test_a_connector_with_the_mechanism_but_without_the_group_lets_no_server_submit() -> None:
    relay = connector("EX02", ranges="10.0.0.0/24", auth=AUTH_31, groups="AnonymousUsers")
    flow = only(between(sender("2010"), target("2019"), *defaults("2019"), relay))
    assert flow.verdict is BROKEN
    assert flow.reason.startswith(r"EX02\Relay lacks the permission group ExchangeServers")


def test_a_relay_connector_that_can_authenticate_servers_does_no_harm() -> None:
    relay = connector("EX02", ranges="10.0.0.0/24", auth=AUTH_31, groups=EXCHANGE_GROUPS)
    flow = only(between(sender("2010"), target("2019"), *defaults("2019"), relay))
    assert (winner(flow), flow.verdict) == ("Relay", OK)


def test_a_narrower_connector_for_servers_saves_them() -> None:
    relay = connector("EX02", "Relay", ranges="10.0.0.0/24")
    servers = connector(
        "EX02", "Servers", ranges="10.0.0.4", auth=AUTH_31, groups="ExchangeServers"
    )
    flow = only(between(sender("2010"), target("2019"), *defaults("2019"), relay, servers))
    assert (winner(flow), flow.verdict) == ("Servers", OK)


def test_every_address_of_the_sender_is_a_flow_of_its_own() -> None:
    relay = connector("EX02", "Relay", ranges="10.0.0.0/24")
    source = sender("2010", "10.0.0.4, 10.9.0.4, fd00::4, fe80::4%3, 127.0.0.1, ::1")
    flows = between(source, target("2019", "10.0.0.5, fd00::5"), *defaults("2019"), relay)
    assert {(str(flow.source), winner(flow), flow.verdict) for flow in flows} == {
        ("10.0.0.4", "Relay", BROKEN),
        ("10.9.0.4", "Default Frontend EX02", OK),
        ("fd00::4", "Default Frontend EX02", OK),
    }


# --- what stays unknown, and why


def test_unknown_version_and_roles_make_the_flow_unknown() -> None:
    source = make("EX01", version=None, roles=None, addresses="10.0.0.4")
    flow = only(between(source, target("2019"), *defaults("2019")))
    assert (flow.verdict, flow.port, flow.selection) == (UNKNOWN, None, None)
    assert flow.reason == "version and roles are not known"


@pytest.mark.parametrize("addresses", [None, "127.0.0.1, fe80::1%4"])
def test_unknown_addresses_make_the_flow_unknown(addresses: str | None) -> None:
    flow = only(between(sender("2010", addresses), target("2019"), *defaults("2019")))
    assert (flow.verdict, flow.port, flow.source) == (UNKNOWN, 25, None)
    assert flow.reason == "the addresses of EX01 are not known"


def test_no_collected_listener_makes_the_flow_unknown() -> None:
    flow = only(between(sender("2016"), target("2019"), defaults("2019")[0]))
    assert (flow.verdict, flow.port) == (UNKNOWN, 2525)
    assert flow.reason == "no collected connector of EX02 listens on port 2525"


def test_nobody_answers() -> None:
    default = connector("EX02", "Default Frontend", ranges="192.168.0.0/16")
    flow = only(between(sender("2010"), target("2019"), default))
    assert flow.verdict is BROKEN
    assert "421 4.3.2" in flow.reason


GOOD: dict[str, Any] = {"auth": AUTH_31, "groups": EXCHANGE_GROUPS}
BAD: dict[str, Any] = {"auth": "Tls", "groups": "AnonymousUsers"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(GOOD, GOOD, OK), (BAD, BAD, BROKEN), (GOOD, BAD, UNKNOWN)],
)
def test_a_tie_is_judged_by_what_all_of_them_do(
    one: dict[str, Any], other: dict[str, Any], expected: FlowVerdict
) -> None:
    tied = [
        connector("EX02", name, ranges="10.0.0.0/24", **kind)
        for name, kind in (("A", one), ("B", other))
    ]
    flow = only(between(sender("2010"), target("2019"), *tied))
    assert flow.verdict is expected
    assert r"EX02\A, EX02\B" in flow.reason


@pytest.mark.parametrize(("kind", "expected"), [(GOOD, UNKNOWN), (BAD, BROKEN)])
def test_a_connector_that_may_be_disabled(kind: dict[str, Any], expected: FlowVerdict) -> None:
    maybe = connector("EX02", ranges="10.0.0.0/24", enabled=None, **kind)
    flow = only(between(sender("2010"), target("2019"), maybe))
    assert flow.verdict is expected


def test_hidden_rights_and_suppressed_x_anonymous_tls_make_the_flow_unknown() -> None:
    custom = connector("EX02", ranges=WHOLE, auth=AUTH_31, groups="AnonymousUsers, Custom")
    flow = only(between(sender("2010"), target("2019"), custom))
    assert flow.verdict is UNKNOWN
    assert flow.reason == r"whether EX02\Relay can authenticate Exchange servers is not known"
    suppressed = connector("EX02", ranges=WHOLE, suppress_x_anonymous_tls=True, **GOOD)
    assert only(between(sender("2010"), target("2019"), suppressed)).verdict is UNKNOWN


# --- which listeners another machine can meet


def names_reached(goal: Server, *connectors: Connector) -> list[str]:
    view = View(snapshot(goal, connectors))
    return [str(table.listener.local) for table in reachable(view.tables["EX02"], goal)]


WILD = connector("EX02", "Wild", bindings="0.0.0.0:25")
SPECIFIC = connector("EX02", "Specific", bindings="10.0.0.5:25, 127.0.0.1:25, 10.0.0.99:25")


def test_loopback_is_met_by_nobody_and_an_address_without_an_adapter_may_be() -> None:
    goal = target("2019", "10.0.0.5, 10.0.0.6")
    reached = names_reached(goal, WILD, SPECIFIC)
    assert reached == ["0.0.0.0:25", "10.0.0.5:25", "10.0.0.99:25"]


def test_without_known_addresses_every_address_may_be_met() -> None:
    assert names_reached(target("2019", None), SPECIFIC) == ["10.0.0.5:25", "10.0.0.99:25"]


def test_a_wildcard_stands_for_nothing_when_every_address_has_its_own_listener() -> None:
    reached = names_reached(target("2019", "10.0.0.5, 127.0.0.1"), WILD, SPECIFIC)
    assert reached == ["10.0.0.5:25", "10.0.0.99:25"]


def test_a_listener_that_may_not_exist_leaves_the_wildcard_its_address() -> None:
    maybe = connector("EX02", "Maybe", bindings="10.0.0.5:25", enabled=None)
    assert names_reached(target("2019"), WILD, maybe) == ["0.0.0.0:25", "10.0.0.5:25"]


def test_addresses_that_the_export_lost_leave_the_wildcard_in_place() -> None:
    goal = server("2019", "EX02", "10.0.0.5", network_complete=False)
    assert "0.0.0.0:25" in names_reached(goal, WILD, SPECIFIC)


def test_another_process_does_not_take_the_wildcards_addresses() -> None:
    hub = connector("EX02", "Hub", bindings="10.0.0.5:25", role="HubTransport")
    assert names_reached(target("2019"), WILD, hub) == ["0.0.0.0:25", "10.0.0.5:25"]


def test_a_relay_on_the_only_address_is_the_only_thing_a_sender_meets() -> None:
    relay = connector("EX02", "Relay", bindings="10.0.0.5:25")
    wild = connector("EX02", "Default Frontend", bindings="0.0.0.0:25", ranges="10.0.0.0/8", **GOOD)
    flow = only(between(sender("2010"), target("2019"), wild, relay))
    assert (winner(flow), flow.verdict) == ("Default Frontend", OK)
    narrow = connector("EX02", "Relay", bindings="10.0.0.5:25", ranges="10.0.0.4")
    flow = only(between(sender("2010"), target("2019"), wild, narrow))
    assert (winner(flow), flow.verdict) == ("Relay", BROKEN)


def test_usable_addresses() -> None:
    one = make(addresses="10.0.0.5, 127.0.0.1, 169.254.1.1, ::1, fe80::1%3, fd00::1, 0.0.0.0")
    assert [str(address) for address in usable_addresses(one) or ()] == ["10.0.0.5", "fd00::1"]
    assert usable_addresses(make(addresses=None)) is None


# --- devices


def device(*connectors: Connector, address: str = "10.0.0.9") -> list[Flow]:
    goal = target("2019")
    view = View(snapshot(goal, connectors))
    return list(device_flows("printer", [Address.parse(address)], goal, view.tables["EX02"]))


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ("AnonymousUsers", "it may not relay"),
        ("AnonymousUsers, Custom", "whether it may relay is not known"),
    ],
)
def test_a_device_is_told_what_it_may_do(groups: str, words: str) -> None:
    flow = only(device(connector("EX02", ranges="10.0.0.0/24", groups=groups)))
    assert (flow.port, flow.verdict) == (25, OK)
    assert flow.reason == rf"EX02\Relay answers; {words}"


def test_a_device_that_may_relay() -> None:
    relay = connector(
        "EX02", ranges="10.0.0.0/24", auth="ExternalAuthoritative", groups="ExchangeServers"
    )
    assert only(device(relay)).reason.endswith("it may relay to any recipient")


def test_a_device_that_nobody_answers_or_that_two_may_answer() -> None:
    one = connector("EX02", "A", ranges="10.0.0.0/24")
    other = connector("EX02", "B", ranges="10.0.0.0/24")
    assert only(device(one, address="10.1.0.1")).verdict is BROKEN
    tied = only(device(one, other))
    assert tied.verdict is UNKNOWN
    assert r"EX02\A, EX02\B" in tied.reason


def test_a_device_meets_port_25_only() -> None:
    assert device(connector("EX02", bindings="0.0.0.0:587")) == []
