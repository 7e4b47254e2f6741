"""The time in which the logs would have shown every session of a connector."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rctango.analysis.listeners import role_of
from rctango.analysis.logged import RECEIVE, ROLES, periods_of, server_key, utc

if TYPE_CHECKING:
    from datetime import date

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.observation import LogPeriod, Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWindow:
    """A run of days.

    Attributes:
        first: the first day (UTC).
        last: the last day (UTC).
        missing: the days between without any session in the server's log of that service.
    """

    first: date
    last: date
    missing: int

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


def log_window(view: View, traffic: Traffic, connector: Connector) -> LogWindow | None:
    """When the connector was logged in its present form; None when that cannot be told.

    With logging on it is logged as long as its server's log goes, since its last change: before,
    logging may have been off and the ranges others. Without that knowledge the time from its first
    to its last session remains.
    """
    days = _days(view, traffic, connector)
    own = periods_of(traffic, connector)
    changed = connector.when_changed
    since = None if changed is None else utc(changed).date()
    if connector.verbose_logging and since is not None and days:
        first, last = max(min(days), since), max(days)
    elif own:
        first = min(one.first_seen for one in own).date()
        last = max(one.last_seen for one in own).date()
        first = first if since is None else max(first, since)
    else:
        return None
    if first > last:
        return None
    every = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    return LogWindow(first=first, last=last, missing=len(every - days))


def _days(view: View, traffic: Traffic, connector: Connector) -> set[date]:
    """The days with any session in the log of the connector's server and service."""
    wanted = role_of(connector, view.servers.get(connector.server))
    ports = {one.port for one in connector.bindings or ()}
    key = server_key(connector.server)

    def is_same_service(period: LogPeriod) -> bool:
        role = ROLES.get(period.role or "")
        if role is None or wanted is None:
            return bool(ports & set(period.ports))
        return bool(role & wanted)

    return {
        day
        for one in traffic.periods
        if one.log == RECEIVE and server_key(one.server or "") == key and is_same_service(one)
        for day in one.days
    }
