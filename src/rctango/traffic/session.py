"""One session while its rows are read: which command each reply answers, and what that shows.

Replies come in the order of their commands, also with pipelining (RFC 2920), so an outstanding
command is kept until its final reply: several ``<`` rows may stand before their ``>`` rows. In a
send log the server is the client, so ``>`` rows are commands and ``<`` rows are replies.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rctango.traffic.rows import read_time
from rctango.traffic.schema import (
    RECEIVE,
    ProxiedClient,
    Recipients,
    Replies,
    SessionFacts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_new = tuple.__new__

MOST_NAMES = 1000
LONGEST_NAME = 255

# What an outstanding command is; 0 stands for none.
NONE, OTHER, EHLO, MAIL, RCPT, DATA, BODY, BDAT, LAST, STARTTLS, ANONYMOUS_TLS, AUTH = range(12)

_VERBS = {
    b"EHLO": EHLO,
    b"HELO": EHLO,
    b"MAIL": MAIL,
    b"RCPT": RCPT,
    b"RCPT2": RCPT,
    b"DATA": DATA,
    b"BDAT": BDAT,
    b"STARTTLS": STARTTLS,
    b"X-ANONYMOUSTLS": ANONYMOUS_TLS,
    b"AUTH": AUTH,
    b"X-EXPS": AUTH,
}
_REFUSED = 1 << 32  # recipients are counted in one number: accepted below, refused above
_CODE = re.compile(rb"([2-5]\d\d)(?:[ -]+([245]\.\d{1,3}\.\d{1,3})\b)?")
_FAILURE = re.compile(rb"\b([45]\d\d) ([45]\.\d{1,3}\.\d{1,3})\b")
_PROTOCOL = re.compile(rb"TLS protocol (SP_PROT_\w+?)(?:_SERVER|_CLIENT)? ")
_PROXIED = re.compile(rb"\b(SID|IP|DOMAIN|PERMS)=(\S*)")
_USUAL = re.compile(
    rb"SID=([0-9A-F]{16}) IP=([0-9A-Fa-f.:]{2,45}) PORT=\d{1,5} DOMAIN=([!-<>-~]{1,255}) "
    rb"SEQNUM=\d{1,9} PERMS=(\d{1,18})(?: AUTHSRC=\w*)?"
)
"""The parameters of XPROXYFROM as servers write them; none of the values holds a ``=``."""
_HEXADECIMAL = re.compile(rb"[0-9A-F]{5}")
_DULL = (b"Tarpi", b" CN=", b"CN=", b",Prox", b",send")
OFFERS = (b"X-ANONYMOUSTLS", b"X-EXPS")
_PERMISSIONS = b"Set Session Permissions"


class Session:
    """What the rows of one session have shown so far.

    Attributes:
        sequence: the sequence-number of its last row.
        last: the time of its last row; ``at`` is where that begins.
        piece: its rows, while it is not known how it began.
    """

    __slots__ = (
        "at", "auth", "auth_bad", "auth_ok", "began", "commands", "connector", "ended",
        "exchange", "file", "first_at", "first_file", "key", "last", "local", "log", "messages",
        "more", "names", "permissions", "piece", "protocol", "proxied", "rcpt", "refusals",
        "remote", "role", "rows", "senders", "sequence", "session", "started", "tls", "wait",
        "wait_domain",
    )  # fmt: skip

    def __init__(self, *, log: str, role: str | None, file: int) -> None:
        """Begin with nothing known but whose log it is."""
        self.log = log
        self.role = role
        self.file = self.first_file = file
        self.began = self.last = b""
        self.connector = self.session = self.local = self.remote = b""
        self.key = b""
        self.at = self.first_at = self.sequence = self.rows = self.commands = self.messages = 0
        self.ended: str | None = None
        self.started = False
        self.names: list[str] = []
        self.senders: list[str] = []
        self.rcpt: dict[str, int] = {}
        self.refusals: dict[str, int] = {}
        self.proxied: list[ProxiedClient] = []
        self.tls: str | None = None
        self.protocol: str | None = None
        self.auth: str | None = None
        self.auth_ok = self.auth_bad = 0
        self.exchange: bool | None = None
        self.permissions: str | None = None
        self.wait = NONE
        self.wait_domain = ""
        self.more: list[tuple[int, str]] = []
        self.piece: list[tuple[int, bytes]] | None = None

    def command(self, kind: int, domain: str = "") -> None:
        """An SMTP command that a reply will answer."""
        self.commands += 1
        if self.wait:
            if len(self.more) < MOST_NAMES:
                self.more.append((kind, domain))
        else:
            self.wait = kind
            self.wait_domain = domain

    def answered(self) -> tuple[int, str]:
        """Take the oldest outstanding command: its final reply has come."""
        kind, domain = self.wait, self.wait_domain
        if self.more:
            self.wait, self.wait_domain = self.more.pop(0)
        else:
            self.wait = NONE
        return kind, domain


def text_of(raw: bytes) -> str:
    """Text of a log for people: UTF-8, wrong bytes replaced, of bounded length."""
    return raw[: LONGEST_NAME * 4].decode("utf-8", "replace")[:LONGEST_NAME]


def domain_of(path: bytes) -> str:
    """The domain of a reverse-path or forward-path, in lower case; empty when it has none.

    ``path`` is what follows ``FROM:`` or ``TO:``, with parameters. Source: RFC 5321 section 4.1.2.
    """
    path = path.strip()
    if path[:1] == b"<":
        end = path.rfind(b">", 0, _closing(path) + 1)
        path = path[1:end] if end > 0 else path[1:]
    else:
        path = path.split(b" ", 1)[0]
    at = path.rfind(b"@")
    return text_of(path[at + 1 :]).strip().lower() if at >= 0 else ""


def _closing(path: bytes) -> int:
    """Where the ``>`` stands that ends a path: the first one outside quotes."""
    quoted = False
    skip = False
    for place, byte in enumerate(path):
        if skip:
            skip = False
        elif byte == 0x5C and quoted:
            skip = True
        elif byte == 0x22:
            quoted = not quoted
        elif byte == 0x3E and not quoted:
            return place
    return path.rfind(b">")


class SmtpCommand(NamedTuple):
    """An SMTP command, as far as it matters.

    Attributes:
        kind: what it is, such as ``MAIL``.
        text: the EHLO name, the domain of the reverse-path (``<>`` for the null one) or of the
            forward-path, or the mechanism of AUTH; empty for others.
        client: the true client of XPROXYFROM; None for others.
    """

    kind: int
    text: str
    client: ProxiedClient | None


def read_command(data: bytes) -> SmtpCommand | None:
    """The command of a row; None for ``<authentication response>``, and for ``*`` in its place."""
    if data[:1] == b"<" or data == b"*":
        return None
    words = data.split(None, 1)
    verb = words[0].upper() if words else b""
    kind = _VERBS.get(verb, OTHER)
    rest = words[1] if len(words) > 1 else b""
    if kind == BDAT and rest.upper().rstrip().endswith(b"LAST"):
        kind = LAST
    argument = _ARGUMENTS.get(kind)
    text = "" if argument is None else argument(rest)
    client = proxied_client(rest) if verb == b"XPROXYFROM" else None
    return SmtpCommand(kind, text, client)


def on_command(session: Session, data: bytes) -> None:
    """An SMTP command."""
    command = read_command(data)
    if command is None:
        return
    kind, text, client = command
    if kind == EHLO:
        add(session.names, text)
    elif kind == MAIL:
        add(session.senders, text)
    elif kind == AUTH:
        session.auth = text
    session.command(kind, text if kind == RCPT else "")
    if client is not None and len(session.proxied) < MOST_NAMES:
        session.proxied.append(client)


def _name(rest: bytes) -> str:
    return text_of(rest.strip())


def _sender(rest: bytes) -> str:
    path = rest[5:] if rest[:5].upper() == b"FROM:" else rest
    return "<>" if path.lstrip().startswith(b"<>") else domain_of(path)


def _recipient(rest: bytes) -> str:
    return domain_of(rest[3:] if rest[:3].upper() == b"TO:" else rest)


def _mechanism(rest: bytes) -> str:
    return text_of(rest.split(None, 1)[0] if rest.strip() else b"").upper()


_ARGUMENTS: dict[int, Callable[[bytes], str]] = {
    EHLO: _name,
    MAIL: _sender,
    RCPT: _recipient,
    AUTH: _mechanism,
}


def add(names: list[str], name: str) -> None:
    """Add a name, once."""
    if name and name not in names and len(names) < MOST_NAMES:
        names.append(name)


def proxied_client(rest: bytes) -> ProxiedClient:
    """The true client, by the parameters of an XPROXYFROM command."""
    usual = _USUAL.fullmatch(rest)
    if usual is not None:
        session, address, helo, mask = usual.groups()
        return ProxiedClient(
            session.decode("ascii"), address.decode("ascii"), helo.decode("ascii"), int(mask)
        )
    found = dict(_PROXIED.findall(rest))
    mask = found.get(b"PERMS", b"")
    return ProxiedClient(
        session=text_of(found.get(b"SID", b"")).upper(),
        address=text_of(found.get(b"IP", b"")),
        helo=text_of(found.get(b"DOMAIN", b"")),
        permissions=int(mask) if mask.isdigit() and len(mask) < 19 else None,
    )


def on_reply(session: Session, data: bytes) -> None:
    """A line of a reply. Source: RFC 5321 section 4.2."""
    match = _CODE.match(data)
    if match is None:
        return
    more = data[3:4] == b"-"
    if session.wait == EHLO and data[:3] == b"250" and not session.exchange:
        session.exchange = offers(data)
    if more:
        return
    first = data[:1]
    if first == b"2":
        accepted(session, data)
    elif first == b"3":
        if session.wait == DATA:
            session.wait = BODY
    else:
        refused(session, match)


def offers(data: bytes) -> bool:
    """Whether a row of an EHLO reply, or its only one, offers Exchange Server authentication.

    A reply with an enhanced status code answers no EHLO. Source: RFC 2034 section 4.
    """
    if data[:4] == b"250-":
        return data[4:].startswith(OFFERS)
    if data[:4] != b"250 " or data[4:6] == b"2.":
        return False
    return b" X-ANONYMOUSTLS" in data or b" X-EXPS" in data


def accepted(session: Session, data: bytes) -> None:
    """A final 2xx reply."""
    kind, domain = session.answered() if session.wait else (NONE, "")
    if kind == RCPT:
        count(session, domain, 1)
    elif kind in {BODY, LAST}:
        session.messages += 1
    elif kind == AUTH:
        session.auth_ok += 1
    elif kind in {STARTTLS, ANONYMOUS_TLS} and data[:3] == b"220":
        session.tls = "STARTTLS" if kind == STARTTLS else "X-ANONYMOUSTLS"


def refused(session: Session, match: re.Match[bytes]) -> None:
    """A final 4xx or 5xx reply."""
    tally(session.refusals, code_of(match))
    kind, domain = session.answered() if session.wait else (NONE, "")
    if kind == RCPT:
        count(session, domain, _REFUSED)
    elif kind == AUTH:
        session.auth_bad += 1


def code_of(match: re.Match[bytes]) -> str:
    """The reply code with the enhanced status code, if there is one."""
    return b" ".join(part for part in match.groups() if part).decode("ascii")


def code_of_reply(data: bytes) -> bytes:
    """The code of a reply with its enhanced status code, if there is one; empty for no reply."""
    match = _CODE.match(data)
    return b"" if match is None else code_of(match).encode("ascii")


def tally(counts: dict[str, int], key: str) -> None:
    """Count a key; those beyond the first thousand different ones are counted as empty."""
    if key not in counts and len(counts) >= MOST_NAMES:
        key = ""
    counts[key] = counts.get(key, 0) + 1


def count(session: Session, domain: str, amount: int) -> None:
    """Count a recipient of a domain."""
    if domain not in session.rcpt and len(session.rcpt) >= MOST_NAMES:
        domain = ""
    session.rcpt[domain] = session.rcpt.get(domain, 0) + amount


def shows_nothing(start: bytes) -> bool:
    """Whether a ``*`` row that begins so (data, comma, context) is of no interest.

    These are the session-id of a message, tarpitting, certificates and the choice of the proxy.
    """
    return start.startswith(_DULL) or _HEXADECIMAL.match(start) is not None


def on_information(session: Session, data: bytes, context: bytes) -> None:
    """A ``*`` row: rights, TLS, or in a send log why it failed."""
    if shows_nothing((data[:5] + b"," + context)[:5]):
        return
    if context.strip() == _PERMISSIONS:
        session.permissions = text_of(data.strip())
        return
    match = _PROTOCOL.search(data) or _PROTOCOL.search(context)
    if match is not None:
        session.protocol = text_of(match[1])
    if session.log != RECEIVE:
        match = _FAILURE.search(data) or _FAILURE.search(context)
        if match is not None:
            tally(session.refusals, code_of(match))


def on_disconnect(session: Session, context: bytes) -> None:
    """A ``-`` row."""
    session.ended = text_of(context.strip())


def facts(session: Session) -> SessionFacts:
    """What is known of a session."""
    local, local_port = _local(session.local)
    remote, remote_port = endpoint(session.remote.decode("utf-8", "replace"))
    connector, server = connector_of(session.connector)
    return _new(
        SessionFacts,
        (
            session.log,
            session.role,
            server,
            connector,
            session.session.decode("ascii"),
            local,
            local_port,
            remote,
            remote_port,
            read_time(session.began),
            read_time(session.last),
            session.started,
            session.ended,
            session.rows,
            session.commands,
            session.names,
            session.tls,
            session.protocol,
            session.auth,
            session.auth_ok,
            session.auth_bad,
            session.exchange,
            session.permissions,
            session.messages,
            session.senders,
            [
                _new(Recipients, (name, n % _REFUSED, n // _REFUSED))
                for name, n in session.rcpt.items()
            ],
            [_new(Replies, (code, n)) for code, n in session.refusals.items()],
            session.proxied,
            session.first_file,
            session.first_at,
            session.file,
            session.at,
        ),
    )


@lru_cache(maxsize=1000)
def connector_of(raw: bytes) -> tuple[str, str | None]:
    """A connector-id as text, and the server before its backslash."""
    server, backslash, _ = raw.partition(b"\\")
    return raw.decode("utf-8", "replace"), server.decode("utf-8", "replace") if backslash else None


@lru_cache(maxsize=1000)
def _local(raw: bytes) -> tuple[str, int | None]:
    return endpoint(raw.decode("utf-8", "replace"))


def endpoint(text: str) -> tuple[str, int | None]:
    """Address and port of an endpoint: ``10.1.1.5:25``, ``[fd00::9%12]:50112``, ``x.x.x.x:25``."""
    if text[:1] == "[":
        address, _, port = text[1:].partition("]")
        address = address.partition("%")[0]
        port = port.removeprefix(":")
    else:
        address, separator, port = text.rpartition(":")
        if not separator or ":" in address:
            address, port = text, ""
    if port.isdecimal() and port.isascii() and len(port) <= 5:
        return address, int(port)
    return (address or text), None


_BYTES = frozenset({"began", "connector", "key", "last", "local", "remote", "session"})


def save(session: Session) -> str:
    """Everything needed to go on with a session, as JSON."""
    values: dict[str, object] = {}
    for name in Session.__slots__:
        value = getattr(session, name)
        values[name] = value.decode("latin-1") if name in _BYTES else value
    return json.dumps(values, separators=(",", ":"))


def restore(state: str) -> Session:
    """The session that ``save`` wrote.

    Raises:
        ValueError: the state was not written by this version.
    """
    try:
        values = json.loads(state)
        session = Session(log=values["log"], role=values["role"], file=values["file"])
        for name in Session.__slots__:
            value = values[name]
            setattr(session, name, value.encode("latin-1") if name in _BYTES else value)
        session.proxied = [ProxiedClient(*one) for one in session.proxied]
        session.more = [(kind, domain) for kind, domain in session.more]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not the state of a session") from error
    return session
