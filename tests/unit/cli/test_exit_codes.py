"""Each exit code of the contract, shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import pytest

from fakes import exchange
from fakes.powershell import clixml
from rctango import app
from rctango.audit import audit_snapshot
from rctango.rules import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from unit.cli.runs import Ran

    Here = Callable[..., Ran]

RELAY = exchange.receive_connector(
    "EX01",
    "Relay",
    remote_ip_ranges=("10.0.0.77",),
    groups="AnonymousUsers, Custom",
    logging="Verbose",
)


def add(folder: Path, name: str, data: bytes | str) -> None:
    (folder / "exports" / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def add_relay(folder: Path) -> None:
    """A relay that is worth a note and no more."""
    add(folder, "relay.xml", clixml((RELAY,)))
    add(folder, "relay-entries.xml", clixml(exchange.anonymous_relay_aces("EX01\\Relay")))


def test_0_nothing_to_complain_about(here: Here) -> None:
    assert here("audit", "exports").code == 0
    assert here("audit", "exports", "--strict").code == 0
    for command in (("which", "10.0.7.7"), ("map",), ("matrix",)):
        assert here(*command, "exports").code == 0


def test_0_and_1_by_severity(here: Here, folder: Path) -> None:
    add_relay(folder)
    assert here("audit", "exports").code == 0
    assert here("audit", "exports", "--fail-on", "info").code == 1
    add(folder, "domain.xml", clixml((exchange.accepted_domain("*", "InternalRelay"),)))
    assert here("audit", "exports").code == 1
    assert here("audit", "exports", "--fail-on", "critical").code == 1


def test_1_outweighs_what_is_missing(here: Here, folder: Path) -> None:
    add(folder, "domain.xml", clixml((exchange.accepted_domain("*", "InternalRelay"),)))
    add(folder, "junk.xml", "junk")
    (folder / "exports" / "network.xml").unlink()
    assert here("audit", "exports").code == 1


def test_0_when_the_risk_is_accepted(here: Here, folder: Path) -> None:
    add(folder, "domain.xml", clixml((exchange.accepted_domain("*", "InternalRelay"),)))
    rules = ("wildcard-accepted-domain", "open-relay", "overbroad-relay-range")
    more = "".join(
        f'[[accept]]\nrule = "{rule}"\nreason = "a laboratory"\nowner = "me"\n'
        for rule in (*rules, "public-address-in-relay-range", "default-gateway-in-relay-range")
    )
    (folder / "rctango.toml").write_text("appliance = []\n" + more, encoding="utf-8")
    ran = here("audit", "exports")
    assert ran.code == 0
    assert "Accepted risks" in ran.out


def test_2_wrong_arguments_or_configuration(here: Here, folder: Path) -> None:
    assert here("audit", "exports", "--fail-on", "awful").code == 2
    assert here("audit", "exports", "--server", "EX99").code == 2
    (folder / "rctango.toml").write_text("appliance = 1", encoding="utf-8")
    assert here("audit", "exports").code == 2


@pytest.mark.parametrize(
    "content", [None, "", "junk", "[]", '{"Surprise": 1}', "PK\x03\x04"], ids=str
)
def test_3_no_usable_evidence(here: Here, folder: Path, content: str | None) -> None:
    if content is not None:
        (folder / "only").write_text(content, encoding="utf-8")
    for command in (("audit",), ("which", "10.0.0.1"), ("map",), ("matrix",)):
        assert here(*command, "only").code == 3


def test_3_an_empty_folder(here: Here, folder: Path) -> None:
    (folder / "empty").mkdir()
    assert here("audit", "empty").code == 3


def test_3_the_server_filter_does_not_hide_that_there_is_no_evidence(here: Here) -> None:
    assert here("audit", "missing", "--server", "EX01").code == 3


def test_3_strict(here: Here, folder: Path) -> None:
    add(folder, "junk.xml", "junk")
    ran = here("audit", "exports", "--strict")
    assert ran.code == 3
    assert "junk.xml" in ran.out
    add(folder, "domain.xml", clixml((exchange.accepted_domain("*", "InternalRelay"),)))
    assert here("audit", "exports", "--strict").code == 3


def test_4_a_crashed_rule_and_the_report_still_holds_the_rest(
    here: Here, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_view: object) -> NoReturn:
        raise ZeroDivisionError("\x1b[31mboom")

    rules = (replace(CATALOGUE[0], applies=crash), *CATALOGUE[1:])
    monkeypatch.setattr(app, "audit_snapshot", partial(audit_snapshot, rules=rules))
    add(folder, "domain.xml", clixml((exchange.accepted_domain("*", "InternalRelay"),)))
    ran = here("audit", "exports")
    assert ran.code == 4
    assert "[wildcard-accepted-domain]" in ran.out
    assert "ZeroDivisionError" in ran.out
    assert "\x1b" not in ran.out


def test_4_an_unexpected_error(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> NoReturn:
        raise ZeroDivisionError("\x1b[31mboom")

    monkeypatch.setattr(app, "load", crash)
    ran = here("audit", "exports")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == "rctango: a defect of rctango: ZeroDivisionError: \\x1b[31mboom\n"


def test_5_something_is_missing(here: Here, folder: Path) -> None:
    (folder / "exports" / "network.xml").unlink()
    ran = here("audit", "exports")
    assert ran.code == 5
    assert "Win32_NetworkAdapterConfiguration" in ran.out


def test_5_something_is_unreadable(here: Here, folder: Path) -> None:
    add(folder, "junk.xml", "junk")
    for command in (("audit",), ("which", "10.0.7.7"), ("map",), ("matrix",)):
        assert here(*command, "exports").code == 5


def test_5_no_appliances_were_declared(here: Here, folder: Path) -> None:
    add_relay(folder)
    assert here("audit", "exports").code == 0
    (folder / "rctango.toml").unlink()
    assert here("audit", "exports").code == 5


def test_5_a_question_that_stays_open(here: Here, folder: Path) -> None:
    twin = exchange.receive_connector("EX01", "Twin", remote_ip_ranges=("10.0.7.7",))
    add(folder, "twin.xml", clixml((twin,)))
    assert here("which", "10.0.7.7", "exports").code == 5
    assert here("which", "10.0.7.8", "exports").code == 0
    assert here("map", "exports").code == 5


def test_130_interrupted(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "load", interrupt)
    assert here("audit", "exports").code == 130
