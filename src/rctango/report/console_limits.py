"""What an audit could not see, on a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import OutcomeKind
from rctango.report.console_layout import BAD, DIM, HEAD, UNSURE, blank, data, join, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from rctango.model.finding import AuditResult, Outcome
    from rctango.model.snapshot import Gap

_PARTLY = " (in part)"
_MOST_RULES = 6


def render_limits(console: Console, result: AuditResult) -> None:
    """Write rules that crashed or could not judge, and the gaps of the evidence."""
    _write_crashed(console, result.outcomes)
    _write_missing(console, result.outcomes)
    unreadable = [gap for gap in result.gaps if gap.unreadable]
    lacking = [gap for gap in result.gaps if not gap.unreadable]
    _write_gaps(console, "Could not be read", BAD, unreadable)
    _write_gaps(console, "Missing or doubtful", HEAD, lacking)


def _write_crashed(console: Console, outcomes: Iterable[Outcome]) -> None:
    crashed = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.CRASHED]
    if not crashed:
        return
    write(console, join(("Crashed: a defect of rctango, please report it", BAD)))
    for outcome in crashed:
        said = "; ".join(outcome.missing)
        write(console, data(f"{outcome.rule}: {said}" if said else outcome.rule), indent=2, hang=2)
    blank(console)


def _write_missing(console: Console, outcomes: Iterable[Outcome]) -> None:
    """One entry for each missing fact, with all the rules that lack it."""
    wanted: dict[str, list[str]] = {}
    for outcome in outcomes:
        for fact in _lacks(outcome):
            wanted.setdefault(fact, []).append(_rule(outcome))
    if not wanted:
        return
    write(console, join(("Not assessed", UNSURE)))
    for fact, rules in wanted.items():
        write(console, data(fact), indent=2, hang=2)
        write(console, join(("for ", DIM), data(_listed(rules), DIM)), indent=4, hang=2)
    blank(console)


def _listed(rules: list[str]) -> str:
    """The rules by name, or how many there are: all names stand in the JSON report."""
    if len(rules) <= _MOST_RULES:
        return ", ".join(rules)
    partly = sum(1 for rule in rules if rule.endswith(_PARTLY))
    share = "" if partly == len(rules) else f"{partly} of them "
    return f"{len(rules)} rules" + (f", {share}in part only" if partly else "")


def _lacks(outcome: Outcome) -> tuple[str, ...]:
    if outcome.kind is OutcomeKind.CRASHED:
        return ()
    if outcome.kind is OutcomeKind.NOT_ASSESSED and not outcome.missing:
        return ("The evidence does not hold what is needed",)
    return outcome.missing


def _rule(outcome: Outcome) -> str:
    """The rule's name; with a word when it could judge some of its subjects."""
    partly = outcome.kind is not OutcomeKind.NOT_ASSESSED
    return f"{outcome.rule}{_PARTLY}" if partly else outcome.rule


def _write_gaps(console: Console, title: str, style: str, gaps: Iterable[Gap]) -> None:
    """One entry for each kind of gap, with all the places that have it."""
    places: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        places.setdefault((gap.what, gap.why), []).append(_place(gap))
    if not places:
        return
    write(console, join((title, style)))
    for (what, why), where in places.items():
        write(console, data(f"{what}: {why}"), indent=2, hang=2)
        shown = ", ".join(dict.fromkeys(place for place in where if place))
        if shown:
            write(console, data(shown, DIM), indent=4, hang=2)
    blank(console)


def _place(gap: Gap) -> str:
    """Whose fact it is and where it was looked for; empty for the whole organisation."""
    origin = "" if gap.origin is None else str(gap.origin)
    if gap.server is None:
        return origin
    return f"{gap.server} ({origin})" if origin else gap.server
