"""One object's facts while they are being read: values, their places, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rctango.formats.raw import Lost, RawObject
from rctango.intake.values import bool_of, flags_of, is_blank, list_of, text_of
from rctango.model.origin import Origin
from rctango.model.snapshot import Gap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Record:
    """The facts that one exported object states about one thing.

    Attributes:
        noun: the model type it will become part of.
        server: the server it names; None when it names none.
        name: its name.
        fields: values by attribute name of the model type; absent when not collected.
        origins: where each value was read.
        changed: when the object was last changed, by its own account.
        exists: False when it is only spoken about, as a connector is by its access entries.
        readable: False when a part of it was lost without which the rest would mislead.
    """

    noun: str
    server: str | None
    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    changed: datetime | None = None
    exists: bool = True
    readable: bool = True


class FieldReader:
    """Reads properties of one raw object into a record and notes what cannot be read."""

    def __init__(self, source: str, raw: RawObject, record: Record, label: str) -> None:
        self.source = source
        self.raw = raw
        self.record = record
        self.label = label
        self.gaps: list[Gap] = []

    def origin(self, prop: str) -> Origin:
        """Where the property stands."""
        return Origin(source=self.source, locator=self.raw.where(prop))

    def put(self, attribute: str, prop: str, value: object) -> None:
        """Record a value and where it was read."""
        self.record.fields[attribute] = value
        self.record.origins[attribute] = self.origin(prop)

    def gap(self, prop: str, why: str, *, unreadable: bool = True) -> None:
        """Note that a property is lacking or doubtful."""
        self.gaps.append(
            Gap(
                what=f"{prop} of {self.label}",
                server=self.record.server,
                why=why,
                origin=self.origin(prop),
                unreadable=unreadable,
            )
        )

    def boolean(self, attribute: str, prop: str) -> None:
        """Read a Boolean."""
        value = self.raw.get(prop)
        if is_blank(value):
            return
        answer = bool_of(value)
        if answer is None:
            self.gap(prop, _why(value, "is neither True nor False"))
        else:
            self.put(attribute, prop, answer)

    def text(self, attribute: str, prop: str) -> None:
        """Read a text; a null property is an empty text."""
        if prop.lower() not in self.raw.properties:
            return
        value = self.raw.get(prop)
        if isinstance(value, Lost):
            self.gap(prop, value.why)
        else:
            self.put(attribute, prop, (text_of(value) or "").strip())

    def flags(self, attribute: str, prop: str, names: Mapping[str, int], kind: type[int]) -> None:
        """Read a flags enumeration."""
        value = self.raw.get(prop)
        if is_blank(value):
            return
        flags = flags_of(value, names)
        if flags is None:
            self.gap(prop, _why(value, "holds no value"))
            return
        if flags.unknown:
            words = ", ".join(flags.unknown)
            self.gap(prop, f"holds values that are not known: {words[:100]}")
        if flags.value or not flags.unknown:
            self.put(attribute, prop, kind(flags.value))

    def texts(self, attribute: str, prop: str) -> bool:
        """Read a multivalued property of texts; gives whether it is complete."""
        values = list_of(self.raw.get(prop))
        if values is None:
            return True
        if values.lost:
            self.gap(prop, values.lost)
        if values.items or not values.lost:
            self.put(attribute, prop, values.items)
        return not values.lost


def _why(value: object, otherwise: str) -> str:
    return value.why if isinstance(value, Lost) else otherwise
