"""The shape of a rule: what it needs and how it checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rctango.model.finding import Confidence, Finding, Grade, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.origin import Origin


class Need(StrEnum):
    """A kind of facts; the value says how they are called in reports."""

    CONNECTORS = "receive connectors"
    SELECTION = "bindings, ranges, roles and state of receive connectors"
    AUTHENTICATION = "authentication and permission groups of receive connectors"
    RIGHTS = "access control entries of receive connectors"
    SERVERS = "versions and roles of servers"
    NETWORK = "addresses and gateways of servers"
    ACCEPTED_DOMAINS = "accepted domains"
    INVENTORY = "declared devices"
    LOGGING = "protocol logging levels"
    ENDPOINTS = "bindings and roles of receive connectors, disabled ones included"
    CAPABILITIES = "TLS domain capabilities of receive connectors"
    TRAFFIC = "protocol logs"
    LOG_PERIOD = "protocol logs of relay connectors over 14 days"
    OTHER_LOGS = "logs that give away the traffic of connectors without logging"
    LIMITS = "connection limits of receive connectors"


def _always(_view: View) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing to look for.

    Attributes:
        name: kebab-case; names the offence, so that "accept <name>" reads right.
        title: one line for a report.
        severity: the worst it reports.
        needs: the facts without which it cannot say "clean".
        explanation: what it means, why it matters and what cures it.
        sources: public pages that the rule rests on.
        check: yields the offences.
        applies: whether there is anything to check at all.
    """

    name: str
    title: str
    severity: Severity
    needs: tuple[Need, ...]
    explanation: str
    sources: tuple[str, ...]
    check: Callable[[View], Iterable[Finding]]
    applies: Callable[[View], bool] = _always

    def finding(  # noqa: PLR0913 - a finding has this many parts
        self,
        *,
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        grade: Grade = Grade.POSSIBLE,
        server: str | None = None,
        connector: Connector | None = None,
        subjects: Iterable[Subject] = (),
        ranges: Iterable[str] = (),
        message: str,
        fix: str,
        evidence: Iterable[Origin] = (),
    ) -> Finding:
        """An offence against this rule; the connector gives its server and identity."""
        return Finding(
            rule=self.name,
            title=self.title,
            severity=severity or self.severity,
            confidence=confidence,
            grade=grade,
            server=connector.server if connector else server,
            connector=connector.identity if connector else None,
            subjects=tuple(sorted(set(subjects))),
            ranges=tuple(dict.fromkeys(ranges)),
            message=message,
            fix=fix,
            evidence=tuple(dict.fromkeys(evidence)),
        )
