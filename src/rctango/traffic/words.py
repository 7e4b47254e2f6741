"""Texts at places in a block, as numbers of eight bytes each, in little-endian order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

MASKS = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
"""For keeping as many bytes of a word."""
_HIGH_BITS = np.uint64(0x8080808080808080)


def bounds(low: bytes, high: bytes) -> tuple[np.uint64, np.uint64]:
    """Two words, for ``are_within``."""
    return np.frombuffer(low, "<u8")[0], np.frombuffer(high, "<u8")[0] | _HIGH_BITS


_DIGITS = bounds(b"00000000", b"99999999")
_LETTERS = bounds(b"AAAAAAAA", b"FFFFFFFF")


def gather(data: bytes | NDArray[Any], places: Places, count: int) -> NDArray[Any]:
    """As many words from each place on (in bytes), as one value of bytes for each place.

    NumPy takes about as long for a value of 64 bytes as for one of eight.
    """
    size = 8 * count
    length = len(data) if isinstance(data, bytes) else data.nbytes
    kind = np.dtype((np.void, size))
    values: NDArray[Any] = np.ndarray((max(0, length - size + 1),), kind, data, strides=(1,))
    return values[places]


def spans(data: bytes | NDArray[Any], places: Places, count: int) -> Words:
    """As many words from each place on: an array of columns of words."""
    values = gather(data, places, count).view("<u8").reshape(-1, count)
    return np.ascontiguousarray(values.T)


def are_within(words: Words, low: np.uint64, high: np.uint64) -> Flags:
    """Whether each of the eight bytes is one of ASCII between those of two words.

    ``high`` has the high bit of each byte set. No byte can borrow from the next one, so its high
    bit tells whether it is within its bounds.
    """
    within = _within(words, low, high) & ~words
    return np.asarray((within & _HIGH_BITS) == _HIGH_BITS)


def _within(words: Words, low: np.uint64, high: np.uint64) -> Words:
    return ((words | _HIGH_BITS) - low) & (high - (words & ~_HIGH_BITS))


def are_hexadecimal(words: Words) -> Flags:
    """Whether each of the eight bytes is an upper-case hexadecimal digit."""
    within = (_within(words, *_DIGITS) | _within(words, *_LETTERS)) & ~words
    return np.asarray((within & _HIGH_BITS) == _HIGH_BITS)


def are_digits(words: Words, length: Places) -> Flags:
    """Whether the first bytes, as many as ``length`` says, are decimal digits."""
    within = _within(words, *_DIGITS) & ~words
    high_bits = _HIGH_BITS & MASKS[length]
    return np.asarray((within & high_bits) == high_bits)


def hexadecimal(high: Words, low: Words) -> Words:
    """A number for sixteen upper-case hexadecimal digits: another one for other digits."""
    return _nibbles(high) << np.uint64(4) | _nibbles(low)


def _nibbles(text: Words) -> Words:
    """The values of eight hexadecimal digits, one in each byte."""
    return (text & 0x0F0F0F0F0F0F0F0F) + ((text >> 6) & 0x0101010101010101) * 9
