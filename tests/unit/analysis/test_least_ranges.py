from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.models import appliance, connector, server, snapshot
from fakes.observations import answer, period, profile, traffic, usage
from fakes.rule_cases import ex, exchange, relay
from rctango.analysis.least_ranges import propose
from rctango.analysis.view import View

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.observation import LoggedAnswer, LogPeriod, SourceProfile, Usage
    from rctango.model.proposal import Proposal

FRONT = "EX01\\Default Frontend EX01"
RELAY = relay(ranges="10.0.7.0/24, 10.0.0.0/24")


def run(
    *items: Usage | SourceProfile | LoggedAnswer | LogPeriod,
    one: Connector = RELAY,
    others: tuple[Connector, ...] = (),
    incomplete: tuple[str, ...] = (),
    **facts: Any,
) -> Proposal:
    view = View(snapshot(*ex(), server("EX02", addresses="10.0.0.6"), one, others, **facts))
    return propose(view, traffic(*items, incomplete=incomplete), one)


def test_the_clients_that_relayed_and_nobody_else() -> None:
    found = run(
        usage(client="10.0.7.9", foreign=5),
        usage(client="10.0.7.8", foreign=1, own=7),
        usage(client="10.0.7.7", own=30),
        usage(client="10.0.7.6", recipients_refused=4),
        usage(FRONT, "10.0.7.5", foreign=9),
    )
    assert found.entries == ("10.0.7.8", "10.0.7.9")
    assert found.aggregated == ("10.0.7.8/31",)
    assert [one.recipients for one in found.keep] == [1, 5]
    assert [one.client for one in found.lost] == ["10.0.7.6", "10.0.7.7"]
    assert found.relay_proved
    assert found.unused == ("10.0.0.0/24",)
    assert not found.warnings


def test_blocks_hold_no_address_that_did_not_relay() -> None:
    rows = [usage(client=f"10.0.7.{at}", foreign=1) for at in (8, 9, 10, 12, 13)]
    assert run(*rows).aggregated == ("10.0.7.8/31", "10.0.7.10", "10.0.7.12/31")


def test_without_accepted_domains_every_accepted_recipient_counts_and_that_is_said() -> None:
    found = run(usage(client="10.0.7.9", foreign=None, own=None, recipients_accepted=4))
    assert found.entries == ("10.0.7.9",)
    assert not found.relay_proved
    assert "accepted domains are not known" in found.caveats[0]


def test_who_answers_afterwards_is_computed_where_the_client_was_seen() -> None:
    rows = (usage(foreign=1), usage(client="10.0.7.7", own=30))
    found = run(*rows, answer(client="10.0.7.7"), answer(client="10.0.7.9"))
    assert found.lost[0].answered_by == (f"10.0.0.5 port 25: {FRONT}",)
    assert run(*rows).lost[0].answered_by == (f"0.0.0.0:25: {FRONT}",)
    alone = View(snapshot(RELAY))
    found = propose(alone, traffic(*rows), RELAY)
    assert found.lost[0].answered_by == ("0.0.0.0:25: nobody",)
    masked = run(usage(foreign=1), usage(client="10.0.7.xxx", own=3))
    assert masked.lost[0].answered_by == ()


def test_servers_gateways_and_devices_need_a_decision() -> None:
    devices = (appliance("LB01", "load-balancer", "10.0.0.250"),)
    found = run(
        usage(client="10.0.7.9", foreign=5),
        usage(client="10.0.0.6", foreign=5),
        usage(client="10.0.0.1", foreign=5),
        usage(client="10.0.0.250", foreign=5),
        usage(client="10.0.0.251", foreign=5),
        profile("10.0.0.251", names=12, share=0.2),
        appliances=devices,
    )
    assert found.entries == ("10.0.7.9",)
    assert {one.client: one.why for one in found.needs_decision} == {
        "10.0.0.1": "It is the default gateway of EX01, EX02.",
        "10.0.0.6": "It is an address of the Exchange server EX02.",
        "10.0.0.250": "It belongs to load-balancer LB01, as declared.",
        "10.0.0.251": "It is likely that it stands for many clients (score 65 of 100).",
    }
    assert "10.0.0.1, 10.0.0.6, 10.0.0.250 and 10.0.0.251 relayed and will not" in found.warnings[0]


def test_clients_that_cannot_be_proposed_are_listed() -> None:
    found = run(usage(client="10.0.7.xxx", foreign=1), usage(client="10.9.9.9", foreign=1))
    assert found.entries == ()
    assert [one.why for one in found.left_out] == [
        "The present ranges do not hold it: it relayed before they were changed.",
        "Its address cannot be read.",
    ]
    assert "Nothing is proposed" in found.warnings[0]


def test_unknown_ranges_keep_every_relaying_client() -> None:
    found = run(usage(client="10.9.9.9", foreign=1), one=relay(ranges=None))
    assert found.entries == ("10.9.9.9",)
    assert found.unused == ()


def test_a_tie_with_another_connector_is_a_warning() -> None:
    found = run(usage(foreign=1), others=(exchange(ranges="10.0.7.9"),))
    assert found.warnings == ("At 0.0.0.0:25 10.0.7.9 would not surely be answered by it.",)


def test_taking_a_client_from_another_connector_is_a_warning() -> None:
    both = relay(ranges="10.0.7.0/24", bindings="0.0.0.0:25, 0.0.0.0:26")
    other = connector(name="Other", ranges="10.0.7.0/28", bindings="0.0.0.0:26")
    found = run(usage(foreign=1), one=both, others=(other,))
    assert found.warnings == ("At 0.0.0.0:26 it would take 10.0.7.9 from EX01\\Other.",)


def test_clients_that_authenticate_may_need_no_relay() -> None:
    found = run(usage(foreign=1, auth_successes=3))
    assert found.entries == ("10.0.7.9",)
    assert "10.0.7.9 authenticated as well" in found.warnings[0]


def test_more_entries_than_the_directory_holds() -> None:
    wide = relay(ranges="10.0.0.0/8")
    rows = [usage(client=f"10.1.{at // 250}.{at % 250}", foreign=1) for at in range(1201)]
    assert "about 1,250 entries" in run(*rows, one=wide).warnings[0]


def test_the_caveats_say_what_the_logs_cover() -> None:
    dark = relay(ranges="10.0.7.0/24", verbose_logging=False)
    found = run(
        usage(foreign=1), period(days=[0, 4]), one=dark, incomplete=("2 files could not be read",)
    )
    period_said, gap, level, kept, unread = found.caveats
    assert "2026-03-02 to 2026-03-06; who uses it more rarely is missing." in period_said
    assert gap == "On 3 days between, the server's log holds nothing at all."
    assert level == "By the evidence its logging is off, so what it does now is not logged."
    assert "30 days and 250 MB of each kind" in kept
    assert unread == "2 files could not be read"
    untold = run(one=relay(ranges="10.0.7.0/24", verbose_logging=None))
    assert untold.caveats[0] == "The logs show no session of it."
    assert "was not collected" in untold.caveats[1]
