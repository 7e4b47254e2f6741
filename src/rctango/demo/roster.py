"""Who sends what to which server, and how much of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from rctango.demo.desk import Client, Source
from rctango.demo.organisation import (
    BALANCER,
    DOMAIN,
    EX10,
    EX13,
    EX19A,
    EX19B,
    FIREWALL,
    GATEWAY,
    Server,
)
from rctango.demo.people import SENDERS
from rctango.demo.places import UPSTREAM
from rctango.demo.plays import deliver, outbound, peer, visit
from rctango.demo.scripts import (
    abandon,
    batch,
    check,
    gateway,
    guess,
    last,
    limited,
    oversize,
    plain,
    relay,
    scan,
    spam,
    submit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.demo.scripts import Script


def _one(address: str, name: str, sender: str = "", own: float = 0.5) -> Client:
    return Client(
        address=address,
        names=(name,),
        senders=(sender or f"{name.casefold().strip('[]')}@{DOMAIN}",),
        own=own,
    )


_PRINTERS = tuple(_one(f"10.20.7.{21 + at}", f"PRN-{21 + at}", own=0.6) for at in range(6))
_ERP = replace(
    _one("10.20.8.15", "erp.northwind.example", own=0.2),
    senders=("orders@northwind.example", "billing@sales.northwind.example"),
)
_SCANNER = _one("10.20.7.90", "SCAN-HALL", f"scan@{DOMAIN}", own=0.97)
_LISTS = _one("10.20.8.22", "lists.northwind.example", f"news@{DOMAIN}", own=0.4)
_QUOTED = _one("10.20.7.41", 'plc "7", hall 3', f'"PLC 7, hall 3"@{DOMAIN}')
_BYTES = _one("10.20.7.42", "b\udcfcro-\u00e9tage", f"b\udcfcro@{DOMAIN}")
_HASH = _one("10.20.7.43", "#drucker", f"#drucker@{DOMAIN}")
_BEHIND = (
    _one(BALANCER, "crm01.northwind.example", f"crm@{DOMAIN}", own=0.3),
    _one(BALANCER, "monitor", "alerts@ops.example", own=0.95),
    _one(BALANCER, "BACKUP-07", "backup@sales.northwind.example", own=0.9),
    _one(BALANCER, "[10.20.40.9]", "wiki@partner.test", own=0.6),
)
_BRANCHES = (
    _one(FIREWALL, "BRANCH-PRN1", f"branch1@{DOMAIN}", own=0.7),
    _one(FIREWALL, "branch-nas.local", "nas@branch.example", own=0.8),
    _one(FIREWALL, "kiosk", "kiosk@sales.northwind.example", own=0.5),
)
_GATEWAY = Client(address=GATEWAY, names=(UPSTREAM,), senders=SENDERS, own=1.0)
_PARTNER = _one("10.20.5.30", "edi.partner.test", "edi@partner.test", own=0.8)
_MOVED = _one("10.20.6.77", "LABEL-77", f"label77@{DOMAIN}", own=0.4)
_EX10_AS_CLIENT = _one(EX10.ipv4, EX10.fqdn)
_EX19A_AS_CLIENT = _one(EX19A.ipv4, EX19A.fqdn)


def _strangers(network: str, number: int) -> tuple[Client, ...]:
    return tuple(
        Client(
            address=f"{network}.{10 + 3 * at}",
            names=(f"[{network}.{10 + 3 * at}]", f"dsl-{at}.elsewhere.example", "ylmf-pc"),
            senders=SENDERS[at::7],
            own=0.25,
        )
        for at in range(number)
    )


def _people(server: Server) -> tuple[Client, ...]:
    third = server.ipv4.rpartition(".")[2]
    return tuple(
        _one(f"10.20.30.{11 + at}", f"[10.20.30.{11 + at}]", f"user{third}.{at}@{DOMAIN}")
        for at in range(9)
    )


def _each(
    server: Server, kind: str, clients: tuple[Client, ...], script: Script, weight: float
) -> Iterator[Source]:
    """Each client is a stream of its own."""
    for client in clients:
        share = weight / len(clients)
        yield Source(
            key=0,
            server=server.name,
            clients=(client,),
            play=visit(script),
            kind=kind,
            weight=share,
        )


def _front(server: Server) -> Iterator[Source]:
    """What a 2019 server sees."""
    proxied = server is EX19A
    yield from _each(server, "application", _PRINTERS, relay, 10)
    for source in _each(server, "gateway", (_GATEWAY,), gateway, 22):
        yield replace(source, proxied=proxied)
    yield from _each(server, "scanner", (_SCANNER,), scan, 12)
    yield from _each(server, "application", (_ERP,), batch, 8)
    yield from _each(server, "application", (_QUOTED, _BYTES, _HASH), relay, 2)
    yield from _each(server, "stranger", _strangers("203.0.113", 20), spam, 5)
    for source in _each(server, "mail program", _people(server), submit, 4):
        yield replace(source, port=587, least=2)
    balancer = replace(
        next(_each(server, "load-balancer", _BEHIND[:1], relay, 12)), clients=_BEHIND, least=8
    )
    yield replace(balancer, proxied=proxied)
    yield replace(balancer, play=visit(check), clients=(_CHECK,), every=_interval(server))
    for local, client in (
        (server.ipv6[0], _one("fd00:20:7::33", "sensor6", own=0.3)),
        (server.ipv6[1] + "%12", _one("fe80::9%12", "sensor-local", own=1.0)),
    ):
        source = next(_each(server, "application", (client,), relay, 1))
        yield replace(source, local=local)
    yield from _rare(server)


_CHECK = replace(_BEHIND[0], names=("(health check)",))


def _interval(server: Server) -> int:
    return 10_000 if server is EX19A else 30_000


def _rare(server: Server) -> Iterator[Source]:
    """What happens now and then on any server with a relay for 10.20.7.0."""
    device = _one("10.20.7.33", "oldfax")
    marks = replace(next(_each(server, "application", (device,), plain, 2)), punctual=True)
    yield marks
    for at in range(3):
        report = _one(f"10.20.7.{50 + at}", f"report{at}")
        yield replace(marks, clients=(report,), play=visit(relay))
    flaky = _one("10.20.7.28", "flaky-mfp")
    yield from _each(server, "application", (flaky,), abandon, 1)
    yield from _each(server, "application", (_one("10.20.7.29", "cad"),), oversize, 0.3)
    yield from _each(server, "application", (_one("10.20.7.44", "loop"),), limited, 0.5)
    for number, closing in ((61, False), (62, True)):
        busy = _one(f"10.20.7.{number}", f"news{number}.northwind.example")
        source = next(_each(server, "application", (busy,), last, 0.0 if closing else 0.05))
        yield replace(source, closing=closing, least=4)
    robot = _one("198.51.100.66", "WIN-8J2K")
    source = next(_each(server, "stranger", (robot,), guess, 1))
    yield replace(source, port=587 if server.is_split else 25)


def _special() -> Iterator[Source]:
    """What only one of the servers sees."""
    yield from _each(EX19A, "application", (_PARTNER,), batch, 3)
    for begin, end in ((0, 1), (1, 9999)):  # on the first day, and after it
        source = next(_each(EX19A, "application", (_MOVED,), relay, 0.5))
        yield replace(source, window=(begin, end), least=9)
    quiet = next(_each(EX19A, "mail host", (_LISTS,), relay, 0.01))
    yield replace(quiet, least=5, window=(0, 2))
    yield from _each(EX13, "application", _PRINTERS[:3], relay, 5)
    behind = next(_each(EX13, "nat", _BRANCHES[:1], relay, 5))
    yield replace(behind, clients=_BRANCHES, least=6)
    balancer = next(_each(EX13, "load-balancer", _BEHIND[:1], relay, 3))
    yield replace(balancer, clients=_BEHIND, least=8)
    yield replace(balancer, play=visit(check), clients=(_CHECK,), every=30_000)
    yield from _each(EX13, "gateway", (_GATEWAY,), gateway, 5)
    yield from _each(EX13, "stranger", _strangers("203.0.113", 5), spam, 1)
    nobody = (_one("172.16.5.9", "lost"), _one("192.168.77.3", "lost-too"))
    yield from _each(EX13, "application", nobody, relay, 0.6)
    yield from _rare(EX13)
    apps = tuple(_one(f"10.20.4.{at}", f"legacy{at}", own=0.4) for at in (7, 8, 9))
    yield from _each(EX10, "application", apps, relay, 5)
    yield from _each(EX10, "application", (_ERP,), batch, 3)
    yield from _each(EX10, "stranger", _strangers("198.51.100", 4), spam, 1)
    yield from _rare(EX10)


def _peers() -> Iterator[Source]:
    """Exchange servers among themselves, seen from both ends, and mail that leaves."""
    for number, target in enumerate((EX19A, EX19B, EX13)):
        base = Source(
            key=9000 + number,
            server=target.name,
            clients=(_EX10_AS_CLIENT,),
            play=peer,
            kind="Exchange server",
            weight=0.8 if target is EX19B else 2.5,
            least=5,
        )
        yield base
        yield replace(base, server=EX10.name, play=deliver(target.name))
    back = Source(
        key=9100,
        server=EX10.name,
        clients=(_EX19A_AS_CLIENT,),
        play=peer,
        kind="Exchange server",
        weight=3.0,
        least=5,
    )
    yield back
    yield replace(back, server=EX19A.name, play=deliver(EX10.name))
    yield replace(back, key=9200, server=EX19A.name, play=outbound, weight=4.0)


@cache
def sources() -> tuple[Source, ...]:
    """Everything that happens."""
    found = [*_front(EX19A), *_front(EX19B), *_special(), *_peers()]
    return tuple(
        source if source.key else replace(source, key=number)
        for number, source in enumerate(found, start=1)
    )
