from __future__ import annotations

import pytest

from rctango.errors import RctangoError
from rctango.smtp import (
    DATA,
    QUIT,
    RSET,
    STARTTLS,
    Command,
    CommandError,
    ehlo,
    helo,
    mail,
    message,
    noop,
    rcpt,
)

INJECTIONS = (
    "a\r\nRCPT TO:<x@y>",
    "a\nb",
    "a\rb",
    "a\0b",
    "a\tb",
    "\x1b[2J",
    "ä",
    "a\x85b",
    "\u2028",
)


def test_commands_are_what_goes_over_the_wire() -> None:
    assert ehlo("probe.contoso.com").wire == b"EHLO probe.contoso.com\r\n"
    assert ehlo("[10.0.0.9]").line == "EHLO [10.0.0.9]"
    assert ehlo("[IPv6:fd00::9]").line == "EHLO [IPv6:fd00::9]"
    assert helo("probe").line == "HELO probe"
    assert mail("a@contoso.com").wire == b"MAIL FROM:<a@contoso.com>\r\n"
    assert mail("").line == "MAIL FROM:<>"
    assert rcpt("@contoso.com:a@example.net").line == "RCPT TO:<@contoso.com:a@example.net>"
    assert rcpt('"a@example.net"@contoso.com').line == 'RCPT TO:<"a@example.net"@contoso.com>'
    assert noop("who is it").line == "NOOP who is it"
    assert [one.line for one in (DATA, QUIT, RSET, STARTTLS)] == [
        "DATA",
        "QUIT",
        "RSET",
        "STARTTLS",
    ]


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_but_printable_ascii_is_sent(text: str) -> None:
    for compose in (ehlo, helo, mail, rcpt, noop):
        with pytest.raises(CommandError) as caught:
            compose(text)
        assert caught.value.text == text
    with pytest.raises(CommandError):
        message(["Subject: x", text])
    with pytest.raises(CommandError):
        Command("NOOP", text)


@pytest.mark.parametrize("text", ["a b@c", "a> SIZE=1", "<a@b", "a@b>"])
def test_a_path_cannot_hold_a_parameter(text: str) -> None:
    for compose in (mail, rcpt):
        with pytest.raises(CommandError):
            compose(text)


@pytest.mark.parametrize("name", ["", "a b", "-a", "[10.0.0.9", "a]", "a_b c", "<a>"])
def test_a_name_is_a_host_or_an_address_in_brackets(name: str) -> None:
    with pytest.raises(CommandError, match="no host name"):
        ehlo(name)


def test_the_limits_are_those_of_the_standard() -> None:
    assert len(noop("x" * 505).wire) == 512
    with pytest.raises(CommandError, match="longer than 505"):
        noop("x" * 506)
    assert len(mail("a" * 254).line) == len("MAIL FROM:") + 256
    with pytest.raises(CommandError, match="longer than 254"):
        mail("a" * 255)
    with pytest.raises(CommandError, match="longer than 255"):
        ehlo("a" * 256)
    with pytest.raises(CommandError, match="longer than 998"):
        message(["x" * 999])


def test_a_recipient_is_needed() -> None:
    with pytest.raises(CommandError, match="needed"):
        rcpt("")


def test_dots_of_a_message_are_doubled() -> None:
    assert message(["a", ".", ".b", "", "c."]) == b"a\r\n..\r\n..b\r\n\r\nc.\r\n.\r\n"


def test_the_error_is_one_of_this_package_and_short() -> None:
    with pytest.raises(RctangoError) as caught:
        ehlo("ä" * 100_000)
    assert len(str(caught.value)) < 300
