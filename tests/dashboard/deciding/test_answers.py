"""What people type when a decision is asked for, and what it comes to."""

from collections.abc import Iterator

import pytest

from tests.dashboard.conftest import START_MS, Weekend
from tracker.dashboard.deciding.acts import ACTS, BY_KEY, Act, Ask, Kind
from tracker.dashboard.deciding.answers import AnswerError, first, hint, read
from tracker.dashboard.deciding.menu import menu_text
from tracker.dashboard.scene import About
from tracker.files.times import HOUR_MS, parse_duration
from tracker.fold import Fold
from tracker.wire import Wire, encode
from tracker.wire.desk import DESK_KINDS

TYPED = {
    Kind.BIB: "2",
    Kind.VERDICT: "",
    Kind.RACE: "long",
    Kind.OTHER_RACE: "short",
    Kind.CHECKPOINT: "hut",
    Kind.CHECKPOINTS: "pass hut",
    Kind.LIMIT: "+30m",
    Kind.WAVE: "",
    Kind.STATION: "hut",
    Kind.DEVICE: "hut-1",
    Kind.FACT: "m3",
    Kind.ALERT: "overdue/2/hut",
    Kind.MOMENT: "13:05",
    Kind.SECONDS: "90",
    Kind.YES: "y",
    Kind.TEXT: "a few words",
}


async def folded(weekend: Weekend) -> Fold:
    await weekend.say("hut", "heartbeat", "4h", device="hut-1", seq=0)
    fold = Fold(weekend.journal.sources)
    await fold.catch_up(weekend.journal)
    fold.field.advance(weekend.at_ms)
    return fold


@pytest.fixture
async def fold(noon: Weekend) -> Fold:
    return await folded(noon)


def answers(act: Act) -> Iterator[tuple[Ask, str]]:
    for ask in act.asks:
        yield ask, TYPED[ask.kind]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
async def test_every_decision_becomes_a_fact_of_its_kind(act: Act, fold: Fold) -> None:
    fields: dict[str, object] = {"id": "d1", "time": fold.field.now_ms, "author": "Dir. Ector", "reason": "said so", **act.fixed}
    for ask, text in answers(act):
        if ask.kind is Kind.VERDICT:
            fields["bib"] = "3"
        fields.update(read(ask, text, fields, fold).fields)
    wire = Wire("two-valleys")
    fact = wire.decode(wire.topic("desk", act.kind), encode(fields))
    assert fact.author == "Dir. Ector"  # type: ignore[union-attr]


def test_every_desk_kind_can_be_decided_and_every_key_picks_one() -> None:
    assert {act.kind for act in ACTS} == set(DESK_KINDS)
    assert len(BY_KEY) == len(ACTS)


def test_the_menu_has_every_decision_and_fits_a_small_screen() -> None:
    lines = menu_text(ACTS, About(bib="12")).plain.splitlines()
    assert lines[0] == "about bib 12"
    assert all(any(f"  {act.key}  {act.name}" in line for line in lines) for act in ACTS)
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 72


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.BIB, " 2 ", "2"),
        (Kind.RACE, "sh", "short"),
        (Kind.CHECKPOINT, "old", "hut"),
        (Kind.CHECKPOINT, "pass", "pass"),
        (Kind.CHECKPOINTS, "pass, hut", ["pass", "hut"]),
        (Kind.STATION, "cha", "chapel"),
        (Kind.DEVICE, "hut", "hut-1"),
        (Kind.MOMENT, "now", START_MS + 5 * HOUR_MS),
        (Kind.MOMENT, "12:30", START_MS + parse_duration("4h30")),
        (Kind.MOMENT, "Sun 1:00", START_MS + 17 * HOUR_MS),
        (Kind.MOMENT, "-10m", START_MS + parse_duration("4h50")),
        (Kind.MOMENT, "2024-06-15T12:30:00+02:00", START_MS + parse_duration("4h30")),
        (Kind.SECONDS, "-30", -30.0),
        (Kind.SECONDS, "10m", 600.0),
        (Kind.YES, "y", True),
    ],
)
async def test_what_is_typed_is_understood(kind: Kind, text: str, value: object, fold: Fold) -> None:
    so_far = {"race": "long"}
    assert read(Ask("it", "it", kind), text, so_far, fold).fields == {"it": value}


@pytest.mark.parametrize(
    ("text", "fields", "words"),
    [
        ("+30m", {"extend_by": "30m"}, "30m later"),
        ("-1h", {"extend_by": "-1h"}, "1h sooner"),
        ("6h30", {"it": "6h30"}, "6h30 after the start"),
        ("14:30", {"it": "2024-06-15T14:30:00.000+02:00"}, "Sat 2024-06-15 14:30:00"),
    ],
)
async def test_a_cutoff_is_moved_by_so_much_to_so_long_after_the_start_or_to_a_time(
    text: str, fields: object, words: str, fold: Fold
) -> None:
    assert read(Ask("it", "it", Kind.LIMIT), text, {}, fold) == (fields, words)


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        (Kind.BIB, "777", "bib 777 is not on the roster; / on any screen finds a runner by name"),
        (Kind.BIB, "", "it is missing; write a bib of the roster"),
        (Kind.CHECKPOINT, "s", "there are several that begin so; write one of start, finish"),
        (Kind.CHECKPOINT, "summit", "there is no checkpoint 'summit'; write one of start, pass, hut, finish"),
        (Kind.STATION, "summit", "there is no station 'summit'; write one of square, pass, hut, chapel"),
        (Kind.DEVICE, "pass-9", "there is no device 'pass-9'; write one of hut-1"),
        (Kind.WAVE, "b", "there is no wave 'b'; write one of those that there are (none)"),
        (Kind.LIMIT, "+soon", '"soon" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'),
        (Kind.LIMIT, "9hh", '"9hh" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'),
        (Kind.MOMENT, "25:00", '"25:00" is on no clock; correct it: hour must be in 0..23'),
        (Kind.MOMENT, "later", '"later" is no moment; write 2022-06-25T03:00:00 (local) or 2022-06-25T03:00:00+02:00'),
        (Kind.SECONDS, "nan", "nan is more than eleven days; write seconds, such as 90 or -30, or 10m"),
        (Kind.SECONDS, "a lot", '"a lot" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'),
        (Kind.YES, "perhaps", "'perhaps' is neither yes nor no; write y or n"),
        (Kind.TEXT, "  ", "it is missing; write a few words"),
    ],
)
async def test_what_is_not_understood_is_said_with_what_to_write(kind: Kind, text: str, complaint: str, fold: Fold) -> None:
    with pytest.raises(AnswerError) as said:
        read(Ask("it", "it", kind), text, {"race": "long"}, fold)
    assert str(said.value) == complaint


async def test_a_verdict_is_confirmed_as_it_stands_and_only_one_that_waits(fold: Fold) -> None:
    ask = Ask("status", "verdict", Kind.VERDICT)
    assert read(ask, "", {"bib": "3"}, fold).fields == {"status": "out_of_time"}
    assert read(ask, "", {"bib": "6"}, fold).fields == {"status": "dns"}
    with pytest.raises(AnswerError, match="bib 1 is ✓ finished: there is no verdict that waits to be confirmed"):
        read(ask, "", {"bib": "1"}, fold)


async def test_checkpoints_are_those_of_the_runners_own_race(fold: Fold) -> None:
    ask = Ask("checkpoint", "checkpoint", Kind.CHECKPOINT)
    assert hint(ask, "", {"bib": "101"}, fold) == "one of start, finish"
    assert hint(ask, "", {"bib": "2"}, fold) == "one of start, pass, hut, finish"
    assert hint(ask, "old", {"bib": "2"}, fold) == "Old Hut"


async def test_a_question_begins_with_what_the_screen_is_about(fold: Fold) -> None:
    about = About(bib="2", station="hut", alert="overdue/2/hut")
    race = fold.event.by_id["long"]
    assert [first(Ask("it", "it", kind), about, race) for kind in (Kind.BIB, Kind.STATION, Kind.ALERT, Kind.RACE, Kind.FACT)] == [
        "2",
        "hut",
        "overdue/2/hut",
        "long",
        "",
    ]
    assert hint(Ask("bib", "bib", Kind.BIB), "2", {}, fold) == "Bo Çédille, Long Way, > racing, unconfirmed"
