"""Which targets an organisation has: every binding of every enabled connector, with an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Address
from rctango.model.probe_plan import NotProbed
from rctango.probe import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from rctango.analysis.view import View
    from rctango.model.connection import Listener
    from rctango.model.connector import Connector
    from rctango.model.server import Server

    Chosen = Target | NotProbed

_UNKNOWN = (
    "the addresses of the server are not known; export its network adapters, or declare it in "
    "rctango.toml"
)
_CUT = "the export lost some addresses of the server"


def evidence_targets(
    view: View,
    servers: AbstractSet[str] | None,
    ports: AbstractSet[int],
    sources: Sequence[str],
) -> tuple[list[Target], list[NotProbed]]:
    """Every address and port at which a connector of the evidence answers; the rest with a reason.

    Args:
        view: the evidence.
        servers: only these; None for all.
        ports: only these; empty for all.
        sources: where it is connected from.
    """
    found: dict[Chosen, None] = {}
    for name in sorted({*view.servers, *view.connectors_of}, key=str.casefold):
        if servers is None or name in servers:
            found |= dict.fromkeys(_of_server(view, name, ports, _is_local(sources)))
    return (
        [one for one in found if isinstance(one, Target)],
        [one for one in found if isinstance(one, NotProbed)],
    )


def server_named(view: View | None, host: str) -> str | None:
    """The server of the evidence with that name; None when it is another host, or an address."""
    wanted = host.casefold().rstrip(".")
    for name in () if view is None else {*view.servers, *view.connectors_of}:
        known = view.servers.get(name) if view is not None else None
        fqdn = known.fqdn if known is not None else None
        if wanted in {name.casefold(), (fqdn or name).casefold().rstrip(".")}:
            return name
    return None


def _is_local(sources: Sequence[str]) -> bool:
    """Whether it is connected from this machine to itself, as a loopback source shows."""
    return any(Address.parse(one).is_loopback for one in sources)


def _of_server(view: View, name: str, ports: AbstractSet[int], local: bool) -> Iterator[Chosen]:
    connectors = view.connectors_of.get(name, [])
    if not connectors:
        yield _gap(name, name, "no receive connector of it was collected")
    yield from _without_bindings(name, connectors)
    server = view.servers.get(name)
    for table in view.tables_at(name):
        if not ports or table.listener.local.port in ports:
            yield from _of_listener(table.listener, server, local)


def _without_bindings(name: str, connectors: Sequence[Connector]) -> Iterator[NotProbed]:
    for one in connectors:
        if one.enabled is not False and (one.bindings is None or not one.bindings_complete):
            what = "some of its bindings" if one.bindings else "its bindings"
            yield _gap(one.identity, name, f"the export lost {what}")


def _of_listener(listener: Listener, server: Server | None, local: bool) -> Iterator[Chosen]:
    place = listener.local
    known = None if server is None else server.addresses
    if not place.is_wildcard:
        yield _place(listener, place.address, local=local or place.address in (known or ()))
        return
    if known is None:
        yield _gap(str(listener), listener.server, _UNKNOWN)
        return
    if server is not None and not server.network_complete:
        yield _gap(str(listener), listener.server, _CUT)
    fitting = [one for one in known if one.family is place.family]
    if not fitting:
        why = f"the server has no {place.family.label} address"
        yield NotProbed(target=str(listener), server=listener.server, why=why, is_gap=False)
    for address in fitting:
        yield _place(listener, address, local=True)


def _place(listener: Listener, address: Address, *, local: bool) -> Chosen:
    """One address of a listener; ``local`` says that a loopback address may be meant."""
    port = listener.local.port
    text = f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}"
    reason = ""
    if address.is_link_local:
        reason = "a link-local address, which only its own network segment reaches"
    elif address.is_unspecified:
        reason = "no address that can be connected to"
    elif address.is_loopback and not local:
        reason = "a loopback address, which only the server itself reaches"
    if reason:
        return NotProbed(target=text, server=listener.server, why=reason, is_gap=False)
    return Target(text=text, host=str(address), port=port, server=listener.server)


def _gap(target: str, server: str, why: str) -> NotProbed:
    return NotProbed(target=target, server=server, why=why, is_gap=True)
