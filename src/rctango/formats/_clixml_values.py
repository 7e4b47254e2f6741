"""CLIXML elements to values. Only ``clixml`` uses this; it hands in lxml's elements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rctango.formats._limits import (
    HELD_VALUES_LIMIT,
    NESTING_LIMIT,
    NUMBER_DIGITS_LIMIT,
    OBJECT_VALUES_LIMIT,
    REFERENCES_LIMIT,
)
from rctango.formats.raw import Lost, RawObject, RawValue, Skipped, lost_type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml.etree import _Element as Element

LISTS = ("LST", "IE", "STK", "QUE")
_PARTS = ("TN", "TNRef", "ToString", "Props", "MS", "DCT", *LISTS)
_OTHERS = ("Obj", "Ref", "T", "En")

_ESCAPES = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_TRUTH = {"true": True, "false": False}


def _text(text: str) -> str:
    """The text behind ``_xHHHH_``, which stands for one UTF-16 code unit."""
    return _ESCAPES.sub(_unescape, text) if "_x" in text else text


def _unescape(match: re.Match[str]) -> str:
    units = bytes.fromhex("".join(match[0].replace("_x", "").split("_")))
    return units.decode("utf-16-be", "replace")


def _string(text: str) -> RawValue:
    plain = _text(text)
    return lost_type_name(plain) or plain


def _integer(text: str) -> RawValue:
    if len(text) <= NUMBER_DIGITS_LIMIT and _INTEGER.fullmatch(text):
        return int(text)
    return text


def _float(text: str) -> RawValue:
    try:
        return float(text)
    except ValueError:
        return text


def _truth(text: str) -> RawValue:
    return _TRUTH.get(text.strip().lower(), text)


def _character(text: str) -> RawValue:
    number = _integer(text)
    if isinstance(number, int) and 0 <= number < 0xD800:
        return chr(number)
    return text


def _null(_: str) -> RawValue:
    return None


def _bytes(_: str) -> RawValue:
    return Lost(why="binary data, which is not read")


def _secret(_: str) -> RawValue:
    return Lost(why="an encrypted text")


_SCALARS: dict[str, Callable[[str], RawValue]] = {
    "S": _string,
    "Nil": _null,
    "B": _truth,
    "C": _character,
    "BA": _bytes,
    "SS": _secret,
    **dict.fromkeys(("By", "SB", "I16", "U16", "I32", "U32", "I64", "U64"), _integer),
    **dict.fromkeys(("Sg", "Db", "D"), _float),
    **dict.fromkeys(("DT", "TS", "G", "URI", "Version", "SBK", "XD"), _text),
}
"""One reader for each kind of plain value."""


class Converter:
    """Converts one top-level element after another; remembers what later ones refer to."""

    def __init__(self, awaited: Mapping[str, int]) -> None:
        self._awaited = dict(awaited)
        self._held: dict[str, tuple[RawValue, int]] = {}
        self._held_size = 0
        self._open: set[str] = set()
        self._types: dict[str, tuple[str, ...]] = {}
        self._names: dict[object, str] = {}
        self._scalars: dict[object, Callable[[str], RawValue]] = {}
        self._locator = ""
        self._size = 0
        self._skipped: list[Skipped] = []

    def use_namespace(self, prefix: str) -> None:
        """Know elements by ``prefix``, which is the namespace of the root in braces or empty."""
        self._names = {prefix + name: name for name in (*_SCALARS, *_PARTS, *_OTHERS)}
        self._scalars = {prefix + name: read for name, read in _SCALARS.items()}

    def name(self, element: Element) -> str | None:
        """The local name of ``element`` if CLIXML knows it."""
        return self._names.get(element.tag)

    def is_awaited(self, element: Element) -> bool:
        """Whether a ``Ref`` still to come refers to ``element``."""
        identity = element.get("RefId")
        return identity is not None and identity in self._awaited

    def learn_types(self, element: Element) -> None:
        """Remember the type names of an object of which only the elements are converted."""
        for child in element:
            if self.name(child) == "TN":
                self._type_names(child)

    def convert(self, element: Element, locator: str) -> tuple[RawValue, list[Skipped]]:
        """One top-level value, and what inside it could not be decoded."""
        self._locator = locator
        self._size = 0
        self._skipped = []
        self._open.clear()
        return self._value(element, 0), self._skipped

    def _value(self, element: Element, depth: int) -> RawValue:
        self._size += 1
        read = self._scalars.get(element.tag)
        if read is not None:
            if len(element):
                return Lost(why=f"a malformed <{self.name(element)}> element")
            return read(element.text or "")
        name = self.name(element)
        if name == "Ref":
            return self._referred(element.get("RefId"))
        if name != "Obj":
            return Lost(why=f"an unknown element <{str(element.tag)[-40:]}>")
        if depth >= NESTING_LIMIT:
            return Lost(why=f"nested deeper than {NESTING_LIMIT} levels")
        return self._object(element, depth)

    def _object(self, element: Element, depth: int) -> RawValue:
        identity = element.get("RefId")
        if identity is None or identity not in self._awaited:
            return self._build(element, depth)
        before = self._size - 1
        self._open.add(identity)
        value = self._build(element, depth)
        self._open.discard(identity)
        self._hold(identity, value, self._size - before)
        return value

    def _hold(self, identity: str, value: RawValue, size: int) -> None:
        if self._held_size + size > HELD_VALUES_LIMIT:
            value = Lost(why="it refers to an earlier object, and too many of these are awaited")
            size = 1
        self._release(identity)
        self._held[identity] = (value, size)
        self._held_size += size

    def _release(self, identity: str) -> None:
        self._held_size -= self._held.pop(identity, (None, 0))[1]

    def _referred(self, identity: str | None) -> RawValue:
        if identity is None or identity not in self._held:
            contained = identity in self._open
            what = "an object that contains it" if contained else "an object that is not there"
            return Lost(why=f"it refers to {what} (RefId {str(identity)[:20]})")
        value, size = self._held[identity]
        self._awaited[identity] -= 1
        if self._awaited[identity] <= 0:
            del self._awaited[identity]
            self._release(identity)
        if self._size + size > OBJECT_VALUES_LIMIT:
            return Lost(why="references make the object larger than is read")
        self._size += size
        return value

    def _build(self, element: Element, depth: int) -> RawValue:
        parts = self._parts(element)
        types = self._types_of(parts)
        for name in LISTS:
            if name in parts:
                return tuple(self._value(child, depth + 1) for child in parts[name])
        text = _text(parts["ToString"].text or "") if "ToString" in parts else None
        properties = self._properties(parts, depth)
        if "value" in parts:
            value = self._value(parts["value"], depth + 1)
            properties["value__"] = value
            text = value if text is None and isinstance(value, str) else text
        lost = lost_type_name(text) if text is not None and not properties else None
        return lost or RawObject(
            types=types, text=text, properties=properties, locator=self._locator
        )

    def _properties(self, parts: Mapping[str, Element], depth: int) -> dict[str, RawValue]:
        properties: dict[str, RawValue] = {}
        if "DCT" in parts:
            properties.update(self._entries(parts["DCT"], depth))
        for name in ("MS", "Props"):
            if name in parts:
                properties.update(self._members(parts[name], depth))
        return properties

    def _parts(self, element: Element) -> dict[str, Element]:
        parts: dict[str, Element] = {}
        for child in element:
            name = self._names.get(child.tag, "")
            key = name if name in _PARTS else "value"
            if not name or key in parts:
                self._skip(f"an unexpected element <{str(child.tag)[-40:]}>")
            else:
                parts[key] = child
        return parts

    def _types_of(self, parts: Mapping[str, Element]) -> tuple[str, ...]:
        if "TN" in parts:
            return self._type_names(parts["TN"])
        if "TNRef" not in parts:
            return ()
        identity = parts["TNRef"].get("RefId")
        if identity is None or identity not in self._types:
            self._skip(f"type names that are not there (RefId {str(identity)[:20]})")
            return ()
        return self._types[identity]

    def _type_names(self, element: Element) -> tuple[str, ...]:
        names = tuple(_text(child.text or "").removeprefix("Deserialized.") for child in element)
        identity = element.get("RefId")
        if identity is not None and len(self._types) < REFERENCES_LIMIT:
            self._types[identity] = names
        return names

    def _members(self, element: Element, depth: int) -> dict[str, RawValue]:
        members: dict[str, RawValue] = {}
        for child in element:
            if self._names.get(child.tag) == "BA":
                continue
            name = child.get("N")
            self._add(members, name and _text(name).lower(), self._value(child, depth + 1))
        return members

    def _entries(self, element: Element, depth: int) -> dict[str, RawValue]:
        entries: dict[str, RawValue] = {}
        for entry in element:
            pair = {child.get("N"): self._value(child, depth + 1) for child in entry}
            key = pair.get("Key")
            name = key.lower() if isinstance(key, str) else None
            self._add(entries, name, pair.get("Value"))
        return entries

    def _add(self, members: dict[str, RawValue], name: str | None, value: RawValue) -> None:
        if name is None:
            self._skip("a value without a name")
        elif name in members:
            self._skip(f"a second value called {name[:60]!r}")
        else:
            members[name] = value

    def _skip(self, what: str) -> None:
        self._skipped.append(Skipped(locator=self._locator, why=what))
