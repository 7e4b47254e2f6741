"""What renderers need beyond the model; the application fills it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rctango.model.connection import Selection
    from rctango.model.finding import Severity
    from rctango.model.rights import SessionRights


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichRow:
    """The answer at one listener to the question which connector answers an address.

    Attributes:
        rights: what the client may do; None when no single connector is known to answer.
        reason: one sentence: why the verdict is what it is; empty for a general one.
    """

    selection: Selection
    rights: SessionRights | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule of the catalogue, for people.

    Attributes:
        severity: the worst that its findings get.
        needs: the facts without which it cannot judge.
        explanation: what it finds and why that is bad; paragraphs are parted by line breaks.
        sources: the documents it rests on.
    """

    name: str
    title: str
    severity: Severity
    needs: tuple[str, ...]
    explanation: str
    sources: tuple[str, ...]
