"""What waits at the endpoint for the ingest, taken in turns: a device that floods keeps nobody else waiting.

Each client has a queue of its own, in its order. What all of them may hold together is bounded; at the bound only those are held back
whose own share it is. No sockets here.
"""

from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from tracker.mqtt.inlet import Delivery

ClientT = TypeVar("ClientT")


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
        """At most `limit` messages: of each client the same share, and what some do not need goes to the others."""
        batch: list[Delivery] = []
        while self._turns and (room := limit - len(batch)):
            clients = min(len(self._turns), room)
            for _ in range(clients):
                batch.extend(self._turn(room // clients))
        self._count -= len(batch)
        return batch

    def _turn(self, share: int) -> Sequence[Delivery]:
        """What the next client has, at most its share."""
        client = self._turns.popleft()
        queue = self._queues[client]
        if len(queue) <= share:
            del self._queues[client]
            self._total_bytes -= self._bytes.pop(client)
            return queue
        some = [queue.popleft() for _ in range(share)]
        size = _size(some)
        self._bytes[client] -= size
        self._total_bytes -= size
        self._turns.append(client)
        return some

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
