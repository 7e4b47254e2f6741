"""What logs show of an offence: that the relay happened, that the device came, that mail queued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.logged import counted, server_key, time_span, utc

if TYPE_CHECKING:
    from rctango.addresses import Address, RangeSet
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.observation import SendFailure, Traffic, Usage

_REFUSED = "451 5.7.3"


def relay_shown(view: View, traffic: Traffic, connector: Connector, scope: RangeSet) -> str:
    """One sentence on the relay that really happened from some addresses; empty when none did.

    Only foreign recipients count, so that nothing is said without accepted domains, and only
    clients that never authenticated: what those with a password sent is no anonymous relay.
    """
    rows = [
        one
        for one in _seen(view, traffic, connector, scope)
        if one.recipients_foreign and not one.auth_successes
    ]
    if not rows:
        return ""
    recipients = sum(one.recipients_foreign or 0 for one in rows)
    return (
        f"The logs show it: {_clients(rows)} sent to {counted(recipients, 'recipient')} in other "
        f"domains {_time(rows)}."
    )


def visit_shown(view: View, traffic: Traffic, connector: Connector, scope: RangeSet) -> str:
    """One sentence on the sessions of some addresses with the connector; empty without any."""
    relayed = relay_shown(view, traffic, connector, scope)
    rows = _seen(view, traffic, connector, scope)
    if relayed or not rows:
        return relayed
    sessions = counted(sum(one.sessions for one in rows), "session")
    return f"The logs show {sessions} of {_clients(rows)} with the connector {_time(rows)}."


def capture_shown(view: View, traffic: Traffic, connector: Connector, sender: str, at: str) -> str:
    """One sentence on mail of an Exchange server that the connector kept away; empty without any.

    A send log shows 451 5.7.3 towards the server, or the receive log shows sessions in which the
    connector offered no Exchange Server authentication and the peer left without sending.

    Args:
        view: the evidence.
        traffic: what the logs showed.
        connector: the connector that answers the sender.
        sender: the name of the sending server.
        at: its address.
    """
    target = view.servers.get(connector.server)
    own = set(target.addresses or ()) if target is not None else set()
    failures = [
        one
        for one in traffic.send_failures
        if one.reply.startswith(_REFUSED)
        and one.offers_exchange_auth is not True
        and one.remote_address in own
        and _is_from(one, sender, at)
    ]
    if failures:
        number = counted(sum(one.sessions for one in failures), "session")
        first = min((one.first_seen for one in failures), key=utc)
        last = max((one.last_seen for one in failures), key=utc)
        return (
            f"The send log of {sender} shows it: {number} to {connector.server} failed with "
            f"{_REFUSED} {time_span(first, last)}."
        )
    rows = [one for one in view.logs(traffic).usage_on(connector) if _left(one, at)]
    if not rows:
        return ""
    number = counted(sum(one.without_exchange_auth for one in rows), "session")
    return (
        f"The logs show it: {number} of {sender} were offered no Exchange Server authentication "
        f"and brought no mail {_time(rows)}."
    )


def _left(usage: Usage, at: str) -> bool:
    return str(usage.address) == at and not usage.messages and usage.without_exchange_auth > 0


def _is_from(failure: SendFailure, sender: str, at: str) -> bool:
    if failure.local_address is not None:
        return str(failure.local_address) == at
    return bool(failure.ehlo_name) and server_key(failure.ehlo_name) == server_key(sender)


def _seen(view: View, traffic: Traffic, connector: Connector, scope: RangeSet) -> list[Usage]:
    return [
        one
        for one in view.logs(traffic).usage_on(connector)
        if one.address is not None and one.address in scope
    ]


def _clients(rows: list[Usage]) -> str:
    found: set[Address | None] = {one.address for one in rows}
    return str(rows[0].address) if len(found) == 1 else counted(len(found), "client")


def _time(rows: list[Usage]) -> str:
    first = min((one.first_seen for one in rows), key=utc)
    last = max((one.last_seen for one in rows), key=utc)
    return time_span(first, last)
