"""What people type when a decision is asked for, and what it comes to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.conftest import EVENT, ROSTER, START_MS, Weekend
from tracker.core.facts import DeskWord, Withdrawal
from tracker.dashboard.deciding.acts import ACTS, BY_KEY, Act, Ask, Kind
from tracker.dashboard.deciding.answers import AnswerError, first, hint, read
from tracker.dashboard.deciding.menu import menu_text
from tracker.dashboard.scene import About
from tracker.files.times import HOUR_MS, parse_duration
from tracker.fold import Fold
from tracker.wire import Wire
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
    Kind.STATION_ON_THE_WAY: "hut",
    Kind.CAUSE: "injury",
    Kind.DEVICE: "hut-1",
    Kind.FACT: "m3",
    Kind.ALERT: "out_of_time/3",
    Kind.MOMENT: "13:05",
    Kind.LATER: "13:05",
    Kind.SECONDS: "90",
    Kind.YES: "y",
    Kind.FORCED: "forced",
    Kind.NO_ENTRANT: "777",
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
    fact = wire.decode(*wire.said(act.kind, fields))
    assert isinstance(fact, DeskWord)
    assert (fact.by if isinstance(fact, Withdrawal) else fact.author) == "Dir. Ector"


def test_every_desk_kind_can_be_decided_and_every_key_picks_one() -> None:
    by_command = {"final"}  # tracker finalise says it: it proves first that nothing stands in the way
    assert {act.kind for act in ACTS} == set(DESK_KINDS) - by_command
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
        (Kind.FORCED, "Forced", True),
        (Kind.NO_ENTRANT, "777", "777"),
        (Kind.CHECKPOINTS, "hut, pass hut", ["hut", "pass"]),
        (Kind.CHECKPOINT, "HUT", "hut"),
        (Kind.LATER, "+30m", START_MS + parse_duration("5h30")),
        (Kind.FACT, "m12", "m12"),
        (Kind.FACT, "a pending one", "a pending one"),
        (Kind.TEXT, "fog\u202e\x1b \t and  wind", "fog and wind"),
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
        ("+ 30m", {"extend_by": "30m"}, "30m later"),
        ("6h30", {"it": "6h30"}, "6h30 after the start"),
        ("Thu 14:30", {"it": "2024-06-13T14:30:00.000+02:00"}, "Thu 2024-06-13 14:30:00"),
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
        (Kind.CHECKPOINT, "s", "there are several that begin so; write one of start (Square), finish (Square)"),
        (Kind.CHECKPOINT, "summit", "there is no checkpoint 'summit'; write one of start, pass, hut, finish"),
        (Kind.STATION, "summit", "there is no station 'summit'; write one of square, pass, hut, chapel"),
        (Kind.DEVICE, "pass-9", "there is no device 'pass-9'; write one of hut-1"),
        (Kind.WAVE, "b", "there is no wave 'b'; write one of those that there are (none)"),
        (Kind.LIMIT, "+soon", '"soon" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'),
        (Kind.LIMIT, "9hh", '"9hh" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'),
        (Kind.MOMENT, "25:00", '"25:00" is on no clock; correct it: hour must be in 0..23'),
        (Kind.MOMENT, "later", '"later" is no moment; write 03:30, Sat 03:30, now, +30m, -10m or 2022-06-25T03:30:00'),
        (Kind.SECONDS, "nan", "nan is more than eleven days; write seconds, such as 90 or -30, or 10m"),
        (Kind.SECONDS, "a lot", '"a lot" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'),
        (Kind.LIMIT, "30", '"30" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'),
        (Kind.LATER, "12:59", "Sat 12:59:00 is over; write a moment to come, such as +30m or Sat 03:30"),
        (Kind.FACT, "m", "12 facts have an id that begins with m; write more of it"),
        (
            Kind.ALERT,
            "overdue/2/gone",
            "there is no alert 'overdue/2/gone'; write one of unaccounted/5, out_of_time/3/pass, silent/hut, not_started/long",
        ),
        (Kind.TEXT, "x" * 101, "it is longer than 100 characters; shorten it"),
        (Kind.YES, "perhaps", "'perhaps' is neither yes nor no; write y or n"),
        (Kind.FORCED, "y", "'y' forces nothing; write the word forced, or leave it empty"),
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
    bibs = fold.roster.by_bib
    assert [first(Ask("it", "it", kind), about, race, bibs) for kind in (Kind.BIB, Kind.STATION, Kind.ALERT, Kind.RACE, Kind.FACT)] == [
        "2",
        "hut",
        "overdue/2/hut",
        "long",
        "",
    ]
    assert first(Ask("it", "it", Kind.CHECKPOINT), about, race, bibs) == "hut"
    assert first(Ask("it", "it", Kind.CHECKPOINT), About(station="square"), race, bibs) == "", "it is passed twice"
    assert first(Ask("it", "it", Kind.CHECKPOINT), About(station="square", checkpoint="finish"), race, bibs) == "finish"
    assert [first(ask, About(bib="777"), race, bibs) for ask in BY_KEY["b"].asks] == ["777", ""]
    assert [first(ask, about, race, bibs) for ask in BY_KEY["b"].asks] == ["", "2"]
    assert hint(Ask("bib", "bib", Kind.BIB), "2", {}, fold) == "Bo Çédille, Long Way, > racing, unconfirmed"


async def folded_of(path: Path, event: str = EVENT, roster: str = ROSTER) -> Fold:
    weekend = await Weekend(path).begin(event, roster)
    try:
        return await folded(weekend)
    finally:
        await weekend.end()


async def test_a_bib_is_known_in_small_letters_too_where_it_is_one_only(tmp_path: Path) -> None:
    fold = await folded_of(tmp_path / "race.db", roster="bib,race\nM7,long\nF7,long\nf7,long\n")
    ask = Ask("bib", "bib", Kind.BIB)
    assert read(ask, "m7", {}, fold).fields == {"bib": "M7"}
    assert read(ask, "f7", {}, fold).fields == {"bib": "f7"}
    with pytest.raises(AnswerError, match="bib 7 is not on the roster"):
        read(ask, "7", {}, fold)


async def test_a_name_is_that_of_one_checkpoint_even_where_another_begins_so(tmp_path: Path) -> None:
    event = EVENT.replace('name = "High Pass"', 'name = "Illa"').replace('name = "Old Hut"', 'name = "Illa Nord"')
    fold = await folded_of(tmp_path / "race.db", event)
    ask = Ask("checkpoint", "checkpoint", Kind.CHECKPOINT)
    assert read(ask, "illa", {"race": "long"}, fold).fields == {"checkpoint": "pass"}
    with pytest.raises(AnswerError, match=r"several that begin so; write one of pass \(Illa\), hut \(Illa Nord\)"):
        read(ask, "ill", {"race": "long"}, fold)


async def test_a_device_that_only_reads_can_be_named_and_a_runner_moves_to_another_race_only(noon: Weekend) -> None:
    await noon.say("pass", "passage", "4h", bib="2", device="pass-2")
    fold = await folded(noon)
    assert read(Ask("device", "device", Kind.DEVICE), "pass-2", {}, fold).fields == {"device": "pass-2"}
    assert hint(Ask("race", "to race", Kind.OTHER_RACE), "", {"bib": "2"}, fold) == "one of short"


async def test_of_a_fact_it_is_said_what_it_is_and_of_two_with_one_id_both(noon: Weekend) -> None:
    ask = Ask("fact", "fact id", Kind.FACT)
    for bib in ("1", "2"):
        await noon.say("hut", "passage", "4h", bib=bib, id="twin")
    said = read(ask, "tw", {}, await folded(noon))
    assert said.fields == {"fact": "twin"}
    assert said.words == "Sat 12:00:00  passage: bib 1, station hut AND Sat 12:00:00  passage: bib 2, station hut"


async def test_where_somebody_who_wears_anothers_bib_gave_up_is_not_said_of_the_wrong_runner(noon: Weekend) -> None:
    await noon.say("desk", "bib", "4h", **{"from": "2", "to": "4"}, author="Ector", reason="swapped at the start")
    fold, ask = await folded(noon), BY_KEY["w"].asks[1]
    assert read(ask, "hut", {"bib": "4"}, fold).fields == {"station": "hut"}
    with pytest.raises(AnswerError, match=r"what a station says of bib 2 is bib 4's; leave the station empty, and name it in the reason"):
        read(ask, "hut", {"bib": "2"}, fold)


async def test_of_a_void_it_is_said_what_it_voids(noon: Weekend) -> None:
    await noon.say("desk", "status", "4h", bib="2", status="withdrawn", author="Ector", reason="radio", id="out")
    await noon.say("desk", "void", "4h30", fact="out", author="Ector", reason="wrong bib", id="back")
    said = read(Ask("fact", "fact id", Kind.FACT), "back", {}, await folded(noon))
    assert said.words == (
        "Sat 12:30:00  void: author Ector, reason wrong bib, fact out: "
        "Sat 12:00:00  decision: author Ector, reason radio, bib 2, status withdrawn"
    )


async def test_which_way_a_clock_is_off_is_said_in_words(fold: Fold) -> None:
    words = [read(BY_KEY["k"].asks[1], text, {}, fold).words for text in ("90", "-1m")]
    assert words == ["90 s ahead of the right time", "60 s behind the right time"]
    assert read(BY_KEY["p"].asks[1], "10m", {}, fold).words == "600 s more"
