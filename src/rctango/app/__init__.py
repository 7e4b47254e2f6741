"""The application: evidence in, results out. The only place with a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rctango.addresses import Address
from rctango.analysis.flows import device_flows
from rctango.analysis.view import View
from rctango.app.saved_probes import read_probes, sorted_out
from rctango.audit import audit_snapshot
from rctango.config import Settings, read_settings
from rctango.errors import ConfigError, RctangoError
from rctango.intake.snapshot import read_snapshot
from rctango.model.connection import FlowVerdict, Verdict
from rctango.model.finding import OutcomeKind, Severity
from rctango.model.snapshot import EvidenceItem, Snapshot
from rctango.report.rows import RuleRow, WhichRow
from rctango.rules import CATALOGUE
from rctango.sources.files import counted, fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rctango.addresses import RangeSet
    from rctango.model.connection import Coverage, Flow, Selection
    from rctango.model.finding import AuditResult
    from rctango.model.origin import Artifact
    from rctango.rules import Rule

DEFAULT_CONFIG = "rctango.toml"
_LARGEST_CONFIG = 1 << 20
_MOST_DEVICE_ADDRESSES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that was read.

    Attributes:
        snapshot: the facts.
        settings: the configuration.
    """

    snapshot: Snapshot
    settings: Settings

    @property
    def is_usable(self) -> bool:
        """Whether anything was read that a question can be asked of."""
        snapshot = self.snapshot
        return bool(snapshot.connectors or snapshot.accepted_domains) or any(
            item.objects for item in snapshot.evidence if not item.kind.startswith("not used")
        )

    @property
    def is_complete(self) -> bool:
        """Whether all evidence could be read."""
        return not any(gap.unreadable for gap in self.snapshot.gaps)


class UnknownServerError(RctangoError):
    """A server filter names no server of the evidence."""


def load_settings(config: str | None) -> Settings:
    """Read the configuration file; without a name, the default one if it exists.

    Raises:
        ConfigError: the file is wrong, or the named one cannot be read.
    """
    path = Path(config or DEFAULT_CONFIG)
    if config is None and not path.is_file():
        return Settings()
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_CONFIG + 1)
    except OSError as error:
        problem = ("", error.strerror or type(error).__name__)
        raise ConfigError(str(path), (problem,)) from error
    if len(data) > _LARGEST_CONFIG:
        raise ConfigError(str(path), (("", "larger than 1 MiB"),))
    return read_settings(str(path), data, {rule.name for rule in CATALOGUE})


def load(
    paths: Iterable[str],
    *,
    config: str | None = None,
    on_step: Callable[[str, int, int], None] | None = None,
) -> Evidence:
    """Read evidence and configuration.

    Args:
        paths: files and folders.
        config: the configuration file; None for the default one, if it exists.
        on_step: called with an artifact's name, the bytes read so far and the bytes of all.

    Raises:
        ConfigError: the configuration file is wrong.
    """
    settings = load_settings(config)
    left_out: list[str] = []
    artifacts, probes = sorted_out(fetch(paths, left_out.append))
    snapshot = read_snapshot(
        artifacts if on_step is None else _followed(artifacts, on_step),
        servers=settings.servers,
        appliances=settings.appliances,
    )
    saved = read_probes(probes)
    items = tuple(
        EvidenceItem(path=path, kind="left out: no evidence by its name", objects=0)
        for path in left_out
    )
    items = (*snapshot.evidence, *items, *saved.evidence)
    return Evidence(
        snapshot=replace(
            snapshot,
            evidence=tuple(sorted(items, key=lambda one: (one.path, one.kind))),
            gaps=(*snapshot.gaps, *saved.gaps),
            probes=saved.probes,
        ),
        settings=settings,
    )


def _followed(
    artifacts: list[Artifact], on_step: Callable[[str, int, int], None]
) -> Iterator[Artifact]:
    """The artifacts one by one, telling how far each has been read.

    Some are read twice, so an artifact never counts for more than its size.
    """
    total = sum(one.size for one in artifacts)
    before = 0
    for artifact in artifacts:
        follow = _Follower(artifact, before, total, on_step)
        on_step(artifact.name, before, total)
        yield counted(artifact, follow)
        before += artifact.size


class _Follower:
    def __init__(
        self, artifact: Artifact, before: int, total: int, on_step: Callable[[str, int, int], None]
    ) -> None:
        self.artifact = artifact
        self.before = before
        self.total = total
        self.on_step = on_step
        self.bytes = 0

    def __call__(self, number: int) -> None:
        self.bytes += number
        done = self.before + min(self.bytes, self.artifact.size)
        self.on_step(self.artifact.name, done, self.total)


def read(*paths: str, config: str | None = None) -> Snapshot:
    """Read exports into a snapshot: the library's front door.

    Args:
        paths: files and folders; kinds are recognised by content.
        config: a configuration file; without it ``rctango.toml`` in the working folder, if any.

    Raises:
        ConfigError: the configuration file is wrong.
    """
    return load(paths, config=config).snapshot


def only_servers(view: View, names: Iterable[str]) -> frozenset[str] | None:
    """The filter for ``--server``: the servers as spelled in the evidence; None for all.

    Raises:
        UnknownServerError: a name is no server of the evidence.
    """
    wanted = list(names)
    if not wanted:
        return None
    known = {name.casefold(): name for name in (*view.servers, *view.connectors_of)}
    found: set[str] = set()
    for name in wanted:
        key = name.casefold()
        if key not in known:
            key = key.partition(".")[0]
        if key not in known:
            listed = ", ".join(sorted(known.values())) or "none"
            raise UnknownServerError(f"no server {name!r} in the evidence; there are {listed}")
        found.add(known[key])
    return frozenset(found)


def run_audit(
    evidence: Evidence,
    *,
    servers: Iterable[str] = (),
    on_step: Callable[[str, int, int], None] | None = None,
) -> AuditResult:
    """Audit what was read.

    Args:
        evidence: what was read.
        servers: report only findings of these servers and of the whole organisation.
        on_step: called with a rule's name, its number and the number of rules, before it runs.

    Raises:
        UnknownServerError: a name is no server of the evidence.
    """
    wanted = only_servers(View(evidence.snapshot), servers) if servers else None
    today = datetime.now(UTC).astimezone().date()
    result = audit_snapshot(
        evidence.snapshot,
        acceptances=evidence.settings.acceptances,
        today=today,
        on_step=on_step,
    )
    if wanted is None:
        return result
    kept = tuple(one for one in result.findings if one.server is None or one.server in wanted)
    return replace(result, findings=kept)


def which_rows(view: View, address: Address, servers: frozenset[str] | None) -> Iterator[WhichRow]:
    """The answer to one address at every listener of its family."""
    for selection in view.connections(address, servers):
        rights = view.session(selection)
        yield WhichRow(selection=selection, rights=rights, reason=_why(selection))


def _why(selection: Selection) -> str:
    if selection.connector is None or selection.range is None:
        return ""
    size = selection.range.range.size
    noun = "address" if size == 1 else "addresses"
    narrowest = f"its range {selection.range.text} ({size:,} {noun}) is the narrowest"
    return f"{narrowest} that holds {selection.address}"


def coverages(view: View, servers: frozenset[str] | None) -> Iterator[Coverage]:
    """Every listener's whole address space."""
    for name in view.connectors_of:
        if servers is None or name in servers:
            for table in view.tables_at(name):
                yield view.coverage(table)


def matrix_flows(view: View, servers: frozenset[str] | None) -> Iterator[Flow]:
    """Who reaches whom: server to server, gateway and declared device to server."""
    targets = [one for one in view.snapshot.servers if servers is None or one.name in servers]
    for target in targets:
        yield from view.flows_into(target.name)
    for target in targets:
        tables = view.tables_at(target.name)
        gateways = target.gateways or ()
        yield from device_flows(f"gateway of {target.name}", gateways, target, tables)
    for device in view.snapshot.appliances or ():
        for target in targets:
            tables = view.tables_at(target.name)
            yield from device_flows(
                device.name, _device_addresses(device.addresses), target, tables
            )


def _device_addresses(addresses: RangeSet) -> list[Address]:
    """Single addresses of a device; of a large range only both ends stand for it."""
    result: list[Address] = []
    for item in addresses:
        if item.size <= _MOST_DEVICE_ADDRESSES:
            values = range(item.first, item.last + 1)
        else:
            values = range(item.first, item.last + 1, item.size - 1)
        result += [Address(family=item.family, value=value) for value in values]
    return result


def rule_row(rule: Rule) -> RuleRow:
    """One rule, for people."""
    return RuleRow(
        name=rule.name,
        title=rule.title,
        severity=rule.severity,
        needs=tuple(need.value for need in rule.needs),
        explanation=rule.explanation.strip(),
        sources=rule.sources,
    )


def rule_rows() -> list[RuleRow]:
    """The catalogue, for people."""
    return [rule_row(rule) for rule in CATALOGUE]


EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_NO_EVIDENCE = 3
EXIT_DEFECT = 4
EXIT_NOT_ASSESSED = 5


def exit_code(evidence: Evidence, result: AuditResult, *, fail_on: Severity, strict: bool) -> int:
    """The exit code of ``rctango audit``."""
    if not evidence.is_usable or (strict and not evidence.is_complete):
        return EXIT_NO_EVIDENCE
    if any(one.kind is OutcomeKind.CRASHED for one in result.outcomes):
        return EXIT_DEFECT
    if any(one.acceptance is None and one.severity.rank <= fail_on.rank for one in result.findings):
        return EXIT_FINDINGS
    assessed = not any(
        one.kind is OutcomeKind.NOT_ASSESSED or one.missing for one in result.outcomes
    )
    return EXIT_CLEAN if assessed and evidence.is_complete else EXIT_NOT_ASSESSED


_OPEN = frozenset({Verdict.AMBIGUOUS, Verdict.UNDETERMINED})


def is_determined(rows: Iterable[WhichRow]) -> bool:
    """Whether every listener's answer is known."""
    return not any(row.selection.verdict in _OPEN for row in rows)


def is_mapped(coverages: Iterable[Coverage]) -> bool:
    """Whether it is known of every segment who answers it."""
    return not any(segment.verdict in _OPEN for one in coverages for segment in one.segments)


def is_foreseen(flows: Iterable[Flow]) -> bool:
    """Whether it is known of every flow what comes of it."""
    return not any(flow.verdict is FlowVerdict.UNKNOWN for flow in flows)


def answer_code(evidence: Evidence, *, determined: bool) -> int:
    """The exit code of a command that answers a question and judges nothing."""
    return EXIT_CLEAN if determined and evidence.is_complete else EXIT_NOT_ASSESSED
