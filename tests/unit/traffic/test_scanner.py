from __future__ import annotations

import pytest

from fakes.protocol_logs import HEADER, InColumns, Rows, everything, scan
from rctango.traffic.rows import CUT_SHORT, NOT_A_ROW, OPEN_QUOTE, TOO_LONG
from rctango.traffic.scanner import LONGEST_LINE, Scanner, join
from rctango.traffic.schema import ProxiedClient, Recipients, Replies, SessionFacts

BOTH = pytest.mark.parametrize("kind", [Scanner, InColumns])


def one(
    *blocks: bytes, log: str = "receive", kind: type[Scanner | InColumns] = InColumns
) -> SessionFacts:
    found, rest = scan(*blocks, log=log, kind=kind)
    (facts,) = everything(found, rest)
    assert rest.counts.rejected == 0
    return facts


def relay(rows: Rows) -> bytes:
    return rows.rows(
        "+",
        "> 220 ex01.corp.example Microsoft ESMTP MAIL Service ready at Mon, 2 Mar 2026 09:00:00",
        "< EHLO app20",
        "> 250  ex01.corp.example Hello [10.1.9.20] SIZE 37748736 STARTTLS 8BITMIME",
        "< MAIL FROM:<app@Corp.Example> SIZE=100",
        "* 08DE70000000000A;2026-03-02T08:00:00.000Z;1",
        "> 250 2.1.0 Sender OK",
        "< RCPT TO:<someone@elsewhere.example>",
        "> 250 2.1.5 Recipient OK",
        "< RCPT TO:<other@corp.example> ORCPT=rfc822;other@third.example",
        "> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        "< DATA",
        "> 354 Start mail input; end with <CRLF>.<CRLF>",
        "> 250 2.6.0 <1@x> [InternalId=1, Hostname=a] 5 bytes in 0.1, 9,1 KB/sec Queued",
        "< QUIT",
        "> 221 2.0.0 Service closing transmission channel",
    ) + rows.row("-", "", "Local")


@BOTH
def test_a_relay_session(kind: type[Scanner | InColumns]) -> None:
    facts = one(HEADER, relay(Rows()), kind=kind)
    assert facts.log == "receive"
    assert facts.server == "EX01"
    assert facts.connector == "EX01\\Relay"
    assert facts.session == "08DE70000000000A"
    assert (facts.local, facts.local_port) == ("10.1.1.5", 25)
    assert (facts.remote, facts.remote_port) == ("10.1.9.20", 50111)
    assert facts.began.isoformat() == "2026-03-02T08:00:01"
    assert facts.last_seen.isoformat() == "2026-03-02T08:00:17.016000"
    assert facts.started
    assert facts.ended == "Local"
    assert facts.rows == 17
    assert facts.commands == 6
    assert facts.ehlo_names == ["app20"]
    assert facts.tls is None
    assert facts.offers_exchange_auth is False
    assert facts.messages == 1
    assert facts.sender_domains == ["corp.example"]
    assert facts.recipients == [
        Recipients("elsewhere.example", 1, 0),
        Recipients("corp.example", 0, 1),
    ]
    assert facts.replies == [Replies("550 5.7.54", 1)]
    assert (facts.first_file, facts.first_offset) == (1, len(HEADER))


@BOTH
def test_pipelined_commands_are_answered_in_order(kind: type[Scanner | InColumns]) -> None:
    facts = one(
        Rows().rows(
            "+",
            "< EHLO a",
            "> 250 ok",
            "< MAIL FROM:<>",
            "< RCPT TO:<a@one.example>",
            "< RCPT TO:<b@two.example>",
            "< RCPT TO:<c@one.example>",
            "< DATA",
            "> 250 2.1.0 Sender OK",
            "> 250 2.1.5 Recipient OK",
            "> 550 5.1.1 no",
            "> 451 4.7.0 later",
            "> 354 go",
            "> 250 2.6.0 queued",
        ),
        kind=kind,
    )
    assert facts.sender_domains == ["<>"]
    assert facts.recipients == [Recipients("one.example", 1, 1), Recipients("two.example", 0, 1)]
    assert facts.replies == [Replies("550 5.1.1", 1), Replies("451 4.7.0", 1)]
    assert facts.messages == 1
    assert facts.ended is None


@BOTH
def test_chunks_count_as_one_message(kind: type[Scanner | InColumns]) -> None:
    rows = ("+", "< BDAT 100", "> 250 2.0.0 ok", "< BDAT 10 LAST", "> 250 2.6.0 queued")
    assert one(Rows().rows(*rows), kind=kind).messages == 1


@BOTH
def test_tls_and_authentication(kind: type[Scanner | InColumns]) -> None:
    rows = Rows(connector="EX01\\Client Frontend EX01")
    log = rows.rows(
        "+",
        "< EHLO a",
        "> 250-ex01 Hello",
        "> 250-X-ANONYMOUSTLS",
        "> 250 CHUNKING",
        "< STARTTLS",
        "> 220 2.0.0 SMTP server ready",
        "*  CN=ex01, O=Corp",
    )
    log += rows.row("*", "", "TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using x")
    log += rows.rows(
        "< HELO b",
        "> 250 ok",
        "< AUTH LOGIN",
        "> 334 <authentication response>",
        "> 334 <authentication response>",
        "* Inbound AUTH LOGIN failed because of LogonDenied",
        "> 535 5.7.3 Authentication unsuccessful",
        "< AUTH ntlm TlRM",
        "> 235 <authentication response>",
        "< X-EXPS GSSAPI",
        "> 454 4.7.0 Temporary authentication failure",
    )
    facts = one(log, kind=kind)
    assert facts.ehlo_names == ["a", "b"]
    assert facts.offers_exchange_auth is True
    assert facts.tls == "STARTTLS"
    assert facts.tls_protocol == "SP_PROT_TLS1_2"
    assert facts.auth_mechanism == "GSSAPI"
    assert (facts.auth_successes, facts.auth_failures) == (1, 2)
    assert facts.replies == [Replies("535 5.7.3", 1), Replies("454 4.7.0", 1)]


@BOTH
def test_session_rights_of_older_versions(kind: type[Scanner | InColumns]) -> None:
    rows = Rows()
    log = rows.row("+") + rows.row(
        "*", "SMTPSubmit SMTPAcceptAnyRecipient", "Set Session Permissions"
    )
    assert one(log, kind=kind).permissions == "SMTPSubmit SMTPAcceptAnyRecipient"


@BOTH
def test_the_true_client_behind_a_front_end(kind: type[Scanner | InColumns]) -> None:
    rows = Rows(connector="EX01\\Default EX01", local="[fd00::5]:2525", remote="[fe80::9%12]:50112")
    log = rows.rows(
        "+",
        "< XPROXYFROM SID=08de70000000000b IP=10.1.9.20 PORT=5 DOMAIN=app20 PERMS=1077 X=Y",
        "> 250 XProxyFrom accepted",
    )
    facts = one(log, kind=kind)
    assert facts.proxied == [ProxiedClient("08DE70000000000B", "10.1.9.20", "app20", 1077)]
    assert (facts.local, facts.local_port) == ("fd00::5", 2525)
    assert (facts.remote, facts.remote_port) == ("fe80::9", 50112)


@BOTH
def test_nobody_answered(kind: type[Scanner | InColumns]) -> None:
    rows = Rows(connector="")
    log = rows.rows("+", "> 421 4.3.2 Service not available") + rows.row("-", "", "Local")
    facts = one(log, kind=kind)
    assert (facts.connector, facts.server) == ("", None)
    assert facts.replies == [Replies("421 4.3.2", 1)]
    assert facts.commands == 0


@BOTH
def test_a_send_log_has_the_directions_exchanged(kind: type[Scanner | InColumns]) -> None:
    rows = Rows(
        connector="Intra-Organization SMTP Send Connector",
        local="10.1.1.6:40211",
        remote="10.1.1.5:25",
    )
    log = rows.row("*", "SendRoutingHeaders", "Set Session Permissions", local="")
    log += rows.row("*", "", "attempting to connect", local="")
    log += rows.rows(
        "+",
        "< 220 ex01 ready",
        "> EHLO ex02.corp.example",
        "< 250 ex01 Hello [10.1.1.6] SIZE STARTTLS",
    )
    log += rows.row("*", "", "451 5.7.3 Cannot achieve Exchange Server authentication")
    log += rows.rows("> QUIT", "< 221 bye") + rows.row("-", "", "Local")
    facts = one(log, log="send", kind=kind)
    assert facts.log == "send"
    assert facts.server is None
    assert (facts.local, facts.local_port) == ("10.1.1.6", 40211)
    assert facts.started
    assert facts.ehlo_names == ["ex02.corp.example"]
    assert facts.offers_exchange_auth is False
    assert facts.replies == [Replies("451 5.7.3", 1)]
    assert facts.permissions == "SendRoutingHeaders"
    assert facts.rows == 10


@BOTH
def test_session_ids_that_are_all_zeros(kind: type[Scanner | InColumns]) -> None:
    first = Rows(session="0" * 16)
    second = Rows(session="0" * 16, remote="10.1.9.21:4")
    log = first.row("+") + second.row("+") + first.rows("< EHLO a") + second.rows("< EHLO b")
    log += first.row("-") + second.row("-")
    found, rest = scan(log, kind=kind)
    assert [(one.remote, one.ehlo_names) for one in found] == [
        ("10.1.9.20", ["a"]),
        ("10.1.9.21", ["b"]),
    ]
    assert rest.open == ()


@BOTH
def test_repeated_and_missing_sequence_numbers(kind: type[Scanner | InColumns]) -> None:
    rows = Rows()
    log = rows.row("+")
    rows.sequence = 0
    log += rows.rows("* x", "< EHLO a")
    rows.sequence = 9000
    log += rows.rows("> 250 ok", "< NOOP", "> 250 ok") + rows.row("-")
    facts = one(log, kind=kind)
    assert facts.rows == 7
    assert facts.commands == 2


@BOTH
def test_quotes_commas_and_hashes_inside_fields(kind: type[Scanner | InColumns]) -> None:
    rows = Rows(connector='EX01\\Relay "a, b" #1')
    log = rows.rows(
        "+",
        '< MAIL FROM:<"a, ""b#"@#corp.example>',
        "> 250 ok",
        '< RCPT TO:<"x>y@z"@corp.example>',
        "> 250 ok",
        "< RCPT TO:<@a.example,@b.example:u@c.example>",
        "> 250 ok",
        "< RCPT TO:someone@d.example NOTIFY=NEVER",
        "> 250 ok",
        "< RCPT TO:<postmaster>",
        "> 250 ok",
        '< EHLO say "hi, there"',
    )
    facts = one(log, kind=kind)
    assert facts.connector == 'EX01\\Relay "a, b" #1'
    assert facts.sender_domains == ["#corp.example"]
    assert [one.domain for one in facts.recipients] == [
        "corp.example",
        "c.example",
        "d.example",
        "",
    ]
    assert facts.ehlo_names == ['say "hi, there"']


@BOTH
def test_damage_is_counted_exactly(kind: type[Scanner | InColumns]) -> None:
    rows = Rows()
    good = rows.row("+")
    joined = rows.row("<", "EHLO a").rstrip() + rows.row(">", "250 ok")
    tenth = rows.row("<", "NOOP").rstrip() + b",more\r\n"
    wrapped = rows.row("<", "RCPT TO:<a@b.example>").replace(b"RCPT TO", b"RCPT\r\nTO")
    open_quote = rows.row("<", "EHLO b").replace(b"EHLO", b'"EHLO')
    bad_text = rows.row("<", "EHLO \xff").replace("\xff".encode(), b"\xff\xfe")
    huge = rows.row("<", "EHLO " + "x" * 1_000_000)
    line_feed_only = rows.row("<", "RSET").replace(b"\r\n", b"\n")
    padding = b"\x00" * 100 + b"\r\n"
    padded = b"\x00" * 100 + rows.row(">", "250 ok")
    cut = rows.row("-", "", "Local")[:-12]
    log = b"".join(
        (HEADER, good, joined, tenth, b"\r\n", b" \n", wrapped, HEADER, open_quote, bad_text, huge,
         line_feed_only, padding, padded, b"Here is the log:\n", cut)
    )  # fmt: skip
    found, rest = scan(log, kind=kind)
    assert found == []
    (one_open,) = rest.open
    assert one_open.facts.ehlo_names[:2] == ["a", "\ufffd\ufffd"]
    assert len(one_open.facts.ehlo_names[2]) == 255
    counts = rest.counts
    assert counts.header == 10
    assert counts.parsed == 7
    assert counts.noise == (("NUL padding", 1), ("blank line", 2))
    assert [one.reason for one in rest.rejected] == [CUT_SHORT, NOT_A_ROW, OPEN_QUOTE, NOT_A_ROW]
    assert [log.split(b"\n")[one.line - 1][:9] for one in rest.rejected] == [
        b"2026-03-0", b"TO:<a@b.e", b"2026-03-0", b"Here is t",
    ]  # fmt: skip
    assert counts.unfinished == 1
    assert counts.lines == log.count(b"\n") + 1
    assert rest.offset == len(log) - len(cut)


@BOTH
@pytest.mark.parametrize("log", [b"", HEADER, b"\xef\xbb\xbf", b"\r\n", b"\x00\x00"])
def test_logs_without_a_row(log: bytes, kind: type[Scanner | InColumns]) -> None:
    found, rest = scan(log, kind=kind, final=True)
    assert everything(found, rest) == []
    assert rest.counts.rejected == rest.counts.parsed == 0
    assert rest.offset == len(log)


@BOTH
def test_a_final_line_without_line_end_is_a_line(kind: type[Scanner | InColumns]) -> None:
    rows = Rows()
    log = (rows.row("+") + rows.row("-", "", "Remote")).rstrip()
    found, rest = scan(log, kind=kind, final=True)
    assert found[0].ended == "Remote"
    assert (rest.counts.lines, rest.counts.parsed, rest.offset) == (2, 2, len(log))
    found, rest = scan(log + b"\r", kind=kind, final=False)
    assert found == []
    assert (rest.counts.lines, rest.counts.unfinished) == (2, 1)


def test_a_line_beyond_all_measure_does_not_fill_the_memory() -> None:
    rows = Rows()
    before, after = rows.row("+"), rows.row("-")
    blocks = [before, *[b"x" * (1 << 20)] * (LONGEST_LINE // (1 << 20) + 2), b"\n" + after]
    found, rest = scan(*blocks)
    assert len(found) == 1
    assert [(one.line, one.reason) for one in rest.rejected] == [(2, TOO_LONG)]
    assert rest.counts.lines == 3
    assert rest.offset == sum(map(len, blocks))
    _, rest = scan(*blocks[:-1])
    assert (rest.offset, rest.counts.unfinished) == (len(before), 1)


def test_a_session_goes_on_in_the_next_file() -> None:
    whole = relay(Rows())
    expected, _ = scan(whole)
    for cut in [place + 1 for place in range(len(whole)) if whole[place] == 10][:-1]:
        first, rest = scan(whole[:cut])
        assert first == []
        second, later = scan(whole[cut:], carried=None)
        assert second == []
        facts, still_open = join(rest.open[0], later.pieces[0])
        assert still_open is None
        same = facts._replace(last_offset=facts.last_offset + cut)
        assert [same] == expected
        direct, _ = scan(whole[cut:], carried=rest.open)
        assert direct == [facts]


def test_too_many_pieces_are_told() -> None:
    rows = Rows(sequence=5)
    log = b"".join(rows.row("<", "x" * 100_000) for _ in range(60))
    found, rest = scan(log, carried=None)
    assert found == []
    assert rest.too_many_pieces
    assert rest.pieces == ()
    found, rest = scan(log, carried=())
    assert [one.facts.rows for one in rest.open] == [60]
    assert not rest.open[0].facts.started
