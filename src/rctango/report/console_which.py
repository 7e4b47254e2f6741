"""Which connector answers one address, on a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.connection import Verdict
from rctango.model.rights import Answer
from rctango.report.console_layout import (
    BAD,
    DIM,
    GOOD,
    HEAD,
    UNSURE,
    blank,
    data,
    join,
    write,
    write_table,
)
from rctango.report.words import losers, reason_words, row_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from rctango.addresses import Address
    from rctango.model.connection import Candidate, Selection
    from rctango.model.rights import SessionRights
    from rctango.report.rows import WhichRow

_VERDICT_STYLES = {
    Verdict.ANSWERED: GOOD,
    Verdict.REFUSED: BAD,
    Verdict.AMBIGUOUS: UNSURE,
    Verdict.UNDETERMINED: UNSURE,
}
_MAY = {Answer.YES: "may", Answer.NO: "may not", Answer.UNKNOWN: "may or may not (unknown)"}
_EXCHANGE = {
    Answer.YES: "another Exchange server can prove itself here",
    Answer.NO: "another Exchange server cannot prove itself here",
    Answer.UNKNOWN: "unknown",
}


def render_which(console: Console, address: Address, connections: Sequence[WhichRow]) -> None:
    """Write, for every listener, who answers, what that grants and why the others lost."""
    write(console, join(("Remote address ", HEAD), data(str(address), HEAD)))
    blank(console)
    if not connections:
        write(console, join(("The evidence holds no listener.", UNSURE)))
    for row in connections:
        _write_connection(console, row)
        blank(console)


def _write_connection(console: Console, row: WhichRow) -> None:
    selection = row.selection
    write(console, data(str(selection.listener), HEAD), hang=2)
    write(console, _winner(selection), indent=2, hang=2)
    if row.reason or selection.verdict is not Verdict.ANSWERED:
        write(console, data(row_reason(row)), indent=2, hang=2)
    if row.rights is not None:
        _write_rights(console, row.rights)
    _write_losers(console, losers(selection))


def _winner(selection: Selection) -> Text:
    style = _VERDICT_STYLES[selection.verdict]
    if selection.connector is None:
        return join((selection.verdict.value.capitalize(), style))
    matched = "" if selection.range is None else f" with {selection.range.text}"
    return join(data(selection.connector.identity, style), " answers", data(matched))


def _write_rights(console: Console, rights: SessionRights) -> None:
    if rights.connect is Answer.NO:
        write(console, join("The client may not connect"), indent=2, hang=2)
        return
    write(console, join("Without proving who it is, the client"), indent=2, hang=2)
    for what, answer, harmful in (
        ("send to recipients of accepted domains", rights.submit, False),
        ("send to any recipient", rights.relay, True),
        ("use a sender address of the organisation", rights.spoof_internal_sender, True),
        ("skip the anti-spam agents", rights.bypass_anti_spam, True),
    ):
        style = _right_style(answer, harmful=harmful)
        write(console, join((f"{_MAY[answer]} {what}", style)), indent=4, hang=2)
    exchange = _EXCHANGE[rights.exchange_authentication]
    write(console, join(f"Exchange Server authentication: {exchange}"), indent=2, hang=2)


def _right_style(answer: Answer, *, harmful: bool) -> str:
    if answer is Answer.UNKNOWN:
        return UNSURE
    return BAD if harmful and answer is Answer.YES else ""


def _write_losers(console: Console, candidates: Sequence[Candidate]) -> None:
    if not candidates:
        return
    write(console, join(("Other connectors of the listener", DIM)), indent=2)
    body = [
        [
            data(candidate.connector.identity),
            data("-" if candidate.range is None else candidate.range.text),
            data(reason_words(candidate.reason)),
        ]
        for candidate in candidates
    ]
    write_table(console, ("Connector", "Range", "Why not"), body)
