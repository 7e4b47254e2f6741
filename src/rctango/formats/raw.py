"""What every encoding is decoded into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A value that the export no longer holds.

    Attributes:
        why: what happened to it.
        rest: the elements that are still there, when a list was cut short.
    """

    why: str
    rest: tuple[RawValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawObject:
    """One exported object, or a nested one.

    Attributes:
        types: its .NET type names, most derived first, without ``Deserialized.``; empty where the
            encoding has none.
        text: its ``ToString`` text, if the encoding keeps one.
        properties: by lower-case name, because PowerShell ignores case.
        locator: where in the artifact it stands, for example ``object 3`` or ``line 12``.
        lines: where single properties stand, for encodings that have a place for each.
        command: the PowerShell command line that stood before it in a console paste, if any.
    """

    types: tuple[str, ...] = ()
    text: str | None = None
    properties: Mapping[str, RawValue]
    locator: str
    lines: Mapping[str, str] | None = None
    command: str | None = None

    def get(self, name: str) -> RawValue:
        """The property called ``name`` in any case; None when absent or null."""
        return self.properties.get(name.lower())

    def where(self, name: str) -> str:
        """The place of one property, in words."""
        line = self.lines.get(name.lower()) if self.lines is not None else None
        return line or f"{self.locator}, {name}"


RawValue = None | bool | int | float | str | tuple["RawValue", ...] | RawObject | Lost
"""A decoded value: a scalar, a list, a nested object, or the mark of a lost one."""

_TYPE_NAME = re.compile(
    r"(?:Deserialized\.|Selected\.)?(?:System|Microsoft)\.[\w.+]+"
    r"(?:`\d+)?(?:\[[^{}]*\])?(?:\[\])?",
)

_TYPE_BEGINNINGS = ("System.", "Microsoft.", "Deserialized.", "Selected.")

_FIRST_CHARACTERS = "SMD \t\r\n"
"""What a type name can begin with; nearly every other text is let go at once."""

_LONGEST_TYPE_NAME = 1000
"""Longer text is never a type name; it is not searched for one."""


def lost_type_name(text: str) -> Lost | None:
    """The mark of a lost value if ``text`` is the name of a .NET collection or object type.

    That is what ``Export-Csv`` and ``ConvertTo-Csv`` write in place of a collection, and
    ``ConvertTo-Json`` in place of some objects below its depth.
    """
    if text[:1] not in _FIRST_CHARACTERS:
        return None
    cleaned = text.strip()
    if not cleaned.startswith(_TYPE_BEGINNINGS) or len(cleaned) > _LONGEST_TYPE_NAME:
        return None
    if not _TYPE_NAME.fullmatch(cleaned):
        return None
    return Lost(why=f"the export holds the type name {cleaned[:60]!r} in place of the values")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that was there but could not be decoded; decoding went on after it.

    Attributes:
        locator: where in the artifact it stands.
        why: why it could not be decoded.
    """

    locator: str
    why: str
