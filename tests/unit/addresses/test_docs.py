"""The examples in the reference are true."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import rctango.addresses
from rctango.addresses import read_range

PAGE = Path(__file__).parents[3] / "docs" / "addresses.md"


def test_examples() -> None:
    blocks = re.findall(r"^```pycon\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, None, None)
    assert len(examples.examples) > 30
    results = doctest.DocTestRunner().run(examples)
    assert results.failed == 0


def test_every_public_name_is_mentioned() -> None:
    page = PAGE.read_text("utf-8")
    assert not {name for name in rctango.addresses.__all__ if name not in page}


def test_forms_with_a_warning() -> None:
    page = PAGE.read_text("utf-8")
    table = page.partition("### What is accepted with a warning")[2].partition("###")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) == 8
    for texts, meanings in rows:
        written, read_as = re.findall("`([^`]+)`", texts), re.findall("`([^`]+)`", meanings)
        entries = [read_range(text) for text in written]
        assert all(entry.warnings for entry in entries)
        assert {str(entry.range) for entry in entries} == set(read_as)
