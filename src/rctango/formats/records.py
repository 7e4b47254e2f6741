"""JSON as ``ConvertTo-Json`` writes it: one object, an array, or several documents in a row.

The elements of an array are parsed one by one, so that a file cut short still gives those before
the cut, and so that only one of them is held as a tree.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from rctango.errors import EvidenceError
from rctango.formats._items import as_items
from rctango.formats._limits import NESTING_LIMIT, NUMBER_DIGITS_LIMIT
from rctango.formats.raw import Lost, RawObject, RawValue, Skipped, lost_type_name

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from rctango.formats._items import Item

_JSON = re.compile(
    r"""\s*(?:\{\s*(?:"|\}|\Z)
        |\[\s*(?:[\[\]{"]|\Z|-?[0-9]|(?:true|false|null|NaN|-?Infinity)\b))""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"[ \t\r\n]*")
_WRAPPER = re.compile(r'\{\s*"value"\s*:\s*(?=\[)', re.IGNORECASE)
_NEXT_DOCUMENT = re.compile(r"\n(?=\{)")
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BROKEN_LIMIT = 100
"""After so many broken documents in a row of documents, the file is not JSON at all."""


class _Repeated(dict[str, object]):
    """An object in which a name occurs twice; the last value counts."""


def is_json(text: str) -> bool:
    """Whether ``text`` begins like a JSON object or array, which a console prompt does not."""
    return _JSON.match(text) is not None


def read_json(source: str, text: str) -> Iterator[Item]:
    """The objects in ``text``, numbered from 1 over all documents in it.

    Raises:
        EvidenceError: from the iterator, where the text is not JSON and nothing follows it.
    """
    return _Reader(source, text).items()


class _Reader:
    """The walk over the documents of one text."""

    def __init__(self, source: str, text: str) -> None:
        self._source = source
        self._text = text
        self._decoder = json.JSONDecoder(
            strict=False, parse_int=_integer, object_pairs_hook=_object_of
        )
        self._lone = _LONE_SURROGATE.search(text) is not None
        self._count = 0
        self._broken = 0
        self._locator = ""
        self._skipped: list[Skipped] = []

    def items(self) -> Iterator[Item]:
        at = self._after_blanks(0)
        while at < len(self._text):
            if self._text[at] == "[":
                at = yield from self._elements(at)
            else:
                at = yield from self._document(at)
            at = self._after_blanks(at)

    def _document(self, at: int) -> Generator[Item, None, int]:
        """One object, or the elements of ``{"value": [...], "Count": n}``; returns its end."""
        try:
            value, end = self._parse(at)
        except json.JSONDecodeError as error:
            wrapper = _WRAPPER.match(self._text, at)
            if wrapper is not None:
                return (yield from self._elements(wrapper.end()))
            following = _NEXT_DOCUMENT.search(self._text, at)
            self._broken += 1
            if following is None or self._broken > _BROKEN_LIMIT:
                raise self._error(error) from error
            why = f"not valid JSON: {_clause(error)}"
            yield Skipped(locator=f"line {error.lineno}, column {error.colno}", why=why)
            return following.end()
        wrapped = _wrapped(value)
        if wrapped is None:
            yield from self._item(value)
            return end
        elements, shortfall = wrapped
        for element in elements:
            yield from self._item(element)
        if shortfall:
            yield Skipped(locator=f"item {self._count + 1}", why=shortfall)
        return end

    def _elements(self, at: int) -> Generator[Item, None, int]:
        """The elements of the array that begins at ``at``; returns its end."""
        at = self._after_blanks(at + 1)
        if self._text[at : at + 1] == "]":
            return at + 1
        while True:
            try:
                value, at = self._parse(at)
            except json.JSONDecodeError as error:
                raise self._error(error) from error
            yield from self._item(value)
            at = self._after_blanks(at)
            mark = self._text[at : at + 1]
            if mark == "]":
                return at + 1
            if mark != ",":
                raise self._error(json.JSONDecodeError("Expecting ',' or ']'", self._text, at))
            at = self._after_blanks(at + 1)

    def _parse(self, at: int) -> tuple[object, int]:
        try:
            return self._decoder.raw_decode(self._text, at)
        except RecursionError:
            line = self._text.count("\n", 0, at) + 1
            raise EvidenceError(self._source, f"line {line}", "nested too deeply") from None

    def _after_blanks(self, at: int) -> int:
        match = _BLANKS.match(self._text, at)
        return match.end() if match is not None else at

    def _error(self, error: json.JSONDecodeError) -> EvidenceError:
        place = f"line {error.lineno}, column {error.colno}"
        item = f"item {self._count + 1}"
        reason = f"not valid JSON in {item}: {_clause(error)}"
        if error.msg.startswith("Unterminated string") or not self._text[error.pos :].strip():
            reason = f"the file ends in or before {item}"
        return EvidenceError(self._source, place, reason)

    def _item(self, value: object) -> Iterator[Item]:
        self._count += 1
        self._locator = f"item {self._count}"
        self._skipped = []
        yield from as_items(self._value(value, 0), self._locator)
        yield from self._skipped

    def _value(self, value: object, depth: int) -> RawValue:
        if isinstance(value, str):
            return lost_type_name(value) or (_whole(value) if self._lone else value)
        if not isinstance(value, (dict, list)):
            return cast("bool | float | None", value)
        if depth >= NESTING_LIMIT:
            return Lost(why=f"nested deeper than {NESTING_LIMIT} levels")
        if isinstance(value, list):
            return tuple([self._value(element, depth + 1) for element in value])
        return self._object(value, depth + 1)

    def _object(self, value: dict[str, object], depth: int) -> RawValue:
        wrapped = _wrapped(value)
        if wrapped is not None:
            elements = tuple(self._value(element, depth) for element in wrapped[0])
            return Lost(why=wrapped[1], rest=elements) if wrapped[1] else elements
        properties: dict[str, RawValue] = {}
        for name, inner in value.items():
            properties[(_whole(name) if self._lone else name).lower()] = self._value(inner, depth)
        if len(properties) != len(value) or isinstance(value, _Repeated):
            why = "an object names a property twice; the last value is read"
            self._skipped.append(Skipped(locator=self._locator, why=why))
        return RawObject(properties=properties, locator=self._locator)


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    named = dict(pairs)
    return named if len(named) == len(pairs) else _Repeated(named)


def _wrapped(value: object) -> tuple[list[object], str] | None:
    """What ``{"value": [...], "Count": n}`` holds, and a word if that is not ``n`` elements.

    PowerShell 5.1 writes lists in this way when they came through the pipeline as one object.
    """
    if not isinstance(value, dict) or len(value) != 2:
        return None
    elements, count = value.get("value"), value.get("Count")
    if not isinstance(elements, list) or not isinstance(count, int):
        return None
    shortfall = "" if count == len(elements) else f"a list of {count} that holds {len(elements)}"
    return elements, shortfall


def _whole(text: str) -> str:
    """``text`` without halves of surrogate pairs, which no encoding can write."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= NUMBER_DIGITS_LIMIT else digits


def _clause(error: json.JSONDecodeError) -> str:
    return error.msg[:1].lower() + error.msg[1:]
