"""Which facts bear an id, and which devices. An id is meant to be one fact's for ever; two facts with one id both count, and are an alert.

Filled only when somebody asks: the way of a passage does not pay for it.
"""

from collections.abc import Iterable

from tracker.core.facts import Fact, Passage, Withdrawal


class Identities:
    """Every fact by its id. `unread` takes what comes, and is looked through at the next question."""

    def __init__(self) -> None:
        self.unread: list[Fact] = []
        self._first: dict[str, Fact] = {}
        self._others: dict[str, dict[bytes, Fact]] = {}
        self._devices: set[str | None] = set()

    def twin(self) -> "Identities":
        """The same facts in a record of its own."""
        self._read()
        other = Identities()
        other._first, other._devices = self._first.copy(), self._devices.copy()
        other._others = {identity: others.copy() for identity, others in self._others.items()}
        return other

    def facts(self, identity: str) -> Iterable[Fact]:
        """The different facts that bear an id."""
        self._read()
        first = self._first.get(identity)
        return () if first is None else (first, *self._others.get(identity, {}).values())

    def beginning(self, start: str) -> list[str]:
        """The ids that begin so."""
        self._read()
        return [identity for identity in self._first if identity.startswith(start)]

    def reused(self) -> list[Fact]:
        """For each id that different facts bear, the one of them with the greatest key: the same whatever came first."""
        self._read()
        return [max((self._first[identity], *others.values()), key=lambda fact: fact.key) for identity, others in self._others.items()]

    def is_device(self, device: str) -> bool:
        """Whether a read or a withdrawal came from a device of that name."""
        self._read()
        return device in self._devices

    def _read(self) -> None:
        for fact in self.unread:
            if isinstance(fact, Passage | Withdrawal):
                self._devices.add(fact.device)
            first = self._first.setdefault(fact.id, fact)
            if first.key != fact.key:
                self._others.setdefault(fact.id, {})[fact.key] = fact
        self.unread.clear()
