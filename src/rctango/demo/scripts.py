"""How clients of each kind behave in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.demo.people import OWN, pick, recipients

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.demo.desk import Client
    from rctango.demo.reception import Reception

    Script = Callable[[Reception, Client], None]

_HOUR = 3_600_000


def _hello(talk: Reception, who: Client, verb: str = "EHLO") -> None:
    talk.greet()
    talk.hello(pick(talk.chance, who.names), verb)


def _size(talk: Reception, most: int = 90_000) -> int:
    return 900 + int(talk.chance.random() * most)


def relay(talk: Reception, who: Client) -> None:
    """A printer or an application: some messages, one command after the other."""
    _hello(talk, who)
    draw = talk.chance.random()
    for number in range(1 + int(draw * 2.4)):
        if number:
            talk.reset()
        wanted = recipients(talk.chance, who.own)
        talk.message(pick(talk.chance, who.senders), wanted, _size(talk))
    if draw < 0.06:
        talk.cut()
    else:
        talk.quit()


def scan(talk: Reception, who: Client) -> None:
    """A scanner: one large message."""
    _hello(talk, who)
    wanted = recipients(talk.chance, who.own)[:1]
    talk.message(who.senders[0], wanted, _size(talk, 9_000_000), delay=9000)
    talk.quit()


def plain(talk: Reception, who: Client) -> None:
    """An old device that knows HELO only, and some that write it small."""
    _hello(talk, who, "helo" if talk.chance.random() < 0.3 else "HELO")
    talk.message(pick(talk.chance, who.senders), recipients(talk.chance, who.own), _size(talk))
    talk.quit()


def batch(talk: Reception, who: Client) -> None:
    """An application that sends its commands in one go, and large messages in chunks."""
    _hello(talk, who)
    for _ in range(1 + int(talk.chance.random() * 3)):
        binary = talk.chance.random() < 0.5
        wanted = recipients(talk.chance, who.own)
        size = _size(talk, 200_000)
        talk.pipelined(pick(talk.chance, who.senders), wanted, size, binary=binary)
    talk.quit()


def gateway(talk: Reception, who: Client) -> None:
    """The mail gateway: encrypted, mail from anywhere."""
    _hello(talk, who)
    if talk.chance.random() < 0.8:
        talk.start_tls()
        talk.hello(who.names[0])
    for _ in range(1 + int(talk.chance.random() * 2)):
        wanted = recipients(talk.chance, who.own)
        talk.pipelined(pick(talk.chance, who.senders), wanted, _size(talk), binary=False)
    talk.quit()


def spam(talk: Reception, who: Client) -> None:
    """A stranger who tries recipients."""
    _hello(talk, who)
    talk.sender(pick(talk.chance, who.senders))
    for address, own in recipients(talk.chance, who.own):
        talk.recipient(address, own=own, unknown=own and talk.chance.random() < 0.5)
    if talk.chance.random() < 0.5:
        talk.cut()
    else:
        talk.quit()


def submit(talk: Reception, who: Client) -> None:
    """A mail program: encrypted, with a password."""
    _hello(talk, who)
    talk.start_tls()
    talk.hello(who.names[0])
    talk.login(who.senders[0])
    talk.message(who.senders[0], recipients(talk.chance, who.own), _size(talk))
    talk.quit()


def guess(talk: Reception, who: Client) -> None:
    """Somebody who tries passwords."""
    _hello(talk, who)
    talk.start_tls()
    talk.hello(who.names[0])
    for _ in range(1 + int(talk.chance.random() * 3)):
        talk.guess(pick(talk.chance, OWN[:40]))
    if talk.chance.random() < 0.5:
        talk.cut()
    else:
        talk.quit()


def last(talk: Reception, who: Client) -> None:
    """An application that keeps its session for an hour or more."""
    _hello(talk, who)
    leave = talk.clock + int((0.7 + talk.chance.random()) * _HOUR)
    while talk.clock < leave and not talk.over:
        wanted = recipients(talk.chance, who.own)
        talk.message(pick(talk.chance, who.senders), wanted, _size(talk))
        talk.clock += 60_000 + int(talk.chance.random() * 500_000)
    talk.quit()


def abandon(talk: Reception, who: Client) -> None:
    """A device that loses its connection, at one point or another."""
    talk.greet()
    draw = talk.chance.random()
    if draw > 0.3:
        talk.hello(who.names[0])
    if draw > 0.6:
        talk.sender(who.senders[0])
        talk.recipient("ida.jung@northwind.example", own=True)
    talk.cut()


def oversize(talk: Reception, who: Client) -> None:
    """A device whose message is refused after its data."""
    _hello(talk, who)
    talk.sender(who.senders[0], " SIZE=41000000")
    talk.recipient("leo.berg@northwind.example", own=True)
    talk.wait(4000, 20)
    talk.say("<,DATA,", ">,354 Start mail input; end with <CRLF>.<CRLF>,")
    talk.part()
    talk.wait(9000, 20)
    talk.reject()
    talk.quit()


def check(talk: Reception, _who: Client) -> None:
    """A health check: connect, read the banner, leave."""
    talk.greet()
    talk.clock += 4
    talk.close("-,,Remote")


def limited(talk: Reception, _who: Client) -> None:
    """One connection too many."""
    talk.turned_away(
        "421 4.3.2 The maximum number of concurrent server connections has exceeded a per-source "
        "limit, closing transmission channel"
    )
