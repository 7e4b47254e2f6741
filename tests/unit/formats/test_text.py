from __future__ import annotations

import codecs
import io

import pytest

from rctango.formats.text import (
    Encoding,
    decode_text,
    guess_encoding,
    is_utf8,
    read_exactly,
    utf8_chunks,
)

TEXT = "Name : Relay für Geräte \N{SNOWMAN} \N{PILE OF POO}\r\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
    ],
    ids=["utf-8", "utf-8-sig", "le-bom", "be-bom", "le", "be", "utf-32-le", "utf-32-be"],
)
def test_unicode_is_recognised(data: bytes) -> None:
    assert decode_text(data) == (TEXT, ())


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_unicode_without_a_mark_may_hold_characters_with_a_zero_byte(codec: str) -> None:
    text = "Name : \N{LATIN CAPITAL LETTER A WITH MACRON}\u0200 and others"
    assert decode_text(text.encode(codec)) == (text, ())


def test_other_bytes_are_windows_1252_with_a_note() -> None:
    assert decode_text(b"f\xfcr \x80 \x81") == (
        "für € \ufffd",
        ("not UTF-8; read as Windows-1252",),
    )


def test_a_file_cut_inside_a_character_is_still_utf8() -> None:
    text, notes = decode_text("für €".encode()[:-1])
    assert text == "für \ufffd"
    assert notes == ("parts are not valid UTF-8; they are shown as \ufffd",)


def test_damage_under_a_mark_is_noted() -> None:
    text, notes = decode_text(codecs.BOM_UTF16_LE + b"a\x00b")
    assert text == "a\ufffd"
    assert notes == ("parts are not valid UTF-16-LE; they are shown as \ufffd",)


def test_marks_inside_are_removed_because_files_are_joined() -> None:
    assert decode_text("a\n\ufeffb".encode()) == ("a\nb", ())


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("iso-8859-1", "iso8859-1"),
        ("Windows-1251", "cp1251"),
        ("UTF-8", "utf-8"),
        ("utf-16", "utf-8"),
        ("rot13", "utf-8"),
    ],
)
def test_an_xml_declaration_is_honoured_if_it_can_be_true(declared: str, codec: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?><Objs/>'.encode()
    assert guess_encoding(head).codec == codec


def test_a_mark_beats_a_declaration() -> None:
    head = codecs.BOM_UTF8 + b"<?xml version='1.0' encoding='iso-8859-1'?>"
    assert guess_encoding(head) == Encoding(codec="utf-8", skip=3)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
def test_pieces_give_the_same_utf8(codec: str, size: int) -> None:
    text = "für €" * 9
    stream = io.BytesIO(b"xx" + text.encode(codec))
    chunks = list(utf8_chunks(stream, Encoding(codec=codec, skip=2), size))
    assert b"".join(chunks).decode() == text
    assert is_utf8(chunks)


def test_not_utf8() -> None:
    assert not is_utf8([b"a", b"\xff"])


def test_reading_goes_on_when_little_comes() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 2))

    assert read_exactly(Slow(b"abcdefg"), 5) == b"abcde"
    assert read_exactly(Slow(b"abc"), 5) == b"abc"
