"""The fakes themselves: other readers must read them back."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from psrpcore.types import PSCryptoProvider, deserialize_clixml

from fakes.powershell import (
    PSEnum,
    PSList,
    PSNumber,
    PSObject,
    clixml,
    clixml_chunks,
    csv_text,
    deserialize,
    encoded,
    format_list,
    json_text,
)


def read(data: bytes, encoding: str) -> list[Any]:
    return deserialize_clixml(data.decode(encoding).lstrip("\ufeff"), PSCryptoProvider())


def thing(**properties: Any) -> PSObject:
    return PSObject(("Contoso.Thing", "System.Object"), "a thing", properties)


def test_scalars_come_back_from_clixml() -> None:
    moment = datetime(2024, 5, 14, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    values = {
        "Text": "a <b> & \"c\" 'd' ä",
        "Control": "x\r\ny\x00_x000D_ 😀",
        "Empty": "",
        "Yes": True,
        "Number": 31,
        "Big": 2**40,
        "Small": PSNumber("By", 7),
        "Fraction": 600 / 86400,
        "When": moment,
        "Utc": moment.astimezone(UTC),
        "Span": timedelta(minutes=10),
        "Blob": b"\0\1",
    }
    (back,) = read(clixml([thing(**values, Nothing=None)]), "utf-16")
    expected = values | {"Small": 7}
    assert {name: getattr(back, name) for name in values} == expected
    assert back.Nothing is None
    assert back.PSObject.to_string == "a thing"
    assert back.PSTypeNames == ["Deserialized.Contoso.Thing", "Deserialized.System.Object"]


def test_enums_and_lists_come_back_from_clixml() -> None:
    colour = PSEnum("Contoso.Colour", "Red, Blue", 5)
    (back,) = read(clixml([thing(C=colour, L=PSList("System.String[]", ("a", "b")))]), "utf-16")
    assert back.C == 5
    assert back.C.PSObject.to_string == "Red, Blue"
    assert list(back.L) == ["a", "b"]


def test_one_object_in_two_places_is_a_reference() -> None:
    shared = thing(Name="X")
    text = clixml([thing(Id=shared, Identity=shared)], encoding="utf-8").decode()
    assert '<Ref N="Identity" RefId="1" />' in text
    assert text.count("<TNRef") == 1
    (back,) = read(text.encode(), "utf-8")
    assert back.Id is back.Identity


def test_equal_objects_that_are_not_the_same_are_no_references() -> None:
    assert b"<Ref " not in clixml([thing(), thing()], encoding="utf-8")


@pytest.mark.parametrize(
    ("encoding", "start"),
    [
        ("utf-16", b"\xff\xfe<\0O\0"),
        ("utf-16-be", b"\xfe\xff\0<\0O"),
        ("utf-8-sig", b"\xef\xbb\xbf<Objs"),
        ("utf-8", b"<Objs Version="),
    ],
)
def test_encodings(encoding: str, start: bytes) -> None:
    assert clixml([thing()], encoding=encoding).startswith(start)


def test_declaration_is_optional() -> None:
    data = clixml([], encoding="utf-8", declaration=True)
    assert data.startswith(b'<?xml version="1.0"?>\r\n<Objs ')
    assert data.endswith(b"</Objs>")


def test_depth_turns_deep_objects_into_text() -> None:
    deep = thing(Items=PSList("Contoso.Thing[]", (thing(Inner=thing()),)))
    text = clixml([deep], encoding="utf-8", depth=1).decode()
    assert "<S>a thing</S>" in text
    assert text.count("<Obj ") == 2
    assert clixml([deep], encoding="utf-8", depth=2).count(b"<Obj ") == 3


def test_deserialized_objects_are_flat() -> None:
    nested = thing(Inner=thing(A=1), Items=PSList("Contoso.Thing[]", (thing(),)))
    (flat,) = deserialize([nested])
    assert flat.types[0] == "Deserialized.Contoso.Thing"
    assert flat.properties["Inner"] == "a thing"
    assert flat.properties["Items"].items == ("a thing",)
    assert flat.properties["Items"].types[-1] == "Deserialized.System.Object"


def test_chunks_come_one_object_at_a_time() -> None:
    chunks = list(clixml_chunks(thing(N=number) for number in range(3)))
    assert len(chunks) == 5
    assert "".join(chunks).count("<Obj ") == 3


def test_objects_of_a_stream_are_never_taken_for_each_other() -> None:
    text = "".join(clixml_chunks(thing(N=number) for number in range(1000)))
    assert "<Ref " not in text
    assert 'RefId="999"' in text


def sample() -> PSObject:
    return thing(
        Name="it's <b>",
        Mode=PSEnum("Contoso.Mode", "On", 1),
        When=datetime(2024, 5, 14, tzinfo=UTC),
        Items=PSList("Contoso.Thing[]", (thing(Inner=thing(A=1)),)),
        Nothing=PSList("System.String[]"),
    )


def test_json_51_escapes_and_counts_enums() -> None:
    text = json_text([sample()], flavour="5.1")
    assert '"Name":  "it\\u0027s \\u003cb\\u003e"' in text
    assert '"\\/Date(1715644800000)\\/"' in text
    back = json.loads(text)
    assert back["Name"] == "it's <b>"
    assert back["Mode"] == 1
    assert back["Nothing"] == []


def test_json_7_keeps_text_readable() -> None:
    text = json_text([sample()], flavour="7", enums_as_strings=True)
    assert '  "Name": "it\'s <b>",\r\n' in text
    back = json.loads(text)
    assert back["Mode"] == "On"
    assert back["When"] == "2024-05-14T00:00:00Z"


def test_json_depth_costs_one_more_in_an_array() -> None:
    assert json.loads(json_text([sample()]))["Items"] == [{"Inner": "a thing"}]
    assert [one["Items"] for one in json.loads(json_text([sample(), sample()]))] == [
        ["a thing"],
        ["a thing"],
    ]


def test_json_wrapper_of_51() -> None:
    back = json.loads(json_text([sample(), sample()], wrapper=True))
    assert back["Count"] == 2
    assert len(back["value"]) == 2


def test_json_51_layout() -> None:
    text = json_text([thing(A=PSList("System.Int32[]", (1, 2)), B=PSList("System.Int32[]"))])
    assert text.splitlines() == [
        "{",
        '    "A":  [',
        "              1,",
        "              2",
        "          ],",
        '    "B":  [',
        "",
        "          ]",
        "}",
    ]


def test_csv_joins_or_loses_collections() -> None:
    columns = ("Name", "Items", "Missing")
    joined = csv_text([sample()], columns, delimiter=";", joined=",")
    lines = joined.split("\r\n", 1)
    assert lines[0] == "#TYPE Selected.Contoso.Thing"
    (row,) = csv.DictReader(io.StringIO(lines[1]), delimiter=";")
    assert row == {"Name": "it's <b>", "Items": "a thing", "Missing": ""}
    lost = csv_text([sample()], columns, type_line=False, joined=None)
    assert next(iter(csv.DictReader(io.StringIO(lost))))["Items"] == "Contoso.Thing[]"


def test_csv_prints_times_as_the_console_does() -> None:
    assert '"5/14/2024 12:00:00 AM"' in csv_text([sample()], ["When"])


def test_format_list_cuts_and_wraps() -> None:
    many = thing(Name="X", Items=PSList("System.String[]", tuple(f"10.0.0.{n}" for n in range(20))))
    text = format_list(
        [many], ("Name", "Items"), enumeration_limit=4, prompt="PS C:\\> Get-It | fl"
    )
    assert text.splitlines()[0] == "PS C:\\> Get-It | fl"
    assert "Items : {10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3...}" in text
    wrapped = format_list([many], ("Name", "Items"), enumeration_limit=-1, width=40).splitlines()
    assert wrapped[2] == "Name  : X"
    assert wrapped[3] == "Items : {10.0.0.0, 10.0.0.1, 10.0.0.2,"
    assert wrapped[4] == "        10.0.0.3, 10.0.0.4, 10.0.0.5,"
    assert wrapped[-4].endswith("10.0.0.19}")


def test_format_list_as_pasted_in_a_forum() -> None:
    text = format_list([thing(A="1", B="2")], ("A", "B"), blank_after_each=True)
    assert "A : 1\r\n\r\nB : 2\r\n\r\n" in text


def test_plain_ascii_export_loses_umlauts() -> None:
    assert encoded("AUTORITÄT", "ascii") == b"AUTORIT?T"
