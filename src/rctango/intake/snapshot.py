"""From everything that was read to one snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from rctango.intake.kinds import Kind
from rctango.intake.merge import Merged
from rctango.intake.organisation import Statement, settle
from rctango.intake.reader import Harvest
from rctango.model.connector import Connector
from rctango.model.server import AcceptedDomain, SendConnector, Server, TransportAgent
from rctango.model.snapshot import Gap, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.intake.record import Record
    from rctango.model.origin import Artifact, Origin
    from rctango.model.server import Appliance

_T = TypeVar("_T", AcceptedDomain, SendConnector, TransportAgent)


def read_snapshot(
    artifacts: Iterable[Artifact],
    *,
    servers: Iterable[Server] = (),
    appliances: tuple[Appliance, ...] | None = None,
) -> Snapshot:
    """Read all artifacts and put their facts together.

    Nothing is dropped: what cannot be read, is contradicted or is of no use becomes a ``Gap``.

    Args:
        artifacts: the evidence, the newest last.
        servers: declared facts that supplement the exports.
        appliances: the declared inventory; None when nothing was declared.
    """
    harvest = Harvest()
    for artifact in artifacts:
        harvest.read(artifact)
    return _Builder(harvest, tuple(servers)).snapshot(appliances)


def _key(name: str) -> str:
    return name.strip().casefold()


class _Builder:
    def __init__(self, harvest: Harvest, declared: tuple[Server, ...]) -> None:
        self.harvest = harvest
        self.declared = {_key(server.name): server for server in declared}
        self.gaps = list(harvest.gaps)
        self.noted: set[tuple[str, str, str]] = set()
        self.spelling = self._spellings()
        self.agents = self._settled(harvest.agents, Kind.TRANSPORT_AGENT)

    def _settled(self, said: list[Statement[_T]], kind: Kind) -> tuple[_T, ...] | None:
        values, gaps = settle(said)
        self.gaps += gaps
        return values if kind in self.harvest.kinds else None

    def snapshot(self, appliances: tuple[Appliance, ...] | None) -> Snapshot:
        self._name_servers()
        connectors = self._connectors()
        domains = self._settled(self.harvest.domains, Kind.ACCEPTED_DOMAIN)
        send_connectors = self._settled(self.harvest.send_connectors, Kind.SEND_CONNECTOR)
        servers = self._servers({_key(one.server) for one in connectors})
        return Snapshot(
            servers=servers,
            connectors=connectors,
            accepted_domains=domains,
            send_connectors=send_connectors,
            transport_agents=self.agents,
            appliances=appliances,
            gaps=tuple(sorted(dict.fromkeys(self.gaps), key=_gap_order)),
            evidence=tuple(sorted(self.harvest.evidence, key=lambda one: (one.path, one.kind))),
        )

    def _spellings(self) -> dict[str, str]:
        """How each server is written: as Get-ExchangeServer does, else as first in the alphabet."""
        best: dict[str, tuple[bool, str]] = {}
        for record in self.harvest.records:
            if record.server:
                rank = (not record.fields.get("is_exchange"), record.server)
                key = _key(record.server)
                best[key] = min(best.get(key, rank), rank)
        for key, server in self.declared.items():
            best.setdefault(key, (True, server.name))
        return {key: spelling for key, (_, spelling) in best.items()}

    def _name_servers(self) -> None:
        owners: dict[str, set[str]] = {}
        for record in self.harvest.records:
            if record.noun == "connector" and record.server:
                owners.setdefault(_key(record.name), set()).add(_key(record.server))
        for record in self.harvest.records:
            if record.server:
                record.server = self.spelling[_key(record.server)]
            else:
                self._find_server(record, owners.get(_key(record.name), set()))

    def _find_server(self, record: Record, owners: set[str]) -> None:
        origin = next(iter(record.origins.values()), None)
        is_connector = record.noun == "connector"
        if is_connector and len(owners) == 1:
            record.server = self.spelling[next(iter(owners))]
            if record.exists:
                why = f"the export does not name it; taken to be {record.server}, by the name"
                self._note(f"the server of {record.name}", None, why, origin, unreadable=True)
            return
        source = origin.source if origin else "the evidence"
        what = f"the server of {record.name}" if is_connector else "the server of an object"
        if len(self.spelling) == 1:
            record.server = next(iter(self.spelling.values()))
            why = f"the export does not name it; taken to be {record.server}, the only one known"
            self._note(what, record.server, why, origin)
            return
        record.server = f"(unnamed server in {source})"
        why = "the export does not name it; export Identity or Server as well"
        self._note(what, None, why, origin, unreadable=True)

    def _note(
        self,
        what: str,
        server: str | None,
        why: str,
        origin: Origin | None,
        *,
        unreadable: bool = False,
    ) -> None:
        """Note a gap; of one file the first place stands for all."""
        source = origin.source if origin else ""
        if (what, why, source) in self.noted:
            return
        self.noted.add((what, why, source))
        gap = Gap(what=what, server=server, why=why, origin=origin, unreadable=unreadable)
        self.gaps.append(gap)

    def _merge(self, noun: str) -> dict[tuple[str, str], tuple[Record, Merged]]:
        groups: dict[tuple[str, str], tuple[Record, Merged]] = {}
        for record in self.harvest.records:
            if record.noun == noun:
                server = record.server or ""
                key = (_key(server), "" if noun == "server" else _key(record.name))
                if key not in groups:
                    label = server if noun == "server" else f"{server}\\{record.name.strip()}"
                    groups[key] = (record, Merged(label, record.server, record.name.strip()))
                groups[key][1].add(record)
        for _, merged in groups.values():
            merged.finish()
            self.gaps += merged.gaps
        return groups

    def _connectors(self) -> tuple[Connector, ...]:
        result: list[Connector] = []
        for first, merged in self._merge("connector").values():
            if not merged.exists:
                why = "there are access control entries for it, but no Get-ReceiveConnector output"
                origin = merged.origins.get("access_entries")
                what = f"the connector {merged.label}"
                self._note(what, first.server, why, origin, unreadable=True)
                continue
            result.append(
                Connector(
                    server=first.server or "",
                    name=merged.name,
                    when_changed=merged.changed,
                    facts=tuple(sorted(merged.origins.items())),
                    **merged.fields,
                )
            )
        for connector in result:
            self._note_filtered(connector)
        return tuple(sorted(result, key=lambda one: (_key(one.server), _key(one.name))))

    def _note_filtered(self, connector: Connector) -> None:
        """A list without any inherited entry was filtered: a connector always inherits some."""
        entries = connector.access_entries
        if entries and all(entry.inherited is False for entry in entries):
            why = "none was exported, so rights that come from the server or above are not seen"
            origin = next(iter(connector.origin("access_entries")), None)
            self._note("inherited access control entries", None, why, origin)

    def _servers(self, with_connectors: set[str]) -> tuple[Server, ...]:
        facts = {key: merged for (key, _), (_, merged) in self._merge("server").items()}
        adapters: dict[str, list[Merged]] = {}
        for (key, _), (_, merged) in self._merge("adapter").items():
            adapters.setdefault(key, []).append(merged)
        exchange = {key for key, merged in facts.items() if merged.fields.get("is_exchange")}
        names = exchange | with_connectors | set(self.declared)
        for key in sorted(set(adapters) - names):
            origin = next(iter(adapters[key][0].origins.values()), None)
            why = "there are network adapters of it, but no Exchange export names it"
            what = f"the machine {self.spelling.get(key, key)}"
            self._note(what, None, why, origin, unreadable=True)
        result = [self._server(key, facts.get(key), adapters.get(key, [])) for key in sorted(names)]
        return tuple(result)

    def _server(self, key: str, facts: Merged | None, adapters: list[Merged]) -> Server:
        fields: dict[str, Any] = dict(facts.fields) if facts else {}
        origins = dict(facts.origins) if facts else {}
        fields.pop("is_exchange", None)
        for adapter in adapters:
            for name in ("addresses", "gateways"):
                if name in adapter.fields:
                    more = (*fields.get(name, ()), *adapter.fields[name])
                    fields[name] = tuple(sorted(set(more)))
                    origins.setdefault(name, adapter.origins[name])
            if not adapter.fields.get("network_complete", True):
                fields["network_complete"] = False
        if not fields.get("network_complete", True):
            fields = {name: value for name, value in fields.items() if value != ()}
        self._supplement(key, fields, origins)
        self._add_agents(key, fields, origins)
        name = self.spelling.get(key, key)
        return Server(name=name, facts=tuple(sorted(origins.items())), **fields)

    def _supplement(self, key: str, fields: dict[str, Any], origins: dict[str, Origin]) -> None:
        declared = self.declared.get(key)
        if declared is None:
            return
        places = dict(declared.facts)
        for name in ("addresses", "gateways"):
            own = getattr(declared, name)
            if own is not None:
                fields[name] = tuple(sorted({*fields.get(name, ()), *own}))
                origins.setdefault(name, places[name])
        for name in ("version", "roles"):
            own = getattr(declared, name)
            if own is None:
                continue
            if fields.get(name, own) != own:
                why = f"the configuration says otherwise; taken from {origins.get(name)}"
                self._note(f"{name} of {declared.name}", declared.name, why, places[name])
            else:
                fields.setdefault(name, own)
                origins.setdefault(name, places[name])

    def _add_agents(self, key: str, fields: dict[str, Any], origins: dict[str, Origin]) -> None:
        for agent in self.agents or ():
            own = agent.server is not None and _key(agent.server) == key
            own = own or (agent.server is None and len(self.spelling) == 1)
            if own and agent.is_anti_spam and agent.enabled is not None:
                fields["anti_spam_agents"] = agent.enabled or bool(fields.get("anti_spam_agents"))
                origins.setdefault("anti_spam_agents", agent.origin)


def _gap_order(gap: Gap) -> tuple[bool, str, str, str, str]:
    origin = str(gap.origin) if gap.origin else ""
    return not gap.unreadable, gap.server or "", gap.what, gap.why, origin
