"""Model values as records for programs: keys are the names of the attributes.

Times are ISO 8601 in UTC with ``Z``, dates ISO 8601; enumerations are their values, addresses
their text. What was not collected is null, an empty list means none.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import TypeAlias

from rctango.addresses import Address

Record: TypeAlias = "dict[str, Record] | list[Record] | str | int | float | bool | None"


def to_record(value: object) -> Record:
    """A model value as dictionaries, lists and plain values.

    Raises:
        TypeError: there is no rule for a value of this type.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return to_record(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return _composed(value)


def _composed(value: object) -> Record:
    if isinstance(value, Address):
        return str(value)
    if isinstance(value, tuple | list):
        return [to_record(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_record(getattr(value, one.name)) for one in fields(value)}
    raise TypeError(f"no record for {type(value).__name__}")


def time_text(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and ``Z``; a time without zone is in UTC."""
    zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return zoned.isoformat(timespec="milliseconds").replace("+00:00", "Z")
