"""Several exports of the same objects: partial ones add up, contradictions are reported."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from fakes import exchange
from fakes.powershell import clixml, csv_text, format_list
from unit.intake.samples import as_list, bare, gap_about, only_connector, read, whys

if TYPE_CHECKING:
    from rctango.model.snapshot import Snapshot

OLD = datetime(2024, 1, 1, tzinfo=UTC)
NEW = datetime(2025, 1, 1, tzinfo=UTC)
SIGNATURE = {"PermissionGroups": "AnonymousUsers"}
"""By this a connector is known where no type says it."""


def relay(changed: datetime = OLD, *ranges: str, **more: Any) -> bytes:
    thing = exchange.receive_connector(
        "EX01", "Relay", remote_ip_ranges=ranges or ("10.0.0.0/24",), changed=changed, **more
    )
    return clixml((thing,))


def undated(**properties: Any) -> str:
    return json.dumps(
        {"Name": "Relay", "Server": "EX01", **SIGNATURE, "Enabled": True, **properties}
    )


def ranges_of(snapshot: Snapshot) -> list[str]:
    return [one.text for one in only_connector(snapshot).remote_ranges or ()]


def test_partial_exports_add_up() -> None:
    thing = exchange.receive_connector("EX01", "Relay", groups="AnonymousUsers, Custom")
    parts = (
        csv_text((thing,), ("Identity", "Bindings", "AuthMechanism")),
        format_list((thing,), ("Name", "Server", "RemoteIPRanges", "PermissionGroups")),
        json.dumps(
            {"Name": "relay ", "Server": "ex01", "TransportRole": 16384, "Enabled": True}
            | {"PermissionGroups": 33}
        ),
    )
    whole = only_connector(read(clixml((thing,))))
    for order in permutations(parts):
        snapshot = read(*order)
        found = only_connector(snapshot)
        assert not snapshot.gaps
        for name in (
            "bindings",
            "remote_ranges",
            "auth_mechanism",
            "permission_groups",
            "transport_role",
            "enabled",
        ):
            assert getattr(found, name) == getattr(whole, name)


@pytest.mark.parametrize("newest_last", [True, False])
def test_the_newer_of_two_exports_wins(newest_last: bool) -> None:
    files = [relay(OLD, "10.0.0.0/24"), relay(NEW, "10.0.0.7")]
    snapshot = read(*(files if newest_last else files[::-1]))
    assert ranges_of(snapshot) == ["10.0.0.7"]
    gap = gap_about(snapshot, "remote_ranges of EX01\\Relay")
    newer, older = ("1", "0") if newest_last else ("0", "1")
    assert gap.why == (
        f"two exports disagree; taken from {newer}: object 1, RemoteIPRanges, "
        f"not from {older}: object 1, RemoteIPRanges"
    )
    assert gap.server == "EX01"
    assert not gap.unreadable
    assert only_connector(snapshot).when_changed == NEW
    (origin,) = only_connector(snapshot).origin("remote_ranges")
    assert origin.source == newer


def test_without_dates_the_later_argument_wins() -> None:
    first, second = undated(Enabled=True), undated(Enabled=False)
    assert only_connector(read(first, second)).enabled is False
    assert only_connector(read(second, first)).enabled is True
    assert "two exports disagree" in gap_about(read(first, second), "enabled").why


def test_with_one_date_the_later_argument_wins() -> None:
    dated, plain = relay(NEW, enabled=True), undated(Enabled=False)
    assert only_connector(read(dated, plain)).enabled is False
    assert only_connector(read(plain, dated)).enabled is True


def test_an_agreeing_newer_export_renews_the_older_one() -> None:
    middle = datetime(2024, 6, 1, tzinfo=UTC)
    files = [relay(OLD, "10.0.0.1"), relay(NEW, "10.0.0.1"), relay(middle, "10.0.0.2")]
    for order in permutations(files):
        assert ranges_of(read(*order)) == ["10.0.0.1"]


def test_json_dates_count_as_well() -> None:
    newer = undated(WhenChanged="/Date(1735689600000)/", Enabled=False)
    older = undated(WhenChangedUTC="2024-01-01T00:00:00.0000000Z")
    for order in ((newer, older), (older, newer)):
        assert only_connector(read(*order)).enabled is False


def test_regional_dates_are_not_guessed() -> None:
    first = undated(WhenChanged="01.02.2025 10:00:00", Enabled=False)
    second = undated(WhenChanged="02.01.2024 10:00:00")
    assert only_connector(read(first, second)).enabled is True
    assert only_connector(read(first, second)).when_changed is None


def test_another_notation_is_no_contradiction() -> None:
    first, second = relay(OLD, "10.0.0.0/24"), relay(NEW, "10.0.0.0(255.255.255.0)")
    assert not read(first, second).gaps
    assert bare(read(first, second)) == bare(read(second, first))


def test_another_order_is_no_contradiction() -> None:
    first, second = relay(OLD, "10.0.0.1", "10.0.0.2"), relay(NEW, "10.0.0.2", "10.0.0.1")
    assert not read(first, second).gaps
    assert bare(read(first, second)) == bare(read(second, first))


def listing(*ranges: str, limit: int = -1) -> str:
    thing = exchange.receive_connector("EX01", "Relay", remote_ip_ranges=ranges)
    return as_list((thing,), enumeration_limit=limit)


def test_a_whole_list_takes_the_place_of_a_cut_one() -> None:
    whole = listing("10.0.0.1", "10.0.0.2", "10.0.0.3")
    cut = listing("10.0.0.1", "10.0.0.2", "10.0.0.3", limit=2)
    for order in ((whole, cut), (cut, whole)):
        snapshot = read(*order)
        assert ranges_of(snapshot) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
        assert only_connector(snapshot).remote_ranges_complete
        assert not any("disagree" in line for line in whys(snapshot))


def test_of_two_cut_lists_the_longer_stands() -> None:
    long = listing("10.0.0.1", "10.0.0.2", "10.0.0.3", limit=2)
    short = listing("10.0.0.1", "10.0.0.2", "10.0.0.3", limit=1)
    for order in ((long, short), (short, long)):
        snapshot = read(*order)
        assert ranges_of(snapshot) == ["10.0.0.1", "10.0.0.2"]
        assert not only_connector(snapshot).remote_ranges_complete
        assert not any("disagree" in line for line in whys(snapshot))


def test_a_cut_list_that_contradicts_a_whole_one_is_reported() -> None:
    whole, cut = listing("10.0.0.1"), listing("10.0.0.7", "10.0.0.8", limit=1)
    snapshot = read(whole, cut)
    assert ranges_of(snapshot) == ["10.0.0.7"]
    assert not only_connector(snapshot).remote_ranges_complete
    assert any("disagree" in line for line in whys(snapshot))
    back = read(cut, whole)
    assert ranges_of(back) == ["10.0.0.1"]
    assert only_connector(back).remote_ranges_complete


def test_the_same_file_twice_says_nothing_new() -> None:
    thing = clixml(exchange.default_connectors("EX01"))
    snapshot = read(thing, thing)
    assert bare(snapshot) == bare(read(thing))
    assert not snapshot.gaps
    assert sum(item.objects for item in snapshot.evidence) == 10


def test_servers_that_disagree() -> None:
    old = clixml((exchange.exchange_server("EX01", (15, 1), changed=OLD),))
    new = clixml((exchange.exchange_server("EX01", (15, 2), changed=NEW),))
    for order in ((old, new), (new, old)):
        snapshot = read(*order)
        assert snapshot.servers[0].version is not None
        assert snapshot.servers[0].version.minor == 2
        assert "two exports disagree" in gap_about(snapshot, "version of EX01").why


def test_adapters_that_disagree() -> None:
    old = clixml((exchange.win32_adapter("EX01", ("10.0.0.5",)),))
    new = clixml((exchange.win32_adapter("EX01", ("10.0.0.6",)),))
    snapshot = read(clixml((exchange.exchange_server("EX01"),)), old, new)
    assert [str(one) for one in snapshot.servers[0].addresses or ()] == ["10.0.0.6"]
    assert any("disagree" in line for line in whys(snapshot))


ORGANISATION: dict[str, bytes | str] = {
    "servers": clixml((exchange.exchange_server("EX01"), exchange.exchange_server("EX02"))),
    "connectors": clixml(
        (*exchange.default_connectors("EX01"), exchange.receive_connector("EX01", "Relay"))
    ),
    "listing": as_list(exchange.default_connectors("EX01"), enumeration_limit=1),
    "others": as_list(exchange.default_connectors("EX02")),
    "entries": clixml(exchange.anonymous_relay_aces("EX01\\Relay")),
    "adapters": clixml((exchange.win32_adapter("EX01", ("10.0.0.5",), ("10.0.0.1",)),)),
    "network": clixml((exchange.net_ip_configuration("EX01", ("10.0.0.5",), ("10.0.0.1",)),)),
    "unnamed": json.dumps({"Name": "Relay", "RequireTLS": False, "RemoteIPRanges": ["0.0.0.0/0"]}),
    "domains": clixml((exchange.accepted_domain("b.com"), exchange.accepted_domain("a.com"))),
    "more domains": clixml((exchange.accepted_domain("b.com"),)),
    "send": clixml((exchange.send_connector("Out"), exchange.send_connector("In"))),
    "agents": clixml((exchange.transport_agent("EX02", "Sender Id Agent"),)),
    "junk": "nothing of any use",
}


@pytest.mark.parametrize("turn", range(len(ORGANISATION)))
def test_the_order_of_files_does_not_matter(turn: int) -> None:
    names = list(ORGANISATION)
    reference = read(**ORGANISATION)
    turned = names[turn:] + names[:turn]
    for order in (turned, turned[::-1]):
        assert read(**{name: ORGANISATION[name] for name in order}) == reference
