"""Sessions as servers see them: with clients, with each other, and with themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.demo.dispatch import INTERNAL, OUTBOUND, PROXY, proxy_command
from rctango.demo.organisation import DOMAIN, GATEWAY, SERVERS, Connector, answering
from rctango.demo.people import OWN, pick, recipients
from rctango.demo.places import PLACES, UPSTREAM
from rctango.demo.reception import Errand

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.demo.desk import Desk, Source
    from rctango.demo.reception import Reception
    from rctango.demo.scripts import Script

    Play = Callable[[Desk, Source, int, int], None]

_BY_NAME = {server.name: server for server in SERVERS}
_QUEUED = f"250 2.6.0 <0@{DOMAIN}> [InternalId=1, Hostname={DOMAIN}] Queued mail for delivery"


def visit(script: Script) -> Play:
    """A client behaves as in ``script``."""

    def play(desk: Desk, source: Source, at: int, index: int) -> None:
        who = desk.pick(source, index)
        talk = desk.receive(source, who.address, at)
        if talk is None:
            return
        script(talk, who)
        desk.finish(talk, ("receive", source.role))
        if source.proxied and talk.errands:
            _proxy(desk, talk)

    return play


def _rights(connector: Connector) -> int:
    """What a session without a password may do, as the Front End passes it on."""
    if connector.has("ExternalAuthoritative"):
        return 1789
    return 1077 if connector.relays else 1073


def _proxy(desk: Desk, front: Reception) -> None:
    """The Front End passes a session's messages on to the Transport service."""
    at = front.errands[0].time
    inside = desk.receive_inside(at)
    port = inside.port
    outside = desk.send(PROXY, (desk.server.ipv4, 2525), at, port)
    who = (front.session, (front.client, front.port), front.name, _rights(front.place.connector))
    inside.greet()
    inside.hello(desk.server.fqdn)
    inside.start_tls("X-ANONYMOUSTLS")
    inside.hello(desk.server.fqdn)
    inside.exchange(f"NORTHWIND\\{desk.server.name}$")
    inside.speak_for(proxy_command(*who))
    outside.open(desk.server.fqdn)
    outside.hello(inside.place)
    outside.start_tls()
    outside.hello(inside.place)
    outside.exchange()
    outside.proxy(*who)
    for errand in front.errands:
        inside.pipelined(errand.sender, errand.recipients, errand.size, binary=True)
        outside.message(errand, _QUEUED)
    inside.quit()
    outside.quit()
    desk.finish(inside, ("receive", "hub"))
    desk.finish(outside, ("send", "frontend"))


def _errands(desk: Desk, source: Source, at: int, index: int) -> tuple[int, list[Errand]]:
    """What two servers have to say to each other; both ends come to the same."""
    chance = desk.plan.chance(source.key, index)
    port = 20_000 + int(chance.random() * 9000)
    found = [
        Errand(at, pick(chance, OWN), recipients(chance, 0.8), 2000 + int(chance.random() * 60_000))
        for _ in range(1 + int(chance.random() * 3))
    ]
    return port, found


def peer(desk: Desk, source: Source, at: int, index: int) -> None:
    """Another Exchange server delivers; a connector for others lets it leave at once."""
    port, errands = _errands(desk, source, at, index)
    who = source.clients[0]
    talk = desk.receive(source, who.address, at + 40, port)
    if talk is None:
        return
    talk.greet()
    talk.hello(who.names[0])
    connector = talk.place.connector
    if connector.has("ExchangeServer"):
        talk.start_tls("X-ANONYMOUSTLS")
        talk.hello(who.names[0])
        talk.exchange(f"NORTHWIND\\{who.names[0].partition('.')[0]}$")
        for errand in errands:
            talk.pipelined(errand.sender, errand.recipients, errand.size, binary=True)
    elif talk.blocks:
        desk.ledger.captured[desk.server.name, connector.identity, who.address] += 1
    talk.quit()
    desk.finish(talk, ("receive", source.role))


def deliver(target: str) -> Play:
    """The other end of ``peer``: the server delivers to ``target``."""

    def play(desk: Desk, source: Source, at: int, index: int) -> None:
        port, errands = _errands(desk, source, at, index)
        server = _BY_NAME[target]
        role = "frontend" if server.is_split else None
        connector = answering(target, role, 25, desk.server.ipv4)
        if connector is None:
            return
        place = PLACES[connector.identity]
        talk = desk.send(INTERNAL, (server.ipv4, 25), at, port)
        talk.open(server.fqdn)
        talk.hello(place)
        if connector.has("ExchangeServer"):
            talk.start_tls()
            talk.hello(place)
            talk.exchange()
            for errand in errands:
                talk.message(errand, _QUEUED)
            talk.quit()
        else:
            talk.give_up()
        desk.finish(talk, ("send", "hub" if desk.server.is_split else None))

    return play


def outbound(desk: Desk, _source: Source, at: int, _index: int) -> None:
    """Mail leaves by the gateway, which refuses some recipients."""
    talk = desk.send(OUTBOUND, (GATEWAY, 25), at)
    talk.open(UPSTREAM)
    talk.hello(None)
    errand = Errand(at, pick(desk.chance, OWN), recipients(desk.chance, 0.02), 5000)
    if desk.chance.random() < 0.1:
        talk.refused(errand, "550 5.1.1 No such recipient, sorry")
    else:
        talk.message(errand, f"250 2.0.0 Ok: queued as {desk.chance.getrandbits(40):010X}")
    talk.quit()
    desk.finish(talk, ("send", "hub" if desk.server.is_split else None))
