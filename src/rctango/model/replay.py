"""What comes of putting logged sessions through the selection engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class ReplayKind(StrEnum):
    """How a logged answer stands to the computed one."""

    AGREED = "agreed"
    LEFT_OPEN = "left-open"
    DISAGREED = "disagreed"
    NOT_COMPARED = "not-compared"


class ReplayCause(StrEnum):
    """Why a logged answer is not the computed one, or could not be compared with it."""

    AMBIGUOUS = "ambiguous-tie"
    FACTS_MISSING = "facts-missing"
    OTHER_SERVER = "another-servers-log"
    NOT_COMPARABLE = "not-comparable"
    UNKNOWN_CONNECTOR = "unknown-connector"
    CHANGED = "configuration-changed"
    ROLE = "other-transport-role"
    NOBODY = "nobody-answered"
    TRANSLATION = "address-translation"
    MODEL = "model-may-be-wrong"

    @property
    def kind(self) -> ReplayKind:
        """Whether it counts as a disagreement."""
        if self in {ReplayCause.AMBIGUOUS, ReplayCause.FACTS_MISSING}:
            return ReplayKind.LEFT_OPEN
        if self in {ReplayCause.OTHER_SERVER, ReplayCause.NOT_COMPARABLE}:
            return ReplayKind.NOT_COMPARED
        return ReplayKind.DISAGREED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCase:
    """One logged answer that is not the computed one.

    Attributes:
        server: the server it was compared at; as logged where it was not compared.
        role, local, port, client, sessions, first_seen, last_seen, example: as in
            ``LoggedAnswer``.
        logged: the connector-id in the log; empty when none answered.
        computed: who answers by the evidence, in words; empty where that was not asked.
        why: what speaks for this cause here.
    """

    server: str | None
    role: str | None
    local: str
    port: int | None
    client: str
    logged: str
    computed: str
    sessions: int
    first_seen: datetime
    last_seen: datetime
    example: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCount:
    """How many.

    Attributes:
        sessions: logged sessions.
        connections: different combinations of server, local endpoint, remote address and logged
            connector.
    """

    sessions: int
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayClass:
    """All logged answers with one cause.

    Attributes:
        explanation: what the cause means and what to do about it.
        cases: the ones with most sessions, at most twenty.
    """

    cause: ReplayCause
    count: ReplayCount
    explanation: str
    cases: tuple[ReplayCase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How well the computed answers agree with the logged ones.

    ``total`` is the sum of the four counts that follow it.

    Attributes:
        agreed: the computed answer is the logged one.
        left_open: the evidence leaves it open who answers, and the logged one may.
        disagreed: the evidence says somebody else, or nobody.
        not_compared: nothing in the evidence could be asked.
        classes: the causes; disagreements first, the most sessions first, and last among them
            what nothing else explains.
        translated_sessions: sessions compared whose remote address is a declared device or a
            default gateway; agreement there speaks of the device and not of its clients.
        said: what was compared and what was not, in sentences.
    """

    total: ReplayCount
    agreed: ReplayCount
    left_open: ReplayCount
    disagreed: ReplayCount
    not_compared: ReplayCount
    classes: tuple[ReplayClass, ...]
    translated_sessions: int
    said: tuple[str, ...]

    @property
    def percent(self) -> float | None:
        """Agreement in percent of the sessions with one computed answer; None without any."""
        return _percent(self.agreed.sessions, self.disagreed.sessions)

    @property
    def percent_of_connections(self) -> float | None:
        """The same by connections."""
        return _percent(self.agreed.connections, self.disagreed.connections)


def _percent(agreed: int, disagreed: int) -> float | None:
    return 100 * agreed / (agreed + disagreed) if agreed + disagreed else None
