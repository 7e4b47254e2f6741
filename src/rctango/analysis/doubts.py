"""Addresses that should not be in relay ranges without somebody's decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.neighbours import Neighbours
from rctango.model.judgement import SourceVerdict

if TYPE_CHECKING:
    from rctango.addresses import Address
    from rctango.analysis.view import View
    from rctango.model.observation import Traffic


class Doubts:
    """What speaks against taking an address for one client."""

    def __init__(self, view: View, traffic: Traffic) -> None:
        self._neighbours = Neighbours(traffic, view)
        judged = view.logs(traffic).judged
        self._judged = {one.address: one for one in judged if one.address is not None}

    def about(self, address: Address) -> str:
        """Why somebody has to decide about the address, in one sentence; empty when nobody has."""
        neighbours, judged = self._neighbours, self._judged.get(address)
        if neighbours.is_server(address):
            name = neighbours.name_of(address) or "this server"
            return f"It is an address of the Exchange server {name}."
        device = neighbours.device(address)
        if device is not None:
            return f"It belongs to {device.kind.value} {device.name}, as declared."
        owners = sorted(set(neighbours.gateways.get(address, ())))
        if owners:
            return f"It is the default gateway of {', '.join(owners)}."
        if judged is not None and judged.verdict in {SourceVerdict.LIKELY, SourceVerdict.POSSIBLE}:
            word = judged.verdict.value
            return f"It is {word} that it stands for many clients (score {judged.score} of 100)."
        return ""
