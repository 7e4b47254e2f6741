"""Which addresses and which connector a finding is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import RangeSet, read_range

if TYPE_CHECKING:
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def connector_of(view: View, finding: Finding) -> Connector | None:
    """The connector of a finding; None when it has none."""
    return next((one for one in view.connectors if one.identity == finding.connector), None)


def ranges_of(finding: Finding) -> RangeSet:
    """The addresses in the ranges of a finding."""
    return RangeSet.of(read_range(text).range for text in finding.ranges)


def subjects_of(finding: Finding) -> RangeSet:
    """The addresses of its subjects."""
    return RangeSet.of(read_range(one.address).range for one in finding.subjects if one.address)
