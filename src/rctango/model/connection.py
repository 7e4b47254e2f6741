"""Connections: who answers them and what that means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rctango.addresses import Address, AddressRange, Binding, RangeText
    from rctango.model.connector import Connector
    from rctango.model.rights import TransportRole


class Verdict(StrEnum):
    """What is known about the answer to a connection."""

    ANSWERED = "answered"
    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"
    UNDETERMINED = "undetermined"


class Reason(StrEnum):
    """Why a connector did not answer."""

    LESS_SPECIFIC = "LESS_SPECIFIC"
    TIE_SPECIFIC_BINDING = "TIE_SPECIFIC_BINDING"
    TIE_UNDEFINED_ORDER = "TIE_UNDEFINED_ORDER"
    NO_MATCHING_RANGE = "NO_MATCHING_RANGE"
    DISABLED = "DISABLED"
    OTHER_ROLE = "OTHER_ROLE"
    OTHER_FAMILY = "OTHER_FAMILY"
    FACTS_MISSING = "FACTS_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Listener:
    """A local endpoint of one transport process on one server.

    Attributes:
        server: the server's name.
        role: the process: Hub (also Edge), Front End or Mailbox; None when no export tells.
        local: the local address and port. A wildcard address stands for every local address
            that no connector is bound to by itself.
    """

    server: str
    role: TransportRole | None
    local: Binding

    def __str__(self) -> str:
        role = f" ({self.role.label})" if self.role is not None else ""
        return f"{self.server} {self.local}{role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A connector that did not answer, and why.

    Attributes:
        range: its narrowest range that holds the address; None when it has none.
    """

    connector: Connector
    range: RangeText | None
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which connector answers one connection.

    Attributes:
        connector: the one that answers; None unless ``verdict`` is answered.
        range: the remote range that won; None unless ``verdict`` is answered.
        contenders: the connectors that may answer, when it is ambiguous or undetermined.
        candidates: every other connector of the listener, with the reason why it lost.
    """

    listener: Listener
    address: Address
    verdict: Verdict
    connector: Connector | None
    range: RangeText | None
    contenders: tuple[Connector, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A run of remote addresses with one and the same answer.

    Attributes:
        range: the addresses.
        connector: the one that answers; None unless ``verdict`` is answered.
        contenders: the connectors that may answer, when it is ambiguous or undetermined.
        won_by: the remote ranges that win somewhere in the segment.
    """

    range: AddressRange
    verdict: Verdict
    connector: Connector | None
    contenders: tuple[Connector, ...]
    won_by: tuple[RangeText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A listener's whole remote address space, cut into segments in ascending order."""

    listener: Listener
    segments: tuple[Segment, ...]


class FlowVerdict(StrEnum):
    """Whether one Exchange server can deliver to another."""

    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A connection that one server or device makes to a server, and what comes of it.

    Attributes:
        sender: the name of the server or device that connects.
        target: the name of the server that is connected to.
        port: the TCP port the sender uses; None when version or roles are unknown.
        source: the address the target sees; None when it is unknown.
        selection: which connector answers; None when that cannot be asked.
        reason: one sentence: why the verdict is what it is.
    """

    sender: str
    target: str
    port: int | None
    source: Address | None
    selection: Selection | None
    verdict: FlowVerdict
    reason: str
