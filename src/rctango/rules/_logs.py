"""Which facts about logs are missing, and how to get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.listeners import role_of
from rctango.analysis.log_window import log_window
from rctango.analysis.logged import RECEIVE, connector_key, server_key
from rctango.analysis.relay import lets_anonymous_in
from rctango.model.judgement import SourceVerdict
from rctango.model.rights import Answer, TransportRole
from rctango.rules._lacking import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.judgement import SourceJudgement
    from rctango.model.observation import Traffic

ENOUGH_DAYS = 14
"""Two weeks hold what is done daily and weekly."""
_MANY_SENDERS = 10


def has_logs(view: View) -> bool:
    """Whether any logs were given; without them a rule that judges logs does not apply."""
    return view.snapshot.traffic is not None


def traffic(view: View) -> tuple[str, ...]:
    """Logs that could not be read, or from which no address can be judged."""
    found = view.snapshot.traffic
    if found is None or not found.periods:
        return ("protocol logs: give folders or files with --logs",)
    lacking = [f"all of the protocol logs: {why}" for why in found.incomplete]
    judged = view.judged_sources
    if judged and all(one.verdict is SourceVerdict.TOO_LITTLE for one in judged):
        lacking.append("protocol logs with more sessions: these say too little of every address")
    return tuple(lacking)


def relays(view: View) -> Iterator[Connector]:
    """The connectors through which clients of specific ranges relay, or may relay."""
    for connector in view.suspects:
        if view.rights(connector).relay is not Answer.NO:
            yield connector


def is_covered(view: View, found: Traffic, connector: Connector) -> bool:
    """Whether the logs show every session of the connector over enough days."""
    window = log_window(view, found, connector)
    return window is not None and window.days >= ENOUGH_DAYS and not window.missing


def log_period(view: View) -> tuple[str, ...]:
    """Relay connectors that the logs do not cover for long enough, or not readably."""
    found = view.snapshot.traffic
    if found is None:
        return ()
    short = [one.identity for one in relays(view) if not is_covered(view, found, one)]
    masked = [
        one.identity
        for one in relays(view)
        if any(usage.address is None for usage in view.logs(found).usage_on(one))
    ]
    how = f"{ENOUGH_DAYS} days since its last change, without a day missing"
    return (
        *([f"protocol logs of {listed(short)}: {how}"] * bool(short)),
        *([f"the client addresses in the logs of {listed(masked)}"] * bool(masked)),
    )


def other_logs(view: View) -> tuple[str, ...]:
    """Connectors without logging of whose traffic no other log could tell."""
    found = view.snapshot.traffic
    if found is None:
        return ()
    hubs = {
        server_key(one.server or "")
        for one in found.periods
        if one.log == RECEIVE and (one.role == "hub" or one.proxied)
    }
    dark = [
        one.identity
        for one in view.connectors
        if one.enabled is not False
        and one.verbose_logging is False
        and lets_anonymous_in(one)
        and not (_is_front_end(view, one) and server_key(one.server) in hubs)
    ]
    how = "set ProtocolLoggingLevel to Verbose, or give the Hub receive logs of the server"
    return (f"the traffic of {listed(dark)}: {how}",) if dark else ()


def _is_front_end(view: View, connector: Connector) -> bool:
    role = role_of(connector, view.servers.get(connector.server))
    return role is TransportRole.FRONTEND_TRANSPORT


def crowded(view: View) -> Iterator[SourceJudgement]:
    """The addresses from which many connect, or that pass on mail of many and meet a limit."""
    many = {SourceVerdict.DECLARED, SourceVerdict.LIKELY, SourceVerdict.POSSIBLE}
    for one in view.judged_sources:
        busy = one.limit_refusals and one.sender_domains >= _MANY_SENDERS
        if one.verdict in many or (busy and one.verdict is not SourceVerdict.EXCHANGE_SERVER):
            yield one


def connectors_of(view: View, client: SourceJudgement) -> list[Connector]:
    """The enabled connectors of the evidence that answered an address in the logs."""
    found = view.snapshot.traffic
    usage = [] if found is None else view.logs(found).usage_by(client.address)
    used = {connector_key(one.connector) for one in usage}
    return [
        one
        for one in view.connectors
        if one.enabled is not False and connector_key(one.identity) in used
    ]


def limits(view: View) -> tuple[str, ...]:
    """Connectors that answered crowded addresses and whose limits were not collected."""
    lacking = {
        one.identity
        for client in crowded(view)
        for one in connectors_of(view, client)
        if one.max_inbound_per_source is None or one.max_inbound_percentage_per_source is None
    }
    how = "export Get-ReceiveConnector with all properties"
    what = "MaxInboundConnectionPerSource and MaxInboundConnectionPercentagePerSource"
    return (f"{what} of {listed(lacking)}: {how}",) if lacking else ()
