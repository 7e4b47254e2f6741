from __future__ import annotations

import socket

import pytest

from rctango.errors import RctangoError
from rctango.probe import Target, TargetError, check_source, parse_source, parse_target


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("ex01", "ex01", 25),
        ("ex01.contoso.com", "ex01.contoso.com", 25),
        ("ex01.contoso.com.", "ex01.contoso.com.", 25),
        ("ex_01.contoso.com:2525", "ex_01.contoso.com", 2525),
        ("3com.example", "3com.example", 25),
        ("10.0.0.5", "10.0.0.5", 25),
        ("10.0.0.5:587", "10.0.0.5", 587),
        ("[fd00::5]:2525", "fd00::5", 2525),
        ("[FD00:0:0::5]", "fd00::5", 25),
        ("fd00::5", "fd00::5", 25),
        ("::1", "::1", 25),
        ("fe80::5%eth0", "fe80::5%eth0", 25),
        ("[fe80::5%12]:25", "fe80::5%12", 25),
        ("::ffff:10.0.0.5", "10.0.0.5", 25),
        ("ex01:65535", "ex01", 65535),
    ],
)
def test_targets(text: str, host: str, port: int) -> None:
    assert parse_target(text) == Target(text=text, host=host, port=port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":25",
        "ex01:",
        "ex01:0",
        "ex01:65536",
        "ex01:-1",
        "ex01:+25",
        "ex01:25:25",
        "ex01:²5",
        "[fd00::5",
        "[fd00::5]25",
        "[fd00::5]:",
        "[10.0.0.5]:25",
        "[ex01]",
        "fd00::5]:25",
        "fd00::g",
        "10",
        "10.1",
        "10.0.0",
        "10.0.0.256",
        "010.0.0.5",
        "0x0a000005",
        "10.0.0.5/24",
        "ex01/25",
        "ex 01",
        " ex01",
        "ex01\n",
        "ex01\r\nQUIT",
        "-ex01",
        "ex01-.contoso.com",
        "ex01..contoso.com",
        "smtp://ex01",
        "bücher.example",
        "a" * 64,
        "a." * 130,
        "x" * 1_000_000,
    ],
)
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(TargetError) as caught:
        parse_target(text)
    assert isinstance(caught.value, RctangoError)
    assert caught.value.text == text
    assert len(str(caught.value)) < 300


def test_an_international_name_gets_a_hint() -> None:
    with pytest.raises(TargetError, match="xn--"):
        parse_target("bücher.example")


def test_sources() -> None:
    assert parse_source("10.0.0.9") == "10.0.0.9"
    assert parse_source("FD00::9") == "fd00::9"
    for wrong in ("ex01", "", "10.0.0", "10.0.0.9:25"):
        with pytest.raises(TargetError, match="no IP address"):
            parse_source(wrong)
    for many in ("0.0.0.0", "::", "224.0.0.1"):
        with pytest.raises(TargetError, match="no single address"):
            parse_source(many)


def test_a_source_has_to_be_ours() -> None:
    check_source("127.0.0.1")
    for foreign in ("192.0.2.1", "2001:db8::1"):
        with pytest.raises(TargetError, match="cannot be connected from"):
            check_source(foreign)


def test_a_source_without_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_family(*_: object) -> object:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", no_family)
    with pytest.raises(TargetError, match="not supported"):
        check_source("::1")
