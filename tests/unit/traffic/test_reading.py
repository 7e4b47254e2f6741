"""Reading logs into a store: what is new, nothing twice, every line counted."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from fakes.protocol_logs import Rows
from rctango.errors import EvidenceError
from rctango.traffic import carry, columns, open_sessions, planning, reading, scanning
from rctango.traffic.logfiles import find
from rctango.traffic.reading import read_logs
from rctango.traffic.store import Store
from unit.traffic.reads import all_facts, find_all, header, log, read, session, store_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rctango.traffic.schema import SessionFacts

DAYS = tuple(f"2026-03-0{day}T00:00:00.000Z" for day in range(1, 9))
TRACKING = b"#Software: Microsoft Exchange Server\r\n#Log-type: Message Tracking Log\r\n"


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def lines_of(*paths: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in paths)


def without_offsets(facts: SessionFacts) -> SessionFacts:
    return facts._replace(first_offset=0, last_offset=0)


def sessions_of(store: Store) -> int:
    return len(all_facts(store))


def test_a_log(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "RECV20260301-1.LOG"
    path.write_bytes(log(DAYS[0], session(1), session(2)))
    done = read(store, path)
    assert done.read == (str(path),)
    assert (done.sessions, done.open_sessions, done.length) == (2, 0, path.stat().st_size)
    assert (done.lines.lines, done.lines.header, done.lines.parsed) == (17, 5, 12)
    assert store.line_totals() == done.lines
    (entry,) = store.ledger().entries.values()
    assert (entry.number, entry.path, entry.log, entry.began) == (1, str(path), "receive", DAYS[0])
    first, second = all_facts(store)
    assert (entry.first_seen, entry.last_seen) == (first.began, second.last_seen)


def test_nothing_at_all(store: Store) -> None:
    done = read_logs([], store)
    assert (done.read, done.lines.lines) == ((), 0)


def test_a_second_run_reads_nothing(tmp_path: Path, store: Store) -> None:
    for at, day in enumerate(DAYS):
        (tmp_path / f"{at}.LOG").write_bytes(log(day, session(at)))
    (tmp_path / "0.zip").write_bytes(b"")
    read(store, tmp_path)
    before = all_facts(store)
    again = read(store, tmp_path)
    assert (again.read, len(again.unchanged), again.lines.lines) == ((), 9, 0)
    assert all_facts(store) == before


@pytest.mark.parametrize("workers", [1, 2])
def test_sessions_go_on_in_the_next_file(tmp_path: Path, workers: int) -> None:
    """Also through a file in the middle, and whatever the files are called."""
    lines = session(1, rows=7)
    cut = ((0, 2), (2, 3), (3, 9), (9, 10))
    for at, (start, end) in enumerate(cut):
        (tmp_path / f"{9 - at}.LOG").write_bytes(log(DAYS[at], lines[start:end], session(at + 10)))
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "1.LOG").write_bytes(log(DAYS[0], lines))
    (expected,) = told(whole / "1.LOG")
    whole.joinpath("1.LOG").unlink()
    with store_of(tmp_path, workers=workers) as store:
        found = [facts for some in store.sessions() for facts in some]
    (one,) = [facts for facts in found if facts.session == expected.session]
    assert (one.first_file, one.last_file) == (1, 4)
    assert one._replace(first_file=0, last_file=0, last_offset=0) == expected._replace(
        last_offset=0
    )
    assert len(found) == 5


def test_send_sessions_go_on_within_a_folder_only(tmp_path: Path, store: Store) -> None:
    """Two servers may give out the same session-id."""
    lines = session(1)
    for server in ("EX01", "EX02"):
        (tmp_path / server).mkdir()
        for at, part in enumerate((lines[:2], lines[2:])):
            data = log(DAYS[at], part).replace(b"SMTP Receive", b"SMTP Send")
            data = data.replace(b"EX01\\Relay", b"Internet").replace(b"10.1.1.5", server.encode())
            (tmp_path / server / f"{at}.LOG").write_bytes(data)
    read(store, tmp_path)
    found = all_facts(store)
    assert [facts.rows for facts in found] == [6, 6]


def test_a_log_that_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.LOG"
    data = log(DAYS[0], *(session(number) for number in range(5)))
    steps = (0, 1, 100, 300, 301, 302, 700, 900, len(data) - 1, len(data))
    with Store.open(None) as store:
        for start, end in pairwise(steps):
            with path.open("ab") as stream:
                stream.write(data[start:end])
            done = read(store, path)
            assert (len(done.read), done.refused, done.problems) == (1, (), ())
        grown = all_facts(store)
        totals = store.line_totals()
        assert len(store.ledger().entries) == 1
    with store_of(path) as store:
        assert all_facts(store) == grown
        assert store.line_totals() == totals
    assert totals.lines == data.count(b"\n")


def test_a_last_line_without_end_is_read_when_it_has_one(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.LOG"
    data = log(DAYS[0], session(1))
    path.write_bytes(data[:-9])
    assert read(store, path).lines.unfinished == 1
    assert read(store, path).read == ()
    path.write_bytes(data)
    read(store, path)
    assert store.line_totals().unfinished == 0
    assert [facts.ended for facts in all_facts(store)] == ["Local"]


def test_a_packed_file_has_no_unfinished_line(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.LOG.gz"
    path.write_bytes(gzip.compress(log(DAYS[0], session(1))[:-2]))
    done = read(store, path)
    assert (done.lines.unfinished, done.lines.lines, done.sessions) == (0, 11, 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_copies_are_read_once(tmp_path: Path, workers: int) -> None:
    data = log(DAYS[0], session(1), session(2))
    (tmp_path / "FrontEnd" / "ProtocolLog").mkdir(parents=True)
    (tmp_path / "a.LOG").write_bytes(data)
    (tmp_path / "FrontEnd" / "ProtocolLog" / "b.LOG").write_bytes(data)
    (tmp_path / "c.gz").write_bytes(gzip.compress(data))
    (tmp_path / "early.LOG").write_bytes(data[:-70])
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as opened:
        opened.writestr("logs/a.LOG", data)
    with Store.open(None) as store:
        done = read(store, tmp_path, workers=workers)
        assert (len(done.read), len(done.copies)) == (1, 4)
        assert {facts.role for facts in all_facts(store)} == {"frontend"}
        assert sessions_of(store) == 2
        assert len(read(store, tmp_path).unchanged) == 5


def test_copies_of_what_was_read_before(tmp_path: Path, store: Store) -> None:
    data = log(DAYS[0], *(session(number) for number in range(500)))
    (tmp_path / "a.LOG").write_bytes(data)
    read(store, tmp_path)
    (tmp_path / "b.gz").write_bytes(gzip.compress(data))
    (tmp_path / "a.LOG").unlink()
    assert len(read(store, tmp_path).copies) == 1
    (tmp_path / "c.LOG").write_bytes(data)
    (tmp_path / "early.LOG").write_bytes(data[:-1000])
    assert len(read(store, tmp_path).copies) == 2
    assert sessions_of(store) == 500
    assert store.line_totals().lines == data.count(b"\n")


def test_an_early_copy_of_what_is_gone(tmp_path: Path, store: Store) -> None:
    data = log(DAYS[0], *(session(number) for number in range(500)))
    (tmp_path / "a.LOG").write_bytes(data)
    read(store, tmp_path)
    (tmp_path / "a.LOG").unlink()
    (tmp_path / "early.LOG").write_bytes(data[: len(data) // 2])
    assert len(read(store, tmp_path).copies) == 1
    assert sessions_of(store) == 500


def test_an_early_copy_of_a_small_log_that_is_still_there(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(log(DAYS[0], session(1)))
    read(store, path)
    early = tmp_path / "early.LOG"
    early.write_bytes(path.read_bytes()[:-100])
    assert read(store, early).copies == (str(early),)


def test_a_log_is_packed_after_it_grew(tmp_path: Path, store: Store) -> None:
    """Read while it was written, then seen only as an archive: read on from where it stopped."""
    data = log(DAYS[0], *(session(number) for number in range(500)))
    (tmp_path / "a.LOG").write_bytes(data[:-10_001])
    read(store, tmp_path)
    (tmp_path / "a.LOG").unlink()
    (tmp_path / "a.gz").write_bytes(gzip.compress(data))
    done = read(store, tmp_path)
    assert len(done.read) == 1
    assert sessions_of(store) == 500
    assert len(store.ledger().entries) == 1
    assert store.line_totals().lines == data.count(b"\n")


def test_two_logs_that_share_their_head_are_two(tmp_path: Path, store: Store) -> None:
    head = log(DAYS[0], *(session(number) for number in range(500)))
    assert len(head) > 1 << 16
    (tmp_path / "a.LOG").write_bytes(head + b"".join(session(1000)))
    (tmp_path / "b.LOG").write_bytes(head + b"".join(session(1001)))
    assert len(read(store, tmp_path).read) == 2
    (tmp_path / "c.LOG").write_bytes(head + b"".join(session(1002)))
    (tmp_path / "d.LOG").write_bytes(head[:-100] + b"".join(session(1003)))
    assert len(read(store, tmp_path).read) == 2
    assert store.line_totals().lines == lines_of(*tmp_path.glob("*.LOG"))


def test_two_logs_that_grow_from_the_same_header_are_two(tmp_path: Path, store: Store) -> None:
    for name in ("a.LOG", "b.LOG"):
        (tmp_path / name).write_bytes(header(DAYS[0]))
    assert len(read(store, tmp_path).copies) == 1
    for at, name in enumerate(("a.LOG", "b.LOG")):
        (tmp_path / name).write_bytes(log(DAYS[0], session(at)))
    done = read(store, tmp_path)
    assert (len(done.read), done.copies) == (2, ())
    assert sessions_of(store) == 2
    assert store.line_totals().lines == lines_of(*tmp_path.glob("*.LOG"))


def test_logs_that_begin_with_nothing_are_not_alike(tmp_path: Path, store: Store) -> None:
    for name in ("a.LOG", "b.LOG", "c.LOG"):
        (tmp_path / name).write_bytes(b"\r\n" * (name != "c.LOG"))
    assert len(read(store, tmp_path).read) == 3
    (tmp_path / "d.LOG").write_bytes(b"\r\n" + log(DAYS[0], session(1)))
    assert len(read(store, tmp_path).read) == 1
    assert store.line_totals().lines == lines_of(*tmp_path.glob("*.LOG"))


@pytest.mark.parametrize("shorter", [False, True])
def test_a_rewritten_log_is_read_again(tmp_path: Path, *, shorter: bool) -> None:
    path = tmp_path / "a.LOG"
    other = tmp_path / "b.LOG"
    other.write_bytes(log(DAYS[1], session(77)))
    with Store.open(None) as store:
        path.write_bytes(log(DAYS[0], session(1), session(2), [b"rejected\r\n"]))
        read(store, tmp_path)
        old = path.read_bytes()
        path.write_bytes(old[:-300] if shorter else log(DAYS[0], session(3), session(4)))
        done = read(store, tmp_path)
        assert (done.read, done.unchanged) == ((str(path),), (str(other),))
        assert not store.rejected()
        found = all_facts(store)
        totals = store.line_totals()
    with store_of(tmp_path) as store:
        assert all_facts(store) == found
        assert store.line_totals() == totals


def test_of_a_rewritten_log_shared_sessions_stay(tmp_path: Path, store: Store) -> None:
    """They hold rows of other files, which are not read again."""
    first, last = session(1, rows=20), session(2, rows=20)
    never = session(3)[:-1]
    texts = (
        log(DAYS[0], first[:5], never[:1]),
        log(DAYS[1], first[5:], never[1:3], session(4), last[:5]),
        log(DAYS[2], last[5:], never[3:]),
    )
    for at, text in enumerate(texts):
        (tmp_path / f"{at}.LOG").write_bytes(text)
    read(store, tmp_path)
    before = all_facts(store)
    (tmp_path / "1.LOG").write_bytes(texts[1] + b"\r\n")
    read(store, tmp_path)
    (tmp_path / "1.LOG").write_bytes(b"\r\n" + texts[1] + b"".join(session(5)))
    read(store, tmp_path)
    after = all_facts(store)
    assert len(after) == 5
    assert [without_offsets(facts) for facts in before] == [
        without_offsets(facts) for facts in after if not facts.session.endswith("5")
    ]
    assert store.line_totals().lines == lines_of(*tmp_path.glob("*.LOG"))


def test_logs_that_exchange_their_names(tmp_path: Path, store: Store) -> None:
    one, two = tmp_path / "a.LOG", tmp_path / "b.LOG"
    one.write_bytes(log(DAYS[0], session(1)))
    two.write_bytes(log(DAYS[1], session(2), session(3)))
    read(store, tmp_path)
    one.rename(tmp_path / "c")
    two.rename(one)
    (tmp_path / "c").rename(two)
    done = read(store, tmp_path)
    assert (done.read, sessions_of(store)) == ((), 3)
    assert len(store.ledger().entries) == 2


def test_a_log_that_is_renamed_and_begun_anew(tmp_path: Path, store: Store) -> None:
    one, two = tmp_path / "a.LOG", tmp_path / "b.LOG"
    one.write_bytes(log(DAYS[0], session(1)))
    read(store, tmp_path)
    one.rename(two)
    one.write_bytes(log(DAYS[1], session(2)))
    done = read(store, tmp_path)
    assert (done.read, sessions_of(store)) == ((str(one),), 2)
    assert store.line_totals().lines == lines_of(one, two)


def test_a_log_that_becomes_something_else(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(log(DAYS[0], session(1)))
    read(store, path)
    path.write_bytes(TRACKING)
    done = read(store, path)
    assert [name for name, _ in done.refused] == [str(path)]
    assert (sessions_of(store), store.line_totals().lines) == (0, 0)
    assert read(store, path).refused == done.refused
    path.write_bytes(log(DAYS[0], session(1)))
    assert read(store, path).read == (str(path),)
    assert sessions_of(store) == 1
    assert len(store.ledger().entries) == 1


def test_what_is_no_log_is_refused_with_the_reason(tmp_path: Path, store: Store) -> None:
    (tmp_path / "MSGTRK.LOG").write_bytes(TRACKING)
    (tmp_path / "a.txt").write_bytes(b"hello")
    (tmp_path / "b.LOG").write_bytes(log(DAYS[0], session(1)))
    for _ in range(2):
        done = read(store, tmp_path)
        reasons = {os.path.basename(name): reason for name, reason in done.refused}  # noqa: PTH119
        assert "tracking" in reasons["MSGTRK.LOG"]
        assert "a.txt" in reasons
    assert len(done.unchanged) == 1


def test_of_a_damaged_archive_what_can_be_read_counts(tmp_path: Path, store: Store) -> None:
    data = log(DAYS[0], *(session(number) for number in range(3000)))
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(data)[:-2000])
    for _ in range(2):
        ((name, reason),) = read(store, path).problems
        assert name == str(path)
        assert "cut short" in reason
    assert 0 < sessions_of(store) < 3000
    assert store.line_totals().unfinished == 1
    path.write_bytes(gzip.compress(data))
    assert read(store, path).problems == ()
    assert sessions_of(store) == 3000
    assert store.line_totals().lines == data.count(b"\n")


def test_what_cannot_be_opened_is_told_and_tried_again(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(log(DAYS[0], session(1)))
    found = find_all(tmp_path, path)
    path.unlink()
    done = read_logs(found.files, store)
    assert [name for name, _ in done.problems] == [str(path)]
    path.write_bytes(log(DAYS[0], session(1)))
    assert read(store, path).read == (str(path),)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_vanishes_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    for name in ("a.LOG", "b.LOG"):
        (tmp_path / name).write_bytes(log(DAYS[0], session(ord(name[0]))))
    schedule = planning._Planner.schedule

    def schedule_and_delete(self: planning._Planner, some: list[planning._Candidate]) -> None:
        schedule(self, some)
        (tmp_path / "a.LOG").unlink()

    monkeypatch.setattr(planning._Planner, "schedule", schedule_and_delete)
    with Store.open(None) as store:
        done = read(store, tmp_path, workers=workers)
        assert done.problems == ((str(tmp_path / "a.LOG"), "No such file or directory"),)
        assert len(done.read) == 1


def test_rejected_lines_are_told(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(header(DAYS[0]) + b"\r\n".join([b"no row"] * 700) + b"\r\n")
    read(store, path)
    with path.open("ab") as stream:
        stream.write(b"no row\r\n" * 700)
    read(store, path)
    lines = [line.line for number, line in store.rejected() if number == 1]
    assert lines == list(range(6, 1006))
    assert store.line_totals().rejected == 1400


def test_the_facts_do_not_depend_on_how_much_is_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at, day in enumerate(DAYS):
        some = [session(100 * at + number) for number in range(90)]
        (tmp_path / f"{at}.LOG").write_bytes(log(day, *some, session(9000)[at : at + 1]))
    expected = told(tmp_path)
    monkeypatch.setattr(scanning, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(columns, "BATCH", 7)
    monkeypatch.setattr(reading, "COMMIT_BYTES", 1)
    monkeypatch.setattr(reading, "_INSERT_ROWS", 11)
    assert told(tmp_path) == expected


def test_too_many_pieces_are_scanned_with_the_open_sessions_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = [session(number, rows=9) for number in range(20)]
    for at, day in enumerate(DAYS[:4]):
        parts = [one[at * 3 : at * 3 + 3] for one in some]
        (tmp_path / f"{at}.LOG").write_bytes(log(day, *parts, session(100 + at)))
    expected = told(tmp_path)
    assert {facts.rows for facts in expected[:20]} == {12}
    monkeypatch.setattr(open_sessions, "MOST_PIECES", 1000)
    assert told(tmp_path) == expected


def test_a_key_that_is_used_again_begins_a_new_session(tmp_path: Path) -> None:
    """In one file or in several, read at once or one after the other."""
    lines = session(1)
    texts = [
        lines[:3],
        [*lines[3:4], *lines, *lines[2:3]],
        [*lines[:2]],
        [*lines, *lines[:1]],
        lines[1:],
    ]
    for at, text in enumerate(texts):
        (tmp_path / f"{at}.LOG").write_bytes(log(DAYS[at], text))
    at_once = told(tmp_path)
    assert sum(facts.rows for facts in at_once) == sum(len(text) for text in texts)
    with Store.open(None) as store:
        for at in range(len(texts)):
            read(store, tmp_path / f"{at}.LOG")
        assert all_facts(store) == at_once
    with Store.open(None) as store:
        path = tmp_path / "grown.log"
        path.write_bytes(header(DAYS[0]))
        for text in texts:
            for line in text:
                with path.open("ab") as stream:
                    stream.write(line)
                read(store, path)
        grown = all_facts(store)
    assert told(path) == grown


def test_a_later_log_that_was_read_first_is_told(tmp_path: Path, store: Store) -> None:
    lines = session(1)
    (tmp_path / "0.LOG").write_bytes(log(DAYS[0], lines[:3]))
    (tmp_path / "1.LOG").write_bytes(log(DAYS[1], lines[3:]))
    assert read(store, tmp_path / "1.LOG").split_sessions == 0
    assert read(store, tmp_path / "0.LOG").split_sessions == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_progress(tmp_path: Path, workers: int) -> None:
    paths = [tmp_path / "a.LOG", tmp_path / "b.gz"]
    paths[0].write_bytes(log(DAYS[0], *(session(number) for number in range(9000))))
    paths[1].write_bytes(gzip.compress(log(DAYS[1], session(9001))))
    total = sum(path.stat().st_size for path in paths)
    seen: list[tuple[str, int, int]] = []
    with Store.open(None) as store:
        files = find(map(str, paths), str(tmp_path), lambda *_: None)
        read_logs(files, store, workers=workers, on_bytes=lambda *one: seen.append(one))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert {one[2] for one in seen} == {total}
    assert total - 20 <= seen[-1][1] <= total


def test_a_worker_that_is_killed_is_told(tmp_path: Path, store: Store) -> None:
    for at, day in enumerate(DAYS):
        some = [session(100 * at + number) for number in range(90)]
        (tmp_path / f"{at}.LOG").write_bytes(log(day, *some))

    def kill(*_: object) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(EvidenceError, match="ended without a word"):
        read_logs(find_all(tmp_path, tmp_path).files, store, workers=2, on_bytes=kill)
    assert not store.ledger().entries
    assert len(read(store, tmp_path).read) == len(DAYS)


def test_a_marked_store_takes_no_more_logs(tmp_path: Path, store: Store) -> None:
    (tmp_path / "a.LOG").write_bytes(log(DAYS[0], session(1)))
    store.mark("pseudonymised")
    with pytest.raises(EvidenceError, match="pseudonymised"):
        read(store, tmp_path)


def test_natural_order() -> None:
    names = ["RECV20260302-10.LOG", "RECV20260302-2.LOG", "recv2026030200-1.LOG"]
    ordered = ["RECV20260302-2.LOG", "RECV20260302-10.LOG", "recv2026030200-1.LOG"]
    assert sorted(names, key=planning.natural) == ordered


def test_files_that_began_at_the_same_time_go_by_number(tmp_path: Path, store: Store) -> None:
    lines = session(1, rows=10)
    for number in range(1, 14):
        text = header(DAYS[0]) + lines[number - 1]
        (tmp_path / f"RECV20260302-{number}.LOG").write_bytes(text)
    read(store, tmp_path)
    (facts,) = all_facts(store)
    assert (facts.rows, facts.started, facts.ended) == (13, True, "Local")


def test_a_session_without_end_stays_open(tmp_path: Path, store: Store) -> None:
    rows = Rows()
    (tmp_path / "a.LOG").write_bytes(header(DAYS[0]) + rows.row("+"))
    done = read(store, tmp_path)
    assert (done.sessions, done.open_sessions) == (0, 1)
    (facts,) = all_facts(store)
    assert (facts.rows, facts.ended) == (1, None)


def test_too_many_open_sessions_are_given_up(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest first; they count as never ended, and later rows as sessions without beginning."""
    monkeypatch.setattr(carry, "MOST_CARRIED", 3)
    some = [session(number) for number in range(10)]
    for at, day in enumerate(DAYS[:2]):
        parts = [one[at * 3 : at * 3 + 3] for one in some]
        (tmp_path / f"{at}.LOG").write_bytes(log(day, *parts))
    read(store, tmp_path)
    found = all_facts(store)
    assert sum(facts.rows for facts in found) == 60
    assert sorted(facts.rows for facts in found) == [3] * 14 + [6] * 3
    assert {facts.session for facts in found if facts.rows == 6} == {
        f"08DE7{number:011X}" for number in (7, 8, 9)
    }


@pytest.mark.parametrize("many", [False, True])
def test_states_of_another_version_end_with_what_is_known(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    lines = session(1, rows=40)
    (tmp_path / "0.LOG").write_bytes(log(DAYS[0], lines[:3]))
    read(store, tmp_path)
    store.connection.execute("UPDATE open_sessions SET state = '{}'")
    (tmp_path / "1.LOG").write_bytes(log(DAYS[1], lines[3:]))
    if many:
        monkeypatch.setattr(open_sessions, "MOST_PIECES", 1000)
    read(store, tmp_path)
    found = [(facts.rows, facts.started, facts.ended) for facts in all_facts(store)]
    assert sorted(found) == [(3, True, None), (40, False, "Local")]


def test_a_log_of_which_too_much_is_lacking_may_vanish(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = session(1, rows=40)
    (tmp_path / "1.LOG").write_bytes(log(DAYS[1], lines[3:]))
    monkeypatch.setattr(open_sessions, "MOST_PIECES", 1000)
    again = reading._Reader._scan_again

    def delete_first(self: reading._Reader, task: planning.Task) -> scanning.Scanned | str:
        (tmp_path / "1.LOG").unlink()
        return again(self, task)

    monkeypatch.setattr(reading._Reader, "_scan_again", delete_first)
    done = read(store, tmp_path)
    assert (len(done.problems), done.read, all_facts(store)) == (1, (), [])
