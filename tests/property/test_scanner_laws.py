"""Laws of the scanner: no line is lost, and how the bytes are cut does not matter."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from fakes.protocol_logs import HEADER, InColumns, Rows, everything, place, scan
from rctango.traffic.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.traffic.scanner import Remainder
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


@st.composite
def tidy_logs(draw: st.DrawFn) -> bytes:
    """A log of interleaved sessions, most of which begin and end as they should."""
    log = []
    for number in range(draw(st.integers(1, 5))):
        rows = Rows(
            connector=draw(st.sampled_from(["EX01\\Relay", "EX01\\Default", "Outbound", ""])),
            session=f"08DE7000000000{draw(st.sampled_from([number, number, 0])):02X}",
            remote=draw(st.sampled_from(["10.1.9.20:5", "[fd00::9%1]:7", "10.1.9.21:66"])),
            local=draw(st.sampled_from(["10.1.1.5:25", "10.1.1.5:25", "[fd00::5]:25", ""])),
        )
        told = st.sampled_from([*COMMANDS, *COMMANDS, *REPLIES, *REPLIES, *INFORMATION[:5]])
        lines = [draw(told) for _ in range(draw(st.integers(0, 15)))]
        first = draw(st.sampled_from(["+", "+", "+", "* attempting to connect"]))
        last = draw(st.sampled_from([["-"], ["-"], ["-"], []]))
        written = [
            rows.row(line[0], line[2:], draw(st.sampled_from(CONTEXTS)))
            for line in (first, *lines, *last)
        ]
        places = sorted(
            draw(st.lists(st.integers(0, 60), min_size=len(written), max_size=len(written)))
        )
        log += [(place, number, row) for place, row in zip(places, written, strict=True)]
    log.sort(key=lambda one: one[:2])
    return HEADER + b"".join(row for *_, row in log)


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
    data = draw(st.one_of(logs(), tidy_logs()))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 5]))):
        damage = draw(st.sampled_from(DAMAGE))
        data = damage(data, draw(st.integers(0, len(data))), draw(BYTES))
    return data


def in_blocks(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(places)]


def in_order(rest: Remainder) -> Remainder:
    """What is left, by places: the order of sessions means nothing."""
    return replace(
        rest,
        open=tuple(sorted(rest.open, key=lambda one: (one.facts.first_offset, one.key))),
        pieces=tuple(sorted(rest.pieces, key=lambda one: (one.rows, one.key))),
    )


def adds_up(counts: LineCounts) -> bool:
    parts = counts.parsed + counts.header + counts.rejected + counts.unfinished
    return counts.lines == parts + sum(number for _, number in counts.noise)


CUTS = st.lists(st.integers(0, 6000), max_size=8)
LOG = st.sampled_from(["receive", "send"])


@given(damaged_logs(), CUTS, LOG, st.booleans())
def test_how_the_bytes_are_cut_does_not_matter(
    data: bytes, cuts: list[int], log: str, final: bool
) -> None:
    expected, last = scan(data, log=log, final=final)
    found, rest = scan(*in_blocks(data, cuts), log=log, final=final)
    assert found == expected
    assert in_order(rest) == in_order(last)


@given(damaged_logs(), CUTS, LOG, st.booleans())
def test_reading_by_columns_gives_what_reading_line_by_line_gives(
    data: bytes, cuts: list[int], log: str, final: bool
) -> None:
    blocks = in_blocks(data, cuts)
    carried = None if final else ()
    found, rest = scan(*blocks, log=log, final=final, carried=carried)
    expected, last = scan(*blocks, log=log, final=final, carried=carried, kind=Scanner)
    assert found == expected
    assert in_order(rest) == in_order(last)


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
    scanner = InColumns(
        file=1,
        log="receive",
        role=None,
        offset=rest.offset,
        line=rest.counts.lines - rest.counts.unfinished + 1,
        carried=rest.open,
    )
    then = scanner.feed(data[rest.offset :])
    ended, later = scanner.close(final=False)
    assert sorted([*first, *then, *ended], key=place) == expected
    assert in_order(later).open == in_order(last).open
    assert (*rest.rejected, *later.rejected) == last.rejected
    assert later.offset == last.offset
