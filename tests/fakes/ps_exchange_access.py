"""Get-ADPermission: access control entries of receive connectors, and the usual sets of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.powershell import PSEnum, PSList, PSObject
from fakes.ps_exchange_values import ad_object_id, dn_of, session_members

if TYPE_CHECKING:
    from collections.abc import Iterable

SUBMIT = "ms-Exch-SMTP-Submit"
ANY_RECIPIENT = "ms-Exch-SMTP-Accept-Any-Recipient"
ANY_SENDER = "ms-Exch-SMTP-Accept-Any-Sender"
INTERNAL_SENDER = "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"
AUTHENTICATION_FLAG = "ms-Exch-SMTP-Accept-Authentication-Flag"
BYPASS_ANTI_SPAM = "ms-Exch-Bypass-Anti-Spam"
BYPASS_SIZE_LIMIT = "ms-Exch-Bypass-Message-Size-Limit"
EXCH50 = "ms-Exch-SMTP-Accept-Exch50"
ROUTING_HEADERS = "ms-Exch-Accept-Headers-Routing"
FOREST_HEADERS = "ms-Exch-Accept-Headers-Forest"
ORGANIZATION_HEADERS = "ms-Exch-Accept-Headers-Organization"

ANONYMOUS_RIGHTS = (SUBMIT, ANY_SENDER, INTERNAL_SENDER, ROUTING_HEADERS)
USER_RIGHTS = (SUBMIT, ANY_RECIPIENT, BYPASS_ANTI_SPAM, ROUTING_HEADERS)
PARTNER_RIGHTS = (SUBMIT, ROUTING_HEADERS)
EXTERNALLY_SECURED_RIGHTS = (
    SUBMIT,
    ANY_RECIPIENT,
    AUTHENTICATION_FLAG,
    ANY_SENDER,
    INTERNAL_SENDER,
    BYPASS_ANTI_SPAM,
    BYPASS_SIZE_LIMIT,
    EXCH50,
    ROUTING_HEADERS,
)
SERVER_RIGHTS_2007 = (*EXTERNALLY_SECURED_RIGHTS, FOREST_HEADERS, ORGANIZATION_HEADERS)
SERVER_RIGHTS_2010 = (*SERVER_RIGHTS_2007, "ms-Exch-SMTP-Accept-XShadow")
SERVER_RIGHTS = (
    *SERVER_RIGHTS_2010,
    "ms-Exch-SMTP-Accept-XProxyFrom",
    "ms-Exch-SMTP-Accept-XSessionParams",
    "ms-Exch-SMTP-Accept-XMessageContext-ADRecipientCache",
    "ms-Exch-SMTP-Accept-XMessageContext-ExtendedProperties",
    "ms-Exch-SMTP-Accept-XMessageContext-FastIndex",
    "ms-Exch-SMTP-Accept-XAttr",
    "ms-Exch-SMTP-Accept-XSysProbe",
)

_AUTHORITY = "S-1-9-1419165041-1139599005-3936102811-1022490595"

SIDS = {
    "anonymous": "S-1-5-7",
    "users": "S-1-5-11",
    "everyone": "S-1-1-0",
    "hub": f"{_AUTHORITY}-21",
    "edge": f"{_AUTHORITY}-22",
    "externally secured": f"{_AUTHORITY}-23",
    "partners": f"{_AUTHORITY}-10",
    "exchange servers": "S-1-5-21-1004336348-1177238915-682003330-1119",
    "legacy": "S-1-5-21-1004336348-1177238915-682003330-1121",
}
_COMMON = {
    "hub": r"MS Exchange\Hub Transport Servers",
    "edge": r"MS Exchange\Edge Transport Servers",
    "externally secured": r"MS Exchange\Externally Secured Servers",
    "partners": r"MS Exchange\Partner Servers",
    "exchange servers": r"CONTOSO\Exchange Servers",
    "legacy": r"CONTOSO\ExchangeLegacyInterop",
}
PRINCIPALS = {
    "en": {
        "anonymous": r"NT AUTHORITY\ANONYMOUS LOGON",
        "users": r"NT AUTHORITY\Authenticated Users",
        "everyone": "Everyone",
    }
    | _COMMON,
    "de": {
        "anonymous": r"NT-AUTORITÄT\ANONYMOUS-ANMELDUNG",
        "users": r"NT-AUTORITÄT\Authentifizierte Benutzer",
        "everyone": "Jeder",
    }
    | _COMMON,
    "fr": {
        "anonymous": r"AUTORITE NT\ANONYMOUS LOGON",
        "users": r"AUTORITE NT\Utilisateurs authentifiés",
        "everyone": "Tout le monde",
    }
    | _COMMON,
    "sid": SIDS,
}
"""Names of the principals by language of the server; "sid" is for names nobody resolved."""

_MANAGEMENT = "Microsoft.Exchange.Management.RecipientTasks"
_RIGHT_NUMBERS = {
    "CreateChild": 1,
    "WriteProperty": 32,
    "ExtendedRight": 256,
    "GenericRead": 131220,
    "GenericAll": 983551,
}
_SHARED_RIGHTS = {
    name: PSList(
        "System.DirectoryServices.ActiveDirectoryRights[]",
        (PSEnum("System.DirectoryServices.ActiveDirectoryRights", name, value),),
    )
    for name, value in _RIGHT_NUMBERS.items()
}


def ad_permission(
    identity: str,
    user: str,
    rights: Iterable[str] = (),
    *,
    deny: bool = False,
    inherited: bool = False,
    access_rights: str = "ExtendedRight",
) -> PSObject:
    r"""One access control entry on the connector ``SERVER\Name``.

    ``rights`` empty with access right ExtendedRight is the entry without an object type, which
    grants every extended right though its ExtendedRights column is empty.
    """
    server, _, name = identity.partition("\\")
    right_type = "Microsoft.Exchange.Configuration.Tasks.ExtendedRightIdParameter"
    names = tuple(rights)
    properties = {
        "AccessRights": _SHARED_RIGHTS[access_rights],
        "ExtendedRights": PSList(
            f"{right_type}[]", tuple(_parameter(right_type, right) for right in names)
        )
        if names
        else None,
        "ChildObjectTypes": None,
        "InheritedObjectType": None,
        "Properties": None,
        "IsInherited": inherited,
        "InheritanceType": PSEnum(
            "System.DirectoryServices.ActiveDirectorySecurityInheritance", "All", 1
        ),
        "User": _parameter(
            "Microsoft.Exchange.Configuration.Tasks.SecurityPrincipalIdParameter", user
        ),
        "Deny": deny,
        "Identity": ad_object_id(
            dn_of(server, name, "SMTP Receive Connectors", "Protocols"), identity
        ),
        "IsValid": True,
        "ObjectState": PSEnum("Microsoft.Exchange.Data.ObjectState", "New", 0),
    }
    types = (
        f"{_MANAGEMENT}.ADAcePresentationObject",
        f"{_MANAGEMENT}.AcePresentationObject",
        "Microsoft.Exchange.Data.ConfigurableObject",
        "System.Object",
    )
    return PSObject(types, identity, properties, session_members(server))


def _parameter(kind: str, text: str) -> PSObject:
    return PSObject((kind, "System.Object"), text, {"RawIdentity": text})


def allow_each(identity: str, user: str, rights: Iterable[str]) -> tuple[PSObject, ...]:
    """One allowing entry for each right, as Get-ADPermission lists them."""
    return tuple(ad_permission(identity, user, (right,)) for right in rights)


def default_aces(
    identity: str,
    groups: str,
    *,
    version: tuple[int, int] = (15, 2),
    edge: bool = False,
    language: str = "en",
) -> tuple[PSObject, ...]:
    """The explicit entries that the permission groups put on a connector."""
    who = PRINCIPALS[language]
    entries: list[PSObject] = []
    for group in (name.strip() for name in groups.split(",")):
        if group == "AnonymousUsers":
            entries += allow_each(identity, who["anonymous"], ANONYMOUS_RIGHTS)
        elif group == "ExchangeUsers":
            entries += allow_each(identity, who["users"], USER_RIGHTS)
        elif group == "Partners":
            entries += allow_each(identity, who["partners"], PARTNER_RIGHTS)
        elif group == "ExchangeServers":
            entries += _server_aces(identity, who, version, edge=edge)
        elif group == "ExchangeLegacyServers":
            entries += _legacy_aces(identity, who["legacy"])
    return tuple(entries)


def _server_aces(
    identity: str, who: dict[str, str], version: tuple[int, int], *, edge: bool
) -> list[PSObject]:
    rights: tuple[str, ...] = SERVER_RIGHTS
    if version < (15, 0):
        rights = SERVER_RIGHTS_2010 if version >= (14, 0) else SERVER_RIGHTS_2007
    servers = ("hub", "edge") if edge else ("hub", "edge", "exchange servers")
    entries = [ace for name in servers for ace in allow_each(identity, who[name], rights)]
    entries += allow_each(identity, who["externally secured"], EXTERNALLY_SECURED_RIGHTS)
    return entries


def _legacy_aces(identity: str, user: str) -> list[PSObject]:
    denied = (FOREST_HEADERS, ORGANIZATION_HEADERS)
    entries = [ad_permission(identity, user, (right,), deny=True) for right in denied]
    return entries + list(allow_each(identity, user, EXTERNALLY_SECURED_RIGHTS))


def inherited_aces(identity: str, *, language: str = "en") -> tuple[PSObject, ...]:
    """Entries every connector inherits from the organisation: administrators, nobody else."""
    administrators = (
        (r"CONTOSO\Exchange Trusted Subsystem", "GenericAll"),
        (r"CONTOSO\Organization Management", "GenericAll"),
        (r"CONTOSO\Enterprise Admins", "GenericAll"),
        (PRINCIPALS[language]["users"], "GenericRead"),
    )
    return tuple(
        ad_permission(identity, user, inherited=True, access_rights=right)
        for user, right in administrators
    )


def anonymous_relay_aces(identity: str, *, language: str = "en") -> tuple[PSObject, ...]:
    """A connector that relays by the documented first method: AnonymousUsers and one more right."""
    anonymous = PRINCIPALS[language]["anonymous"]
    granted = ad_permission(identity, anonymous, (ANY_RECIPIENT,))
    usual = default_aces(identity, "AnonymousUsers", language=language)
    return (*usual, granted, *inherited_aces(identity, language=language))


def externally_secured_aces(
    identity: str, *, version: tuple[int, int] = (15, 2), language: str = "en"
) -> tuple[PSObject, ...]:
    """A connector that relays by the documented second method: group ExchangeServers."""
    usual = default_aces(identity, "ExchangeServers", version=version, language=language)
    return (*usual, *inherited_aces(identity, language=language))
