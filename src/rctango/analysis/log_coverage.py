"""Log coverage: which time and which connectors the logs speak of, and where they are silent.

By default only two of the connectors that setup makes log, Default Frontend and Outbound Proxy
Frontend; a connector that somebody adds does not. A folder of logs is cut to 250 MB and 30 days.
So the absence of a client in a log says little until the log is known to cover the time.

Source: https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from rctango.analysis.logged import RECEIVE, connector_key, known_address, server_key, utc
from rctango.analysis.unlogged import unlogged_traffic
from rctango.model.log_coverage import (
    DayGap,
    LogCoverage,
    LoggedSpan,
    Unanswered,
    UnseenConnector,
)
from rctango.model.rights import TransportRole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from rctango.analysis.view import View
    from rctango.model.observation import LoggedAnswer, LogPeriod, Traffic

_ONE_DAY = timedelta(days=1)
_HUB_PORTS = frozenset({2525, 465})
_WHY = {
    True: "its logging is on, so no client used it in this time, or its logs are not here",
    False: "its logging is off, so whether it is used is not known",
    None: "whether its logging is on was not collected",
}


def log_coverage(traffic: Traffic, view: View | None) -> LogCoverage:
    """What the logs cover.

    Args:
        traffic: what the logs showed.
        view: the evidence, to compare with; None when there is none.
    """
    named = [one for one in traffic.periods if one.connector]
    return LogCoverage(
        servers=_servers(traffic.periods),
        connectors=tuple(_span([one], one.connector) for one in named),
        unseen=None if view is None else _unseen(traffic, view),
        unlogged=None if view is None else unlogged_traffic(traffic, view),
        hub_only=_hub_only(traffic, view),
        unanswered=_unanswered(traffic.answers),
        silent_servers=None if view is None else _silent(traffic, view),
        unknown_servers=None if view is None else _unknown(traffic, view),
        incomplete=traffic.incomplete,
    )


def gaps_between(days: Iterable[date]) -> tuple[DayGap, ...]:
    """The runs of days that are missing between the first and the last of ``days``."""
    ordered = sorted(set(days))
    return tuple(
        DayGap(first=before + _ONE_DAY, last=after - _ONE_DAY)
        for before, after in pairwise(ordered)
        if (after - before).days > 1
    )


def server_days(traffic: Traffic, server: str, roles: Iterable[str | None]) -> set[date]:
    """The days on which a server's receive logs of some roles hold any session at all.

    A quiet connector has days without a session; a server's log as a whole hardly ever has.
    """
    key, wanted = server_key(server), set(roles)
    return {
        day
        for one in traffic.periods
        if one.log == RECEIVE and one.role in wanted and server_key(one.server or "") == key
        for day in one.days
    }


def _servers(periods: Iterable[LogPeriod]) -> tuple[LoggedSpan, ...]:
    groups: defaultdict[tuple[str, str | None, str | None], list[LogPeriod]] = defaultdict(list)
    for one in periods:
        groups[one.log, one.role, one.server].append(one)
    ordered = sorted(groups.items(), key=lambda item: tuple(part or "" for part in item[0]))
    return tuple(_span(members, None) for _, members in ordered)


def _span(members: list[LogPeriod], connector: str | None) -> LoggedSpan:
    days = {day for one in members for day in one.days}
    return LoggedSpan(
        log=members[0].log,
        role=members[0].role,
        server=members[0].server,
        connector=connector,
        sessions=sum(one.sessions for one in members),
        first_seen=min(one.first_seen for one in members),
        last_seen=max(one.last_seen for one in members),
        days=len(days),
        gaps=gaps_between(days),
    )


def _unseen(traffic: Traffic, view: View) -> tuple[UnseenConnector, ...]:
    seen = {connector_key(one.connector) for one in traffic.periods if one.log == RECEIVE}
    return tuple(
        UnseenConnector(
            connector=one.identity, verbose=one.verbose_logging, why=_WHY[one.verbose_logging]
        )
        for one in view.connectors
        if one.enabled is not False and connector_key(one.identity) not in seen
    )


def _logged_servers(traffic: Traffic) -> dict[str, str]:
    """The servers that receive logs name, by what to compare them by."""
    names = [one.server for one in traffic.periods if one.log == RECEIVE and one.server]
    return {server_key(name): name for name in names}


def _silent(traffic: Traffic, view: View) -> tuple[str, ...]:
    logged = _logged_servers(traffic)
    names = {**dict.fromkeys(view.connectors_of), **dict.fromkeys(view.servers)}
    return tuple(sorted(name for name in names if server_key(name) not in logged))


def _unknown(traffic: Traffic, view: View) -> tuple[str, ...]:
    known = {server_key(name) for name in (*view.connectors_of, *view.servers)}
    return tuple(sorted(n for key, n in _logged_servers(traffic).items() if key not in known))


def _hub_only(traffic: Traffic, view: View | None) -> tuple[str, ...]:
    """Servers that have a Front End and show Hub logs only: the clients are in the other ones.

    What tells of a Front End is the evidence, the commands by which it passes sessions on, or the
    ports on which the Transport service listens beside one.
    """
    groups: defaultdict[str, list[LogPeriod]] = defaultdict(list)
    for one in traffic.periods:
        if one.log == RECEIVE and one.server:
            groups[server_key(one.server)].append(one)
    return tuple(
        sorted(
            members[0].server or key
            for key, members in groups.items()
            if all(map(_is_hub, members)) and _has_front_end(key, members, view)
        )
    )


def _is_hub(period: LogPeriod) -> bool:
    if period.role is not None:
        return period.role == "hub"
    ports = set(period.ports)
    return bool(period.proxied) or (bool(ports) and ports <= _HUB_PORTS)


def _has_front_end(key: str, members: list[LogPeriod], view: View | None) -> bool:
    if any(one.proxied or _HUB_PORTS & set(one.ports) for one in members):
        return True
    if view is None:
        return False
    server = next((one for one in view.snapshot.servers if server_key(one.name) == key), None)
    running = server.transport_roles if server else None
    return bool(running and running & TransportRole.FRONTEND_TRANSPORT)


def _unanswered(answers: Iterable[LoggedAnswer]) -> tuple[Unanswered, ...]:
    groups: defaultdict[tuple[str | None, str, int | None], list[LoggedAnswer]] = defaultdict(list)
    for one in answers:
        if not one.connector.strip():
            local = known_address(one.local)
            text = one.local if local is None else str(local)
            groups[one.server, text, one.port].append(one)
    made = [_refusals(place, members) for place, members in groups.items()]
    return tuple(sorted(made, key=lambda one: (-one.sessions, one.local, one.port or 0)))


def _refusals(place: tuple[str | None, str, int | None], members: list[LoggedAnswer]) -> Unanswered:
    sessions: defaultdict[str, int] = defaultdict(int)
    for one in members:
        sessions[one.client] += one.sessions
    return Unanswered(
        server=place[0],
        local=place[1],
        port=place[2],
        sessions=sum(sessions.values()),
        clients=tuple(sorted(sessions, key=lambda client: (-sessions[client], client))),
        first_seen=min((one.first_seen for one in members), key=utc),
        last_seen=max((one.last_seen for one in members), key=utc),
    )
