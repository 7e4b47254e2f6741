"""What a probe would do: where it connects to, what it sends, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTarget:
    """One session that a probe would hold.

    Attributes:
        target: as the user named it, or the address and port that the evidence gives.
        host: the host name or IP address to connect to.
        port: the TCP port.
        server: the server of the evidence that it is; None when the evidence does not name it.
        via: the name of the load balancer it is reached through; None for a direct target.
        source: the local address to connect from; None to leave it to the system.
    """

    target: str
    host: str
    port: int
    server: str | None
    via: str | None
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """A line that a session may send.

    Attributes:
        step: the step it belongs to; None for what keeps the session in order.
        line: the line without its end.
        condition: when it is sent, as a clause; None when always.
    """

    step: str | None
    line: str
    condition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProbed:
    """Something that was not probed, and why.

    Attributes:
        target: the target, or the listener that none could be made of.
        server: the server of the evidence; None where that plays no part.
        why: why not, as a clause without a full stop.
        is_gap: whether that leaves something open; false where there is nothing to reach.
    """

    target: str
    server: str | None
    why: str
    is_gap: bool
