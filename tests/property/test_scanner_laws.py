"""Laws of the scanner: no line is lost, and how the bytes are cut does not matter."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from fakes.protocol_logs import HEADER, Rows, SlowScanner, everything, scan
from rctango.traffic.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.traffic.scanner import OpenSession
    from rctango.traffic.schema import LineCounts

COMMANDS = (
    "< EHLO app",
    "< EHLO a,b",
    "< HELO x",
    "< MAIL FROM:<a@one.example>",
    "< MAIL FROM:<>",
    '< MAIL FROM:<"q,x"@one.example> SIZE=9',
    "< RCPT TO:<a@two.example>",
    "< rcpt to:<b@THREE.example>",
    "< RCPT TO:<c@two.example> NOTIFY=NEVER",
    "< RCPT TO:<x>y@z>",
    "< DATA",
    "< BDAT 7 LAST",
    "< BDAT 7",
    "< RSET",
    "< QUIT",
    "< NOOP",
    "< STARTTLS",
    "< X-ANONYMOUSTLS",
    "< AUTH LOGIN",
    "< X-EXPS NTLM",
    "< XPROXYFROM SID=08DE70000000000B IP=10.1.9.20 DOMAIN=a PERMS=1077",
    "< \x01",
    "<",
    "< *",
    "< <authentication response>",
)
REPLIES = (
    "> 250 2.1.0 Sender OK",
    "> 250 2.1.5 Recipient OK",
    "> 250-SIZE",
    "> 250-X-EXPS NTLM",
    "> 250 CHUNKING",
    "> 250  ex01 Hello [10.1.9.20] SIZE X-ANONYMOUSTLS XRDST",
    "> 220 ex01 ready at Mon, 2 Mar",
    "> 220 2.0.0 ok",
    "> 354 Start mail input; end",
    "> 334 <authentication response>",
    "> 235 <authentication response>",
    "> 550 5.7.54 SMTP; Unable to relay",
    "> 421 4.3.2 x, y",
    "> 535 5.7.3 no",
    "> 250",
    "> 25",
    "> 2500 x",
    ">",
    '> 250 2.6.0 <1@x> [a=1, b="2"] Queued',
    "> 250 2.6.0 <1@x> [a=1, b=2] Queued",
    "> 221 bye",
    "> 999 x",
)
INFORMATION = (
    "* 08DE7;x;1",
    "* Tarpit for '0.00:00:05'",
    "*  CN=ex01, O=x",
    "* SMTPSubmit",
    "*",
    "+",
    "- Remote",
    "* TLS protocol SP_PROT_TLS1_2_SERVER negotiation",
    '* "',
    "* 451 5.7.3 Cannot achieve",
)
CONTEXTS = (
    "",
    "",
    "",
    "Set Session Permissions",
    "Local",
    "a, b",
    ' "x"',
    "TLS protocol SP_PROT_X negotiation",
)


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """A log of a few interleaved sessions."""
    sessions = [
        Rows(
            connector=draw(
                st.sampled_from(["EX01\\Relay", "EX01\\Default", "", "Outbound", 'EX01\\a "b", c'])
            ),
            session=draw(st.sampled_from(["08DE70000000000A", "0" * 16, "08DE70000000000B"])),
            remote=draw(
                st.sampled_from(["10.1.9.20:5", "10.1.9.21:6", "[fd00::9%1]:7", "x.x.x.x:8"])
            ),
            sequence=draw(st.sampled_from([0, 0, 0, 3, 4094, 10**6])),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    parts = [HEADER] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 40))):
        rows = draw(st.sampled_from(sessions))
        line = draw(st.sampled_from([*COMMANDS, *REPLIES, *INFORMATION]))
        parts.append(rows.row(line[0], line[2:], draw(st.sampled_from(CONTEXTS))))
        rows.sequence += draw(st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1]))
        rows.sequence = max(rows.sequence, 0)
    return b"".join(parts)


def _cut_short(data: bytes, place: int, _insert: bytes) -> bytes:
    return data[:place]


def _lose_a_byte(data: bytes, place: int, _insert: bytes) -> bytes:
    return data[:place] + data[place + 1 :]


def _insert(data: bytes, place: int, insert: bytes) -> bytes:
    return data[:place] + insert + data[place:]


def _overwrite(data: bytes, place: int, insert: bytes) -> bytes:
    return data[:place] + insert + data[place + len(insert) :]


DAMAGE: tuple[Callable[[bytes, int, bytes], bytes], ...] = (
    _cut_short,
    _lose_a_byte,
    _insert,
    _overwrite,
)
BYTES = st.one_of(
    st.sampled_from(
        [b"\n", b"\r\n", b"\r", b'"', b'""', b",", b"#", b"\x00" * 5, b"\xff", b" ", b"\t#", b"\\"]
    ),
    st.binary(max_size=4),
)


@st.composite
def damaged_logs(draw: st.DrawFn) -> bytes:
    """A log that has been garbled in a few places."""
    data = draw(logs())
    for _ in range(draw(st.integers(0, 5))):
        damage = draw(st.sampled_from(DAMAGE))
        data = damage(data, draw(st.integers(0, len(data))), draw(BYTES))
    return data


def in_blocks(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(places)]


def adds_up(counts: LineCounts) -> bool:
    parts = counts.parsed + counts.header + counts.rejected + counts.unfinished
    return counts.lines == parts + sum(number for _, number in counts.noise)


CUTS = st.lists(st.integers(0, 6000), max_size=8)
LOG = st.sampled_from(["receive", "send"])


@given(damaged_logs(), CUTS, LOG, st.booleans())
def test_how_the_bytes_are_cut_does_not_matter(
    data: bytes, cuts: list[int], log: str, final: bool
) -> None:
    whole = scan(data, log=log, final=final)
    assert scan(*in_blocks(data, cuts), log=log, final=final) == whole


def state_of(one: OpenSession) -> dict[str, Any]:
    """The state, but for which sequence-number comes next: after a rejected row that may differ."""
    state: dict[str, Any] = json.loads(one.state)
    state["rows"] = state.pop("expected") - state.pop("skew")
    return state


@given(damaged_logs(), CUTS, LOG, st.booleans())
def test_the_plain_way_gives_what_reading_in_full_gives(
    data: bytes, cuts: list[int], log: str, final: bool
) -> None:
    blocks = in_blocks(data, cuts)
    carried = None if final else ()
    found, rest = scan(*blocks, log=log, final=final, carried=carried)
    expected, last = scan(*blocks, log=log, final=final, carried=carried, kind=SlowScanner)
    assert found == expected
    assert [state_of(one) for one in rest.open] == [state_of(one) for one in last.open]
    assert [one.facts for one in rest.open] == [one.facts for one in last.open]
    assert replace(rest, open=()) == replace(last, open=())


@given(damaged_logs(), CUTS, st.booleans())
def test_every_line_is_counted(data: bytes, cuts: list[int], final: bool) -> None:
    found, rest = scan(*in_blocks(data, cuts), final=final)
    counts = rest.counts
    assert adds_up(counts)
    unended = bool(data) and not data.endswith(b"\n")
    assert counts.lines == data.count(b"\n") + unended
    assert counts.unfinished == (unended and not final)
    assert len(rest.rejected) == counts.rejected
    assert rest.offset == (len(data) if final else data.rfind(b"\n") + 1)
    rows = sum(facts.rows for facts in everything(found, rest))
    assert rows >= counts.parsed


@given(damaged_logs(), st.integers(0, 6000))
def test_reading_on_is_the_same_as_reading_once(data: bytes, cut: int) -> None:
    expected, last = scan(data)
    first, rest = scan(data[:cut])
    scanner = Scanner(
        file=1,
        log="receive",
        role=None,
        offset=rest.offset,
        line=rest.counts.lines - rest.counts.unfinished + 1,
        carried=rest.open,
    )
    then = scanner.feed(data[rest.offset :])
    ended, later = scanner.close(final=False)
    assert [*first, *then, *ended] == expected
    assert [one.facts for one in later.open] == [one.facts for one in last.open]
    assert (*rest.rejected, *later.rejected) == last.rejected
    assert later.offset == last.offset
