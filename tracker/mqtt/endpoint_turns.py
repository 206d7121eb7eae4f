"""What waits at the endpoint for the ingest, taken in turns: a device that floods keeps nobody else waiting.

Each client has a queue of its own, in its order. What all of them may hold together is bounded; at the bound only those are held back
whose own share it is. No sockets here.
"""

from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from tracker.mqtt.inlet import Delivery

ClientT = TypeVar("ClientT")

_BATCH_BYTES = 4 * 1024 * 1024
"""So much is on the disk in a moment, and the next who waits comes after it."""


class Turns(Generic[ClientT]):
    """The queues. `most` messages and `most_bytes` may wait; each client may add what it had read before it was held back."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._queues: dict[ClientT, deque[Delivery]] = {}
        self._bytes: dict[ClientT, int] = {}
        self._turns: deque[ClientT] = deque()
        self._count = 0
        self._total_bytes = 0

    def __len__(self) -> int:
        return self._count

    def put(self, client: ClientT, read: Sequence[Delivery]) -> None:
        """Messages of a client, in its order."""
        queue = self._queues.get(client)
        if queue is None:
            queue = self._queues[client] = deque()
            self._bytes[client] = 0
            self._turns.append(client)
        queue.extend(read)
        size = _size(read)
        self._count += len(read)
        self._bytes[client] += size
        self._total_bytes += size

    def take(self, limit: int) -> list[Delivery]:
        """At most `limit` messages, fewer large ones: of each client the same share, and what some do not need goes to the others."""
        batch: list[Delivery] = []
        room_bytes = _BATCH_BYTES
        while self._turns and room_bytes > 0 and (room := limit - len(batch)):
            clients = min(len(self._turns), room)
            for _ in range(clients):
                some, size = self._turn(room // clients, room_bytes // clients)
                batch.extend(some)
                room_bytes -= size
        self._count -= len(batch)
        return batch

    def _turn(self, share: int, share_bytes: int) -> tuple[Sequence[Delivery], int]:
        """What the next client has, at most its share but at least one message; and the size of that."""
        client = self._turns.popleft()
        queue, size = self._queues[client], self._bytes[client]
        if len(queue) <= share and size <= share_bytes:
            del self._queues[client], self._bytes[client]
            self._total_bytes -= size
            return queue, size
        some: list[Delivery] = []
        taken = 0
        while queue and len(some) < share and (taken < share_bytes or not some):
            some.append(queue.popleft())
            taken += len(some[-1].payload) + len(some[-1].topic)
        self._total_bytes -= taken
        if queue:
            self._bytes[client] -= taken
            self._turns.append(client)
        else:
            del self._queues[client], self._bytes[client]
        return some, taken

    def crowded_by(self, client: ClientT) -> bool:
        """Whether too much waits, and the client's own share of it is too much: who has sent little is not held back for others."""
        if client not in self._queues:
            return False
        among = len(self._queues)
        many = self._count >= self._most and len(self._queues[client]) >= self._most // among
        return many or (self._total_bytes >= self._most_bytes and self._bytes[client] >= self._most_bytes // among)

    @property
    def overrun(self) -> bool:
        """Whether those who come and go leave more here than all who stay could."""
        return self._count >= 4 * self._most or self._total_bytes >= 4 * self._most_bytes

    @property
    def roomy(self) -> bool:
        """Whether so much was taken that those who were held back can go on."""
        return self._count <= self._most // 2 and self._total_bytes <= self._most_bytes // 2


def _size(read: Sequence[Delivery]) -> int:
    return sum([len(payload) + len(topic) for topic, payload, _ in read])
