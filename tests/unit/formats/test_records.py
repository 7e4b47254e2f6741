from __future__ import annotations

import json
import math

import pytest

from fakes.realdata import real_file
from rctango.formats import _limits
from rctango.formats.raw import Lost, RawObject, RawValue, Skipped
from unit.formats.samples import JSON, broken, decoded, items, objects, only


def value(text: str) -> RawValue:
    """What a JSON value becomes as the property P."""
    raw = only(f'{{"P": {text}}}')
    assert "p" in raw.properties
    return raw.get("P")


def lost(found: RawValue) -> Lost:
    assert isinstance(found, Lost)
    return found


def test_a_small_export() -> None:
    relay, default = objects(JSON)
    assert relay.locator == "item 1"
    assert relay.where("RemoteIPRanges") == "item 1, RemoteIPRanges"
    assert relay.types == ()
    assert relay.get("name") == "Relay für Geräte"
    assert relay.get("Enabled") is True
    assert relay.get("RemoteIPRanges") == ("10.0.0.1", "10.0.0.2-10.0.0.9")
    size = relay.get("MaxMessageSize")
    assert isinstance(size, RawObject)
    assert size.get("value") == "36 MB"
    assert dict(default.properties) == {"name": "Default EX1", "banner": None, "maxhopcount": 60}
    assert decoded(JSON).encoding == "JSON"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"it\u0027s \u003cfine\u003e"', "it's <fine>"),
        (r'"\/Date(1675883018000)\/"', "/Date(1675883018000)/"),
        (r'"\ud83d\ude00 \ud83d"', "\N{GRINNING FACE} \ufffd"),
        ('"two\nlines"', "two\nlines"),
        ("12345678901234567890", 12345678901234567890),
        ("9" * 5000, "9" * 5000),
        ("-1.5e3", -1500.0),
        ("Infinity", math.inf),
        ("[]", ()),
        ("[[1], []]", ((1,), ())),
        ('{"value": [1, 2], "Count": 2}', (1, 2)),
        ('{"Count": 0, "value": []}', ()),
    ],
)
def test_values(text: str, expected: RawValue) -> None:
    assert value(text) == expected


def test_not_a_number() -> None:
    found = value("NaN")
    assert isinstance(found, float)
    assert math.isnan(found)


def test_values_that_are_not_there() -> None:
    assert "System.Object[]" in lost(value('"System.Object[]"')).why
    found = value('["a", "System.Object"]')
    assert isinstance(found, tuple)
    assert "System.Object" in lost(found[1]).why
    short = lost(value('{"value": [1], "Count": 5}'))
    assert short.rest == (1,)
    assert "5" in short.why


def test_an_object_with_value_and_count_of_another_kind_is_an_object() -> None:
    assert isinstance(value('{"value": 1, "Count": 1}'), RawObject)
    assert isinstance(value('{"value": [1], "Count": 1, "Name": ""}'), RawObject)


@pytest.mark.parametrize(
    "text",
    [
        '[{"A": 1}, {"A": 2}]',
        '{"value": [{"A": 1}, {"A": 2}], "Count": 2}',
        '{"A": 1}\n{"A": 2}',
        '{"A": 1}{"A": 2}',
        '[{"A": 1}]\r\n[{"A": 2}]\r\n',
        '  \n{"A": 1}\n[{"A": 2}]',
    ],
)
def test_every_way_to_write_two_objects(text: str) -> None:
    found = objects(text)
    assert [raw.get("A") for raw in found] == [1, 2]
    assert [raw.locator for raw in found] == ["item 1", "item 2"]


def test_lists_in_lists() -> None:
    found = objects('[[{"A": 1}, [{"A": 2}]], {"value": [{"A": 3}], "Count": 1}]')
    assert [raw.locator for raw in found] == ["item 1[1]", "item 1[2][1]", "item 2[1]"]


def test_empty_documents() -> None:
    assert objects("[]") == []
    assert objects("[ ]") == []
    assert only("{}").properties == {}


def test_values_that_are_no_objects_are_skipped() -> None:
    found = items('[1, "text", null, {"A": 1}, true]')
    assert [(item.locator, type(item)) for item in found] == [
        ("item 1", Skipped),
        ("item 2", Skipped),
        ("item 3", Skipped),
        ("item 4", RawObject),
        ("item 5", Skipped),
    ]


@pytest.mark.parametrize("text", ['{"A": 1, "A": 2}', '{"A": 1, "a": 2}'])
def test_a_name_that_occurs_twice_is_reported(text: str) -> None:
    raw, skipped = items(text)
    assert isinstance(raw, RawObject)
    assert raw.get("A") == 2
    assert isinstance(skipped, Skipped)
    assert "twice" in skipped.why


def test_a_wrapper_with_too_few_elements_is_reported() -> None:
    raw, skipped = items('{"value": [{"A": 1}], "Count": 2}')
    assert isinstance(raw, RawObject)
    assert skipped == Skipped(locator="item 2", why="a list of 2 that holds 1")


@pytest.mark.parametrize(
    "head", ["[", '{"value": [', '{\n "value":\n  ['], ids=["array", "wrapper", "spread"]
)
@pytest.mark.parametrize("tail", ["", " ", ",", ", ", ',{"A"', ',{"A": "x', ',{"A": [1'])
def test_a_file_cut_short_gives_what_is_complete(head: str, tail: str) -> None:
    found, error = broken(head + '{"A": 1},\n{"A": 2}' + tail)
    assert [item.locator for item in found] == ["item 1", "item 2"]
    assert "the file ends in or before item 3" in error


def test_errors_say_where() -> None:
    found, error = broken('[{"A": 1},\n {"A": 2} {"A": 3}]')
    assert len(found) == 2
    assert error == "line 2, column 11: not valid JSON in item 3: expecting ',' or ']'"
    assert broken('{"A": tru}')[1].startswith("line 1, column 7: not valid JSON in item 1")


def test_a_broken_line_among_documents_costs_itself_only() -> None:
    first, skipped, second = items('{"A": 1}\n{"A": oops}\n{"A": 2}')
    assert [raw.get("A") for raw in (first, second) if isinstance(raw, RawObject)] == [1, 2]
    assert isinstance(skipped, Skipped)
    assert skipped.locator == "line 2, column 7"


def test_broken_lines_come_to_an_end() -> None:
    found, _ = broken('{"A": oops}\n' * 1000)
    assert 50 < len(found) < 200


@pytest.mark.parametrize("text", ["[" * 100_000, '{"A":' * 100_000, '[{"A": ' + "[" * 100_000])
def test_deep_nesting_is_an_error_not_a_crash(text: str) -> None:
    assert "nested too deeply" in broken(text)[1]


def test_nesting_beyond_the_limit_is_lost() -> None:
    depth = _limits.NESTING_LIMIT + 20
    found = value("[" * depth + "]" * depth)
    while isinstance(found, tuple):
        (found,) = found
    assert "deeper" in lost(found).why
    assert isinstance(items("[" * depth + "]" * depth)[0], Skipped)


@pytest.mark.parametrize("text", ["[PS] C:\\>Get-Date", "{a}", "[x]", "[EX1]"])
def test_what_only_begins_with_a_bracket_is_not_json(text: str) -> None:
    assert "no export" in broken(text)[1]


def test_a_large_list_is_read_whole() -> None:
    ranges = [f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in range(200_000)]
    assert only(json.dumps({"RemoteIPRanges": ranges})).get("RemoteIPRanges") == tuple(ranges)


def test_a_real_file() -> None:
    raw = only(real_file("elastic-microsoft-exchange-server/test-smtp.json").read_bytes())
    events = raw.get("events")
    assert isinstance(events, tuple)
    assert len(events) == 7
