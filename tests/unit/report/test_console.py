from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from rctango.addresses import Address
from rctango.model.connection import FlowVerdict, Reason
from rctango.model.finding import Acceptance, Outcome, OutcomeKind, Severity
from rctango.model.rights import SessionRights
from rctango.model.snapshot import Gap
from rctango.report.console import (
    render_audit,
    render_map,
    render_matrix,
    render_rule,
    render_rules,
    render_which,
)
from rctango.report.rows import WhichRow
from rctango.report.words import reason_words
from unit.report import samples
from unit.report.golden import compare, shown

if TYPE_CHECKING:
    from rctango.model.finding import AuditResult

ASKED = Address.parse("10.1.1.1")
WIDTHS = (40, 80, 160)


def audit(result: AuditResult, width: int = 200) -> str:
    return shown(partial(render_audit, result=result), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_audit_golden(width: int) -> None:
    compare(f"audit-{width}.txt", audit(samples.result(), width))


def test_hostile_audit_golden() -> None:
    compare("audit-hostile.txt", audit(samples.hostile_result(), 100))


def test_clean_audit_golden() -> None:
    compare("audit-clean.txt", audit(samples.clean_result()))


@pytest.mark.parametrize("width", WIDTHS)
def test_which_golden(width: int) -> None:
    render = partial(render_which, address=ASKED, connections=samples.which_rows())
    compare(f"which-{width}.txt", shown(render, width))


@pytest.mark.parametrize("width", WIDTHS)
def test_map_golden(width: int) -> None:
    compare(f"map-{width}.txt", shown(partial(render_map, coverages=samples.coverages()), width))


@pytest.mark.parametrize("width", WIDTHS)
def test_matrix_golden(width: int) -> None:
    compare(f"matrix-{width}.txt", shown(partial(render_matrix, flows=samples.flows()), width))


def test_hostile_tables_golden() -> None:
    text = shown(partial(render_map, coverages=samples.hostile_coverages()), 100)
    text += shown(partial(render_matrix, flows=samples.hostile_flows()), 200)
    compare("tables-hostile.txt", text)


def test_rules_golden() -> None:
    text = shown(partial(render_rules, rules=samples.rules()))
    for rule in samples.rules():
        text += shown(partial(render_rule, rule=rule))
    compare("rules.txt", text)


def test_colour_only_where_the_console_has_it() -> None:
    render = partial(render_audit, result=samples.hostile_result())
    coloured = shown(render, color=True)
    assert "\x1b[" in coloured
    assert "\x1b[2J" not in coloured
    assert "\x1b" not in shown(render)


def test_accepted_findings_stand_last_and_say_who() -> None:
    text = audit(samples.result())
    assert text.index("Accepted risks (1)") > text.index("LOW Nothing is logged")
    said = "printers, ticket 4711 (accepted by messaging team, until 2027-06-30; rctango.toml: acc"
    assert said in text


def test_acceptance_without_owner_and_end() -> None:
    bare = Acceptance(
        rule="r",
        connector=None,
        reason="why not",
        owner="",
        until=None,
        origin=samples.ACCEPTANCE.origin,
    )
    text = audit(samples.result(findings=(samples.finding(Severity.LOW, acceptance=bare),)))
    assert "why not (accepted, without an end date; rctango.toml: accept[0])" in text


def test_missing_fact_is_said_once_for_all_rules() -> None:
    text = audit(samples.result())
    assert text.count("Export Win32_NetworkAdapterConfiguration of EX02") == 1
    assert "for captured-exchange-server (in part), relay-for-server" in text


def test_unreadable_gaps_come_first() -> None:
    text = audit(samples.result())
    assert text.index("Could not be read") < text.index("Missing or doubtful")
    assert "EX02 (ex02.csv: line 2), EX02 (ex02.csv: line 3)" in text


def test_clean_is_said_only_when_all_was_assessed() -> None:
    assert "Clean: every rule was assessed" in audit(samples.clean_result())


LACKING = (
    Outcome(rule="a", kind=OutcomeKind.CLEAN),
    Outcome(rule="b", kind=OutcomeKind.NOT_ASSESSED, missing=("Export x",)),
)
IN_PART = (Outcome(rule="a", kind=OutcomeKind.CLEAN, missing=("Export x",)),)
CRASHED = (Outcome(rule="a", kind=OutcomeKind.CRASHED),)
UNREAD = (Gap(what="ranges", server="EX01", why="lost", unreadable=True),)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"outcomes": LACKING}, "Not everything could be assessed."),
        ({"outcomes": IN_PART}, "Not everything could be assessed."),
        ({"outcomes": CRASHED}, "A rule crashed, so this report is incomplete."),
        ({"outcomes": ()}, "No rule was run."),
        ({"connectors": 0}, "No receive connector was found in the evidence."),
        ({"gaps": UNREAD}, "Not all of the evidence could be read."),
    ],
)
def test_what_is_no_clean_bill_of_health(facts: dict[str, object], why: str) -> None:
    text = audit(samples.clean_result(**facts))
    assert f"{why} Nothing fired, but this is not a clean bill of health." in text
    assert "Clean:" not in text


def test_accepted_risks_are_not_called_clean() -> None:
    accepted = (samples.finding(Severity.LOW, acceptance=samples.ACCEPTANCE),)
    text = audit(samples.clean_result(findings=accepted))
    assert "nothing fired beyond the accepted risks" in text
    assert "Clean:" not in text


def test_findings_speak_for_themselves() -> None:
    text = audit(samples.clean_result(findings=(samples.finding(Severity.LOW),)))
    assert text.rstrip().endswith("0 crashed.")


def test_subjects_are_listed_when_the_message_does_not_name_them_all() -> None:
    text = audit(samples.result())
    assert "Concerns: server EX02 (10.1.1.6), server EX03" in text
    assert "Concerns: gateway" not in text


def test_longer_address_does_not_count_as_named() -> None:
    near = "Only 10.1.1.10 and 10.1.1.1/32 and -10.1.1.1.9."
    one = samples.finding(Severity.LOW, message=near, fix="Wait.")
    text = audit(samples.result(findings=(one,)))
    assert "Concerns: gateway 10.1.1.1" in text


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason: Reason) -> None:
    assert reason_words(reason)


def test_no_listener() -> None:
    nothing = shown(partial(render_which, address=ASKED, connections=()))
    assert "holds no listener" in nothing
    assert "holds no listener" in shown(partial(render_map, coverages=()))


def test_client_that_may_not_connect_has_no_further_rights() -> None:
    no = samples.NO
    rights = SessionRights(
        connect=no,
        submit=no,
        relay=no,
        spoof_internal_sender=no,
        bypass_anti_spam=no,
        exchange_authentication=no,
    )
    row = WhichRow(selection=samples.which_rows()[0].selection, rights=rights)
    text = shown(partial(render_which, address=ASKED, connections=(row,)))
    assert "The client may not connect" in text
    assert "recipient" not in text


def test_many_targets_have_no_grid() -> None:
    many = [samples.flow("EX01", f"E{n}", FlowVerdict.OK) for n in range(13)]
    assert shown(partial(render_matrix, flows=many), 200) == "Flows: 13 ok, 0 broken, 0 unknown.\n"
    assert "From \\ to" in shown(partial(render_matrix, flows=many[:12]), 200)
    assert "From \\ to" not in shown(partial(render_matrix, flows=many[:12]), 40)


def test_worst_flow_of_a_pair_shows_in_the_grid() -> None:
    grid = shown(partial(render_matrix, flows=samples.flows())).splitlines()[:4]
    assert [line.split() for line in grid[1:]] == [
        ["EX02", "broken", "-"],
        ["EX01", "-", "ok"],
        ["LB-A", "-", "unknown"],
    ]
