"""Results for people: every renderer writes to the Rich console it is given.

Import this module only when a console is wanted, because it loads Rich. Rich decides about colour
and honours ``NO_COLOR``.
"""

from rctango.report.console_audit import render_audit
from rctango.report.console_map import render_map
from rctango.report.console_matrix import render_matrix
from rctango.report.console_rules import render_rule, render_rules
from rctango.report.console_which import render_which

__all__ = [
    "render_audit",
    "render_map",
    "render_matrix",
    "render_rule",
    "render_rules",
    "render_which",
]
