"""Whatever the names and however narrow the console, nothing is cut and nothing is hidden."""

from __future__ import annotations

import unicodedata
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from rctango.addresses import Address, read_range
from rctango.model.connection import Coverage, FlowVerdict, Reason, Selection, Verdict
from rctango.model.finding import Outcome, OutcomeKind, Severity, Subject, SubjectKind
from rctango.model.origin import Origin
from rctango.model.snapshot import Gap
from rctango.report.console import (
    render_audit,
    render_map,
    render_matrix,
    render_rules,
    render_which,
)
from rctango.report.rows import RuleRow, WhichRow
from rctango.report.safe import printable
from unit.report import samples
from unit.report.golden import shown

WIDTHS = st.integers(40, 200)
NAMES = st.text(st.characters(codec=None), min_size=1, max_size=64) | st.sampled_from(
    [samples.HOSTILE, samples.FORMULA, "[/]", "[red]x[/red]", ":warning:", "a" * 64, "\u9b5a" * 64]
)


def squeezed(text: str) -> str:
    return "".join(text.split())


def assert_shows(text: str, width: int, *parts: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert hidden.isdisjoint(map(unicodedata.category, text.replace("\n", "")))
    assert all(cell_len(line) <= width for line in text.splitlines())
    plain = squeezed(text)
    for part in parts:
        assert squeezed(printable(part)) in plain


@settings(deadline=None)
@given(NAMES, NAMES, NAMES, WIDTHS)
def test_audit(server: str, name: str, source: str, width: int) -> None:
    one = samples.finding(
        Severity.HIGH,
        connector=f"{server}\\{name}",
        message=f"{name} relays.",
        subjects=(Subject(kind=SubjectKind.CLIENT, name=server, address="192.0.2.1"),),
        ranges=("192.0.2.0/24",),
        evidence=(Origin(source=source, locator=name),),
    )
    result = samples.result(
        findings=(one,),
        outcomes=(Outcome(rule="r", kind=OutcomeKind.NOT_ASSESSED, missing=(source,)),),
        gaps=(Gap(what=name, server=server, why=source),),
    )
    text = shown(partial(render_audit, result=result), width)
    identity = f"{server}\\{name}"
    assert_shows(text, width, identity, "192.0.2.1", "192.0.2.0/24", source, server)


@settings(deadline=None)
@given(NAMES, NAMES, NAMES, WIDTHS)
def test_which(server: str, name: str, other: str, width: int) -> None:
    chosen = Selection(
        listener=samples.listener(server=server),
        address=Address.parse("192.0.2.1"),
        verdict=Verdict.ANSWERED,
        connector=samples.connector(name, server),
        range=read_range("192.0.2.0(255.255.255.0)"),
        contenders=(),
        candidates=(
            samples.lost(
                samples.connector(other, server),
                Reason.LESS_SPECIFIC,
                "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ),
        ),
    )
    row = WhichRow(selection=chosen, rights=samples.RELAY_RIGHTS)
    render = partial(render_which, address=chosen.address, connections=(row,))
    assert_shows(
        shown(render, width),
        width,
        f"{server}\\{name} answers with 192.0.2.0(255.255.255.0)",
        f"{server}\\{other}",
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "its range is wider",
    )


@settings(deadline=None)
@given(NAMES, NAMES, WIDTHS)
def test_map(server: str, name: str, width: int) -> None:
    one, two = samples.connector(name, server), samples.connector("b", server)
    parts = (
        samples.segment("::-7fff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", Verdict.ANSWERED, one),
        samples.segment(
            "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            Verdict.AMBIGUOUS,
            one,
            two,
        ),
    )
    coverage = Coverage(listener=samples.listener("[::]:25", server), segments=parts)
    text = shown(partial(render_map, coverages=(coverage,)), width)
    sizes = [f"{part.range.size:,}" for part in parts]
    ambiguous = f"ambiguous: {one.identity} or {two.identity}"
    assert_shows(text, width, *(str(part.range) for part in parts), *sizes, ambiguous)


@settings(deadline=None)
@given(NAMES, NAMES, NAMES, WIDTHS)
def test_matrix(sender: str, target: str, name: str, width: int) -> None:
    flow = samples.flow(
        sender,
        target,
        FlowVerdict.BROKEN,
        port=25,
        source="192.0.2.1",
        selection=samples.chosen(samples.connector(name), "192.0.2.0/24"),
        reason=f"because of {name}",
    )
    text = shown(partial(render_matrix, flows=(flow,)), width)
    heading = f"BROKEN {sender} -> {target} port 25 from 192.0.2.1"
    assert_shows(text, width, heading, f"because of {name}", f"EX01\\{name}")


@settings(deadline=None)
@given(NAMES, NAMES, WIDTHS)
def test_rules(name: str, title: str, width: int) -> None:
    rule = RuleRow(
        name=name, title=title, severity=Severity.LOW, needs=(), explanation="", sources=()
    )
    assert_shows(shown(partial(render_rules, rules=(rule,)), width), width, name, title)
