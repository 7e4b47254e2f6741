"""The application: configuration and evidence in, answers and exit codes out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import rctango
from fakes import exchange
from fakes.powershell import clixml
from rctango import app
from rctango.addresses import Address
from rctango.analysis.view import View
from rctango.config import Settings
from rctango.errors import ConfigError
from rctango.model.connection import Verdict
from rctango.model.finding import (
    AuditResult,
    Confidence,
    Finding,
    Outcome,
    OutcomeKind,
    Severity,
)
from rctango.rules import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Puts a file into the working folder, which is empty."""
    monkeypatch.chdir(tmp_path)

    def into(name: str, data: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return into


CONNECTORS = clixml(
    (
        *exchange.default_connectors("EX01"),
        exchange.receive_connector(
            "EX01", "Relay", remote_ip_ranges=("10.0.0.0/24",), groups="AnonymousUsers, Custom"
        ),
    )
)
ENTRIES = clixml(exchange.anonymous_relay_aces("EX01\\Relay"))


def test_reading_is_one_line(write: Write) -> None:
    write("exports/connectors.xml", CONNECTORS)
    snapshot = rctango.read("exports")
    assert len(snapshot.connectors) == 6
    assert [Path(item.path).as_posix() for item in snapshot.evidence] == ["exports/connectors.xml"]


def test_what_folders_hold_beside_evidence_is_listed(write: Write) -> None:
    write("exports/a.xml", CONNECTORS)
    write("exports/README.md", "x")
    write("exports/.hidden", "x")
    evidence = app.load(["exports"]).snapshot.evidence
    assert [(Path(item.path).name, item.kind) for item in evidence] == [
        (".hidden", "left out: no evidence by its name"),
        ("README.md", "left out: no evidence by its name"),
        ("a.xml", "Get-ReceiveConnector (CLIXML)"),
    ]


def test_progress_is_told(write: Write) -> None:
    write("a.xml", CONNECTORS)
    size = Path("a.xml").stat().st_size
    steps: list[tuple[str, int, int]] = []
    evidence = app.load(["a.xml", "missing"], on_step=lambda *step: steps.append(step))
    assert [one.name for one in evidence.snapshot.connectors]
    assert list(dict.fromkeys(name for name, _, _ in steps)) == ["a.xml", "missing"]
    done = [number for _, number, _ in steps]
    assert done == sorted(done)
    assert done[-1] == size
    assert {total for _, _, total in steps} == {size}


def test_progress_of_the_rules_is_told(write: Write) -> None:
    write("a.xml", CONNECTORS)
    steps: list[tuple[str, int, int]] = []
    app.run_audit(app.load(["a.xml"]), on_step=lambda *step: steps.append(step))
    assert [number for _, number, _ in steps] == list(range(len(CATALOGUE)))
    assert steps[0] == (CATALOGUE[0].name, 0, len(CATALOGUE))


def test_the_configuration_of_the_working_folder(write: Write) -> None:
    assert app.load_settings(None) == Settings()
    write("rctango.toml", "appliance = []")
    assert app.load_settings(None).appliances == ()
    write("other.toml", '[[server]]\nname = "EX09"')
    assert [one.name for one in app.load_settings("other.toml").servers] == ["EX09"]
    assert app.load([]).snapshot.appliances == ()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing.toml", "No such file"),
        (".", "directory"),
        ("wrong.toml", "surprise"),
        ("huge.toml", "larger than 1 MiB"),
    ],
)
def test_a_configuration_that_is_wrong(write: Write, name: str, why: str) -> None:
    write("wrong.toml", "surprise = 1")
    write("huge.toml", "#" * (1 << 20) + "\n")
    with pytest.raises(ConfigError, match=why):
        app.load([], config=name)


def test_a_folder_called_rctango_toml_is_no_configuration(write: Write) -> None:
    write("rctango.toml/a", "x")
    assert app.load_settings(None) == Settings()


@pytest.mark.parametrize(
    ("data", "usable"),
    [
        (CONNECTORS, True),
        (clixml((exchange.exchange_server("EX01"),)), True),
        (clixml((exchange.accepted_domain("a.com"),)), True),
        ("[]", False),
        ("junk", False),
        ("", False),
        ('{"Surprise": 1}', False),
    ],
)
def test_usable_evidence(write: Write, data: bytes | str, usable: bool) -> None:
    write("a", data)
    write("rctango.toml", '[[server]]\nname = "EX01"')
    assert app.load(["a"]).is_usable is usable


@pytest.mark.parametrize(
    ("data", "complete"),
    [
        (CONNECTORS, True),
        (b"", False),
        (CONNECTORS[:5000], False),
        ('{"Surprise": 1}', True),
        ('{"Name": "R", "Server": "EX01", "RemoteIPRanges": ["172.x.x.x"]}', False),
        ('{"Name": "R", "Server": "EX01", "RemoteIPRanges": ["010.0.0.1"]}', True),
    ],
)
def test_complete_evidence(write: Write, data: bytes | str, complete: bool) -> None:
    write("a", data)
    assert app.load(["a"]).is_complete is complete


def test_server_filters(write: Write) -> None:
    write("a.xml", clixml((*exchange.default_connectors("EX01"), exchange.exchange_server("EX02"))))
    write("b.json", '{"Name": "R", "RemoteIPRanges": ["10.0.0.1"]}')
    view = View(app.load(["a.xml", "b.json"]).snapshot)
    unnamed = "(unnamed server in b.json)"
    assert app.only_servers(view, ()) is None
    assert app.only_servers(view, ["ex01"]) == frozenset({"EX01"})
    assert app.only_servers(view, ["EX02.contoso.com", "ex01"]) == frozenset({"EX01", "EX02"})
    assert app.only_servers(view, [unnamed]) == frozenset({unnamed})
    with pytest.raises(app.UnknownServerError, match=r"no server 'X' .*EX01, EX02$"):
        app.only_servers(view, ["ex01", "X"])


def test_a_server_filter_keeps_what_concerns_everybody(write: Write) -> None:
    write(
        "a.xml",
        clixml(
            (
                *exchange.default_connectors("EX01"),
                *exchange.default_connectors("EX02"),
                exchange.accepted_domain("*", "InternalRelay"),
            )
        ),
    )
    result = app.run_audit(app.load(["a.xml"]), servers=["EX02"])
    assert {one.server for one in result.findings} == {None, "EX02"}
    with pytest.raises(app.UnknownServerError):
        app.run_audit(app.load(["a.xml"]), servers=["EX03"])


def acceptance(until: str) -> str:
    return (
        "[[accept]]\nrule = \"anonymous-relay\"\nconnector = 'ex01\\relay'\n"
        f'reason = "r"\nowner = "o"\nuntil = {until}\n'
    )


@pytest.mark.parametrize(("days", "accepted"), [(1, True), (0, True), (-2, False)])
def test_acceptances_are_judged_by_todays_date(write: Write, days: int, accepted: bool) -> None:
    write("a.xml", CONNECTORS)
    write("b.xml", ENTRIES)
    today = datetime.now(UTC).astimezone().date()
    write("rctango.toml", acceptance(str(today + timedelta(days=days))))
    result = app.run_audit(app.load(["a.xml", "b.xml"]))
    (finding,) = [one for one in result.findings if one.rule == "anonymous-relay"]
    assert (finding.acceptance is not None) is accepted
    assert any("expired" in gap.why for gap in result.gaps) is not accepted


def test_which(write: Write) -> None:
    write("a.xml", CONNECTORS)
    view = View(app.load(["a.xml"]).snapshot)
    rows = list(app.which_rows(view, Address.parse("10.0.0.9"), None))
    by_port = {str(row.selection.listener.local): row for row in rows}
    relay = by_port["0.0.0.0:25"]
    assert relay.selection.connector is not None
    assert relay.selection.connector.name == "Relay"
    assert relay.rights is not None
    assert relay.reason == (
        "its range 10.0.0.0/24 (256 addresses) is the narrowest that holds 10.0.0.9"
    )
    assert app.is_determined(rows)
    assert not list(app.which_rows(view, Address.parse("10.0.0.9"), frozenset()))


def test_map_and_matrix(write: Write) -> None:
    write("a.xml", CONNECTORS)
    write(
        "rctango.toml",
        """
[[appliance]]
name = "LB"
kind = "load-balancer"
addresses = ["10.0.0.9", "10.9.0.0/16"]
[[server]]
name = "EX01"
addresses = ["10.0.0.5"]
gateways = ["10.0.0.1"]
version = "15.2"
roles = ["Mailbox"]
""",
    )
    view = View(app.load(["a.xml"]).snapshot)
    coverages = list(app.coverages(view, None))
    assert {one.listener.server for one in coverages} == {"EX01"}
    assert app.is_mapped(coverages)
    assert not list(app.coverages(view, frozenset()))
    flows = list(app.matrix_flows(view, None))
    assert {(one.sender, str(one.source)) for one in flows} == {
        ("gateway of EX01", "10.0.0.1"),
        ("LB", "10.0.0.9"),
        ("LB", "10.9.0.0"),
        ("LB", "10.9.255.255"),
    }
    assert app.is_foreseen(flows)
    assert not list(app.matrix_flows(view, frozenset()))


def test_ties_leave_a_question_open(write: Write) -> None:
    twins = tuple(
        exchange.receive_connector("EX01", name, remote_ip_ranges=("10.0.0.7",)) for name in "AB"
    )
    write("a.xml", clixml(twins))
    view = View(app.load(["a.xml"]).snapshot)
    rows = list(app.which_rows(view, Address.parse("10.0.0.7"), None))
    assert [row.selection.verdict for row in rows] == [Verdict.AMBIGUOUS]
    assert not app.is_determined(rows)
    assert not app.is_mapped(app.coverages(view, None))


def test_every_rule_is_explained() -> None:
    rows = app.rule_rows()
    assert [row.name for row in rows] == sorted(row.name for row in rows)
    assert all(row.title and row.explanation and row.sources for row in rows)


def result(
    *severities: Severity, outcome: OutcomeKind = OutcomeKind.CLEAN, missing: tuple[str, ...] = ()
) -> AuditResult:
    return AuditResult(
        version="0",
        evidence=(),
        findings=tuple(
            Finding(
                rule="r",
                title="t",
                severity=one,
                confidence=Confidence.HIGH,
                server=None,
                connector=None,
                message="m",
                fix="f",
            )
            for one in severities
        ),
        outcomes=(Outcome(rule="r", kind=outcome, missing=missing),),
        gaps=(),
        servers=1,
        connectors=1,
    )


def evidence(write: Write, *, complete: bool = True, usable: bool = True) -> app.Evidence:
    write("a.xml", CONNECTORS if usable else "[]")
    write("b.xml", ENTRIES if complete else "junk")
    return app.load(["a.xml", "b.xml"] if usable or not complete else ["a.xml"])


LOW, HIGH, INFO = Severity.LOW, Severity.HIGH, Severity.INFO
CRASHED, OPEN, CLEAN = OutcomeKind.CRASHED, OutcomeKind.NOT_ASSESSED, OutcomeKind.CLEAN


@pytest.mark.parametrize(
    ("found", "outcome", "missing", "complete", "fail_on", "strict", "code"),
    [
        ((), CLEAN, (), True, LOW, False, 0),
        ((), CLEAN, (), True, LOW, True, 0),
        ((INFO,), CLEAN, (), True, LOW, False, 0),
        ((INFO,), CLEAN, (), True, INFO, False, 1),
        ((LOW,), CLEAN, (), True, LOW, False, 1),
        ((LOW,), CLEAN, (), True, HIGH, False, 0),
        ((LOW, HIGH), CLEAN, (), True, HIGH, False, 1),
        ((LOW,), OPEN, (), True, HIGH, False, 5),
        ((LOW,), OPEN, (), False, LOW, False, 1),
        ((), OPEN, (), True, LOW, False, 5),
        ((), CLEAN, ("x",), True, LOW, False, 5),
        ((), CLEAN, (), False, LOW, False, 5),
        ((), CLEAN, (), False, LOW, True, 3),
        ((HIGH,), CLEAN, (), False, LOW, True, 3),
        ((HIGH,), CRASHED, (), True, LOW, False, 4),
        ((), CRASHED, (), False, LOW, False, 4),
        ((), OutcomeKind.NOT_APPLICABLE, (), True, LOW, False, 0),
    ],
)
def test_exit_codes(
    write: Write,
    *,
    found: tuple[Severity, ...],
    outcome: OutcomeKind,
    missing: tuple[str, ...],
    complete: bool,
    fail_on: Severity,
    strict: bool,
    code: int,
) -> None:
    judged = result(*found, outcome=outcome, missing=missing)
    read = evidence(write, complete=complete)
    assert app.exit_code(read, judged, fail_on=fail_on, strict=strict) == code


def test_without_evidence_nothing_else_counts(write: Write) -> None:
    read = evidence(write, usable=False)
    assert app.exit_code(read, result(HIGH), fail_on=LOW, strict=False) == 3


@pytest.mark.parametrize(
    ("determined", "complete", "code"),
    [(True, True, 0), (False, True, 5), (True, False, 5)],
)
def test_exit_codes_of_questions(write: Write, determined: bool, complete: bool, code: int) -> None:
    assert app.answer_code(evidence(write, complete=complete), determined=determined) == code


def test_accepted_findings_do_not_fail(write: Write) -> None:
    write("rctango.toml", acceptance("2999-01-01"))
    read = evidence(write)
    judged = app.run_audit(read)
    only = AuditResult(
        version="0",
        evidence=(),
        findings=tuple(one for one in judged.findings if one.rule == "anonymous-relay"),
        outcomes=(),
        gaps=(),
        servers=1,
        connectors=1,
    )
    assert only.findings
    assert app.exit_code(read, only, fail_on=INFO, strict=False) == 0


def test_the_kinds_of_json_and_clixml_meet(write: Write) -> None:
    write("a.xml", CONNECTORS)
    write("b.json", json.dumps({"Name": "Relay", "Server": "EX01", "PermissionGroups": 33}))
    snapshot = app.read("a.xml", "b.json")
    assert not snapshot.gaps
    assert len(snapshot.connectors) == 6
