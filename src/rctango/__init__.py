"""rctango: which Exchange receive connector answers any SMTP connection, and what that means.

The library in short::

    import datetime
    import rctango

    snapshot = rctango.read("exports/")
    view = rctango.View(snapshot)
    for selection in view.connections(rctango.Address.parse("10.0.0.9")):
        print(selection.listener, selection.verdict, selection.connector)
    result = rctango.audit_snapshot(snapshot, today=datetime.date.today())
"""

from importlib import import_module
from typing import TYPE_CHECKING

from rctango._version import __version__

if TYPE_CHECKING:
    from rctango.addresses import Address, AddressRange, Binding, RangeSet
    from rctango.analysis.view import View
    from rctango.app import read
    from rctango.audit import audit_snapshot
    from rctango.errors import AddressError, ConfigError, EvidenceError, RctangoError
    from rctango.model.connection import Selection, Verdict
    from rctango.model.finding import AuditResult, Finding, Severity
    from rctango.model.snapshot import Snapshot

__all__ = [
    "Address",
    "AddressError",
    "AddressRange",
    "AuditResult",
    "Binding",
    "ConfigError",
    "EvidenceError",
    "Finding",
    "RangeSet",
    "RctangoError",
    "Selection",
    "Severity",
    "Snapshot",
    "Verdict",
    "View",
    "__version__",
    "audit_snapshot",
    "read",
]

_HOMES = {
    "Address": "addresses",
    "AddressError": "errors",
    "AddressRange": "addresses",
    "AuditResult": "model.finding",
    "Binding": "addresses",
    "ConfigError": "errors",
    "EvidenceError": "errors",
    "Finding": "model.finding",
    "RangeSet": "addresses",
    "RctangoError": "errors",
    "Selection": "model.connection",
    "Severity": "model.finding",
    "Snapshot": "model.snapshot",
    "Verdict": "model.connection",
    "View": "analysis.view",
    "audit_snapshot": "audit",
    "read": "app",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use, so that ``import rctango`` costs next to nothing."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
