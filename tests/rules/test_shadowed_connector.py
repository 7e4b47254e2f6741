from __future__ import annotations

from fakes.models import both
from fakes.rule_cases import ex, exchange, inbound, relay, run
from rctango.model.finding import Severity

NAME = "shadowed-connector"


def test_fires_when_narrower_ranges_cover_everything() -> None:
    found = run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.0/24"),
        inbound(ranges="10.0.7.0/25"),
        exchange(ranges="10.0.7.128/25"),
    ).only
    assert found.severity is Severity.LOW
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.7.0/24",)
    assert "EX01\\Relay is enabled but answers nobody" in found.message
    assert "EX01\\Exchange and EX01\\Inbound" in found.message
    assert "Remove EX01\\Relay" in found.fix


def test_fires_when_bindings_and_ranges_are_of_different_families() -> None:
    found = run(NAME, *ex(), relay(ranges="2001:db8:7::/64", bindings="0.0.0.0:25")).only
    assert "different address families" in found.message


def test_fires_when_a_specific_binding_takes_equal_ranges() -> None:
    bound = relay(name="Bound", ranges="10.0.7.9", bindings="10.0.0.5:25")
    alone = inbound(ranges="10.0.7.9", bindings="10.0.0.5:25", enabled=False)
    general = relay(ranges="10.0.7.8/30", bindings="10.0.0.5:25")
    narrower = exchange(ranges="10.0.7.8/31, 10.0.7.10/31")
    ran = run(NAME, *ex(), bound, alone, general, narrower)
    assert [one.connector for one in ran.findings] == ["EX01\\Relay"]


def test_near_miss_one_address_is_left() -> None:
    assert run(
        NAME, *ex(), relay(ranges="10.0.7.0/24"), inbound(ranges="10.0.7.0-10.0.7.254")
    ).is_clean()


def test_near_miss_it_still_answers_on_another_binding() -> None:
    two = relay(ranges="10.0.7.9/32, 10.0.7.8/31", bindings="0.0.0.0:25, 0.0.0.0:26")
    narrower = exchange(ranges="10.0.7.8, 10.0.7.9", bindings="10.0.0.5:25")
    assert run(NAME, *ex(), two, narrower).is_clean()


def test_near_miss_a_tie_is_not_a_shadow() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.9"), inbound(ranges="10.0.7.9")).is_clean()


def test_near_miss_disabled_ones_neither_shadow_nor_are_shadowed() -> None:
    assert run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.8/31"),
        inbound(ranges="10.0.7.8, 10.0.7.9", enabled=False),
        relay(name="Off", ranges="10.0.7.9", bindings=both(26), enabled=False),
    ).is_clean()


def test_near_miss_the_narrower_connector_belongs_to_another_service() -> None:
    other = inbound(ranges="10.0.7.8, 10.0.7.9", role="HubTransport", bindings="0.0.0.0:2525")
    assert run(NAME, *ex(), relay(ranges="10.0.7.8/31"), other).is_clean()


def test_not_assessed_when_it_may_be_disabled() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.7.9", enabled=None), inbound(ranges="10.0.7.9"))
    assert ran.lacks("Enabled of EX01\\Relay: export Get-ReceiveConnector with all properties")


def test_not_assessed_when_ranges_were_cut_off() -> None:
    cut = inbound(ranges="10.0.7.8", remote_ranges_complete=False)
    assert run(NAME, *ex(), relay(ranges="10.0.7.8/31"), cut).lacks(
        "RemoteIPRanges of EX01\\Inbound"
    )
