"""What the columns of the board say, one by one."""

from tests.core.builders import at, cutoff, entrant, field_of, field_of_races, moves_cutoff, race_with, read, reads
from tests.dashboard.conftest import Weekend
from tracker.core.look_back import LookBack
from tracker.core.race_state import Runner
from tracker.dashboard.format import margin, move
from tracker.dashboard.sheet import Sheet, cells, limit_ahead, make_sheet
from tracker.dashboard.shown import gap_title

S, M, H = 1_000, 60_000, 3_600_000


async def sheet_of(weekend: Weekend) -> Sheet:
    return make_sheet(await weekend.field(), "long")


async def column(weekend: Weekend, key: str, to: str | None = None) -> dict[str, str]:
    """A column's cells by bib, at the weekend's moment; gaps to a runner."""
    sheet = await sheet_of(weekend)
    rival = None if to is None else sheet.lines.runner(sheet.line_of[to])
    return {runner.entrant.bib: cells(sheet, no, weekend.at_ms, rival, keys={key})[key] for no, runner in enumerate(runners(sheet))}


def runners(sheet: Sheet) -> list[Runner]:
    return [sheet.lines.runner(no) for no in range(len(sheet.lines))]


def test_a_margin_has_a_sign_and_a_word_and_places_won_have_an_arrow() -> None:
    assert [margin(ms) for ms in (2 * H + 5 * M, 40 * S, 0, -S, -80 * M)] == ["+2h05", "+40s", "+0s", "-1s late", "-1h20 late"]
    assert [move(won) for won in (2, -1, 0, 120)] == ["▲2", "▼1", "", "▲120"]


async def test_who_was_seen_lately_has_no_age_and_who_is_out_there_unseen_for_an_hour_has_one(noon: Weekend) -> None:
    ages = await column(noon, "age")
    assert ages == {"1": "", "4": "", "2": "3h20", "3": "1h40", "5": "4h59", "6": "", "12": ""}
    await noon.say("desk", "accounted", "4h55", bib="5", author="Dir. Ector", reason="at the bus", where="bus")
    assert (await column(noon, "age"))["5"] == "", "who is in safe hands is sought by nobody"


async def test_an_age_is_since_he_was_read_going_out(weekend: Weekend) -> None:
    await weekend.reads("1", square="1s")
    await weekend.say("pass", "passage", "1h30", bib="1", way="in")
    await weekend.say("pass", "passage", "1h50", bib="1", way="out")
    await weekend.now("2h45")
    assert (await column(weekend, "age"))["1"] == ""
    await weekend.now("2h50")
    assert (await column(weekend, "age"))["1"] == "1h00"


async def test_the_next_checkpoint_has_its_expected_time_as_a_machines_word(noon: Weekend) -> None:
    assert await column(noon, "next") == {"1": "", "4": "~15:48 Square", "2": "~2h00 ago Old Hut", "3": "", "5": "", "6": "", "12": ""}


async def test_an_expected_time_that_is_past_says_how_long_ago_it_was_and_one_of_another_day_which(noon: Weekend) -> None:
    await noon.reads("1", hut="5h55")
    sheet = await sheet_of(noon)
    no = sheet.line_of["4"]
    assert cells(sheet, no, noon.at_ms, keys={"next"})["next"] == "~15:48 Square"
    assert cells(sheet, no, noon.at_ms - 20 * H, keys={"next"})["next"] == "~Sat 15:48 Square"
    assert cells(sheet, no, noon.at_ms + 3 * H, keys={"next"})["next"] == "~11m ago Square"


async def test_a_margin_is_between_the_expected_time_and_the_cutoff_there(tight: Weekend) -> None:
    nexts, margins = await column(tight, "next"), await column(tight, "margin")
    assert nexts["2"] == "~13:07 Old Hut"
    assert margins["2"] == "-37m late", "the hut closes at 12:30"
    assert margins["4"].startswith("+")
    assert margins["1"] == "?", "he should have been there by now, and nobody knows when he will be"
    await tight.now("3h01")
    await tight.say("pass", "heartbeat", "2h30", device="pass-1", seq=1)
    assert (await column(tight, "margin"))["1"] == "-1m late", "whenever he will be there"
    assert margins["6"] == nexts["6"] == "", "he is not on the way"


async def test_a_checkpoint_without_a_cutoff_leaves_no_margin(weekend: Weekend) -> None:
    await weekend.say("desk", "reroute", "1s", race="long", skip=["pass"], author="Dir. Ector", reason="snow")
    await weekend.reads("1", square="1s")
    await weekend.now("10m")
    assert (await column(weekend, "next"))["1"].endswith("Old Hut")
    assert (await column(weekend, "margin"))["1"].startswith("+")
    await weekend.say("desk", "reroute", "5m", race="long", finish="pass", author="Dir. Ector", reason="snow")
    assert (await column(weekend, "next"))["2"] == ""


async def test_gaps_are_to_the_leader_or_to_a_runner_and_before_him_they_are_negative(noon: Weekend) -> None:
    assert await column(noon, "gap") == {"1": "", "4": "+1:50:00", "2": "+0:10:00", "3": "", "5": "", "6": "", "12": ""}
    assert await column(noon, "gap", "2") == {"1": "-0:10:00", "4": "?", "2": "", "3": "", "5": "", "6": "", "12": ""}
    assert set((await column(noon, "gap", "6")).values()) == {""}, "of who was never seen nobody is behind"


async def test_a_gap_between_finishers_is_that_of_their_official_times(noon: Weekend) -> None:
    await noon.say("square", "passage", "4h50", bib="2", way="in")
    await noon.say("desk", "penalty", "4h55", bib="2", seconds=600, author="Dir. Ector", reason="litter")
    assert (await column(noon, "gap"))["2"] == "+0:20:00"
    assert (await column(noon, "gap", "2"))["1"] == "-0:20:00"


async def test_the_title_says_to_whom_gaps_are(noon: Weekend) -> None:
    sheet = await sheet_of(noon)
    assert gap_title(None) == "Gap 1st"
    assert gap_title(sheet.lines.runner(sheet.line_of["12"])) == "Gap 12"


async def test_places_won_and_lost_are_told_beside_the_order_of_a_quarter_of_an_hour_before(weekend: Weekend) -> None:
    await weekend.reads("1", square="1s", **{"pass": "1h30"})
    await weekend.reads("4", square="2s", **{"pass": "1h35"}, hut="2h55")
    await weekend.reads("2", square="1s", **{"pass": "1h40"}, hut="2h50")

    async def moves(now: str) -> dict[str, str]:
        await weekend.now(now)
        sheet = await sheet_of(weekend)
        before = LookBack(sheet.state, weekend.at_ms)
        said = [cells(sheet, no, weekend.at_ms, before=before, keys={"bib", "move"}) for no in range(len(sheet.lines))]
        return {row["bib"]: row["move"] for row in said if row["move"]}

    assert await moves("3h04") == {"2": "▲2", "1": "▼2"}
    assert await moves("3h06") == {"4": "▲1", "1": "▼1"}, "the second had been at the hut already"
    assert await moves("3h11") == {}
    assert set((await column(weekend, "move")).values()) == {""}, "without a look back nothing is known of that"


async def test_a_score_is_an_estimate_of_who_has_finished_or_is_on_the_way_to_it(noon: Weekend) -> None:
    assert await column(noon, "score") == {"1": "~675", "4": "~403", "2": "", "3": "", "5": "", "6": "", "12": ""}


async def test_only_the_columns_that_were_asked_for_are_made(noon: Weekend) -> None:
    sheet = await sheet_of(noon)
    assert cells(sheet, 0, noon.at_ms, keys={"bib", "place"}) == {"place": "1", "bib": "1"}


async def test_the_time_left_is_to_a_cutoff_and_not_to_whatever_else_the_clock_will_change(noon: Weekend) -> None:
    """A phone whose clock is ahead told of a withdrawal half an hour from now: it counts when that is near."""
    assert (await column(noon, "cutoff"))["2"] == "1h00"
    await noon.say("hut", "withdrawal", "5h30", bib="2", reason="fatigue")
    assert (await noon.field()).verdict("2").due_ms == noon.at_ms + 20 * M
    assert (await column(noon, "cutoff"))["2"] == "1h00"


async def test_a_cutoff_that_has_passed_is_told_as_long_as_its_station_may_know_better(tight: Weekend) -> None:
    await tight.say("pass", "heartbeat", "2h30", device="pass-1", seq=1)
    await tight.now("3h10")
    assert (await column(tight, "cutoff"))["1"] == "-10m"
    assert (await column(tight, "cutoff"))["2"] == "1h20"


def test_who_has_to_leave_by_a_cutoff_is_told_of_it_while_he_is_there() -> None:
    race = race_with(cutoff("botella", "8h"), cutoff("illa", "15h"))
    came, went = read("1", "botella", "7h", "in"), read("1", "botella", "7h20", "out")
    field = field_of(race, [*reads("1", start=0), came], now="7h30")
    limits = []
    for more in ((), (went,)):
        field.extend(more)
        runner = field.runners["1"]
        limit = limit_ahead(field.conditions("105k"), runner.entrant, field.verdict("1"), field.now_ms)
        limits.append(None if limit is None else limit.last_ms)
    assert limits == [at("8h"), at("15h")]


def test_before_the_gun_of_his_own_wave_nobody_is_missed() -> None:
    race = race_with(waves={"a": "0s", "b": "1h"})
    entrants = [entrant("1", wave="a"), entrant("2", wave="b")]
    sheet = make_sheet(field_of(race, now="30m", entrants=entrants), "105k")
    last = {bib: [cells(sheet, sheet.line_of[bib], at(when))["last"] for when in ("-1m", "30m", "1h")] for bib in "12"}
    assert last == {"1": ["", "?", "?"], "2": ["", "", "?"]}


def test_rules_that_change_are_another_version_of_a_race_without_runners_too() -> None:
    field = field_of_races((race_with(), race_with(cutoff("botella", "8h"), id="empty")), [entrant("1")])
    before = field.version("empty")
    field.add(moves_cutoff("botella", "9h", race="empty"))
    assert field.version("empty") != before
    sheet = make_sheet(field, "empty")
    assert (len(sheet.lines), sheet.leader, list(sheet.lines)) == (0, None, [])
