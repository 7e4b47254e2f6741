"""What an audit concludes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from rctango.model.origin import Origin
    from rctango.model.snapshot import EvidenceItem, Gap


class Severity(StrEnum):
    """How bad it is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How sure the conclusion is, given the evidence."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Grade(StrEnum):
    """What kind of evidence supports a finding."""

    POSSIBLE = "possible"
    USED = "used"
    CONFIRMED = "confirmed"


class SubjectKind(StrEnum):
    """What a finding is about."""

    SERVER = "server"
    GATEWAY = "gateway"
    APPLIANCE = "appliance"
    CLIENT = "client"
    RANGE = "range"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Subject:
    """Somebody or something that a finding concerns; an absent part is an empty text."""

    kind: SubjectKind
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    r"""A risk that somebody accepted; the finding stays visible.

    Attributes:
        rule: the rule's name.
        connector: ``SERVER\\Name``; None for findings of any connector.
        until: the last day on which it counts; None for no end.
    """

    rule: str
    connector: str | None
    reason: str
    owner: str
    until: date | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    r"""One offence against one rule.

    Attributes:
        rule: the rule's name.
        title: the rule's title.
        severity: how bad it is.
        confidence: how sure it is.
        grade: whether configuration, a log or a probe shows it.
        server: the server concerned; None for the whole organisation.
        connector: ``SERVER\\Name`` or None.
        subjects: the servers, gateways, devices, ranges or domains concerned.
        ranges: the remote ranges concerned, as written in the export.
        message: what will happen, to whom, and why.
        fix: the smallest thing that cures it.
        evidence: where the facts were read.
        acceptance: who accepted the risk; None when nobody did.
    """

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    grade: Grade = Grade.POSSIBLE
    server: str | None
    connector: str | None
    subjects: tuple[Subject, ...] = ()
    ranges: tuple[str, ...] = ()
    message: str
    fix: str
    evidence: tuple[Origin, ...] = ()
    acceptance: Acceptance | None = None


class OutcomeKind(StrEnum):
    """How the run of one rule ended."""

    CLEAN = "clean"
    FIRED = "fired"
    NOT_APPLICABLE = "not-applicable"
    NOT_ASSESSED = "not-assessed"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the run of one rule ended.

    Attributes:
        missing: the facts that were lacking and how to collect them; a rule that fired may
            still lack facts about other servers.
    """

    rule: str
    kind: OutcomeKind
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """Everything that one audit says.

    Attributes:
        findings: worst first, in a fixed order; accepted ones included.
        outcomes: one for every rule of the catalogue, by name.
        servers: how many servers were seen.
        connectors: how many connectors were seen.
    """

    version: str
    evidence: tuple[EvidenceItem, ...]
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    gaps: tuple[Gap, ...]
    servers: int
    connectors: int
