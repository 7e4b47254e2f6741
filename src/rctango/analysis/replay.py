"""Replay: every logged answer against the computed one.

The receive log names the connector that answered; the selection engine says who should have. Both
look at the same facts, the local endpoint and the remote address as Exchange saw them. Source NAT
changes that remote address for both alike, so by itself it makes them neither agree nor disagree;
how many sessions came from known devices is counted, because agreement there speaks of the device.

A disagreement is put down to the model only when nothing else explains it. The order in which
causes are looked for stands in ``rctango.analysis.causes``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.causes import find_causes
from rctango.analysis.logged import counted, enumerated, time_span
from rctango.model.replay import (
    Replay,
    ReplayCase,
    ReplayCause,
    ReplayClass,
    ReplayCount,
    ReplayKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rctango.addresses import Address
    from rctango.analysis.causes import Cause
    from rctango.analysis.view import View
    from rctango.model.observation import LoggedAnswer

    _Row = tuple[LoggedAnswer, Cause]

_MOST_CASES = 20
_EXPLAINED = {
    ReplayCause.AMBIGUOUS: (
        "Two connectors have equal ranges at the same place, and the order in which Exchange loads "
        "them decides. The logged one is among them: the log settles what the configuration leaves "
        "open, until the next restart."
    ),
    ReplayCause.FACTS_MISSING: (
        "The exports lack bindings, ranges, roles or states, so that it stays open who answers; "
        "nothing speaks against the logged connector."
    ),
    ReplayCause.OTHER_SERVER: (
        "The log is of a server that is not in the evidence. Export its connectors as well."
    ),
    ReplayCause.NOT_COMPARABLE: (
        "An address is masked or missing, the server cannot be told, or the connector is built in "
        "and in no export."
    ),
    ReplayCause.UNKNOWN_CONNECTOR: (
        "The evidence has no such connector: it was renamed or removed before the export, or the "
        "export is not whole."
    ),
    ReplayCause.CHANGED: (
        "The connector exists, but by the evidence it could not have answered, or answered only "
        "before or after a change. Compare exports and logs of the same time."
    ),
    ReplayCause.ROLE: (
        "The log is of another transport service than the connector's role in the evidence: the "
        "role was changed, or the log lies in a folder of another service."
    ),
    ReplayCause.NOBODY: (
        "Exchange refused the session with 421 4.3.2 although a connector holds the address: the "
        "service was paused or had not loaded its connectors, or the range is newer than the log."
    ),
    ReplayCause.TRANSLATION: (
        "The local endpoint is no address of the server: a virtual address or a translated one. "
        "Connectors bound to single local addresses cannot be told there."
    ),
    ReplayCause.MODEL: (
        "Nothing in the evidence explains it. Check that exports and logs are of the same time; if "
        "they are, the model is wrong here: please report it."
    ),
}


def replay(answers: Sequence[LoggedAnswer], view: View) -> Replay:
    """Put every logged answer through selection at its server, local endpoint and remote address.

    Args:
        answers: what receive logs say.
        view: the evidence.
    """
    rows = find_causes(view, answers)
    kinds = {kind: [row for row in rows if row[1].kind is kind] for kind in ReplayKind}
    compared = kinds[ReplayKind.AGREED] + kinds[ReplayKind.DISAGREED]
    devices = _Devices(view)
    translated = sum(
        answer.sessions
        for answer, _ in compared
        if answer.address is not None and devices.holds(answer.address)
    )
    return Replay(
        total=_count(rows),
        agreed=_count(kinds[ReplayKind.AGREED]),
        left_open=_count(kinds[ReplayKind.LEFT_OPEN]),
        disagreed=_count(kinds[ReplayKind.DISAGREED]),
        not_compared=_count(kinds[ReplayKind.NOT_COMPARED]),
        classes=tuple(_classes(rows)),
        translated_sessions=translated,
        said=tuple(_said(kinds, translated)),
    )


class _Devices:
    def __init__(self, view: View) -> None:
        self.gateways = {
            address for server in view.snapshot.servers for address in server.gateways or ()
        }
        self.appliances = view.snapshot.appliances or ()

    def holds(self, address: Address) -> bool:
        return address in self.gateways or any(address in one.addresses for one in self.appliances)


def _count(rows: Iterable[_Row]) -> ReplayCount:
    sessions = [answer.sessions for answer, _ in rows]
    return ReplayCount(sessions=sum(sessions), connections=len(sessions))


def _classes(rows: list[_Row]) -> list[ReplayClass]:
    groups: dict[ReplayCause, list[_Row]] = {}
    for row in rows:
        if row[1].cause is not None:
            groups.setdefault(row[1].cause, []).append(row)
    made = [_class(cause, members) for cause, members in groups.items()]
    return sorted(made, key=_rank)


def _rank(one: ReplayClass) -> tuple[int, bool, int, str]:
    kinds = (ReplayKind.DISAGREED, ReplayKind.LEFT_OPEN, ReplayKind.NOT_COMPARED)
    last = one.cause is ReplayCause.MODEL
    return kinds.index(one.cause.kind), last, -one.count.sessions, one.cause.value


def _class(cause: ReplayCause, rows: list[_Row]) -> ReplayClass:
    largest = sorted(rows, key=_by_sessions)[:_MOST_CASES]
    return ReplayClass(
        cause=cause,
        count=_count(rows),
        explanation=_EXPLAINED[cause],
        cases=tuple(_case(answer, found) for answer, found in largest),
    )


def _by_sessions(row: _Row) -> tuple[int, str, str, str]:
    answer = row[0]
    return -answer.sessions, answer.server or "", answer.connector, answer.client


def _case(answer: LoggedAnswer, found: Cause) -> ReplayCase:
    return ReplayCase(
        server=found.server or answer.server,
        role=answer.role,
        local=answer.local,
        port=answer.port,
        client=answer.client,
        logged=answer.connector,
        computed=found.computed,
        sessions=answer.sessions,
        first_seen=answer.first_seen,
        last_seen=answer.last_seen,
        example=answer.example,
        why=found.why,
    )


def _said(kinds: dict[ReplayKind, list[_Row]], translated: int) -> list[str]:
    agreed, disagreed = kinds[ReplayKind.AGREED], kinds[ReplayKind.DISAGREED]
    both = agreed + disagreed
    said = [f"Compared: {_amount(both)}{_where(both)}."]
    if both:
        said.append(f"Of these {_amount(agreed)} agree and {_amount(disagreed)} do not.")
    for kind, words in (
        (ReplayKind.LEFT_OPEN, "Left open by the evidence"),
        (ReplayKind.NOT_COMPARED, "Not compared"),
    ):
        if kinds[kind]:
            said.append(f"{words}: {_amount(kinds[kind])} ({_by_cause(kinds[kind])}).")
    if translated:
        said.append(
            f"Of the compared ones {counted(translated, 'session')} came from declared devices "
            "or default gateways: agreement there speaks of the device, not of its clients."
        )
    return said


def _amount(rows: list[_Row]) -> str:
    count = _count(rows)
    connections = counted(count.connections, "connection")
    return f"{counted(count.sessions, 'session')} of {connections}"


def _where(rows: list[_Row]) -> str:
    if not rows:
        return ""
    servers = enumerated(sorted({found.server for _, found in rows if found.server}))
    first = min(answer.first_seen for answer, _ in rows)
    last = max(answer.last_seen for answer, _ in rows)
    return f" at {servers}, {time_span(first, last)}"


def _by_cause(rows: list[_Row]) -> str:
    sessions: dict[str, int] = {}
    for answer, found in rows:
        if found.cause is not None:
            sessions[found.cause.value] = sessions.get(found.cause.value, 0) + answer.sessions
    ordered = sorted(sessions.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{cause} {number:,}" for cause, number in ordered)
