"""The ranges of a relay connector hold an address of a load balancer.

A one-arm load balancer replaces the client's address with its own. Exchange reads neither the PROXY
protocol nor XCLIENT, so every client that reaches the virtual address looks like the balancer. Put
the balancer's address on a relay connector, and everybody who reaches the virtual address may
relay and use internal sender addresses.

No export knows which addresses belong to a load balancer: declare them in rctango.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import Severity
from rctango.model.server import ApplianceKind
from rctango.rules._devices import check_devices
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_RELAY, LEARN_SET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding

_KINDS = (ApplianceKind.LOAD_BALANCER,)


def _check(view: View) -> Iterator[Finding]:
    danger = "A load balancer that replaces client addresses hides who connects."
    yield from check_devices(view, RULE, _KINDS, danger=danger, least=Severity.INFO)


def _applies(view: View) -> bool:
    return view.snapshot.appliances is None or bool(view.appliances(*_KINDS))


RULE = Rule(
    name="load-balancer-in-relay-range",
    title="A relay connector's ranges hold a load balancer",
    severity=Severity.CRITICAL,
    needs=(Need.INVENTORY, Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_SET),
    check=_check,
    applies=_applies,
)
