"""One server at work: it opens sessions and gathers their rows by log."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from rctango.demo.dispatch import Dispatch
from rctango.demo.organisation import SERVERS, Server, answering
from rctango.demo.places import PLACES
from rctango.demo.plan import DAY
from rctango.demo.reception import Reception
from rctango.demo.talk import Talk, endpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from rctango.demo.ledger import Ledger
    from rctango.demo.plan import Plan
    from rctango.demo.talk import Block

Log = tuple[str, str | None]
"""``receive`` or ``send``, and the role of the service that writes it."""

_FIRST_SESSION = 0x08DE_7A00_0000_0000
_TIME = itemgetter(0)
_BY_NAME = {server.name: server for server in SERVERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A machine that sends mail.

    Attributes:
        names: what it calls itself; most machines know one name.
        senders: in whose name it sends.
        own: the share of its recipients that are in accepted domains.
    """

    address: str
    names: tuple[str, ...]
    senders: tuple[str, ...]
    own: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A stream of sessions of one kind at one server.

    Attributes:
        key: a number of its own; two ends of the same sessions share one.
        clients: who takes turns.
        play: makes one session, given when it begins and its number.
        weight: its share of all sessions.
        least: how many there are at least.
        local: the address that the clients connect to.
        window: the day on which its work begins, and the day before which it ends.
        punctual: whether it sends at full five minutes.
        closing: whether it begins in the last minute and a half instead.
        every: milliseconds between sessions that come like clockwork, or 0.
        proxied: whether the server's own Transport service logs its messages as well.
    """

    key: int
    server: str
    clients: tuple[Client, ...]
    play: Callable[[Desk, Source, int, int], None]
    kind: str
    weight: float = 1.0
    least: int = 3
    port: int = 25
    local: str = ""
    window: tuple[int, int] | None = None
    punctual: bool = False
    closing: bool = False
    every: int = 0
    proxied: bool = False

    @property
    def role(self) -> str | None:
        """The service that the clients reach."""
        return "frontend" if _BY_NAME[self.server].is_split else None


class Desk:
    """Everything that one server has in hand.

    Attributes:
        waiting: blocks that are not written yet, by log.
    """

    def __init__(self, server: Server, plan: Plan, chance: Random, ledger: Ledger) -> None:
        self.server = server
        self.plan = plan
        self.chance = chance
        self.ledger = ledger
        self.waiting: dict[Log, list[Block]] = {}
        self._sessions = 0
        self._end = plan.end
        self._first_day = plan.begin + DAY

    def pick(self, source: Source, index: int) -> Client:
        """Whose turn it is: everybody's once, then as chance has it."""
        clients = source.clients
        if index >= len(clients) > 1:
            index = int(self.chance.random() * len(clients))
        at = min(index, len(clients) - 1)
        client = clients[at]
        if not source.every:
            seen = self.ledger.behind.setdefault(
                (client.address.partition("%")[0], source.kind), set()
            )
            seen.add(client.names[0])
        return client

    def port(self) -> int:
        """A port that a client connects from."""
        return 49152 + int(self.chance.random() * 16000)

    def session(self) -> str:
        """The next session id."""
        self._sessions += 1
        return f"{_FIRST_SESSION + self._sessions:016X}"

    def receive(
        self, source: Source, address: str, at: int, port: int | None = None
    ) -> Reception | None:
        """Open a session, or turn the client away where no connector answers."""
        bare = address.partition("%")[0]
        today = answering(
            self.server.name, source.role, source.port, bare, first_day=at < self._first_day
        )
        exported = answering(self.server.name, source.role, source.port, bare)
        remote = (address, self.port() if port is None else port)
        local = source.local or self.server.ipv4
        if today is None:
            talk = Talk(self.session(), "", address, at, self._end)
            talk.explained = exported is None
            talk.connect(endpoint(local, source.port), endpoint(*remote))
            talk.turned_away("421 4.3.2 Service not available")
            self.finish(talk, ("receive", source.role))
            return None
        place = PLACES[today.identity]
        reception = Reception(place, self.session(), remote, local, at, self._end)
        reception.explained = today is exported
        self._begin(reception)
        return reception

    def receive_inside(self, at: int) -> Reception:
        """Open a session of the server's own Front End with its Transport service."""
        name, own = self.server.name, self.server.ipv4
        connector = answering(name, "hub", 2525, own)
        if connector is None:
            raise LookupError(name)
        place = PLACES[connector.identity]
        ends = (own, self.port())
        reception = Reception(place, self.session(), ends, own, at, self._end)
        reception.explained = True
        self._begin(reception)
        return reception

    def send(
        self, connector: str, target: tuple[str, int], at: int, port: int | None = None
    ) -> Dispatch:
        """Open a session to another server."""
        ends = (self.port() if port is None else port, target)
        dispatch = Dispatch(self.server, connector, self.session(), ends, at, self._end)
        self._begin(dispatch)
        return dispatch

    def _begin(self, talk: Talk) -> None:
        chance = talk.chance = self.chance
        draw = chance.random()
        if draw < 0.004:
            talk.slip(1 + int(draw * 1000), 2 if draw < 0.002 else -1)
        elif draw > 0.7:
            talk.pace = 60 if draw > 0.9 else 10

    def finish(self, talk: Talk, log: Log) -> None:
        """Keep the rows of a session."""
        if talk.blocks:
            self.waiting.setdefault(log, []).extend(talk.blocks)
            self.ledger.add(*log, self.server.name, talk)

    def ripe(self, before: int) -> list[tuple[Log, list[Block]]]:
        """Take the blocks that nothing can come before any more, in the order of time."""
        taken: list[tuple[Log, list[Block]]] = []
        for log, blocks in self.waiting.items():
            blocks.sort(key=_TIME)
            cut = bisect_left(blocks, before, key=_TIME)
            taken.append((log, blocks[:cut]))
            del blocks[:cut]
        return taken
