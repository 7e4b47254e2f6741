from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rctango.report.safe import csv_cell, markdown_cell, printable

ANY_TEXT = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EX01\\Relay", "EX01\\Relay"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\x7f\x9b\x00\t\n", "\\x7f\\x9b\\x00\\x09\\x0a"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\u200bb\u200d\ufeff", "a\\u200bb\\u200d\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\U000e0041\ud800", "\\U000e0041\\ud800"),
        ("\u3164\ufe0f\u034f", "\\u3164\\ufe0f\\u034f"),
        ("Zo\u00eb \u9b5a \u05d0\u0628 \u0939\u093f \U0001f4e7", None),
    ],
)
def test_printable(text: str, expected: str | None) -> None:
    assert printable(text) == (text if expected is None else expected)


@given(ANY_TEXT)
def test_printable_holds_nothing_hidden(text: str) -> None:
    shown = printable(text)
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert hidden.isdisjoint(map(unicodedata.category, shown))
    shown.encode()  # raises for what no terminal could be sent
    assert printable(shown) == shown


@given(st.text(st.characters(categories=["L", "Nd", "P", "Sc", "Sm"])))
def test_printable_keeps_letters(text: str) -> None:
    blank = {"\u115f", "\u1160", "\u3164", "\uffa0"}
    assert printable(text) == text or blank & set(text)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n@", "\uff1d"])
def test_csv_cell_disarms_formulas(start: str) -> None:
    assert csv_cell(f"{start}1+1").startswith("'")


def test_csv_cell_disarms_what_a_semicolon_would_part() -> None:
    assert csv_cell("a;=1+1; -2; b") == "a;'=1+1; '-2; b"


@pytest.mark.parametrize("text", ["", "10.0.0.0-10.0.0.9", "EX01\\A", "a = b", "::-ffff::"])
def test_csv_cell_leaves_the_rest(text: str) -> None:
    assert csv_cell(text) == text


@given(ANY_TEXT)
def test_csv_cell_never_starts_a_formula(text: str) -> None:
    assert not csv_cell(text).lstrip().startswith(("=", "+", "-", "@"))


def test_markdown_cell() -> None:
    assert markdown_cell("a|b`*_[x](y)<b>&\\\n~$") == (
        "a\\|b\\`\\*\\_\\[x\\](y)&lt;b&gt;&amp;\\\\\\\\x0a\\~\\$"
    )


@given(ANY_TEXT)
def test_markdown_cell_can_be_read_back(text: str) -> None:
    cell = markdown_cell(text)
    assert not {"<", ">", "\n"} & set(cell)
    plain: list[str] = []
    characters = iter(cell)
    for character in characters:
        assert character not in "|`*_[]~$"
        plain.append(next(characters) if character == "\\" else character)
    read = "".join(plain).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert read == printable(text)
