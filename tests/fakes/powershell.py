"""A small serializer of PowerShell objects: what the readers under test must read back.

``PSObject``, ``PSEnum``, ``PSList`` and ``PSNumber`` stand for the values, next to plain str,
bool, int, float, bytes, UUID, datetime, timedelta and None. The writers print them as Windows
PowerShell 5.1 and PowerShell 7 do: ``clixml`` (bytes; ``clixml_chunks`` for big files),
``json_text``, ``csv_text`` and ``format_list`` (str; ``encoded`` makes bytes of them).
"""

from fakes.ps_clixml import clixml, clixml_chunks, encoded
from fakes.ps_json import json_text
from fakes.ps_text import csv_text, format_list
from fakes.ps_types import PSEnum, PSList, PSNumber, PSObject, deserialize, text_of

__all__ = [
    "PSEnum",
    "PSList",
    "PSNumber",
    "PSObject",
    "clixml",
    "clixml_chunks",
    "csv_text",
    "deserialize",
    "encoded",
    "format_list",
    "json_text",
    "text_of",
]
