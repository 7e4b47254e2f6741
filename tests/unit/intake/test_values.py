"""Single values: texts, numbers, flags, lists and dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rctango.formats.raw import Lost, RawObject, RawValue
from rctango.intake.names import connector_identity, leaf_name, server_name
from rctango.intake.values import (
    FlagsText,
    ListText,
    bool_of,
    datetime_of,
    flags_of,
    int_of,
    list_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Mapping[str, int] = {"none": 0, "tls": 1, "basic": 4}


def obj(text: str | None = None, **properties: RawValue) -> RawObject:
    return RawObject(
        text=text, properties={name.lower(): one for name, one in properties.items()}, locator=""
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (5, "5"),
        (True, "True"),
        (None, None),
        (Lost(why="gone"), None),
        (("a",), None),
        (obj("shown", Name="other"), "shown"),
        (obj(Name="n"), "n"),
        (obj(Expression="10.0.0.0/8", LowerBound="10.0.0.0"), "10.0.0.0/8"),
        (obj(LowerBound="10.0.0.0", UpperBound="10.0.0.9"), "10.0.0.0-10.0.0.9"),
        (obj(LowerBound=obj(IPAddressToString="::1"), UpperBound="::2"), "::1-::2"),
        (obj(Address="10.0.0.1", Port=25), "10.0.0.1:25"),
        (obj(Address=obj("::"), Port=25), "[::]:25"),
        (obj(Address=16777343, AddressFamily=2, IPAddressToString="127.0.0.1"), "127.0.0.1"),
        (obj(Something=1), None),
    ],
)
def test_texts(value: RawValue, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (True, True),
        ("False", False),
        (" $true ", True),
        ("$FALSE", False),
        ("yes", None),
        (1, None),
        (None, None),
        (Lost(why="gone"), None),
    ],
)
def test_truth(value: RawValue, answer: bool | None) -> None:
    assert bool_of(value) is answer


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), ("-7", -7), (" 12 ", 12), ("1.0", None), (True, None), ("9" * 19, None), (None, None)],
)
def test_numbers(value: RawValue, number: int | None) -> None:
    assert int_of(value) == number


@pytest.mark.parametrize(
    ("value", "flags", "unknown"),
    [
        ("Tls, Basic", 5, ()),
        ("tls|BASIC", 5, ()),
        ("{Tls, Basic}", 5, ()),
        (("Tls", "Basic"), 5, ()),
        (5, 5, ()),
        ("5", 5, ()),
        (0, 0, ()),
        ("None", 0, ()),
        (9, 1, ("8",)),
        ("Tls, New", 1, ("New",)),
        (obj("Tls, Basic", value__=5), 5, ()),
        (obj(value__=5), 5, ()),
        (obj(value=1, Value2=2), 1, ()),
    ],
)
def test_flags(value: RawValue, flags: int, unknown: tuple[str, ...]) -> None:
    assert flags_of(value, NAMES) == FlagsText(value=flags, unknown=unknown)


@pytest.mark.parametrize("value", [None, "", "  ", (), Lost(why="gone"), -1])
def test_no_flags(value: RawValue) -> None:
    found = flags_of(value, NAMES)
    assert found is None or found.unknown


@pytest.mark.parametrize(
    ("value", "items", "lost"),
    [
        (("a", " b ", ""), ("a", "b"), None),
        ("a, b;c|d", ("a", "b", "c", "d"), None),
        ("", (), None),
        (obj("a"), ("a",), None),
        (obj(What=1), (), "the value is of a form that cannot be read"),
        (("a", obj(What=1)), ("a",), "an element is of a form that cannot be read"),
        (("a", Lost(why="cut")), ("a",), "cut"),
        (("a", None), ("a",), "an element is of a form that cannot be read"),
        (Lost(why="gone"), (), "gone"),
        (Lost(why="cut", rest=("a",)), ("a",), "cut"),
        (5, ("5",), None),
    ],
)
def test_lists(value: RawValue, items: tuple[str, ...], lost: str | None) -> None:
    assert list_of(value) == ListText(items=items, lost=lost)


def test_no_list() -> None:
    assert list_of(None) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-14T07:30:00Z", datetime(2024, 5, 14, 7, 30, tzinfo=UTC)),
        ("2024-05-14T09:30:00+02:00", datetime(2024, 5, 14, 7, 30, tzinfo=UTC)),
        ("2024-05-14T07:30:00.1234567Z", datetime(2024, 5, 14, 7, 30, 0, 123456, tzinfo=UTC)),
        ("2024-05-14T07:30:00", datetime(2024, 5, 14, 7, 30, tzinfo=UTC)),
        ("/Date(1715671800000)/", datetime(2024, 5, 14, 7, 30, tzinfo=UTC)),
        ("/Date(1715671800000+0200)/", datetime(2024, 5, 14, 7, 30, tzinfo=UTC)),
        (
            obj(value="/Date(1715671800000)/", DisplayHint=2),
            datetime(2024, 5, 14, 7, 30, tzinfo=UTC),
        ),
        (obj(DateTime="2024-05-14T07:30:00Z"), datetime(2024, 5, 14, 7, 30, tzinfo=UTC)),
        ("/Date(999999999999999)/", None),
        ("14.05.2024 09:30:00", None),
        ("5/14/2024 9:30:00 AM", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(value: RawValue, expected: datetime | None) -> None:
    assert datetime_of(value) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("EX01\\Relay", ("EX01", "Relay")),
        ("Relay", (None, "Relay")),
        ("\\Relay", (None, "Relay")),
        ("EX01\\", ("EX01", None)),
        ("", (None, None)),
        ("CN=Relay", (None, "Relay")),
        ("cn=Relay,cn=SMTP Receive Connectors,cn=Protocols,cn=EX01,cn=Servers", ("EX01", "Relay")),
        ("CN=Relay,CN=Elsewhere,CN=Protocols,CN=EX01", (None, "Relay")),
        ("CN=", (None, None)),
        ("a/Servers/EX01/Protocols/SMTP Receive Connectors/A/B", ("EX01", "A/B")),
    ],
)
def test_identities(text: str, parts: tuple[str | None, str | None]) -> None:
    assert connector_identity(text) == parts


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EX01", "EX01"),
        ("ex01.contoso.com", "ex01"),
        (r"\\EX01", "EX01"),
        ("CN=EX01,CN=Servers", "EX01"),
        ("contoso.com/Servers/EX01", "EX01"),
        ("", None),
        (" ", None),
        (".", None),
        (None, None),
    ],
)
def test_server_names(text: str | None, name: str | None) -> None:
    assert server_name(text) == name


def test_leaf_names() -> None:
    assert leaf_name("contoso.com/Configuration/Sites/HQ") == "HQ"
    assert leaf_name("CN=") is None
