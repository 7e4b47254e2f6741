"""What the logs look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unit.demo.reader import lines, rows

if TYPE_CHECKING:
    from pathlib import Path

    from unit.demo.conftest import Demo

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ENDPOINT = re.compile(r"(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+(%\d+)?\]):\d+")


def logs(demo: Demo) -> list[Path]:
    return sorted((demo.folder / "logs").rglob("*.LOG"))


def test_headers(demo: Demo) -> None:
    for path in logs(demo):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf#Software: Microsoft Exchange Server\r\n")
        head = lines(path)[:5]
        assert head[1] == ("#Version: 14.0.0.0" if "EX10" in path.parts else "#Version: 15.0.0.0")
        assert head[2].startswith("#Log-type: SMTP ")
        assert TIME.fullmatch(head[3].removeprefix("#Date: "))
        assert head[4].count(",") == 8


def test_fields(demo: Demo) -> None:
    for path in logs(demo):
        for row in rows(path):
            assert TIME.fullmatch(row.time)
            assert re.fullmatch(r"[0-9A-F]{16}", row.session)
            assert row.event in {"+", "-", "<", ">", "*"}
            assert ENDPOINT.fullmatch(row.remote)
            assert ENDPOINT.fullmatch(row.local) or (not row.local and row.number < 5)


def test_fields_are_quoted_only_when_they_need_it(demo: Demo) -> None:
    for path in logs(demo):
        for line in lines(path)[5:]:
            for field in re.findall(r'"(?:[^"]|"")*"', line):
                assert "," in field or '""' in field


def test_files_are_where_servers_put_them(demo: Demo) -> None:
    folders = {path.parent.relative_to(demo.folder / "logs").as_posix() for path in logs(demo)}
    front = "TransportRoles/Logs/FrontEnd/ProtocolLog"
    hub = "TransportRoles/Logs/Hub/ProtocolLog"
    assert folders == {
        *(f"{name}/{front}/SmtpReceive" for name in ("EX19A", "EX19B", "EX13")),
        f"EX19A/{hub}/SmtpReceive",
        f"EX19A/{front}/SmtpSend",
        f"EX19A/{hub}/SmtpSend",
        "EX10/TransportRoles/Logs/ProtocolLog/SmtpReceive",
        "EX10/TransportRoles/Logs/ProtocolLog/SmtpSend",
    }
    for path in logs(demo):
        old = path.relative_to(demo.folder / "logs").parts[0] in {"EX10", "EX13"}
        assert re.fullmatch(rf"(RECV|SEND)\d{{{8 if old else 10}}}-\d+\.LOG", path.name)


def test_files_roll_by_size_and_hold_what_their_names_say(demo: Demo) -> None:
    assert any(path.stem.endswith("-2") for path in logs(demo))
    older = 0
    for path in logs(demo):
        assert path.stat().st_size < demo.plan.roll + 20_000
        begin = path.name[4:].partition("-")[0]
        opened = lines(path)[3].removeprefix("#Date: ")
        for row in rows(path):
            stamp = re.sub(r"\D", "", row.time)
            assert stamp[: len(begin)] == begin or row.time < opened
            older += row.time < opened
    assert older


def test_sessions_go_on_in_the_next_file(demo: Demo) -> None:
    assert sum(len(one.files) > 1 for one in demo.sessions) > 5
    hours = {
        one.server for one in demo.sessions if one.rows[0].time[11:13] != one.rows[-1].time[11:13]
    }
    assert hours >= {"EX19A", "EX19B"}


def test_sessions_alternate(demo: Demo) -> None:
    changes = runs = 0
    for path in logs(demo):
        last = ""
        seen: set[str] = set()
        for row in rows(path):
            if row.session != last:
                changes += row.session in seen
                runs += 1
                seen.add(row.session)
                last = row.session
    assert changes > runs / 20


def test_session_ids_are_unique_at_a_server_only(demo: Demo) -> None:
    ids = [(one.server, one.rows[0].session) for one in demo.sessions]
    assert len(ids) == len(set(ids)) > len({session for _, session in ids})


def test_numbers_run_from_zero_with_rare_slips(demo: Demo) -> None:
    slips = 0
    for one in demo.sessions:
        numbers = [row.number for row in one.rows]
        assert numbers[0] == 0
        slips += numbers != list(range(len(numbers)))
    assert 0 < slips < len(demo.sessions) / 50


def test_dialects(demo: Demo) -> None:
    for one in demo.sessions:
        if one.log != "receive" or not one.rows[0].connector:
            continue
        old = one.server in {"EX10", "EX13"}
        greeted = [row for row in one.rows if row.data.startswith("250-")]
        allowed = [row for row in one.rows if row.context == "Set Session Permissions"]
        assert old or not (greeted or allowed)
        if old and not one.rows[1].data.startswith("421"):
            assert one.rows[1].context == "Set Session Permissions"


def test_everything_that_readers_must_cope_with_occurs(demo: Demo) -> None:
    text = b"".join(path.read_bytes() for path in logs(demo))
    for piece in (
        b"[fd00:20:1::11]:25,[fd00:20:7::33]:",
        b"[fe80::11%12]:25,[fe80::9%12]:",
        b'EHLO plc ""7"", hall 3"',
        b"EHLO #drucker",
        b"EHLO b\xfcro-\xc3\xa9tage",
        b",<,helo ",
        b",<,HELO ",
        b"BDAT 65536,",
        b"250 2.6.0 CHUNK received OK",
        b"354 Start mail input",
        b"RSET",
        b"Tarpit for '0.00:00:05'",
        b"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        b"550 5.7.1 Unable to relay",
        b"535 5.7.3 Authentication unsuccessful",
        b"Inbound AUTH LOGIN failed because of LogonDenied",
        b"235 <authentication response>",
        b"X-EXPS EXCHANGEAUTH",
        b"XPROXYFROM SID=",
        b"PERMS=1077",
        b"PERMS=1073",
        b"per-source limit",
        b"Remote(ConnectionReset)",
        b"SP_PROT_TLS1_2_SERVER",
        b"552 5.3.4",
        b"451 5.7.3 Cannot achieve Exchange Server authentication",
        b"attempting to connect",
    ):
        assert piece in text, piece


def test_the_hub_names_sessions_of_its_front_end(demo: Demo) -> None:
    front = {
        one.rows[0].session: one
        for one in demo.sessions
        if (one.server, one.log, one.role) == ("EX19A", "receive", "frontend")
    }
    commands = [
        row.data
        for one in demo.sessions
        if (one.log, one.role) == ("receive", "hub")
        for row in one.rows
        if row.data.startswith("XPROXYFROM")
    ]
    assert commands
    for command in commands:
        facts = dict(re.findall(r"(\w+)=(\S+)", command))
        one = front[facts["SID"]]
        assert one.client == facts["IP"]
        assert one.rows[0].remote.endswith(f":{facts['PORT']}")
        assert facts["DOMAIN"] in one.ehlo


def test_health_checks_come_like_clockwork(demo: Demo) -> None:
    times = [
        one.rows[0].time
        for one in demo.sessions
        if one.server == "EX19A" and one.client == "10.20.1.250" and not one.ehlo
    ]
    assert times
    assert all(time.endswith("0.000Z") for time in times)
