"""Filters and routes: what a subscriber asked for is what it gets, once."""

import pytest

from tracker.mqtt.retained import Retained
from tracker.mqtt.topics import Subscription, Subscriptions, matches


@pytest.mark.parametrize(
    ("pattern", "topic", "expected"),
    [
        ("tracker/andorra/live/105k/standings", "tracker/andorra/live/105k/standings", True),
        ("tracker/andorra/live/105k/standings", "tracker/andorra/live/105k/Standings", False),
        ("tracker/andorra/live/+/standings", "tracker/andorra/live/105k/standings", True),
        ("tracker/andorra/live/+/standings", "tracker/andorra/live/105k/ledger", False),
        ("tracker/andorra/live/+", "tracker/andorra/live/105k/standings", False),
        ("tracker/andorra/live/+", "tracker/andorra/live", False),
        ("tracker/andorra/live/+", "tracker/andorra/live/", True),
        ("tracker/#", "tracker/andorra/live/105k/standings", True),
        ("tracker/#", "tracker", True),
        ("tracker/#", "tracker2/andorra", False),
        ("tracker/+/live/#", "tracker/andorra/live", True),
        ("tracker/+/live/#", "tracker/andorra/botella/passage", False),
        ("#", "tracker/andorra/live/alerts", True),
        ("#", "$SYS/uptime", False),
        ("+/uptime", "$SYS/uptime", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("+/+", "/finish", True),
        ("/+", "/finish", True),
        ("+", "/finish", False),
        ("+", "", True),
        ("tracker//passage", "tracker//passage", True),
        ("tracker/+/passage", "tracker//passage", True),
        ("tracker/andorra/", "tracker/andorra", False),
    ],
)
def test_a_filter_matches_as_the_standard_says(pattern: str, topic: str, expected: bool) -> None:
    assert matches(pattern, topic) is expected


def test_a_screen_with_overlapping_filters_gets_a_message_once_by_the_most_generous_one() -> None:
    subscriptions: Subscriptions[str] = Subscriptions()
    subscriptions.add("screen", "tracker/#", Subscription(0, no_local=True))
    subscriptions.add("screen", "tracker/andorra/live/alerts", Subscription(1, retain_as_published=True))
    subscriptions.add("desk", "tracker/+/live/+", Subscription(0))
    route = dict(subscriptions.route("tracker/andorra/live/alerts"))
    assert route == {"screen": Subscription(1, no_local=False, retain_as_published=True), "desk": Subscription(0)}


def test_a_route_follows_who_comes_and_who_leaves() -> None:
    subscriptions: Subscriptions[str] = Subscriptions()
    topic = "tracker/andorra/live/alerts"
    assert subscriptions.route(topic) == ()
    subscriptions.add("screen", "tracker/#", Subscription(1))
    subscriptions.add("desk", topic, Subscription(0))
    assert {who for who, _ in subscriptions.route(topic)} == {"screen", "desk"}
    assert subscriptions.remove("desk", topic)
    assert not subscriptions.remove("desk", topic)
    assert {who for who, _ in subscriptions.route(topic)} == {"screen"}
    subscriptions.leave("screen")
    assert subscriptions.route(topic) == ()
    assert not subscriptions


def test_the_newest_message_of_a_topic_is_retained_and_an_empty_one_clears_it() -> None:
    retained = Retained(max_client_bytes=1000)
    retained.keep("tracker/andorra/live/alerts", b"old")
    retained.keep("tracker/andorra/live/alerts", b"new")
    assert retained.keep_for_client("tracker/andorra/botella/heartbeat", b"{}")
    assert retained.matching("tracker/#") == [("tracker/andorra/live/alerts", b"new"), ("tracker/andorra/botella/heartbeat", b"{}")]
    assert retained.matching("tracker/andorra/live/alerts") == [("tracker/andorra/live/alerts", b"new")]
    retained.keep("tracker/andorra/live/alerts", b"")
    assert retained.keep_for_client("tracker/andorra/botella/heartbeat", b"")
    assert retained.matching("#") == []


def test_what_devices_retain_is_bounded_and_the_trackers_own_topics_are_not() -> None:
    retained = Retained(max_client_bytes=1000)
    kept = [retained.keep_for_client(f"tracker/andorra/station-{n}/heartbeat", b"x" * 60) for n in range(10)]
    assert kept == [True] * 3 + [False] * 7
    assert retained.keep_for_client("tracker/andorra/station-0/heartbeat", b"y" * 60)
    assert not retained.keep_for_client("tracker/andorra/station-1/heartbeat", b"y" * 600)
    assert retained.keep_for_client("tracker/andorra/station-5/heartbeat", b"x" * 60)
    retained.keep("tracker/andorra/live/105k/standings", b"z" * 5000)
    assert len(retained.matching("#")) == 4
