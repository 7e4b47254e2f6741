"""An enabled connector answers nobody, because narrower ranges of others cover all of its own.

It looks as if it did something, but no client meets it. Either it is a leftover, or somebody's
narrower range took its clients away by mistake; then its rights and limits no longer apply to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import Severity
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        known = (
            connector.enabled is True
            and connector.bindings
            and connector.bindings_complete
            and connector.remote_ranges
            and connector.remote_ranges_complete
        )
        if known and not view.reach(connector).possible:
            yield _finding(view, connector)


def _finding(view: View, connector: Connector) -> Finding:
    ranges = view.ranges(connector)
    others = [
        bound.connector.identity
        for table in view.tables_of(connector)
        for bound in table.contest.bound
        if bound.connector is not connector and view.answered(table, bound.connector) & ranges
    ]
    why = (
        f"narrower ranges of {listed(sorted(others))} cover all of its remote ranges"
        if others
        else "its bindings and its remote ranges are of different address families"
    )
    return RULE.finding(
        connector=connector,
        ranges=[entry.text for entry in connector.remote_ranges or ()],
        message=f"{connector.identity} is enabled but answers nobody: {why}.",
        fix=f"Remove {connector.identity}, or give its clients back to it.",
        evidence=connector.origin("remote_ranges", "bindings"),
    )


RULE = Rule(
    name="shadowed-connector",
    title="A connector answers nobody",
    severity=Severity.LOW,
    needs=(Need.SELECTION,),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS,),
    check=_check,
)
