"""What the logs cannot say about one connector, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.log_coverage import gaps_between, server_days
from rctango.analysis.logged import counted, periods_of, time_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.connector import Connector
    from rctango.model.observation import Traffic

_LEVEL = {
    True: "",
    False: "By the evidence its logging is off, so what it does now is not logged.",
    None: "Whether its logging is on was not collected.",
}
_KEPT = (
    "Unless configured otherwise Exchange keeps logs for 30 days and 250 MB of each kind, "
    "whichever is less: that a client is missing in them is weak evidence."
)


def caveats_of(traffic: Traffic, connector: Connector) -> tuple[str, ...]:
    """Why the logs may show less of the connector than happened."""
    return tuple(text for text in _caveats(traffic, connector) if text)


def _caveats(traffic: Traffic, connector: Connector) -> Iterator[str]:
    periods = periods_of(traffic, connector)
    if periods:
        first = min(one.first_seen for one in periods)
        last = max(one.last_seen for one in periods)
        yield (
            f"The logs show its sessions {time_span(first, last)}; who uses it more rarely is "
            "missing."
        )
        days = server_days(traffic, connector.server, {one.role for one in periods})
        within = {day for day in days if first.date() <= day <= last.date()}
        missing = sum(gap.days for gap in gaps_between(within))
        if missing:
            yield f"On {counted(missing, 'day')} between, the server's log holds nothing at all."
    else:
        yield "The logs show no session of it."
    yield _LEVEL[connector.verbose_logging]
    yield _KEPT
    yield from traffic.incomplete
