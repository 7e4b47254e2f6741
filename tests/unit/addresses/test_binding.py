"""Bindings: every text form, the refusals, wildcards and clashes."""

from __future__ import annotations

import pytest

from rctango.addresses import Binding, Family
from rctango.errors import AddressError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.0.0.0:25", "0.0.0.0:25"),
        ("[::]:25", "[::]:25"),
        (":::25", "[::]:25"),
        (":25", "0.0.0.0:25"),
        ("10.0.0.5:2525", "10.0.0.5:2525"),
        ("0.0.0.0:25:", "0.0.0.0:25"),
        ("[::]:25:", "[::]:25"),
        (":25:", "0.0.0.0:25"),
        ("  10.0.0.5:25\r\n", "10.0.0.5:25"),
        ("fd00::5:25", "[fd00::5]:25"),
        ("[FD00::5]:25", "[fd00::5]:25"),
        ("[fe80::1%4]:25", "[fe80::1%4]:25"),
        ("[::ffff:10.0.0.5]:25", "10.0.0.5:25"),
        ("10.1:25", "10.0.0.1:25"),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("0.0.0.0:00025", "0.0.0.0:25"),
        ("0.0.0.0:65535", "0.0.0.0:65535"),
    ],
)
def test_forms(text: str, shown: str) -> None:
    binding = Binding.parse(text)
    assert str(binding) == shown
    assert Binding.parse(shown) == binding


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a binding is an address and a port with ':' between them"),
        (":", "a binding is an address and a port with ':' between them"),
        ("25", "a binding is an address and a port with ':' between them"),
        ("10.0.0.5", "a binding is an address and a port with ':' between them"),
        ("10.0.0.5:", "a binding is an address and a port with ':' between them"),
        ("[::]:", "'' is not a port"),
        ("[::]", "']' is not a port"),
        ("10.0.0.5:smtp", "'smtp' is not a port"),
        ("10.0.0.5:-1", "'-1' is not a port"),
        ("10.0.0.5: 25", "' 25' is not a port"),
        ("10.0.0.5:65536", "'65536' is not a port"),
        ("10.0.0.5:999999", "'999999' is not a port"),
        ("10.0.0.5:\u0662\u0665", "'\u0662\u0665' is not a port"),
        ("172.x.x.x:25", "part 'x' is not a number"),
        ("::25", "group '' is not one to four hexadecimal digits"),
        ("EX01.contoso.com:25", "part 'EX01' is not a number"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        Binding.parse(text)
    assert (caught.value.text, caught.value.reason) == (text, reason)


def test_overlong_text_is_refused_unread() -> None:
    with pytest.raises(AddressError, match="too long"):
        Binding.parse("0.0.0.0:" + "2" * 1000)


def test_family_and_wildcard() -> None:
    assert Binding.parse("[::]:25").family is Family.IPV6
    assert Binding.parse("0.0.0.0:25").is_wildcard
    assert Binding.parse("[::]:25").is_wildcard
    assert not Binding.parse("10.0.0.5:25").is_wildcard
    assert not Binding.parse("[::1]:25").is_wildcard


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("10.0.0.5:25", "10.0.0.5:25", True),
        ("10.0.0.5:25", "0.0.0.0:25", True),
        ("0.0.0.0:25", "0.0.0.0:25", True),
        ("[fd00::5]:25", "[::]:25", True),
        ("[fe80::1%4]:25", "[fe80::1%9]:25", True),
        ("10.0.0.5:25", "10.0.0.6:25", False),
        ("10.0.0.5:25", "10.0.0.5:587", False),
        ("0.0.0.0:25", "[::]:25", False),
        ("10.0.0.5:25", "[::]:25", False),
        ("0.0.0.0:25", "0.0.0.0:2525", False),
    ],
)
def test_clashes(one: str, other: str, clash: bool) -> None:
    assert Binding.parse(one).clashes_with(Binding.parse(other)) is clash
    assert Binding.parse(other).clashes_with(Binding.parse(one)) is clash


def test_order_is_by_address_and_then_port() -> None:
    texts = ["[::]:25", "0.0.0.0:2525", "10.0.0.5:25", "0.0.0.0:25"]
    assert [str(binding) for binding in sorted(map(Binding.parse, texts))] == [
        "0.0.0.0:25",
        "0.0.0.0:2525",
        "10.0.0.5:25",
        "[::]:25",
    ]
