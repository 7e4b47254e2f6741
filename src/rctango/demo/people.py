"""Names that mail is sent from and to, in the forms that servers meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

_FIRST = "ada bo cy dana eve finn gus hana ida jon kai lea mona nils ola pia quin rosa sven tara"
_LAST = "abel berg cole dunn ek falk grey holm ivers jung katz lund meyer novak olsen price"

OWN_DOMAINS = (
    "northwind.example",
    "sales.northwind.example",
    "NorthWind.Example",
    "north.subsidiary.example",
    "lab.south.subsidiary.example",
)
FOREIGN_DOMAINS = (
    "elsewhere.example",
    "partner.test",
    "mail.customer.example",
    "notnorthwind.example",
    "northwind.example.test",
    "hr.northwind.example",
    "xn--bcher-kva.example",
)


def _names() -> Iterable[str]:
    for first in _FIRST.split():
        for last in _LAST.split():
            yield f"{first}.{last}"


def _boxes(domains: tuple[str, ...], odd: tuple[str, ...]) -> tuple[str, ...]:
    plain = [f"{name}@{domains[at % len(domains)]}" for at, name in enumerate(_names())]
    return (*plain, *(f"{local}@{domains[0]}" for local in odd))


ODD = ('"Doe, Jane"', "a#b", "o'hara", "zo\u00eb", '"quo\\"te"', "50%", "caf\udce9")
"""Local parts that look odd; the last one is no UTF-8."""

OWN = _boxes(OWN_DOMAINS, ODD)
FOREIGN = _boxes(FOREIGN_DOMAINS, ODD)
SENDERS = _boxes(FOREIGN_DOMAINS[:5], ODD)


def pick(chance: Random, items: tuple[str, ...]) -> str:
    """One of them."""
    return items[int(chance.random() * len(items))]


def recipients(chance: Random, own: float) -> list[tuple[str, bool]]:
    """One to four recipients, each with whether an accepted domain holds it.

    Args:
        chance: the source of chance.
        own: the share of those in accepted domains.
    """
    number = 1 if chance.random() < 0.7 else 2 + int(chance.random() * 3)
    found: list[tuple[str, bool]] = []
    for _ in range(number):
        mine = chance.random() < own
        found.append((pick(chance, OWN if mine else FOREIGN), mine))
    return found
