from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rctango.formats.raw import RawObject
from rctango.intake.connectors import read_connector
from rctango.intake.values import limit_of
from rctango.model.connector import Unlimited

if TYPE_CHECKING:
    from rctango.formats.raw import RawValue

UNLIMITED = Unlimited.UNLIMITED


def raw(**properties: RawValue) -> RawObject:
    lower: dict[str, RawValue] = {name.lower(): value for name, value in properties.items()}
    return RawObject(properties=lower, locator="object 1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (20, 20),
        ("20", 20),
        (" 5000 ", 5000),
        ("Unlimited", UNLIMITED),
        ("unlimited", UNLIMITED),
        (raw(IsUnlimited=True), UNLIMITED),
        (raw(IsUnlimited=False, Value=20), 20),
        (raw(IsUnlimited="False", Value="20"), 20),
        ("many", None),
        (-1, None),
        (True, None),
        (None, None),
        ("", None),
    ],
)
def test_limits_are_numbers_or_off(value: RawValue, expected: int | Unlimited | None) -> None:
    assert limit_of(value) == expected


def test_the_limits_of_a_connector() -> None:
    record, gaps = read_connector(
        "a.json",
        raw(
            Identity="EX01\\Relay",
            MaxInboundConnection="5000",
            MaxInboundConnectionPerSource="Unlimited",
            MaxInboundConnectionPercentagePerSource=2,
        ),
    )
    assert record.fields["max_inbound"] == 5000
    assert record.fields["max_inbound_per_source"] is UNLIMITED
    assert record.fields["max_inbound_percentage_per_source"] == 2
    assert "MaxInboundConnection" in record.origins["max_inbound"].locator
    assert gaps == []


def test_limits_that_are_missing_or_no_numbers_are_not_collected() -> None:
    record, gaps = read_connector(
        "a.json",
        raw(
            Identity="EX01\\Relay",
            MaxInboundConnectionPerSource="some",
            MaxInboundConnectionPercentagePerSource="Unlimited",
        ),
    )
    assert not [name for name in record.fields if name.startswith("max_inbound")]
    assert [gap.what for gap in gaps] == [
        "MaxInboundConnectionPerSource of EX01\\Relay",
        "MaxInboundConnectionPercentagePerSource of EX01\\Relay",
    ]
    assert not any(gap.unreadable for gap in gaps)
