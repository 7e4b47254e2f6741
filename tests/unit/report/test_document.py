from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rctango.addresses import Address
from rctango.model.finding import Severity
from rctango.model.rights import Answer
from rctango.report.document import (
    Document,
    map_document,
    matrix_document,
    report_document,
    rules_document,
    to_json,
    which_document,
)
from unit.report import samples
from unit.report.golden import compare

ASKED = Address.parse("10.1.1.1")


def parsed(document: Document) -> Any:
    return json.loads(to_json(document))


def test_report_golden() -> None:
    compare("report.json", to_json(report_document(samples.result())))


def test_which_golden() -> None:
    compare("which.json", to_json(which_document(ASKED, samples.which_rows())))


def test_map_golden() -> None:
    compare("map.json", to_json(map_document(samples.coverages())))


def test_matrix_golden() -> None:
    compare("matrix.json", to_json(matrix_document(samples.flows())))


def test_rules_golden() -> None:
    compare("rules.json", to_json(rules_document(samples.rules())))


def test_hostile_golden() -> None:
    compare("hostile.json", to_json(report_document(samples.hostile_result())))


def test_hostile_texts_survive_the_round_trip() -> None:
    document = report_document(samples.hostile_result())
    assert parsed(document) == document


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_texts_survive_the_round_trip(name: str, message: str) -> None:
    one = samples.finding(Severity.LOW, connector=name, message=message)
    document = report_document(samples.result(findings=(one,)))
    assert parsed(document) == document


def test_json_is_printable_ascii() -> None:
    text = to_json({"name": samples.HOSTILE + "\x7f\x85\u2028\ud800"})
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert text.endswith("}\n")
    assert json.loads(text)["name"].endswith("\x7f\x85\u2028\ud800")


def test_keys_are_those_of_the_contract_in_its_order() -> None:
    document = parsed(report_document(samples.result()))
    assert list(document) == [
        "schema",
        "tool",
        "evidence",
        "summary",
        "findings",
        "outcomes",
        "gaps",
    ]
    assert list(document["tool"]) == ["name", "version"]
    assert list(document["evidence"][0]) == ["path", "kind", "objects"]
    assert list(document["summary"]) == [
        "findings",
        "suppressed",
        "not_assessed",
        "servers",
        "connectors",
    ]
    assert list(document["summary"]["findings"]) == ["critical", "high", "medium", "low", "info"]
    assert list(document["findings"][0]) == [
        "rule",
        "title",
        "severity",
        "confidence",
        "grade",
        "server",
        "connector",
        "subjects",
        "ranges",
        "message",
        "fix",
        "evidence",
        "suppressed",
    ]
    assert list(document["findings"][0]["subjects"][0]) == ["kind", "name", "address"]
    assert list(document["findings"][0]["evidence"][0]) == ["source", "locator"]
    assert list(document["findings"][3]["suppressed"]) == ["reason", "owner", "until"]
    assert list(document["outcomes"][0]) == ["rule", "outcome", "missing"]
    assert list(document["gaps"][0]) == ["what", "server", "why", "source"]


def test_which_keys_are_those_of_the_contract_in_its_order() -> None:
    document = parsed(which_document(ASKED, samples.which_rows()))
    assert list(document) == ["schema", "address", "connections"]
    row = document["connections"][0]
    assert list(row) == [
        "server",
        "role",
        "local",
        "verdict",
        "connector",
        "range",
        "rights",
        "relay",
        "candidates",
        "reason",
    ]
    assert list(row["local"]) == ["address", "port"]
    assert list(row["rights"]) == [
        "connect",
        "submit",
        "relay",
        "spoof_internal_sender",
        "bypass_anti_spam",
        "exchange_authentication",
    ]
    assert list(row["candidates"][0]) == ["connector", "range", "reason"]


def test_summary_counts_accepted_findings_apart() -> None:
    summary = parsed(report_document(samples.result()))["summary"]
    assert summary["findings"] == {"critical": 1, "high": 1, "medium": 0, "low": 1, "info": 0}
    assert summary["suppressed"] == 1
    assert summary["not_assessed"] == 2


def test_relay_is_told_even_when_nobody_answers_for_sure() -> None:
    document = parsed(which_document(ASKED, samples.which_rows()))
    relay = [row["relay"] for row in document["connections"]]
    assert relay == [Answer.YES, Answer.UNKNOWN, Answer.UNKNOWN, Answer.NO]


def test_contenders_are_candidates_once_each() -> None:
    document = parsed(which_document(ASKED, samples.which_rows()))
    ambiguous, undetermined = document["connections"][1:3]
    assert [(row["connector"], row["reason"]) for row in ambiguous["candidates"]] == [
        ("EX01\\Scanners", "TIE_UNDEFINED_ORDER"),
        ("EX01\\Printers", "TIE_UNDEFINED_ORDER"),
        ("EX01\\Default Frontend EX01", "TIE_SPECIFIC_BINDING"),
    ]
    assert undetermined["candidates"][0]["reason"] == "FACTS_MISSING"


def test_sizes_are_exact_decimal_texts() -> None:
    listeners = parsed(map_document(samples.coverages()))["listeners"]
    assert listeners[0]["segments"][1]["size"] == "256"
    assert listeners[1]["segments"][0]["size"] == str(2**128)


def test_cidr_blocks_come_on_request() -> None:
    plain = parsed(map_document(samples.coverages()))["listeners"][0]["segments"]
    assert not any("cidrs" in segment for segment in plain)
    listeners = parsed(map_document(samples.coverages(), cidrs=True))["listeners"]
    segments = listeners[0]["segments"]
    assert list(segments[0])[:3] == ["first", "last", "cidrs"]
    assert segments[2]["cidrs"] == ["10.1.2.0/32"]
    assert segments[3]["cidrs"] == ["10.1.2.1/32", "10.1.2.2/31"]
    assert listeners[1]["segments"][0]["cidrs"] == ["::/0"]
