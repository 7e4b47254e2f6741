from __future__ import annotations

import codecs
import subprocess
import sys
from typing import TYPE_CHECKING, BinaryIO

import pytest

from rctango.errors import EvidenceError
from rctango.formats import decode as module
from rctango.formats.decode import decode
from rctango.model.origin import Artifact
from unit.formats.samples import SAMPLES, artifact_of, broken, decoded, items, outcome

if TYPE_CHECKING:
    from pathlib import Path

ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8-bom": lambda text: codecs.BOM_UTF8 + text.encode(),
    "le-bom": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "be-bom": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "le": lambda text: text.encode("utf-16-le"),
    "be": lambda text: text.encode("utf-16-be"),
    "ansi": lambda text: text.encode("cp1252"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", SAMPLES)
def test_the_encoding_changes_nothing(kind: str, encoding: str) -> None:
    data = ENCODINGS[encoding](SAMPLES[kind])
    result = decoded(data)
    assert result.encoding == kind
    assert result.notes == (("not UTF-8; read as Windows-1252",) if encoding == "ansi" else ())
    assert list(result.items) == items(SAMPLES[kind])


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("step", [1, 13])
def test_slow_streams_change_nothing(kind: str, step: int) -> None:
    slow = outcome(artifact_of(SAMPLES[kind].encode(), step=step))
    assert slow == (items(SAMPLES[kind]), None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (codecs.BOM_UTF16_LE, "empty"),
        (b"PK\x03\x04rest", "binary data (starts with a ZIP signature, as an Excel workbook does)"),
        (b"%PDF-1.7", "binary data (starts with a PDF signature)"),
        (b"a\0\0\0b", "binary data (it holds NUL bytes)"),
        (bytes(range(256)), "binary data (it holds NUL bytes)"),
        (b"<html><body>", "XML or HTML, but not CLIXML"),
        (b"<!DOCTYPE html><html>", "XML with a document type, but not CLIXML"),
        (b"<?xml version='1.0'?><Configuration/>", "XML or HTML, but not CLIXML"),
        (b"#Software: Microsoft Exchange Server\r\n#Fields: a", "a log (of unknown type)"),
        (b"#Version: 15\n#Log-type: SMTP Receive Protocol Log\n", "an SMTP protocol log; "),
        (b"#Log-type: Message Tracking Log\n", "a message tracking log; "),
        (b"#Log-type: Transport Connectivity Log\n", "a log (Transport Connectivity Log), "),
        (b"dn: CN=x\nobjectClass: top\n", "an LDIF file"),
        (b"Identity  Enabled\n--------  -------\nx  True\n", "a Format-Table listing"),
        (b"Set-ReceiveConnector x -Enabled $true\n", "PowerShell commands"),
        (b"220 ex1.contoso.com ESMTP\nEHLO x\n", "an SMTP dialogue"),
        (b"2024-01-01T10:00:00.000Z,EX1\\Default,08D,0\n", "rows of a transport log"),
        (b"Just a sentence.", "no export of a kind that rctango reads (CLIXML, JSON, CSV"),
    ],
)
def test_other_files_are_refused_with_a_reason(data: bytes, reason: str) -> None:
    found, error = broken(data)
    assert found == []
    assert reason in error


def test_markup_in_a_letter_is_not_xml() -> None:
    assert decoded("<admin@contoso.com> wrote:\nName : Relay").encoding == "Format-List"


def test_files_that_cannot_be_opened() -> None:
    def fail() -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(EvidenceError, match="sample: cannot be read: Permission denied"):
        decode(Artifact(name="sample", size=1, open=fail))


def test_files_that_vanish_between_two_readings() -> None:
    whole = artifact_of(SAMPLES["CLIXML"].encode())
    opened: list[BinaryIO] = []

    def sometimes() -> BinaryIO:
        if len(opened) == 3:
            raise FileNotFoundError(2, "No such file or directory")
        opened.append(whole.open())
        return opened[-1]

    result = decode(Artifact(name="sample", size=whole.size, open=sometimes))
    with pytest.raises(EvidenceError, match="No such file"):
        list(result.items)
    assert all(stream.closed for stream in opened)


@pytest.mark.parametrize("kind", ["JSON", "CSV", "Format-List"])
def test_texts_are_bounded(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEXT_LIMIT", 10)
    assert "larger than" in broken(SAMPLES[kind])[1]


@pytest.mark.parametrize("limit", ["LISTING_LIMIT", "LISTING_LINES_LIMIT"])
def test_listings_are_bounded_further(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, limit, 10)
    assert "million characters" in broken(SAMPLES["Format-List"])[1]
    assert items(SAMPLES["JSON"])


def test_other_kinds_do_not_load_lxml(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys, rctango.formats.decode\nassert 'lxml' not in sys.modules\n")
    subprocess.run([sys.executable, str(script)], check=True)  # noqa: S603 - our own script
