"""Why a logged answer is not the computed one: the likeliest cause, found in a fixed order.

1. It cannot be asked: addresses are masked, the server is not told or not in the evidence, the
   connector is the built-in one of mailbox delivery.
2. The evidence leaves it open, and the logged connector is among those that may answer.
3. The evidence has no connector of that name.
4. The connector is disabled, belongs to another service, or its bindings or ranges do not hold the
   connection: the configuration was changed.
5. The connector was changed after the sessions, or the same client was answered as computed before
   or after them, and not meanwhile.
6. Nobody answered, or the local endpoint is no address of the server.
7. Nothing explains it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rctango.analysis.listeners import role_of
from rctango.analysis.logged import (
    ROLES,
    connector_key,
    connectors_by_key,
    known_address,
    server_key,
    servers_by_key,
    tables_for,
    utc,
)
from rctango.model.connection import Verdict
from rctango.model.replay import ReplayCause, ReplayKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rctango.addresses import Address
    from rctango.analysis.selection import Answer, Table
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.observation import LoggedAnswer

_BUILT_IN = "default mailbox delivery "
_OPEN = {
    Verdict.AMBIGUOUS: ReplayCause.AMBIGUOUS,
    Verdict.UNDETERMINED: ReplayCause.FACTS_MISSING,
}
_UNEXPLAINED = {ReplayCause.NOBODY, ReplayCause.TRANSLATION, ReplayCause.MODEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """How one logged answer stands to the computed one.

    Attributes:
        cause: None when they agree.
        server: the server of the evidence; empty when it could not be found.
        computed: who answers by the evidence, in words; empty when that was not asked.
        why: what speaks for the cause.
    """

    cause: ReplayCause | None
    server: str = ""
    computed: str = ""
    why: str = ""

    @property
    def kind(self) -> ReplayKind:
        """Whether it agrees, and if not, whether that counts."""
        return ReplayKind.AGREED if self.cause is None else self.cause.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A logged connection with the listeners that it may have met."""

    answer: LoggedAnswer
    server: str
    local: Address
    port: int
    address: Address
    tables: tuple[Table, ...]


def find_causes(view: View, answers: Sequence[LoggedAnswer]) -> list[tuple[LoggedAnswer, Cause]]:
    """How each logged answer stands to the computed one.

    Args:
        view: the evidence.
        answers: what receive logs say.
    """
    comparer = _Comparer(view, answers)
    rows = [(answer, comparer.compare(answer)) for answer in answers]
    agreed: dict[tuple[object, ...], tuple[datetime, datetime]] = {}
    for answer, found in rows:
        if found.cause is None:
            key, first, last = _connection(answer, found), answer.first_seen, answer.last_seen
            before = agreed.get(key, (utc(first), utc(last)))
            agreed[key] = min(before[0], utc(first)), max(before[1], utc(last))
    return [
        (answer, _by_time(answer, found, agreed.get(_connection(answer, found))))
        for answer, found in rows
    ]


def _by_time(answer: LoggedAnswer, found: Cause, agreed: tuple[datetime, datetime] | None) -> Cause:
    """The cause, unless the same client was answered as computed at another time only."""
    if found.cause not in _UNEXPLAINED or agreed is None:
        return found
    first, last = agreed
    if utc(answer.last_seen) <= first:
        why = f"the same client was answered as computed from {first:%Y-%m-%d %H:%M} (UTC) on"
    elif utc(answer.first_seen) >= last:
        why = f"the same client was answered as computed until {last:%Y-%m-%d %H:%M} (UTC)"
    else:
        return found
    return replace(found, cause=ReplayCause.CHANGED, why=why)


class _Comparer:
    """Compares one logged answer at a time, whatever its time."""

    def __init__(self, view: View, answers: Sequence[LoggedAnswer]) -> None:
        self._view = view
        self._connectors = connectors_by_key(view)
        self._servers = servers_by_key(view)
        self._homes = self._home_of_locals(answers)

    def _home_of_locals(self, answers: Sequence[LoggedAnswer]) -> dict[Address, str]:
        """The one server that has a local address, for sessions whose log names none."""
        homes: defaultdict[Address, set[str]] = defaultdict(set)
        for answer in answers:
            local = known_address(answer.local)
            if local is not None and answer.server:
                homes[local].add(server_key(answer.server))
        for server in self._view.snapshot.servers:
            for address in server.addresses or ():
                homes[address].add(server_key(server.name))
        return {address: next(iter(names)) for address, names in homes.items() if len(names) == 1}

    def compare(self, answer: LoggedAnswer) -> Cause:
        """How the logged answer stands to the computed one."""
        place = self._place(answer)
        if isinstance(place, Cause):
            return place
        answers = [table.answer(place.address.value) for table in place.tables]
        results = [self._judge(place, one) for one in answers]
        if not results:
            return self._explain(place, None)
        return min(results, key=_preference)

    def _place(self, answer: LoggedAnswer) -> _Place | Cause:
        local, address, port = known_address(answer.local), answer.address, answer.port
        if local is None or address is None or port is None:
            return _not_comparable("an address or port cannot be read")
        if local.family is not address.family:
            return _not_comparable("local and remote address are of different families")
        known = self._server(answer, local)
        if isinstance(known, Cause):
            return known
        tables = tables_for(self._view, known, answer.role, local, port)
        return _Place(
            answer=answer,
            server=known,
            local=local,
            port=port,
            address=address,
            tables=tuple(tables),
        )

    def _server(self, answer: LoggedAnswer, local: Address) -> str | Cause:
        """The server as the evidence spells it, or why nothing can be asked of it."""
        server, name = connector_key(answer.connector)
        if answer.role == "mailbox" or name.startswith(_BUILT_IN):
            return _not_comparable("the connector is built in and in no export")
        server = server or server_key(answer.server or "") or self._homes.get(local, "")
        if not server:
            return _not_comparable("the log does not say which server it was")
        if server not in self._servers:
            return Cause(cause=ReplayCause.OTHER_SERVER, why="the server is not in the evidence")
        known = self._servers[server]
        if known in self._view.connectors_of:
            return known
        why = f"the connectors of {known} were not collected"
        return Cause(cause=ReplayCause.FACTS_MISSING, server=known, why=why)

    def _judge(self, place: _Place, computed: Answer) -> Cause:
        logged = connector_key(place.answer.connector)
        if not place.answer.connector.strip():
            return self._judge_refusal(place, computed)
        winner = computed.connector
        if winner is not None and connector_key(winner.identity) == logged:
            return Cause(cause=None, server=place.server, computed=winner.identity)
        if any(connector_key(one.identity) == logged for one in computed.contenders):
            return Cause(
                cause=_OPEN[computed.verdict],
                server=place.server,
                computed=_words(computed),
                why="the logged connector is among those that may answer",
            )
        return self._explain(place, computed)

    def _judge_refusal(self, place: _Place, computed: Answer) -> Cause:
        """Of a session that no connector answered."""
        if computed.verdict is Verdict.REFUSED:
            return Cause(cause=None, server=place.server, computed=_words(computed))
        if computed.verdict is Verdict.UNDETERMINED:
            cause, why = ReplayCause.FACTS_MISSING, "whether any connector answers is open"
        elif computed.connector is not None and _changed_after(place, computed.connector):
            cause, why = ReplayCause.CHANGED, _when(computed.connector)
        else:
            cause, why = ReplayCause.NOBODY, "a connector of the evidence holds the address"
        return Cause(cause=cause, server=place.server, computed=_words(computed), why=why)

    def _explain(self, place: _Place, computed: Answer | None) -> Cause:
        """Of a session that another answered than computed; ``computed`` None: nobody listens."""
        logged = self._connectors.get(connector_key(place.answer.connector))
        words = _words(computed) if computed else "nobody listens at that endpoint"
        if not place.answer.connector.strip():
            cause, why = ReplayCause.CHANGED, "by the evidence nobody listens there"
        elif logged is None:
            cause, why = ReplayCause.UNKNOWN_CONNECTOR, "the evidence has no such connector"
        else:
            cause, why = self._explain_known(place, computed, logged)
        return Cause(cause=cause, server=place.server, computed=words, why=why)

    def _explain_known(
        self, place: _Place, computed: Answer | None, logged: Connector
    ) -> tuple[ReplayCause, str]:
        role = role_of(logged, self._view.servers.get(logged.server))
        wanted = ROLES.get(place.answer.role or "")
        if wanted is not None and role is not None and not role & wanted:
            return ReplayCause.ROLE, f"the evidence gives it the role {role.label}"
        why = _misfit(place, logged)
        if why:
            return ReplayCause.CHANGED, why
        for connector in (logged, computed.connector if computed else None):
            if connector is not None and _changed_after(place, connector):
                return ReplayCause.CHANGED, _when(connector)
        if self._is_foreign(place):
            return ReplayCause.TRANSLATION, f"{place.local} is no address of {place.server}"
        return ReplayCause.MODEL, "nothing in the evidence explains it"

    def _is_foreign(self, place: _Place) -> bool:
        """Whether all addresses of the server are known and the local endpoint is none of them."""
        server = self._view.servers.get(place.server)
        if server is None or not server.addresses or not server.network_complete:
            return False
        return place.local not in server.addresses and not place.local.is_loopback


def _connection(answer: LoggedAnswer, found: Cause) -> tuple[object, ...]:
    """The connection by itself, whoever answered it."""
    local = known_address(answer.local) or answer.local
    return found.server, answer.role, local, answer.port, answer.address or answer.client


def _preference(found: Cause) -> tuple[bool, bool]:
    """Where the log does not tell which service it is of, any of them may have answered."""
    return found.cause is not None, found.kind is ReplayKind.DISAGREED


def _not_comparable(why: str) -> Cause:
    return Cause(cause=ReplayCause.NOT_COMPARABLE, why=why)


def _misfit(place: _Place, logged: Connector) -> str:
    """Why the connector could not have answered, by its own state, bindings and ranges."""
    if logged.enabled is False:
        return "the connector is disabled in the evidence"
    bindings, ranges = logged.bindings, logged.remote_ranges
    if bindings is not None and logged.bindings_complete:
        here = (
            one.port == place.port
            and one.family is place.local.family
            and (one.is_wildcard or one.address == place.local)
            for one in bindings
        )
        if not any(here):
            return f"its bindings do not hold {place.local} port {place.port}"
    if ranges is None or not logged.remote_ranges_complete:
        return ""
    held = any(place.address in one.range for one in ranges)
    return "" if held else f"its ranges do not hold {place.address}"


def _changed_after(place: _Place, connector: Connector) -> bool:
    changed = connector.when_changed
    return changed is not None and utc(changed) >= utc(place.answer.last_seen)


def _when(connector: Connector) -> str:
    changed = connector.when_changed
    at = f"{utc(changed):%Y-%m-%d %H:%M} (UTC)" if changed else "an unknown time"
    return f"{connector.identity} was changed at {at}, after these sessions"


def _words(computed: Answer) -> str:
    if computed.connector is not None:
        return computed.connector.identity
    if computed.verdict is Verdict.REFUSED:
        return "nobody answers"
    return " or ".join(one.identity for one in computed.contenders)
