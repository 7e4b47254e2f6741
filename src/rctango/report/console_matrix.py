"""Who reaches whom, on a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.connection import FlowVerdict
from rctango.report.console_layout import (
    BAD,
    GOOD,
    UNSURE,
    blank,
    data,
    fits,
    join,
    write,
    write_table,
)
from rctango.report.safe import printable
from rctango.report.words import answer_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from rctango.model.connection import Flow

_STYLES = {FlowVerdict.OK: GOOD, FlowVerdict.BROKEN: BAD, FlowVerdict.UNKNOWN: UNSURE}
_WORST_FIRST = (FlowVerdict.BROKEN, FlowVerdict.UNKNOWN, FlowVerdict.OK)
_MOST_TARGETS = 12
_MOST_SENDERS = 40


def render_matrix(console: Console, flows: Sequence[Flow]) -> None:
    """Write a grid where it fits, then every flow that is broken or unknown, then the counts."""
    _write_grid(console, flows)
    for verdict in (FlowVerdict.BROKEN, FlowVerdict.UNKNOWN):
        for flow in flows:
            if flow.verdict is verdict:
                _write_flow(console, flow)
    verdicts = [flow.verdict for flow in flows]
    numbers = ", ".join(f"{verdicts.count(verdict)} {verdict.value}" for verdict in FlowVerdict)
    write(console, join(f"Flows: {numbers}."))


def _write_grid(console: Console, flows: Sequence[Flow]) -> None:
    senders = list(dict.fromkeys(flow.sender for flow in flows))
    targets = list(dict.fromkeys(flow.target for flow in flows))
    if not flows or len(senders) > _MOST_SENDERS or len(targets) > _MOST_TARGETS:
        return
    worst = _worst(flows)
    headers = ["From \\ to", *map(printable, targets)]
    body = [
        [data(sender), *(_cell(worst.get((sender, target))) for target in targets)]
        for sender in senders
    ]
    if fits(console, headers, body):
        write_table(console, headers, body)
        blank(console)


def _worst(flows: Sequence[Flow]) -> dict[tuple[str, str], FlowVerdict]:
    found: dict[tuple[str, str], FlowVerdict] = {}
    for verdict in reversed(_WORST_FIRST):
        pairs = ((flow.sender, flow.target) for flow in flows if flow.verdict is verdict)
        found.update(dict.fromkeys(pairs, verdict))
    return found


def _cell(verdict: FlowVerdict | None) -> Text:
    return data("-") if verdict is None else data(verdict.value, _STYLES[verdict])


def _write_flow(console: Console, flow: Flow) -> None:
    source = "" if flow.source is None else f" from {flow.source}"
    port = "" if flow.port is None else f" port {flow.port}"
    heading = join(
        (flow.verdict.value.upper(), _STYLES[flow.verdict]),
        " ",
        data(f"{flow.sender} -> {flow.target}{port}{source}"),
    )
    write(console, heading, hang=2)
    write(console, data(flow.reason), indent=2)
    if flow.selection is not None:
        answer = f"{flow.selection.listener}: {answer_words(flow.selection)}"
        write(console, data(answer, "dim"), indent=2, hang=2)
    blank(console)
