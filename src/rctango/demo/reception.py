"""What a receive connector and its client say to each other, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rctango.demo.places import PEER_RIGHTS, PLAIN, SECURE, TRUSTED, USER_RIGHTS
from rctango.demo.talk import Talk, endpoint, keywords, mail_date, quoted, time_text

if TYPE_CHECKING:
    from rctango.demo.places import Place

Recipients = list[tuple[str, bool]]
"""Addresses, each with whether an accepted domain holds it."""

_SENT = ">,354 Start mail input; end with <CRLF>.<CRLF>,"
_OK = ">,250 2.1.5 Recipient OK,"
_TARPIT = "*,Tarpit for '0.00:00:05',"
_UNKNOWN = (
    ">,550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup,"
)


class Errand(NamedTuple):
    """A message that was accepted, for whoever passes it on."""

    time: int
    sender: str
    recipients: Recipients
    size: int


class Reception(Talk):
    """A session in a receive log.

    Attributes:
        name: what the client called itself last.
        errands: the accepted messages, in order.
    """

    __slots__ = ("_remote", "_state", "_users", "count", "errands", "name", "place", "port")

    def __init__(
        self, place: Place, session: str, client: tuple[str, int], local: str, start: int, end: int
    ) -> None:
        super().__init__(session, place.connector.identity, client[0], start, end)
        self.place = place
        self.port = client[1]
        self.connect(endpoint(local, place.connector.port), endpoint(*client))
        self.name = ""
        self.errands: list[Errand] = []
        self.count = 0
        self._remote = client[0]
        self._state = PLAIN
        self._users = False

    @property
    def relays(self) -> bool:
        """Whether it takes mail for foreign domains."""
        return self.place.connector.relays or self._users

    def greet(self) -> None:
        """Connect."""
        now = mail_date(self.clock)
        fqdn = self.place.server.fqdn
        banner = f'>,"220 {fqdn} Microsoft ESMTP MAIL Service ready at {now}",'
        self.say(*self.place.opening, banner)
        self.part()

    def hello(self, name: str, verb: str = "EHLO") -> None:
        """Introduce itself."""
        self.wait(20)
        self.say(f"<,{quoted(f'{verb} {name}')},")
        first = f"{self.place.server.fqdn} Hello [{self._remote}]"
        if verb.upper() == "HELO":
            self.say(f">,250 {first},")
        else:
            words = self.place.keywords(self._state)
            self.say(*keywords(words, first, old=self.place.is_old))
        if self.part():
            self.name = name
            self.named(name)

    def start_tls(self, verb: str = "STARTTLS") -> None:
        """Encrypt."""
        self.wait(15)
        self.say(f"<,{verb},", ">,220 2.0.0 SMTP server ready,")
        if self.part():
            self.tally.tls = True
        self.wait(8)
        self.say(*self.place.certificate)
        self.wait(30)
        self.say(*self.place.after_tls)
        self.part()
        self._state = SECURE if verb == "STARTTLS" else TRUSTED

    def exchange(self, account: str) -> None:
        """Authenticate as an Exchange server."""
        self.wait(10)
        self.say("<,X-EXPS EXCHANGEAUTH SHA256 ,")
        if self.place.is_old:
            self.say(PEER_RIGHTS)
        self.say(f"*,{account},authenticated", ">,235 <authentication response>,")
        self.part()
        self._users = True

    def login(self, user: str) -> None:
        """Authenticate with a password."""
        self._prompt()
        if self.place.is_old:
            self.say(USER_RIGHTS)
        self.say(f"*,{user},authenticated", ">,235 <authentication response>,")
        self.part()
        self._users = True

    def guess(self, user: str) -> None:
        """Fail to authenticate."""
        self._prompt()
        self.say("*,Inbound AUTH LOGIN failed because of LogonDenied,", f"*,User Name: {user},")
        if self._answer(">,535 5.7.3 Authentication unsuccessful,", tarpit=True):
            self.tally.failures += 1

    def _prompt(self) -> None:
        self.wait(20)
        self.say("<,AUTH LOGIN,", ">,334 <authentication response>,")
        self.part()
        self.wait(40)
        self.say(">,334 <authentication response>,")

    def _answer(self, reply: str, *, tarpit: bool) -> bool:
        """A reply, perhaps after the wait that refused strangers get."""
        if tarpit:
            self.say(_TARPIT)
            self.part()
            self.wait(12, 5000)
        self.say(reply)
        return self.part()

    def sender(self, address: str, extra: str = "") -> None:
        """Begin a message."""
        self.wait(25)
        self.say(f"<,{quoted(f'MAIL FROM:<{address}>{extra}')},")
        self.wait(2)
        self._begin()
        self.part()

    def _begin(self) -> None:
        self.count += 1
        note = f"{self.session};{time_text(self.first)};{self.count}"
        self.say(f"*,{note},receiving message", ">,250 2.1.0 Sender OK,")

    def recipient(self, address: str, *, own: bool, unknown: bool = False) -> bool:
        """Name one; whether it was taken."""
        self.wait(20)
        self.say(f"<,{quoted(f'RCPT TO:<{address}>')},")
        return self._judge(own=own, unknown=unknown)

    def _judge(self, *, own: bool, unknown: bool = False) -> bool:
        if unknown or not (own or self.relays):
            refusal = _UNKNOWN if unknown else self.place.refusal
            if self._answer(refusal, tarpit=not self._users):
                self.tally.refused += 1
            return False
        self.say(_OK)
        if not self.part():
            return False
        if own:
            self.tally.own += 1
        else:
            self.tally.foreign += 1
        return True

    def message(self, sender: str, wanted: Recipients, size: int, delay: int = 200) -> None:
        """A whole message by DATA, one command after the other."""
        self.sender(sender)
        taken = [one for one in wanted if self.recipient(one[0], own=one[1])]
        if taken:
            self.wait(20)
            self.say("<,DATA,", _SENT)
            self.part()
            self.wait(delay, 20)
            self.accept(sender, taken, size)
        else:
            self.reset()

    def pipelined(self, sender: str, wanted: Recipients, size: int, *, binary: bool) -> None:
        """A whole message whose commands come in one go, and then the replies."""
        self.wait(25)
        commands = [f"<,{quoted(f'RCPT TO:<{address}> NOTIFY=FAILURE')}," for address, _ in wanted]
        self.say(f"<,{quoted(f'MAIL FROM:<{sender}> SIZE={size}')},", *commands)
        if not binary:
            self.say("<,DATA,")
        self.part()
        self.wait(3)
        self._begin()
        taken = [one for one in wanted if self._judge(own=one[1])]
        if not taken:
            self.say(*() if binary else (">,503 5.5.2 Need rcpt command,",))
            self.part()
            self.reset()
            return
        if binary:
            self._chunks(size)
        else:
            self.say(_SENT)
        self.part()
        self.wait(120, 15)
        self.accept(sender, taken, size)

    def _chunks(self, size: int) -> None:
        """All chunks but for the reply to the last."""
        rest = size
        while rest > 65_536:
            self.wait(9)
            self.say("<,BDAT 65536,", '>,"250 2.6.0 CHUNK received OK, 65536 octets",')
            rest -= 65_536
        self.say(f"<,BDAT {rest} LAST,")

    def accept(self, sender: str, taken: Recipients, size: int) -> None:
        """Take the message."""
        fqdn = self.place.server.fqdn
        number = f"{int(self.chance.random() * 10**12):012d}"
        identity = f"<{number}.{self.count}@{self.name.strip('[]') or 'client'}>"
        if self.place.server.is_split:
            if not self.place.is_old and self.place.connector.role == "frontend":
                self.say(_proxied(self.chance.getrandbits(128)))
            rate = f"{size} bytes in 0.{size % 900 + 99}, {size % 977}.{size % 899 + 100} KB/sec"
            identity += f" [InternalId={number}, Hostname={fqdn}] {rate}"
        else:
            identity += f" [InternalId={int(number) % 100_000}]"
        self.say(f">,{quoted(f'250 2.6.0 {identity} Queued mail for delivery')},")
        if self.part():
            self.tally.messages += 1
            self.errands.append(Errand(self.clock, sender, taken, size))

    def reject(self) -> None:
        """Refuse the message after its data."""
        self.say(">,552 5.3.4 Message size exceeds fixed maximum message size,")
        self.part()

    def reset(self) -> None:
        """Forget the message."""
        self.wait(15)
        self.say("<,RSET,", ">,250 2.0.0 Resetting,")
        self.part()

    def quit(self) -> None:
        """Leave politely."""
        self.wait(40)
        self.say("<,QUIT,", ">,221 2.0.0 Service closing transmission channel,")
        self.close("-,,Local")

    def cut(self) -> None:
        """Leave without a word."""
        self.wait(900, 100)
        self.close("-,,Remote(ConnectionReset)")

    def speak_for(self, command: str) -> None:
        """A Front End says for whom it speaks."""
        self.wait(8)
        self.say(f"<,{quoted(command)},", ">,250 2.0.0 XProxyFrom accepted,")
        self.part()


def _proxied(number: int) -> str:
    text = f"{number:032x}"
    correlation = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return (
        "*,,Proxy destination(s) obtained from OnProxyInboundMessage event. "
        f"Correlation Id:{correlation}"
    )
