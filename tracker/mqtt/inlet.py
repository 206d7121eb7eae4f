"""The face that both ways in share: batches of messages in, acknowledgements out, live topics out.

The ingest knows only this, and not whether a broker or the tracker's own endpoint stands behind it.
"""

from typing import NamedTuple, Protocol


class Delivery(NamedTuple):
    """One message as it came: `token` says whom to acknowledge, and means nothing outside its inlet."""

    topic: str
    payload: bytes
    token: object


class MqttFault(Exception):
    """The way in could not be opened, or refuses what it was asked: what, where, and what to do, in one line."""


class Inlet(Protocol):
    """A way in. Used as an async context manager: entered, it listens or connects, and goes on reconnecting by itself."""

    async def __aenter__(self) -> "Inlet": ...

    async def __aexit__(self, *exc_info: object) -> None: ...

    async def next_batch(self, limit: int) -> list[Delivery]:
        """Wait until something came, then return all that waits, at most `limit` messages, in order of arrival."""
        ...

    def ack(self, batch: list[Delivery]) -> None:
        """Acknowledge what is on the disk. What came over a connection that is gone is left for its redelivery."""
        ...

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish a live topic, retained. While nobody can be reached, only the newest payload of a topic is kept."""
        ...

    @property
    def address(self) -> str:
        """Where a program of this machine sends what is meant for this way in: `mqtt://127.0.0.1:1883`, with no password in it."""
        ...

    @property
    def connections(self) -> int:
        """How often whoever keeps the live topics was met: it may be another than before, or have lost them."""
        ...

    @property
    def losses(self) -> int:
        """How often whoever keeps messages for the tracker was found to have lost what it had kept."""
        ...

    @property
    def fault(self) -> str | None:
        """Why nothing can come this way now, in a few words without a password; None: it can, or it is not known yet."""
        ...

    @property
    def link(self) -> str:
        """The state of the way in, in a few words for a person: `listening on 127.0.0.1:1883, 12 clients`."""
        ...
