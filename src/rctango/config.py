"""``rctango.toml``: the facts that no export holds, and the risks somebody accepted."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rctango.addresses import Address, AddressRange, RangeSet
from rctango.errors import AddressError, ConfigError
from rctango.model.finding import Acceptance
from rctango.model.origin import Origin
from rctango.model.server import Appliance, ApplianceKind, Server, ServerRole, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_VERSION = re.compile(r"(?:Version )?([0-9]{1,3})\.([0-9]{1,3})(?:[. (].*)?")
_ROLES = {role.name.replace("_", "").casefold(): role for role in ServerRole if role.name}
_TABLES = frozenset({"appliance", "server", "accept"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a configuration file says.

    Attributes:
        appliances: the declared devices; None when the file has no ``appliance`` key at all.
        servers: declared facts about servers.
        acceptances: accepted risks.
    """

    appliances: tuple[Appliance, ...] | None = None
    servers: tuple[Server, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()


def read_settings(source: str, data: bytes, rules: Collection[str]) -> Settings:
    """Read a configuration file.

    Args:
        source: the file's name, for messages and origins.
        data: its content.
        rules: the names of all rules, to check ``[[accept]]`` entries against.

    Raises:
        ConfigError: with every bad value and its path.
    """
    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(source, (("", "not a TOML file: it is not UTF-8 text"),)) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(source, (("", f"not a TOML file: {error}"),)) from None
    reader = _Reader(source, rules)
    settings = Settings(
        appliances=reader.tables(content, "appliance", reader.appliance)
        if "appliance" in content
        else None,
        servers=reader.tables(content, "server", reader.server),
        acceptances=reader.tables(content, "accept", reader.acceptance),
    )
    reader.check_servers(settings.servers)
    for key in content.keys() - _TABLES:
        reader.problem(key, "no such table; there are appliance, server and accept")
    if reader.problems:
        raise ConfigError(source, tuple(sorted(reader.problems)))
    return settings


class _Reader:
    def __init__(self, source: str, rules: Collection[str]) -> None:
        self.source = source
        self.rules = rules
        self.problems: list[tuple[str, str]] = []

    def problem(self, path: str, what: str) -> None:
        self.problems.append((path, what))

    def tables(
        self, content: dict[str, Any], key: str, read: Callable[[str, dict[str, Any]], Any]
    ) -> tuple[Any, ...]:
        entries = content.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            self.problem(key, f"write it as [[{key}]]")
            return ()
        made = [read(f"{key}[{at}]", entry) for at, entry in enumerate(entries)]
        return tuple(one for one in made if one is not None)

    def check_servers(self, servers: tuple[Server, ...]) -> None:
        seen: set[str] = set()
        for at, server in enumerate(servers):
            if server.name and server.name.casefold() in seen:
                self.problem(f"server[{at}].name", f"{server.name!r} is declared twice")
            seen.add(server.name.casefold())

    def _known(self, path: str, entry: dict[str, Any], *keys: str) -> None:
        for key in entry.keys() - set(keys):
            self.problem(f"{path}.{key}", f"no such key; there are {', '.join(keys)}")

    def _text(self, path: str, entry: dict[str, Any], key: str, *, needed: bool = True) -> str:
        value = entry.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None or needed:
            self.problem(f"{path}.{key}", "a text is needed" if value is None else "not a text")
        return ""

    def _list(self, path: str, entry: dict[str, Any], key: str) -> list[tuple[str, str]] | None:
        """The texts of a list, each with its path; None when the key is absent."""
        value = entry.get(key)
        if value is None:
            return None
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            self.problem(f"{path}.{key}", "a list of texts is needed")
            return []
        result: list[tuple[str, str]] = []
        for at, item in enumerate(items):
            place = f"{path}.{key}[{at}]"
            if isinstance(item, str):
                result.append((place, item))
            else:
                self.problem(place, "not a text")
        return result

    def appliance(self, path: str, entry: dict[str, Any]) -> Appliance | None:
        self._known(path, entry, "name", "kind", "addresses")
        name = self._text(path, entry, "name")
        kind = self._text(path, entry, "kind")
        if kind and kind not in set(ApplianceKind):
            self.problem(f"{path}.kind", f"{kind!r} is none of {', '.join(ApplianceKind)}")
        ranges: list[AddressRange] = []
        for place, text in self._list(path, entry, "addresses") or ():
            try:
                ranges.append(AddressRange.parse(text))
            except AddressError as error:
                self.problem(place, str(error))
        if not entry.get("addresses"):
            self.problem(f"{path}.addresses", "at least one address is needed")
        if not name or kind not in set(ApplianceKind):
            return None
        origin = Origin(source=self.source, locator=path)
        addresses = RangeSet.of(ranges)
        return Appliance(name=name, kind=ApplianceKind(kind), addresses=addresses, origin=origin)

    def server(self, path: str, entry: dict[str, Any]) -> Server | None:
        keys = ("addresses", "gateways", "version", "roles")
        self._known(path, entry, "name", *keys)
        name = self._text(path, entry, "name").partition(".")[0]
        addresses = self._addresses(path, entry, "addresses")
        gateways = self._addresses(path, entry, "gateways")
        facts = [
            (key, Origin(source=self.source, locator=f"{path}.{key}"))
            for key in keys
            if key in entry
        ]
        return Server(
            name=name,
            version=self._version(path, entry),
            roles=self._roles(path, entry),
            addresses=addresses,
            gateways=gateways,
            facts=tuple(facts),
        )

    def _addresses(self, path: str, entry: dict[str, Any], key: str) -> tuple[Address, ...] | None:
        texts = self._list(path, entry, key)
        if texts is None:
            return None
        result: list[Address] = []
        for place, text in texts:
            try:
                result.append(Address.parse(text))
            except AddressError as error:
                self.problem(place, str(error))
        return tuple(result)

    def _version(self, path: str, entry: dict[str, Any]) -> Version | None:
        text = self._text(path, entry, "version", needed=False)
        match = _VERSION.fullmatch(text)
        if match:
            return Version(major=int(match[1]), minor=int(match[2]))
        if text:
            self.problem(f"{path}.version", f"{text!r} is not of the form '15.2'")
        return None

    def _roles(self, path: str, entry: dict[str, Any]) -> ServerRole | None:
        texts = self._list(path, entry, "roles")
        if texts is None:
            return None
        result = ServerRole.NONE
        for place, text in texts:
            for word in re.split(r"[,\s]+", text.strip()):
                role = _ROLES.get(word.casefold())
                if role is None:
                    self.problem(place, f"{word!r} is no server role")
                else:
                    result |= role
        return result

    def acceptance(self, path: str, entry: dict[str, Any]) -> Acceptance | None:
        self._known(path, entry, "rule", "connector", "reason", "owner", "until")
        rule = self._text(path, entry, "rule")
        if rule and rule not in self.rules:
            self.problem(f"{path}.rule", f"{rule!r} is no rule; 'rctango rules' lists them")
        connector = self._text(path, entry, "connector", needed=False)
        if connector and "\\" not in connector:
            self.problem(f"{path}.connector", r"write it as SERVER\Name")
        until = entry.get("until")
        if until is not None and (isinstance(until, datetime) or not isinstance(until, date)):
            self.problem(f"{path}.until", "write a date such as 2027-06-30, without quotes")
            until = None
        return Acceptance(
            rule=rule,
            connector=connector or None,
            reason=self._text(path, entry, "reason"),
            owner=self._text(path, entry, "owner"),
            until=until,
            origin=Origin(source=self.source, locator=path),
        )
