"""Merging what several exports say about one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rctango.addresses import RangeText
from rctango.model.rights import TrusteeKind
from rctango.model.snapshot import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rctango.intake.record import Record
    from rctango.model.origin import Origin
    from rctango.model.rights import AccessEntry

_COMPLETE = {"bindings": "bindings_complete", "remote_ranges": "remote_ranges_complete"}


@dataclass(slots=True)
class Merged:
    """All that is known about one object so far.

    Attributes:
        label: what to call it in messages.
        server: the server it belongs to.
        name: its name, in the spelling that is first in the alphabet.
        exists: whether an export lists it, and not only speaks about it.
        changed: when it was last changed, by the newest export.
        fields: the values that stand.
        origins: where they were read.
        gaps: the disagreements.
    """

    label: str
    server: str | None
    name: str
    exists: bool = False
    changed: datetime | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    _dates: dict[str, datetime | None] = field(default_factory=dict)
    _entries: dict[str, _Entries] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take over what one export says; the newer one stands where two disagree."""
        self.name = min(self.name, record.name.strip())
        self.exists = self.exists or record.exists
        self.changed = latest(self.changed, record.changed)
        for name, value in record.fields.items():
            if name == "access_entries":
                self._add_entries(record.origins[name], value, readable=record.readable)
            elif name not in _COMPLETE.values():
                self._take(name, value, record)

    def _add_entries(
        self, origin: Origin, entries: Iterable[AccessEntry], *, readable: bool
    ) -> None:
        own = self._entries.setdefault(origin.source, _Entries(origin))
        own.origin = min(own.origin, origin)
        own.readable = own.readable and readable
        own.entries.extend(entries)

    def _take(self, name: str, value: object, record: Record) -> None:
        if name not in self.fields:
            self._put(name, value, record)
            return
        dates = self._dates[name], record.changed
        if self._replaces(name, value, record):
            self._put(name, value, record)
        if _comparable(self.fields[name]) == _comparable(value):
            self._dates[name] = latest(*dates)

    def _put(self, name: str, value: object, record: Record) -> None:
        self.fields[name] = value
        self._dates[name] = record.changed
        if name in record.origins:
            self.origins[name] = record.origins[name]
        flag = _COMPLETE.get(name)
        if flag:
            self.fields[flag] = record.fields.get(flag, True)

    def _replaces(self, name: str, value: object, record: Record) -> bool:
        """Whether a second statement takes the place of the first; notes a disagreement."""
        flag = _COMPLETE.get(name, "")
        old, new = _comparable(self.fields[name]), _comparable(value)
        whole = self.fields.get(flag, True), record.fields.get(flag, True)
        if old == new and whole[0] == whole[1]:
            return self._is_first(name, value, record)
        if isinstance(old, frozenset) and isinstance(new, frozenset) and not all(whole):
            if not whole[0] and old <= new:
                return True
            if not whole[1] and new <= old:
                return False
        newer = is_newer(record.changed, self._dates[name])
        kept, dropped = record.origins.get(name), self.origins.get(name)
        if not newer:
            kept, dropped = dropped, kept
        undecided = record.changed is None or self._dates[name] is None
        why = f"two exports disagree; taken from {kept}, not from {dropped}"
        self._note(name, why, kept, unreadable=undecided)
        return newer

    def _note(
        self, what: str, why: str, origin: Origin | None, *, unreadable: bool = False
    ) -> None:
        what = f"{what} of {self.label}"
        gap = Gap(what=what, server=self.server, why=why, origin=origin, unreadable=unreadable)
        self.gaps.append(gap)

    def _is_first(self, name: str, value: object, record: Record) -> bool:
        """A choice between two equal statements that does not depend on their order."""
        old, new = self.origins.get(name), record.origins.get(name)
        if old is None or new is None:
            return False
        return (_spelling(value), new) < (_spelling(self.fields[name]), old)

    def finish(self) -> None:
        """Settle the access control entries, trustee by trustee."""
        whole = {source: own for source, own in self._entries.items() if own.readable}
        for source in self._entries.keys() - whole.keys():
            why = "some of them are lost, so that the others in this file would mislead"
            origin = self._entries[source].origin
            self._note("access control entries", why, origin, unreadable=True)
        if not whole:
            return
        stands: dict[str, tuple[str, list[AccessEntry]]] = {}
        for source, own in whole.items():
            for trustee, entries in own.by_trustee().items():
                before = stands.get(trustee)
                if before and _statements(before[1]) != _statements(entries):
                    why = f"two exports disagree about {entries[0].name}; all entries count"
                    self._note("access control entries", why, own.origin)
                    stands[trustee] = min(source, before[0]), [*before[1], *entries]
                elif not before or source < before[0]:
                    stands[trustee] = source, entries
        flat = (entry for _, (_, entries) in sorted(stands.items()) for entry in entries)
        self.fields["access_entries"] = tuple(dict.fromkeys(flat))
        self.origins["access_entries"] = min(own.origin for own in whole.values())


@dataclass(slots=True)
class _Entries:
    """The access control entries in one artifact; useless where some of them were lost."""

    origin: Origin
    entries: list[AccessEntry] = field(default_factory=list)
    readable: bool = True

    def by_trustee(self) -> dict[str, list[AccessEntry]]:
        result: dict[str, list[AccessEntry]] = {}
        for entry in self.entries:
            known = entry.trustee is not TrusteeKind.OTHER
            key = entry.trustee.value if known else f"\\{entry.name.casefold()}"
            result.setdefault(key, []).append(entry)
        return result


def is_newer(second: datetime | None, first: datetime | None) -> bool:
    """Whether the second of two statements counts: by its date, else because it came later."""
    return first is None or second is None or second >= first


def latest(first: datetime | None, second: datetime | None) -> datetime | None:
    """The later of two points in time, either of which may be unknown."""
    if first is None or second is None:
        return first or second
    return max(first, second)


def _statements(entries: Iterable[AccessEntry]) -> frozenset[tuple[int, bool, bool | None]]:
    return frozenset((int(one.rights), one.allow, one.inherited) for one in entries)


def _spelling(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(item.text if isinstance(item, RangeText) else str(item) for item in value)
    return repr(value)


def _comparable(value: object) -> object:
    if isinstance(value, tuple):
        return frozenset(item.range if isinstance(item, RangeText) else item for item in value)
    return value
