"""However logs are handed over, the store holds the same."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.protocol_logs import Rows
from rctango.traffic.store import Store
from unit.traffic.reads import all_facts, header, read, told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from rctango.traffic.schema import LineCounts, SessionFacts

START = datetime(2026, 3, 1)  # noqa: DTZ001 - logs are in UTC

junk = st.sampled_from([b"\r\n", b"no row\r\n", b"\x00\x00\r\n", b'"\r\n', b"#Fields: x\r\n"])
commands = st.lists(
    st.sampled_from(["EHLO app", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "NOOP"]),
    max_size=4,
)


@st.composite
def conversations(draw: st.DrawFn) -> list[bytes]:
    """The rows of a session; ids are few, so that the same one comes again."""
    number = draw(st.integers(0, 4))
    server = draw(st.sampled_from(["EX01", "EX02"]))
    begins = draw(st.booleans())
    rows = Rows(
        connector=f"{server}\\Relay",
        session=f"08DE7{number:011X}",
        second=draw(st.integers(0, 3000)),
        sequence=0 if begins else 5,
    )
    lines = [rows.row("+")] if begins else []
    for command in draw(commands):
        lines += [rows.row("<", command), rows.row(">", "250 2.1.0 OK")]
    if draw(st.booleans()):
        lines.append(rows.row("-", "", "Remote"))
    return lines


@st.composite
def days(draw: st.DrawFn) -> list[bytes]:
    """The contents of the files of some days; sessions overlap and go on in the next file."""
    waiting = [one for one in draw(st.lists(conversations(), min_size=1, max_size=6)) if one]
    lines = []
    while waiting:
        at = draw(st.integers(0, len(waiting) - 1))
        lines.append(waiting[at].pop(0))
        if draw(st.integers(0, 9)) == 0:
            lines.append(draw(junk))
        if not waiting[at]:
            del waiting[at]
    cuts = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=3)))
    parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    dates = [(START + timedelta(days=at)).isoformat() + ".000Z" for at in range(len(parts))]
    return [header(date) + b"".join(part) for date, part in zip(dates, parts, strict=True)]


def put(folder: Path, contents: Iterable[bytes]) -> list[Path]:
    paths = []
    for at, content in enumerate(contents):
        paths.append(folder / f"RECV2026030{at + 1}-1.LOG")
        paths[-1].write_bytes(content)
    return paths


def adds_up(counts: LineCounts, lines: int) -> bool:
    noise = sum(count for _, count in counts.noise)
    parts = counts.parsed + counts.header + noise + counts.rejected + counts.unfinished
    return counts.lines == parts == lines


def held(store: Store) -> tuple[list[SessionFacts], LineCounts]:
    return all_facts(store), store.line_totals()


def once(*paths: Path) -> tuple[list[SessionFacts], LineCounts]:
    with Store.open(None) as store:
        read(store, *paths)
        return held(store)


@settings(deadline=None, max_examples=25)
@given(days())
def test_days_one_after_another_are_the_same_as_all_at_once(contents: list[bytes]) -> None:
    with TemporaryDirectory() as folder, Store.open(None) as store:
        paths = put(Path(folder), contents)
        for path in paths:
            read(store, path)
        assert held(store) == once(*paths)
        assert adds_up(store.line_totals(), sum(one.count(b"\n") for one in contents))
        for path in paths:
            assert read(store, path).unchanged
        assert held(store) == once(*paths)


@settings(deadline=None, max_examples=25)
@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_arguments_does_not_matter(contents: list[bytes], chance: Random) -> None:
    with TemporaryDirectory() as folder:
        paths = put(Path(folder), contents)
        expected = once(*paths)
        chance.shuffle(paths)
        assert once(*paths) == expected
        assert once(Path(folder)) == expected


@settings(deadline=None, max_examples=25)
@given(days(), st.data())
def test_a_log_that_grows_is_the_same_as_one_read_once(
    contents: list[bytes], data: st.DataObject
) -> None:
    """Cut anywhere, also within a line."""
    whole = b"".join(contents)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    with TemporaryDirectory() as folder, Store.open(None) as store:
        path = Path(folder, "RECV20260301-1.LOG")
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            with path.open("ab") as stream:
                stream.write(whole[start:end])
            read(store, path)
        assert held(store) == once(path)
        assert adds_up(store.line_totals(), whole.count(b"\n"))
        assert len(store.ledger().entries) == 1


@settings(deadline=None, max_examples=25)
@given(days(), st.data())
def test_copies_change_nothing(contents: list[bytes], data: st.DataObject) -> None:
    """Copies, packed copies and early copies, before, with or after the whole logs."""
    with TemporaryDirectory() as folder, Store.open(None) as store:
        paths = put(Path(folder), contents)
        expected = once(*paths)
        others = []
        for at, content in enumerate(contents):
            for way in data.draw(
                st.lists(st.sampled_from(["same", "packed", "early"]), max_size=2)
            ):
                others.append(Path(folder, f"{way}-{at}"))
                length = len(content)
                if way == "early":
                    length = data.draw(st.integers(len(header("")) + 24, len(content)))
                copy = content[: max(content.rfind(b"\n", 0, length) + 1, 0)]
                others[-1].write_bytes(gzip.compress(copy) if way == "packed" else copy)
        arguments = [*paths, *others]
        for path in arguments if data.draw(st.booleans()) else []:
            read(store, path)
        read(store, *arguments)
        assert held(store) == expected


@settings(deadline=None, max_examples=25)
@given(days(), days())
def test_rewritten_logs_are_the_same_as_logs_read_for_the_first_time(
    before: list[bytes], after: list[bytes]
) -> None:
    """If no session goes on in another log; see the unit tests for those that do."""
    before = [one for one in before if one.count(b"\n") > 5][:1]
    with TemporaryDirectory() as folder, Store.open(None) as store:
        put(Path(folder), before)
        read(store, folder)
        paths = put(Path(folder), after)
        read(store, folder)
        assert told(*paths) == all_facts(store)
        assert adds_up(store.line_totals(), sum(path.read_bytes().count(b"\n") for path in paths))
