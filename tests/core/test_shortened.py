"""A race that is shortened while people are beyond its new finish: who is where, and that nobody of them is forgotten."""

import pytest

from tests.core.builders import (
    accounts_for,
    alert_word,
    at,
    decides,
    field_of,
    race_with,
    read,
    reads,
    reroutes,
    verdict,
    withdraws,
)
from tracker.core.alert import Alert
from tracker.core.alerts import alerts
from tracker.core.facts import Fact
from tracker.core.runner import Place, Status, Where
from tracker.core.soundness import check

BACK = race_with(points="start:village@0 hut@10 ridge@18 again:hut@26 finish:village@36", gain_m=2000)
ON_LEG, OUT = Where.ON_LEG, Where.OUT
BEYOND = reads(start=0, botella="4h", illa="8h", grau_roig="11h")


@pytest.mark.parametrize(
    ("seen", "place"),
    [
        pytest.param(BEYOND, Place(OUT, 3), id="seen beyond"),
        pytest.param(reads(start=0, botella="4h", illa="8h"), Place(OUT, 2), id="gone on when it was said"),
        pytest.param(
            [*reads(start=0, botella="4h"), read("1", "illa", "8h", "in")], Place(Where.FINISHED), id="in the station when it was said"
        ),
        pytest.param(reads(start=0, botella="4h", illa="12h"), Place(Where.FINISHED), id="come when it was said"),
        pytest.param([*BEYOND, accounts_for(when="14h")], Place(Where.FINISHED), id="seen beyond, and brought down"),
        pytest.param([*BEYOND, read("1", "ordino", "18h")], Place(Where.FINISHED), id="seen beyond, and at the old finish"),
        pytest.param([*BEYOND, withdraws(where="sorteny", when="14h")], Place(OUT, 4), id="gave up beyond"),
        pytest.param(reads(start=0, botella="4h"), Place(ON_LEG, 2), id="still on the way"),
    ],
)
def test_who_had_gone_on_when_the_race_was_shortened_is_out_there_until_somebody_has_him(seen: list[Fact], place: Place) -> None:
    field = field_of(race_with(), [*seen, reroutes(finish="illa", said="10h")], now="19h", count=1)
    assert field.verdict("1").place == place
    assert field.verdict("1").status is (Status.RACING if place.where is ON_LEG else Status.FINISHED)
    assert [alert.bib for alert in alerts(field) if alert.kind == "unaccounted"] == (["1"] if place.where is OUT else [])
    check(field)


@pytest.mark.parametrize(
    ("when", "place"),
    [
        pytest.param({"hut": "5h"}, Place(Where.FINISHED), id="come when it was said"),
        pytest.param({"hut": "5h", "later": "8h"}, Place(Where.FINISHED), id="come when it was said, and read again on leaving"),
        pytest.param({"hut": "2h", "ridge": "3h50", "later": "6h"}, Place(Where.FINISHED), id="gone on, turned back, and read there"),
        pytest.param({"hut": "2h", "later": "6h"}, Place(Where.FINISHED), id="gone on, and read there again"),
        pytest.param({"hut": "2h", "ridge": "3h"}, Place(OUT, 2), id="gone on, and seen beyond"),
        pytest.param({"hut": "1h30", "ridge": "2h30", "later": "3h45"}, Place(OUT, 3), id="through a second time before it was said"),
    ],
)
def test_where_a_course_comes_back_to_the_new_finish_who_is_read_there_after_the_word_is_there(when: dict[str, str], place: Place) -> None:
    seen = [read("1", "village", 0), *(read("1", name.replace("later", "hut"), moment) for name, moment in when.items())]
    field = field_of(BACK, [*seen, reroutes(finish="hut", said="4h")], now="10h", count=1)
    assert (field.verdict("1").status, field.verdict("1").place) == (Status.FINISHED, place)
    check(field)


def unaccounted(facts: list[Fact], now: str) -> Alert:
    (found,) = [one for one in alerts(field_of(race_with(), facts, now=now, count=1)) if one.kind == "unaccounted"]
    return found


def test_an_old_word_on_who_was_out_hides_nobody_who_is_out_again_or_was_seen_since() -> None:
    back: list[Fact] = [withdraws(when="3h"), alert_word("unaccounted/1", "acknowledged", "3h05"), decides("reinstated", "3h30")]
    seen: list[Fact] = [*reads(start=0, botella="2h40", illa="8h"), *back, reroutes(finish="illa", said="9h")]
    found = unaccounted(seen, "10h")
    assert (found.at_ms, found.word) == (at("9h"), None)
    assert found.text == "bib 1 had gone on when the race was shortened, and not accounted for (last known at Illa)"
    found = unaccounted([*seen, alert_word("unaccounted/1", "acknowledged", "9h30"), read("1", "grau-roig", "11h")], "12h")
    assert (found.at_ms, found.word) == (at("11h"), None)


def test_who_gave_up_beyond_a_finish_that_was_moved_since_is_no_conflict_once_he_is_in_safe_hands() -> None:
    seen = [*reads(start=0, botella="4h", illa="8h"), withdraws(where="grau-roig", when="12h"), accounts_for(when="13h")]
    found = verdict(race_with(), [*seen, reroutes(finish="illa", said="14h")], now="15h")
    assert (found.status, found.place, found.flags) == (Status.FINISHED, Place(Where.FINISHED), ())


@pytest.mark.parametrize("changed", [reroutes(finish="sorteny", said="9h"), reroutes("botella", said="9h")], ids=["shortened", "around"])
def test_a_course_that_was_changed_is_not_scored(changed: Fact) -> None:
    seen = [*reads(start=0, botella="4h", illa="8h", grau_roig="10h", sorteny="14h", finish="16h"), *reads("2", start=0, botella="6h")]
    assert field_of(race_with(), seen, count=2).k("105k").k is not None
    found = field_of(race_with(), [*seen, changed], count=2).k("105k")
    assert (found.k, found.why) == (None, "the course was changed")
