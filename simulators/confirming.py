"""What of the played messages the tracker has on its disk, by its end-to-end acknowledgements; the broker's own say only that it has them.

Nothing is sent from here.
"""

from collections.abc import Iterable, Mapping

from simulators.scanners import Emission
from tracker.wire import WireError, number_of, read_ack


class Confirming:
    """Which of some messages, by their place in the order of playing, are still to be confirmed. What bears no number never is."""

    def __init__(self, emissions: Mapping[int, Emission]) -> None:
        numbered = ((order, number_of(emission.payload)) for order, emission in emissions.items() if not is_beat(emission))
        self._number = {order: number for order, number in numbered if number is not None}
        self._acks: dict[str, tuple[int, frozenset[int]]] = {}

    @property
    def numbered(self) -> bool:
        """Whether there is anything that a tracker can confirm."""
        return bool(self._number)

    @property
    def heard(self) -> bool:
        """Whether a tracker is there: it has acknowledged something, of whichever device."""
        return bool(self._acks)

    def take(self, payload: object) -> None:
        """Take what came on an acknowledgement's topic; what is no acknowledgement changes nothing."""
        try:
            ack = read_ack(payload if isinstance(payload, bytes) else b"")
        except WireError:
            return
        self._acks[ack.device] = ack.through, frozenset(ack.missing)

    def lacking(self, orders: Iterable[int]) -> list[int]:
        """Those of some messages that are not on the tracker's disk, as far as it has said; none while no tracker is there."""
        if not self._acks:
            return []
        return [order for order in orders if order in self._number and not self._holds(*self._number[order])]

    def _holds(self, device: str, seq: int) -> bool:
        through, missing = self._acks.get(device, (0, frozenset[int]()))
        return seq <= through and seq not in missing


def is_beat(emission: Emission) -> bool:
    """Whether a message is a heartbeat, of which only the newest counts."""
    return emission.topic.endswith("/heartbeat")
