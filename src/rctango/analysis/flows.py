"""Flows: can one Exchange server deliver to another, and which connector answers it?

Source: https://learn.microsoft.com/exchange/mail-flow/mail-flow and
https://learn.microsoft.com/exchange/plan-and-deploy/deployment-ref/network-ports (ports);
docs/selection.md says where they disagree with what has been observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.access import anonymous_grant, exchange_authentication, relay_right
from rctango.model.connection import Flow, FlowVerdict, Reason, Verdict
from rctango.model.rights import Answer, AuthMechanism, TransportRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rctango.addresses import Address
    from rctango.analysis.selection import Table
    from rctango.model.connection import Selection
    from rctango.model.connector import Connector
    from rctango.model.server import Server

SMTP_PORT = 25
HUB_PORT = 2525
_REFUSED = "no connector answers: 421 4.3.2 Service not available"


def is_pair(sender: Server, target: Server) -> bool:
    """Whether mail is ever delivered from ``sender`` to ``target`` over SMTP.

    Both must run a transport service; a server whose roles are unknown may. A target needs the
    Transport service itself (a 2013 Client Access server only passes sessions on), and Edge
    servers do not deliver to each other.
    """
    if sender.name == target.name:
        return False
    if sender.is_edge and target.is_edge:
        return False
    roles, own = target.transport_roles, sender.transport_roles
    if own is not None and not own:
        return False
    if own == TransportRole.FRONTEND_TRANSPORT and (target.is_edge or _is_older(target)):
        return False
    return roles is None or bool(roles & TransportRole.HUB_TRANSPORT)


def _is_older(server: Server) -> bool:
    return server.version is not None and server.version.major < 15


def port_used(sender: Server, target: Server) -> int | None:
    """The port on which ``sender`` connects to ``target``; None when version or roles are unknown.

    Exchange 2013 and newer reach a server with both transport services on 2525; everything else
    happens on 25.
    """
    if target.is_edge or sender.is_edge or _is_older(target) or _is_older(sender):
        return SMTP_PORT
    if target.transport_roles is None:
        return None
    both = TransportRole.HUB_TRANSPORT | TransportRole.FRONTEND_TRANSPORT
    if target.transport_roles & both != both:
        return SMTP_PORT
    known = sender.version is not None and sender.roles is not None
    return HUB_PORT if known else None


def usable_addresses(server: Server) -> tuple[Address, ...] | None:
    """The addresses other machines see this server at: no loopback, no link-local."""
    if server.addresses is None:
        return None
    return tuple(
        address
        for address in server.addresses
        if not address.is_loopback and not address.is_link_local and not address.is_unspecified
    )


def flows(sender: Server, target: Server, tables: Iterable[Table]) -> Iterator[Flow]:
    """Every connection by which ``sender`` may deliver to ``target``.

    Args:
        sender: the server that connects.
        target: the server that is connected to.
        tables: the selection tables of the target's listeners.
    """
    if not is_pair(sender, target):
        return
    port = port_used(sender, target)
    sources = usable_addresses(sender)
    if port is None or not sources:
        what = "version and roles" if port is None else f"the addresses of {sender.name}"
        yield _unknown(sender, target, port, f"{what} are not known")
        return
    listening = [table for table in reachable(tables, target) if table.listener.local.port == port]
    if not listening:
        why = f"no collected connector of {target.name} listens on port {port}"
        yield _unknown(sender, target, port, why)
        return
    yield from _connections(sender.name, target, sources, listening)


def _unknown(sender: Server, target: Server, port: int | None, why: str) -> Flow:
    return Flow(
        sender=sender.name,
        target=target.name,
        port=port,
        source=None,
        selection=None,
        verdict=FlowVerdict.UNKNOWN,
        reason=why,
    )


def reachable(tables: Iterable[Table], target: Server) -> list[Table]:
    """The listeners that a connection from another machine can meet.

    A listener on a loopback address is met by nobody else. The wildcard is met by nobody when every
    address of the server has a listener of its own. A listener on an address that no adapter was
    exported for counts: adapters are missing more often than bindings are wrong.
    """
    every = list(tables)
    own = set(target.addresses) if target.addresses else None
    return [table for table in every if _is_met(table, every, own, sure=target.network_complete)]


def _is_met(table: Table, tables: list[Table], own: set[Address] | None, *, sure: bool) -> bool:
    local = table.listener.local
    if not local.is_wildcard:
        return not local.address.is_loopback
    if own is None or not sure:
        return True
    left = {one for one in own if one.family is table.family and not one.is_loopback}
    if not left:
        return True
    return bool(left - {_taken_by(other, table) for other in tables})


def _taken_by(other: Table, wildcard: Table) -> Address | None:
    """The local address that surely has a listener of its own beside the wildcard."""
    place, general = other.listener, wildcard.listener
    if (place.role, place.local.port) != (general.role, general.local.port):
        return None
    sure = any(bound.specific and bound.certain for bound in other.contest.bound)
    return place.local.address if sure else None


def device_flows(
    device: str, sources: Iterable[Address], target: Server, tables: Iterable[Table]
) -> Iterator[Flow]:
    """What meets a device that is no Exchange server when it connects to port 25 of a server.

    Nothing is broken there unless nobody answers; the reason says what the client may do.

    Args:
        device: its name.
        sources: the addresses it connects from.
        target: the server that is connected to.
        tables: the selection tables of the target's listeners.
    """
    for table in reachable(tables, target):
        if table.listener.local.port == SMTP_PORT:
            for source in sources:
                if source.family is table.family:
                    selection = table.select(source)
                    verdict, reason = _judge_device(selection)
                    yield Flow(
                        sender=device,
                        target=target.name,
                        port=SMTP_PORT,
                        source=source,
                        selection=selection,
                        verdict=verdict,
                        reason=reason,
                    )


def _judge_device(selection: Selection) -> tuple[FlowVerdict, str]:
    if selection.verdict is Verdict.REFUSED:
        if is_contested(selection):
            return FlowVerdict.UNKNOWN, f"if this service gets the port: {_REFUSED}"
        return FlowVerdict.BROKEN, _REFUSED
    if selection.connector is None:
        names = ", ".join(one.identity for one in selection.contenders)
        return FlowVerdict.UNKNOWN, f"it is not certain which of {names} answers"
    relay = {
        Answer.YES: "it may relay to any recipient",
        Answer.NO: "it may not relay",
        Answer.UNKNOWN: "whether it may relay is not known",
    }
    answer = relay_right(anonymous_grant(selection.connector))
    return FlowVerdict.OK, f"{selection.connector.identity} answers; {relay[answer]}"


def _connections(
    sender: str, target: Server, sources: tuple[Address, ...], tables: list[Table]
) -> Iterator[Flow]:
    for table in tables:
        for source in sources:
            if source.family is table.family:
                selection = table.select(source)
                verdict, reason = judge(selection)
                yield Flow(
                    sender=sender,
                    target=target.name,
                    port=table.listener.local.port,
                    source=source,
                    selection=selection,
                    verdict=verdict,
                    reason=reason,
                )


def is_contested(selection: Selection) -> bool:
    """Whether another service claims the listener's endpoint, so that it may not be met at all."""
    return any(one.reason is Reason.OTHER_ROLE for one in selection.candidates)


def judge(selection: Selection) -> tuple[FlowVerdict, str]:
    """Whether Exchange authentication succeeds on the connector that answers, and why.

    Nothing is called broken at an endpoint that two services claim: which of them gets it is not
    known.
    """
    verdict, reason = _judge_answer(selection)
    if verdict is FlowVerdict.BROKEN and is_contested(selection):
        return FlowVerdict.UNKNOWN, f"if this service gets the port that another claims, {reason}"
    return verdict, reason


def _judge_answer(selection: Selection) -> tuple[FlowVerdict, str]:
    if selection.verdict is Verdict.ANSWERED and selection.connector is not None:
        return _judge_connector(selection.connector)
    if selection.verdict is Verdict.REFUSED:
        return FlowVerdict.BROKEN, _REFUSED
    names = ", ".join(one.identity for one in selection.contenders) or "unknown connectors"
    answers = {exchange_authentication(one) for one in selection.contenders}
    if answers == {Answer.NO}:
        return FlowVerdict.BROKEN, f"whichever of {names} answers cannot authenticate a server"
    if answers == {Answer.YES} and selection.verdict is Verdict.AMBIGUOUS:
        return FlowVerdict.OK, f"whichever of {names} answers can authenticate Exchange servers"
    return FlowVerdict.UNKNOWN, f"it is not certain which of {names} answers"


def _judge_connector(connector: Connector) -> tuple[FlowVerdict, str]:
    answer = exchange_authentication(connector)
    if answer is Answer.YES:
        return FlowVerdict.OK, f"{connector.identity} offers Exchange Server authentication"
    if answer is Answer.UNKNOWN:
        why = f"whether {connector.identity} can authenticate Exchange servers is not known"
        return FlowVerdict.UNKNOWN, why
    auth = connector.auth_mechanism
    if auth is not None and not auth & AuthMechanism.EXCHANGE_SERVER:
        why = f"{connector.identity} has no ExchangeServer in AuthMechanism"
        return FlowVerdict.BROKEN, f"{why}: 451 5.7.3 Cannot achieve Exchange Server authentication"
    why = f"{connector.identity} lacks the permission group ExchangeServers"
    return FlowVerdict.BROKEN, f"{why}: the sending server may authenticate but not submit"
