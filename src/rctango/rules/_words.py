"""Words that several rules use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Family
from rctango.model.finding import Severity, Subject, SubjectKind
from rctango.model.rights import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.addresses import Address, RangeSet
    from rctango.model.connector import Connector

_MOST_LISTED = 8
WIDE = 256
"""From this many addresses on, nobody can name every machine behind a range."""

LEARN_CONNECTORS = "https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors"
LEARN_RELAY = "https://learn.microsoft.com/exchange/mail-flow/connectors/allow-anonymous-relay"
LEARN_SET = "https://learn.microsoft.com/powershell/module/exchangepowershell/set-receiveconnector"
LEARN_NDR = (
    "https://learn.microsoft.com/exchange/mail-flow/"
    "non-delivery-reports-and-bounce-messages/non-delivery-reports-and-bounce-messages"
)
LEARN_CUSTOM = "https://learn.microsoft.com/exchange/mail-flow/connectors/custom-receive-connectors"
LEARN_MAIL_FLOW = "https://learn.microsoft.com/exchange/mail-flow/mail-flow"
LEARN_LOGGING = "https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging"
LEARN_DOMAINS = "https://learn.microsoft.com/exchange/mail-flow/accepted-domains/accepted-domains"
KB_979175 = "https://support.microsoft.com/kb/979175"


def is_huge(addresses: RangeSet) -> bool:
    """Whether these are more addresses than one site has: a /16 of IPv4, or two /64 of IPv6."""
    return addresses.only(Family.IPV4).size >= 1 << 16 or addresses.only(Family.IPV6).size > 1 << 64


def count(addresses: RangeSet) -> str:
    """The exact number of addresses in words, by family."""
    if not addresses:
        return "no addresses"
    parts = []
    for family in Family:
        part = addresses.only(family)
        others = (1 << family.bits) - part.size
        if not others:
            parts.append(f"every {family.label} address")
        elif others < part.size:
            parts.append(f"all {family.label} addresses but {others:,}")
        elif part:
            noun = "address" if part.size == 1 else "addresses"
            parts.append(f"{part.size:,} {family.label} {noun}")
    return " and ".join(parts)


def listed(texts: Iterable[str]) -> str:
    """Texts as one enumeration; a long one ends with how many more there are."""
    every = list(dict.fromkeys(texts))
    if len(every) > _MOST_LISTED:
        return ", ".join(every[:_MOST_LISTED]) + f" and {len(every) - _MOST_LISTED:,} more"
    return " and ".join(filter(None, (", ".join(every[:-1]), every[-1] if every else "")))


def ranges_holding(connector: Connector, address: Address) -> tuple[str, ...]:
    """The connector's remote ranges, as written, that hold the address."""
    return tuple(entry.text for entry in connector.remote_ranges or () if address in entry.range)


def server_subject(name: str, address: Address | None = None) -> Subject:
    """A server, with the address that matters."""
    text = str(address) if address is not None else ""
    return Subject(kind=SubjectKind.SERVER, name=name, address=text)


def by_relay(relay: Answer, yes: Severity, unknown: Severity, no: Severity) -> Severity:
    """The severity that fits whether the connector relays."""
    return {Answer.YES: yes, Answer.UNKNOWN: unknown, Answer.NO: no}[relay]


def relay_words(relay: Answer) -> str:
    """What a client may do there, as the end of a sentence."""
    return {
        Answer.YES: "may relay to any recipient without authentication",
        Answer.UNKNOWN: "may be able to relay (its rights are not fully known)",
        Answer.NO: "may submit mail to internal recipients without authentication",
    }[relay]
