"""The documents of ``rctango logs``; their keys are fixed by the number in ``schema``.

Each is a value whose attributes are the keys of the JSON document, so that the schemas in
docs/schemas can be generated from the types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rctango.report.records import to_record

if TYPE_CHECKING:
    from datetime import date

    from rctango.model.judgement import SourceJudgement
    from rctango.model.log_coverage import LogCoverage
    from rctango.model.log_reading import LogsRead, Transcript
    from rctango.model.observation import ProxiedUsage, Usage
    from rctango.model.proposal import Proposal
    from rctango.model.replay import Replay
    from rctango.report.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class HostName:
    """What reverse DNS says about a client.

    Attributes:
        client: the address.
        name: the name; empty when there is none.
    """

    client: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """Who used which connector, ``rctango.logs-usage/1``.

    Attributes:
        read: what was read.
        accepted_domains_known: whether own recipients could be told from foreign ones.
        usage: per log, role, server, connector and client.
        proxied: true clients behind Front Ends, by the Hub logs.
        host_names: what reverse DNS says; empty unless it was asked for.
    """

    schema: ClassVar[str] = "rctango.logs-usage/1"

    read: LogsRead
    accepted_domains_known: bool
    usage: tuple[Usage, ...]
    proxied: tuple[ProxiedUsage, ...]
    host_names: tuple[HostName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnatReport:
    """Which addresses stand for many clients, ``rctango.logs-snat/1``.

    Attributes:
        read: what was read.
        evidence_given: whether servers, gateways and devices were known.
        sources: the remote addresses, the highest score first.
    """

    schema: ClassVar[str] = "rctango.logs-snat/1"

    read: LogsRead
    evidence_given: bool
    sources: tuple[SourceJudgement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """Whether the computed answers are the logged ones, ``rctango.logs-replay/1``.

    Attributes:
        read: what was read.
        percent: agreement in percent of the compared sessions; null when none was compared.
        percent_of_connections: the same of different connections.
        replay: the counts and the disagreements.
    """

    schema: ClassVar[str] = "rctango.logs-replay/1"

    read: LogsRead
    percent: float | None
    percent_of_connections: float | None
    replay: Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """What the logs cover and where they are silent, ``rctango.logs-coverage/1``.

    Attributes:
        read: what was read.
        coverage: the periods, the gaps and what is missing.
    """

    schema: ClassVar[str] = "rctango.logs-coverage/1"

    read: LogsRead
    coverage: LogCoverage


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalReport:
    """Least-privilege remote ranges, ``rctango.logs-propose/1``.

    Attributes:
        read: what was read.
        proposals: one for each relay connector asked about.
    """

    schema: ClassVar[str] = "rctango.logs-propose/1"

    read: LogsRead
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptReport:
    """Sessions as they were logged, ``rctango.logs-show/1``.

    Attributes:
        session: the session-id asked for.
        transcripts: every session with that id; it is unique for one server only.
    """

    schema: ClassVar[str] = "rctango.logs-show/1"

    session: str
    transcripts: tuple[Transcript, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """What a run did to a store, ``rctango.logs-store/1``.

    Attributes:
        read: what is in the store and what this run added.
        forgotten: sessions removed by ``logs forget``; null otherwise.
        before: the date they ended before; null otherwise.
        written: the files or folders written by ``logs export``; empty otherwise.
    """

    schema: ClassVar[str] = "rctango.logs-store/1"

    read: LogsRead
    forgotten: int | None = None
    before: date | None = None
    written: tuple[str, ...] = ()


LogReport = (
    UsageReport
    | SnatReport
    | ReplayReport
    | CoverageReport
    | ProposalReport
    | TranscriptReport
    | StoreReport
)
LOG_REPORTS: tuple[type[LogReport], ...] = (
    UsageReport,
    SnatReport,
    ReplayReport,
    CoverageReport,
    ProposalReport,
    TranscriptReport,
    StoreReport,
)


def log_document(report: LogReport) -> Document:
    """The JSON document of a report."""
    record = to_record(report)
    assert isinstance(record, dict)  # noqa: S101 - a dataclass gives a dictionary
    return {"schema": report.schema, **record}
