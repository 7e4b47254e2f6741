"""Merging what several exports say about one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rctango.addresses import RangeText
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
        fields: the values that stand.
        origins: where they were read.
        gaps: the disagreements.
    """

    label: str
    server: str | None
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    _dates: dict[str, datetime | None] = field(default_factory=dict)
    _entries: dict[str, list[AccessEntry]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take over what one export says; the newer one stands where two disagree."""
        self.name = min(self.name, record.name.strip())
        for name, value in record.fields.items():
            if name == "access_entries":
                source = record.origins[name].source
                self._entries.setdefault(source, []).extend(value)
                self.origins.setdefault(name, record.origins[name])
            elif name not in _COMPLETE.values():
                self._take(name, value, record)

    def _take(self, name: str, value: object, record: Record) -> None:
        if name in self.fields and not self._replaces(name, value, record):
            return
        self.fields[name] = value
        self._dates[name] = record.changed
        if name in record.origins:
            self.origins[name] = record.origins[name]
        flag = _COMPLETE.get(name)
        if flag:
            self.fields[flag] = record.fields.get(flag, True)

    def _replaces(self, name: str, value: object, record: Record) -> bool:
        """Whether a second statement takes the place of the first; notes a disagreement."""
        flag = _COMPLETE.get(name)
        if flag and self.fields[flag] != record.fields.get(flag, True):
            return not self.fields[flag]
        if _comparable(self.fields[name]) == _comparable(value):
            return False
        before, after = self._dates[name], record.changed
        newer = before is None or after is None or after >= before
        kept, dropped = record.origins.get(name), self.origins.get(name)
        if not newer:
            kept, dropped = dropped, kept
        why = f"two exports disagree; taken from {kept}, not from {dropped}"
        self.gaps.append(
            Gap(what=f"{name} of {self.label}", server=self.server, why=why, origin=kept)
        )
        return newer

    def finish(self) -> None:
        """Settle the access control entries, trustee by trustee."""
        if not self._entries:
            return
        stands: dict[str, list[AccessEntry]] = {}
        for source, entries in self._entries.items():
            by_name: dict[str, list[AccessEntry]] = {}
            for entry in entries:
                by_name.setdefault(entry.name.casefold(), []).append(entry)
            for name, own in by_name.items():
                if name in stands and _statements(stands[name]) != _statements(own):
                    why = f"two exports disagree about {own[0].name}; taken from {source}"
                    what = f"access control entries of {self.label}"
                    self.gaps.append(Gap(what=what, server=self.server, why=why))
                stands[name] = own
        flat = (entry for _, entries in sorted(stands.items()) for entry in entries)
        self.fields["access_entries"] = tuple(dict.fromkeys(flat))


def _statements(entries: Iterable[AccessEntry]) -> frozenset[tuple[int, bool, bool | None]]:
    return frozenset((int(one.rights), one.allow, one.inherited) for one in entries)


def _comparable(value: object) -> object:
    if isinstance(value, tuple):
        return frozenset(item.range if isinstance(item, RangeText) else item for item in value)
    return value
