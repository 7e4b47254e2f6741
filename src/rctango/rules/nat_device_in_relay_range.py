"""The ranges of a relay connector hold a NAT device, a firewall or a gateway.

A firewall that translates source addresses of inbound connections makes the whole Internet look
like one internal address. Where that address is on a relay connector, the whole Internet relays.

No export knows which devices translate addresses: declare them in rctango.toml with kind "nat",
"firewall" or "gateway". The default gateways of the servers are looked at without that, by the rule
default-gateway-in-relay-range.
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

_KINDS = (ApplianceKind.NAT, ApplianceKind.FIREWALL, ApplianceKind.GATEWAY)


def _check(view: View) -> Iterator[Finding]:
    danger = "A device that translates source addresses passes on connections of many clients."
    yield from check_devices(view, RULE, _KINDS, danger=danger, least=Severity.INFO)


def _applies(view: View) -> bool:
    return view.snapshot.appliances is None or bool(view.appliances(*_KINDS))


RULE = Rule(
    name="nat-device-in-relay-range",
    title="A relay connector's ranges hold a device that translates addresses",
    severity=Severity.CRITICAL,
    needs=(Need.INVENTORY, Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_SET),
    check=_check,
    applies=_applies,
)
