"""Seeded damage to valid exports: many times, quickly, and the same in every run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from unit.formats.samples import SAMPLES, artifact_of, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 1500
PIECES = (
    *(b"{", b"}", b"[", b"]", b'"', b"'", b",", b":", b" : ", b"\n", b"\r", b"\n\n", b"\0", b"\t"),
    *(b"...", b"\xe2\x80\xa6", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\\u", b"\\ud83d", b"&#0;"),
    *(b"<Obj>", b"</Obj>", b"<LST>", b'<Ref RefId="0"/>', b"<![CDATA[", b"<!--", b"&x;", b"_x00"),
    *(b"#TYPE ", b"sep=;", b"[PS] C:\\>", b">>", b"Get-X : ", b"    ", b"NaN", b"1e999", b"9" * 50),
    b"<!DOCTYPE a>",
)


def insert(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice(PIECES) * chance.choice([1, 1, 1, 2, 50])


def overwrite(chance: random.Random, data: bytearray) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def delete(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    del data[at : at + chance.choice([1, 2, 10, 100])]


def repeat(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = data[at : at + chance.randrange(200)] * chance.choice([1, 2, 5])


def swap(chance: random.Random, data: bytearray) -> None:
    first, second = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    data[:] = data[second:] + data[first:second] + data[:first]


DAMAGES: tuple[Callable[[random.Random, bytearray], None], ...] = (
    *(insert, insert, insert, overwrite, overwrite, delete, repeat, swap),
)


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_only_evidence_errors_leave(kind: str) -> None:
    chance = random.Random(kind)  # noqa: S311 - the same damage in every run
    whole = SAMPLES[kind].encode()
    for _ in range(ROUNDS):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            chance.choice(DAMAGES)(chance, data)
        step = chance.choice([None, None, None, 50])
        outcome(artifact_of(bytes(data), step=step))
