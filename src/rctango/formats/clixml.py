"""CLIXML, which ``Export-Clixml`` and PowerShell remoting write, read as a stream.

lxml builds one top-level object at a time; it is converted, handed out and freed, so that memory
does not grow with the file. The elements of a top-level list are treated the same way. ``Ref``
points back to an object that was written earlier; a first pass counts these, so that only objects
still to be referred to are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from lxml import etree

from rctango.errors import EvidenceError
from rctango.formats._clixml_values import LISTS, Converter
from rctango.formats._items import as_items
from rctango.formats._limits import OBJECT_BYTES_LIMIT, REFERENCES_LIMIT
from rctango.formats.text import FALLBACK, FALLBACK_NOTE, Encoding, is_utf8, utf8_chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rctango.formats._items import Item
    from rctango.model.origin import Artifact

    Element = etree._Element  # noqa: SLF001 - the name lxml gives the type

_CHUNK = 1 << 16
"""Bytes handed to the XML parser at once; larger pieces gain nothing."""

_REMOTING_MARK = b"#< CLIXML"
"""PowerShell puts this line before CLIXML on its standard error stream."""

_REF = re.compile(rb"""Ref(?<=[<:]Ref)\s[^<>]{0,4000}?RefId\s*=\s*["'](\d{1,18})["']""")
_REF_REACH = 5000
"""The longest ``Ref`` element that the first pass finds across the border of two pieces."""


def read_clixml(artifact: Artifact, encoding: Encoding) -> tuple[tuple[str, ...], Iterator[Item]]:
    """Notes on the encoding, and the objects of ``artifact``, which holds CLIXML.

    Raises:
        EvidenceError: at once if the artifact cannot be read, and from the iterator where the
            XML breaks off.
    """
    notes: tuple[str, ...] = ()
    if not encoding.certain and not is_utf8(_chunks(artifact, encoding)):
        encoding = Encoding(codec=FALLBACK)
        notes = (FALLBACK_NOTE,)
    awaited = count_references(_chunks(artifact, encoding))
    return notes, _Stream(artifact, awaited).items(_chunks(artifact, encoding))


def _chunks(artifact: Artifact, encoding: Encoding) -> Iterator[bytes]:
    try:
        with artifact.open() as stream:
            yield from utf8_chunks(stream, encoding, _CHUNK)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise EvidenceError(artifact.name, "", reason) from error


def count_references(chunks: Iterable[bytes]) -> Counter[str]:
    """How often each ``RefId`` is referred to by a ``Ref``."""
    counts: Counter[str] = Counter()
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        end = 0
        for match in _REF.finditer(data):
            identity = match[1].decode("ascii")
            if identity in counts or len(counts) < REFERENCES_LIMIT:
                counts[identity] += 1
            end = match.end()
        rest = data[max(end, len(data) - _REF_REACH) :]
    return counts


class _Stream:
    """The walk over the top-level objects of one artifact."""

    def __init__(self, artifact: Artifact, awaited: Mapping[str, int]) -> None:
        self._source = artifact.name
        self._converter = Converter(awaited)
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
        )
        self._root: Element | None = None
        self._closed = False
        self._object = 1
        self._element = 0
        self._fed = 0

    def items(self, chunks: Iterable[bytes]) -> Iterator[Item]:
        for chunk in _without_mark(chunks):
            broken = self._feed(chunk)
            yield from self._completed()
            if broken is not None:
                raise self._error(broken)
            if self._fed > OBJECT_BYTES_LIMIT:
                reason = f"one object takes more than {OBJECT_BYTES_LIMIT >> 20} MiB"
                raise EvidenceError(self._source, self._place(), reason)
        broken = self._feed(None)
        yield from self._completed()
        if broken is not None:
            raise self._error(broken)

    def _feed(self, chunk: bytes | None) -> etree.XMLSyntaxError | None:
        """Parse a piece, or None for the end; what was completed before an error is kept."""
        try:
            if chunk is None:
                self._parser.close()
            else:
                self._fed += len(chunk)
                self._parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            return error
        return None

    def _completed(self) -> Iterator[Item]:
        for event, element in self._parser.read_events():
            if event == "start":
                if self._root is None:
                    self._begin(element)
                continue
            parent = element.getparent()
            if parent is self._root:
                yield from self._top_level(element)
                self._object += 1
                self._element = 0
                self._free(element)
            elif parent is None:
                self._closed = True
            elif self._is_streamed(parent):
                self._element += 1
                yield from self._list_element(parent, element)
                self._free(element)

    def _begin(self, root: Element) -> None:
        prefix, brace, name = str(root.tag).rpartition("}")
        if name != "Objs" or root.getroottree().docinfo.internalDTD is not None:
            raise EvidenceError(self._source, "", f"XML of another kind (<{name[:80]}>)")
        self._root = root
        self._converter.use_namespace(prefix + brace)

    def _free(self, element: Element) -> None:
        self._fed = 0
        parent = element.getparent()
        element.clear()
        while parent is not None and parent[0] is not element:
            del parent[0]

    def _is_streamed(self, parent: Element) -> bool:
        """Whether ``parent`` is the list inside a top-level object nobody refers to."""
        holder = parent.getparent()
        return (
            holder is not None
            and holder.getparent() is self._root
            and self._converter.name(parent) in LISTS
            and not self._converter.is_awaited(holder)
        )

    def _list_element(self, parent: Element, element: Element) -> Iterator[Item]:
        holder = parent.getparent()
        if self._element == 1 and holder is not None:
            self._converter.learn_types(holder)
        yield from self._convert(element, f"object {self._object}[{self._element}]")

    def _top_level(self, element: Element) -> Iterator[Item]:
        if not self._element:
            yield from self._convert(element, self._place())

    def _convert(self, element: Element, locator: str) -> Iterator[Item]:
        value, skipped = self._converter.convert(element, locator)
        yield from as_items(value, locator)
        yield from skipped

    def _place(self) -> str:
        return f"object {self._object}"

    def _error(self, error: etree.XMLSyntaxError) -> EvidenceError:
        line, column = error.position
        place = f"line {line}, column {column}" if line else self._place()
        if self._closed:
            return EvidenceError(self._source, place, "more text follows after </Objs>")
        if not self._root_seen():
            return EvidenceError(self._source, place, "broken XML before the first object")
        message = re.split(r",? (?:try|use) XML_PARSE|, line \d", str(error.msg))[0].strip()
        reason = f"broken XML in or before {self._place()}"
        if line:
            reason += f": {message[:200]}"
        if message.startswith("Premature end"):
            reason = f"the file ends in or before {self._place()}"
        return EvidenceError(self._source, place, reason)

    def _root_seen(self) -> bool:
        return self._root is not None


def _without_mark(chunks: Iterable[bytes]) -> Iterator[bytes]:
    start = b""
    waiting = True
    for chunk in chunks:
        if not waiting:
            yield chunk
            continue
        start += chunk
        if len(start) > len(_REMOTING_MARK):
            waiting = False
            yield start.removeprefix(_REMOTING_MARK).lstrip()
    if waiting:
        yield start
