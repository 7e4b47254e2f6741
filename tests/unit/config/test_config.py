"""``rctango.toml``: every form the contract names, and every mistake with its path."""

from __future__ import annotations

import datetime as dt

import pytest

from rctango.addresses import Address, RangeSet
from rctango.config import Settings, read_settings
from rctango.errors import ConfigError, RctangoError
from rctango.model.server import ApplianceKind, ServerRole, Version

RULES = {"open-relay", "overbroad-relay-range"}

WHOLE = r"""
[[appliance]]
name = "LB-A"
kind = "load-balancer"
addresses = ["10.1.1.250", "10.1.2.0/28"]

[[appliance]]
name = "FW"
kind = "firewall"
addresses = "10.1.3.1"

[[server]]
name = "EX01.contoso.com"
addresses = ["10.1.1.5", "2001:db8::5"]
gateways = ["10.1.1.1"]
version = "15.2"
roles = ["Mailbox"]

[[server]]
name = "EDGE1"

[[accept]]
rule = "overbroad-relay-range"
connector = 'EX01\Relay'
reason = "printers, ticket 4711"
owner = "messaging team"
until = 2027-06-30

[[accept]]
rule = "open-relay"
reason = "a laboratory"
owner = "me"
"""


def settings(text: str | bytes) -> Settings:
    return read_settings("rctango.toml", text.encode() if isinstance(text, str) else text, RULES)


def problems(text: str | bytes) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        settings(text)
    assert caught.value.source == "rctango.toml"
    return dict(caught.value.problems)


def test_the_whole_contract() -> None:
    found = settings(WHOLE)
    assert found.appliances is not None
    assert [(one.name, one.kind, one.addresses) for one in found.appliances] == [
        ("LB-A", ApplianceKind.LOAD_BALANCER, RangeSet.parse("10.1.1.250", "10.1.2.0/28")),
        ("FW", ApplianceKind.FIREWALL, RangeSet.parse("10.1.3.1")),
    ]
    assert str(found.appliances[1].origin) == "rctango.toml: appliance[1]"
    first, second = found.servers
    assert first.name == "EX01"
    assert first.addresses == (Address.parse("10.1.1.5"), Address.parse("2001:db8::5"))
    assert first.gateways == (Address.parse("10.1.1.1"),)
    assert first.version == Version(major=15, minor=2)
    assert first.roles == ServerRole.MAILBOX
    assert [str(one) for one in first.origin("gateways")] == ["rctango.toml: server[0].gateways"]
    assert (second.addresses, second.gateways, second.version, second.roles) == (None,) * 4
    one, other = found.acceptances
    assert (one.rule, one.connector) == ("overbroad-relay-range", "EX01\\Relay")
    assert (one.reason, one.owner) == ("printers, ticket 4711", "messaging team")
    assert one.until == dt.date(2027, 6, 30)
    assert (other.connector, other.until) == (None, None)
    assert str(other.origin) == "rctango.toml: accept[1]"


@pytest.mark.parametrize("text", ["", "# nothing\n", "\ufeff", "server = []\n"])
def test_an_empty_file_declares_nothing(text: str) -> None:
    assert settings(text) == Settings()


def test_no_appliances_is_not_the_same_as_nothing_said() -> None:
    assert settings("appliance = []").appliances == ()
    assert settings("").appliances is None


@pytest.mark.parametrize("kind", list(ApplianceKind))
def test_every_kind_of_appliance(kind: ApplianceKind) -> None:
    (found,) = (
        settings(f'[[appliance]]\nname="a"\nkind="{kind}"\naddresses=["10.0.0.1"]').appliances or ()
    )
    assert found.kind is kind


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("15.2", (15, 2)),
        ("8.3", (8, 3)),
        ("15.2.1544.4", (15, 2)),
        ("Version 15.1 (Build 2507.6)", (15, 1)),
        ("15.0 (Build 1497.2)", (15, 0)),
    ],
)
def test_versions(text: str, version: tuple[int, int]) -> None:
    (server,) = settings(f'[[server]]\nname = "A"\nversion = "{text}"').servers
    assert server.version == Version(major=version[0], minor=version[1])


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ('["Mailbox"]', ServerRole.MAILBOX),
        (
            '["Mailbox, ClientAccess, HubTransport"]',
            ServerRole.MAILBOX | ServerRole.CLIENT_ACCESS | ServerRole.HUB_TRANSPORT,
        ),
        ('["mailbox", "clientaccess"]', ServerRole.MAILBOX | ServerRole.CLIENT_ACCESS),
        ('"Edge"', ServerRole.EDGE),
    ],
)
def test_roles(text: str, roles: ServerRole) -> None:
    (server,) = settings(f'[[server]]\nname = "A"\nroles = {text}').servers
    assert server.roles == roles


MISTAKES = r"""
surprise = 1
[[appliance]]
name = ""
kind = "toaster"
addresses = ["10.0.0.300", 7, "10.0.0.1"]
colour = "red"
[[appliance]]
kind = 5
[[appliance]]
name = "a"
kind = "nat"
addresses = []
[[server]]
addresses = ["10.x.x.x"]
gateways = {}
version = "SE"
roles = ["Mailbox", "Butler"]
[[server]]
name = "B"
version = 15.2
addresses = ["10.0.0.0/24"]
[[accept]]
rule = "no-such-rule"
connector = "Relay"
until = "2027-06-30"
[[accept]]
rule = "open-relay"
reason = "r"
owner = 7
until = 2027-06-30T10:00:00
"""


def test_every_mistake_is_reported_at_once_with_its_path() -> None:
    found = problems(MISTAKES)
    assert sorted(found) == [
        "accept[0].connector",
        "accept[0].owner",
        "accept[0].reason",
        "accept[0].rule",
        "accept[0].until",
        "accept[1].owner",
        "accept[1].until",
        "appliance[0].addresses[0]",
        "appliance[0].addresses[1]",
        "appliance[0].colour",
        "appliance[0].kind",
        "appliance[0].name",
        "appliance[1].addresses",
        "appliance[1].kind",
        "appliance[1].name",
        "appliance[2].addresses",
        "server[0].addresses[0]",
        "server[0].gateways",
        "server[0].name",
        "server[0].roles[1]",
        "server[0].version",
        "server[1].addresses[0]",
        "server[1].version",
        "surprise",
    ]
    assert "10.0.0.300" in found["appliance[0].addresses[0]"]
    assert "load-balancer, nat, firewall" in found["appliance[0].kind"]
    assert "'rctango rules' lists them" in found["accept[0].rule"]
    assert "without quotes" in found["accept[0].until"]


def test_the_message_holds_every_problem() -> None:
    with pytest.raises(RctangoError, match=r"^rctango\.toml: a: no such table.*; b: no such"):
        settings("a = 1\nb = 2")


@pytest.mark.parametrize(
    "text",
    [
        "[appliance]\nname = 'a'",
        "appliance = 'none'",
        "appliance = [1]",
        "appliance = [[]]",
        "appliance = false",
    ],
)
def test_a_table_that_should_be_many(text: str) -> None:
    assert problems(text) == {"appliance": "write it as [[appliance]]"}


def test_a_server_may_be_declared_once() -> None:
    text = '[[server]]\nname = "EX01"\n[[server]]\nname = "ex01.contoso.com"'
    assert problems(text) == {"server[1].name": "'ex01' is declared twice"}


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\xfe\x01",
        b"\xff\xfea\x00=\x001\x00",
        b"a = ",
        b"a = 1\na = 2",
        b"a = 2027-13-45",
        b"a = " + b"1" * 5000,
        b"a = " + b"[" * 5000 + b"]" * 5000,
        b"a = {" + b"b = {" * 3000,
        b"\xfc = 1",
        b'a = "\\ud800"',
        "a = 1\u2028".encode(),
        b"a." * 20000 + b"b = 1",
    ],
)
def test_no_toml_is_a_single_problem(data: bytes) -> None:
    found = problems(data)
    assert len(found) == 1


def test_hostile_names_stay_in_their_place() -> None:
    found = problems('[[accept]]\nrule = "\\u001b[31mred"\nreason = "r"\nowner = "o"')
    assert "\x1b" not in found["accept[0].rule"]
