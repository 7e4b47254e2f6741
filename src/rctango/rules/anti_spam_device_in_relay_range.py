"""The ranges of a relaying connector hold the anti-spam device that delivers Internet mail.

The device passes on mail from anybody. On a connector that relays, or is externally secured,
everything it passes on may go to any recipient, and with an externally secured connector Internet
mail counts as internal and authenticated: transport rules for outside senders do not apply to it
and forged internal senders show up as the real person.

A connector for such a device needs the permission group AnonymousUsers and Tls, nothing more; one
like that is not reported. Declare the device in rctango.toml with kind "anti-spam".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import Severity
from rctango.model.server import ApplianceKind
from rctango.rules._devices import check_devices
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, LEARN_RELAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding

_KINDS = (ApplianceKind.ANTI_SPAM,)


def _check(view: View) -> Iterator[Finding]:
    danger = "An anti-spam device passes on mail from the whole Internet."
    yield from check_devices(view, RULE, _KINDS, danger=danger, least=None)


def _applies(view: View) -> bool:
    return view.snapshot.appliances is None or bool(view.appliances(*_KINDS))


RULE = Rule(
    name="anti-spam-device-in-relay-range",
    title="A relay connector's ranges hold an anti-spam device",
    severity=Severity.CRITICAL,
    needs=(Need.INVENTORY, Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_CONNECTORS),
    check=_check,
    applies=_applies,
)
