"""Text of a peer, made harmless and small."""

from __future__ import annotations

import re
from typing import Final

_ODD: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff\U00010000-\U0010ffff]")
"""Controls but for the tab, and what would make a string take four bytes a character."""


def plain_text(text: str | bytes, most: int) -> str:
    """The text with every odd character replaced by U+FFFD, cut to a number of characters.

    Args:
        text: what a peer sent; bytes that are no UTF-8 are replaced.
        most: how many characters are kept.
    """
    if isinstance(text, bytes):
        text = text[: 4 * most].decode("utf-8", "replace")
    return _ODD.sub("\N{REPLACEMENT CHARACTER}", text[:most])
