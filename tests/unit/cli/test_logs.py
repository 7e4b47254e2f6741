"""``rctango logs`` from the outside, on generated logs whose truth is known."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jsonschema
import pytest

from rctango import cli
from rctango.demo.plan import Plan
from rctango.demo.write import write
from unit.cli.runs import Ran

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs, evidence and truth of one small organisation."""
    target = tmp_path_factory.mktemp("demo") / "contents"
    write(target, Plan(seed=7, size=3_000_000, roll=60_000))
    return target


@pytest.fixture(scope="module")
def store(demo: Path) -> Path:
    """A store with all of its logs."""
    path = demo.parent / "store.duckdb"
    assert run("read", str(demo / "logs"), "--store", str(path)).code == 0
    return path


def run(*arguments: str) -> Ran:
    """A run inside this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["rctango", "logs", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as left,
    ):
        cli.run()
    code = left.value.code
    return Ran(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())


def document(*arguments: str, code: int = 0) -> dict[str, Any]:
    """The JSON document of a command, which must fit its published schema."""
    result = run(*arguments, "--format", "json", "--quiet")
    assert result.code == code, result.err
    found: dict[str, Any] = json.loads(result.out)
    name = found["schema"].replace("/", "-") + ".json"
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema, format_checker=jsonschema.FormatChecker())
    return found


def truth(demo: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((demo / "truth.json").read_text(encoding="utf-8"))
    return found


SAME = ("sessions", "messages", "recipients_own", "recipients_foreign", "recipients_refused",
        "auth_failures", "tls_sessions", "days")  # fmt: skip


def test_usage_is_the_truth(demo: Path, store: Path) -> None:
    found = document("usage", "--store", str(store), "--evidence", str(demo / "evidence"))
    assert found["accepted_domains_known"] is True
    rows = {
        (one["log"], one["role"], one["server"] or "", one["connector"], one["client"]): one
        for one in found["usage"]
    }
    expected = truth(demo)["usage"]
    assert len(rows) == len(expected)
    for one in expected:
        key = (one["log"], one["role"], one["server"] or "", one["connector"], one["client"])
        row = rows[key]
        assert {name: row[name] for name in SAME} == {name: one[name] for name in SAME}, key
        assert moment(row["first_seen"]) == moment(one["first_seen"])
        assert moment(row["last_seen"]) == moment(one["last_seen"])
        assert row["ehlo_name_count"] == len(one["ehlo_names"])
        assert row["ehlo_names"] == sorted(one["ehlo_names"])[:20]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_every_line_is_accounted_for(demo: Path, store: Path) -> None:
    read = document("read", "--store", str(store))["read"]
    files = truth(demo)["files"]
    listed = files.values() if isinstance(files, dict) else files
    assert read["lines"] == sum(one["lines"] for one in listed)
    assert read["parsed"] == sum(one["rows"] for one in listed)
    assert read["rejected"] == read["unfinished"] == 0
    assert read["files_new"] == 0
    assert read["files"] == len(listed)


def test_the_balancer_is_found_and_single_hosts_are_not(demo: Path, store: Path) -> None:
    found = document("snat", "--store", str(store), "--evidence", str(demo / "evidence"))
    verdicts = {one["client"]: one["verdict"] for one in found["sources"]}
    told = truth(demo)
    balancers = [one for one in told["shared_sources"] if one["kind"] == "load-balancer"]
    assert balancers
    for one in balancers:
        assert verdicts[one["address"]] == "likely"
    for one in told["single_sources"]:
        assert verdicts.get(one["address"]) not in {"likely", "possible"}, one


def test_replay_agrees_but_for_what_was_changed(demo: Path, store: Path) -> None:
    found = document("replay", str(demo / "evidence"), "--store", str(store))
    selection = truth(demo)["selection"]
    (changed,) = found["replay"]["classes"]
    assert changed["cause"] == "configuration-changed"
    assert changed["count"]["sessions"] == selection["unexplained"]["configuration-changed"]
    assert found["replay"]["agreed"]["sessions"] == selection["explained"]
    assert found["replay"]["total"]["sessions"] == sum(
        found["replay"][name]["sessions"]
        for name in ("agreed", "left_open", "disagreed", "not_compared")
    )


@pytest.mark.parametrize(("at_least", "code"), [("90", 0), ("100", 1)])
def test_replay_can_demand_agreement(demo: Path, store: Path, at_least: str, code: int) -> None:
    result = run(
        "replay", str(demo / "evidence"), "--store", str(store), "--at-least", at_least, "--quiet"
    )
    assert result.code == code


def test_coverage_names_what_is_silent(demo: Path, store: Path) -> None:
    found = document("coverage", "--store", str(store), "--evidence", str(demo / "evidence"))
    unanswered = found["coverage"]["unanswered"]
    assert sum(one["sessions"] for one in unanswered) == truth(demo)["empty_connector_sessions"]
    assert found["coverage"]["unknown_servers"] == []
    without = document("coverage", "--store", str(store))
    assert without["coverage"]["unseen"] is None


def test_propose_keeps_who_relayed(demo: Path, store: Path) -> None:
    connector = "EX19A\\Relay Apps"
    found = document(
        "propose", str(demo / "evidence"), "--store", str(store), "--connector", connector
    )
    (proposal,) = found["proposals"]
    relaying = {
        one["client"]
        for one in truth(demo)["usage"]
        if one["connector"] == connector and one["log"] == "receive" and one["recipients_foreign"]
    }
    parts = [*proposal["keep"], *proposal["needs_decision"], *proposal["left_out"]]
    assert {one["client"] for one in parts} == relaying
    balancer = [one for one in proposal["needs_decision"] if one["client"] == "10.20.1.250"]
    assert balancer
    assert "10.20.1.250" not in proposal["entries"]


def test_show_gives_the_transcript(demo: Path, store: Path) -> None:
    path = min((demo / "logs").rglob("RECV*.LOG"))
    first = path.read_bytes().split(b"\r\n")[5].split(b",")
    session = first[2].decode()
    for arguments in (("--store", str(store)), (str(demo / "logs"),)):
        found = document("show", session, *arguments)
        lines = [one for one in found["transcripts"] if one["connector"] == first[1].decode()]
        assert lines[0]["lines"][0]["event"] in {"+", "*", "<", ">"}
        assert lines[0]["why_empty"] == ""
    assert run("show", "0" * 16, "--store", str(store)).code == 2


@pytest.mark.parametrize("command", ["usage", "snat", "coverage"])
@pytest.mark.parametrize("format_", ["console", "csv", "markdown"])
def test_every_format(command: str, format_: str, demo: Path, store: Path) -> None:
    result = run(
        command, "--store", str(store), "--evidence", str(demo / "evidence"), "--format", format_
    )
    assert result.code == 0
    assert "10.20.1.250" in result.out or command == "coverage"
    if format_ == "csv":
        rows = list(csv.reader(io.StringIO(result.out)))
        assert len({len(row) for row in rows}) == 1
        assert len(rows) > 1


def test_without_accepted_domains_nothing_is_called_relay(store: Path) -> None:
    found = document("usage", "--store", str(store))
    assert found["accepted_domains_known"] is False
    assert {one["recipients_foreign"] for one in found["usage"]} == {None}
    given = document("usage", "--store", str(store), "--domain", "*")
    assert {one["recipients_foreign"] for one in given["usage"]} == {0}


def test_one_server_and_one_day(store: Path) -> None:
    found = document(
        "usage", "--store", str(store), "--server", "ex19a",
        "--since", "2026-03-03", "--until", "2026-03-04",
    )  # fmt: skip
    assert {one["days"] for one in found["usage"]} == {1}
    assert {one["server"] for one in found["usage"]} <= {"EX19A", None}


def test_forget_and_export(demo: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    run("read", str(demo / "logs"), "--store", str(path))
    before = document("read", "--store", str(path))["read"]["sessions"]
    found = document("forget", "--store", str(path), "--before", "2026-03-03")
    assert found["forgotten"] > 0
    assert found["read"]["sessions"] == before - found["forgotten"]
    again = document("read", str(demo / "logs"), "--store", str(path))["read"]
    assert again["sessions"] == found["read"]["sessions"]
    written = document("export", str(tmp_path / "parquet"), "--store", str(path))
    assert written["written"] == [str(tmp_path / "parquet")]
    assert list((tmp_path / "parquet").rglob("*.parquet"))


def test_pseudonyms_hide_every_name(
    demo: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RCTANGO_KEY", "a secret of enough length")
    target = tmp_path / "shared.duckdb"
    document("export", str(target), "--store", str(store), "--pseudonymise")
    content = target.read_bytes()
    assert b"10.20.1.250" not in content
    assert b"northwind" not in content.lower()
    assert b"EX19A" not in content
    found = document("usage", "--store", str(target))
    assert len(found["usage"]) > 10
    assert run("read", str(demo / "logs"), "--store", str(target)).code == 3


def test_no_logs_is_an_error_and_other_logs_are_named(tmp_path: Path) -> None:
    assert run("usage").code == 2
    tracking = tmp_path / "MSGTRK.LOG"
    tracking.write_text("#Software: Microsoft Exchange Server\n#Log-type: Message Tracking Log\n")
    found = document("usage", str(tracking), code=3)
    assert "message tracking" in found["read"]["refused"][0]["why"]
    missing = document("usage", str(tmp_path / "no such file"), code=3)
    assert missing["read"]["problems"]


def test_a_rejected_line_is_told_and_changes_the_exit_code(demo: Path, tmp_path: Path) -> None:
    log = tmp_path / "RECV.LOG"
    content = next((demo / "logs").rglob("RECV*.LOG")).read_bytes()
    log.write_bytes(content + b"what is this\r\n")
    found = document("usage", str(log), code=5)
    (rejected,) = found["read"]["rejected_rows"]
    assert rejected["line"] == content.count(b"\n") + 1
    assert "rejected" in run("usage", str(log)).out


def test_hostile_names_never_reach_a_terminal(tmp_path: Path) -> None:
    log = tmp_path / "RECV.LOG"
    rows = "\r\n".join(
        f"2026-03-02T08:00:0{at}.000Z,EX01\\R,08DE70000000000A,{at},10.1.1.5:25,10.1.9.2:5,{text}"
        for at, text in enumerate(["+,,", "<,EHLO \x1b[31m=cmd|x,", "-,,Local"])
    )
    log.write_text(rows + "\r\n", newline="")
    for format_ in ("console", "csv", "markdown", "json"):
        result = run("usage", str(log), "--format", format_)
        assert "\x1b" not in result.out
        assert ",=cmd" not in result.out
