"""The sessions that go on from file to file, joined in the order of the files."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from rctango.traffic.scanner import OpenSession, Piece, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rctango.traffic.scanner import Remainder
    from rctango.traffic.schema import SessionFacts

MOST_CARRIED: Final = 20_000


class Identity(NamedTuple):
    """What tells a session from others, as its facts show it."""

    connector: str
    session: str
    remote: str
    port: int | None


def identity(facts: SessionFacts) -> Identity:
    """What tells a session from others."""
    return Identity(facts.connector, facts.session, facts.remote, facts.remote_port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Sessions with rows in a rewritten file and in others: they stay as they are.

    Attributes:
        spans: the times they cover, by identity.
    """

    spans: dict[Identity, list[tuple[datetime, datetime]]]

    @classmethod
    def of(cls, sessions: Iterable[SessionFacts]) -> Shared:
        """These sessions."""
        spans: dict[Identity, list[tuple[datetime, datetime]]] = defaultdict(list)
        for facts in sessions:
            spans[identity(facts)].append((facts.began, facts.last_seen))
        return cls(spans=dict(spans))

    def holds(self, facts: SessionFacts) -> bool:
        """Whether these facts are a part of one of them, told again."""
        return any(
            facts.began <= last and facts.last_seen >= first
            for first, last in self.spans.get(identity(facts), ())
        )


NOTHING_SHARED: Final = Shared(spans={})

_Event = tuple[int, Piece | OpenSession | None]
"""Where in the file something about a key happens: rows of an earlier session, a session that is
open at the end, or (None) one that began and ended in between."""


class Carry:
    """The open sessions of all chains, and what has changed since they were last stored."""

    def __init__(self, stored: Iterable[tuple[str, OpenSession]] = ()) -> None:
        self._open: dict[str, dict[str, OpenSession]] = defaultdict(dict)
        self._ids: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._changed: set[tuple[str, str]] = set()
        self._size = 0
        for chain, one in stored:
            self._put(chain, one)
        self._changed.clear()

    def __len__(self) -> int:
        return self._size

    def of(self, chain: str) -> tuple[OpenSession, ...]:
        """The open sessions of a chain."""
        return tuple(self._open[chain].values())

    def ids(self, chain: str, pieces: Iterable[Piece]) -> set[str]:
        """The session-ids of open sessions and pieces: those to look out for in a file."""
        return {*self._ids[chain], *(piece.key.rsplit("|", 2)[-2] for piece in pieces)}

    def changes(self) -> tuple[list[tuple[str, str]], list[tuple[str, OpenSession]]]:
        """The changed keys, and what is open under them now; then counts as stored."""
        keys = sorted(self._changed)
        self._changed.clear()
        return keys, [
            (chain, self._open[chain][key]) for chain, key in keys if key in self._open[chain]
        ]

    def replace(self, chain: str, remainder: Remainder) -> None:
        """A file was scanned with the open sessions of its chain; these are what is left."""
        for one in self.of(chain):
            self._drop(chain, one.key)
        for one in remainder.open:
            self._put(chain, one)

    def continue_with(
        self,
        chain: str,
        remainder: Remainder,
        whole: Sequence[SessionFacts],
        shared: Shared = NOTHING_SHARED,
    ) -> list[SessionFacts]:
        """Go on with the rest of the next file of a chain.

        Args:
            chain: which chain.
            remainder: what is left of the file.
            whole: sessions that began and ended in the file, at least those whose session-id is
                among ``ids``.
            shared: sessions that must not be told again.

        Returns:
            The sessions that ended.
        """
        events: dict[str, list[_Event]] = defaultdict(list)
        for piece in remainder.pieces:
            if not (shared.spans and shared.holds(join(None, piece)[0])):
                events[piece.key].append((piece.rows[0][0], piece))
        for one in remainder.open:
            if not shared.holds(one.facts):
                events[one.key].append((one.facts.first_offset, one))
        self._add_whole(chain, events, whole)
        ended: list[SessionFacts] = []
        for key, happened in events.items():
            happened.sort(key=lambda event: event[0])
            self._happen(chain, key, happened, ended)
        ended += self._overflow()
        return ended

    def _add_whole(
        self, chain: str, events: dict[str, list[_Event]], whole: Sequence[SessionFacts]
    ) -> None:
        """Note where sessions began that have the key of an open session or a piece."""
        if not whole:
            return
        keys = {identity(one.facts): key for key, one in self._open[chain].items()}
        for key, happened in events.items():
            for _, what in happened:
                if isinstance(what, Piece):
                    keys[identity(join(None, what)[0])] = key
        for facts in whole:
            key = keys.get(identity(facts), "")
            if key:
                events[key].append((facts.first_offset, None))

    def _happen(
        self, chain: str, key: str, happened: list[_Event], ended: list[SessionFacts]
    ) -> None:
        state = self._open[chain].get(key)
        for _, what in happened:
            if not isinstance(what, Piece):
                if state is not None:
                    ended.append(state.facts)
                state = what
                continue
            facts, state = _joined(state, what, ended)
            if state is None:
                ended.append(facts)
        if state is None:
            self._drop(chain, key)
        else:
            self._put(chain, state)

    def _overflow(self) -> list[SessionFacts]:
        """Give up the oldest sessions when there are too many; they count as never ended."""
        if self._size <= MOST_CARRIED:
            return []
        everything = [
            (one.facts.last_seen, chain, key)
            for chain, sessions in self._open.items()
            for key, one in sessions.items()
        ]
        oldest = sorted(everything)[: self._size - MOST_CARRIED]
        given_up = [self._open[chain][key].facts for _, chain, key in oldest]
        for _, chain, key in oldest:
            self._drop(chain, key)
        return given_up

    def forget_file(self, number: int) -> list[SessionFacts]:
        """Drop the sessions that have rows in this file only; give those with rows in several."""
        shared = []
        for chain, sessions in self._open.items():
            for one in list(sessions.values()):
                if one.facts.first_file != one.facts.last_file:
                    shared.append(one.facts)
                elif one.facts.first_file == number:
                    self._drop(chain, one.key)
        return shared

    def _put(self, chain: str, one: OpenSession) -> None:
        self._size += one.key not in self._open[chain]
        self._open[chain][one.key] = one
        self._ids[chain][one.facts.session].add(one.key)
        self._changed.add((chain, one.key))

    def _drop(self, chain: str, key: str) -> None:
        one = self._open[chain].pop(key, None)
        if one is not None:
            self._size -= 1
            keys = self._ids[chain][one.facts.session]
            keys.discard(key)
            if not keys:
                del self._ids[chain][one.facts.session]
            self._changed.add((chain, key))


def _joined(
    state: OpenSession | None, piece: Piece, ended: list[SessionFacts]
) -> tuple[SessionFacts, OpenSession | None]:
    """Join; a state that another version wrote ends with what is known of it."""
    try:
        return join(state, piece)
    except ValueError:
        if state is None:
            raise
        ended.append(state.facts)
        return join(None, piece)
