from __future__ import annotations

import pytest

from fakes.realdata import real_file
from rctango.formats.raw import Lost, RawObject, Skipped
from unit.formats.samples import CSV, broken, decoded, items, objects, only


def rows(text: str) -> list[dict[str, object]]:
    return [dict(raw.properties) for raw in objects(text)]


def test_a_small_export() -> None:
    relay, default = objects(CSV)
    assert relay.types == ("Selected.Microsoft.Exchange.Data.ReceiveConnector",)
    assert relay.locator == "line 3"
    assert relay.get("Name") == "Relay für Geräte"
    assert relay.get("RemoteIPRanges") == "10.0.0.1,10.0.0.2"
    assert relay.get("Enabled") == "True"
    assert default.get("Name") == 'Default "EX1"'
    assert decoded(CSV).encoding == "CSV"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_delimiters_are_recognised(mark: str, quote: str) -> None:
    table = [["Name ", "Bindings", "Enabled"], ["Relay", "0.0.0.0:25", "True"]]
    text = "\n".join(mark.join(f"{quote}{cell}{quote}" for cell in row) for row in table)
    assert rows(text) == [{"name": "Relay", "bindings": "0.0.0.0:25", "enabled": "True"}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    assert [raw.locator for raw in objects(end.join(["A,B", "1,2", "", "3,4", ""]))] == [
        "line 2",
        "line 4",
    ]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("#TYPE Selected.X", "Selected.X"),
        ("#TYPE Deserialized.Microsoft.Y", "Microsoft.Y"),
        ("#TYPE CSV:Deserialized.Z", "Z"),
        ('"#TYPE X"', "X"),
        ("#TYPE X,,,", "X"),
        ("#type X", "X"),
    ],
)
def test_type_lines(line: str, name: str) -> None:
    assert only(f'{line}\n"Name"\n"Relay"').types == (name,)


def test_cells() -> None:
    text = 'Name,Text,Last\n"a ""b""", "c" ,\nplain "x",,"two\r\nlines"\n'
    assert rows(text) == [
        {"name": 'a "b"', "text": "c", "last": ""},
        {"name": 'plain "x"', "text": "", "last": "two\r\nlines"},
    ]


def test_lines_count_on_after_a_cell_of_several_lines() -> None:
    assert [raw.locator for raw in objects('A,B\n"1\n\n1",2\n3,4')] == ["line 2", "line 5"]


def test_type_names_in_cells_are_lost_values() -> None:
    raw = only("Name,RemoteIPRanges\nRelay,Microsoft.Exchange.Data.MultiValuedProperty`1[IPRange]")
    assert isinstance(raw.get("RemoteIPRanges"), Lost)


@pytest.mark.parametrize("row", ["1", "1,2,3,4", "1,2,3,,x"])
def test_rows_that_do_not_fit_are_skipped(row: str) -> None:
    first, skipped, last = items(f"A,B,C\n1,2,3\n{row}\n4,5,6")
    assert isinstance(first, RawObject)
    assert isinstance(last, RawObject)
    assert isinstance(skipped, Skipped)
    assert skipped.locator == "line 3"
    assert "under 3 columns" in skipped.why


def test_empty_cells_beyond_the_last_column_are_nothing() -> None:
    assert rows("A,B\n1,2,,\n") == [{"a": "1", "b": "2"}]
    assert rows("A,B,,\n1,2,,\n") == [{"a": "1", "b": "2"}]


def test_cells_without_a_column_name_are_reported() -> None:
    skipped, raw = items("A,B,\n1,2,3")
    assert isinstance(skipped, Skipped)
    assert isinstance(raw, RawObject)
    assert dict(raw.properties) == {"a": "1", "b": "2"}


def test_columns_of_the_same_name_are_reported() -> None:
    skipped, raw = items("A,B,a\n1,2,3")
    assert skipped == Skipped(locator="line 1", why="two columns called 'a'; the last is read")
    assert isinstance(raw, RawObject)
    assert raw.get("A") == "3"


@pytest.mark.parametrize("bad", ['"1,2', '"1"x,2', '1,"2', '"1,""2'])
def test_a_wrong_quote_costs_its_line_only(bad: str) -> None:
    found = items(f'"A","B"\n{bad}\n"3","4"\n"5","6"')
    assert [(item.locator, type(item)) for item in found] == [
        ("line 2", Skipped),
        ("line 3", RawObject),
        ("line 4", RawObject),
    ]


def test_two_wrong_quotes_do_not_swallow_what_is_between() -> None:
    found = items('"A","B"\n"1,"2"\n"3","4"\n"5","6\n"7","8"')
    assert [(item.locator, type(item)) for item in found] == [
        ("line 2", Skipped),
        ("line 3", RawObject),
        ("line 4", Skipped),
        ("line 5", RawObject),
    ]


def test_a_header_with_a_wrong_quote_costs_the_table() -> None:
    found = items('#TYPE X\n"A,"B"\n1,2\n3,4\n#TYPE Y\nA,B\n1,2')
    assert [type(item) for item in found] == [Skipped, Skipped, Skipped, RawObject]


def test_tables_in_one_file() -> None:
    text = (
        '#TYPE X\n"A","B"\n"1","2"\n#TYPE Y\n"C";"D"\n"3";"4"\n"c";"D"\n"5";"6"\n\nE;F;G\n7;8;9\n'
    )
    assert [(raw.types, dict(raw.properties)) for raw in objects(text)] == [
        (("X",), {"a": "1", "b": "2"}),
        (("Y",), {"c": "3", "d": "4"}),
        (("Y",), {"c": "5", "d": "6"}),
        (("Y",), {"e": "7", "f": "8", "g": "9"}),
    ]


def test_a_line_for_spreadsheets_names_the_delimiter() -> None:
    assert rows("sep=;\nName;Any thing\nRelay;x,y") == [{"name": "Relay", "any thing": "x,y"}]


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world",
        "Dear all,\nplease find the settings below.",
        "Hello, world\nName : x",
        "One, two, three\nName : Relay",
        "A,1\n2,3",
        "a b,c d\n1,2",
        "Name\nRelay",
    ],
)
def test_letters_are_no_tables(text: str) -> None:
    if ":" in text:
        assert decoded(text).encoding == "Format-List"
    elif text != "Hello, world":
        assert "no export" in broken(text)[1]


def test_a_header_alone_is_an_empty_table() -> None:
    assert objects('"Name","Bindings"\r\n') == []
    assert objects("#TYPE X") == []


@pytest.mark.parametrize(
    "row", ['"' * 400_001, ("x" * 30 + '"') * 20_000, '"a\n' * 100_000, " " * 300_000 + '"']
)
def test_hostile_quotes_take_no_time(row: str) -> None:
    assert items(f'"A","B"\n{row}\n1,2\n')


def test_a_real_table() -> None:
    found = objects(
        real_file("exch-recon-default-settings/default-receive-connectors.csv").read_bytes()
    )
    assert [raw.get("Name") for raw in found] == [
        "Default ",
        "Client Proxy ",
        "Default Frontend ",
        "Outbound Proxy Frontend ",
        "Client Frontend ",
    ]
    assert found[0].get("RemoteIPRanges") == (
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,0.0.0.0-255.255.255.255"
    )
