"""What the screen tells of alerts and of where the starters are: nothing that the desk has seen already, and what came late."""

from time import monotonic

import pytest

from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import LARGE, SMALL, dashboard

SEEN = {"author": "race office", "reason": "he was asked"}


async def says_of(weekend: Weekend, alert: str, state: str, when: str = "5h", **more: object) -> None:
    await weekend.say("desk", "alert", when, alert=alert, state=state, **SEEN, **more)


async def test_an_acknowledged_alert_is_not_in_the_list(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        assert "bib 3 is out of time at High Pass" in eyes.words
        assert "bib 5 is out of the race and not accounted for" in eyes.words
    await says_of(noon, "out_of_time/3/pass", "acknowledged")
    async with dashboard(noon.path, LARGE) as eyes:
        assert "bib 3 is out of time at" not in eyes.words
        assert "bib 5 is out of the race and not accounted for" in eyes.words


async def test_an_acknowledged_alert_is_not_counted_on_a_small_screen(noon: Weekend) -> None:
    await says_of(noon, "out_of_time/3/pass", "acknowledged")
    async with dashboard(noon.path, SMALL) as eyes:
        eyes.line_with("2 to act on, 1 to look at; since")


async def test_a_shelved_alert_comes_back_when_its_time_has_come(noon: Weekend) -> None:
    await says_of(noon, "out_of_time/3/pass", "shelved", until=noon.at_ms + 600_000)
    async with dashboard(noon.path, LARGE) as eyes:
        assert "bib 3 is out of time at" not in eyes.words
        await noon.now("5h10")
        await eyes.look()
        assert "bib 3 is out of time at High Pass" in eyes.words


async def test_an_alert_goes_at_once_with_the_desks_word(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        assert "bib 3 is out of time at High Pass" in eyes.words
        await says_of(noon, "out_of_time/3/pass", "acknowledged")
        await eyes.look()
        assert "bib 3 is out of time at" not in eyes.words


async def test_what_comes_in_while_the_races_clock_stands_still_is_told_within_seconds(
    noon: Weekend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await noon.reads("777", hut="4h50")
        wall_s = monotonic()
        monkeypatch.setattr("tracker.dashboard.scene.monotonic", lambda: wall_s + 5)
        await eyes.look()
        assert "bib 777 is not on the roster" in eyes.words


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("out_of_time/3/pass", "!! 2 to act on, 1 to look at; since"),
        ("unaccounted/5", "!! 2 to act on, 1 to look at; since"),
        ("not_started/long", "!! 3 to act on; since"),
    ],
)
async def test_only_the_alert_that_was_named_is_seen(what: str, left: str, noon: Weekend) -> None:
    await says_of(noon, what, "acknowledged")
    async with dashboard(noon.path, SMALL) as eyes:
        eyes.line_with(left)


async def test_when_all_is_seen_there_are_no_alerts(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL) as eyes:
        eyes.line_with("!! 3 to act on, 1 to look at; since")
    for alert in ("out_of_time/3/pass", "unaccounted/5", "not_started/long", "overdue/2/hut"):
        await says_of(noon, alert, "acknowledged")
    async with dashboard(noon.path, SMALL) as eyes:
        assert "no alerts" in eyes.lines


async def test_what_a_late_read_has_changed_is_told_to_who_looks_on_and_to_who_comes_later(noon: Weekend) -> None:
    await noon.now("6h30")
    async with dashboard(noon.path, LARGE) as eyes:
        assert "no longer holds" not in eyes.words
        await noon.say("hut", "passage", "5h50", bib="2")
        await noon.now("6h30m06")
        await eyes.look()
        side = "".join(line[eyes.app.screen.query_one("#board").size.width :] for line in eyes.lines)
        assert "bib 2: out of time at Old Hut no longer holds" in " ".join(side.split())
    async with dashboard(noon.path, LARGE) as eyes:
        assert "no longer holds" in eyes.words


async def test_the_ledger_tells_where_those_are_who_started(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        told = (("started", 5), ("on a leg", 2), ("in a station", 0), ("out, where?", 2), ("out, safe", 0), ("at the finish", 1))
        for words, number in told:
            assert eyes.line_with(words).endswith(f"{words:<14}{number:>6}")
        await noon.say("desk", "accounted", "5h", bib="5", where="bus", **SEEN)
        await noon.say("hut", "passage", "4h50", bib="2", way="in")
        await noon.now("5h01")
        await eyes.look()
        told = (("started", 5), ("on a leg", 1), ("in a station", 1), ("out, where?", 1), ("out, safe", 1), ("at the finish", 1))
        for words, number in told:
            assert eyes.line_with(words).endswith(f"{words:<14}{number:>6}")


async def test_what_finds_no_room_beside_the_board_is_counted_and_the_rest_stands_whole(noon: Weekend) -> None:
    async with dashboard(noon.path, (160, 24)) as eyes:
        side = [line[eyes.app.screen.query_one("#board").size.width :].strip() for line in eyes.lines[:-1]]
        told = [line for line in side[side.index("", 3) :] if line]
        assert [line[:18] for line in told if line.startswith("!")] == ["!! Sat 08:50 bib 5", "!! Sat 11:20 bib 3"]
        assert told[-2:] == ["Pass (too late), not yet confirmed", "and 2 more alerts"], eyes.text
    async with dashboard(noon.path, LARGE) as eyes:
        assert "more alert" not in eyes.text


async def test_a_wide_screen_too_low_for_ledger_and_alerts_tells_them_below_the_board(noon: Weekend) -> None:
    async with dashboard(noon.path, (160, 20)) as eyes:
        eyes.line_with("3 to act on, 1 to look at; since")
        eyes.line_with("out, where? 2  on a leg 2")
    async with dashboard(noon.path, (160, 21)) as eyes:
        eyes.line_with("and 3 more alerts")
