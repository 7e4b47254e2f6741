"""Reading by columns: what takes the fast way, and that its memories may be small."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fakes.protocol_logs import HEADER, InColumns, Rows, scan
from rctango.demo.plan import Plan
from rctango.demo.write import write
from rctango.traffic import batches, columnar, courses, grouping, session, symbols
from rctango.traffic.open_sessions import Sessions
from rctango.traffic.scanner import Scanner

if TYPE_CHECKING:
    from pathlib import Path

    from rctango.traffic.rows import Row

BLOCK = 100_000


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    """Generated logs of all servers, as (log, content)."""
    folder: Path = tmp_path_factory.mktemp("logs")
    start = datetime(2026, 3, 2, tzinfo=UTC)
    write(folder, Plan(seed=11, size=3_000_000, start=start, days=1))
    return [
        ("send" if path.parent.name == "SmtpSend" else "receive", path.read_bytes())
        for path in sorted(folder.rglob("*.LOG"))
    ]


@pytest.fixture
def forgetful() -> None:
    """Nothing is known from earlier tests."""
    batches._memory.cache_clear()


def in_blocks(data: bytes, size: int = BLOCK) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def assert_same(logs: list[tuple[str, bytes]], size: int = BLOCK) -> None:
    for log, data in logs:
        blocks = in_blocks(data, size)
        found, rest = scan(*blocks, log=log, final=True, carried=None)
        expected, last = scan(*blocks, log=log, final=True, carried=None, kind=Scanner)
        assert found == expected
        assert rest.counts == last.counts
        assert sorted(one.facts for one in rest.open) == sorted(one.facts for one in last.open)
        assert sorted(one.key for one in rest.pieces) == sorted(one.key for one in last.pieces)


def test_generated_logs(logs: list[tuple[str, bytes]]) -> None:
    assert_same(logs)


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("most", [0, 1, 5, 40])
def test_small_memories_change_nothing(
    logs: list[tuple[str, bytes]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(symbols, "_MOST_KEPT", most)
    monkeypatch.setattr(courses, "_MOST_KEPT", most)
    monkeypatch.setattr(columnar, "_MOST_KEPT", most * 1000)
    monkeypatch.setattr(grouping, "MOST_ROWS", most + 10)
    assert_same(logs[::3])


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("most", [4, 12, 30])
def test_too_many_symbols_change_nothing(
    logs: list[tuple[str, bytes]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(symbols, "MOST_SYMBOLS", most)
    assert_same(logs[::3], 20_000)


def test_regular_sessions_never_go_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_sessions: Sessions, row: Row, _at: int) -> None:
        raise AssertionError(row)

    monkeypatch.setattr(Sessions, "row", refuse)
    sessions = [
        Rows(session=f"08DE7000000000{number:02X}", remote=f"10.1.9.{number}:50111")
        for number in range(9)
    ]
    lines = [
        "+",
        "> 220 ex01.contoso.com Microsoft ESMTP MAIL Service ready at Mon, 2 Mar 2026",
        "< EHLO app",
        "> 250  ex01 Hello [10.1.9.20] SIZE STARTTLS X-ANONYMOUSTLS",
        '< MAIL FROM:<"quoted, local"@one.example>',
        "> 250 2.1.0 Sender OK",
        "< RCPT TO:<a@two.example>",
        "> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        "* Tarpit for '0.00:00:05'",
        "-",
    ]
    data = HEADER + b"".join(rows.rows(line) for line in lines for rows in sessions)
    for size in (1 << 20, 6000):
        found, rest = scan(*in_blocks(data, size), kind=InColumns)
        assert len(found) == 9
        assert (rest.open, rest.pieces) == ((), ())
        assert {one.rows for one in found} == {len(lines)}


@pytest.mark.parametrize("kind", [Scanner, InColumns])
def test_sessions_whose_columns_hold_bars_are_told_apart(
    kind: type[Scanner | InColumns],
) -> None:
    one = Rows(connector="A", local="l:1", remote="08DE70000000000B|R")
    two = Rows(connector="A|08DE70000000000A", session="08DE70000000000B", local="l:1", remote="R")
    two.sequence = 1
    found, rest = scan(one.row("+"), two.row("-", "", "Remote"), kind=kind)
    assert [facts.session for facts in found] == ["08DE70000000000B"]
    assert [left.facts.session for left in rest.open] == ["08DE70000000000A"]


@pytest.mark.usefixtures("forgetful")
def test_domains_that_nobody_answers_for_are_not_kept_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(symbols, "_MOST_TEXTS", 500)
    scanner = InColumns(file=1, log="receive", role=None)
    for number in range(40):
        rows = Rows(session=f"08DE7000000000{number:02X}")
        told = [f"< RCPT TO:<a@d{number}x{one}.example>" for one in range(50)]
        scanner.feed(rows.rows("+", *told, "-"))
    _, texts = batches._memory("receive")
    assert len(texts.values) <= 600


def test_long_courses_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courses, "_MOST_BYTES", 1000)
    memory = courses.Courses("receive")
    rcpt = symbols.RECIPIENT.to_bytes(2, "little")
    for length in range(100):
        memory.of(rcpt * length)
    assert sum(map(len, memory._known)) < 2000


@pytest.mark.parametrize(
    "rest",
    [
        b"SID=08DE7A000003D94F IP=10.20.1.250 PORT=54060 DOMAIN=app SEQNUM=1 PERMS=1077 AUTHSRC=A",
        b"SID=08DE7A000003D94F IP=fd00::1 PORT=54060 DOMAIN=[10.0.0.1] SEQNUM=1 PERMS=1077",
        b"SID=08DE7A000003D94F IP=10.20.1.250 PORT=5 DOMAIN=a,b;IP SEQNUM=1 PERMS=0 AUTHSRC=",
        b"SID=08DE7A000003D94F IP=::1 PORT=5 DOMAIN=a SEQNUM=1 PERMS=999999999999999999",
    ],
)
def test_usual_parameters_of_xproxyfrom_are_read_as_any_others(
    rest: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = session.proxied_client(rest)
    assert session._USUAL.fullmatch(rest)
    monkeypatch.setattr(session, "_USUAL", re.compile(b"never"))
    assert session.proxied_client(rest) == found
