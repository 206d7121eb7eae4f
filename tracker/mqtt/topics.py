"""Who wants which topic: filters with wildcards, and the route of a topic to its subscribers.

Subscribers are opaque here (anything that can be hashed); nothing is sent from here.
"""

from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S")

_ROUTES_MAX = 4096


class Subscription(NamedTuple):
    """What a subscriber asked for: the highest QoS, not its own messages (5.0), and the retain flag left as it was (5.0)."""

    qos: int
    no_local: bool = False
    retain_as_published: bool = False


def has_wildcard(pattern: str) -> bool:
    """Whether a filter can match more than the one topic of its name."""
    return "+" in pattern or "#" in pattern


def matches(pattern: str, topic: str) -> bool:
    """Whether a (valid) filter matches a topic. A wildcard at the front does not match what begins with `$`."""
    if topic.startswith("$") and pattern[:1] in ("+", "#"):
        return False
    levels = topic.split("/")
    wanted = pattern.split("/")
    for n, want in enumerate(wanted):
        if want == "#":
            return True
        if n == len(levels):
            return False
        if want not in ("+", levels[n]):
            return False
    return len(wanted) == len(levels)


class Subscriptions(Generic[S]):
    """All subscriptions of all subscribers. A topic's route is remembered until somebody subscribes or leaves."""

    def __init__(self) -> None:
        self._by_filter: dict[str, dict[S, Subscription]] = {}
        self._wild: set[str] = set()
        self._filters: dict[S, set[str]] = {}
        self._routes: dict[str, tuple[tuple[S, Subscription], ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_filter)

    def count(self, subscriber: S) -> int:
        """How many filters a subscriber has."""
        return len(self._filters.get(subscriber, ()))

    def has(self, subscriber: S, pattern: str) -> bool:
        """Whether the subscriber has this very filter."""
        return pattern in self._filters.get(subscriber, ())

    def add(self, subscriber: S, pattern: str, subscription: Subscription) -> None:
        """Subscribe, or replace the subscription to the same filter."""
        self._by_filter.setdefault(pattern, {})[subscriber] = subscription
        self._filters.setdefault(subscriber, set()).add(pattern)
        if has_wildcard(pattern):
            self._wild.add(pattern)
        self._routes.clear()

    def remove(self, subscriber: S, pattern: str) -> bool:
        """Unsubscribe; False when there was no such subscription."""
        if not self.has(subscriber, pattern):
            return False
        self._filters[subscriber].discard(pattern)
        subscribers = self._by_filter[pattern]
        del subscribers[subscriber]
        if not subscribers:
            del self._by_filter[pattern]
            self._wild.discard(pattern)
        self._routes.clear()
        return True

    def leave(self, subscriber: S) -> None:
        """End all that the subscriber had."""
        for pattern in list(self._filters.get(subscriber, ())):
            self.remove(subscriber, pattern)
        self._filters.pop(subscriber, None)

    def route(self, topic: str) -> tuple[tuple[S, Subscription], ...]:
        """Each subscriber that wants the topic, once: where several of its filters match, by the most generous of them."""
        route = self._routes.get(topic)
        if route is None:
            if len(self._routes) >= _ROUTES_MAX:
                self._routes.clear()
            route = self._routes[topic] = tuple(self._find(topic).items())
        return route

    def _find(self, topic: str) -> dict[S, Subscription]:
        found = dict(self._by_filter.get(topic, ()))
        for pattern in self._wild:
            if not matches(pattern, topic):
                continue
            for subscriber, new in self._by_filter[pattern].items():
                old = found.get(subscriber, new)
                found[subscriber] = Subscription(
                    max(old.qos, new.qos),
                    old.no_local and new.no_local,
                    old.retain_as_published or new.retain_as_published,
                )
        return found
