"""Where facts come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One piece of saved evidence.

    Attributes:
        name: what to call it in messages, usually the path as the user gave it.
        size: its length in bytes.
        open: opens it for reading from its start; may be called more than once.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Origin:
    """Where in which artifact a fact was read.

    Attributes:
        source: the artifact's name.
        locator: the object and property, or the line.
    """

    source: str
    locator: str

    def __str__(self) -> str:
        return f"{self.source}: {self.locator}" if self.locator else self.source


def origin_of(facts: tuple[tuple[str, Origin], ...], name: str) -> Origin | None:
    """Where the fact ``name`` was read, or None when it was not collected."""
    for fact, origin in facts:
        if fact == name:
            return origin
    return None
