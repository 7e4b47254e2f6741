"""Everything that was collected, at one time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.observation import Traffic
    from rctango.model.origin import Origin
    from rctango.model.probing import SavedProbe
    from rctango.model.server import (
        AcceptedDomain,
        Appliance,
        SendConnector,
        Server,
        TransportAgent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """What one artifact held of one kind.

    Attributes:
        path: the artifact's name.
        kind: the cmdlet or class whose output it is, and the encoding.
        objects: how many objects of that kind it held.
    """

    path: str
    kind: str
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A fact that is lacking, doubtful or contradicted.

    Attributes:
        what: the fact.
        server: whose fact it is; None when it concerns the whole organisation.
        why: why it is lacking.
        origin: the place in the evidence; None when there is nothing at all.
        unreadable: whether evidence was there but could not be read.
    """

    what: str
    server: str | None
    why: str
    origin: Origin | None = None
    unreadable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All facts at one time, and what is missing.

    Attributes:
        appliances: the declared inventory of devices; None when nothing was declared.
        traffic: what protocol logs showed; None when no logs were given.
        probes: what saved probes showed; None when none were given.
    """

    servers: tuple[Server, ...] = ()
    connectors: tuple[Connector, ...] = ()
    accepted_domains: tuple[AcceptedDomain, ...] | None = None
    send_connectors: tuple[SendConnector, ...] | None = None
    transport_agents: tuple[TransportAgent, ...] | None = None
    appliances: tuple[Appliance, ...] | None = None
    gaps: tuple[Gap, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    traffic: Traffic | None = None
    probes: tuple[SavedProbe, ...] | None = None
