"""The short way takes all the texts it was made for, and only flawless ones."""

from __future__ import annotations

import pytest

from rctango.addresses._plain import read_plain


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1",
        "255.255.255.255",
        "10.0.0.0/8",
        "10.0.0.1/32",
        "0.0.0.0/0",
        "10.0.0.1-10.0.0.9",
        "10.0.0.1-10.0.0.1",
        "0.0.0.0-255.255.255.255",
    ],
)
def test_taken(text: str) -> None:
    entry = read_plain(text)
    assert entry is not None
    assert (entry.text, entry.warnings) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "010.0.0.1",
        "10.0.0.1/8",
        "10.0.0.0/08",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.9-10.0.0.1",
        "10.0.0.1-",
        "10.0.0.0/8-10.0.0.9",
        "10.0.0.1-10.0.0.0/8",
        "10.0.0.0(255.0.0.0)",
        "10.0.0.1\n",
        "fd00::1",
        "\u0661.0.0.1",
    ],
)
def test_left_to_the_long_way(text: str) -> None:
    assert read_plain(text) is None
