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
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rctango.analysis.lookup import find_all, finder
from rctango.analysis.sweep import Span, sweep
from rctango.model.connection import Candidate, Reason, Selection, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rctango.addresses import Address, RangeText
    from rctango.analysis.listeners import Bound, Contest
    from rctango.model.connector import Connector


class Answer(NamedTuple):
    """The answer for a run of remote addresses; a tuple, because there may be very many.

    Attributes:
        range: the remote range that won, when there is one winner.
    """

    verdict: Verdict
    connector: Connector | None
    range: RangeText | None
    contenders: tuple[Connector, ...] = ()


class _Trace(NamedTuple):
    """One connector by itself: its narrowest range for every address."""

    starts: list[int]
    candidates: list[Candidate]
    keys: list[int]

    def at(self, value: int) -> int:
        return bisect_right(self.starts, value) - 1


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
        entrants = _entrants(contest.bound)
        spans, ranges = self._spans(entrants)
        uncertain = {at for at, bound in enumerate(entrants) if not bound.certain}
        line = sweep(spans, self.family.maximum, uncertain)
        judge = _Judge(entrants, spans, ranges, uncertain)
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
                    spans.append(Span(limits.first, limits.last, key, owner))
                    ranges.append(entry)
        return spans, ranges

    @cached_property
    def answer(self) -> Callable[[int], Answer]:
        """A function that gives the answer for one address."""
        return finder(self.starts, self.answers, self.family)

    def answer_all(self, values: Iterable[int]) -> list[Answer]:
        """The answers for many addresses, in their order."""
        return find_all(self.starts, self.answers, self.family, values)

    def select(self, address: Address) -> Selection:
        """The answer for one address with the reason why every other connector lost.

        An address of the other family is answered by nobody here.
        """
        if address.family is not self.family:
            answer = Answer(Verdict.REFUSED, None, None)
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
        traces = self._traces
        if answer.connector is None:
            return self._open_losers(answer, [trace.at(value) for trace in traces])
        losers = [candidates[bisect_right(starts, value) - 1] for starts, candidates, _ in traces]
        winner = self._places[id(answer.connector)]
        if self._has_specific:
            self._mark_ties(losers, traces[winner], value)
        del losers[winner]
        return losers

    def _mark_ties(self, losers: list[Candidate], winner: _Trace, value: int) -> None:
        """Say of an equal range on the wildcard address that the specific one beat it."""
        best = winner.keys[winner.at(value)]
        if best & 1:
            return
        for at, trace in enumerate(self._traces):
            if trace.keys[trace.at(value)] == best + 1:
                losers[at] = replace(losers[at], reason=Reason.TIE_SPECIFIC_BINDING)

    @cached_property
    def _has_specific(self) -> bool:
        return any(bound.specific for bound in self.contest.bound)

    @cached_property
    def _places(self) -> dict[int, int]:
        return {id(bound.connector): at for at, bound in enumerate(self.contest.bound)}

    def _open_losers(self, answer: Answer, hits: list[int]) -> list[Candidate]:
        contenders = {id(connector) for connector in answer.contenders}
        ambiguous = answer.verdict is Verdict.AMBIGUOUS
        reason = Reason.TIE_UNDEFINED_ORDER if ambiguous else Reason.FACTS_MISSING
        rows = [
            (trace.candidates[hit], trace.keys[hit])
            for trace, hit in zip(self._traces, hits, strict=True)
        ]
        tied = {key for one, key in rows if ambiguous and id(one.connector) in contenders}
        losers: list[Candidate] = []
        for candidate, key in rows:
            if id(candidate.connector) in contenders:
                losers.append(replace(candidate, reason=reason))
            elif key & 1 and key - 1 in tied:
                losers.append(replace(candidate, reason=Reason.TIE_SPECIFIC_BINDING))
            else:
                losers.append(candidate)
        return losers

    @cached_property
    def _traces(self) -> list[_Trace]:
        return [self._trace(bound) for bound in self.contest.bound]

    def _trace(self, bound: Bound) -> _Trace:
        spans, ranges = self._spans((bound,))
        line = sweep(spans, self.family.maximum)
        other_family = bool(bound.connector.remote_ranges) and not spans
        absent = Reason.OTHER_FAMILY if other_family else Reason.NO_MATCHING_RANGE
        if not bound.ranges_known:
            absent = Reason.FACTS_MISSING
        candidates: list[Candidate] = []
        keys: list[int] = []
        for top in line.tops:
            entry = ranges[top[0]] if top else None
            reason = Reason.LESS_SPECIFIC if top else absent
            candidates.append(Candidate(connector=bound.connector, range=entry, reason=reason))
            keys.append(spans[top[0]].key if top else -2)
        return _Trace(line.starts, candidates, keys)


def _entrants(bound: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """Those who compete: a connector that may also be bound specifically competes twice."""
    twice = [
        replace(member, specific=True, certain=False) for member in bound if member.maybe_specific
    ]
    return (*bound, *twice)


class _Judge:
    """Turns winning spans into an answer, and never guesses."""

    def __init__(
        self,
        entrants: tuple[Bound, ...],
        spans: list[Span],
        ranges: list[RangeText],
        uncertain: set[int],
    ) -> None:
        self.connectors = [member.connector for member in entrants]
        self.spans = spans
        self.ranges = ranges
        self.uncertain = uncertain
        self.open = {
            at: 2 | (not member.specific)
            for at, member in enumerate(entrants)
            if not member.ranges_known
        }
        """Who may have ranges that are not known, and the best precedence they could give."""
        self.made: dict[tuple[int, ...], Answer] = {}

    def answer(self, top: tuple[int, ...]) -> Answer:
        answer = self.made.get(top)
        if answer is None:
            answer = self.made[top] = self._answer(top)
        return answer

    def _answer(self, top: tuple[int, ...]) -> Answer:
        if len(top) == 1 and not self.open and not self.uncertain:
            return self._answered(top[0])
        owners = [self.spans[index].owner for index in top]
        sure = [owner for owner in owners if owner not in self.uncertain]
        lurking = self._lurking(top, settled=bool(sure))
        possible = {id(self.connectors[at]): self.connectors[at] for at in (*owners, *lurking)}
        if not possible:
            return Answer(Verdict.REFUSED, None, None)
        if sure and len(possible) == 1:
            return self._answered(top[0])
        tied = len(sure) == len(owners) and not lurking
        verdict = Verdict.AMBIGUOUS if tied else Verdict.UNDETERMINED
        contenders = sorted(possible.values(), key=lambda one: one.identity)
        return Answer(verdict, None, None, tuple(contenders))

    def _lurking(self, top: tuple[int, ...], *, settled: bool) -> list[int]:
        """Who might win or tie with a range that is not known.

        Nobody does below the last tier of ``top`` when that holds a sure owner, nor with a range
        that is no better than the one already there.
        """
        keys = {self.spans[index].owner: self.spans[index].key for index in top}
        last = self.spans[top[-1]].key if settled else None
        return [
            at
            for at, best in self.open.items()
            if (last is None or best <= last) and keys.get(at) != best
        ]

    def _answered(self, index: int) -> Answer:
        connector = self.connectors[self.spans[index].owner]
        return Answer(Verdict.ANSWERED, connector, self.ranges[index])
