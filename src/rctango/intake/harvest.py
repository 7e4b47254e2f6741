"""Finding the objects of known kinds in what an artifact holds, however deep they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.formats.raw import RawObject
from rctango.intake.kinds import Kind, classify
from rctango.intake.names import property_text, server_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.formats.raw import RawValue

_DEEPEST = 12
"""HealthChecker's adapters lie five levels down; nothing useful lies deeper than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object of a known kind.

    Attributes:
        server: the server that an enclosing object names; None when none does.
    """

    kind: Kind
    raw: RawObject
    server: str | None


def harvest(raw: RawObject) -> Iterator[Found]:
    """Every object of a known kind in ``raw``: itself, or those inside it."""
    yield from _descend(raw, None, 0)


def _descend(value: RawValue, server: str | None, depth: int) -> Iterator[Found]:
    if depth > _DEEPEST:
        return
    if isinstance(value, tuple):
        for element in value:
            yield from _descend(element, server, depth + 1)
    elif isinstance(value, RawObject):
        kind = classify(value)
        if kind is not None:
            yield Found(kind=kind, raw=value, server=server)
            return
        inside = server_name(property_text(value, "ServerName", "ServerObjectId")) or server
        for element in value.properties.values():
            yield from _descend(element, inside, depth + 1)
