"""SMTP permissions: what a session may do, and where Exchange writes that down.

Sources: https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors (permission
groups, their principals and rights) and the Active Directory schema changes of Exchange Server for
the GUIDs of the extended rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum


class Right(IntFlag):
    """The permissions of an SMTP session, bit by bit as protocol logs number them."""

    SUBMIT = 1
    SUBMIT_FOR_MLS = 2
    ACCEPT_ANY_RECIPIENT = 4
    ACCEPT_AUTHENTICATION_FLAG = 8
    ACCEPT_ANY_SENDER = 16
    ACCEPT_AUTHORITATIVE_DOMAIN_SENDER = 32
    BYPASS_ANTI_SPAM = 64
    BYPASS_MESSAGE_SIZE_LIMIT = 128
    SEND_EXCH50 = 256
    ACCEPT_EXCH50 = 512
    ACCEPT_HEADERS_ROUTING = 1024
    ACCEPT_HEADERS_FOREST = 2048
    ACCEPT_HEADERS_ORGANIZATION = 4096
    SEND_HEADERS_ROUTING = 8192
    SEND_HEADERS_FOREST = 16384
    SEND_HEADERS_ORGANIZATION = 32768
    SEND_AS = 65536
    SEND_XSHADOW = 131072
    ACCEPT_XSHADOW = 262144
    ACCEPT_XPROXYFROM = 524288
    ACCEPT_XSESSIONPARAMS = 1048576
    ACCEPT_XMESSAGECONTEXT_ADRECIPIENTCACHE = 2097152
    ACCEPT_XMESSAGECONTEXT_EXTENDEDPROPERTIES = 4194304
    ACCEPT_XMESSAGECONTEXT_FASTINDEX = 8388608
    ACCEPT_XATTR = 16777216
    ACCEPT_XSYSPROBE = 33554432


NO_RIGHTS = Right(0)
ALL_RIGHTS = Right(67108863)

ANONYMOUS_RIGHTS = Right(1073)
"""What the permission group AnonymousUsers grants: submit, any sender, routing headers."""

EXTERNALLY_SECURED_RIGHTS = Right(1789)
"""What the permission group ExchangeServers grants to Externally Secured Servers."""


class PermissionGroups(IntFlag):
    """The value of a connector's ``PermissionGroups``."""

    NONE = 0
    ANONYMOUS_USERS = 1
    EXCHANGE_USERS = 2
    EXCHANGE_SERVERS = 4
    EXCHANGE_LEGACY_SERVERS = 8
    PARTNERS = 16
    CUSTOM = 32


class AuthMechanism(IntFlag):
    """The value of a connector's ``AuthMechanism``."""

    NONE = 0
    TLS = 1
    INTEGRATED = 2
    BASIC_AUTH = 4
    BASIC_AUTH_REQUIRE_TLS = 8
    EXCHANGE_SERVER = 16
    EXTERNAL_AUTHORITATIVE = 32


class TransportRole(IntFlag):
    """Which transport process owns a connector: the value of ``TransportRole``."""

    MAILBOX = 2
    HUB_TRANSPORT = 32
    FRONTEND_TRANSPORT = 16384

    @property
    def label(self) -> str:
        """The name as ``Get-ReceiveConnector`` prints it."""
        names = {2: "Mailbox", 32: "HubTransport", 16384: "FrontendTransport"}
        return ", ".join(name for bit, name in names.items() if self & bit)


class TrusteeKind(StrEnum):
    """The principals that decide what an SMTP session may do."""

    ANONYMOUS = "anonymous logon"
    AUTHENTICATED_USERS = "authenticated users"
    EVERYONE = "everyone"
    HUB_TRANSPORT_SERVERS = "hub transport servers"
    EDGE_TRANSPORT_SERVERS = "edge transport servers"
    EXTERNALLY_SECURED_SERVERS = "externally secured servers"
    EXCHANGE_SERVERS = "exchange servers"
    LEGACY_SERVERS = "exchange legacy interop"
    PARTNER_SERVERS = "partner servers"
    UNRECOGNISED = "a built-in principal that is not recognised"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """One access control entry on a receive connector.

    Attributes:
        trustee: whom it concerns.
        name: the principal or SID as the export wrote it.
        rights: the SMTP permissions it speaks of; all of them for an entry that names no right.
        allow: whether it allows or denies.
        inherited: whether it comes from a parent object; None when the export does not say.
        locator: where in the export it stands.
    """

    trustee: TrusteeKind
    name: str
    rights: Right
    allow: bool
    inherited: bool | None
    locator: str


class Answer(StrEnum):
    """A yes-or-no answer that may honestly be unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRights:
    """What an unauthenticated client may do on a connector.

    Attributes:
        connect: whether the connector answers at all.
        submit: may send a message to a recipient in an accepted domain.
        relay: may send to any recipient.
        spoof_internal_sender: may use a sender address of the organisation's own domains.
        bypass_anti_spam: skips the anti-spam agents.
        exchange_authentication: another Exchange server could prove itself on this connector.
    """

    connect: Answer
    submit: Answer
    relay: Answer
    spoof_internal_sender: Answer
    bypass_anti_spam: Answer
    exchange_authentication: Answer
