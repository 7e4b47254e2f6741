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
    r"Default internal receive connector) (\S{1,63})",
)
_OLD_DEFAULT_NAME = re.compile(r"(Default|Client) (?!Frontend$|Proxy$)(\S{1,63})")
_ARGUMENT = r"(?:\"([^\"]+)\"|'([^']+)'|([^\s|;\"'$(){}-][^\s|;(){}]*))"
_COMMAND_TARGET = re.compile(
    rf"Get-(?:ReceiveConnector|ADPermission)\s+(?:-Identity\s+)?{_ARGUMENT}", re.IGNORECASE
)
_COMMAND_SERVER = re.compile(rf"Get-ReceiveConnector\s[^|;]*?-Server\s+{_ARGUMENT}", re.IGNORECASE)


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
    """The text behind RFC 4514's escapes: a backslash before a character or before a byte."""
    return re.sub(r"(?:\\[0-9A-Fa-f]{2})+|\\.", _unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    if len(match[0]) == 2:
        return match[0][1]
    return bytes.fromhex(match[0].replace("\\", "")).decode("utf-8", "replace")


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


def server_in_old_default_name(name: str) -> tuple[str, str] | None:
    """``Default`` or ``Client`` and the word after it, or None.

    Setup gives such names, but so do people: ``Client Printers``.
    """
    match = _OLD_DEFAULT_NAME.fullmatch(name.strip())
    return (match[1], match[2]) if match else None


def command_target(command: str | None) -> str | None:
    """The connector that a pasted command line asks for, or None; a variable is none."""
    target = _first_group(_COMMAND_TARGET.search(command or ""))
    if target is None or "*" not in target:
        return target
    server, backslash, _ = target.partition("\\")
    return server + backslash if backslash and "*" not in server else None


def command_server(command: str | None) -> str | None:
    """The server whose connectors a pasted command line asks for, or None."""
    return _first_group(_COMMAND_SERVER.search(command or ""))


def _first_group(match: re.Match[str] | None) -> str | None:
    return next((group for group in match.groups() if group), None) if match else None


def property_text(raw: RawObject, *names: str) -> str | None:
    """The first of the named properties that has a text."""
    for name in names:
        text = text_of(raw.get(name))
        if text and text.strip():
            return text.strip()
    return None
