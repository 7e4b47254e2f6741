"""Which log a file is, by its content and its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rctango.traffic.rows import BadLineError, is_header, read_rows
from rctango.traffic.schema import RECEIVE, SEND

_LOG_TYPE = re.compile(rb"^[ \t#]*Log-type:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^[ \t#]*Date:[ \t]*([0-9TZ:.-]{20,40})", re.IGNORECASE | re.MULTILINE)
_TRACKING = re.compile(
    rb"(?m)^[ \t]*\d{4}-\d\d-\d\dT[\d:.]+Z,(?:[^,\n]*,){5,8}"
    rb"(?:SMTP|STOREDRIVER|ROUTING|DSN|AGENT|DNS|MAILBOXRULE|RESOLVER|ORAR),[A-Z]+,"
)
_CONNECTIVITY = re.compile(
    rb"(?m)^[ \t]*\d{4}-\d\d-\d\dT[\d:.]+Z,[0-9A-Fa-f]{16},[^,\n]*,[^,\n]*,[+<>*-],"
)
_ROLES = frozenset({"frontend", "hub", "edge", "mailbox"})
_TRACKING_REFUSED = (
    "a message tracking log: it names the Hub's internal connector and the proxying server, "
    "not the connector that answered the client; give the SMTP receive protocol logs"
)
_CONNECTIVITY_REFUSED = (
    "a connectivity log: it holds no SMTP dialogue and no receive connector; "
    "give the SMTP receive protocol logs"
)
_NOT_A_LOG = "no SMTP protocol log: neither its header nor a row could be recognised"
_WIDE = "UTF-16 text; save it as UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKind:
    """What a file is.

    Attributes:
        log: ``receive`` or ``send``; None when it is no SMTP protocol log.
        role: ``frontend``, ``hub``, ``edge`` or ``mailbox``, by the folder names; else None.
        refusal: why it is not read; None for protocol logs.
        began: ``#Date`` or the time of the first row, for ordering files; empty when there is none.
    """

    log: str | None
    role: str | None
    refusal: str | None
    began: str


def recognise(head: bytes, name: str) -> LogKind:
    """Tell what a file is by its first bytes (up to 64 KiB, uncompressed) and its path.

    A file with nothing but blank lines is taken for an empty receive log: there is nothing in it
    that could be lost.

    Source: https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging
    """
    role = _role(name)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return LogKind(log=None, role=role, refusal=_WIDE, began="")
    date = _DATE.search(head)
    began = date[1].decode("ascii") if date else ""
    log, refusal = _by_header(head)
    if log is None and refusal is None:
        log, refusal, first = _by_rows(head)
        began = began or first
    return LogKind(log=log, role=role, refusal=refusal, began=began)


def _role(name: str) -> str | None:
    r"""The role whose folder holds the log, such as ``...\\Hub\\ProtocolLog\\SmtpReceive``."""
    parts = name.casefold().replace("\\", "/").split("/")
    for part, following in zip(reversed(parts[:-1]), reversed(parts[1:]), strict=True):
        if following == "protocollog" and part in _ROLES:
            return part
    return None


def _by_header(head: bytes) -> tuple[str | None, str | None]:
    found = _LOG_TYPE.search(head)
    if found is None:
        return None, None
    text = found[1].decode("utf-8", "replace").strip()
    low = text.casefold()
    if "smtp receive" in low:
        return RECEIVE, None
    if "smtp send" in low:
        return SEND, None
    if "message tracking" in low:
        return None, _TRACKING_REFUSED
    if "connectivity" in low:
        return None, _CONNECTIVITY_REFUSED
    return None, f"a log of another kind: {text[:80]!r}"


def _by_rows(head: bytes) -> tuple[str | None, str | None, str]:
    """Judge by the first row; without one, by what the text looks like."""
    something = False
    for line in head.split(b"\n"):
        if not line.strip(b" \t\r\x00\xef\xbb\xbf") or is_header(line):
            continue
        something = True
        try:
            row = read_rows(line)[0]
        except BadLineError:
            continue
        is_receive = b"\\" in row.connector or (not row.connector and bool(row.local))
        return RECEIVE if is_receive else SEND, None, row.time.decode("ascii")
    if _CONNECTIVITY.search(head):
        return None, _CONNECTIVITY_REFUSED, ""
    if _TRACKING.search(head):
        return None, _TRACKING_REFUSED, ""
    if something:
        return None, _NOT_A_LOG, ""
    return RECEIVE, None, ""
