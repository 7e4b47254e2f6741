"""A local address and port that a connector listens on."""

from __future__ import annotations

from dataclasses import dataclass

from rctango.addresses._address import Address, Family, read_address, refuse_overlong
from rctango.errors import AddressError


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Binding:
    """One entry of a receive connector's ``Bindings``.

    Source: https://learn.microsoft.com/powershell/module/exchangepowershell/set-receiveconnector
    (parameter Bindings).

    Attributes:
        address: the local address; ``0.0.0.0`` or ``::`` stands for every address of its family.
        port: the TCP port, 0 to 65535.
    """

    address: Address
    port: int

    @classmethod
    def parse(cls, text: str) -> Binding:
        """Read ``10.0.0.5:25``, ``[::]:25``, ``:::25`` or ``:25``; one ``:`` at the end is ignored.

        Raises:
            AddressError: the text is no binding.
        """
        refuse_overlong(text)
        cleaned = text.strip()
        if not cleaned.endswith("]:"):
            cleaned = cleaned.removesuffix(":")
        host, colon, port = cleaned.rpartition(":")
        if not colon:
            raise AddressError(text, "a binding is an address and a port with ':' between them")
        if not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
            raise AddressError(text, f"{port!r} is not a port")
        try:
            address = read_address(host or "0.0.0.0", [])  # noqa: S104 - a value, not a socket
        except AddressError as error:
            raise AddressError(text, error.reason) from None
        return cls(address=address, port=int(port))

    @property
    def family(self) -> Family:
        """The family of the local address; ranges of the other family play no part here."""
        return self.address.family

    @property
    def is_wildcard(self) -> bool:
        """Whether it is bound to every local address of its family."""
        return self.address.is_unspecified

    def clashes_with(self, other: Binding) -> bool:
        """Whether both could claim one local endpoint: same family and port, equal or wildcard."""
        return (
            self.port == other.port
            and self.family == other.family
            and (self.address == other.address or self.is_wildcard or other.is_wildcard)
        )

    def __str__(self) -> str:
        """The text as Exchange prints it: ``0.0.0.0:25``, ``[::]:25``."""
        if self.family is Family.IPV6:
            return f"[{self.address}]:{self.port}"
        return f"{self.address}:{self.port}"
