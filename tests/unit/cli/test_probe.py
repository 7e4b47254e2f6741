"""``rctango probe`` from the outside: what is shown, saved, sent, and left alone."""

from __future__ import annotations

import csv
import inspect
import io
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from fakes import exchange
from fakes.powershell import clixml
from fakes.probes import served
from live.peers import OFFER, OFFER_TLS, Polite
from rctango.cli import probe as probe_module
from unit.cli.runs import command, environment
from unit.cli.test_hostile import hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unit.cli.runs import Ran

    Here = Callable[..., Ran]

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
NAMED = ("--ehlo", "probe.contoso.com", "--domain", "contoso.com", "--rate", "1000")
NASTY = b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xae=1+1;=2|`<b>[red]"


class Relaying(Polite):
    """A server that lets everybody relay."""

    def refusal(self) -> bytes:
        return b"250 2.1.5 Recipient OK\r\n"


@pytest.fixture
def polite() -> Iterator[tuple[Polite, str]]:
    """A server that does not relay, and its address."""
    peer = Polite(OFFER)
    with served(peer) as port:
        yield peer, f"127.0.0.1:{port}"


def checked(text: str) -> dict[str, Any]:
    """The document in a text, which must fit its published schema."""
    found: dict[str, Any] = json.loads(text)
    name = found["schema"].replace("/", "-") + ".json"
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema, format_checker=jsonschema.FormatChecker())
    return found


def results(document: dict[str, Any], at: int = 0) -> dict[str, str]:
    return {one["kind"]: one["result"] for one in document["observations"][at]["steps"]}


def test_a_server_that_does_not_relay(here: Here, polite: tuple[Polite, str]) -> None:
    peer, place = polite
    ran = here("probe", place, *NAMED, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    document = checked(ran.out)
    assert document["complete"] is True
    assert document["checks"] == document["via"] == document["not_probed"] == []
    assert results(document)["relay"] == "denied"
    assert results(document)["spoof-to-internal"] == "allowed"
    assert document["observations"][0]["steps"][2]["reply"]["code"] == 550
    assert peer.heard[0] == "EHLO probe.contoso.com"
    assert peer.heard[-2:] == ["RSET", "QUIT"]
    assert "DATA" not in peer.heard


def test_the_console_shows_each_step_and_the_dialogue_when_asked(
    here: Here, polite: tuple[Polite, str]
) -> None:
    _, place = polite
    brief = here("probe", place, *NAMED)
    shown = " ".join(brief.out.split())
    assert "relay denied 550 5.7.54 SMTP; Unable to relay" in shown
    assert "> MAIL FROM" not in shown
    verbose = here("probe", place, *NAMED, "--verbose")
    assert "> MAIL FROM:<rctango-probe@example.com>" in " ".join(verbose.out.split())


def test_a_table_has_a_row_for_each_step(here: Here, polite: tuple[Polite, str]) -> None:
    _, place = polite
    ran = here("probe", place, *NAMED, "--format", "csv")
    rows = {one["step"]: one for one in csv.DictReader(io.StringIO(ran.out))}
    assert rows["relay"]["result"] == "denied"
    assert rows["relay"]["code"] == "550"
    assert rows["relay"]["target"] == place
    assert "| relay | denied |" in here("probe", place, *NAMED, "--format", "markdown").out


def test_without_a_domain_something_stays_open(here: Here, polite: tuple[Polite, str]) -> None:
    _, place = polite
    ran = here("probe", place, "--ehlo", "probe.contoso.com")
    assert ran.code == 5
    assert "name one with --domain" in " ".join(ran.out.split())


def test_it_says_who_it_is(here: Here, polite: tuple[Polite, str]) -> None:
    peer, place = polite
    here("probe", place, *NAMED, "--contact", "postmaster@contoso.com")
    assert "NOOP rctango probe, contact postmaster@contoso.com" in peer.heard
    peer.heard.clear()
    here("probe", place)
    assert peer.heard[0] == f"EHLO {socket.gethostname()}"


def test_addresses_to_test_with(here: Here, polite: tuple[Polite, str]) -> None:
    peer, place = polite
    mine = (
        "--sender",
        "a@example.org",
        "--recipient",
        "b@example.net",
        "--sender",
        "c@contoso.com",
    )
    here("probe", place, *NAMED, *mine, "--tricks")
    assert "MAIL FROM:<a@example.org>" in peer.heard
    assert "MAIL FROM:<c@contoso.com>" in peer.heard
    assert "RCPT TO:<b@example.net>" in peer.heard
    assert "RCPT TO:<b%example.net@contoso.com>" in peer.heard
    every = " ".join(peer.heard)
    assert set(re.findall(r"@([\w.]+)>", every)) <= {"example.net", "example.org", "contoso.com"}


class Mailbox(Polite):
    """A server that takes messages."""

    def answer(self, command: str) -> bytes | None:
        if command == "DATA":
            return b"354 Start mail input\r\n"
        if self.heard.count("DATA") and command == ".":
            return b"250 2.6.0 Queued mail for delivery\r\n"
        if "DATA" in self.heard and "." not in self.heard:
            return b""
        return super().answer(command)


def test_a_message_is_sent_only_on_request_and_to_a_named_recipient(here: Here) -> None:
    peer = Mailbox(OFFER)
    with served(peer) as port:
        place = f"127.0.0.1:{port}"
        assert here("probe", place, *NAMED, "--send").code == 2
        assert peer.heard == []
        here("probe", place, *NAMED, "--recipient", "me@contoso.com")
        assert "DATA" not in peer.heard
        peer.heard.clear()
        ran = here(
            "probe", place, *NAMED, "--send", "--recipient", "me@contoso.com", "--format", "json"
        )
    assert peer.heard.count("DATA") == 1
    assert "From: <rctango-probe@contoso.com>" in peer.heard
    assert "To: <me@contoso.com>" in peer.heard
    assert results(json.loads(ran.out))["header-from"] == "allowed"


# Safety


def test_a_dry_run_connects_to_nothing_and_shows_every_line(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.3)
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        monkeypatch.setattr("socket.getaddrinfo", None)
        words = ("probe", place, "ex01.contoso.com", *NAMED, "--source", "127.0.0.1", "--dry-run")
        ran = here(*words, "--send", "--recipient", "me@contoso.com")
        with pytest.raises(TimeoutError):
            listening.accept()
    assert ran.code == 0
    shown = " ".join(ran.out.split())
    for line in (
        "EHLO probe.contoso.com",
        "MAIL FROM:<rctango-probe@example.com>",
        "RCPT TO:<rctango-probe@example.net>",
        "DATA",
        "From: <rctango-probe@contoso.com>",
        "STARTTLS",
        "QUIT",
    ):
        assert line in shown
    assert f"127.0.0.1 {place.partition(':')[2]} 127.0.0.1" in shown
    assert "ex01.contoso.com 25 127.0.0.1" in shown


def test_what_a_dry_run_shows_is_what_is_sent(here: Here) -> None:
    peer = Polite(OFFER_TLS)
    with served(peer) as port:
        words = ("probe", f"127.0.0.1:{port}", *NAMED, "--tricks", "--contact", "me")
        planned = checked(here(*words, "--dry-run", "--format", "json").out)
        here(*words)
    lines = [one["line"] for one in planned["commands"]]
    assert set(peer.heard) <= set(lines)
    assert set(lines) - set(peer.heard) == {"HELO probe.contoso.com"}


def test_a_dry_run_as_a_table(here: Here) -> None:
    ran = here("probe", "ex01:26", "10.0.0.5", *NAMED, "--dry-run", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert {(one["host"], one["port"]) for one in rows} == {("ex01", "26"), ("10.0.0.5", "25")}
    assert len(rows) == 2 * len([one for one in rows if one["host"] == "ex01"])
    assert (
        "## Each would send"
        in here("probe", "ex01", *NAMED, "--dry-run", "--format", "markdown").out
    )


def test_only_named_targets_are_probed(here: Here, folder: Path) -> None:
    """A port beside the one that the evidence and the command line name sees nobody."""
    named, other = Polite(OFFER), Polite(OFFER)
    with served(named) as port, served(other, "127.0.0.2", port):
        organisation(folder, port)
        ran = here("probe", "--evidence", "own", "--config", "own.toml", "--source", "127.0.0.1")
        assert ran.code in {0, 5}
        assert named.sources == ["127.0.0.1"]
        here("probe", f"127.0.0.1:{port}", *NAMED)
    assert other.heard == []
    assert other.sources == []


def test_one_session_at_a_time_at_each_target(here: Here) -> None:
    class Slow(Polite):
        def answer(self, command: str) -> bytes | None:
            time.sleep(0.02)
            return super().answer(command)

    peer = Slow(OFFER)
    with served(peer) as port:
        sources = [word for last in range(1, 6) for word in ("--source", f"127.0.0.{last}")]
        here("probe", f"127.0.0.1:{port}", *NAMED, *sources)
    assert len(peer.sources) == 5
    assert peer.most_at_once == 1


def test_no_option_takes_a_password() -> None:
    names = inspect.signature(probe_module.probe).parameters
    assert not [one for one in names if re.search("pass|secret|credential|user|login|auth", one)]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("",),
        ("ex01:0",),
        ("10.0.0",),
        ("ex01\r\nRSET",),
        ("ex01", "--source", "nowhere"),
        ("ex01", "--via", "LB"),
        ("ex01", "--ehlo", "a b"),
        ("ex01", "--contact", "a\r\nRSET"),
        ("ex01", "--sender", "a@b\r\nDATA"),
        ("ex01", "--recipient", "nobody"),
        ("ex01", "--domain", "\x1b[2J"),
        ("ex01", "--rate", "0"),
        ("ex01", "--rate", "nan"),
        ("ex01", "--run-timeout", "inf"),
        ("ex01", "--at-once", "0"),
        ("ex01", "--send"),
        ("ex01", "--dry-run", "--save", "x.json"),
        ("ex01", "--save", "missing/x.json"),
        ("ex01", "--save", "exports"),
        ("ex01", "--server", "EX01"),
    ],
    ids=repr,
)
def test_wrong_arguments_connect_to_nothing(
    here: Here, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("rctango.app.probing.probe_all", None)
    ran = here("probe", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err
    assert hidden(ran.err) == []


@pytest.mark.parametrize("form", ["console", "json", "csv", "markdown"])
def test_what_a_server_says_does_nothing_to_a_terminal(here: Here, form: str) -> None:
    peer = Polite(
        b"250-" + NASTY + b"\r\n250-" + NASTY + b"\r\n250 AUTH " + NASTY + b"\r\n",
        GREETING=b"220 " + NASTY + b"\r\n",
        MAIL=b"550 5.7.1 =HYPERLINK(1) " + NASTY + b"\r\n",
    )
    with served(peer) as port:
        ran = here("probe", f"127.0.0.1:{port}", *NAMED, "--format", form, "--verbose")
    assert ran.code == 5
    assert hidden(ran.out.replace("\r\n", "\n")) == []
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(ran.out)) for cell in row]
        assert not [cell for cell in cells if cell[:1] in set("=+-@")]
    if form == "markdown":
        assert "<b>" not in ran.out
        assert "|`" not in ran.out


# Evidence


def organisation(folder: Path, port: int, *addresses: str) -> None:
    """EX01 on the loopback: 127.0.0.9 may relay there, all others meet Default Frontend."""
    relay = exchange.receive_connector(
        "EX01", "Relay", (f"0.0.0.0:{port}",), ("127.0.0.9",), groups="AnonymousUsers, Custom"
    )
    default = exchange.receive_connector(
        "EX01",
        "Default Frontend EX01",
        (f"0.0.0.0:{port}",),
        auth="Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer",
        groups="AnonymousUsers, ExchangeServers",
    )
    entries = [
        *(ace for one in (relay, default) for ace in exchange.default_aces(
            one.text or "", one.properties["PermissionGroups"].text)),
        *exchange.anonymous_relay_aces("EX01\\Relay"),
    ]  # fmt: skip
    own = folder / "own"
    own.mkdir()
    for name, things in {
        "connectors": (relay, default),
        "entries": tuple(entries),
        "servers": (exchange.exchange_server("EX01"),),
        "domains": (exchange.accepted_domain("contoso.com"),),
    }.items():
        (own / f"{name}.xml").write_bytes(clixml(things))
    told = ", ".join(f'"{one}"' for one in addresses or ("127.0.0.1",))
    (folder / "own.toml").write_text(
        f'appliance = []\n[[server]]\nname = "EX01"\naddresses = [{told}]\n'
        'gateways = ["127.0.0.254"]\n',
        encoding="utf-8",
    )


class Exchange(Polite):
    """Who comes from 127.0.0.9 may relay and is offered no Exchange authentication."""

    def __init__(self, *, relays: bool = True) -> None:
        super().__init__(OFFER)
        self.relays = relays

    def answer(self, command: str) -> bytes | None:
        if self.relays and self.sources[-1] == "127.0.0.9":
            if command.startswith("EHLO"):
                return b"250-ex01.contoso.com Hello [127.0.0.9]\r\n250 SIZE\r\n"
            if command.startswith("RCPT"):
                return b"250 2.1.5 Recipient OK\r\n"
        return super().answer(command)


EVIDENCE = ("probe", "--evidence", "own", "--config", "own.toml", "--rate", "1000",
            "--ehlo", "probe.contoso.com")  # fmt: skip
PROBE = (*EVIDENCE, "--source", "127.0.0.9", "--source", "127.0.0.1")
AUDIT = ("audit", "own", "--config", "own.toml", "--format", "json")


def findings(ran: Ran) -> dict[tuple[str, str], dict[str, Any]]:
    document = json.loads(ran.out)
    return {(one["rule"], one["connector"]): one for one in document["findings"]}


def test_prediction_probe_save_and_audit(here: Here, folder: Path) -> None:
    with served(Exchange()) as port:
        organisation(folder, port)
        ran = here(*PROBE, "--save", "seen.json", "--format", "json")
    assert ran.code == 0, ran.out
    document = checked(ran.out)
    assert (folder / "seen.json").read_text(encoding="utf-8") == ran.out
    relay, default = document["checks"]
    assert (relay["connector"], relay["range"]) == ("EX01\\Relay", "127.0.0.9")
    assert default["connector"] == "EX01\\Default Frontend EX01"
    foretold = {one["kind"]: one for one in relay["steps"]}
    assert foretold["relay"]["predicted"] == foretold["relay"]["observed"] == "allowed"
    assert {one["agreement"] for one in (*relay["features"], *default["features"])} >= {"agrees"}
    key = ("anonymous-relay", "EX01\\Relay")
    assert findings(here(*AUDIT))[key]["grade"] == "possible"
    confirmed = here(*AUDIT, "seen.json")
    assert findings(confirmed)[key]["grade"] == "confirmed"
    assert {"source": "seen.json", "locator": "observations[0]"} in findings(confirmed)[key][
        "evidence"
    ]
    kinds = {one["path"]: one for one in json.loads(confirmed.out)["evidence"]}
    assert kinds["seen.json"] == {
        "path": "seen.json", "kind": "rctango probe (JSON)", "objects": 2,
    }  # fmt: skip
    assert "confirmed by a probe" in " ".join(here(*AUDIT[:-2], "seen.json").out.split())


def test_a_probe_inside_the_evidence_folder_counts(here: Here, folder: Path) -> None:
    with served(Exchange()) as port:
        organisation(folder, port)
        here(*PROBE, "--save", "own/anything.txt")
    assert findings(here(*AUDIT))["anonymous-relay", "EX01\\Relay"]["grade"] == "confirmed"
    assert here("which", "127.0.0.9", "own", "--config", "own.toml").code == 0


def test_a_refuted_relay_says_so_and_stays(here: Here, folder: Path) -> None:
    with served(Exchange(relays=False)) as port:
        organisation(folder, port)
        ran = here(*PROBE, "--save", "seen.json")
    assert ran.code == 5
    shown = " ".join(ran.out.split())
    assert "allowed: CONTRADICTS" in shown
    assert "Likely cause 1, source-nat" in shown
    assert "receive protocol log" in shown
    key = ("anonymous-relay", "EX01\\Relay")
    before, after = findings(here(*AUDIT))[key], findings(here(*AUDIT, "seen.json"))[key]
    assert (after["grade"], after["severity"]) == ("possible", before["severity"])
    assert "A probe speaks against it: 127.0.0.9 could not relay on " in after["message"]
    assert "550 5.7.54" in after["message"]


def test_a_broken_saved_probe_is_a_gap(here: Here, folder: Path) -> None:
    organisation(folder, 25)
    (folder / "own" / "seen.json").write_text(
        '{"schema": "rctango.probe/1", "observations": [7]}', encoding="utf-8"
    )
    ran = here(*AUDIT)
    gaps = json.loads(ran.out)["gaps"]
    name = str(Path("own") / "seen.json")
    assert [one for one in gaps if one["what"] == "the saved probe"] == [
        {
            "what": "the saved probe",
            "server": None,
            "why": "no object",
            "source": f"{name}: observations[0]",
        }
    ]
    assert here(*AUDIT, "--strict").code == 3
    assert "the saved probe: no object" in here("map", "own", "--config", "own.toml").err


def test_evidence_without_connectors_is_no_evidence(here: Here, folder: Path) -> None:
    (folder / "empty").mkdir()
    ran = here("probe", "127.0.0.1:1", "--evidence", "empty")
    assert (ran.code, ran.out) == (3, "")


def test_evidence_without_a_target(here: Here, folder: Path) -> None:
    organisation(folder, 25)
    ran = here("probe", "--evidence", "own", "--port", "26", "--config", "own.toml")
    assert ran.code == 3
    assert "Nothing was probed" in ran.out


def test_what_is_not_probed_is_listed_in_every_format(here: Here, folder: Path) -> None:
    organisation(folder, 25, "fe80::5")
    words = ("probe", "--evidence", "own", "--config", "own.toml", "--dry-run")
    why = "the server has no IPv4 address"
    assert why in " ".join(here(*words).out.split())
    (one,) = checked(here(*words, "--format", "json").out)["not_probed"]
    assert (one["server"], one["why"]) == ("EX01", why)
    assert why in here(*words[:-1], "--format", "csv").out


def test_a_balancer_that_hides_its_clients(here: Here, folder: Path) -> None:
    """Behind it the server sees an address that may relay."""
    balanced, direct = Relaying(OFFER), Polite(OFFER)
    with served(direct) as port, served(balanced, "127.0.0.3", port):
        organisation(folder, port)
        ran = here(*EVIDENCE, "--source", "127.0.0.1", "--via", f"LB01=127.0.0.3:{port}")
    assert "LB01 (127.0.0.3:" in ran.out
    assert "relay: allowed there, denied directly" in ran.out


# Interruption


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal")
def test_an_interruption_shows_and_saves_what_was_found(tmp_path: Path) -> None:
    peer, tarpit = Polite(OFFER), Polite(OFFER, RCPT=b"")
    with served(peer) as quick, served(tarpit) as slow:
        targets = (f"127.0.0.1:{quick}", f"127.0.0.1:{slow}", f"127.0.0.2:{slow}")
        child = subprocess.Popen(  # noqa: S603 - our own program
            command(
                "probe", *targets, *NAMED, "--at-once", "1", "--format", "json", "--save", "s.json"
            ),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        deadline = time.monotonic() + 30
        while not tarpit.heard_mail.is_set() and time.monotonic() < deadline:
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (5, b"")
    document = checked(out.decode())
    assert document["complete"] is False
    assert [one["target"] for one in document["observations"]] == list(targets[:2])
    assert [one["fault"] and one["fault"]["kind"] for one in document["observations"]] == [
        None,
        "interrupted",
    ]
    assert [one["target"] for one in document["not_probed"]] == [targets[2]]
    assert (tmp_path / "s.json").read_bytes() == out


def test_a_place_that_cannot_be_written_loses_no_result(
    here: Here, polite: tuple[Polite, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, place = polite

    def refuse(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    ran = here("probe", place, *NAMED, "--save", "seen.json")
    assert ran.code == 2
    assert "relay" in ran.out
    assert ran.err == "rctango: cannot write seen.json: No space left on device\n"
