"""Observations that ``rctango probe --save`` wrote, read back for an audit."""

from __future__ import annotations

import json
import math
import types
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Union, get_args, get_origin, get_type_hints

from rctango.errors import EvidenceError
from rctango.model.probing import ProbeObservation

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA: Final = "rctango.probe/1"
LARGEST: Final = 64 << 20
"""Bytes of the largest file that is read."""

_HEAD = 200


class _WrongError(Exception):
    """A value that does not fit; ``path`` tells where it stands."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def is_saved(head: bytes) -> bool:
    """Whether a file begins like a saved probe."""
    return f'"{SCHEMA}"'.encode() in head[:_HEAD]


def read_saved(name: str, data: bytes) -> tuple[ProbeObservation, ...]:
    """The observations of a saved probe.

    Args:
        name: what to call the file in errors.
        data: its bytes.

    Raises:
        EvidenceError: it is no such document.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EvidenceError(name, "", f"no JSON document: {str(error)[:200]}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise EvidenceError(name, "schema", f"not {SCHEMA}")
    listed = document.get("observations")
    if not isinstance(listed, list):
        raise EvidenceError(name, "observations", "no list")
    try:
        return tuple(
            _record(ProbeObservation, one, f"observations[{at}]") for at, one in enumerate(listed)
        )
    except _WrongError as error:
        raise EvidenceError(name, error.path, error.reason) from error


_hints_of: dict[str, dict[str, Any]] = {}


def _hints(kind: type[Any]) -> dict[str, Any]:
    if kind.__name__ not in _hints_of:
        _hints_of[kind.__name__] = get_type_hints(kind, localns={"datetime": datetime})
    return _hints_of[kind.__name__]


def _record(kind: type[Any], value: object, path: str) -> Any:  # noqa: ANN401 - the kind asked for
    if not isinstance(value, dict):
        raise _WrongError(path, "no object")
    hints = _hints(kind)
    missing = [one.name for one in fields(kind) if one.name not in value]
    if missing:
        raise _WrongError(path, f"{missing[0]} is missing")
    return kind(
        **{
            one.name: _value(hints[one.name], value[one.name], f"{path}.{one.name}")
            for one in fields(kind)
        }
    )


def _value(hint: Any, value: object, path: str) -> Any:  # noqa: ANN401 - any type of the model
    if get_origin(hint) in {Union, types.UnionType}:
        if value is None:
            return None
        (hint,) = (one for one in get_args(hint) if one is not types.NoneType)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise _WrongError(path, "no list")
        return _items(get_args(hint)[0], value, path)
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(hint, value, path)
    return _plain(hint, value, path)


def _items(hint: Any, values: Sequence[object], path: str) -> tuple[Any, ...]:  # noqa: ANN401 - same
    return tuple(_value(hint, one, f"{path}[{at}]") for at, one in enumerate(values))


def _plain(hint: type[Any], value: object, path: str) -> Any:  # noqa: ANN401 - same
    if issubclass(hint, Enum) or hint is datetime:
        if not isinstance(value, str):
            raise _WrongError(path, "no text")
        try:
            return _time(value) if hint is datetime else hint(value)
        except (ValueError, OverflowError) as error:
            raise _WrongError(path, f"not known: {value[:100]!r}") from error
    if hint is float and type(value) in {int, float}:
        return _finite(value, path)
    if type(value) is not hint:
        raise _WrongError(path, f"no {hint.__name__}")
    return value


def _finite(value: Any, path: str) -> float:  # noqa: ANN401 - an int or a float
    try:
        found = float(value)
    except OverflowError as error:
        raise _WrongError(path, "too large") from error
    if not math.isfinite(found):
        raise _WrongError(path, "no number")
    return found


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if not 1970 <= moment.year <= 9000:
        raise ValueError("no time at which a probe ran")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
