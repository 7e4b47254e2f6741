r"""Names in identities: ``SERVER\Name``, distinguished names and canonical names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rctango.intake.values import text_of

if TYPE_CHECKING:
    from rctango.formats.raw import RawObject

_RDN = re.compile(r"CN=((?:[^,\\]|\\.)+)", re.IGNORECASE)
_CANONICAL = re.compile(r"/Servers/([^/]+)/Protocols/SMTP Receive Connectors/(.+)$", re.IGNORECASE)
_DEFAULT_NAME = re.compile(
    r"(?:Default Frontend|Client Frontend|Outbound Proxy Frontend|Client Proxy|"
    r"Default internal receive connector|Default|Client) (\S{1,63})",
)
_COMMAND_TARGET = re.compile(
    r"Get-\w+\s+(?:-Identity\s+)?(?:\"([^\"]+)\"|'([^']+)'|([^\s|\"'-][^\s|]*))",
    re.IGNORECASE,
)


def connector_identity(text: str) -> tuple[str | None, str | None]:
    r"""Server and connector name from an identity in any of its three forms.

    The forms are ``SERVER\Name``, a distinguished name and a canonical name; either part may be
    missing.
    """
    canonical = _CANONICAL.search(text)
    if canonical:
        return canonical[1], canonical[2]
    if text[:3].upper() == "CN=":
        names = [_unescape(part) for part in _RDN.findall(text)]
        inside = len(names) > 3 and names[1].casefold() == "smtp receive connectors"
        return (names[3] if inside else None), (names[0] if names else None)
    server, backslash, name = text.partition("\\")
    if backslash:
        return server.strip() or None, name.strip() or None
    return None, text.strip() or None


def _unescape(text: str) -> str:
    return re.sub(r"\\([^0-9A-Fa-f]|[0-9A-Fa-f]{2})", _unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    escaped = match[1]
    return chr(int(escaped, 16)) if len(escaped) == 2 else escaped


def leaf_name(text: str | None) -> str | None:
    """The last part of a plain, canonical or distinguished name; None for an empty one."""
    if text is None:
        return None
    if text[:3].upper() == "CN=":
        names = _RDN.findall(text)
        return _unescape(names[0]) if names else None
    return text.rpartition("/")[2].strip() or None


def server_name(text: str | None) -> str | None:
    r"""The short server name in a name, a fully qualified name or ``\\NAME``; None if empty."""
    leaf = leaf_name(text)
    if leaf is None:
        return None
    return leaf.strip("\\").partition(".")[0].strip() or None


def server_in_default_name(name: str) -> str | None:
    """The server that setup wrote into the name of a default connector, or None."""
    match = _DEFAULT_NAME.fullmatch(name.strip())
    return match[1] if match else None


def command_target(command: str | None) -> str | None:
    """The identity argument of the cmdlet in a pasted command line, or None."""
    match = _COMMAND_TARGET.search(command or "")
    if match is None:
        return None
    return next((group for group in match.groups() if group), None)


def property_text(raw: RawObject, *names: str) -> str | None:
    """The first of the named properties that has a text."""
    for name in names:
        text = text_of(raw.get(name))
        if text and text.strip():
            return text.strip()
    return None
