"""Laws of the decoders: only ``EvidenceError`` leaves them, and how bytes are cut is moot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rctango.formats.raw import RawObject, RawValue, Skipped
from unit.formats.samples import CLIXML, SAMPLES, artifact_of, items, objects, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = sorted(SAMPLES)
MARKED = ["utf-8", "utf-8-sig", "utf-16"]
CODECS = [*MARKED, "utf-16-le", "utf-16-be"]
"""UTF-16 without a mark is recognised by its ASCII characters, so it needs some."""

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff_")
)
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
RECORDS = st.dictionaries(NAMES.map(str.lower), TEXTS, min_size=1, max_size=5)


@given(st.binary(max_size=400))
@example(b"<Objs>")
@example(b"\xff\xfe<\x00")
@example(b"[\n")
@example(b'a,b\n"')
def test_any_bytes_end_well(data: bytes) -> None:
    outcome(artifact_of(data))


@given(st.sampled_from(["<Objs><Obj>", "[{", "#TYPE X\n", "A,B\n", "A : {"]), st.text(max_size=300))
def test_any_text_after_a_good_start_ends_well(start: str, text: str) -> None:
    outcome(artifact_of((start + text).encode("utf-8", "replace")))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_damaged_exports_end_well(kind: str, data: st.DataObject) -> None:
    whole = bytearray(SAMPLES[kind].encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    outcome(artifact_of(bytes(whole)))


@pytest.mark.parametrize("kind", KINDS)
@given(at=st.integers(min_value=0))
def test_a_file_cut_short_gives_a_beginning_of_the_whole(kind: str, at: int) -> None:
    whole = SAMPLES[kind].encode()
    found, _ = outcome(artifact_of(whole[: at % len(whole)]))
    complete = items(whole)
    good = [item for item in found if isinstance(item, RawObject)]
    if kind in {"CLIXML", "JSON"}:
        assert good == complete[: len(good)]
    assert len(good) <= len(complete)


@given(st.integers(1, 200), st.sampled_from(CODECS))
def test_clixml_does_not_depend_on_the_pieces(step: int, codec: str) -> None:
    assert outcome(artifact_of(CLIXML.encode(codec), step=step)) == (items(CLIXML), None)


@given(st.integers(1, 50), st.integers(min_value=0))
def test_broken_clixml_does_not_depend_on_the_pieces(step: int, at: int) -> None:
    data = CLIXML.encode()
    data = data[: at % len(data)]
    found, error = outcome(artifact_of(data, step=step))
    again, other = outcome(artifact_of(data))
    assert found == again
    assert (error is None) == (other is None)


def _properties(found: list[RawObject]) -> list[dict[str, RawValue]]:
    return [dict(raw.properties) for raw in found]


def _clixml(records: list[dict[str, str]]) -> str:
    return "".join(
        [
            "<Objs>",
            *(
                "<Obj><Props>"
                + "".join(f"<S N={quoteattr(n)}>{escape(v)}</S>" for n, v in record.items())
                + "</Props></Obj>"
                for record in records
            ),
            "</Objs>",
        ]
    )


def _listing(records: list[dict[str, str]]) -> str:
    return "\n\n".join(
        "\n".join(f"{name:<12} : {value}" for name, value in record.items()) for record in records
    )


WRITERS: dict[str, Callable[[list[dict[str, str]]], str]] = {
    "CLIXML": _clixml,
    "JSON": json.dumps,
    "JSON lines": lambda records: "\n".join(map(json.dumps, records)),
}


@pytest.mark.parametrize("writer", WRITERS)
@given(records=st.lists(RECORDS, max_size=4), codec=st.sampled_from(MARKED))
def test_what_is_written_is_read(writer: str, records: list[dict[str, str]], codec: str) -> None:
    text = WRITERS[writer](records)
    if text:
        assert _properties(objects(text.encode(codec))) == records


@given(
    st.lists(NAMES.map(str.lower), min_size=2, max_size=5, unique=True),
    st.data(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(MARKED),
)
def test_tables_are_read_as_written(
    names: list[str], data: st.DataObject, mark: str, codec: str
) -> None:
    cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"))
    row = st.lists(cells, min_size=len(names), max_size=len(names))
    rows = [each for each in data.draw(st.lists(row, max_size=4)) if any(each)]
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in each] for each in [names, *rows]]
    text = "\r\n".join(mark.join(each) for each in quoted)
    expected = [dict(zip(names, each, strict=True)) for each in rows]
    assert _properties(objects(text.encode(codec))) == expected


@given(
    st.lists(
        st.dictionaries(NAMES.map(str.lower), WORDS, min_size=1, max_size=5), min_size=1, max_size=4
    )
)
def test_listings_lose_no_property(records: list[dict[str, str]]) -> None:
    found = objects(_listing(records))
    assert [pair for raw in found for pair in raw.properties.items()] == [
        pair for record in records for pair in record.items()
    ]


@given(st.lists(WORDS, max_size=9), st.integers(10, 40))
def test_wrapped_lists_are_joined_again(elements: list[str], width: int) -> None:
    lines = [""]
    for word in ("{" + ", ".join(elements) + "}").split(" "):
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += word + " "
    wrapped = ("\n" + " " * 7).join(line.rstrip() for line in lines)
    (raw,) = objects(f"Name : Relay\nList : {wrapped}\nLast : x")
    assert raw.get("List") == tuple(elements)
    assert raw.get("Last") == "x"


@pytest.mark.parametrize("kind", KINDS)
@given(st.lists(st.sampled_from(KINDS), max_size=3), st.integers(0, 30))
def test_every_item_says_where_it_stands(kind: str, others: list[str], cut: int) -> None:
    text = SAMPLES[kind] + "".join(SAMPLES[other][cut:] for other in others)
    found, _ = outcome(artifact_of(text.encode()))
    for item in found:
        assert item.locator
        assert isinstance(item, RawObject) or item.why
        assert isinstance(item, RawObject | Skipped)
