from __future__ import annotations

import math
import tracemalloc
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from fakes.realdata import real_file
from rctango.formats import _limits, clixml
from rctango.formats.clixml import count_references
from rctango.formats.decode import decode
from rctango.formats.raw import Lost, RawObject, Skipped
from unit.formats.samples import (
    CLIXML,
    NAMESPACE,
    artifact_of,
    broken,
    decoded,
    items,
    objects,
    only,
)

if TYPE_CHECKING:
    from rctango.formats.raw import RawValue

PIECES = [1, 7, 64, 1 << 16]


def objs(body: str) -> str:
    return f'<Objs Version="1.1.0.1" xmlns="{NAMESPACE}">{body}</Objs>'


def obj(props: str) -> str:
    return objs(f'<Obj RefId="0"><Props>{props}</Props></Obj>')


def value(element: str) -> RawValue:
    """What an element with the name P becomes."""
    raw = only(obj(element))
    assert "p" in raw.properties
    return raw.get("P")


def nested(element: str) -> RawObject:
    found = value(element)
    assert isinstance(found, RawObject)
    return found


def lost(found: RawValue) -> str:
    assert isinstance(found, Lost)
    return found.why


def test_a_small_export() -> None:
    relay, default = objects(CLIXML)
    assert relay.types == ("Microsoft.Exchange.Data.ReceiveConnector", "System.Object")
    assert relay.text == "EX1\\Relay für Geräte"
    assert relay.locator == "object 1"
    assert relay.get("Name") == "Relay für Geräte"
    assert relay.get("Enabled") is True
    assert relay.get("MaxHopCount") == 60
    assert relay.get("Bindings") == ("0.0.0.0:25", "[::]:25")
    assert "banner" in relay.properties
    assert relay.get("Banner") is None
    assert default.types == relay.types
    assert default.text is None
    assert default.locator == "object 2"
    assert default.get("Server") == relay.get("Server")
    assert decoded(CLIXML).encoding == "CLIXML"


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ('<S N="P"></S>', ""),
        ('<S N="P" />', ""),
        ('<S N="P"> a  b </S>', " a  b "),
        ('<S N="P">a<!-- not this -->b<![CDATA[<Ref RefId="0"/>]]></S>', 'ab<Ref RefId="0"/>'),
        ('<S N="P">_x000D__x000A_</S>', "\r\n"),
        ('<S N="P">_x005F_x0041_</S>', "_x0041_"),
        ('<S N="P">_xD83D__xDE00_</S>', "\N{GRINNING FACE}"),
        ('<S N="P">_xD83D_!</S>', "\ufffd!"),
        ('<S N="P">_x12_ _xZZZZ_</S>', "_x12_ _xZZZZ_"),
        ('<I32 N="P">-5</I32>', -5),
        ('<U64 N="P">18446744073709551615</U64>', 18446744073709551615),
        ('<By N="P">7</By>', 7),
        ('<SB N="P">-7</SB>', -7),
        ('<I64 N="P">1_000</I64>', "1_000"),
        ('<I32 N="P">five</I32>', "five"),
        (f'<I32 N="P">{"9" * 5000}</I32>', "9" * 5000),
        ('<B N="P">false</B>', False),
        ('<B N="P">maybe</B>', "maybe"),
        ('<Db N="P">1.5</Db>', 1.5),
        ('<Sg N="P">-INF</Sg>', -math.inf),
        ('<D N="P">2.25</D>', 2.25),
        ('<D N="P">2,25</D>', "2,25"),
        ('<C N="P">65</C>', "A"),
        ('<C N="P">55296</C>', "55296"),
        (
            '<G N="P">792e5b37-4505-47ef-b7d2-8711bb7affa8</G>',
            "792e5b37-4505-47ef-b7d2-8711bb7affa8",
        ),
        ('<DT N="P">2023-02-08T19:03:38Z</DT>', "2023-02-08T19:03:38Z"),
        ('<TS N="P">PT10M</TS>', "PT10M"),
        ('<URI N="P">https://contoso.com/</URI>', "https://contoso.com/"),
        ('<Version N="P">15.2.1118.7</Version>', "15.2.1118.7"),
        ('<SBK N="P">Get-Date</SBK>', "Get-Date"),
        ('<XD N="P">&lt;a/&gt;</XD>', "<a/>"),
        ('<Nil N="P" />', None),
    ],
)
def test_plain_values(element: str, expected: RawValue) -> None:
    assert value(element) == expected


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ('<SS N="P">010000</SS>', "encrypted"),
        ('<Zz N="P">?</Zz>', "unknown element"),
        ('<S N="P">a<I32>5</I32></S>', "malformed"),
        ('<S xmlns="urn:other" N="P">a</S>', "unknown element"),
        ('<S N="P">System.Object[]</S>', "type name"),
        ('<Obj N="P"><ToString>Microsoft.Exchange.Data.IPRange</ToString></Obj>', "type name"),
    ],
)
def test_values_that_are_not_there(element: str, why: str) -> None:
    assert why in lost(value(element))


@pytest.mark.parametrize("kind", ["LST", "IE", "STK", "QUE"])
def test_every_kind_of_list(kind: str) -> None:
    text = f'<Obj N="P"><{kind}><S>a</S><Nil /><BA>AAEC</BA></{kind}><Props><I32 N="Count">3</I32>'
    found = value(text + "</Props></Obj>")
    assert isinstance(found, tuple)
    assert found[:2] == ("a", None)
    assert "binary" in lost(found[2])


def test_an_enum_keeps_its_text_and_its_number() -> None:
    flags = nested(
        '<Obj N="P"><TN RefId="9"><T>System.Enum</T></TN><ToString>Tls, Basic</ToString>'
        "<I32>3</I32></Obj>"
    )
    assert flags.types == ("System.Enum",)
    assert flags.text == "Tls, Basic"
    assert flags.get("value__") == 3


def test_a_text_with_notes_keeps_both() -> None:
    noted = nested('<Obj N="P"><S>a</S><MS><S N="PSComputerName">ex1</S></MS></Obj>')
    assert noted.text == "a"
    assert noted.get("value__") == "a"
    assert noted.get("PSComputerName") == "ex1"


def test_properties_come_from_both_places_and_binary_ones_are_left_out() -> None:
    raw = nested(
        '<Obj N="P"><Props><S N="Size">1</S></Props>'
        '<MS><S N="size">2</S><S N="Extra_x0020_one">3</S><BA N="Serial">AA==</BA></MS></Obj>'
    )
    assert dict(raw.properties) == {"size": "1", "extra one": "3"}


def test_a_dictionary_becomes_an_object() -> None:
    raw = nested(
        '<Obj N="P"><DCT>'
        '<En><S N="Key">Name</S><S N="Value">Relay</S></En>'
        '<En><S N="Key">Count</S><I32 N="Value">2</I32></En>'
        "</DCT></Obj>"
    )
    assert dict(raw.properties) == {"name": "Relay", "count": 2}


@pytest.mark.parametrize(
    ("props", "why"),
    [
        ("<S>nameless</S>", "without a name"),
        ('<S N="A">1</S><S N="a">2</S>', "a second value called 'a'"),
        ('<Obj N="A"><DCT><En><I32 N="Key">1</I32><S N="Value">x</S></En></DCT></Obj>', "name"),
        ('<Obj N="A"><TNRef RefId="77" /></Obj>', "type names"),
        ('<Obj N="A"><Props /><Props /></Obj>', "unexpected element"),
        ('<Obj N="A"><Odd /></Obj>', "unexpected element"),
    ],
)
def test_what_does_not_fit_is_reported_after_the_object(props: str, why: str) -> None:
    raw, skipped = items(obj(props))
    assert isinstance(raw, RawObject)
    assert isinstance(skipped, Skipped)
    assert skipped.locator == "object 1"
    assert why in skipped.why


def test_without_a_namespace() -> None:
    assert only('<Objs><Obj><Props><S N="A">1</S></Props></Obj></Objs>').get("A") == "1"


def test_with_a_prefix_and_a_declaration() -> None:
    text = (
        "<?xml version='1.0' encoding='utf-16'?><!-- exported -->"
        f'<p:Objs xmlns:p="{NAMESPACE}"><p:Obj RefId="1"><p:Props><p:S N="A">1</p:S></p:Props>'
        "</p:Obj><p:Ref RefId='1'/></p:Objs>"
    )
    assert [raw.get("A") for raw in objects(text)] == ["1", "1"]


def test_the_first_line_of_remoting_is_passed_over() -> None:
    assert only("#< CLIXML\r\n" + obj('<S N="A">1</S>')).get("A") == "1"


def test_plain_top_level_values_are_not_objects() -> None:
    found = items(objs("<S>text</S><I32>5</I32><Nil /><Obj><Props /></Obj><BA>AA==</BA>"))
    assert [(item.locator, type(item)) for item in found] == [
        ("object 1", Skipped),
        ("object 2", Skipped),
        ("object 3", Skipped),
        ("object 4", RawObject),
        ("object 5", Skipped),
    ]


def test_a_top_level_list_gives_its_elements() -> None:
    element = '<Obj RefId="{0}"><TNRef RefId="0" /><Props><S N="A">{0}</S></Props></Obj>'
    body = (
        '<Obj RefId="100"><TN RefId="0"><T>System.Object[]</T></TN><LST>'
        + element.format(1)
        + "<S>stray</S>"
        + f"<Obj><LST>{element.format(2)}</LST></Obj>"
        + '</LST></Obj><Obj RefId="101"><LST /></Obj>'
        + element.format(3)
    )
    found = items(objs(body))
    assert [item.locator for item in found] == [
        "object 1[1]",
        "object 1[2]",
        "object 1[3][1]",
        "object 3",
    ]
    assert [item.types for item in found if isinstance(item, RawObject)] == [
        ("System.Object[]",)
    ] * 3


def test_a_list_that_is_referred_to_gives_its_elements_twice() -> None:
    body = (
        '<Obj RefId="1"><LST><Obj><Props><S N="A">1</S></Props></Obj></LST></Obj><Ref RefId="1"/>'
    )
    assert [raw.locator for raw in objects(objs(body))] == ["object 1[1]", "object 2[1]"]


def test_references_within_and_across_objects() -> None:
    body = (
        '<Obj RefId="1"><Props><Obj N="A" RefId="2"><ToString>x</ToString></Obj>'
        '<Ref N="B" RefId="2" /></Props></Obj>'
        '<Obj RefId="3"><Props><Ref N="C" RefId="2" /><Ref N="D" RefId="1" /></Props></Obj>'
    )
    first, second = objects(objs(body))
    assert first.get("A") == first.get("B") == second.get("C")
    assert second.get("D") == first


def test_a_reference_takes_the_latest_meaning() -> None:
    body = "".join(
        f'<Obj RefId="1"><Props><S N="A">{number}</S></Props></Obj><Ref RefId="1" />'
        for number in (1, 2)
    )
    assert [raw.get("A") for raw in objects(objs(body))] == ["1", "1", "2", "2"]


def test_references_to_nothing_and_to_what_contains_them() -> None:
    raw = only(
        objs('<Obj RefId="1"><Props><Ref N="A" RefId="1" /><Ref N="B" RefId="9" /></Props></Obj>')
    )
    assert "contains it" in lost(raw.get("A"))
    assert "not there" in lost(raw.get("B"))
    assert "not there" in lost(value('<Ref N="P" />'))


def test_references_cannot_multiply() -> None:
    level = '<Obj RefId="{0}"><LST>' + '<Ref RefId="{1}" />' * 10 + "</LST></Obj>"
    start = '<Obj RefId="0"><LST>' + "<I32>1</I32>" * 10 + "</LST></Obj>"
    body = start + "".join(level.format(n, n - 1) for n in range(1, 12))
    wrapped = f'<Obj><Props><Obj N="All"><LST>{body}</LST></Obj></Props></Obj>'
    raw = only(objs(wrapped))
    found = raw.get("All")
    assert isinstance(found, tuple)
    seen: list[RawValue] = [found[-1]]
    while isinstance(seen[-1], tuple):
        seen.append(seen[-1][-1])
    assert "larger" in lost(seen[-1])


def test_awaited_objects_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rctango.formats._clixml_values.HELD_VALUES_LIMIT", 3)
    body = "".join(f'<Obj RefId="{n}"><Props><S N="A">1</S></Props></Obj>' for n in range(4))
    refs = "".join(f'<Ref RefId="{n}" />' for n in range(4))
    found = items(objs(body + refs))
    assert sum(isinstance(item, Skipped) for item in found) == 3


@pytest.mark.parametrize("size", PIECES)
def test_references_are_counted_across_pieces(size: int) -> None:
    data = b'<Ref N="a" RefId="12"/><TNRef RefId="3" /><x:Ref\n RefId = \'12\' /><Obj RefId="5">'
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert count_references(chunks) == {"12": 2}


def test_objects_before_an_error_are_kept() -> None:
    head = obj('<S N="A">1</S>').removesuffix("</Objs>")
    for tail in ("", "<Obj>", "<Obj></Objs>", "<Obj>&nope;</Obj></Objs>", "<Obj><S>\ud7ff"):
        found, error = broken(head + tail)
        assert [item.locator for item in found] == ["object 1"]
        assert "object 2" in error


def test_errors_say_where() -> None:
    assert broken("<Objs>\n<Obj>\n<S></T>")[1].startswith("line 3, column ")
    assert broken("<Objs>\n<Obj>")[1].endswith("the file ends in or before object 1")
    assert "broken XML" in broken("<Objs ")[1]
    assert broken(CLIXML + CLIXML)[1].endswith("more text follows after </Objs>")


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><Objs><S>&x;</S></Objs>',
        '<?xml version="1.0"?><!DOCTYPE Objs SYSTEM "file:///etc/passwd"><Objs />',
        "<!-- " + "x" * 30000 + ' --><!DOCTYPE a [<!ENTITY x "y">]><Objs>&x;</Objs>',
    ],
)
def test_document_types_are_refused(text: str) -> None:
    assert "document type" in broken(text)[1] or "<Objs>" in broken(text)[1]


def test_a_document_type_after_the_start_is_broken_xml() -> None:
    assert "broken XML" in broken('<Objs><!DOCTYPE a [<!ENTITY x "y">]><S>&x;</S></Objs>')[1]


def test_deep_nesting_is_bounded() -> None:
    depth = 80
    text = obj('<Obj N="A"><Props>' * depth + "</Props></Obj>" * depth)
    raw: RawValue = only(text)
    for _ in range(_limits.NESTING_LIMIT):
        assert isinstance(raw, RawObject)
        raw = raw.get("A")
    assert "deeper" in lost(raw)
    assert "depth" in broken(obj("<Obj>" * 10000))[1]


def test_one_object_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clixml, "OBJECT_BYTES_LIMIT", 1 << 20)
    small = obj('<S N="A">1</S>').removesuffix("</Objs>")
    found, error = broken(small + '<Obj><Props><S N="A">1</S>' + '<S N="B">x</S>' * 100_000)
    assert len(found) == 1
    assert error == "object 2: one object takes more than 1 MiB"


def test_a_long_text_is_an_error_not_a_crash() -> None:
    assert "Text node too long" in broken(obj(f'<S N="A">{"a" * 11_000_000}'))[1]


def test_bytes_that_are_not_utf8_are_noted() -> None:
    data = obj('<S N="A">für</S>').encode("cp1252")
    assert decoded(data).notes == ("not UTF-8; read as Windows-1252",)
    assert only(data).get("A") == "für"


def test_a_declared_encoding_needs_no_note() -> None:
    text = '<?xml version="1.0" encoding="iso-8859-15"?>' + obj('<S N="A">€</S>')
    data = text.encode("iso-8859-15")
    assert decoded(data).notes == ()
    assert only(data).get("A") == "€"


def test_memory_does_not_grow_with_the_file() -> None:
    one = '<Obj RefId="{0}"><Props><S N="A">{0}</S><S N="B">' + "b" * 2000 + "</S></Props></Obj>"
    peaks = []
    for count in (200, 4000):
        data = objs("".join(one.format(number) for number in range(count))).encode()
        tracemalloc.start()
        assert sum(1 for _ in decode(artifact_of(data)).items) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2


def assert_same(ours: RawValue, theirs: Any) -> None:
    """Compare with what psrpcore read; it keeps enums as numbers with a text."""
    if isinstance(ours, RawObject):
        info = theirs.PSObject
        assert ours.text == info.to_string
        if "value__" in ours.properties:
            assert ours.get("value__") == int(theirs)
            return
        named = (*info.extended_properties, *info.adapted_properties)
        others = {each.name.lower(): each.get_value(theirs) for each in named}
        others = {name: other for name, other in others.items() if not isinstance(other, bytes)}
        assert others.keys() == ours.properties.keys()
        for name, other in others.items():
            assert_same(ours.properties[name], other)
    elif isinstance(ours, tuple):
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert_same(mine, other)
    elif isinstance(ours, str) and not isinstance(theirs, (str, uuid.UUID)):
        assert type(theirs).__name__ in {"PSDateTime", "PSDuration", "PSVersion"}
    else:
        assert ours == (str(theirs) if isinstance(ours, str) else theirs)


@pytest.mark.parametrize(
    "name",
    ["GetReceiveConnector", "GetSendConnector", "GetExchangeServer", "GetNetIPConfiguration"],
)
def test_agrees_with_another_reader_on_real_exports(name: str) -> None:
    data = real_file(f"css-exchange-healthchecker/E19_{name}.xml").read_bytes()
    types = pytest.importorskip("psrpcore.types")
    theirs = types.deserialize_clixml(data.decode("utf-8-sig"), None)
    ours = objects(data)
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        names = [each.removeprefix("Deserialized.") for each in other.PSObject.type_names]
        assert list(mine.types) == names
        assert_same(mine, other)


def test_a_real_export_of_connectors() -> None:
    data = real_file("css-exchange-healthchecker/E19_GetReceiveConnector.xml").read_bytes()
    found = objects(data)
    assert len(found) == 5
    for raw in found:
        ranges = raw.get("RemoteIPRanges")
        assert isinstance(ranges, tuple)
        assert {one.text for one in ranges if isinstance(one, RawObject)} == {
            "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "0.0.0.0-255.255.255.255",
        }
        organization = raw.get("OrganizationId")
        assert isinstance(organization, RawObject)
        assert "serializationdata" not in raw.properties
