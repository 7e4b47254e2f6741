"""Logs, looked up by connector and by client; each look-up table is made when first needed."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from rctango.analysis.logged import RECEIVE, connector_key
from rctango.analysis.source_nat import judge_sources

if TYPE_CHECKING:
    from rctango.addresses import Address
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.judgement import SourceJudgement
    from rctango.model.observation import LoggedAnswer, Traffic, Usage

_Key = tuple[str, str]


class LogIndex:
    """What receive logs say of one connector or of one client.

    Attributes:
        traffic: what the logs showed.
    """

    def __init__(self, traffic: Traffic, view: View) -> None:
        self.traffic = traffic
        self._view = view

    @cached_property
    def judged(self) -> tuple[SourceJudgement, ...]:
        """Whether the remote addresses stand for many clients."""
        return judge_sources(self.traffic, self._view)

    def usage_on(self, connector: Connector) -> list[Usage]:
        """What clients did on the connector."""
        return self._usage.get(connector_key(connector.identity), [])

    def usage_by(self, client: Address | None) -> list[Usage]:
        """What one client did, on any connector."""
        return [] if client is None else self._clients.get(client, [])

    def answers_by(self, connector: Connector, client: Address) -> list[LoggedAnswer]:
        """Where the connector answered one client."""
        return self._answers.get((connector_key(connector.identity), client), [])

    @cached_property
    def _usage(self) -> dict[_Key, list[Usage]]:
        found: defaultdict[_Key, list[Usage]] = defaultdict(list)
        for one in self.traffic.usage:
            if one.log == RECEIVE and one.connector:
                found[connector_key(one.connector)].append(one)
        return dict(found)

    @cached_property
    def _clients(self) -> dict[Address, list[Usage]]:
        found: defaultdict[Address, list[Usage]] = defaultdict(list)
        for one in self.traffic.usage:
            if one.log == RECEIVE and one.connector and one.address is not None:
                found[one.address].append(one)
        return dict(found)

    @cached_property
    def _answers(self) -> dict[tuple[_Key, Address], list[LoggedAnswer]]:
        found: defaultdict[tuple[_Key, Address], list[LoggedAnswer]] = defaultdict(list)
        for one in self.traffic.answers:
            if one.connector and one.address is not None:
                found[connector_key(one.connector), one.address].append(one)
        return dict(found)
