"""PowerShell objects as plain values, before any export format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PSObject:
    """An object: its type names, its ToString text, its own properties and the added ones.

    Two references to one PSObject in an export become a ``Ref``, as in PowerShell.
    """

    types: tuple[str, ...]
    text: str | None
    properties: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PSEnum:
    """An enum value: its type, its text and its number."""

    type: str
    text: str
    value: int

    @property
    def types(self) -> tuple[str, ...]:
        return (self.type, "System.Enum", "System.ValueType", "System.Object")


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class PSList:
    """A collection; ``bases`` overrules the base types guessed from its type."""

    type: str
    items: tuple[Any, ...] = ()
    bases: tuple[str, ...] | None = None

    @property
    def types(self) -> tuple[str, ...]:
        if self.bases is not None:
            return (self.type, *self.bases)
        array = self.type.endswith("[]")
        base = "System.Array" if array else "Microsoft.Exchange.Data.MultiValuedPropertyBase"
        return (self.type, base, "System.Object")

    @property
    def text(self) -> str:
        """The ToString text of the collection itself, as Export-Csv prints it."""
        if "[[" not in self.type:
            return self.type
        generic, _, argument = self.type.partition("[[")
        return f"{generic}[{argument.partition(',')[0]}]"


@dataclass(frozen=True, slots=True)
class PSNumber:
    """A number of a certain width; ``tag`` is its CLIXML element: By, U16, U32, U64, I64..."""

    tag: str
    value: int


def text_of(value: Any) -> str | None:
    """What ``[string]$value`` prints; collections are joined by blanks."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, PSList):
        return " ".join(text_of(item) or "" for item in value.items)
    if isinstance(value, PSObject):
        return value.types[0] if value.text is None else value.text
    if isinstance(value, PSEnum):
        return value.text
    return str(value.value if isinstance(value, PSNumber) else value)


def deserialize(objects: Iterable[PSObject]) -> tuple[PSObject, ...]:
    """The objects as they arrive through remoting where their types are not installed."""
    return tuple(
        PSObject(
            _prefixed(thing.types),
            thing.text,
            {name: _flattened(value) for name, value in thing.properties.items()},
            {name: _flattened(value) for name, value in thing.extra.items()},
        )
        for thing in objects
    )


def _prefixed(types: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"Deserialized.{name}" for name in types)


def _flattened(value: Any) -> Any:
    if isinstance(value, PSList):
        first, *bases = _prefixed(value.types)
        return PSList(first, tuple(_flattened(item) for item in value.items), tuple(bases))
    return text_of(value) if isinstance(value, (PSObject, PSEnum)) else value
