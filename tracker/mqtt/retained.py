"""The newest message of each retained topic, kept in memory for whoever subscribes later.

The tracker's own live topics are always kept; what clients retain (heartbeats, last wills) is bounded. Nothing is sent from here.
"""

from tracker.mqtt.topics import has_wildcard, matches

_ENTRY_BYTES = 200  # about what an entry costs beside its topic and payload, so that many tiny ones are bounded too


class Retained:
    """Retained messages; `max_client_bytes` bounds what clients can have kept, topics and payloads together."""

    def __init__(self, max_client_bytes: int) -> None:
        self._own: dict[str, bytes] = {}
        self._clients: dict[str, bytes] = {}
        self._client_bytes = 0
        self._max_client_bytes = max_client_bytes

    def keep(self, topic: str, payload: bytes) -> None:
        """Keep a message of the tracker's own; an empty one clears the topic."""
        if payload:
            self._own[topic] = payload
        else:
            self._own.pop(topic, None)

    def keep_for_client(self, topic: str, payload: bytes) -> bool:
        """Keep a client's message; an empty one clears the topic. False when there is no room (the older message is then gone too)."""
        old = self._clients.pop(topic, None)
        if old is not None:
            self._client_bytes -= _size(topic, old)
        if not payload:
            return True
        size = _size(topic, payload)
        if self._client_bytes + size > self._max_client_bytes:
            return False
        self._clients[topic] = payload
        self._client_bytes += size
        return True

    def matching(self, pattern: str) -> list[tuple[str, bytes]]:
        """Topic and payload of every retained message that a filter matches."""
        if has_wildcard(pattern):
            return [item for kept in (self._own, self._clients) for item in kept.items() if matches(pattern, item[0])]
        return [(pattern, kept[pattern]) for kept in (self._own, self._clients) if pattern in kept]


def _size(topic: str, payload: bytes) -> int:
    return len(topic) + len(payload) + _ENTRY_BYTES
