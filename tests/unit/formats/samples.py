"""Small exports of an invented organisation, and ways to decode them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rctango.errors import EvidenceError
from rctango.formats.decode import decode
from rctango.formats.raw import RawObject, Skipped
from rctango.model.origin import Artifact

if TYPE_CHECKING:
    from rctango.formats.decode import Decoded

NAMESPACE = "http://schemas.microsoft.com/powershell/2004/04"

CLIXML = f"""<Objs Version="1.1.0.1" xmlns="{NAMESPACE}">
  <Obj RefId="0">
    <TN RefId="0">
      <T>Deserialized.Microsoft.Exchange.Data.ReceiveConnector</T>
      <T>Deserialized.System.Object</T>
    </TN>
    <ToString>EX1\\Relay für Geräte</ToString>
    <Props>
      <S N="Name">Relay für Geräte</S>
      <B N="Enabled">true</B>
      <Nil N="Banner" />
      <I32 N="MaxHopCount">60</I32>
      <Obj N="Bindings" RefId="1">
        <TN RefId="1"><T>System.Collections.ArrayList</T></TN>
        <LST><S>0.0.0.0:25</S><S>[::]:25</S></LST>
      </Obj>
      <Obj N="Server" RefId="2"><ToString>EX1</ToString><Props><S N="Name">EX1</S></Props></Obj>
    </Props>
  </Obj>
  <Obj RefId="3">
    <TNRef RefId="0" />
    <Props><S N="Name">Default EX1</S><Ref N="Server" RefId="2" /></Props>
  </Obj>
</Objs>"""

JSON = """[
    {
        "Name":  "Relay für Geräte",
        "Enabled":  true,
        "RemoteIPRanges":  [ "10.0.0.1", "10.0.0.2-10.0.0.9" ],
        "MaxMessageSize":  {"IsUnlimited":  false, "Value":  "36 MB"}
    },
    {
        "Name":  "Default EX1", "Banner":  null, "MaxHopCount":  60
    }
]"""

CSV = '''#TYPE Selected.Microsoft.Exchange.Data.ReceiveConnector\r
"Name","RemoteIPRanges","Enabled"\r
"Relay für Geräte","10.0.0.1,10.0.0.2","True"\r
"Default ""EX1""","0.0.0.0-255.255.255.255","True"\r
'''

LISTING = """
[PS] C:\\>Get-ReceiveConnector | fl Name,Bindings,RemoteIPRanges


Name           : Relay für Geräte
Bindings       : {0.0.0.0:25, [::]:25}
RemoteIPRanges : {10.0.0.1, 10.0.0.2,
                 10.0.0.3}

Name           : Default EX1
Bindings       : {0.0.0.0:2525}
RemoteIPRanges : {0.0.0.0-255.255.255.255...}

[PS] C:\\>Get-ADPermission "Relay" | ft User,ExtendedRights

User                         ExtendedRights
----                         --------------
NT AUTHORITY\\ANONYMOUS LOGON {ms-Exch-SMTP-Submit}
"""

SAMPLES = {"CLIXML": CLIXML, "JSON": JSON, "CSV": CSV, "Format-List": LISTING}


class _Dribble(io.BytesIO):
    """A stream that returns a few bytes at a time, like a slow pipe."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self._step = step

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._step if size is None or size < 0 else min(size, self._step)
        return super().read(wanted)


def artifact_of(data: bytes, *, step: int | None = None) -> Artifact:
    """Evidence that holds ``data``."""

    def opener() -> io.BytesIO:
        return io.BytesIO(data) if step is None else _Dribble(data, step)

    return Artifact(name="sample", size=len(data), open=opener)


def decoded(data: str | bytes) -> Decoded:
    return decode(artifact_of(data.encode() if isinstance(data, str) else data))


def items(data: str | bytes) -> list[RawObject | Skipped]:
    return list(decoded(data).items)


def objects(data: str | bytes) -> list[RawObject]:
    """The objects in ``data``, in which nothing may be undecodable."""
    found = items(data)
    assert not [item for item in found if isinstance(item, Skipped)]
    return [item for item in found if isinstance(item, RawObject)]


def only(data: str | bytes) -> RawObject:
    (one,) = objects(data)
    return one


def outcome(artifact: Artifact) -> tuple[list[RawObject | Skipped], str | None]:
    """What is decoded, and the error that ended it, if any, as text."""
    found: list[RawObject | Skipped] = []
    try:
        for item in decode(artifact).items:
            found.append(item)  # noqa: PERF402 - what came before an error counts
    except EvidenceError as error:
        return found, f"{error.locator}: {error.reason}"
    return found, None


def broken(data: str | bytes) -> tuple[list[RawObject | Skipped], str]:
    """What comes before the error in ``data``, and that error."""
    found, error = outcome(artifact_of(data.encode() if isinstance(data, str) else data))
    assert error is not None
    return found, error
