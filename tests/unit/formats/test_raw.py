from __future__ import annotations

import pytest

from rctango.formats.raw import RawObject, lost_type_name


@pytest.mark.parametrize(
    "text",
    [
        "System.Object[]",
        "System.Collections.Hashtable",
        " System.Collections.ArrayList ",
        "System.String[]",
        "Deserialized.System.Collections.ArrayList",
        "Microsoft.Exchange.Data.MultiValuedProperty`1[Microsoft.Exchange.Data.IPRange]",
        "System.Collections.Generic.List`1[[System.String, mscorlib, Version=4.0.0.0]]",
    ],
)
def test_type_names_are_lost_values(text: str) -> None:
    lost = lost_type_name(text)
    assert lost is not None
    assert text.strip()[:60] in lost.why


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "System",
        "System.",
        "System Mailbox",
        "Microsoft Exchange",
        "10.0.0.1",
        "S" * 9999,
        "System." + "a" * 1_000_000,
        "System." + "[" * 1_000_000,
    ],
)
def test_other_text_is_not(text: str) -> None:
    assert lost_type_name(text) is None


def test_names_have_no_case_and_places_fall_back() -> None:
    raw = RawObject(
        properties={"name": "Relay", "banner": None},
        locator="line 3",
        lines={"name": "line 4"},
    )
    assert raw.get("NAME") == "Relay"
    assert raw.get("Banner") is None
    assert raw.get("Missing") is None
    assert raw.where("Name") == "line 4"
    assert raw.where("Banner") == "line 3, Banner"
