from __future__ import annotations

import gzip
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from rctango.demo.plan import Plan
from rctango.demo.write import write
from rctango.errors import RctangoError
from rctango.traffic import open_sessions
from rctango.traffic.columns import from_batch
from rctango.traffic.ledger import Ledger
from rctango.traffic.logfiles import STANDARD_INPUT, LogFile, find, read_blocks
from rctango.traffic.planning import make_plan
from rctango.traffic.scanner import Scanner
from rctango.traffic.spread import (
    FILE,
    OPEN,
    PIECE,
    WHOLE,
    WHOLE_COLUMNS,
    Assignment,
    Rest,
    assign,
    counts_of,
    into_bins,
    join_rests,
    read_bins,
    scan,
    write_bins,
)

if TYPE_CHECKING:
    from pathlib import Path

    from rctango.traffic.schema import SessionFacts

HEADER = (
    "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n"
    "#Log-type: SMTP Receive Protocol Log\r\n#Date: 2026-03-02T08:00:00.000Z\r\n"
    "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,"
    "remote-endpoint,event,data,context\r\n"
)


def row(second: int, number: int, event: str, data: str = "", *, key: str = "1") -> str:
    time = f"2026-03-02T08:{second // 60:02d}:{second % 60:02d}.000Z"
    ends = f"10.1.1.5:25,10.1.9.20:5011{key}"
    return f"{time},EX1\\Relay,08D0000000000{key:0>3},{number},{ends},{event},{data},\r\n"


def assignments(folder: Path) -> list[Assignment]:
    files = find([str(folder)], str(folder), lambda *_: None)
    return assign(make_plan(files, Ledger((), ())).tasks)


def one_after_another(files: list[Assignment]) -> list[SessionFacts]:
    """The facts as a single process gets them that knows what came before."""
    carried: dict[str, Any] = defaultdict(tuple)
    facts: list[SessionFacts] = []
    for task in files:
        scanner = Scanner(
            file=task.number, log=task.log, role=task.role, carried=carried[task.chain]
        )
        for data, _ in read_blocks(task.file):
            facts += scanner.feed(data)
        ended, rest = scanner.close(final=task.file.is_closed)
        facts += ended
        carried[task.chain] = rest.open
    return sorted(facts + [one.facts for held in carried.values() for one in held], key=place)


def apart(files: list[Assignment]) -> tuple[list[SessionFacts], int]:
    """The facts as processes get them that know nothing of each other, and how many were joined."""
    ended: list[SessionFacts] = []
    chains = {task.number: task.chain for task in files}
    rests: list[Rest] = []
    for task in files:
        for found in scan(task):
            if isinstance(found, Rest):
                rests.append(found)
            else:
                ended += from_batch(found)
    counts = {one.file: counts_of(one.state) for one in rests if one.kind == FILE}
    void = {task.number: task for task in files if counts[task.number].is_void}
    ended = [one for one in ended if one.last_file not in void]
    rests += [whole(one, chains[one.last_file]) for one in ended]
    if void:
        rests.sort(key=lambda one: (one.chain, one.file, one.kind, one.place))
    else:
        rests.sort(key=lambda one: (one.chain, one.session, one.file, one.kind, one.place))
    joined = list(join_rests(rests, void, by_session=not void))
    return sorted(ended + joined, key=place), len(joined)


def whole(facts: SessionFacts, chain: str) -> Rest:
    values = {name: getattr(facts, name) for name in WHOLE_COLUMNS}
    known = json.dumps({name: value for name, value in values.items() if value is not None})
    return Rest(chain, facts.last_file, WHOLE, facts.first_offset, facts.session, "", known)


def without_ends(facts: list[SessionFacts]) -> list[SessionFacts]:
    """A scanner that knows of an open session takes it to be in its own file, without a row too."""
    return [one if one.ended is not None else one._replace(last_file=0) for one in facts]


def place(facts: SessionFacts) -> tuple[Any, ...]:
    return facts.first_file, facts.first_offset, facts.session


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> list[Assignment]:
    folder = tmp_path_factory.mktemp("demo")
    write(folder / "demo", Plan(seed=3, size=600_000, days=2, roll=20_000))
    return assignments(folder / "demo")


def test_apart_or_one_after_another_makes_no_difference(demo: list[Assignment]) -> None:
    facts, joined = apart(demo)
    assert joined > 20
    assert without_ends(facts) == without_ends(one_after_another(demo))


@pytest.mark.parametrize("most", [0, 300, 2000])
def test_files_with_too_many_pieces_are_scanned_again(
    demo: list[Assignment], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = one_after_another(demo)
    monkeypatch.setattr(open_sessions, "MOST_PIECES", most)
    rests = [one for task in demo for one in scan(task) if isinstance(one, Rest)]
    assert any(counts_of(one.state).is_void for one in rests if one.kind == FILE)
    facts, _ = apart(demo)
    assert without_ends(facts) == without_ends(expected)


def write_logs(folder: Path, *contents: str) -> list[Assignment]:
    for number, text in enumerate(contents):
        (folder / f"RECV2026030208-{number + 1}.LOG").write_text(HEADER + text, newline="")
    return assignments(folder)


def test_a_session_through_three_files(tmp_path: Path) -> None:
    files = write_logs(
        tmp_path,
        row(0, 0, "+") + row(1, 1, ">", "220 ex1"),
        row(60, 2, "<", "EHLO app") + row(61, 3, ">", "250 ex1"),
        row(120, 4, "<", "QUIT") + row(121, 5, "-"),
    )
    kinds = [[one.kind for one in scan(task) if isinstance(one, Rest)] for task in files]
    assert kinds == [[FILE, OPEN], [FILE, PIECE], [FILE, PIECE]]
    (facts,), _ = apart(files)
    assert (facts.first_file, facts.last_file, facts.rows) == (1, 3, 6)
    assert (facts.ehlo_names, facts.ended) == (["app"], "")


def test_an_id_that_is_used_again_begins_another_session(tmp_path: Path) -> None:
    files = write_logs(
        tmp_path,
        row(0, 0, "+") + row(1, 1, ">", "220 ex1"),
        row(60, 0, "+") + row(61, 1, "-"),
        row(120, 2, "<", "EHLO late") + row(121, 3, "-"),
    )
    facts, _ = apart(files)
    assert [(one.first_file, one.last_file, one.rows) for one in facts] == [
        (1, 1, 2),
        (2, 2, 2),
        (3, 3, 2),
    ]
    assert without_ends(facts) == without_ends(one_after_another(files))


def test_damage_is_a_problem_of_the_file(tmp_path: Path) -> None:
    text = HEADER + "".join(row(n % 60, n, "<", "NOOP") for n in range(2000))
    packed = gzip.compress(text.encode())
    (tmp_path / "RECV2026030208-1.LOG.gz").write_bytes(packed[: len(packed) // 2])
    (task,) = assignments(tmp_path)
    (rest,) = [one for one in scan(task) if isinstance(one, Rest) and one.kind == FILE]
    counts = counts_of(rest.state)
    assert counts.problem == "the archive is cut short"
    assert 0 < counts.lines < 2005
    assert counts.unfinished == 1
    assert counts.lines == counts.parsed + counts.header + counts.unfinished


def test_rejected_lines_and_noise_come_along(tmp_path: Path) -> None:
    (task,) = write_logs(tmp_path, row(0, 0, "+") + "rubbish\r\n\r\n")
    (rest,) = [one for one in scan(task) if isinstance(one, Rest) and one.kind == FILE]
    counts = counts_of(rest.state)
    assert counts.noise == (("blank line", 1),)
    assert [line for line, _ in counts.rejected_lines] == [7]


def a_file(number: int, packed: int, place: str = "/logs/RECV.LOG") -> Assignment:
    file = LogFile(name="RECV.LOG", place=place, path="p", size=packed, modified=1, packed=packed)
    return Assignment(number=number, chain="receive", log="receive", role=None, file=file)


def test_bins_hold_about_as_much() -> None:
    files = [a_file(number, size) for number, size in enumerate([70, 10, 40, 30, 30, 20])]
    bins = into_bins(files, 3)
    assert [sum(one.file.packed for one in held) for held in bins] == [70, 70, 60]
    assert sorted(one.number for held in bins for one in held) == list(range(6))
    assert bins == into_bins(reversed(files), 3)


def test_no_bin_is_empty() -> None:
    assert into_bins([], 8) == []
    assert len(into_bins([a_file(1, 0), a_file(2, 0)], 8)) == 2


def test_bins_can_be_written_and_read() -> None:
    bins = [[a_file(1, 5, place="C:\\logs\\\u00e4;'\"\n.LOG")], [a_file(2, 7), a_file(3, 9)]]
    assert read_bins(write_bins(bins)) == bins


def test_other_machines_get_absolute_paths_and_no_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_logs(tmp_path, row(0, 0, "+"))
    monkeypatch.chdir(tmp_path)
    files = list(find(["."], ".", lambda *_: None))
    tasks = make_plan(files, Ledger((), ())).tasks
    (one,) = assign(tasks)
    assert one.file.path == str(tmp_path / "RECV2026030208-1.LOG")
    object.__setattr__(tasks[0].file, "place", STANDARD_INPUT)
    with pytest.raises(RctangoError, match="standard input"):
        assign(tasks)
