"""JSON schemas of the documents of ``rctango logs`` and ``rctango probe``, from their types.

A key's type is the attribute's, its description is what the docstring says about it.
"""

from __future__ import annotations

import inspect
import json
import re
import types
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from rctango.addresses import Address
from rctango.model import (
    finding,
    judgement,
    log_coverage,
    log_reading,
    observation,
    probe_check,
    probe_plan,
    probing,
    proposal,
    replay,
)
from rctango.report import log_documents, probe_documents

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MODULES = (
    finding, judgement, log_coverage, log_reading, observation, probe_check, probe_plan, probing,
    proposal, replay,
)  # fmt: skip
_NAMES: dict[str, Any] = {"Address": Address, "date": date, "datetime": datetime}
Report = type[log_documents.LogReport | probe_documents.ProbeReport | probe_documents.PlanReport]
for _module in (*_MODULES, log_documents, probe_documents):
    _NAMES |= {name: value for name, value in vars(_module).items() if isinstance(value, type)}
_PLAIN: dict[type, dict[str, object]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Address: {"type": "string", "description": "An IPv4 or IPv6 address."},
}


def schema_of(report: Report) -> str:
    """The JSON schema of one document, as text."""
    definitions: dict[str, object] = {}
    body = _object(report, definitions)
    properties = {"schema": {"const": report.schema}, **body.pop("properties")}
    document = {
        "$schema": _DIALECT,
        "title": report.schema,
        "description": _summary(report),
        **body,
        "properties": properties,
        "required": ["schema", *body["required"]],
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(document, indent=2) + "\n"


def file_name(report: Report) -> str:
    """The name of the schema's file, such as ``rctango.logs-usage-1.json``."""
    return report.schema.replace("/", "-") + ".json"


def _object(kind: type[Any], definitions: dict[str, object]) -> dict[str, Any]:
    hints = get_type_hints(kind, localns=_NAMES)
    told = _attributes(kind)
    properties: dict[str, object] = {}
    for one in fields(kind):
        schema = _type(hints[one.name], definitions)
        text = told.get(one.name)
        properties[one.name] = {"description": text, **schema} if text else schema
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _type(hint: Any, definitions: dict[str, object]) -> dict[str, object]:  # noqa: ANN401 - any type
    if get_origin(hint) in {Union, types.UnionType}:
        return _optional(get_args(hint), definitions)
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], definitions)}
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if issubclass(hint, Enum):
        return {"enum": [one.value for one in hint]}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}
        definitions[hint.__name__] = {
            "description": _summary(hint),
            **_object(hint, definitions),
        }
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _optional(kinds: tuple[Any, ...], definitions: dict[str, object]) -> dict[str, object]:
    (kind,) = (one for one in kinds if one is not types.NoneType)
    schema = _type(kind, definitions)
    if set(schema) <= {"type", "format"}:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _summary(kind: type[Any]) -> str:
    text = inspect.getdoc(kind) or ""
    return _clean(text.split("\n\n")[0])


def _attributes(kind: type[Any]) -> dict[str, str]:
    """What the docstring's ``Attributes`` say, by name; several names may share one text."""
    text = inspect.getdoc(kind) or ""
    _, _, part = text.partition("Attributes:\n")
    told: dict[str, str] = {}
    for entry in re.split(r"\n(?=    \w)", part.split("\n\n")[0]):
        names, _, words = entry.strip().partition(": ")
        told |= {name.strip(): _clean(words) for name in names.split(",")}
    return told


def _clean(text: str) -> str:
    return " ".join(text.replace("``", "`").split())
