"""Nothing is silently dropped: every object is read, counted or reported, with its place."""

from __future__ import annotations

import json

import pytest

from fakes import exchange
from fakes.powershell import PSList, PSObject, clixml, csv_text, json_text
from rctango.formats.raw import RawObject
from rctango.intake.kinds import Kind, classify
from rctango.intake.snapshot import read_snapshot
from rctango.model.origin import Artifact
from unit.intake.samples import artifact, as_list, broken_artifact, gap_about, read, whys

CONNECTORS = exchange.default_connectors("EX01")
MAILBOX = PSObject(
    ("Microsoft.Exchange.Data.Directory.Management.Mailbox", "System.Object"),
    "Jane",
    {"Name": "Jane", "Alias": "jane"},
)


def counted(*contents: bytes | str) -> dict[tuple[str, str], int]:
    return {(item.path, item.kind): item.objects for item in read(*contents).evidence}


def test_nothing_read_gives_nothing() -> None:
    snapshot = read()
    assert (snapshot.connectors, snapshot.servers, snapshot.gaps, snapshot.evidence) == ((),) * 4


def test_counts_add_up() -> None:
    mixed = clixml((*CONNECTORS, exchange.exchange_server("EX01"), MAILBOX, MAILBOX))
    domains = csv_text((exchange.accepted_domain("a.com"),), ("DomainName", "DomainType"))
    assert counted(mixed, domains, "junk") == {
        ("0", "Get-ReceiveConnector (CLIXML)"): 5,
        ("0", "Get-ExchangeServer (CLIXML)"): 1,
        (
            "0",
            "not used: Microsoft.Exchange.Data.Directory.Management.Mailbox (CLIXML)",
        ): 2,
        ("1", "Get-AcceptedDomain (CSV)"): 1,
        ("2", "nothing usable"): 0,
    }


def test_unknown_kinds_are_reported_once_a_file() -> None:
    other = PSObject(("Some.Other.Type",), None, {"A": 1})
    many = clixml((MAILBOX, other, MAILBOX, *CONNECTORS, other))
    snapshot = read(many, clixml((MAILBOX,)))
    about = [(gap.what, str(gap.origin), gap.unreadable) for gap in snapshot.gaps]
    mailbox = "Microsoft.Exchange.Data.Directory.Management.Mailbox"
    assert about == [
        (mailbox, "0: object 1", False),
        (mailbox, "1: object 1", False),
        ("Some.Other.Type", "0: object 2", False),
    ]
    assert len(snapshot.connectors) == 5


def test_unknown_kinds_without_a_type_are_named_by_their_properties() -> None:
    snapshot = read(json.dumps([{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"c": 1}, {}]))
    assert [gap.what for gap in snapshot.gaps] == [
        "an object with no properties",
        "an object with the properties a, b",
        "an object with the properties c",
    ]


@pytest.mark.parametrize(
    ("content", "what", "why"),
    [
        (b"", "the file", "empty"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00 and so on", "the file", "binary"),
        (b"PK\x03\x04rest", "the file", "ZIP"),
        ("Dear colleagues, hello.", "the file", "no export"),
        ('{"Name": "Relay", ', "the file", "ends"),
        ("<Objs><Obj>", "the file", "ends"),
        ("<Objs><Obj></Objs>", "the file", "broken XML"),
    ],
)
def test_what_cannot_be_read(content: bytes | str, what: str, why: str) -> None:
    snapshot = read(content)
    (gap,) = snapshot.gaps
    assert gap.what == what
    assert why in gap.why
    assert gap.unreadable
    assert gap.origin is not None
    assert gap.origin.source == "0"
    assert [(item.kind, item.objects) for item in snapshot.evidence] == [("nothing usable", 0)]


def test_what_stands_before_the_break_is_read() -> None:
    text = json_text(CONNECTORS, flavour="7")
    snapshot = read(text[: text.index("Client Frontend")])
    assert len(snapshot.connectors) == 4
    assert gap_about(snapshot, "the rest of the file").unreadable
    whole = clixml(CONNECTORS, encoding="utf-8")
    snapshot = read(whole[: whole.rindex(b"<Obj RefId")])
    assert len(snapshot.connectors) >= 3
    assert gap_about(snapshot, "the rest of the file").unreadable


def test_a_skipped_part_is_reported_with_its_place() -> None:
    snapshot = read(json.dumps([{"Name": "R", "RemoteIPRanges": ["10.0.0.1"]}, "text", None]))
    assert [str(gap.origin) for gap in snapshot.gaps if gap.what == "part of the file"] == [
        "0: item 2",
        "0: item 3",
    ]


def test_files_that_cannot_be_opened() -> None:
    def fail() -> object:
        raise OSError(5, "Input/output error")

    artifacts = [
        broken_artifact("a"),
        Artifact(name="b", size=1, open=fail),  # type: ignore[arg-type]
        artifact("c", clixml(CONNECTORS)),
    ]
    snapshot = read_snapshot(artifacts)
    assert len(snapshot.connectors) == 5
    assert [str(gap.origin) for gap in snapshot.gaps] == ["a", "b"]
    assert "Permission denied" in whys(snapshot)[0]
    assert "Input/output error" in whys(snapshot)[1]


def test_an_empty_result_is_no_fault() -> None:
    for text in ("[]", "<Objs xmlns='http://schemas.microsoft.com/powershell/2004/04'></Objs>"):
        snapshot = read(text)
        assert not snapshot.gaps
        assert [(item.kind, item.objects) for item in snapshot.evidence] == [("nothing usable", 0)]


def test_objects_are_found_inside_others() -> None:
    custom = ("System.Management.Automation.PSCustomObject", "System.Object")
    collected = PSObject(
        custom,
        None,
        {
            "Connectors": PSList("System.Object[]", CONNECTORS),
            "Servers": PSList("System.Object[]", (exchange.exchange_server("EX01"),)),
            "When": "today",
        },
    )
    snapshot = read(clixml((collected,)))
    assert len(snapshot.connectors) == 5
    assert len(snapshot.servers) == 1


def test_notes_on_the_text_are_not_faults() -> None:
    text = "Name;Server;RemoteIPRanges\nBüro;EX01;10.0.0.1\n"
    snapshot = read(text.encode("cp1252"))
    assert snapshot.connectors[0].name == "Büro"
    assert "Windows-1252" in whys(snapshot, unreadable=False)[0]


TYPES = {
    Kind.RECEIVE_CONNECTOR: CONNECTORS[0],
    Kind.AD_PERMISSION: exchange.ad_permission("EX01\\Relay", "Everyone"),
    Kind.EXCHANGE_SERVER: exchange.exchange_server("EX01"),
    Kind.TRANSPORT_SERVICE: exchange.transport_service("EX01"),
    Kind.NETWORK_ADAPTER: exchange.win32_adapter("EX01", ("10.0.0.1",)),
    Kind.NET_IP_CONFIGURATION: exchange.net_ip_configuration("EX01", ("10.0.0.1",)),
    Kind.ACCEPTED_DOMAIN: exchange.accepted_domain("a.com"),
    Kind.SEND_CONNECTOR: exchange.send_connector("Out"),
    Kind.TRANSPORT_AGENT: exchange.transport_agent("EX01", "Sender Id Agent"),
}


@pytest.mark.parametrize("kind", TYPES)
def test_kinds_by_type_and_by_properties(kind: Kind) -> None:
    thing = TYPES[kind]
    types = tuple(name.removeprefix("Deserialized.") for name in thing.types)
    assert classify(RawObject(types=types, properties={}, locator="")) is kind
    selected = (f"Selected.{types[0]}", "System.Object")
    assert classify(RawObject(types=selected, properties={}, locator="")) is kind
    names = {name.lower(): "" for name in (*thing.properties, *thing.extra)}
    assert classify(RawObject(properties=names, locator="")) is kind


@pytest.mark.parametrize(
    "names",
    [
        ("Identity", "Enabled", "Priority", "Description", "RedirectTo"),
        ("Identity", "Enabled"),
        ("Name", "Enabled", "Bindings"),
        (),
    ],
)
def test_other_kinds(names: tuple[str, ...]) -> None:
    assert classify(RawObject(properties={name.lower(): "" for name in names}, locator="")) is None


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("Get-ReceiveConnector | fl name,enabled", Kind.RECEIVE_CONNECTOR),
        ("Get-ExchangeServer | Get-ReceiveConnector | fl name", Kind.RECEIVE_CONNECTOR),
        ("Get-ExchangeServer | % {Get-ReceiveConnector -Server $_} | fl", Kind.RECEIVE_CONNECTOR),
        ("Get-ReceiveConnector -Server (Get-Content a.txt) | fl", Kind.RECEIVE_CONNECTOR),
        ("get-transportserver | fl name", Kind.TRANSPORT_SERVICE),
        ("Get-TransportService | Get-Queue | fl", None),
        ("Get-Mailbox | fl", None),
        ("fl", None),
    ],
)
def test_kinds_by_the_command_line(command: str, kind: Kind | None) -> None:
    raw = RawObject(properties={"name": "x"}, locator="", command=command)
    assert classify(raw) is kind


def test_file_names_do_not_matter() -> None:
    files: dict[str, bytes | str] = {
        "servers.csv": clixml(CONNECTORS),
        "x.xml": as_list(CONNECTORS),
    }
    snapshot = read(**files)
    assert {item.kind for item in snapshot.evidence} == {
        "Get-ReceiveConnector (CLIXML)",
        "Get-ReceiveConnector (Format-List)",
    }
