"""What each receive connector says: its keywords, certificates and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rctango.demo.organisation import CONNECTORS, DOMAIN, SERVERS

if TYPE_CHECKING:
    from rctango.demo.organisation import Connector, Server

PLAIN, SECURE, TRUSTED = range(3)
"""Before STARTTLS, after it, and after X-ANONYMOUSTLS."""

TLS_ROW = (
    '*,"TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using bulk encryption algorithm '
    "CALG_AES_256 with strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits "
    'and key exchange algorithm CALG_ECDHE with strength 384 bits",'
)
_ANONYMOUS = (
    "SMTPSubmit SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders"
)
_RELAYING = _ANONYMOUS.replace("SMTPSubmit", "SMTPSubmit SMTPAcceptAnyRecipient")
_ALL = (
    "SMTPSubmit SMTPAcceptAnyRecipient SMTPAcceptAuthenticationFlag SMTPAcceptAnySender "
    "SMTPAcceptAuthoritativeDomainSender BypassAntiSpam BypassMessageSizeLimit SMTPAcceptEXCH50 "
    "AcceptRoutingHeaders AcceptForestHeaders AcceptOrganizationHeaders"
)
PEER_RIGHTS = f"*,{_ALL},Set Session Permissions"
_USER = "SMTPSubmit SMTPAcceptAnyRecipient BypassAntiSpam AcceptRoutingHeaders"
USER_RIGHTS = f"*,{_USER},Set Session Permissions"
_OLD_REFUSAL = ">,550 5.7.1 Unable to relay,"
_NEW_REFUSAL = ">,550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain,"
_PEER_CERTIFICATE = (
    "*,,Client certificate chain validation status: 'EmptyCertificate'",
    "*,,TlsDomainCapabilities='None'; Status='NoRemoteCertificate'",
)
_COLUMNS = (
    "Subject Issuer name Serial number Thumbprint Not before Not after Subject alternate names"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A connector at its server.

    Attributes:
        opening: the first rows, up to the banner.
        refusal: the reply to a recipient in a foreign domain.
        certificate: the rows about the server's certificate.
        after_tls: the rows after a negotiation.
    """

    server: Server
    connector: Connector
    opening: tuple[str, ...]
    refusal: str
    certificate: tuple[str, ...]
    after_tls: tuple[str, ...]

    @property
    def is_old(self) -> bool:
        """Whether it logs as Exchange did up to 2013."""
        return self.server.is_old

    def keywords(self, state: int) -> tuple[str, ...]:
        """What it offers, in order."""
        return _keywords(self.server, self.connector, state)


def _place(server: Server, connector: Connector) -> Place:
    old = server.is_old
    return Place(
        server=server,
        connector=connector,
        opening=("+,,", _rights(connector)) if old else ("+,,",),
        refusal=_OLD_REFUSAL if old else _NEW_REFUSAL,
        certificate=certificate(server),
        after_tls=(TLS_ROW,) if old else (TLS_ROW, *_PEER_CERTIFICATE),
    )


def _rights(connector: Connector) -> str:
    """What a session may do before anybody authenticates."""
    rights = _RELAYING if connector.relays else _ANONYMOUS
    if "AnonymousUsers" not in connector.groups:
        rights = "None"
    return f"*,{rights},Set Session Permissions"


def certificate(server: Server) -> tuple[str, ...]:
    """One row for all about a certificate, or one row for each thing."""
    name, serial, print_ = f"CN={server.name}", "5A" * 16, "C0" * 20
    if not server.is_old:
        dates = "2024-05-01T08:00:00.000Z 2029-05-01T08:00:00.000Z"
        facts = f"{name} {name} {serial} {print_} {dates} {server.name};{server.fqdn}"
        return (f"*,{facts},Sending certificate {_COLUMNS}",)
    return (
        "*,,Sending certificate",
        f"*,{name},Certificate subject",
        f"*,{name},Certificate issuer name",
        f"*,{serial},Certificate serial number",
        f"*,{print_},Certificate thumbprint",
        f"*,{server.name};{server.fqdn},Certificate alternate names",
    )


@cache
def _keywords(server: Server, connector: Connector, state: int) -> tuple[str, ...]:
    peers, hub = connector.has("ExchangeServer"), connector.role != "frontend"
    plain, trusted = state == PLAIN, state == TRUSTED
    table: tuple[tuple[str, bool], ...] = (
        ("SIZE" if hub else "SIZE 37748736", True),
        ("PIPELINING", True),
        ("DSN", True),
        ("ENHANCEDSTATUSCODES", True),
        ("STARTTLS", plain and connector.has("Tls")),
        ("X-ANONYMOUSTLS", plain and peers),
        (_mechanisms(connector, state), connector.has("Integrated")),
        ("X-EXPS EXCHANGEAUTH GSSAPI NTLM" if trusted else "X-EXPS GSSAPI NTLM", peers),
        ("X-EXCHANGEAUTH SHA256", trusted and peers),
        ("8BITMIME", True),
        ("BINARYMIME", True),
        ("CHUNKING", True),
        ("XEXCH50", peers and hub),
        ("SMTPUTF8", server.version >= (15, 2)),
        ("XRDST", peers and server.is_split),
        ("XSHADOW", peers and hub),
        ("XPROXY", trusted and server.is_split),
        ("XPROXYFROM", trusted and server.is_split),
    )
    return tuple(word for word, shown in table if shown)


def _mechanisms(connector: Connector, state: int) -> str:
    return "AUTH NTLM LOGIN" if connector.has("BasicAuth") and state == SECURE else "AUTH NTLM"


PLACES = {
    one.identity: _place(server, one)
    for server in SERVERS
    for one in CONNECTORS
    if one.server == server.name
}
"""Every connector by its identity."""

UPSTREAM = f"mail.gate.{DOMAIN}"
"""What the mail gateway calls itself."""
