"""A copy of the session facts without names and addresses, for passing on.

Every name and address is replaced by one that a key decides (HMAC-SHA-256, RFC 2104): the same one
for the same original, in every copy made with the key. Without the key nobody can tell which is
which, nor try guesses. Addresses of one /24 (IPv6: /64) stay together, and private addresses stay
private; times, ports, counts and replies stay as they are.
"""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from rctango.errors import ConfigError, EvidenceError
from rctango.traffic import columns
from rctango.traffic.ledger import Fingerprint
from rctango.traffic.store import PSEUDONYMISED, Store, delete_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from rctango.traffic.ledger import Entry
    from rctango.traffic.schema import ProxiedClient, SessionFacts

KEY_VARIABLE: Final = "RCTANGO_KEY"
SHORTEST_KEY: Final = 16
OWN: Final = "own.example"
FOREIGN: Final = "foreign.example"
OTHER: Final = "other"

_ROUNDS: Final = 10
_CACHE: Final = 100_000
_ENDED: Final = re.compile(r"(?:Local|Remote)?(?:\([A-Za-z]{1,40}\))?")
_TLS: Final = re.compile(r"SP_PROT_(?:SSL|TLS)[0-9_]{1,8}")
_MECHANISMS: Final = frozenset(
    {"LOGIN", "NTLM", "GSSAPI", "PLAIN", "EXCHANGEAUTH", "XOAUTH2", "CRAM-MD5", "DIGEST-MD5"}
)
_RIGHT: Final = re.compile(
    r"(?:SMTPSubmit|SMTPAccept|SMTPSend|Accept|Send|Bypass)"
    r"(?:ForMLS|AnyRecipient|AuthenticationFlag|AnySender|AuthoritativeDomainSender|EXCH50|"
    r"RoutingHeaders|ForestHeaders|OrganizationHeaders|XShadow|XProxyFrom|XSessionParams|XAttr|"
    r"XSysProbe|XOriginalFrom|AntiSpam|MessageSizeLimit|As)?"
)
_PRIVATE: Final = ((0x0A0000, 1 << 16), (0xAC1000, 1 << 12), (0xC0A800, 1 << 8))
"""The private /24 networks (RFC 1918), as first one and how many."""

_SHARED: Final = ((0x644000, 1 << 14),)
"""Those behind carrier-grade translation (RFC 6598)."""


def read_key(file: Path | None) -> bytes:
    """The key, from a file or else from the environment; never from the command line.

    Raises:
        ConfigError: there is none, or it is too short to be a secret.
    """
    source = str(file) if file is not None else KEY_VARIABLE
    try:
        key = (
            os.environ.get(KEY_VARIABLE, "").encode("utf-8", "surrogateescape")
            if file is None
            else file.read_bytes().strip()
        )
    except OSError as error:
        raise ConfigError(source, (("", error.strerror or str(error)),)) from error
    if len(key) < SHORTEST_KEY:
        reason = f"the key has {len(key)} bytes; at least {SHORTEST_KEY} are needed"
        raise ConfigError(source, (("", reason),))
    return key


class Pseudonyms:
    """Replaces names and addresses."""

    def __init__(self, key: bytes, accepted_domains: Iterable[str] = ()) -> None:
        """Begin with a key.

        Args:
            key: the secret.
            accepted_domains: domains that stay recognisable as accepted ones, also ``*`` and
                ``*.example.com``; their pseudonyms end in ``own.example``, all others in
                ``foreign.example``.
        """
        self._key = key
        domains = {one.casefold() for one in accepted_domains}
        self._domains = frozenset(one for one in domains if not one.startswith("*"))
        self._suffixes = tuple(one[1:] for one in domains if one.startswith("*"))
        self.address: Callable[[str], str] = lru_cache(_CACHE)(self._address)
        self.domain: Callable[[str], str] = lru_cache(_CACHE)(self._domain)
        self.name: Callable[[str], str] = lru_cache(_CACHE)(self._name)
        self.label: Callable[[str], str] = lru_cache(_CACHE)(self._label)

    def _token(self, kind: str, text: str) -> str:
        data = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, data, "sha256").hex()[:16]

    def _number(self, kind: str, value: int) -> int:
        return int.from_bytes(hmac.digest(self._key, f"{kind} {value}".encode(), "sha256"), "big")

    def _permute(self, kind: str, value: int, size: int) -> int:
        """A number below ``size`` for each such number, no two the same.

        A Feistel network with a keyed round function, walked on until it ends in the domain.
        """
        half = max(1, ((size - 1).bit_length() + 1) // 2)
        mask = (1 << half) - 1
        while True:
            left, right = value >> half, value & mask
            for turn in range(_ROUNDS):
                left, right = right, left ^ (self._number(f"{kind} {turn}", right) & mask)
            value = left << half | right
            if value < size:
                return value

    def _label(self, text: str) -> str:
        """One name, such as a server's or a connector's."""
        return f"n-{self._token('name', text)}" if text else ""

    def connector(self, text: str) -> str:
        r"""A connector-id, ``SERVER\\Name`` or a name alone."""
        return "\\".join(self.label(part) for part in text.split("\\", 1))

    def session(self, text: str) -> str:
        """A session-id."""
        return self._token("session", text).upper() if text else ""

    def _domain(self, text: str) -> str:
        """The domain of a mail address; none and the null reverse-path stay."""
        if text in {"", "<>"}:
            return text
        literal = self._literal(text)
        if literal is not None:
            return literal
        low = text.casefold()
        own = low in self._domains or low.endswith(self._suffixes or "\0")
        return f"{self._token('domain', low)}.{OWN if own else FOREIGN}"

    def _name(self, text: str) -> str:
        """A host's name as EHLO gives it: the first label and the domain each have their own."""
        if not text:
            return ""
        literal = self._literal(text)
        if literal is not None:
            return literal
        label, dot, rest = text.partition(".")
        return f"{self.label(label)}.{self.domain(rest)}" if dot and rest else self.label(text)

    def _literal(self, text: str) -> str | None:
        """An address, plain or as an address literal (RFC 5321 section 4.1.3); None otherwise."""
        bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
        if bare[:5].casefold() == "ipv6:":
            bare = bare[5:]
        bare = bare.partition("%")[0]
        if _parsed(bare) is None:
            return None
        return f"[{self.address(bare)}]" if text.startswith("[") else self.address(bare)

    def _address(self, text: str) -> str:
        """An IP address; a text that is none (masked logs, host names) becomes a name."""
        if not text:
            return ""
        parsed = _parsed(text)
        if parsed is None:
            return f"host-{self._token('host', text)}"
        if isinstance(parsed, IPv4Address):
            return str(IPv4Address(self._ipv4(int(parsed))))
        if parsed.ipv4_mapped is not None:
            return f"::ffff:{IPv4Address(self._ipv4(int(parsed.ipv4_mapped)))}"
        return str(IPv6Address(self._ipv6(int(parsed))))

    def _ipv4(self, value: int) -> int:
        network, host = value >> 8, value & 0xFF
        if network >> 16 in {0, 127}:
            return value
        new = self._network(network)
        return new << 8 | self._permute(f"ipv4 {network}", host, 256)

    def _network(self, network: int) -> int:
        if network >> 8 == 0xA9FE or network >> 16 >= 224:
            return network  # link-local and multicast: the same everywhere
        for kind, blocks in (("private", _PRIVATE), ("shared", _SHARED)):
            place = _index(network, blocks)
            if place is not None:
                return _at(self._permute(kind, place, sum(size for _, size in blocks)), blocks)
        while True:
            network = self._permute("public", network, 1 << 24)
            if not _is_special(network):
                return network

    def _ipv6(self, value: int) -> int:
        if value < 2:
            return value
        network, host = value >> 64, value & ((1 << 64) - 1)
        kept = next((bits for top, bits in _KEPT if network >> (64 - bits) == top), 8)
        if kept < 64:
            free = 64 - kept
            low = network & ((1 << free) - 1)
            kind = f"ipv6 {network >> free}"
            new = network >> free << free | self._permute(kind, low, 1 << free)
        else:
            new = network
        return new << 64 | self._permute(f"ipv6 {network}", host, 1 << 64)

    def facts(self, facts: SessionFacts) -> SessionFacts:
        """The facts of a session."""
        words = [
            word if _RIGHT.fullmatch(word) else OTHER for word in (facts.permissions or "").split()
        ]
        return facts._replace(
            server=None if facts.server is None else self.label(facts.server),
            connector=self.connector(facts.connector),
            session=self.session(facts.session),
            local=self.address(facts.local),
            remote=self.address(facts.remote),
            ended=_known(facts.ended, lambda text: _ENDED.fullmatch(text) is not None),
            ehlo_names=[self.name(name) for name in facts.ehlo_names],
            tls_protocol=_known(facts.tls_protocol, lambda text: bool(_TLS.fullmatch(text))),
            auth_mechanism=_known(facts.auth_mechanism, lambda text: text in _MECHANISMS),
            permissions=None if facts.permissions is None else " ".join(words),
            sender_domains=[self.domain(name) for name in facts.sender_domains],
            recipients=[one._replace(domain=self.domain(one.domain)) for one in facts.recipients],
            proxied=[self._proxied(one) for one in facts.proxied],
        )

    def _proxied(self, one: ProxiedClient) -> ProxiedClient:
        return one._replace(
            session=self.session(one.session),
            address=self.address(one.address),
            helo=self.name(one.helo),
        )


_KEPT: Final = (
    (0xFE80000000000000, 64),
    *((0b1111111000 + part, 10) for part in range(4)),
    (0xFD, 8),
    (0xFC, 8),
    (0b001, 3),
)
"""The parts of IPv6 networks that stay, as value and bits: link-local (all of fe80::/10 and its
neighbours by themselves), private and public.
"""


def _known(text: str | None, is_known: Callable[[str], bool]) -> str | None:
    return text if text is None or is_known(text) else OTHER


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _index(network: int, blocks: tuple[tuple[int, int], ...]) -> int | None:
    before = 0
    for first, size in blocks:
        if first <= network < first + size:
            return before + network - first
        before += size
    return None


def _at(index: int, blocks: tuple[tuple[int, int], ...]) -> int:
    for first, size in blocks:
        if index < size:
            return first + index
        index -= size
    raise IndexError(index)


def _is_special(network: int) -> bool:
    """Whether a /24 network is not on the public Internet."""
    return (
        network >> 16 in {0, 127}
        or network >> 16 >= 224
        or network >> 8 == 0xA9FE
        or _index(network, (*_PRIVATE, *_SHARED)) is not None
    )


def pseudonymise(
    store: Store, target: Path, key: bytes, accepted_domains: Iterable[str] = ()
) -> int:
    """Write a new store that holds pseudonyms only; more logs cannot be read into it.

    Args:
        store: where the facts are.
        target: the new database file.
        key: the secret; see ``read_key``.
        accepted_domains: see ``Pseudonyms``.

    Returns:
        How many sessions were written.

    Raises:
        EvidenceError: the target exists, or one of the stores cannot be read or written.
    """
    if target.exists():
        raise EvidenceError(str(target), "", "exists already")
    names = Pseudonyms(key, accepted_domains)
    partial = target.with_name(f"{target.name}.part")
    delete_database(partial)
    count = 0
    with Store.open(partial) as copy, copy.transaction():
        copy.mark(PSEUDONYMISED)
        for sessions in store.sessions():
            rows = [names.facts(facts) for facts in sessions]
            copy.add("sessions", [columns.to_batch(rows)])
            count += len(rows)
        copy.put_entries([_entry(entry) for entry in store.ledger().entries.values()])
        lines = [(number, line.line, line.reason) for number, line in store.rejected()]
        copy.add("rejected", [columns.to_batch(lines, columns.REJECTED)])
    partial.replace(target)
    return count


def _entry(entry: Entry) -> Entry:
    """A content without its path, its hashes and any text of it."""
    return replace(
        entry,
        path=f"file {entry.number}",
        member="",
        chain="",
        refusal=None if entry.refusal is None else OTHER,
        problem=None if entry.problem is None else OTHER,
        fingerprint=Fingerprint(
            head_length=0,
            head="",
            offset=entry.fingerprint.offset,
            tail="",
            at_line_end=entry.fingerprint.at_line_end,
        ),
    )
