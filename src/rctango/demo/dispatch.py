"""What a sending server and its target say to each other, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.demo.places import PLAIN, TRUSTED, UPSTREAM, certificate
from rctango.demo.talk import Talk, endpoint, keywords, mail_date, quoted

if TYPE_CHECKING:
    from rctango.demo.organisation import Server
    from rctango.demo.places import Place
    from rctango.demo.reception import Errand

INTERNAL = "Intra-Organization SMTP Send Connector"
PROXY = "Inbound Proxy Internal Send Connector"
OUTBOUND = "Internet via gateway"


class Dispatch(Talk):
    """A session in a send log.

    Attributes:
        server: the sender.
    """

    __slots__ = ("_local", "_remote", "_state", "count", "server")

    def __init__(
        self,
        server: Server,
        connector: str,
        session: str,
        ends: tuple[int, tuple[str, int]],
        start: int,
        end: int,
    ) -> None:
        port, remote = ends
        super().__init__(session, connector, remote[0], start, end)
        self.server = server
        self.count = 0
        self._local = endpoint(server.ipv4, port)
        self._remote = endpoint(*remote)
        self._state = PLAIN
        self.connect("", self._remote)

    def open(self, fqdn: str) -> None:
        """Connect, and be greeted."""
        self.say("*,SendRoutingHeaders,Set Session Permissions", "*,,attempting to connect")
        self.part()
        self.wait(30)
        self.connect(self._local, self._remote)
        self.say("+,,")
        self.wait(20)
        now = mail_date(self.clock)
        self.say(f'<,"220 {fqdn} Microsoft ESMTP MAIL Service ready at {now}",')
        self.part()

    def hello(self, place: Place | None) -> None:
        """Introduce itself to a receive connector, or to the gateway."""
        self.wait(15)
        name = self.server.fqdn
        self.say(f">,EHLO {name},")
        if place is None:
            words: tuple[str, ...] = ("SIZE 52428800", "PIPELINING", "STARTTLS", "8BITMIME")
            first = f"{UPSTREAM} Hello {name}"
        else:
            words = place.keywords(self._state)
            first = f"{place.server.fqdn} Hello [{self.server.ipv4}]"
        rows = keywords(words, first, old=self.server.is_old)
        self.say(*("<" + row[1:] for row in rows))
        if self.part():
            self.named(name)

    def start_tls(self, verb: str = "X-ANONYMOUSTLS") -> None:
        """Encrypt."""
        self.wait(15)
        self.say(f">,{verb},", "<,220 2.0.0 SMTP server ready,")
        if self.part():
            self.tally.tls = True
        self.wait(25)
        self.say(*certificate(self.server))
        self.part()
        self._state = TRUSTED

    def exchange(self) -> None:
        """Authenticate as an Exchange server."""
        self.wait(15)
        self.say(">,X-EXPS EXCHANGEAUTH SHA256 ,", "<,235 <authentication response>,")
        self.part()

    def proxy(self, session: str, client: tuple[str, int], name: str, rights: int) -> None:
        """Say for whom it speaks."""
        self.wait(8)
        self.say(f">,{quoted(proxy_command(session, client, name, rights))},")
        self.say("<,250 2.0.0 XProxyFrom accepted,")
        self.part()

    def message(self, errand: Errand, reply: str) -> None:
        """Pass a message on; all commands come in one go."""
        self.count += 1
        self.wait(20)
        number = f"{errand.time}{self.count:02d}"
        self.say(f"*,,sending message with RecordId {number} and InternetMessageId <{number}@here>")
        self.say(f">,{quoted(f'MAIL FROM:<{errand.sender}> SIZE={errand.size}')},")
        wanted = errand.recipients
        self.say(*(f">,{quoted(f'RCPT TO:<{address}>')}," for address, _ in wanted))
        self.part()
        self.wait(40)
        self.say("<,250 2.1.0 Sender OK,")
        self.say(*("<,250 2.1.5 Recipient OK," for _ in wanted))
        if self.part():
            own = sum(mine for _, mine in wanted)
            self.tally.own += own
            self.tally.foreign += len(wanted) - own
        self._data(errand.size, reply)

    def _data(self, size: int, reply: str) -> None:
        if self._state == TRUSTED:
            self.say(f">,BDAT {size} LAST,")
        else:
            self.say(">,DATA,", "<,354 Start mail input; end with <CRLF>.<CRLF>,")
        self.wait(200, 10)
        self.say(f"<,{quoted(reply)},")
        if self.part():
            self.tally.messages += 1

    def refused(self, errand: Errand, reply: str) -> None:
        """Offer a message of which no recipient is taken."""
        self.wait(20)
        self.say(f">,{quoted(f'MAIL FROM:<{errand.sender}>')},", "<,250 2.1.0 Sender OK,")
        for address, _ in errand.recipients:
            self.wait(20)
            self.say(f">,{quoted(f'RCPT TO:<{address}>')},", f"<,{quoted(reply)},")
            if self.part():
                self.tally.refused += 1
        self.say(">,RSET,", "<,250 2.0.0 Resetting,")
        self.part()

    def give_up(self) -> None:
        """The target cannot do what the route demands."""
        self.say("*,,451 5.7.3 Cannot achieve Exchange Server authentication")
        self.part()
        self.quit()

    def quit(self) -> None:
        """Leave."""
        self.wait(20)
        self.say(">,QUIT,", "<,221 2.0.0 Service closing transmission channel,")
        self.close("-,,Local")


def proxy_command(session: str, client: tuple[str, int], name: str, rights: int) -> str:
    """What a Front End says to the Transport service about the client it speaks for."""
    address, port = client
    return (
        f"XPROXYFROM SID={session} IP={address} PORT={port} DOMAIN={name} SEQNUM=1 "
        f"PERMS={rights} AUTHSRC=Anonymous"
    )
