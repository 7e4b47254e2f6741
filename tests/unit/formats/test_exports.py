"""The same connectors in every encoding that PowerShell has for them."""

from __future__ import annotations

import pytest

from fakes.exchange import receive_connector
from fakes.powershell import clixml, csv_text, deserialize, format_list, json_text
from rctango.formats.raw import Lost, RawObject, RawValue
from unit.formats.samples import objects

RANGES = (
    "10.0.0.1",
    "10.0.1.0/24",
    "10.0.2.1-10.0.2.200",
    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1-2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
    *(f"192.0.2.{number}" for number in range(9)),
)
CONNECTORS = (
    receive_connector("EX1", "Relay for Printers", ("0.0.0.0:25", "[::]:25"), RANGES),
    receive_connector("EX2", "Default EX2", groups="AnonymousUsers, ExchangeServers"),
)
COLUMNS = ("Name", "Identity", "Enabled", "Bindings", "RemoteIPRanges", "PermissionGroups")


def texts(value: RawValue) -> RawValue:
    """A value reduced to its texts, which is all that some encodings keep."""
    if isinstance(value, RawObject):
        return value.text if value.text is not None else texts(value.get("Expression"))
    return tuple(map(texts, value)) if isinstance(value, tuple) else value


def check(found: list[RawObject], names: tuple[str, ...]) -> None:
    assert len(found) == 2
    relay, default = found
    expected: dict[str, RawValue] = {
        "Name": "Relay for Printers",
        "Identity": "EX1\\Relay for Printers",
        "Bindings": ("0.0.0.0:25", "[::]:25"),
        "RemoteIPRanges": RANGES,
        "PermissionGroups": "AnonymousUsers",
    }
    assert {name: texts(relay.get(name)) for name in names} == {n: expected[n] for n in names}
    assert texts(default.get("Name")) == "Default EX2"


ALL = ("Name", "Identity", "Bindings", "RemoteIPRanges", "PermissionGroups")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-16-be"])
def test_clixml(encoding: str) -> None:
    check(objects(clixml(CONNECTORS, encoding=encoding)), ALL)


def test_clixml_from_remoting() -> None:
    found = objects(clixml(deserialize(CONNECTORS)))
    check(found, ALL)
    assert found[0].types == objects(clixml(CONNECTORS))[0].types


@pytest.mark.parametrize("flavour", ["5.1", "7"])
@pytest.mark.parametrize("wrapper", [False, True])
def test_json(flavour: str, *, wrapper: bool) -> None:
    text = json_text(
        deserialize(CONNECTORS),
        flavour="5.1" if flavour == "5.1" else "7",
        depth=4,
        wrapper=wrapper,
        enums_as_strings=True,
    )
    found = objects(text)
    check(found, ("Name", "Identity", "PermissionGroups"))
    assert found[0].get("RemoteIPRanges") == RANGES


@pytest.mark.parametrize("width", [60, 80, 100, 120, 400])
@pytest.mark.parametrize("blank_after_each", [False, True])
def test_format_list(width: int, *, blank_after_each: bool) -> None:
    prompt = "[PS] C:\\>Get-ReceiveConnector | fl"
    text = format_list(
        CONNECTORS, COLUMNS, width=width, blank_after_each=blank_after_each, prompt=prompt
    )
    found = objects(text)
    check(found, ALL)
    assert {raw.command for raw in found} == {"Get-ReceiveConnector | fl"}


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_short_format_list(width: int) -> None:
    relay, _ = objects(format_list(CONNECTORS, COLUMNS, width=width, enumeration_limit=4))
    ranges = relay.get("RemoteIPRanges")
    assert isinstance(ranges, Lost)
    assert ranges.rest == RANGES[:4]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(delimiter: str) -> None:
    found = objects(csv_text(CONNECTORS, COLUMNS, delimiter=delimiter))
    check(found, ("Name", "Identity", "PermissionGroups"))
    assert found[0].get("RemoteIPRanges") == ", ".join(RANGES)


def test_csv_left_alone() -> None:
    relay, _ = objects(csv_text(CONNECTORS, COLUMNS, joined=None))
    assert isinstance(relay.get("RemoteIPRanges"), Lost)
    assert isinstance(relay.get("Bindings"), Lost)
