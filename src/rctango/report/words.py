"""Codes of the model in words, and the small questions that several renderers ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Address
from rctango.model.connection import Candidate, Reason, Verdict
from rctango.model.rights import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rctango.addresses import AddressRange
    from rctango.model.connection import Listener, Segment, Selection
    from rctango.model.connector import Connector
    from rctango.report.rows import WhichRow

_REASONS = {
    Reason.LESS_SPECIFIC: "its range is wider",
    Reason.TIE_SPECIFIC_BINDING: "same size of range, but bound to the wildcard address",
    Reason.TIE_UNDEFINED_ORDER: "same size of range: the order is undefined",
    Reason.NO_MATCHING_RANGE: "none of its ranges holds the address",
    Reason.DISABLED: "it is disabled",
    Reason.OTHER_ROLE: "it belongs to another transport service",
    Reason.OTHER_FAMILY: "it has no range of this address family here",
    Reason.FACTS_MISSING: "its bindings or ranges are missing from the evidence",
}
_VERDICTS = {
    Verdict.ANSWERED: "The smallest range that holds the address decides.",
    Verdict.REFUSED: "No connector has a range that holds the address, so the connection is closed "
    "with 421 4.3.2.",
    Verdict.AMBIGUOUS: "Ranges of the same size hold the address, and which of the connectors then "
    "answers is not defined.",
    Verdict.UNDETERMINED: "Facts are missing from the evidence, so which connector answers cannot "
    "be told.",
}


def reason_words(reason: Reason) -> str:
    """Why a connector lost, as a clause."""
    return _REASONS[reason]


def row_reason(row: WhichRow) -> str:
    """One sentence: why the verdict is what it is."""
    return row.reason or _VERDICTS[row.selection.verdict]


def relay_answer(row: WhichRow) -> Answer:
    """Whether the client may send to any recipient, also when no connector answers for sure."""
    if row.rights is not None:
        return row.rights.relay
    return Answer.NO if row.selection.verdict is Verdict.REFUSED else Answer.UNKNOWN


def losers(selection: Selection) -> tuple[Candidate, ...]:
    """Every connector that does not answer for sure: the candidates, and contenders among them."""
    known = {candidate.connector.identity for candidate in selection.candidates}
    tied = selection.verdict is Verdict.AMBIGUOUS
    reason = Reason.TIE_UNDEFINED_ORDER if tied else Reason.FACTS_MISSING
    added = tuple(
        Candidate(connector=connector, range=None, reason=reason)
        for connector in selection.contenders
        if connector.identity not in known
    )
    return added + selection.candidates


def role_label(listener: Listener) -> str | None:
    """The transport role of a listener as Exchange prints it; None when it is unknown."""
    return None if listener.role is None else listener.role.label


def identities(connectors: Sequence[Connector]) -> list[str]:
    r"""``SERVER\Name`` of each."""
    return [connector.identity for connector in connectors]


def ends(span: AddressRange) -> tuple[str, str]:
    """The first and the last address of a range, as texts."""
    first, last = (str(Address(family=span.family, value=end)) for end in (span.first, span.last))
    return first, last


def answer_words(answer: Selection | Segment) -> str:
    r"""``SERVER\Name`` of the connector that answers, or the verdict with the contenders."""
    if answer.connector is not None:
        return answer.connector.identity
    rivals = " or ".join(identities(answer.contenders))
    return f"{answer.verdict.value}: {rivals}" if rivals else answer.verdict.value
