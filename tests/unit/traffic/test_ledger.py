"""How contents are recognised."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rctango.errors import EvidenceError
from rctango.traffic.ledger import (
    NO_LINES,
    WINDOW,
    Ledger,
    Match,
    Place,
    Recorder,
    Relation,
    add_counts,
    match,
    place_of,
    relate,
    sum_counts,
    take_fingerprint,
)
from rctango.traffic.schema import LineCounts
from unit.traffic.reads import find_all

if TYPE_CHECKING:
    from pathlib import Path

    from rctango.traffic.ledger import Fingerprint
    from rctango.traffic.logfiles import LogFile

LINE = b"2026-03-02T08:00:00.000Z,some line of a log\r\n"
SMALL = LINE * 10
LARGE = b"".join(b"%d,%b" % (number, LINE) for number in range(10_000))


def file_with(path: Path, data: bytes) -> LogFile:
    path.write_bytes(data)
    (file,) = find_all(path.parent, path).files
    return file


def print_of(path: Path, data: bytes, offset: int | None = None) -> Fingerprint:
    return take_fingerprint(file_with(path, data), len(data) if offset is None else offset)


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_matches(tmp_path: Path, data: bytes, pack: type[bytes]) -> None:
    known = print_of(tmp_path / "known", data)
    changed_tail = data[:-5] + b"*" + data[-4:]
    changed_head = b"*" + data[1:]
    cases = (
        (data, Match.SAME),
        (data + LINE, Match.GROWN),
        (data[:-1], Match.SHORTER),
        (data[: len(data) // 2], Match.SHORTER),
        (b"", Match.SHORTER),
        (changed_tail, Match.OTHER),
        (changed_head, Match.OTHER),
        (changed_tail + LINE, Match.OTHER),
        (changed_head + LINE, Match.OTHER),
    )
    for content, expected in cases:
        assert match(file_with(tmp_path / "file", pack(content)), known) is expected


def test_a_changed_head_is_another_content_even_if_shorter(tmp_path: Path) -> None:
    known = print_of(tmp_path / "known", LARGE)
    file = file_with(tmp_path / "file", b"*" + LARGE[1 : 2 * WINDOW])
    assert match(file, known) is Match.OTHER


def test_a_content_that_stops_within_a_line_cannot_go_on(tmp_path: Path) -> None:
    """The rest of that line would be a line of its own."""
    known = print_of(tmp_path / "known", SMALL + b"half")
    assert not known.at_line_end
    assert match(file_with(tmp_path / "file", SMALL + b"half"), known) is Match.SAME
    assert match(file_with(tmp_path / "file", SMALL + b"half a line\n"), known) is Match.OTHER


def test_a_line_without_end_is_not_part_of_what_was_read(tmp_path: Path) -> None:
    known = print_of(tmp_path / "known", SMALL + b"half", len(SMALL))
    assert match(file_with(tmp_path / "file", SMALL + b"half a line\n"), known) is Match.GROWN
    assert match(file_with(tmp_path / "file", SMALL), known) is Match.SAME


def test_nothing_read_goes_on_with_anything(tmp_path: Path) -> None:
    known = print_of(tmp_path / "known", b"half", 0)
    assert match(file_with(tmp_path / "file", b"half a line\n"), known) is Match.GROWN
    assert match(file_with(tmp_path / "file", b""), known) is Match.SAME


def test_a_damaged_archive_ends_where_it_is_damaged(tmp_path: Path) -> None:
    packed = gzip.compress(LARGE)
    known = print_of(tmp_path / "known", LARGE)
    assert match(file_with(tmp_path / "file", packed[:-8]), known) is Match.SAME
    assert match(file_with(tmp_path / "file", packed[:-2000]), known) is Match.SHORTER


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    known = print_of(tmp_path / "known", LARGE)
    file = file_with(tmp_path / "file", LARGE)
    (tmp_path / "file").unlink()
    with pytest.raises(EvidenceError):
        match(file, known)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3 * WINDOW), max_size=4), st.integers(0, WINDOW))
def test_a_recorder_gives_the_same_fingerprint(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[bytes], left: int
) -> None:
    recorder = Recorder()
    for block in blocks:
        recorder.add(block)
    data = b"".join(blocks)
    offset = max(0, len(data) - left)
    path = tmp_path_factory.mktemp("ledger") / "file"
    path.write_bytes(b"xx" + data if data[:2] in {b"PK", b"\x1f\x8b"} else data)
    if path.stat().st_size == len(data):
        assert recorder.fingerprint(offset) == take_fingerprint(
            find_all(path.parent, path).files[0], offset
        )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (LARGE, LARGE, Relation.EQUAL),
        (LARGE[:-1], LARGE, Relation.FIRST_IS_SHORTER),
        (LARGE, LARGE[:-9000], Relation.SECOND_IS_SHORTER),
        (LARGE, LARGE[:-9000] + b"*", Relation.DISTINCT),
        (b"*" + LARGE[1:], LARGE, Relation.DISTINCT),
        (b"", b"", Relation.EQUAL),
        (b"", LARGE, Relation.FIRST_IS_SHORTER),
    ],
)
def test_relations(tmp_path: Path, first: bytes, second: bytes, expected: Relation) -> None:
    left = file_with(tmp_path / "first", first)
    for data in (second, gzip.compress(second)):
        assert relate(left, file_with(tmp_path / "second", data)) is expected


def test_what_is_unchanged_is_told_by_size_and_time(tmp_path: Path) -> None:
    file = file_with(tmp_path / "file", SMALL)
    ledger = Ledger([], [place_of(file, 1)])
    assert not ledger.is_unchanged(file)  # its content is not there
    assert ledger.entry_at(file) is None
    assert ledger.next_number == 1


counts = st.builds(
    lambda parsed, header, noise, rejected, unfinished: LineCounts(
        lines=parsed + header + sum(noise.values()) + rejected + unfinished,
        parsed=parsed,
        header=header,
        noise=tuple(sorted(noise.items())),
        rejected=rejected,
        unfinished=unfinished,
    ),
    st.integers(0, 99),
    st.integers(0, 9),
    st.dictionaries(st.sampled_from(["blank line", "NUL padding"]), st.integers(1, 9)),
    st.integers(0, 9),
    st.integers(0, 1),
)


def adds_up(one: LineCounts) -> bool:
    noise = sum(count for _, count in one.noise)
    return one.lines == one.parsed + one.header + noise + one.rejected + one.unfinished


@settings(deadline=None)
@given(counts, counts)
def test_counts_of_two_steps_add_up(first: LineCounts, second: LineCounts) -> None:
    both = add_counts(first, second)
    assert adds_up(both)
    assert both.lines == first.lines - first.unfinished + second.lines
    assert add_counts(NO_LINES, first) == first


@settings(deadline=None)
@given(st.lists(counts, max_size=4))
def test_counts_of_several_contents_add_up(several: list[LineCounts]) -> None:
    total = sum_counts(several)
    assert adds_up(total)
    assert total.lines == sum(one.lines for one in several)
    assert total.unfinished == sum(one.unfinished for one in several)


def test_a_place_is_where_a_file_lies_now(tmp_path: Path) -> None:
    file = file_with(tmp_path / "file", SMALL)
    assert place_of(file, 7) == Place(
        path=str(tmp_path / "file"),
        member="",
        size=len(SMALL),
        modified=(tmp_path / "file").stat().st_mtime_ns,
        number=7,
    )
