"""How much of anything the decoders accept, so that no input can exhaust memory or stack."""

from __future__ import annotations

NESTING_LIMIT = 64
"""PowerShell remoting stops at 48 levels; more is hostile, and recursion has to end somewhere."""

TEXT_LIMIT = 1 << 30
"""JSON and CSV are held in memory as a whole; an export of a gibibyte is past any real one."""

LISTING_LIMIT = 1 << 26
"""Format-List is for people to read; no one reads a listing of 64 million characters."""

LISTING_LINES_LIMIT = 1 << 21
"""Its lines are held one by one, which costs far more; a connector has about seventy."""

OBJECT_BYTES_LIMIT = 1 << 26
"""The CLIXML of one object is held as a tree; the largest known connectors take a few megabytes."""

OBJECT_VALUES_LIMIT = 1_000_000
"""References let a short file describe an endless object; counted with all that is referred to."""

HELD_VALUES_LIMIT = 4_000_000
"""Objects that are referred to later are kept until then; beyond this many values they are not."""

REFERENCES_LIMIT = 1_000_000
"""So many different objects that are referred to, and so many lists of type names, are kept."""

NUMBER_DIGITS_LIMIT = 40
"""Longer digit strings stay text: no 128-bit number needs more, and converting them is slow."""

HEAD_BYTES = 1 << 16
"""What a file is, shows at its beginning."""
