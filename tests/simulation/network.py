"""The network between the processes and the broker: connections that keep order as TCP does, are slow, hang, and break.

What is sent over a connection arrives in order or, from some moment on, not at all; whoever is at an end learns of a break late or at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import Context
from random import Random
from typing import Protocol

from tests.simulation.loop import SimLoop

_RESUME_S = 0.01


class Host:
    """A machine with its line to the broker. While it is cut off, what is sent either way waits in the net."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cut_off = False
        self.cut_offs = 0
        self.slow_s = 0.0
        self.connections: list[Connection] = []


class End(Protocol):
    """Who is at an end of a connection."""

    def lost(self, connection: Connection) -> None:
        """It broke, or the other end closed it."""
        ...


class _Way:
    """One direction. `context`: who hears of what arrives; a dead process does not."""

    def __init__(self, connection: Connection, context: Context) -> None:
        self.open = True
        self.paused = False
        self._connection = connection
        self._context = context
        self._waiting: deque[Callable[[], None]] = deque()
        self._arrived = 0
        self._last_s = 0.0

    def send(self, what: Callable[[], None]) -> None:
        self._waiting.append(what)
        net = self._connection.net
        latency_s = net.latency_s(self._connection.host)
        self._last_s = max(self._last_s, net.loop.time() + latency_s)
        net.loop.call_at(self._last_s, self._arrive, context=self._context)

    def _arrive(self) -> None:
        self._arrived += 1
        self.drain()

    def drain(self) -> None:
        while self._arrived and self._waiting and self.open and not self.paused and not self._connection.host.cut_off:
            self._arrived -= 1
            self._waiting.popleft()()


class Connection:
    """One connection; `up` leads to the broker."""

    def __init__(self, net: Network, host: Host, client: End, broker: End, context: Context, keepalive_s: float) -> None:
        self.net, self.host = net, host
        self.keepalive_s = keepalive_s
        self._client, self._broker = client, broker
        self._context = context
        self.up = _Way(self, net.loop.nothing)
        self.down = _Way(self, context)
        host.connections.append(self)

    def tell_client(self) -> None:
        """The client's end is closed by what the client finds out."""
        if self.down.open:
            self.down.open = False
            self._gone()
            self._client.lost(self)

    def tell_broker(self) -> None:
        """The broker's end is closed by what the broker finds out."""
        if self.up.open:
            self.up.open = False
            if self.down.open:
                self.down.send(self.tell_client)  # it closes its socket: the client hears so when the line is mended
            self._gone()
            self._broker.lost(self)

    def _gone(self) -> None:
        if not self.up.open and not self.down.open:
            self.host.connections.remove(self)

    def closed_by_client(self) -> None:
        """The end of the stream, after all that was sent."""
        self.down.open = False
        self.up.send(self.tell_broker)
        if self.host.cut_off:
            self.silent()

    def closed_by_broker(self) -> None:
        """As the other way round."""
        if self.up.open:
            self.up.open = False
            self.down.send(self.tell_client)

    def break_now(self) -> None:
        """Both learn of it soon, and what was on its way is lost."""
        loop, chance = self.net.loop, self.net.chance
        self.down.paused = self.up.paused = True
        loop.call_later(chance.uniform(0, 0.5), self.tell_client, context=self._context)
        loop.call_later(chance.uniform(0, 0.5), self.tell_broker, context=loop.nothing)

    def silent(self) -> None:
        """Nothing comes through any more: each end finds out when it misses the other's signs of life, if the line is not mended before."""
        loop, cut_offs = self.net.loop, self.host.cut_offs
        client_s = self.keepalive_s * self.net.chance.uniform(1, 2)

        def still() -> bool:
            return self.host.cut_offs == cut_offs and self.host.cut_off

        loop.call_later(client_s, lambda: self.tell_client() if still() else None, context=self._context)
        loop.call_later(1.5 * self.keepalive_s, lambda: self.tell_broker() if still() else None, context=loop.nothing)

    def abandoned(self, *, noticed: bool) -> None:
        """The client's process is no more: its system says so (`noticed`), or the machine is gone too, and says nothing."""
        self.down.open = False
        if noticed:
            self.up.send(self.tell_broker)
        else:
            self.net.loop.call_later(1.5 * self.keepalive_s, self.tell_broker, context=self.net.loop.nothing)

    def pause(self) -> None:
        """The client leaves its socket alone."""
        self.down.paused = True

    def resume(self) -> None:
        """The client reads again."""
        self.down.paused = False
        self.net.loop.call_later(_RESUME_S, self.down.drain, context=self._context)


class Network:
    """All lines. `slow_s`: how long a packet takes at most."""

    def __init__(self, loop: SimLoop, chance: Random, slow_s: float) -> None:
        self.loop, self.chance, self.slow_s = loop, chance, slow_s

    def latency_s(self, host: Host) -> float:
        """How long one packet takes now."""
        return self.chance.random() * self.slow_s + self.chance.random() * host.slow_s

    def cut_off(self, host: Host) -> None:
        """A partition: the host and the broker do not hear each other."""
        if not host.cut_off:
            host.cut_off = True
            host.cut_offs += 1
            for connection in list(host.connections):
                connection.silent()

    def mend(self, host: Host) -> None:
        """What waited in the net arrives."""
        if host.cut_off:
            host.cut_off = False
            for connection in list(host.connections):
                connection.up.drain()
                self.loop.call_soon(connection.down.drain, context=connection._context)

    def connect(self, host: Host, client: End, broker: End, context: Context, keepalive_s: float) -> Connection:
        """A new connection, on which the client may send."""
        connection = Connection(self, host, client, broker, context, keepalive_s)
        if host.cut_off:
            connection.silent()
        return connection
