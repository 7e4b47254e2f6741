"""Traffic of connectors that write no log, as the logs of others give it away.

The Front End passes every session on to the Transport service and names the true client there: a
Hub log shows who connected to a Front End connector without logging. Which connector that was is
computed; the session rights that the Front End passes on must be those it grants. A send log shows
the sessions of another Exchange server, and computing tells which connector answered it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rctango.analysis.logged import server_key, servers_by_key, utc
from rctango.model.log_coverage import UnloggedTraffic
from rctango.model.rights import Answer, Right, TransportRole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rctango.addresses import Address
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.observation import ProxiedUsage, SendFailure, Traffic


class _Sight(NamedTuple):
    """Sessions of one client that one connector must have answered."""

    connector: Connector
    shown_by: str
    client: str
    sessions: int
    first_seen: datetime
    last_seen: datetime


def unlogged_traffic(traffic: Traffic, view: View) -> tuple[UnloggedTraffic, ...]:
    """The connectors whose logging is off and that are used nevertheless."""
    groups: defaultdict[tuple[str, str], list[_Sight]] = defaultdict(list)
    for sight in (*_proxied(traffic, view), *_sent(traffic, view)):
        if sight.connector.verbose_logging is False:
            groups[sight.connector.identity, sight.shown_by].append(sight)
    return tuple(_traffic(members) for _, members in sorted(groups.items()))


def _traffic(sights: list[_Sight]) -> UnloggedTraffic:
    sessions: defaultdict[str, int] = defaultdict(int)
    for one in sights:
        sessions[one.client] += one.sessions
    return UnloggedTraffic(
        connector=sights[0].connector.identity,
        sessions=sum(sessions.values()),
        clients=tuple(sorted(sessions, key=lambda client: (-sessions[client], client))),
        first_seen=min((one.first_seen for one in sights), key=utc),
        last_seen=max((one.last_seen for one in sights), key=utc),
        shown_by=sights[0].shown_by,
    )


def _proxied(traffic: Traffic, view: View) -> Iterator[_Sight]:
    dark = {one.server for one in view.connectors if one.verbose_logging is False}
    servers = {key: name for key, name in servers_by_key(view).items() if name in dark}
    for seen in traffic.proxied:
        name = servers.get(server_key(seen.server or ""))
        if name is None or seen.address is None:
            continue
        found = _front_end(view, name, seen, seen.address)
        if found is not None:
            yield _Sight(
                connector=found,
                shown_by=f"the Hub log of {name}",
                client=seen.client,
                sessions=seen.sessions,
                first_seen=seen.first_seen,
                last_seen=seen.last_seen,
            )


def _front_end(view: View, server: str, seen: ProxiedUsage, address: Address) -> Connector | None:
    """The one Front End connector that can have passed this client on; None when it is open."""
    answering = {
        connector.identity: connector
        for table in view.tables_at(server)
        if table.listener.role is TransportRole.FRONTEND_TRANSPORT
        and table.family is address.family
        and (connector := table.answer(address.value).connector) is not None
        and _fits(view, connector, seen.permissions)
    }
    return next(iter(answering.values())) if len(answering) == 1 else None


def _fits(view: View, connector: Connector, permissions: int | None) -> bool:
    """Whether an unauthenticated session there may submit and has exactly these rights."""
    grant = view.grant(connector)
    if grant.has(Right.SUBMIT) is Answer.NO:
        return False
    if permissions is None:
        return True
    least, most = grant.granted, grant.granted | grant.unknown
    return least & permissions == least and not permissions & ~most


def _sent(traffic: Traffic, view: View) -> Iterator[_Sight]:
    owners = {
        address: server for server in view.snapshot.servers for address in server.addresses or ()
    }
    for seen in traffic.send_failures:
        sender = owners.get(seen.local_address) if seen.local_address else None
        target = owners.get(seen.remote_address) if seen.remote_address else None
        if sender is None or target is None:
            continue
        answering = {
            flow.selection.connector.identity: flow.selection.connector
            for flow in view.flows_between(sender, target)
            if flow.source == seen.local_address and flow.selection and flow.selection.connector
        }
        if len(answering) == 1:
            yield _from_send_log(next(iter(answering.values())), sender.name, seen)


def _from_send_log(connector: Connector, sender: str, seen: SendFailure) -> _Sight:
    return _Sight(
        connector=connector,
        shown_by=f"the send log of {sender}",
        client=seen.local,
        sessions=seen.sessions,
        first_seen=seen.first_seen,
        last_seen=seen.last_seen,
    )
