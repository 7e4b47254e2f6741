"""Which files have to be read, from where on and in which order."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rctango.errors import EvidenceError
from rctango.traffic.kinds import LogKind, recognise
from rctango.traffic.ledger import (
    WINDOW,
    Match,
    Place,
    Relation,
    match,
    place_of,
    read_part,
    relate,
)
from rctango.traffic.logfiles import NONE, find
from rctango.traffic.schema import RECEIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.traffic.ledger import Entry, Ledger
    from rctango.traffic.logfiles import LogFile

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A file to be read.

    Attributes:
        file: which.
        number: the entry's.
        kind: what it is.
        chain: the logs among which its sessions go on.
        entry: what is known of it already; None for a new content.
        replaces: the entry whose content the file held before; None if there is none.
        copies: other files with the same content, or with a beginning of it.
    """

    file: LogFile
    number: int
    kind: LogKind
    chain: str
    entry: Entry | None
    replaces: int | None
    copies: tuple[LogFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that is no protocol log.

    Attributes:
        file: which.
        number: the entry's.
        kind: what it is.
    """

    file: LogFile
    number: int
    kind: LogKind


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is to be done.

    Attributes:
        tasks: the files to be read, in this order.
        refusals: files to be entered as refused.
        places: where known contents were seen anew.
        removals: entries whose content is gone and not replaced by one to be read.
        unchanged: the names of files with nothing new.
        copies: the names of files with the content of another one.
        refused: (name, reason) of all that are no protocol logs.
        problems: (name, reason) of all that could not be read.
    """

    tasks: list[Task] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    removals: list[int] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Candidate:
    """A file with something new; ``claim`` is the entry whose content it goes on with."""

    file: LogFile
    kind: LogKind
    own: Entry | None
    claim: Entry | None = None
    copies: list[_Candidate] = field(default_factory=list)


def make_plan(files: Iterable[LogFile], ledger: Ledger) -> Plan:
    """Compare files with the ledger, and with each other; their order does not matter."""
    planner = _Planner(ledger)
    ordered = sorted(files, key=lambda file: (file.place, file.member))
    fresh = [one for file in ordered if (one := planner.look_at(file)) is not None]
    fresh.sort(key=_preference)
    unclaimed = [one for one in fresh if not planner.identify(one)]
    planner.schedule(unclaimed)
    return planner.plan


def _ignore(_name: str, _reason: str) -> None:
    """Nobody asked for it."""


def natural(text: str) -> list[tuple[str, int]]:
    """A key that sorts numbers inside texts by value: ``RECV-2`` before ``RECV-10``."""
    parts = _DIGITS.split(text.casefold())
    return [(part, 0) if at % 2 == 0 else ("", int(part[:18])) for at, part in enumerate(parts)]


def _preference(one: _Candidate) -> tuple[object, ...]:
    """Which of several copies is read: one whose folder tells the role, unpacked, by name."""
    file = one.file
    return (
        one.kind.role is None,
        file.compression != NONE,
        natural(file.place),
        natural(file.member),
    )


def _order(one: _Candidate) -> tuple[object, ...]:
    """By time, then by file name: sessions go on from file to file in this order."""
    began = one.claim.began if one.claim else one.kind.began
    name = PurePath(one.file.member or one.file.place).name
    return began, natural(name), natural(one.file.place), natural(one.file.member)


def _chain(file: LogFile, log: str | None) -> str:
    """Session-ids are unique for a server only, which a send log does not name; its folder may."""
    if log == RECEIVE:
        return RECEIVE
    folder = file.place if file.member else str(PurePath(file.place).parent)
    inside = file.member.replace("\\", "/").rpartition("/")[0]
    return f"{log} {folder}!{inside}" if file.member else f"{log} {folder}"


class _Planner:
    def __init__(self, ledger: Ledger) -> None:
        self.plan = Plan()
        self._ledger = ledger
        self._next = ledger.next_number
        self._holders: dict[int, LogFile] = {}
        self._grown: dict[int, list[_Candidate]] = defaultdict(list)
        self._lost: dict[int, set[tuple[str, str]]] = defaultdict(set)
        self._gained: set[int] = set()

    def look_at(self, file: LogFile) -> _Candidate | None:
        """Sort out what is unchanged, refused or unreadable."""
        own = self._ledger.entry_at(file)
        if own is not None and self._ledger.is_unchanged(file):
            self._unchanged(file, own)
            return None
        try:
            head = read_part(file, 0, WINDOW)
        except EvidenceError as error:
            self.plan.problems.append((file.name, error.reason))
            return None
        kind = recognise(head, f"{file.place}/{file.member}" if file.member else file.place)
        if kind.refusal is not None:
            self._refuse(file, kind, own)
            return None
        return _Candidate(file=file, kind=kind, own=own)

    def _unchanged(self, file: LogFile, entry: Entry) -> None:
        if entry.refusal is not None:
            self.plan.refused.append((file.name, entry.refusal))
            return
        self._holders.setdefault(entry.number, file)
        self.plan.unchanged.append(file.name)
        if entry.problem is not None:
            self.plan.problems.append((file.name, entry.problem))

    def _refuse(self, file: LogFile, kind: LogKind, own: Entry | None) -> None:
        self.plan.refused.append((file.name, kind.refusal or ""))
        if own is not None and own.refusal is not None:
            number = own.number
        else:
            number = self._number()
            self._lose(file, own)
        self.plan.refusals.append(Refusal(file=file, number=number, kind=kind))

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _lose(self, file: LogFile, own: Entry | None) -> None:
        """A place no longer holds what it held."""
        if own is not None:
            self._lost[own.number].add((file.place, file.member))

    def identify(self, one: _Candidate) -> bool:
        """Find the content in the ledger; False when it is a new one."""
        known = self._ledger.alike(one.kind.log, one.kind.began)
        if one.own is not None and one.own.refusal is None:
            known = [one.own, *(entry for entry in known if entry.number != one.own.number)]
        return any(self._fits(one, entry) for entry in known)

    def _fits(self, one: _Candidate, entry: Entry) -> bool:
        is_own = entry is one.own
        if entry.log != one.kind.log or not (is_own or entry.fingerprint.offset):
            return False
        found = match(one.file, entry.fingerprint)
        if found is Match.SHORTER and self._is_beginning(one.file, entry, is_own=is_own):
            found = Match.SAME
        if found is Match.GROWN:
            one.claim = entry
            self._grown[entry.number].append(one)
        elif found is Match.SAME:
            self._seen(one, entry, is_own=is_own)
        else:
            return False
        if not is_own:
            self._lose(one.file, one.own)
        self._gained.add(entry.number)
        return True

    def _seen(self, one: _Candidate, entry: Entry, *, is_own: bool) -> None:
        self._holders.setdefault(entry.number, one.file)
        self.plan.places.append(place_of(one.file, entry.number))
        names = self.plan.unchanged if is_own else self.plan.copies
        names.append(one.file.name)
        if entry.problem is not None and is_own:
            self.plan.problems.append((one.file.name, entry.problem))

    def _is_beginning(self, file: LogFile, entry: Entry, *, is_own: bool) -> bool:
        """Whether a shorter file is an earlier state of a content.

        If no file holds the content any more, a full head decides: two logs do not share 64 KiB
        of times and session-ids.
        """
        holder = self._holders.get(entry.number) or self._still_there(entry)
        if holder is not None:
            return relate(file, holder) in {Relation.EQUAL, Relation.FIRST_IS_SHORTER}
        if is_own or entry.fingerprint.head_length < WINDOW:
            return False
        return len(read_part(file, 0, WINDOW)) == WINDOW

    def _still_there(self, entry: Entry) -> LogFile | None:
        """A file that holds a content, though it was not asked for."""
        for place in self._ledger.places(entry.number):
            path = Path(place.path)
            for file in find([place.path], "", _ignore) if path.is_file() else ():
                if place_of(file, entry.number) == place:
                    return file
        return None

    def schedule(self, unclaimed: list[_Candidate]) -> None:
        """Make the tasks; of several files with one content only the longest is read."""
        chosen = []
        for claimants in self._grown.values():
            first, *others = _distinct(claimants)
            chosen.append(first)
            for one in others:
                one.claim = None
                unclaimed.append(one)
        for alike in _by_began(unclaimed):
            chosen.extend(_distinct(alike))
        for one in chosen:
            for copy in (one, *one.copies):
                if copy.own is not one.claim:
                    self._lose(copy.file, copy.own)
            self.plan.copies.extend(copy.file.name for copy in one.copies)
        replaced = self._replaced()
        for one in sorted(chosen, key=_order):
            self.plan.tasks.append(self._task(one, replaced))
        self.plan.removals.extend(sorted(replaced.values()))

    def _replaced(self) -> dict[tuple[str, str], int]:
        """The entries that no place holds any more, by the place that held them last."""
        gone = {}
        for number, lost in self._lost.items():
            left = [
                place
                for place in self._ledger.places(number)
                if (place.path, place.member) not in lost
            ]
            if not left and number not in self._gained:
                gone[max(lost)] = number
        return gone

    def _task(self, one: _Candidate, replaced: dict[tuple[str, str], int]) -> Task:
        log = one.kind.log
        replaces = replaced.pop((one.file.place, one.file.member), None)
        return Task(
            file=one.file,
            number=one.claim.number if one.claim else self._number(),
            kind=one.kind,
            chain=one.claim.chain if one.claim else _chain(one.file, log),
            entry=one.claim,
            replaces=replaces,
            copies=tuple(copy.file for copy in one.copies),
        )


def _by_began(candidates: list[_Candidate]) -> list[list[_Candidate]]:
    """Groups of what may be the same content; contents without any time are all their own."""
    groups: dict[tuple[object, ...], list[_Candidate]] = defaultdict(list)
    for at, one in enumerate(candidates):
        groups[(one.kind.log, one.kind.began) if one.kind.began else (at,)].append(one)
    return list(groups.values())


def _distinct(candidates: list[_Candidate]) -> list[_Candidate]:
    """One candidate for each content, the longest; the others become its copies."""
    chosen: list[_Candidate] = []
    for one in candidates:
        for place, other in enumerate(chosen):
            relation = relate(one.file, other.file)
            if relation is Relation.DISTINCT:
                continue
            longer, shorter = (
                (one, other) if relation is Relation.SECOND_IS_SHORTER else (other, one)
            )
            longer.copies.extend((shorter, *shorter.copies))
            chosen[place] = longer
            break
        else:
            chosen.append(one)
    return chosen
