"""What an artifact holds, found out from its content, and its objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.errors import EvidenceError
from rctango.formats._limits import HEAD_BYTES, LISTING_LIMIT, LISTING_LINES_LIMIT, TEXT_LIMIT
from rctango.formats.listing import is_listing, read_listing
from rctango.formats.records import is_json, read_json
from rctango.formats.table import is_csv, read_csv
from rctango.formats.text import decode_text, guess_encoding, read_exactly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.formats._items import Item
    from rctango.model.origin import Artifact

_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP signature, as an Excel workbook does"),
    (b"\x1f\x8b", "a gzip signature"),
    (b"%PDF-", "a PDF signature"),
    (b"\x89PNG", "a PNG signature"),
    (b"\xff\xd8\xff", "a JPEG signature"),
    (b"\xd0\xcf\x11\xe0", "the signature of an old Office document"),
    (b"ElfFile\x00", "the signature of a Windows event log"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip signature"),
    (b"MZ\x90", "the signature of a Windows program"),
    (b"SQLite format 3\x00", "a SQLite signature"),
    (b"PAR1", "a Parquet signature"),
)

_PROLOGUE = re.compile(r"(?:#< CLIXML)?(?:\s|<\?.{0,1000}?\?>|<!--.{0,20000}?-->)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,80})")
_MARKUP = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\b|<!--|<html\b)", re.IGNORECASE)
_LOG = re.compile(r"^#(?:Software|Version|Log-type|Date|Fields):", re.IGNORECASE)
_LOG_TYPE = re.compile(r"^#Log-type:[ \t]*([^\r\n]{1,80})", re.IGNORECASE | re.MULTILINE)
_KINDS = "CLIXML, JSON, CSV or Format-List"
_OTHER_KINDS = (
    (
        re.compile(r"^[ \t]*-{2,99}(?:[ \t]{1,99}-{2,99}){1,20}[ \t]*\r?$", re.MULTILINE),
        "a Format-Table listing, which cuts values short; use Export-Clixml instead",
    ),
    (re.compile(r"^(?:version: \d+|dn::? \S)", re.MULTILINE), "an LDIF file"),
    (
        re.compile(r"^(?:# ?)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z,", re.MULTILINE),
        "rows of a transport log",
    ),
    (
        re.compile(
            r"^[ \t]*(?:\[PS\][^>\n]{0,300}>\s*)?(?:Set|New|Get|Add)-[A-Z]\w+\s", re.MULTILINE
        ),
        "PowerShell commands without what they printed",
    ),
    (re.compile(r"^(?:220[ -]|250[ -]|EHLO )", re.MULTILINE), "an SMTP dialogue"),
)
"""What people hand in by mistake, and how to tell them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded artifact.

    Attributes:
        encoding: ``CLIXML``, ``JSON``, ``CSV`` or ``Format-List``.
        notes: what a person should know about how it was read.
        items: its objects in order, with a mark in the place of each that could not be decoded;
            raises ``EvidenceError`` where the artifact breaks off.
    """

    encoding: str
    notes: tuple[str, ...]
    items: Iterator[Item]


def decode(artifact: Artifact) -> Decoded:
    """Find out from its content what ``artifact`` holds and decode it.

    Raises:
        EvidenceError: it is empty, binary, too large or of no kind that is read.
    """
    head = _read(artifact, HEAD_BYTES)
    for signature, words in _SIGNATURES:
        if head.startswith(signature):
            raise EvidenceError(artifact.name, "", f"binary data (starts with {words})")
    start, _ = decode_text(head)
    if not start.strip() and len(head) < HEAD_BYTES:
        raise EvidenceError(artifact.name, "", "empty")
    if "\0" in start:
        raise EvidenceError(artifact.name, "", "binary data (it holds NUL bytes)")
    if _objs_follow(start):
        from rctango.formats.clixml import read_clixml  # noqa: PLC0415 - lxml is heavy

        notes, items = read_clixml(artifact, guess_encoding(head))
        return Decoded(encoding="CLIXML", notes=notes, items=items)
    _refuse_others(artifact.name, start)
    return _decode_text(artifact, start)


def _objs_follow(start: str) -> bool:
    """Whether the root element of CLIXML comes after declarations and comments."""
    prologue = _PROLOGUE.match(start)
    root = _ROOT.match(start, prologue.end() if prologue is not None else 0)
    return root is not None and root[1] == "Objs"


def _refuse_others(source: str, start: str) -> None:
    """Raise for what is recognised as something that is not read."""
    markup = _MARKUP.match(start)
    if markup is not None:
        kind = "XML with a document type" if "<!DOCTYPE" in start else "XML or HTML"
        reason = f"{kind}, but not CLIXML as Export-Clixml writes it, which begins with <Objs>"
        raise EvidenceError(source, "", reason)
    log = _LOG_TYPE.search(start)
    if _LOG.match(start) or log is not None:
        raise EvidenceError(source, "", _log_reason(log[1].strip() if log else ""))


def _read(artifact: Artifact, size: int) -> bytes:
    try:
        with artifact.open() as stream:
            return read_exactly(stream, size)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise EvidenceError(artifact.name, "", reason) from error


def _decode_text(artifact: Artifact, start: str) -> Decoded:
    data = _read(artifact, TEXT_LIMIT + 1)
    if len(data) > TEXT_LIMIT:
        reason = f"larger than {TEXT_LIMIT >> 30} GiB; only CLIXML is read at any size"
        raise EvidenceError(artifact.name, "", reason)
    text, notes = decode_text(data)
    del data
    if "\n" not in text:
        text = text.replace("\r", "\n")
    source = artifact.name
    if is_json(text):
        return Decoded(encoding="JSON", notes=notes, items=read_json(source, text))
    if is_csv(text):
        return Decoded(encoding="CSV", notes=notes, items=read_csv(text))
    if not is_listing(text):
        raise EvidenceError(source, "", _unknown_reason(start))
    if len(text) > LISTING_LIMIT or text.count("\n") > LISTING_LINES_LIMIT:
        reason = (
            f"Format-List text of more than {LISTING_LIMIT >> 20} million characters"
            f" or {LISTING_LINES_LIMIT >> 20} million lines; use Export-Clixml instead"
        )
        raise EvidenceError(source, "", reason)
    return Decoded(encoding="Format-List", notes=notes, items=read_listing(text))


def _log_reason(kind: str) -> str:
    lowered = kind.lower()
    if "smtp" in lowered and "protocol" in lowered:
        return "an SMTP protocol log; rctango reads the settings of connectors here, not logs"
    if "message tracking" in lowered:
        return "a message tracking log; rctango reads the settings of connectors here, not logs"
    return f"a log ({kind or 'of unknown type'}), not an export of settings"


def _unknown_reason(start: str) -> str:
    for pattern, words in _OTHER_KINDS:
        if pattern.search(start):
            return f"no export that rctango reads ({_KINDS}): {words}"
    return f"no export of a kind that rctango reads ({_KINDS})"
