"""The lines of a console paste, and what each of them is by itself."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

_VERBS = (
    "Add|Clear|Connect|Convert|ConvertFrom|ConvertTo|Copy|Disable|Dismount|Enable|Enter|Export"
    "|ForEach|Format|Get|Import|Install|Invoke|Measure|Mount|Move|New|Out|Remove|Resolve|Restart"
    "|Select|Set|Sort|Start|Stop|Suspend|Test|Update|Where|Write"
)
_CMDLET = rf"(?:{_VERBS})-[A-Z]\w{{0,80}}"

_PROPERTY = re.compile(r"([A-Za-z_][\w-]{0,200})[ \t]+:(?:[ \t]+|$)")
_ERROR = re.compile(rf"{_CMDLET}[ \t]+:[ \t]|\+ CategoryInfo[ \t]*:")
_PROMPT = re.compile(
    r"""(?:\[PS\][ ]?(?:[A-Za-z]:[^>]{0,300})?
          |(?:\[[^\]]{1,100}\]:[ ])?PS(?:[ ][^>]{0,300})?
          |[A-Za-z]:\\[^>]{0,300})>[ \t]*(?P<command>.*)""",
    re.VERBOSE,
)
_BARE_COMMAND = re.compile(rf"(?:\$[\w:.]{{1,80}}[ \t]*=[ \t]*)?{_CMDLET}(?:[ \t|;].*)?$")
_MAIL_QUOTE = re.compile(r"(?:>[ ]?)+")
_ANY = re.compile(
    r"^[ \t>]*+(?:[A-Za-z_][\w-]{0,200}[ \t\u00a0]+:(?:[ \t\u00a0]|\r?$)|\S[^{\n]*[ \t]\{ms-Exch-)",
    re.MULTILINE,
)
_ODD_BLANKS = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u200b": None})


class Kind(Enum):
    """What a line is, judged without its neighbours."""

    BLANK = auto()
    PROPERTY = auto()
    COMMAND = auto()
    ERROR = auto()
    RULE = auto()
    ROW = auto()
    TEXT = auto()


class Line(NamedTuple):
    """One line.

    Attributes:
        number: counted from 1.
        kind: what it is.
        indent: how many blanks it begins with.
        text: the rest of it; of a command, the command without the prompt.
        name: of a property, in lower case.
        column: where the value of a property begins.
    """

    number: int
    kind: Kind
    indent: int
    text: str
    name: str = ""
    column: int = 0

    @property
    def width(self) -> int:
        """How many columns the line fills."""
        return self.indent + len(self.text.rstrip())

    @property
    def value(self) -> str:
        """The value of a property as far as it stands on this line."""
        return self.text[self.column - self.indent :]


def read_lines(text: str) -> list[Line]:
    """The lines of ``text``, freed from the marks of quoted mail and from odd blanks."""
    plain = text.translate(_ODD_BLANKS).replace("\r\n", "\n").replace("\r", "\n")
    return [_classify(number, line) for number, line in enumerate(plain.split("\n"), start=1)]


def is_listing(text: str) -> bool:
    """Whether there is a property line, or a table row with rights of Exchange, in ``text``."""
    return _ANY.search(text) is not None


def row_parts(text: str) -> tuple[str, str] | None:
    """The text and the list of a table row such as ``Some One {a, b}``."""
    before, brace, after = text.partition("{")
    if not brace or "{" in after or not before.strip() or not before[-1].isspace():
        return None
    return before.strip(), brace + after.rstrip()


def _classify(number: int, line: str) -> Line:
    quote = None if line.startswith(">>") else _MAIL_QUOTE.match(line)
    if quote is not None:
        line = line[quote.end() :]
    text = line.lstrip(" \t")
    indent = len(line) - len(text)
    if not text.strip():
        return Line(number, Kind.BLANK, 0, "")
    prompt = _PROMPT.match(text)
    if prompt is not None:
        return Line(number, Kind.COMMAND, indent, prompt["command"].strip())
    if _ERROR.match(text):
        return Line(number, Kind.ERROR, indent, text)
    found = _PROPERTY.match(text)
    if found is not None:
        column = indent + found.end()
        return Line(number, Kind.PROPERTY, indent, text, found[1].lower(), column)
    return Line(number, _kind_of_text(text), indent, text)


def _kind_of_text(text: str) -> Kind:
    if _BARE_COMMAND.match(text):
        return Kind.COMMAND
    if text.startswith("--") and not text.strip("- \t"):
        return Kind.RULE
    return Kind.ROW if row_parts(text) is not None else Kind.TEXT
