"""Selection: which connector answers a connection at one listener.

Among the enabled connectors of the process that are bound to the local address and port, the one
with the smallest range that holds the remote address answers. A connector that is bound to exactly
that local address wins against one bound to the wildcard only when its range is not larger. Equal
ranges in the same place are decided by an order that is not defined: the answer is ambiguous.

Source: https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors and the
statements collected in docs/selection.md.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from rctango.analysis.sweep import Line, Span, sweep
from rctango.model.connection import Candidate, Reason, Selection, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.addresses import Address, RangeText
    from rctango.analysis.listeners import Bound, Contest
    from rctango.model.connector import Connector


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer for a run of remote addresses.

    Attributes:
        range: the remote range that won, when there is one winner.
    """

    verdict: Verdict
    connector: Connector | None
    range: RangeText | None
    contenders: tuple[Connector, ...]


@dataclass(frozen=True, slots=True)
class _Trace:
    """One connector by itself: its narrowest range for every address."""

    line: Line
    candidates: list[Candidate]
    keys: list[int]

    def at(self, value: int) -> int:
        return bisect_right(self.line.starts, value) - 1


class Table:
    """The complete selection table of one listener.

    Addresses are given as integers of the listener's family; ``select`` takes an ``Address``.

    Attributes:
        contest: the listener and the connectors that compete at it.
        starts: the first address of each piece with one answer, ascending.
        answers: the answer of each piece.
    """

    def __init__(self, contest: Contest) -> None:
        self.contest = contest
        self.listener = contest.listener
        self.family = contest.listener.local.family
        spans, ranges = self._spans(contest.bound)
        uncertain = {at for at, bound in enumerate(contest.bound) if not bound.certain}
        line = sweep(spans, self.family.maximum, uncertain)
        judge = _Judge(contest.bound, spans, ranges, uncertain)
        self.starts = line.starts
        self.answers = [judge.answer(top) for top in line.tops]

    def _spans(self, bound: Iterable[Bound]) -> tuple[list[Span], list[RangeText]]:
        spans: list[Span] = []
        ranges: list[RangeText] = []
        for owner, member in enumerate(bound):
            wildcard = 0 if member.specific else 1
            for entry in member.connector.remote_ranges or ():
                limits = entry.range
                if limits.family is self.family:
                    key = limits.size << 1 | wildcard
                    spans.append(Span(first=limits.first, last=limits.last, key=key, owner=owner))
                    ranges.append(entry)
        return spans, ranges

    def answer(self, value: int) -> Answer:
        """The answer for one address."""
        return self.answers[bisect_right(self.starts, value) - 1]

    def answer_all(self, values: Iterable[int]) -> list[Answer]:
        """The answers for many addresses, in their order."""
        places = map(partial(bisect_right, self.starts), values)
        return [self._shifted[place] for place in places]

    @cached_property
    def _shifted(self) -> list[Answer]:
        return [self.answers[-1], *self.answers]

    def select(self, address: Address) -> Selection:
        """The answer for one address with the reason why every other connector lost.

        An address of the other family is answered by nobody here.
        """
        if address.family is not self.family:
            answer = Answer(verdict=Verdict.REFUSED, connector=None, range=None, contenders=())
            losers = [
                Candidate(connector=bound.connector, range=None, reason=Reason.OTHER_FAMILY)
                for bound in self.contest.bound
            ]
        else:
            answer = self.answer(address.value)
            losers = self._losers(answer, address.value)
        return Selection(
            listener=self.listener,
            address=address,
            verdict=answer.verdict,
            connector=answer.connector,
            range=answer.range,
            contenders=answer.contenders,
            candidates=(*losers, *self.contest.others),
        )

    def _losers(self, answer: Answer, value: int) -> list[Candidate]:
        winner = answer.connector
        traces = self._traces
        hits = [trace.at(value) for trace in traces]
        if winner is None:
            return self._open_losers(answer, hits)
        at_winner = next(
            at for at, bound in enumerate(self.contest.bound) if bound.connector is winner
        )
        best = traces[at_winner].keys[hits[at_winner]]
        losers: list[Candidate] = []
        for at, (trace, hit) in enumerate(zip(traces, hits, strict=True)):
            if at == at_winner:
                continue
            candidate = trace.candidates[hit]
            if trace.keys[hit] == best + 1 and not best & 1:
                candidate = Candidate(
                    connector=candidate.connector,
                    range=candidate.range,
                    reason=Reason.TIE_SPECIFIC_BINDING,
                )
            losers.append(candidate)
        return losers

    def _open_losers(self, answer: Answer, hits: list[int]) -> list[Candidate]:
        reason = (
            Reason.TIE_UNDEFINED_ORDER
            if answer.verdict is Verdict.AMBIGUOUS
            else Reason.FACTS_MISSING
        )
        losers: list[Candidate] = []
        for trace, hit in zip(self._traces, hits, strict=True):
            candidate = trace.candidates[hit]
            if any(candidate.connector is contender for contender in answer.contenders):
                candidate = Candidate(
                    connector=candidate.connector, range=candidate.range, reason=reason
                )
            losers.append(candidate)
        return losers

    @cached_property
    def _traces(self) -> list[_Trace]:
        return [self._trace(bound) for bound in self.contest.bound]

    def _trace(self, bound: Bound) -> _Trace:
        spans, ranges = self._spans((bound,))
        line = sweep(spans, self.family.maximum)
        absent = Reason.NO_MATCHING_RANGE if spans else Reason.OTHER_FAMILY
        if not bound.connector.remote_ranges_complete or bound.connector.remote_ranges is None:
            absent = Reason.FACTS_MISSING
        candidates: list[Candidate] = []
        keys: list[int] = []
        for top in line.tops:
            entry = ranges[top[0]] if top else None
            reason = Reason.LESS_SPECIFIC if top else absent
            candidates.append(Candidate(connector=bound.connector, range=entry, reason=reason))
            keys.append(spans[top[0]].key if top else -2)
        return _Trace(line, candidates, keys)


class _Judge:
    """Turns winning spans into an answer, and never guesses."""

    def __init__(
        self,
        bound: tuple[Bound, ...],
        spans: list[Span],
        ranges: list[RangeText],
        uncertain: set[int],
    ) -> None:
        self.bound = bound
        self.spans = spans
        self.ranges = ranges
        self.uncertain = uncertain
        self.open = [
            at
            for at, member in enumerate(bound)
            if member.connector.remote_ranges is None or not member.connector.remote_ranges_complete
        ]
        self.made: dict[tuple[int, ...], Answer] = {}

    def answer(self, top: tuple[int, ...]) -> Answer:
        if top not in self.made:
            self.made[top] = self._answer(top)
        return self.made[top]

    def _answer(self, top: tuple[int, ...]) -> Answer:
        owners = [self.spans[index].owner for index in top]
        doubtful = any(owner in self.uncertain for owner in owners)
        possible = dict.fromkeys([*owners, *self.open])
        if not doubtful and len(possible) == len(owners) <= 1:
            if not owners:
                return self._open(Verdict.REFUSED, ())
            connector = self.bound[owners[0]].connector
            entry = self.ranges[top[0]]
            return Answer(verdict=Verdict.ANSWERED, connector=connector, range=entry, contenders=())
        tied = not doubtful and len(possible) == len(owners)
        return self._open(Verdict.AMBIGUOUS if tied else Verdict.UNDETERMINED, tuple(possible))

    def _open(self, verdict: Verdict, owners: tuple[int, ...]) -> Answer:
        contenders = tuple(self.bound[owner].connector for owner in owners)
        return Answer(verdict=verdict, connector=None, range=None, contenders=contenders)
