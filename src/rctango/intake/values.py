"""From decoded values to Python ones: texts, numbers, flags and lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rctango.formats.raw import Lost, RawObject
from rctango.model.connector import Unlimited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rctango.formats.raw import RawValue

_TEXT_PROPERTIES = (
    "expression",
    "ipaddresstostring",
    "rawidentity",
    "address",
    "domain",
    "distinguishedname",
    "name",
    "value",
)
_MOST_FLAG_BITS = 64


def text_of(value: RawValue) -> str | None:
    """The text of a scalar or of an object; None when there is none."""
    if isinstance(value, RawObject):
        return _text_of_object(value)
    if value is None or isinstance(value, (Lost, tuple)):
        return None
    return str(value)


def _text_of_object(value: RawObject) -> str | None:
    if value.text is not None:
        return value.text
    low, high = value.get("LowerBound"), value.get("UpperBound")
    expression = value.get("Expression")
    if not isinstance(expression, str) and low is not None and high is not None:
        return f"{text_of(low)}-{text_of(high)}"
    port = value.get("Port")
    if port is not None and value.get("Address") is not None:
        address = text_of(value.get("Address")) or ""
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    for name in _TEXT_PROPERTIES:
        text = value.properties.get(name)
        if isinstance(text, str) and text:
            return text
    return None


def is_blank(value: RawValue) -> bool:
    """Whether there is no value: null, which CSV and Format-List show as an empty text."""
    return value is None or (isinstance(value, str) and not value.strip())


def bool_of(value: RawValue) -> bool | None:
    """True or False, also from text; None when it is neither."""
    if isinstance(value, bool):
        return value
    text = (text_of(value) or "").strip().casefold()
    return {"true": True, "$true": True, "false": False, "$false": False}.get(text)


def int_of(value: RawValue) -> int | None:
    """A whole number, also from text; None when it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = (text_of(value) or "").strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def limit_of(value: RawValue) -> int | Unlimited | None:
    """A limit that may be off, as ``Unlimited<int>`` prints it; None when it is neither."""
    if isinstance(value, RawObject) and value.text is None:
        if bool_of(value.get("IsUnlimited")):
            return Unlimited.UNLIMITED
        value = value.get("Value")
    if (text_of(value) or "").strip().casefold() == "unlimited":
        return Unlimited.UNLIMITED
    number = int_of(value)
    return number if number is not None and number >= 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsText:
    """A flags value as read.

    Attributes:
        value: the sum of the known flags.
        unknown: the words or bits that stand for no known flag.
    """

    value: int
    unknown: tuple[str, ...]


def flags_of(value: RawValue, names: Mapping[str, int]) -> FlagsText | None:
    """A .NET flags value from its text, its number or both; None when there is none.

    Args:
        value: the decoded value.
        names: the bits by lower-case flag name.
    """
    known = 0
    for bit in names.values():
        known |= bit
    number = _flag_number(value)
    if number is not None:
        rest = number & ~known
        bits = tuple(str(1 << at) for at in range(_MOST_FLAG_BITS) if rest >> at & 1)
        return FlagsText(value=number & known, unknown=bits)
    words = _flag_words(value)
    if words is None:
        return None
    result = 0
    for word in words:
        result |= names.get(word.casefold(), 0)
    unknown = tuple(word for word in words if word.casefold() not in names)
    return FlagsText(value=result, unknown=unknown)


def _flag_number(value: RawValue) -> int | None:
    if isinstance(value, RawObject) and value.text is None:
        return int_of(value.get("value__") or value.get("value"))
    if isinstance(value, (RawObject, tuple, Lost)):
        return None
    number = int_of(value)
    return number if number is not None and number >= 0 else None


def _flag_words(value: RawValue) -> list[str] | None:
    texts = (
        [text_of(item) or "" for item in value] if isinstance(value, tuple) else [text_of(value)]
    )
    joined = ",".join(text for text in texts if text)
    words = [word for word in re.split(r"[,;|\s{}]+", joined) if word]
    return words or None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListText:
    """A multivalued property as texts.

    Attributes:
        items: the texts of its elements.
        lost: why elements are missing; None when all are there.
    """

    items: tuple[str, ...]
    lost: str | None = None


def list_of(value: RawValue, *, separators: str = r"[,;|\s]+") -> ListText | None:
    """The elements of a multivalued property; None when it is absent or null.

    Args:
        value: the decoded value; a single text is taken for joined elements.
        separators: a pattern for what joins elements in one text.
    """
    if value is None:
        return None
    if isinstance(value, Lost):
        rest = list_of(value.rest, separators=separators) if value.rest else None
        return ListText(items=rest.items if rest else (), lost=value.why)
    if isinstance(value, tuple):
        return _elements(value)
    text = text_of(value)
    if text is None:
        return ListText(items=(), lost="the value is of a form that cannot be read")
    tidy = re.sub(r"[ \t]*-[ \t]*", "-", text).strip().strip("{}")
    parts = [part.strip().strip("'\"") for part in re.split(separators, tidy)]
    return ListText(items=tuple(part for part in parts if part))


def _elements(value: tuple[RawValue, ...]) -> ListText:
    items: list[str] = []
    lost: str | None = None
    for element in value:
        text = text_of(element)
        if isinstance(element, Lost):
            lost = element.why
        elif text is None:
            lost = lost or "an element is of a form that cannot be read"
        elif text.strip():
            items.append(text.strip())
    return ListText(items=tuple(items), lost=lost)


_JSON_DATE = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/")


def datetime_of(value: RawValue) -> datetime | None:
    """A point in time from ISO or PowerShell 5.1 JSON text; None when there is none.

    A time without an offset is taken as UTC; texts in a regional format are left alone, because
    day and month cannot be told apart.
    """
    if isinstance(value, RawObject) and value.text is None:
        value = value.get("value") or value.get("DateTime")
    text = (text_of(value) or "").strip()
    match = _JSON_DATE.fullmatch(text)
    try:
        if match:
            return datetime.fromtimestamp(int(match[1]) / 1000, UTC)
        result = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return result if result.tzinfo else result.replace(tzinfo=UTC)
