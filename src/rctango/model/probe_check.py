"""How what a probe showed stands to what the evidence foretells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rctango.model.probing import ProbeResult, ProbeStepKind


class Agreement(StrEnum):
    """How an observation stands to a prediction."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    NOT_PREDICTED = "not-predicted"
    NOT_OBSERVED = "not-observed"


class CauseKind(StrEnum):
    """Why a probe may contradict the evidence."""

    SOURCE_NAT = "source-nat"
    ESMTP_INSPECTION = "esmtp-inspection"
    WRONG_SERVER = "wrong-server"
    CONFIGURATION_CHANGED = "configuration-changed"
    MODEL = "model-may-be-wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCheck:
    """One step of a probe against its prediction.

    Attributes:
        kind: the step.
        predicted: what the evidence foretells; None when it leaves that open.
        observed: what the probe showed; None when the step was not done.
        why: why that is foretold, or why nothing is.
    """

    kind: ProbeStepKind
    predicted: ProbeResult | None
    observed: ProbeResult | None
    agreement: Agreement
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCheck:
    """Something that a server offers, against its prediction.

    Attributes:
        feature: what, such as ``Exchange Server authentication``.
        predicted: whether it should be offered; None when the evidence leaves that open.
        observed: whether it was; None when no EHLO reply was read.
        why: why that is foretold.
    """

    feature: str
    predicted: bool | None
    observed: bool | None
    agreement: Agreement
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbableCause:
    """A possible reason for contradictions.

    Attributes:
        kind: which.
        points: how much speaks for it; only the order matters.
        why: what speaks for it.
        settle: what would tell it from the others.
    """

    kind: CauseKind
    points: int
    why: str
    settle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeCheck:
    r"""One probe against the evidence.

    Attributes:
        target: the target as the user named it.
        source: the local address the probe used; None when it connected to nothing.
        server: the server of the evidence it was compared with; None when none has the address.
        listener: the listener; empty when none was found.
        connector: ``SERVER\\Name`` of the connector that should answer; None when that is not one.
        range: its remote range that wins, as written; None without.
        steps: the steps in order.
        features: what the server offers.
        causes: the likely causes of contradictions, the likeliest first; empty without any.
        note: why nothing, or not everything, could be foretold; empty otherwise.
    """

    target: str
    source: str | None
    server: str | None
    listener: str
    connector: str | None
    range: str | None
    steps: tuple[StepCheck, ...]
    features: tuple[FeatureCheck, ...]
    causes: tuple[ProbableCause, ...]
    note: str

    @property
    def contradictions(self) -> int:
        """How many steps and features contradict the evidence."""
        found = [one.agreement for one in self.steps] + [one.agreement for one in self.features]
        return found.count(Agreement.CONTRADICTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViaCheck:
    """A load-balancer address compared with the servers behind it.

    Attributes:
        via: the name of the load balancer.
        target: its address as named.
        source: the local address of both sessions; None when nothing was connected.
        server: the server it was compared with.
        differences: what differs, in sentences; empty when nothing does.
    """

    via: str
    target: str
    source: str | None
    server: str
    differences: tuple[str, ...]
