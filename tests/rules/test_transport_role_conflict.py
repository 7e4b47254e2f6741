from __future__ import annotations

from dataclasses import replace

from fakes.models import server
from fakes.rule_cases import ex, inbound, relay, run
from rctango.model.finding import OutcomeKind, Severity

NAME = "transport-role-conflict"


def test_fires_for_a_hub_connector_on_port_25_of_a_modern_server() -> None:
    found = run(NAME, *ex(), relay(name="A Relay", ranges="10.0.7.9", role="HubTransport")).only
    assert found.severity is Severity.HIGH
    assert found.connector == "EX01\\A Relay"
    assert "EX01\\A Relay (HubTransport, 0.0.0.0:25)" in found.message
    assert "EX01\\Default Frontend EX01 (FrontendTransport)" in found.message
    assert "Whichever service starts first gets the port" in found.message
    assert "cumulative update" in found.message
    assert "transport role" in found.fix


def test_fires_for_the_custom_connector_whatever_its_name() -> None:
    found = run(NAME, *ex(), relay(name="Scanner", ranges="10.0.7.9", role="HubTransport")).only
    assert found.connector == "EX01\\Scanner"


def test_fires_once_when_a_hub_connector_clashes_with_several() -> None:
    found = run(
        NAME,
        *ex(),
        relay(name="Hub", ranges="10.0.7.9", role="HubTransport"),
        inbound(name="Front A", ranges="10.0.8.9"),
        inbound(name="Front B", ranges="10.0.9.9"),
    ).only
    assert found.connector == "EX01\\Hub"
    assert "EX01\\Front A" in found.message
    assert "EX01\\Front B" in found.message


def test_fires_for_a_specific_address_under_a_wildcard() -> None:
    bound = relay(ranges="10.0.7.9", role="HubTransport", bindings="10.0.0.5:25")
    assert run(NAME, *ex(), bound).only.connector == "EX01\\Relay"


def test_fires_medium_for_a_disabled_connector_because_setup_stops_at_it() -> None:
    off = relay(ranges="10.0.7.9", role="HubTransport", enabled=False)
    found = run(NAME, *ex(), off).only
    assert found.severity is Severity.MEDIUM
    assert "nothing breaks today" in found.message
    assert "cumulative update" in found.message


def test_near_miss_several_frontend_connectors_on_one_binding() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.9"), inbound(ranges="10.0.8.0/24")).is_clean()


def test_near_miss_a_hub_connector_on_its_own_port_or_family() -> None:
    assert run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.9", role="HubTransport", bindings="0.0.0.0:26"),
        relay(name="Hub", ranges="10.0.7.9", role="HubTransport", bindings="0.0.0.0:2525"),
    ).is_clean()


def test_near_miss_two_specific_addresses() -> None:
    front = relay(name="Front", ranges="10.0.7.9", bindings="10.0.0.5:26")
    hub = relay(name="Hub", ranges="10.0.7.9", role="HubTransport", bindings="10.0.0.6:26")
    assert run(NAME, *ex(), front, hub).is_clean()


def test_near_miss_default_connectors_of_split_roles_2010_and_edge() -> None:
    assert run(
        NAME,
        *ex("EX10", "14.3", "Mailbox, ClientAccess, HubTransport"),
        *ex("CAS13", "15.0", "ClientAccess"),
        *ex("MBX13", "15.0", "Mailbox"),
        *ex("EDGE01", "15.2", "Edge"),
    ).is_clean()


def test_near_miss_another_server_may_have_another_role_there() -> None:
    mbx = ex("MBX13", "15.0", "Mailbox")
    assert run(NAME, *ex(), *mbx, relay("MBX13", ranges="10.0.7.9", role="HubTransport")).is_clean()


def test_near_miss_2010_exports_have_no_role() -> None:
    hub = ex("EX10", "14.3", "HubTransport")
    assert run(NAME, *hub, relay("EX10", ranges="10.0.7.9", role=None)).is_clean()


def test_not_assessed_without_the_role() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.7.9", role=None))
    assert ran.lacks("TransportRole of EX01\\Relay: export Get-ReceiveConnector")


def test_not_assessed_without_the_role_of_a_disabled_connector() -> None:
    off = relay(ranges="10.0.7.9", role=None, enabled=False)
    assert run(NAME, *ex(), off).lacks("TransportRole of EX01\\Relay")


def test_near_miss_ranges_play_no_part() -> None:
    assert run(NAME, *ex(), relay(ranges=None)).is_clean()


def test_not_assessed_when_bindings_were_cut_off() -> None:
    cut = relay(ranges="10.0.7.9", role="HubTransport", bindings=None)
    assert run(NAME, *ex(), cut).lacks("Bindings of EX01\\Relay")


def test_not_assessed_without_roles_of_a_server_whose_connectors_have_none() -> None:
    unknown = replace(server("EX10"), version=None, roles=None)
    ran = run(NAME, unknown, relay("EX10", ranges="10.0.7.9", role=None))
    assert ran.outcome.kind is OutcomeKind.NOT_ASSESSED
