"""Two connectors have equally large ranges for the same clients, and nothing decides between them.

Exchange takes the connector it loaded first, and the order in which it loads them is not defined:
the answer can change with the next restart. The management shell refuses to create equal or partly
overlapping ranges on one endpoint, but has gaps, and directory edits or two administrators at once
bypass the check. Partly overlapping ranges in an export are a sign of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import AddressRange, RangeSet
from rctango.model.connection import Verdict
from rctango.model.finding import Severity, Subject, SubjectKind
from rctango.model.rights import Answer
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, LEARN_SET, count, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.selection import Table
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.rights import SessionRights

_RIGHTS = ("submit", "relay", "spoof_internal_sender", "exchange_authentication")


def _check(view: View) -> Iterator[Finding]:
    for table in view.all_tables():
        for tied, addresses in _ties(table):
            yield _finding(view, table, tied, addresses)


def _ties(table: Table) -> Iterator[tuple[tuple[Connector, ...], RangeSet]]:
    groups: dict[tuple[str, ...], tuple[tuple[Connector, ...], list[AddressRange]]] = {}
    ends = [start - 1 for start in table.starts[1:]]
    ends.append(table.family.maximum)
    for first, last, answer in zip(table.starts, ends, table.answers, strict=True):
        if answer.verdict is Verdict.AMBIGUOUS:
            tied = tuple(sorted(answer.contenders, key=lambda one: one.identity))
            key = tuple(one.identity for one in tied)
            piece = AddressRange(family=table.family, first=first, last=last)
            groups.setdefault(key, (tied, []))[1].append(piece)
    for tied, pieces in groups.values():
        yield tied, RangeSet.of(pieces)


def _finding(view: View, table: Table, tied: tuple[Connector, ...], addresses: RangeSet) -> Finding:
    names = listed(one.identity for one in tied)
    severity, difference = _difference({view.rights(one) for one in tied})
    return RULE.finding(
        severity=severity,
        connector=tied[0],
        subjects=(
            Subject(kind=SubjectKind.RANGE, name="", address=text)
            for text in addresses.texts()[:20]
        ),
        ranges=[
            entry.text
            for one in tied
            for entry in one.remote_ranges or ()
            if addresses.touches(entry.range)
        ],
        message=(
            f"At {table.listener} {names} have equally large ranges for {count(addresses)} "
            f"({listed(addresses.texts())}); which of them answers is not defined. {difference}"
        ),
        fix="Take these addresses out of all but one of the connectors.",
        evidence=[origin for one in tied for origin in one.origin("remote_ranges", "bindings")],
    )


def _difference(rights: set[SessionRights]) -> tuple[Severity, str]:
    if len(rights) > 1:
        return Severity.HIGH, (
            "They grant different rights, so clients relay, or mail queues, depending on the last "
            "restart."
        )
    if any(getattr(one, name) is Answer.UNKNOWN for one in rights for name in _RIGHTS):
        return Severity.MEDIUM, "Whether they grant the same rights is not known."
    return Severity.LOW, "They grant the same rights, so little depends on it today."


RULE = Rule(
    name="ambiguous-selection",
    title="Which connector answers is not defined",
    severity=Severity.HIGH,
    needs=(Need.SELECTION,),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS, LEARN_SET),
    check=_check,
)
