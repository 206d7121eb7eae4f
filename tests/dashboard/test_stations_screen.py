"""The stations under a person's fingers: a line each, the one under the cursor in full, and who is still behind it."""

import pytest

from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard, failing
from tracker.core.clocks import ClockOffset
from tracker.core.field import Field
from tracker.core.traffic import Traffic, traffic
from tracker.dashboard import scene, stations_screen
from tracker.dashboard.following import Following
from tracker.dashboard.scene import About
from tracker.fold import Fold


def about(eyes: Eyes) -> About:
    screen = eyes.app.screen
    assert isinstance(screen, Following)
    return screen.about()


def cells_of(eyes: Eyes, station: str) -> dict[str, str]:
    """The cells of a station's line, by title; a cell ends where its title does, or begins where it does."""
    head, line = eyes.lines[2], next(line for line in eyes.lines[3:] if line[1:].startswith(station))
    found = {}
    for title in head.split()[2:]:
        end = head.index(title) + len(title)
        found[title] = line[:end].split()[-1]
    return found


@pytest.fixture
async def monitored(noon: Weekend) -> Weekend:
    """At noon, with two devices at the hut, one of them low and with facts to send, and bib 2 gone in there."""
    await noon.say("hut", "heartbeat", "4h58", device="hut-1", seq=0, queued=0, battery=80)
    await noon.say("hut", "heartbeat", "4h57", device="hut-2", seq=0, queued=3, battery=9)
    await noon.say("hut", "passage", "4h59", bib="2", way="in")
    return noon


@pytest.mark.parametrize("size", [SMALL, LARGE, (120, 30), (240, 70)])
async def test_three_leads_to_a_line_a_station_in_course_order(monitored: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(monitored.path, size) as eyes:
        await eyes.press("3")
        names = [line[1:].split("  ")[0] for line in eyes.lines[3:7]]
        assert names == ["Square", "High Pass", "Old Hut", "Chapel"]
        assert eyes.under_cursor.startswith("▸Square")
        hut = cells_of(eyes, "Old Hut")
        assert {title: hut[title] for title in ("Heard", "Lag", "Clock", "Batt", "Queue", "In", "Behind", "1h", "Risk", "Cutoff")} == {
            "Heard": "3m",
            "Lag": "3m",
            "Clock": "?",
            "Batt": "!9%",
            "Queue": "3",
            "In": "1",
            "Behind": "3",
            "1h": "0",
            "Risk": "0",
            "Cutoff": "1h00",
        }
        assert "not monitored" in eyes.line_with("High Pass ")
        assert len(eyes.lines) == size[1]


async def test_what_was_missed_and_who_is_out_is_counted_where_there_is_room(monitored: Weekend) -> None:
    async with dashboard(monitored.path, LARGE) as eyes:
        await eyes.press("3", "down")
        assert (cells_of(eyes, "High Pass")["Missed"], cells_of(eyes, "High Pass")["Out"]) == ("1", "1")
        eyes.line_with("not read here, and seen further on (1): bib 4")
        eyes.line_with("out of the race, last known here (1): bib 3")


async def test_who_rests_where_nobody_is_read_going_in_and_who_comes_where_nobody_is_next_is_unknown(monitored: Weekend) -> None:
    async with dashboard(monitored.path) as eyes:
        await eyes.press("3")
        assert cells_of(eyes, "High Pass")["In"] == "?", "its devices do not say who goes in, and nothing is heard of them"
        assert (cells_of(eyes, "Chapel")["In"], cells_of(eyes, "Chapel")["1h"], cells_of(eyes, "Chapel")["Risk"]) == ("?", "?", "?")
        assert (cells_of(eyes, "Square")["1h"], cells_of(eyes, "Square")["Risk"]) == ("0", "0"), "one is expected there, and not so soon"


async def test_a_station_that_is_heard_and_has_read_nobody_has_nobody_inside(weekend: Weekend) -> None:
    await weekend.reads("1", square="1s")
    await weekend.say("hut", "heartbeat", "50s", device="hut-1", seq=0, queued=0)
    await weekend.now("1m")
    async with dashboard(weekend.path) as eyes:
        await eyes.press("3")
        assert cells_of(eyes, "Old Hut")["In"] == "0"
        assert (cells_of(eyes, "Old Hut")["1h"], cells_of(eyes, "Old Hut")["Risk"]) == ("?", "?"), "they have the pass before them"


async def test_another_races_cutoff_is_told_with_a_star(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("3")
        assert cells_of(eyes, "Chapel")["Cutoff"] == "0s*"
        assert cells_of(eyes, "Old Hut")["Cutoff"] == "1h00"
        await eyes.press("right")
        assert not cells_of(eyes, "Chapel")["Cutoff"].endswith("*")
        assert cells_of(eyes, "Old Hut")["Cutoff"] == "1h00*"


async def test_a_station_in_full_has_its_devices_its_cutoffs_and_who_is_expected(monitored: Weekend) -> None:
    async with dashboard(monitored.path, LARGE) as eyes:
        await eyes.press("3", "down", "down")
        eyes.line_with("Old Hut: o open, heard 3m ago, all known up to 3m ago")
        eyes.line_with("long: 3 still to come or to leave; cutoff Sat 14:00, in 1h00")
        eyes.line_with("· hut-2: heard 3m ago, known up to 3m ago, 3 queued, battery 9%, clock ?, 0 facts")
        await eyes.press("up", "up")
        eyes.line_with("long: ", "cutoff Sat 18:00, in 5h00 (as finish)")
        assert "4 日本 山田" in eyes.words
        assert "margin" in eyes.line_with("日本 山田")


async def test_a_silent_station_says_why_and_who_waits(monitored: Weekend) -> None:
    await monitored.now("5h30")
    async with dashboard(monitored.path) as eyes:
        await eyes.press("3", "down", "down")
        assert "!! silent" in eyes.under_cursor
        await eyes.press("space")
        assert "silent: hut-2 was last heard 33m ago" in eyes.words
        assert "still to come or to leave (3, 2 of them out of the race and not accounted for): bibs 2, 3, 5" in eyes.words


async def test_what_the_desk_said_of_a_station_is_told_with_its_author(monitored: Weekend) -> None:
    await monitored.say("desk", "station", "4h50", station="pass", state="swept", author="Sweeper Ilse", reason="nobody behind me")
    async with dashboard(monitored.path, LARGE) as eyes:
        await eyes.press("3", "down")
        assert "= swept" in eyes.under_cursor
        eyes.line_with("the desk: swept, Sat 12:50 by Sweeper Ilse, nobody behind me")


async def test_the_clock_that_is_off_is_marked(monitored: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fold, "offsets", lambda _: {"hut-1": ClockOffset(90_000, 500, 9), "hut-2": ClockOffset(400, 500, 9)})
    async with dashboard(monitored.path, LARGE) as eyes:
        await eyes.press("3", "down", "down")
        assert cells_of(eyes, "Old Hut")["Clock"] == "!+1m"
        assert "clock ! +1m ±0.5s" in eyes.line_with("hut-1:")
        assert "clock +0.4s ±0.5s" in eyes.line_with("hut-2:")


async def test_how_the_desk_has_put_a_clock_right_is_told_with_whose_word_it_is_while_that_holds(monitored: Weekend) -> None:
    async with dashboard(monitored.path, (240, 70)) as eyes:
        await eyes.press("3", "down", "down")
        said = {"device": "hut-1", "author": "Anna", "reason": "beside the GPS"}
        await monitored.say("desk", "clock", "4h59", offset_s=95, **said)
        await eyes.look()
        assert "clock ? beyond the +95s put right by Anna Sat 12:59 (beside the GPS), 0 facts" in eyes.line_with("· hut-1:")
        assert "clock ?, 0 facts" in eyes.line_with("· hut-2:")
        await monitored.say("desk", "void", "5h", fact=f"m{monitored.sent}", author="Anna", reason="wrong device")
        await monitored.say("desk", "clock", "5h", offset_s=95, until="2024-06-15T12:30:00+02:00", **said)
        await eyes.look()
        assert "clock ?, 0 facts" in eyes.line_with("· hut-1:"), "taken back, and another that was over at half past twelve"


async def test_d_chooses_a_device_for_what_is_decided_next_and_another_station_has_others(monitored: Weekend) -> None:
    async with dashboard(monitored.path, LARGE) as eyes:
        await eyes.press("3", "down", "down")
        assert about(eyes) == About(station="hut")
        chosen = []
        for _ in range(3):
            await eyes.press("d")
            chosen.append(about(eyes).device)
        assert chosen == ["hut-1", "hut-2", None]
        await eyes.press("d")
        eyes.line_with("» hut-1: heard")
        await eyes.press("up")
        assert about(eyes) == About(station="pass")


async def test_enter_lists_who_is_behind_and_from_there_a_runner_and_escape_comes_back(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("3", "down", "down", "enter")
        eyes.line_with("Old Hut: 3 runners still to come or to leave")
        assert about(eyes) == About(bib="3", station="hut")
        await eyes.press("down", "down")
        assert about(eyes).bib == "2"
        assert eyes.under_cursor.split()[-2:] == ["10:59", "?"], "he should have been there by now"
        await eyes.press("enter")
        assert eyes.lines[2].startswith("2  Bo Çédille")
        await eyes.press("escape")
        assert "Bo Çédille" in eyes.under_cursor
        await eyes.press("escape")
        assert eyes.under_cursor.startswith("▸Old Hut")
        await eyes.press("escape")
        assert "Ada Larch" in eyes.text


async def test_who_comes_through_stays_under_the_cursor_and_is_said_to_be_awaited_no_more(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("3", "down", "down", "enter", "down", "down")
        assert about(eyes).bib == "2"
        await noon.reads("2", hut="4h59")
        await eyes.look()
        assert "not awaited here" in eyes.under_cursor
        assert about(eyes).bib == "2"
        eyes.line_with("Old Hut: 2 runners still to come or to leave")
        await eyes.press("up")
        await eyes.look()
        assert "not awaited here" not in eyes.text


async def test_where_nobody_is_behind_there_is_nobody_to_list(weekend: Weekend) -> None:
    async with dashboard(weekend.path) as eyes:
        await eyes.press("3", "down", "enter", "enter", "down", "d")
        eyes.line_with("High Pass: 0 runners still to come or to leave")
        assert about(eyes) == About(station="pass")


async def test_sums_are_made_once_a_version_and_not_every_time_somebody_looks(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(field: Field) -> dict[str, Traffic]:
        made.append(field.now_ms)
        return traffic(field)

    monkeypatch.setattr(scene, "traffic", counted)
    async with dashboard(noon.path) as eyes:
        await eyes.press("3")
        await eyes.look()
        await eyes.press("down", "up")
        assert len(made) == 1
        await noon.reads("2", hut="4h59")
        await eyes.look()
        assert len(made) == 2


async def test_a_detail_that_fails_says_so_and_the_list_goes_on(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = failing("no such station")
    monkeypatch.setattr(stations_screen, "station_text", fails)
    async with dashboard(noon.path) as eyes:
        await eyes.press("3", "down")
        eyes.line_with("! detail failed (ZeroDivisionError: no such station)")
        assert eyes.under_cursor.startswith("▸High Pass")
        monkeypatch.setattr(stations_screen, "StationTable", fails)
        await eyes.look()
        assert "! the stations failed" in eyes.words


async def test_the_battery_and_the_clock_of_a_device_that_was_retired_worry_nobody(
    monitored: Weekend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fold, "offsets", lambda _: {"hut-1": ClockOffset(400, 500, 9), "hut-2": ClockOffset(90_000, 500, 9)})
    async with dashboard(monitored.path, LARGE) as eyes:
        await eyes.press("3")
        told = ("Clock", "Batt", "Queue")
        assert [cells_of(eyes, "Old Hut")[title] for title in told] == ["!+1m", "!9%", "3"]
        await monitored.say("desk", "device", "4h59", device="hut-2", use="retired", author="Desk A", reason="its battery is dead")
        await eyes.look()
        assert [cells_of(eyes, "Old Hut")[title] for title in told] == ["+0.4s", "80%", "0"]
