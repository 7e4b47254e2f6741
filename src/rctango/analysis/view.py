"""The view: one snapshot with everything that follows from it, computed once and on demand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rctango.addresses import Family, RangeSet
from rctango.analysis.access import (
    anonymous_grant,
    common_rights,
    rights_of_nobody,
    session_rights,
)
from rctango.analysis.coverage import answered_by, contended_by, cover
from rctango.analysis.flows import flows, reachable
from rctango.analysis.listeners import by_server, contests
from rctango.analysis.log_index import LogIndex
from rctango.analysis.probed import all_probed
from rctango.analysis.relay import is_relay_candidate, range_set, without_whole
from rctango.analysis.selection import Table
from rctango.model.connection import Verdict
from rctango.model.rights import Answer
from rctango.model.server import DomainType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from rctango.addresses import Address
    from rctango.analysis.access import Grant
    from rctango.analysis.probed import Probed
    from rctango.model.connection import Coverage, Flow, Selection
    from rctango.model.connector import Connector
    from rctango.model.judgement import SourceJudgement
    from rctango.model.observation import Traffic
    from rctango.model.rights import SessionRights
    from rctango.model.server import Appliance, ApplianceKind, Server
    from rctango.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which remote addresses a connector answers.

    Attributes:
        sure: it answers them.
        possible: it answers, or may answer, them; holds ``sure``.
    """

    sure: RangeSet
    possible: RangeSet


class View:
    """What rules and commands ask of a snapshot.

    Attributes:
        snapshot: the facts.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._tables: dict[str, tuple[Table, ...]] = {}
        self._ranges: dict[str, RangeSet] = {}
        self._specific: dict[str, RangeSet] = {}
        self._answered: dict[int, dict[str, RangeSet]] = {}
        self._contended: dict[int, dict[str, RangeSet]] = {}
        self._reach: dict[tuple[str, int | None], Reach] = {}
        self._flows: dict[str, tuple[Flow, ...]] = {}
        self._grants: dict[str, Grant] = {}
        self._logs: LogIndex | None = None

    @cached_property
    def servers(self) -> dict[str, Server]:
        """Every server by name."""
        return {server.name: server for server in self.snapshot.servers}

    @property
    def connectors(self) -> tuple[Connector, ...]:
        """Every connector, enabled or not."""
        return self.snapshot.connectors

    @cached_property
    def connectors_of(self) -> dict[str, list[Connector]]:
        """The connectors of each server that has any, by the server's name."""
        return by_server(self.snapshot.connectors)

    def tables_at(self, server: str) -> tuple[Table, ...]:
        """The selection tables of one server's listeners; computed when first asked for."""
        if server not in self._tables:
            members = self.connectors_of.get(server, [])
            found = contests(members, self.servers.get(server)) if members else ()
            self._tables[server] = tuple(Table(contest) for contest in found)
        return self._tables[server]

    @property
    def tables(self) -> dict[str, tuple[Table, ...]]:
        """The selection tables of each server's listeners, by the server's name."""
        return {name: self.tables_at(name) for name in self.connectors_of}

    def all_tables(self) -> Iterator[Table]:
        """Every listener's selection table, server by server."""
        for name in self.connectors_of:
            yield from self.tables_at(name)

    def tables_of(self, connector: Connector) -> list[Table]:
        """The tables of the listeners at which the connector takes part."""
        return [
            table
            for table in self.tables_at(connector.server)
            if any(bound.connector is connector for bound in table.contest.bound)
        ]

    def coverage(self, table: Table) -> Coverage:
        """The listener's whole address space, segment by segment."""
        return cover(table)

    def ranges(self, connector: Connector) -> RangeSet:
        """All addresses in the connector's remote ranges."""
        if connector.identity not in self._ranges:
            self._ranges[connector.identity] = range_set(connector)
        return self._ranges[connector.identity]

    def specific_ranges(self, connector: Connector) -> RangeSet:
        """The addresses in its remote ranges, of the families it does not hold as a whole."""
        if connector.identity not in self._specific:
            self._specific[connector.identity] = without_whole(self.ranges(connector))
        return self._specific[connector.identity]

    def answered(self, table: Table, connector: Connector) -> RangeSet:
        """The addresses that the connector surely answers at the listener."""
        if id(table) not in self._answered:
            self._answered[id(table)] = answered_by(table)
        return self._answered[id(table)].get(connector.identity, RangeSet())

    def contended(self, table: Table, connector: Connector) -> RangeSet:
        """The addresses that the connector may answer at the listener, without being sure to."""
        if id(table) not in self._contended:
            self._contended[id(table)] = contended_by(table)
        return self._contended[id(table)].get(connector.identity, RangeSet())

    def reach(self, connector: Connector, port: int | None = None) -> Reach:
        """Which remote addresses the connector answers, at all its listeners (of one port)."""
        if (connector.identity, port) not in self._reach:
            sure, possible = RangeSet(), RangeSet()
            for table in self.tables_of(connector):
                if port is None or table.listener.local.port == port:
                    sure |= self.answered(table, connector)
                    possible |= self.contended(table, connector)
            self._reach[connector.identity, port] = Reach(sure=sure, possible=sure | possible)
        return self._reach[connector.identity, port]

    def grant(self, connector: Connector) -> Grant:
        """What a client gets on the connector that proves nothing."""
        if connector.identity not in self._grants:
            self._grants[connector.identity] = anonymous_grant(connector)
        return self._grants[connector.identity]

    def rights(self, connector: Connector) -> SessionRights:
        """What an unauthenticated client may do on the connector."""
        return session_rights(connector, every_domain_accepted=self.every_domain_accepted)

    def session(self, selection: Selection) -> SessionRights:
        """What the client of a connection may do, as far as it is known who answers."""
        if selection.connector is not None:
            return self.rights(selection.connector)
        possible = [self.rights(one) for one in selection.contenders]
        if selection.verdict is not Verdict.AMBIGUOUS:
            possible.append(rights_of_nobody())
        return common_rights(possible)

    @cached_property
    def every_domain_accepted(self) -> bool:
        """Whether ``*`` is an accepted domain that relays, so that every recipient is accepted.

        An authoritative ``*`` accepts them as well, but what it cannot deliver here it bounces.
        """
        return any(
            domain.domain == "*" and domain.kind is not DomainType.AUTHORITATIVE
            for domain in self.snapshot.accepted_domains or ()
        )

    @cached_property
    def relay_candidates(self) -> tuple[Connector, ...]:
        """The connectors that look like relay connectors: the article's heuristic, mended."""
        return tuple(one for one in self.snapshot.connectors if is_relay_candidate(one))

    @cached_property
    def suspects(self) -> tuple[Connector, ...]:
        """Relay candidates, and connectors on any port that relay for specific ranges."""
        candidates = {id(one) for one in self.relay_candidates}
        return tuple(
            one
            for one in self.snapshot.connectors
            if id(one) in candidates
            or (
                one.enabled is not False
                and self.rights(one).relay is Answer.YES
                and bool(self.specific_ranges(one))
            )
        )

    def logs(self, traffic: Traffic) -> LogIndex:
        """The logs, looked up by connector and client; made once for the same logs."""
        if self._logs is None or self._logs.traffic is not traffic:
            self._logs = LogIndex(traffic, self)
        return self._logs

    @property
    def judged_sources(self) -> tuple[SourceJudgement, ...]:
        """Whether the remote addresses of the logs stand for many clients; none without logs."""
        traffic = self.snapshot.traffic
        return () if traffic is None else self.logs(traffic).judged

    @cached_property
    def probed(self) -> tuple[Probed, ...]:
        """The saved probes, compared with the evidence; none without any."""
        return all_probed(self)

    def flows_into(self, name: str) -> tuple[Flow, ...]:
        """Every server-to-server connection to one server, by its name."""
        target = self.servers.get(name)
        if target is None:
            return ()
        if name not in self._flows:
            self._flows[name] = tuple(
                flow
                for sender in self.snapshot.servers
                for flow in self.flows_between(sender, target)
            )
        return self._flows[name]

    @property
    def server_flows(self) -> dict[str, tuple[Flow, ...]]:
        """Every server-to-server connection, by the name of the target."""
        return {name: self.flows_into(name) for name in self.servers}

    def flows_between(self, sender: Server, target: Server) -> Iterator[Flow]:
        """Every connection by which one server may deliver to the other."""
        return flows(sender, target, self.tables_at(target.name))

    def connections(
        self, address: Address, servers: AbstractSet[str] | None = None
    ) -> Iterator[Selection]:
        """The answer to ``address`` at every listener of its family.

        A specific local address is left out where the wildcard listener of the same process and
        port gives the same answer.

        Args:
            address: the remote address.
            servers: only the listeners of these servers; None for all.
        """
        for name in self.connectors_of:
            if servers is not None and name not in servers:
                continue
            tables = self.tables_at(name)
            wildcards = {
                (table.listener.role, table.listener.local.port): table.select(address)
                for table in tables
                if table.family is address.family and table.listener.local.is_wildcard
            }
            for table in tables:
                if table.family is not address.family:
                    continue
                selection = table.select(address)
                general = wildcards.get((table.listener.role, table.listener.local.port))
                if table.listener.local.is_wildcard or not _same_answer(selection, general):
                    yield selection

    def appliances(self, *kinds: ApplianceKind) -> tuple[Appliance, ...]:
        """The declared devices of the given kinds."""
        return tuple(one for one in self.snapshot.appliances or () if one.kind in kinds)

    def reachable_tables(self, server: Server, port: int) -> list[Table]:
        """The server's listeners on a port that another machine can meet."""
        tables = reachable(self.tables_at(server.name), server)
        return [table for table in tables if table.listener.local.port == port]

    def is_dual_stack(self, server: Server) -> bool:
        """Whether the server has an IPv6 address that other machines can use."""
        return any(
            address.family is Family.IPV6 and not address.is_link_local and not address.is_loopback
            for address in server.addresses or ()
        )


def _same_answer(left: Selection, right: Selection | None) -> bool:
    return (
        right is not None
        and left.verdict is right.verdict
        and left.connector is right.connector
        and left.range is right.range
        and left.contenders == right.contenders
    )
