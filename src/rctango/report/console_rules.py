"""The catalogue of rules on a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.report.console_layout import (
    DIM,
    HEAD,
    blank,
    data,
    join,
    write,
    write_field,
    write_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from rctango.report.rows import RuleRow


def render_rules(console: Console, rules: Sequence[RuleRow]) -> None:
    """Write one line for each rule."""
    body = [[data(rule.name), data(rule.severity.value), data(rule.title)] for rule in rules]
    write_table(console, ("Rule", "Severity", "Title"), body)


def render_rule(console: Console, rule: RuleRow) -> None:
    """Explain one rule."""
    severity = (f" ({rule.severity.value})", DIM)
    write(console, join(data(rule.name, HEAD), severity), hang=2)
    write(console, data(rule.title), indent=2)
    blank(console)
    for paragraph in rule.explanation.splitlines():
        write(console, data(paragraph), indent=2)
    blank(console)
    if rule.needs:
        write_field(console, "Needs", data("; ".join(rule.needs)))
    for source in rule.sources:
        write_field(console, "Source", data(source))
