from __future__ import annotations

import pytest

from rctango.model.probing import EhloOffer, RemoteErrorKind, RemoteFault, SmtpReply
from rctango.smtp import (
    DATA,
    LONGEST_LINE,
    LONGEST_REPLY,
    MOST_LINES,
    PLAIN_TEXT_AFTER_STARTTLS,
    QUIT,
    RSET,
    STARTTLS,
    Command,
    Event,
    LocalProtocolError,
    ReplyContinued,
    SmtpClient,
    ehlo,
    message,
    offer_of,
    plain_text,
    rcpt,
)

Kind = RemoteErrorKind
GREETING = b"220 ex01 ready\r\n"
EHLO = ehlo("probe")


def reply(code: int, *lines: str, enhanced: str | None = None) -> SmtpReply:
    return SmtpReply(code=code, enhanced=enhanced, lines=lines or ("",))


def greeted() -> SmtpClient:
    client = SmtpClient()
    assert client.receive(GREETING) == [reply(220, "ex01 ready")]
    return client


def asked(command: Command, data: bytes) -> list[Event]:
    client = greeted()
    client.send(command)
    return client.receive(data)


def fault_of(events: list[Event]) -> RemoteErrorKind:
    *_, last = events
    assert isinstance(last, RemoteFault)
    return last.kind


def test_a_session() -> None:
    client = greeted()
    assert client.may_send
    assert client.send(EHLO) == b"EHLO probe\r\n"
    assert client.is_waiting
    assert client.receive(b"250-ex01 Hello\r\n250-SIZE\r\n250 X-EXPS\r\n") == [
        reply(250, "ex01 Hello", "SIZE", "X-EXPS")
    ]
    client.send(rcpt("a@example.net"))
    assert client.receive(b"550 5.7.54 SMTP; Unable to relay\r\n") == [
        reply(550, "5.7.54 SMTP; Unable to relay", enhanced="5.7.54")
    ]
    client.send(QUIT)
    assert client.receive(b"221 2.0.0 Bye\r\n") == [reply(221, "2.0.0 Bye", enhanced="2.0.0")]
    assert client.receive(b"") == []
    assert not client.may_send


def test_a_message() -> None:
    client = greeted()
    client.send(DATA)
    client.receive(b"354 go on\r\n")
    with pytest.raises(LocalProtocolError):
        client.send(RSET)
    assert client.send_message(message(["x"])) == b"x\r\n.\r\n"
    assert client.receive(b"250 2.6.0 queued\r\n") == [reply(250, "2.6.0 queued", enhanced="2.6.0")]


def test_a_message_that_is_not_asked_for_is_a_mistake_of_ours() -> None:
    client = greeted()
    client.send(DATA)
    client.receive(b"503 no\r\n")
    with pytest.raises(LocalProtocolError):
        client.send_message(message(["x"]))


def test_commands_out_of_turn_are_mistakes_of_ours() -> None:
    client = SmtpClient()
    for wrong in (lambda: client.send(EHLO), client.tls_begun, lambda: client.send_message(b"")):
        with pytest.raises(LocalProtocolError):
            wrong()


@pytest.mark.parametrize("data", [b"250\r\n", b"250 \r\n", b"250-\r\n250\r\n"])
def test_replies_without_text(data: bytes) -> None:
    (found,) = asked(RSET, data)
    assert isinstance(found, SmtpReply)
    assert found.code == 250
    assert set(found.lines) == {""}


@pytest.mark.parametrize(
    "data",
    [
        b"250 bare LF\n",
        b"250 bare\rCR\r\n",
        b"250 two\r\r\n",
        b"250 N\0L\r\n",
        b"\0\0\0",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"\r\n",
        b"\n",
        b"25\r\n",
        b"2500 x\r\n",
        b"250=x\r\n",
        b"999 x\r\n",
        b"150 x\r\n",
        b"000 x\r\n",
        b"250-a\r\n251 b\r\n",
        b"250-a\r\n550 b\r\n",
        b"250-a\r\nb\r\n",
    ],
)
def test_what_is_no_reply_is_malformed(data: bytes) -> None:
    assert fault_of(asked(RSET, data)) is Kind.MALFORMED_REPLY


@pytest.mark.parametrize(
    "data",
    [
        b"250 " + b"x" * LONGEST_LINE + b"\r\n",
        b"250 " + b"x" * (1 << 20),
        b"250-x\r\n" * (MOST_LINES + 1),
        b"250-x\r\n" * 1_000_000,
        (b"250-" + b"x" * 2000 + b"\r\n") * (LONGEST_REPLY // 2000 + 1),
    ],
)
def test_what_has_no_end_is_too_long(data: bytes) -> None:
    assert fault_of(asked(RSET, data)) is Kind.TOO_LONG


def test_a_session_without_end_is_too_long() -> None:
    client = greeted()
    for _ in range(4):
        client.send(RSET)
        events = client.receive((b"250-" + b"x" * 1000 + b"\r\n") * 15 + b"250 x\r\n")
        if client.has_failed:
            assert fault_of(events) is Kind.TOO_LONG
            return
    pytest.fail("it never ended")


def test_a_long_line_is_kept_in_part() -> None:
    (found,) = asked(RSET, b"250 " + b"x" * 8000 + b"\r\n")
    assert isinstance(found, SmtpReply)
    assert found.lines == ("x" * 2000,)


def test_data_that_nobody_asked_for() -> None:
    assert fault_of(SmtpClient().receive(GREETING + GREETING)) is Kind.UNEXPECTED_DATA
    assert fault_of(asked(RSET, b"250 ok\r\n250 ok\r\n")) is Kind.UNEXPECTED_DATA
    assert fault_of(asked(RSET, b"250 ok\r\nx")) is Kind.UNEXPECTED_DATA
    assert fault_of(asked(QUIT, b"221 bye\r\n221 bye\r\n")) is Kind.UNEXPECTED_DATA


def test_a_peer_may_go_away_at_any_time() -> None:
    events = asked(RSET, b"250 ok\r\n421 4.4.1 Connection timed out\r\n")
    assert fault_of(events) is Kind.REFUSED_SERVICE
    assert "Connection timed out" in str(events[-1])


def test_nothing_of_plain_text_gets_behind_starttls() -> None:
    for data in (b"220 go\r\n250 injected\r\n", b"220 go\r\n4", b"220 go\r\n\x16\x03\x01"):
        events = asked(STARTTLS, data)
        assert events == [
            reply(220, "go"),
            RemoteFault(kind=Kind.UNEXPECTED_DATA, detail=PLAIN_TEXT_AFTER_STARTTLS),
        ]


def test_nothing_is_sent_between_starttls_and_tls() -> None:
    client = greeted()
    client.send(STARTTLS)
    client.receive(b"220 go\r\n")
    with pytest.raises(LocalProtocolError):
        client.send(EHLO)
    client.tls_begun()
    client.send(EHLO)
    assert client.receive(b"250 ex01\r\n") == [reply(250, "ex01")]


def test_a_refused_starttls_changes_nothing() -> None:
    client = greeted()
    client.send(STARTTLS)
    client.receive(b"454 4.7.0 TLS not available\r\n")
    assert client.may_send
    with pytest.raises(LocalProtocolError):
        client.tls_begun()


def test_the_end_of_the_stream() -> None:
    for data in (b"", b"25", b"250-x\r\n"):
        client = greeted()
        client.send(RSET)
        client.receive(data) if data else None
        assert fault_of(client.receive(b"")) is Kind.CLOSED
        assert client.receive(b"250 ok\r\n") == []
        assert client.has_failed
        with pytest.raises(LocalProtocolError):
            client.send(RSET)


def test_a_blank_instead_of_a_dash_in_the_reply_to_ehlo() -> None:
    first, *more = asked(EHLO, b"250 ex01 Hello\r\n250 SIZE\r\n250-auth=login\r\n250 starttls\r\n")
    assert isinstance(first, SmtpReply)
    rest = [one.reply for one in more if isinstance(one, ReplyContinued)]
    offer = offer_of(first, rest)
    assert offer.greeting == "ex01 Hello"
    assert offer.keywords == ("SIZE", "auth=login", "starttls")
    assert offer.has("STARTTLS")
    assert offer.has("AUTH")
    assert offer.auth_mechanisms == ("LOGIN",)


def test_a_reply_to_ehlo_does_not_go_on_without_end() -> None:
    assert fault_of(asked(EHLO, b"250 x\r\n" * (MOST_LINES + 2))) is Kind.TOO_LONG
    assert fault_of(asked(EHLO, b"250 x\r\n550 y\r\n")) is Kind.UNEXPECTED_DATA


def test_an_offer() -> None:
    offer = offer_of(reply(250, " ex01 ", " SIZE 1 ", "", "AUTH NTLM LOGIN", "AUTH=LOGIN"))
    assert offer == EhloOffer(greeting="ex01", keywords=("SIZE 1", "AUTH NTLM LOGIN", "AUTH=LOGIN"))
    assert offer.auth_mechanisms == ("NTLM", "LOGIN")
    assert offer_of(reply(250)).keywords == ()


def test_masked_keywords() -> None:
    assert offer_of(reply(250, "x", "XXXXXXXA", "SIZE")).is_rewritten
    assert not offer_of(reply(250, "x", "X-EXPS GSSAPI", "XA 12345", "")).is_rewritten


def test_text_of_a_peer_is_made_harmless() -> None:
    assert plain_text(b"a\x1b[2J\xff\tb\xc3\xa4", 100) == "a\ufffd[2J\ufffd\tb\xe4"
    assert plain_text("\U0001f600" * 3, 2) == "\ufffd\ufffd"
    assert plain_text("x" * 10, 3) == "xxx"
