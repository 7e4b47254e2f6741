"""IP addresses, ranges and sets of them, as Exchange reads and compares them.

Exact integers throughout, IPv4 and IPv6 alike. The accepted text forms are those of the
``RemoteIPRanges`` and ``Bindings`` parameters of ``Set-ReceiveConnector``
(https://learn.microsoft.com/powershell/module/exchangepowershell/set-receiveconnector).
"""

from rctango.addresses._address import Address, Family, read_address
from rctango.addresses._binding import Binding
from rctango.addresses._parse import read_range
from rctango.addresses._plain import RangeText
from rctango.addresses._range import AddressRange, Notation, Overlap
from rctango.addresses._rangeset import RangeSet
from rctango.addresses._special import NOT_PUBLIC, PUBLIC, special_name

__all__ = [
    "NOT_PUBLIC",
    "PUBLIC",
    "Address",
    "AddressRange",
    "Binding",
    "Family",
    "Notation",
    "Overlap",
    "RangeSet",
    "RangeText",
    "read_address",
    "read_range",
    "special_name",
]
