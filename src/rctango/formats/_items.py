"""What the decoders share: top-level values as items."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rctango.formats.raw import Lost, RawObject, RawValue, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

Item = RawObject | Skipped
"""What a decoder hands out, one after another."""

_SHOWN = 60
"""So much of a stray value is quoted."""


def as_items(value: RawValue, locator: str) -> Iterator[Item]:
    """One top-level value as objects; the elements of a list stand for themselves."""
    if isinstance(value, RawObject):
        yield value if value.locator == locator else replace(value, locator=locator)
    elif isinstance(value, tuple):
        for number, element in enumerate(value, start=1):
            yield from as_items(element, f"{locator}[{number}]")
    else:
        yield Skipped(locator=locator, why=_why_no_object(value))


def _why_no_object(value: str | float | Lost | None) -> str:
    if value is None:
        return "null, not an object"
    if isinstance(value, Lost):
        return value.why
    shown = str(value)[:_SHOWN]
    return f"{shown!r}, a plain value and not an object"
