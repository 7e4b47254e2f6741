"""Making text that others wrote safe to show.

Names, ranges and paths come from exports that anybody may have made. In a terminal a control
sequence in a name could erase a finding, in a spreadsheet it could be a formula, on a web page
markup. The functions here are used at the very end, so that documents keep the original text.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["csv_cell", "markdown_cell", "printable"]

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Controls, format characters (bidi, zero width), surrogates, unknown characters, separators."""

_INVISIBLE = frozenset(
    chr(code)
    for first, last in (
        (0x34F, 0x34F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
"""Letters and marks that show nothing: the rest of Unicode's ``Default_Ignorable_Code_Point``."""

_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What starts a formula in some spreadsheet; the last four are full-width forms."""

_INNER_FORMULA = re.compile(r"(?<=;)(\s*)(?=[=+\-@])")
"""A spreadsheet that splits at ``;`` would see a formula here."""

_MARKDOWN = re.compile(r"[\\|`*_\[\]~$]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def printable(text: str) -> str:
    r"""The text with everything invisible turned into a visible escape such as ``\x1b``.

    Letters, marks and symbols of every script stay. A backslash stays single, because
    ``SERVER\Name`` would otherwise be unreadable; the result is for reading, not for decoding.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(character) if _hides(character) else character for character in text)


def _hides(character: str) -> bool:
    return character in _INVISIBLE or unicodedata.category(character) in _HIDDEN_CATEGORIES


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def csv_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    shown = printable(text)
    if ";" in shown:
        shown = _INNER_FORMULA.sub(r"\1'", shown)
    if text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA:
        return f"'{shown}"
    return shown


def markdown_cell(text: str) -> str:
    """The text as a cell of a Markdown table, with nothing left that Markdown would interpret."""
    return _MARKDOWN.sub(r"\\\g<0>", printable(text)).translate(_ENTITIES)
