"""Which addresses stand for many clients, and whether the model agrees, as sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.judgement import SourceVerdict
from rctango.report.log_words import NOBODY, endpoint, number, plain, when
from rctango.report.records import time_text
from rctango.report.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.judgement import SourceJudgement
    from rctango.model.replay import ReplayClass
    from rctango.report.log_documents import ReplayReport, SnatReport


_SNAT_WORDS = {
    SourceVerdict.DECLARED: "declared as a device for many clients",
    SourceVerdict.EXCHANGE_SERVER: "an Exchange server",
    SourceVerdict.LIKELY: "likely stands for many clients",
    SourceVerdict.POSSIBLE: "possibly stands for many clients",
    SourceVerdict.UNLIKELY: "unlikely to stand for many clients",
    SourceVerdict.TOO_LITTLE: "too little to tell",
}


def snat_sheets(report: SnatReport) -> Iterator[Sheet]:
    """A sheet for each address that may stand for many, and the rest in numbers."""
    shown = (SourceVerdict.DECLARED, SourceVerdict.LIKELY, SourceVerdict.POSSIBLE)
    for one in report.sources:
        if one.verdict in shown:
            name = f" ({one.name})" if one.name else ""
            yield Sheet(
                title=f"{one.client}{name}: {_SNAT_WORDS[one.verdict]}, score {one.score}",
                columns=("Points", "What speaks for or against it"),
                rows=tuple((f"{signal.points:+}", signal.sentence) for signal in one.signals),
                notes=_snat_notes(one),
            )
    rest = [one for one in report.sources if one.verdict not in shown]
    yield Sheet(
        title="All other addresses",
        columns=("Verdict", "Addresses", "Sessions"),
        rows=tuple(
            (
                _SNAT_WORDS[verdict],
                number(sum(one.verdict is verdict for one in rest)),
                number(sum(one.sessions for one in rest if one.verdict is verdict)),
            )
            for verdict in SourceVerdict
            if any(one.verdict is verdict for one in rest)
        ),
        notes=() if report.evidence_given else ("No evidence given: subnets are guessed.",),
    )


def _snat_notes(one: SourceJudgement) -> tuple[str, ...]:
    seen = (
        f"Seen at {', '.join(one.listeners)}: {number(one.sessions)} sessions, "
        f"{number(one.messages)} messages. Confidence: {one.confidence.value}."
    )
    return (seen, one.settle) if one.settle else (seen,)


def snat_table(report: SnatReport) -> Sheet:
    """One row for each remote address."""
    return Sheet(
        title="sources",
        columns=(
            "client", "name", "verdict", "score", "confidence", "listeners", "sessions",
            "messages", "sender_domains", "limit_refusals", "signals", "settle",
        ),
        rows=tuple(
            (
                one.client, one.name, one.verdict.value, plain(one.score), one.confidence.value,
                "; ".join(one.listeners), plain(one.sessions), plain(one.messages),
                plain(one.sender_domains), plain(one.limit_refusals),
                "; ".join(f"{signal.kind.value} {signal.points:+}" for signal in one.signals),
                one.settle,
            )
            for one in report.sources
        ),
    )  # fmt: skip


def _percent(value: float | None) -> str:
    return "nothing to compare" if value is None else f"{value:.2f} %"


def replay_sheets(report: ReplayReport) -> Iterator[Sheet]:
    """The agreement, then each class of disagreement with its cases."""
    replay = report.replay
    counts = (
        ("Agreed", replay.agreed),
        ("Disagreed", replay.disagreed),
        ("Left open by the evidence", replay.left_open),
        ("Not compared", replay.not_compared),
        ("All", replay.total),
    )
    yield Sheet(
        title=f"Agreement: {_percent(report.percent)} of the compared sessions, "
        f"{_percent(report.percent_of_connections)} of the different connections",
        columns=("Logged answers", "Sessions", "Connections"),
        rows=tuple((name, number(one.sessions), number(one.connections)) for name, one in counts),
        notes=replay.said,
    )
    for one in replay.classes:
        yield _replay_class(one)


def _replay_class(one: ReplayClass) -> Sheet:
    left_out = one.count.connections - len(one.cases)
    more = (f"{number(left_out)} more connections are not shown.",) if left_out > 0 else ()
    return Sheet(
        title=f"{one.cause.value}: {number(one.count.sessions)} sessions ({one.cause.kind.value})",
        columns=("At", "Client", "Logged", "Computed", "Sessions", "Last seen", "Why"),
        rows=tuple(
            (
                endpoint(case.server, case.local, case.port),
                case.client,
                case.logged or NOBODY,
                case.computed,
                number(case.sessions),
                when(case.last_seen),
                case.why,
            )
            for case in one.cases
        ),
        notes=(one.explanation, *more),
    )


def replay_table(report: ReplayReport) -> Sheet:
    """One row for each case that does not agree."""
    return Sheet(
        title="disagreements",
        columns=(
            "kind", "cause", "server", "role", "local_address", "port", "client", "logged",
            "computed", "sessions", "first_seen", "last_seen", "example", "why",
        ),
        rows=tuple(
            (
                one.cause.kind.value, one.cause.value, case.server or "", case.role or "",
                case.local, plain(case.port), case.client, case.logged, case.computed,
                plain(case.sessions), time_text(case.first_seen), time_text(case.last_seen),
                case.example, case.why,
            )
            for one in report.replay.classes
            for case in one.cases
        ),
    )  # fmt: skip
