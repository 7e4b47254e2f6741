"""Every command and option of the contract."""

from __future__ import annotations

import csv
import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from fakes import exchange
from fakes.powershell import clixml
from rctango._version import __version__
from rctango.rules import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from unit.cli.runs import Ran

    Here = Callable[..., Ran]

COMMANDS = (
    ("audit",),
    ("which", "10.0.7.7"),
    ("map",),
    ("matrix",),
)
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])


def test_audit(here: Here) -> None:
    ran = here("audit", "exports")
    assert "[internal-sender-spoofing]" in ran.out
    assert ran.err == ""


def test_audit_as_json(here: Here) -> None:
    document = json.loads(here("audit", "exports", "--format", "json").out)
    assert document["schema"] == "rctango.report/1"
    assert document["tool"] == {"name": "rctango", "version": __version__}
    assert document["summary"]["connectors"] == 6
    assert sum(item["objects"] for item in document["evidence"]) > 150
    assert [one["rule"] for one in document["outcomes"]] == [rule.name for rule in CATALOGUE]


def test_which(here: Here) -> None:
    ran = here("which", "10.0.7.7", "exports")
    assert "EX01\\Scanners" in ran.out
    assert "LESS_SPECIFIC" in ran.out or "narrow" in ran.out
    document = json.loads(here("which", "10.0.7.7", "exports", "-f", "json").out)
    assert document["schema"] == "rctango.which/1"
    assert document["address"] == "10.0.7.7"
    (port25,) = [one for one in document["connections"] if one["local"]["port"] == 25]
    assert port25["connector"] == "EX01\\Scanners"
    assert port25["range"] == "10.0.7.7"
    assert {one["reason"] for one in port25["candidates"]} >= {"LESS_SPECIFIC"}


@pytest.mark.parametrize("address", ["::1", "2001:db8::7", "::ffff:10.0.7.7", "[::1]", "fe80::7%3"])
def test_addresses_of_which(here: Here, address: str) -> None:
    assert here("which", address, "exports").code == 0


def test_map_in_every_format(here: Here) -> None:
    assert "EX01\\Scanners" in here("map", "exports").out
    document = json.loads(here("map", "exports", "--format", "json").out)
    assert document["schema"].startswith("rctango.map/")
    rows = list(csv.DictReader(io.StringIO(here("map", "exports", "--format", "csv").out)))
    assert any(row["connector"] == "EX01\\Scanners" for row in rows)
    assert here("map", "exports", "--format", "markdown").out.count("| --- |") >= 1


def test_matrix_in_every_format(here: Here) -> None:
    assert "gateway of EX01" in here("matrix", "exports").out
    document = json.loads(here("matrix", "exports", "--format", "json").out)
    assert document["schema"].startswith("rctango.matrix/")
    rows = list(csv.DictReader(io.StringIO(here("matrix", "exports", "--format", "csv").out)))
    assert [row["sender"] for row in rows] == ["gateway of EX01"]
    assert here("matrix", "exports", "--format", "markdown").out.count("| --- |") >= 1


def test_rules(here: Here) -> None:
    ran = here("rules")
    assert ran.code == 0
    for rule in CATALOGUE:
        assert rule.name in ran.out
    document = json.loads(here("rules", "--format", "json").out)
    assert [one["name"] for one in document["rules"]] == [rule.name for rule in CATALOGUE]


@pytest.mark.parametrize("rule", [rule.name for rule in CATALOGUE])
def test_one_rule(here: Here, rule: str) -> None:
    ran = here("rules", rule)
    assert ran.code == 0
    assert rule in ran.out
    assert "http" in ran.out
    (only,) = json.loads(here("rules", rule, "--format", "json").out)["rules"]
    assert only["name"] == rule


def test_a_rule_that_does_not_exist(here: Here) -> None:
    ran = here("rules", "no-such-rule")
    assert (ran.code, ran.out) == (2, "")
    assert "no-such-rule" in ran.err


@each_command
@pytest.mark.parametrize("form", ["console", "json"])
def test_output_goes_to_a_file(
    here: Here, folder: Path, command: tuple[str, ...], form: str
) -> None:
    words = (*command, "exports", "--format", form)
    shown = here(*words)
    written = here(*words, "--output", "result")
    assert written.out == ""
    assert written.code == shown.code
    assert (folder / "result").read_text(encoding="utf-8") == shown.out


def test_output_of_rules_goes_to_a_file(here: Here, folder: Path) -> None:
    assert here("rules", "-o", "rules.txt", "--quiet").out == ""
    assert "open-relay" in (folder / "rules.txt").read_text(encoding="utf-8")


@each_command
@pytest.mark.parametrize("target", ["missing/result", "exports"])
def test_output_that_cannot_be_written(here: Here, command: tuple[str, ...], target: str) -> None:
    ran = here(*command, "exports", "--output", target)
    assert (ran.code, ran.out) == (2, "")
    assert f"cannot write {target}" in ran.err


@each_command
def test_the_default_configuration_is_that_of_the_working_folder(
    here: Here, folder: Path, command: tuple[str, ...]
) -> None:
    (folder / "rctango.toml").write_text("wrong = 1", encoding="utf-8")
    ran = here(*command, "exports")
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err
        == "rctango: rctango.toml: wrong: no such table; there are appliance, server and accept\n"
    )
    (folder / "right.toml").write_text("", encoding="utf-8")
    assert here(*command, "exports", "--config", "right.toml").code in {0, 5}


@each_command
def test_a_configuration_that_is_not_there(here: Here, command: tuple[str, ...]) -> None:
    ran = here(*command, "exports", "--config", "missing.toml")
    assert (ran.code, ran.out) == (2, "")
    assert "missing.toml: No such file" in ran.err


@pytest.fixture
def two_servers(folder: Path) -> Path:
    other = clixml((*exchange.default_connectors("EX02"), exchange.exchange_server("EX02")))
    (folder / "exports" / "other.xml").write_bytes(other)
    return folder


@each_command
@pytest.mark.usefixtures("two_servers")
def test_server_filters(here: Here, command: tuple[str, ...]) -> None:
    words = (*command, "exports", "--format", "json")
    everything = here(*words).out
    assert "EX01\\\\Default" in everything or command[0] == "matrix"
    only = here(*words, "--server", "ex02")
    assert "EX01\\\\Default" not in only.out.partition('"gaps"')[0]
    both = here(*words, "--server", "EX02.contoso.com", "--server", "EX01")
    assert both.out == everything


@each_command
@pytest.mark.usefixtures("two_servers")
def test_an_unknown_server(here: Here, command: tuple[str, ...]) -> None:
    ran = here(*command, "exports", "--server", "EX01", "--server", "EX9")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "rctango: no server 'EX9' in the evidence; there are EX01, EX02\n"


@each_command
def test_unreadable_evidence_is_told_on_standard_error(
    here: Here, command: tuple[str, ...]
) -> None:
    ran = here(*command, "exports", "missing.xml", "--format", "json")
    assert json.loads(ran.out)
    if command[0] == "audit":
        assert "missing.xml" in ran.out
    else:
        assert ran.err == "rctango: missing.xml: the file: No such file or directory\n"
    assert here(*command, "exports", "missing.xml", "--quiet").err == ""


@each_command
@pytest.mark.parametrize("quiet", [True, False])
def test_without_evidence(here: Here, command: tuple[str, ...], quiet: bool) -> None:
    ran = here(*command, "missing.xml", *(["--quiet"] if quiet else []))
    assert ran.code == 3
    assert (ran.err == "") is quiet


@each_command
def test_a_single_file_and_a_folder_say_the_same(
    here: Here, folder: Path, command: tuple[str, ...]
) -> None:
    files = sorted(str(path.relative_to(folder)) for path in (folder / "exports").iterdir())
    assert here(*command, *files).out == here(*command, "exports").out
    assert here(*command, *reversed(files)).out == here(*command, "exports").out


def test_a_folder_full_of_other_things(here: Here, folder: Path) -> None:
    shutil.copytree(folder / "exports", folder / "all" / "deep")
    (folder / "all" / "notes.docx").write_bytes(b"PK\x03\x04...")
    (folder / "all" / "README.md").write_text("x", encoding="utf-8")
    document = json.loads(here("audit", "all", "-f", "json").out)
    kinds = {item["path"].rpartition("/")[2]: item["kind"] for item in document["evidence"]}
    assert kinds["notes.docx"] == "nothing usable"
    assert kinds["README.md"] == "left out: no evidence by its name"
    gaps = [one for one in document["gaps"] if not one["what"].startswith("inherited")]
    assert [one["source"].rpartition("/")[2] for one in gaps] == ["notes.docx"]


@pytest.mark.parametrize("words", [("--version",)])
def test_version(here: Here, words: tuple[str, ...]) -> None:
    ran = here(*words)
    assert (ran.code, ran.out, ran.err) == (0, f"rctango {__version__}\n", "")


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", [(), *((one[0],) for one in COMMANDS), ("rules",)])
def test_help(here: Here, command: tuple[str, ...], option: str) -> None:
    ran = here(*command, option)
    assert ran.code == 0
    assert "Usage:" in ran.out
    assert ran.err == ""


def test_no_arguments_give_help(here: Here) -> None:
    ran = here()
    assert "Usage:" in ran.out + ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("audit",),
        ("which", "10.0.0.1"),
        ("nonsense",),
        ("audit", "--nonsense", "x"),
        ("audit", "x", "--format", "csv"),
        ("which", "10.0.0.1", "x", "--format", "markdown"),
        ("map", "x", "--format", "html"),
        ("audit", "x", "--fail-on", "awful"),
        ("audit", "x", "--color", "sometimes"),
        ("map", "x", "--strict"),
        ("rules", "a", "b"),
        ("which", "no-address", "x"),
        ("which", "10.0.0.0/24", "x"),
    ],
    ids=" ".join,
)
def test_wrong_arguments(here: Here, words: tuple[str, ...]) -> None:
    ran = here(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


@each_command
def test_colours(here: Here, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    plain = here(*command, "exports").out
    assert "\x1b" not in plain
    assert here(*command, "exports", "--color", "never").out == plain
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" in here(*command, "exports", "--color", "always").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in here(*command, "exports").out
    assert "\x1b[" in here(*command, "exports", "--color", "always").out
