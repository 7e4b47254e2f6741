"""What the logs say about an address: whether it stands for many clients."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rctango.addresses import Address
    from rctango.model.finding import Confidence


class SourceVerdict(StrEnum):
    """Whether a remote address stands for many clients."""

    DECLARED = "declared"
    EXCHANGE_SERVER = "exchange-server"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    TOO_LITTLE = "too-little-to-tell"


class SignalKind(StrEnum):
    """What speaks for or against it."""

    EHLO_NAMES = "ehlo-names"
    SENDER_DOMAINS = "sender-domains"
    SUBNET = "subnet"
    GATEWAY = "default-gateway"
    SHARE = "share-of-listener"
    HEALTH_CHECKS = "health-checks"
    LIMIT_REFUSALS = "limit-refusals"
    INVENTORY = "inventory"
    SERVER = "exchange-server"
    ONE_NAME = "one-ehlo-name"
    FEW_NAMES = "few-ehlo-names"
    INTERNET = "internet-address"
    NO_MAIL = "no-mail-accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSignal:
    """One thing that speaks for or against it.

    Attributes:
        points: what it adds to the score; negative where it speaks against, or where it limits
            what the others may add up to.
        sentence: what was seen, and why it counts.
    """

    kind: SignalKind
    points: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceJudgement:
    """Whether one remote address stands for many clients, and why it is thought so.

    Attributes:
        client: the address as logged.
        address: the same as an address; None when it cannot be read.
        name: the declared device or the server that has the address; empty when neither has.
        listeners: where it was seen, as ``SERVER address:port``.
        sessions: its sessions at all listeners.
        messages: messages accepted from it.
        sender_domains: how many different sender domains, at the listener with most of them.
        limit_refusals: 421 replies, as connection limits give.
        score: 0 to 100; the sum of the points of all signals, held within these bounds.
        confidence: how sure the verdict is.
        settle: what would settle the matter.
    """

    client: str
    address: Address | None
    name: str
    listeners: tuple[str, ...]
    sessions: int
    messages: int
    sender_domains: int
    limit_refusals: int
    verdict: SourceVerdict
    score: int
    confidence: Confidence
    signals: tuple[SourceSignal, ...]
    settle: str

    @property
    def stands_for_many(self) -> bool:
        """Whether to treat it as many clients: it was declared, or the logs make it likely."""
        return self.verdict in {SourceVerdict.DECLARED, SourceVerdict.LIKELY}
