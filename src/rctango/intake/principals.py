"""Principals of access control entries, by SID and by every localised name that is known.

Source: https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
(well-known SIDs) and https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors
(the principals behind each permission group).
"""

from __future__ import annotations

import re
import unicodedata

from rctango.model.rights import TrusteeKind

_EXCHANGE_SIDS = "S-1-9-1419165041-1139599005-3936102811-1022490595-"
_SIDS = {
    "S-1-5-7": TrusteeKind.ANONYMOUS,
    "S-1-5-11": TrusteeKind.AUTHENTICATED_USERS,
    "S-1-1-0": TrusteeKind.EVERYONE,
    f"{_EXCHANGE_SIDS}10": TrusteeKind.PARTNER_SERVERS,
    f"{_EXCHANGE_SIDS}21": TrusteeKind.HUB_TRANSPORT_SERVERS,
    f"{_EXCHANGE_SIDS}22": TrusteeKind.EDGE_TRANSPORT_SERVERS,
    f"{_EXCHANGE_SIDS}23": TrusteeKind.EXTERNALLY_SECURED_SERVERS,
    f"{_EXCHANGE_SIDS}24": TrusteeKind.LEGACY_SERVERS,
}
_NAMES: tuple[tuple[TrusteeKind, str], ...] = (
    (
        TrusteeKind.ANONYMOUS,
        (
            "anonymous logon|anonymous-anmeldung|anonymous|accesso anonimo|logon anonimo|"
            "inicio de sessao anonimo|"
            "inicio de sesion anonimo|ouverture de session anonyme|anonieme aanmelding|"
            "logowanie anonimowe|anonymni prihlaseni|nevtelen bejelentkezes|anonym inloggning|"
            "anonym palogging|anonymt logon|anonyymi kirjautuminen|анонимный вход|"
            "anonim oturum acma"
        ),
    ),
    (
        TrusteeKind.AUTHENTICATED_USERS,
        (
            "authenticated users|authentifizierte benutzer|utilisateurs authentifies|"
            "usuarios autentificados|usuarios autenticados|utenti autenticati|"
            "geverifieerde gebruikers|uzytkownicy uwierzytelnieni|прошедшие проверку"
        ),
    ),
    (
        TrusteeKind.EVERYONE,
        "everyone|jeder|tout le monde|todos|tutti|iedereen|wszyscy|kazdy|mindenki|alla|alle|все",
    ),
    (TrusteeKind.HUB_TRANSPORT_SERVERS, "hub transport servers|hub-transport-server"),
    (TrusteeKind.EDGE_TRANSPORT_SERVERS, "edge transport servers|edge-transport-server"),
    (TrusteeKind.EXTERNALLY_SECURED_SERVERS, "externally secured servers"),
    (TrusteeKind.EXCHANGE_SERVERS, "exchange servers"),
    (TrusteeKind.LEGACY_SERVERS, "exchangelegacyinterop|legacy exchange servers"),
    (TrusteeKind.PARTNER_SERVERS, "partner servers"),
)
_SERVICES = frozenset(
    {
        "system",
        "systeme",
        "local service",
        "lokaler dienst",
        "network service",
        "netzwerkdienst",
        "service reseau",
        "self",
        "selbst",
        "enterprise domain controllers",
        "domanencontroller der organisation",
    }
)
_BROKEN = re.compile("[?\ufffd]")
"""What is left of a letter that an export's encoding could not hold."""
_SID = re.compile(r"S-1-[0-9-]+", re.IGNORECASE)


def trustee_kind(name: str) -> TrusteeKind:
    r"""Who is meant by a principal as ``Get-ADPermission`` prints it: ``AUTHORITY\Name`` or a SID.

    Accents are ignored, because exports lose them.
    """
    sid = _SID.search(name)
    if sid and sid[0].upper() in _SIDS:
        return _SIDS[sid[0].upper()]
    bare = name.rpartition("\\")[2].strip()
    if "\\" not in name and "/" in name:
        bare = name.rpartition("/")[2].strip()
    plain = _plain(bare)
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    if _BROKEN.search(plain):
        pattern = _BROKEN.sub(".", re.escape(plain).replace(r"\?", "?"))
        return next(
            (kind for known, kind in _BY_NAME.items() if re.fullmatch(pattern, known)),
            TrusteeKind.UNRECOGNISED,
        )
    authority = re.split(r"[^\w]+", name.rpartition("\\")[0].casefold())
    built_in = "nt" in authority and plain not in _SERVICES
    return TrusteeKind.UNRECOGNISED if built_in else TrusteeKind.OTHER


def _plain(name: str) -> str:
    """Lower case without accents; the dotless i counts as an i."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("\u0131", "i"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_BY_NAME = {_plain(name): kind for kind, names in _NAMES for name in names.split("|")}
