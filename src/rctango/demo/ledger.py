"""The bookkeeping behind the truth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rctango.demo.plan import DAY
from rctango.demo.talk import time_text
from rctango.demo.truth import (
    CaptureTruth,
    FileTruth,
    OpenTruth,
    SelectionTruth,
    SourceTruth,
    Truth,
    UsageTruth,
)

if TYPE_CHECKING:
    from rctango.demo.talk import Talk

Key = tuple[str, str | None, str, str]
"""Log, role, connector, client."""

CHANGED = "configuration-changed"
"""A cause: the connector had other ranges then."""

SHARED = frozenset({"load-balancer", "nat"})
"""The kinds of addresses that stand for several clients."""


class _Usage:
    __slots__ = (
        "days",
        "ehlo",
        "failures",
        "first",
        "foreign",
        "last",
        "messages",
        "own",
        "refused",
        "sessions",
        "tls",
    )

    def __init__(self, first: int) -> None:
        self.first = first
        self.last = first
        self.sessions = self.messages = self.own = self.foreign = self.refused = 0
        self.failures = self.tls = 0
        self.days: set[int] = set()
        self.ehlo: set[str] = set()

    def add(self, talk: Talk) -> None:
        tally = talk.tally
        self.sessions += 1
        self.messages += tally.messages
        self.own += tally.own
        self.foreign += tally.foreign
        self.refused += tally.refused
        self.failures += tally.failures
        self.tls += tally.tls
        self.first = min(self.first, talk.first)
        self.last = max(self.last, talk.last)
        self.days.add(talk.first // DAY)
        self.ehlo.update(tally.ehlo)

    def truth(self, key: Key) -> UsageTruth:
        log, role, connector, client = key
        return UsageTruth(
            log=log,
            role=role,
            server=connector.partition("\\")[0] if log == "receive" else None,
            connector=connector,
            client=client,
            sessions=self.sessions,
            messages=self.messages,
            recipients_own=self.own,
            recipients_foreign=self.foreign,
            recipients_refused=self.refused,
            auth_failures=self.failures,
            tls_sessions=self.tls,
            first_seen=time_text(self.first),
            last_seen=time_text(self.last),
            days=len(self.days),
            ehlo_names=tuple(sorted(self.ehlo)),
        )


def _by_text(key: Key) -> tuple[str, ...]:
    return tuple(part or "" for part in key)


class Ledger:
    """Counts sessions, files and the rest.

    Attributes:
        files: the finished files.
        captured: attempts by (server, connector, peer).
        behind: the clients seen behind an address, by (address, kind).
    """

    def __init__(self) -> None:
        self.files: list[FileTruth] = []
        self.captured: Counter[tuple[str, str, str]] = Counter()
        self.behind: dict[tuple[str, str], set[str]] = {}
        self._usage: dict[Key, _Usage] = {}
        self._open: list[OpenTruth] = []
        self._empty = 0
        self._explained = 0
        self._unexplained: Counter[str] = Counter()

    def add(self, log: str, role: str | None, server: str, talk: Talk) -> None:
        """A session that was written, whole or up to the end of the logs."""
        key = (log, role, talk.connector, talk.client)
        usage = self._usage.get(key)
        if usage is None:
            usage = self._usage[key] = _Usage(talk.first)
        usage.add(talk)
        if not talk.connector:
            self._empty += 1
        if talk.explained:
            self._explained += 1
        elif talk.explained is not None:
            self._unexplained[CHANGED] += 1
        if not talk.closed:
            self._open.append(OpenTruth(log=log, role=role, server=server, session=talk.session))

    def truth(self) -> Truth:
        """What has been counted."""
        sources = [
            SourceTruth(address=address, kind=kind, clients=len(seen))
            for (address, kind), seen in sorted(self.behind.items())
        ]
        keys = sorted(self._usage, key=_by_text)
        open_ = sorted(self._open, key=lambda one: (one.server, one.log, one.session))
        return Truth(
            files=tuple(sorted(self.files, key=lambda one: one.path)),
            usage=tuple(self._usage[key].truth(key) for key in keys),
            shared_sources=tuple(one for one in sources if one.kind in SHARED),
            single_sources=tuple(one for one in sources if one.kind not in SHARED),
            selection=SelectionTruth(
                explained=self._explained, unexplained=tuple(sorted(self._unexplained.items()))
            ),
            empty_connector_sessions=self._empty,
            open_at_end=tuple(open_),
            captured_servers=tuple(
                CaptureTruth(server=server, connector=connector, peer=peer, sessions=number)
                for (server, connector, peer), number in sorted(self.captured.items())
            ),
        )
