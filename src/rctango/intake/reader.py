"""From artifacts to records: every object is read, counted, or reported."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rctango.errors import EvidenceError
from rctango.formats.decode import decode
from rctango.formats.raw import RawObject, Skipped
from rctango.intake.connectors import read_connector, read_permission
from rctango.intake.harvest import Found, harvest
from rctango.intake.kinds import Kind
from rctango.intake.organisation import (
    Statement,
    read_accepted_domain,
    read_send_connector,
    read_transport_agent,
)
from rctango.intake.servers import (
    read_adapter,
    read_health_checker_adapter,
    read_net_ip_configuration,
    read_server,
    read_transport_service,
)
from rctango.model.origin import Origin
from rctango.model.snapshot import EvidenceItem, Gap

if TYPE_CHECKING:
    from rctango.intake.record import Record
    from rctango.model.origin import Artifact
    from rctango.model.server import AcceptedDomain, SendConnector, TransportAgent

_T = TypeVar("_T")

_RECORD_READERS = {
    Kind.RECEIVE_CONNECTOR: read_connector,
    Kind.AD_PERMISSION: read_permission,
    Kind.EXCHANGE_SERVER: read_server,
    Kind.TRANSPORT_SERVICE: read_transport_service,
    Kind.NETWORK_ADAPTER: read_adapter,
    Kind.NET_IP_CONFIGURATION: read_net_ip_configuration,
    Kind.HEALTH_CHECKER_ADAPTER: read_health_checker_adapter,
}


@dataclass(slots=True)
class Harvest:
    """Everything read so far, in the order it was read."""

    records: list[Record] = field(default_factory=list)
    domains: list[Statement[AcceptedDomain]] = field(default_factory=list)
    send_connectors: list[Statement[SendConnector]] = field(default_factory=list)
    agents: list[Statement[TransportAgent]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    evidence: list[EvidenceItem] = field(default_factory=list)
    kinds: set[Kind] = field(default_factory=set)

    def read(self, artifact: Artifact) -> None:
        """Read one artifact; what cannot be read becomes a gap."""
        counts: Counter[str] = Counter()
        try:
            decoded = decode(artifact)
            for note in decoded.notes:
                self._gap(artifact.name, "the text", note, "", unreadable=False)
            for item in decoded.items:
                if isinstance(item, Skipped):
                    self._gap(artifact.name, "part of the file", item.why, item.locator)
                else:
                    self._take(artifact.name, item, decoded.encoding, counts)
        except EvidenceError as error:
            what = "the rest of the file" if counts else "the file"
            self._gap(artifact.name, what, error.reason, error.locator)
        except OSError as error:
            self._gap(artifact.name, "the file", error.strerror or type(error).__name__, "")
        if not counts:
            counts["nothing usable"] = 0
        for kind, number in sorted(counts.items()):
            self.evidence.append(EvidenceItem(path=artifact.name, kind=kind, objects=number))

    def _take(self, source: str, raw: RawObject, encoding: str, counts: Counter[str]) -> None:
        found = list(harvest(raw))
        for one in found:
            self.kinds.add(one.kind)
            counts[f"{one.kind.value} ({encoding})"] += 1
            self._read_one(source, one)
        if not found:
            name = raw.types[0] if raw.types else f"an object with {_some_names(raw)}"
            counts[f"not used: {name[:80]} ({encoding})"] += 1
            if counts[f"not used: {name[:80]} ({encoding})"] == 1:
                why = "objects of this kind are not evidence for any question here"
                self._gap(source, name[:80], why, raw.locator, unreadable=False)

    def _read_one(self, source: str, found: Found) -> None:
        if found.kind in _RECORD_READERS:
            record, gaps = _RECORD_READERS[found.kind](source, found.raw, found.server)
            self.records.append(record)
            self.gaps += gaps
        elif found.kind is Kind.ACCEPTED_DOMAIN:
            self._keep(self.domains, read_accepted_domain(source, found.raw))
        elif found.kind is Kind.SEND_CONNECTOR:
            self._keep(self.send_connectors, read_send_connector(source, found.raw))
        else:
            self._keep(self.agents, read_transport_agent(source, found.raw))

    def _keep(self, into: list[_T], said: tuple[_T | None, list[Gap]]) -> None:
        statement, gaps = said
        self.gaps += gaps
        if statement is not None:
            into.append(statement)

    def _gap(
        self, source: str, what: str, why: str, locator: str, *, unreadable: bool = True
    ) -> None:
        origin = Origin(source=source, locator=locator)
        self.gaps.append(Gap(what=what, server=None, why=why, origin=origin, unreadable=unreadable))


def _some_names(raw: RawObject) -> str:
    names = list(raw.properties)[:4]
    return "the properties " + ", ".join(names) if names else "no properties"
