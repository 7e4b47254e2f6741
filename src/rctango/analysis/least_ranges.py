"""Least privilege: the remote ranges that a relay connector needs, by what the logs show.

What is proposed only ever narrows: an address enters when a client with it relayed through this
connector and the present ranges hold it. An address that stands for something else than one client
is never kept in silence; somebody has to decide about it.

A single address is the narrowest range there is, so it wins against every wider range of another
connector. The engine is asked again with the proposed ranges, at every listener of the connector,
who answers each client: what would differ from today is a warning.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rctango.addresses import AddressRange, RangeSet, RangeText, read_range
from rctango.analysis.doubts import Doubts
from rctango.analysis.entries import unused_entries
from rctango.analysis.log_caveats import caveats_of
from rctango.analysis.logged import (
    enumerated,
    known_address,
    tables_for,
    utc,
)
from rctango.analysis.view import View
from rctango.model.connection import Verdict
from rctango.model.proposal import LostClient, Proposal, RelayingClient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rctango.addresses import Address
    from rctango.analysis.log_index import LogIndex
    from rctango.analysis.selection import Answer, Table
    from rctango.model.connector import Connector
    from rctango.model.observation import Traffic, Usage

_MOST_ENTRIES = 1200
"""About as many values as the directory holds in one property."""
_UNKNOWN_DOMAINS = (
    "The accepted domains are not known, so every client with an accepted recipient counts as "
    "relaying."
)


def propose(view: View, traffic: Traffic, connector: Connector) -> Proposal:
    """The least remote ranges for a relay connector.

    Args:
        view: the evidence.
        traffic: what the logs showed.
        connector: the connector to narrow.
    """
    logs = view.logs(traffic)
    rows = logs.usage_on(connector)
    clients = [_client(group) for group in _by_client(rows)]
    sorted_out = _SortedOut(view, traffic, connector, clients)
    kept = RangeSet.of(one.address for one in sorted_out.keep if one.address is not None)
    after = _narrowed(view, connector, kept)
    proved = all(one.recipients_foreign is not None for one in rows)
    caveats = caveats_of(traffic, connector)
    return Proposal(
        connector=connector.identity,
        entries=tuple(str(one.address) for one in sorted_out.keep),
        aggregated=tuple(str(block) for block in kept.networks()),
        keep=tuple(sorted_out.keep),
        needs_decision=tuple(sorted_out.decide),
        left_out=tuple(sorted_out.left_out),
        unused=_unused(connector, rows),
        lost=tuple(
            LostClient(
                client=one.client,
                address=one.address,
                sessions=one.sessions,
                last_seen=one.last_seen,
                answered_by=_answered_by(after, logs, connector, one.address),
            )
            for one in clients
            if not one.recipients
        ),
        relay_proved=proved,
        caveats=caveats if proved else (_UNKNOWN_DOMAINS, *caveats),
        warnings=tuple(_warnings(view, after, connector, sorted_out, rows)),
    )


def _unused(connector: Connector, rows: list[Usage]) -> tuple[str, ...]:
    seen = [one.address for one in rows if one.address is not None]
    return tuple(entry.text for entry in unused_entries(connector, seen))


def _by_client(rows: Iterable[Usage]) -> list[list[Usage]]:
    groups: dict[Address | str, list[Usage]] = {}
    for one in rows:
        groups.setdefault(one.client if one.address is None else one.address, []).append(one)
    return [groups[key] for key in sorted(groups, key=_in_order)]


def _in_order(key: Address | str) -> tuple[int, int, str]:
    return (9, 0, key) if isinstance(key, str) else (key.family, key.value, "")


def _client(rows: list[Usage]) -> RelayingClient:
    address = rows[0].address
    return RelayingClient(
        client=rows[0].client if address is None else str(address),
        address=address,
        sessions=sum(one.sessions for one in rows),
        messages=sum(one.messages for one in rows),
        recipients=sum(_relayed(one) for one in rows),
        first_seen=min((one.first_seen for one in rows), key=utc),
        last_seen=max((one.last_seen for one in rows), key=utc),
    )


def _relayed(usage: Usage) -> int:
    foreign = usage.recipients_foreign
    return usage.recipients_accepted if foreign is None else foreign


class _SortedOut:
    """The relaying clients: those to keep, those to decide about, and the others.

    Attributes:
        keep: the proposed ones.
        decide: those that stand for something else than one client.
        left_out: those that cannot be proposed.
    """

    def __init__(
        self, view: View, traffic: Traffic, connector: Connector, clients: list[RelayingClient]
    ) -> None:
        self.keep: list[RelayingClient] = []
        self.decide: list[RelayingClient] = []
        self.left_out: list[RelayingClient] = []
        doubts = Doubts(view, traffic)
        ranges = view.ranges(connector)
        known = connector.remote_ranges is not None and connector.remote_ranges_complete
        for one in clients:
            if not one.recipients:
                continue
            if one.address is None:
                self.left_out.append(replace(one, why="Its address cannot be read."))
            elif known and one.address not in ranges:
                why = "The present ranges do not hold it: it relayed before they were changed."
                self.left_out.append(replace(one, why=why))
            elif doubt := doubts.about(one.address):
                self.decide.append(replace(one, why=doubt))
            else:
                self.keep.append(one)


def _narrowed(view: View, connector: Connector, kept: RangeSet) -> View:
    """The same organisation with the proposed ranges."""
    changed = replace(
        connector, remote_ranges=tuple(_entries(kept)), remote_ranges_complete=True, facts=()
    )
    connectors = tuple(
        changed if one.identity == connector.identity else one for one in view.snapshot.connectors
    )
    return View(replace(view.snapshot, connectors=connectors))


def _entries(kept: RangeSet) -> Iterator[RangeText]:
    for item in kept:
        for value in range(item.first, item.last + 1):
            single = AddressRange(family=item.family, first=value, last=value)
            yield read_range(str(single))


def _answered_by(
    after: View, logs: LogIndex, connector: Connector, address: Address | None
) -> tuple[str, ...]:
    """Who would answer the client at each endpoint where the connector answered it so far."""
    if address is None:
        return ()
    tables: dict[str, Table] = {}
    for one in logs.answers_by(connector, address):
        local = known_address(one.local)
        if local is not None and one.port is not None:
            for table in tables_for(after, connector.server, one.role, local, one.port):
                tables[f"{local} port {one.port}"] = table
    if not tables:
        tables = {str(table.listener.local): table for table in _tables(after, connector)}
    return tuple(
        f"{where}: {_words(table.answer(address.value))}"
        for where, table in sorted(tables.items())
        if table.family is address.family
    )


def _tables(view: View, connector: Connector) -> list[Table]:
    same = next(one for one in view.connectors if one.identity == connector.identity)
    return view.tables_of(same)


def _words(answer: Answer) -> str:
    if answer.connector is not None:
        return answer.connector.identity
    if answer.verdict is Verdict.REFUSED:
        return "nobody"
    return " or ".join(one.identity for one in answer.contenders)


def _warnings(
    view: View, after: View, connector: Connector, found: _SortedOut, rows: list[Usage]
) -> Iterator[str]:
    if not found.keep:
        yield (
            "Nothing is proposed: no client that could be kept relayed in these logs, and Exchange "
            "does not allow an empty list. If nobody needs the connector, disable it."
        )
    if found.decide:
        names = enumerated(one.client for one in found.decide)
        yield f"{names} relayed and will not any more, until somebody decides to add them."
    kept = [one.address for one in found.keep if one.address is not None]
    yield from _changes(view, after, connector, kept)
    if len(kept) > _MOST_ENTRIES:
        yield f"The directory holds about 1,250 entries of one connector; these are {len(kept):,}."
    able = {one.address for one in rows if one.auth_successes}
    names = enumerated(str(one) for one in kept if one in able)
    if names:
        yield f"{names} authenticated as well and may need no relay connector: use port 587."


def _changes(view: View, after: View, connector: Connector, kept: list[Address]) -> Iterator[str]:
    """Where a kept client would meet another connector than today, or not surely this one."""
    pairs = zip(_tables(view, connector), _tables(after, connector), strict=True)
    for before, then in pairs:
        taken: dict[str, list[str]] = {}
        unsure: list[str] = []
        for address in kept:
            if address.family is not before.family:
                continue
            old, new = before.answer(address.value), then.answer(address.value)
            if new.connector is None or new.connector.identity != connector.identity:
                unsure.append(str(address))
            elif old.connector is not None and old.connector.identity != connector.identity:
                taken.setdefault(old.connector.identity, []).append(str(address))
        where = then.listener.local
        if unsure:
            yield f"At {where} {enumerated(unsure)} would not surely be answered by it."
        for other, clients in taken.items():
            yield f"At {where} it would take {enumerated(clients)} from {other}."
