"""What a person asks of a journal before he moves a cutoff, and after a backlog has come in: `tracker whatif` and `tracker changes`."""

import re
from pathlib import Path

import orjson
import pytest

from tests.conftest import GUN_MS, MINUTE_MS, Message, RaceDay, Tracker, race_day, race_toml, write_lines, write_received
from tracker.clock import RaceClock

TINY = race_day(3)
"""Three runners, who reach the col from 07:30:06 on, the hut from 09:00:12 on, and the finish from 12:00:24 on."""
TWO_RACES = TINY._replace(
    event_toml=TINY.event_toml + race_toml("15k", 600, ("start", "village", 0.0, None), ("finish", "col", 10.0, None))
)


@pytest.fixture
def tiny(tmp_path: Path, tracker: Tracker) -> Path:
    path = tmp_path / "tiny.db"
    assert tracker("feed", path, write_lines(tmp_path / "tiny.jsonl", TINY.messages), *TINY.files(tmp_path)).code == 0
    return path


def test_whatif_lists_who_would_be_something_else_and_writes_nothing(tiny: Path, tracker: Tracker) -> None:
    before = tiny.read_bytes()
    words = ("--at", "2022-06-25T09:00:30", "--cutoff", "40k/hut=3h00m20", "--from", "2022-06-25T06:00:00")
    said = tracker("whatif", tiny, *words)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[:2] == [
        "Hill Race, Sat 2022-06-25 09:00:30 (Europe/Andorra): nothing is written",
        "cutoff 40k/hut: Sat 13:00:00, would be Sat 09:00:20",
    ]
    table = lines[next(no for no, line in enumerate(lines) if line.startswith("race")) :]
    assert [re.split(r"  +", line.strip()) for line in table] == [
        ["race", "bib", "name", "now", "would be"],
        ["40k", "2", "Runner 2", "racing, last seen at Hut", "out of time at Hut, seen there too late"],
        ["40k", "3", "Runner 3", "racing, last seen at Col", "out of time at Hut"],
        ["2 runners change now"],
    ]
    assert tiny.read_bytes() == before


def test_one_runner_is_counted_as_one(tmp_path: Path, tiny: Path, tracker: Tracker) -> None:
    words = ("--at", "2022-06-25T09:00:15", "--cutoff", "40k/hut=3h00m13", "--from", "2022-06-25T06:00:00")
    assert [line for line in tracker("whatif", tiny, *words).out.splitlines() if line.endswith(" now")][-1] == "2 runners change now"
    one = tmp_path / "one.db"
    assert tracker("feed", one, write_lines(tmp_path / "one.jsonl", TINY.messages[:1]), *TINY.files(tmp_path)).code == 0
    told = tracker("status", one, "--at", "2022-06-25T06:01:00").out.splitlines()
    assert told[1].startswith("1 fact, 0 in quarantine")
    late = tracker("whatif", one, "--at", "2022-06-25T11:00:00", "--cutoff", "40k/col=6h").out.splitlines()
    assert late[-1] == "1 runner changes now"


def test_whatif_as_json_has_both_sides_of_each_runner(tiny: Path, tracker: Tracker) -> None:
    words = ("--at", "2022-06-25T09:00:30", "--cutoff", "40k/hut=3h00m20", "--from", "2022-06-25T06:00:00", "--json")
    found = orjson.loads(tracker("whatif", tiny, *words).out)
    assert set(found) == {"changes", "expected"}
    assert found["changes"][0] == {
        "race": "40k",
        "bib": "2",
        "before": {"status": "racing", "flags": [], "words": "racing, last seen at Hut"},
        "after": {"status": "out_of_time", "flags": ["provisional", "late:hut"], "words": "out of time at Hut, seen there too late"},
    }
    assert [change["bib"] for change in found["changes"]] == ["2", "3"]


def test_whatif_tells_who_is_expected_on_the_other_side_of_the_cutoff(tiny: Path, tracker: Tracker) -> None:
    words = ("--at", "2022-06-25T07:30:30", "--cutoff", "40k/hut=3h")
    lines = tracker("whatif", tiny, *words).out.splitlines()
    expected = orjson.loads(tracker("whatif", tiny, *words, "--json").out)["expected"]
    assert [(one["bib"], one["checkpoint"], one["in_time"]) for one in expected] == [(bib, "hut", False) for bib in "123"]
    times = [one["expected"].split("T")[1][:5] for one in expected]
    assert lines[2:] == [
        *(f"40k bib {bib} is expected at Hut at Sat {time}, and would be too late" for bib, time in zip("123", times, strict=True)),
        "nobody changes now",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cutoff", "40k/col=+30m"], ["cutoff 40k/col: Sat 10:00:00, would be Sat 10:30:00"]),
        (["--cutoff", "40k/col=-1h"], ["cutoff 40k/col: Sat 10:00:00, would be Sat 09:00:00"]),
        (["--cutoff", "40k/col=2022-06-25T10:15:00"], ["cutoff 40k/col: Sat 10:00:00, would be Sat 10:15:00"]),
        (["--cutoff", "40k/col=5h", "--onward"], ["cutoff 40k/col: Sat 10:00:00, would be Sat 11:00:00, and every later one as much"]),
        (["--cutoff", "40k/start=1h"], ["cutoff 40k/start: none, would be Sat 07:00:00"]),
        (
            ["--cutoff", "40k/col=5h", "--cutoff", "40k/ridge=+1h"],
            ["cutoff 40k/col: Sat 10:00:00, would be Sat 11:00:00", "cutoff 40k/ridge: Sat 16:00:00, would be Sat 17:00:00"],
        ),
        *(
            ([word for move in moves for word in ("--cutoff", f"40k/col={move}")], [f"cutoff 40k/col: Sat 10:00:00, would be Sat {then}"])
            for moves, then in (
                (("5h30", "-30m"), "11:00:00"),
                (("-30m", "5h30"), "11:30:00"),
                (("5h30", "-30m", "+1h"), "12:00:00"),
                (("5h30", "5h"), "11:00:00"),
                (("5h", "5h30"), "11:30:00"),
            )
        ),
    ],
)
def test_whatif_says_how_the_cutoffs_are_and_how_they_would_be(words: list[str], told: list[str], tiny: Path, tracker: Tracker) -> None:
    lines = tracker("whatif", tiny, "--at", "2022-06-25T06:30:00", *words).out.splitlines()
    assert lines[1:] == [*told, "nobody changes now"]


_MOVE_FORM = "write RACE/CHECKPOINT=VALUE, where VALUE is 9h30 (from the start), +30m, -1h, or 2022-06-25T03:30:00"
_DURATION_FORM = "write it as 8h, 12h30, 19h15m06 or 90m"


@pytest.mark.parametrize(
    ("move", "error"),
    [
        ("nonsense", f"--cutoff: 'nonsense' is no move of a cutoff; {_MOVE_FORM}"),
        ("40k=4h", f"--cutoff: '40k=4h' is no move of a cutoff; {_MOVE_FORM}"),
        ("40k/col=", f"--cutoff: '40k/col=' is no move of a cutoff; {_MOVE_FORM}"),
        ("40k/col/in=4h", f"--cutoff: '40k/col/in=4h' is no move of a cutoff; {_MOVE_FORM}"),
        ("21k/col=4h", "--cutoff: there is no race '21k'; there are 40k"),
        ("40k/top=4h", "--cutoff: race 40k has no checkpoint 'top'; it has start, col, hut, ridge, finish"),
        ("40k/col=9", f'--cutoff: "9" is no duration; {_DURATION_FORM}'),
        ("40k/col=+soon", f'--cutoff: "soon" is no duration; {_DURATION_FORM}'),
        ("40k/col=12h75", f'--cutoff: "12h75" is no duration; {_DURATION_FORM}'),
        ("40k/col=2022-06-25", '--cutoff: "2022-06-25" has no time of day; write it with the time, for example 2022-06-25T03:00:00'),
        ("40k/start=+30m", "--cutoff: start of race 40k has no cutoff to move from: say when it is"),
    ],
)
def test_a_move_that_cannot_be_read_or_done_says_what_to_write(move: str, error: str, tiny: Path, tracker: Tracker) -> None:
    said = tracker("whatif", tiny, "--cutoff", move)
    assert (said.code, said.out, said.err.strip()) == (1, "", f"tracker: {error}")


def test_whatif_says_which_word_is_no_moment(tiny: Path, tracker: Tracker) -> None:
    said = tracker("whatif", tiny, "--cutoff", "40k/col=+1h", "--from", "18:00")
    assert said.err.strip() == 'tracker: --from: "18:00" has no date; write it with the day, for example 2022-06-25T18:00'


def moment(hours: float) -> int:
    """UTC milliseconds of a local hour of the race's day."""
    return GUN_MS + round((hours - 6) * 60 * MINUTE_MS)


def with_a_backlog(path: Path, *later: Message, day: RaceDay = TINY) -> Path:
    """The village and the col came at once, the hut five hours late, at 14:00; it is a quarter past that now."""
    told = [(orjson.loads(message[1])["time"], message) for message in day.messages if orjson.loads(message[1])["time"] < moment(10)]
    received = [(moment(14) if "/hut/" in message[0] else at_ms, message) for at_ms, message in told]
    received += [(moment(14), message) for message in later]
    return write_received(path, day, RaceClock(0, moment(14.25), 0.0), received)


def test_changes_lists_who_was_something_else_than_was_known(tmp_path: Path, tracker: Tracker) -> None:
    said = tracker("changes", with_a_backlog(tmp_path / "late.db"), "--since", "2022-06-25T13:30:00")
    assert (said.code, said.err) == (0, "")
    *lines, last = said.out.splitlines()
    assert [line.partition(", overdue")[0] for line in lines] == [
        f"40k bib {bib}: out of time at Hut no longer holds, it was racing, last seen at Hut" for bib in "123"
    ]
    assert last == "as of Sat 2022-06-25 13:30:00, 3 runners were something else by the 3 facts that came later"


@pytest.mark.parametrize("words", [(), ("--known-at", "2022-06-25T14:10:00")], ids=["now", "as known a while ago"])
def test_status_tells_the_news_that_who_followed_was_told(words: tuple[str, ...], tmp_path: Path, tracker: Tracker) -> None:
    path = with_a_backlog(tmp_path / "late.db")
    found = orjson.loads(tracker("status", path, "--json", *words).out)["alerts"]
    told = {alert["text"].partition(",")[0] for alert in found if alert["kind"] == "late"}
    assert told == {f"bib {bib}: out of time at Hut no longer holds" for bib in "123"}
    for earlier in (("--known-at", "2022-06-25T13:59:00"), ("--at", "2022-06-25T14:10:00")):
        alerts = orjson.loads(tracker("status", path, "--json", *earlier).out)["alerts"]
        assert "late" not in {alert["kind"] for alert in alerts}


def test_changes_of_one_runner_by_one_fact_is_told_in_lines_that_fit_a_pipe(tmp_path: Path, tracker: Tracker) -> None:
    event = TINY.event_toml.replace('name = "Hut"', f'name = "{" ".join(["Hut"] * 19)}"')
    long = TINY._replace(event_toml=event, messages=[message for message in TINY.messages if b'"bib":"1"' in message[1]])
    said = tracker("changes", with_a_backlog(tmp_path / "late.db", day=long), "--since", "2022-06-25T13:30:00")
    lines = said.out.splitlines()
    assert lines[-1] == "as of Sat 2022-06-25 13:30:00, 1 runner was something else by the 1 fact that came later"
    assert len(lines) > 2
    assert max(len(line) for line in lines) <= 132


def test_changes_is_silent_where_nothing_has_come_later(tmp_path: Path, tracker: Tracker) -> None:
    said = tracker("changes", with_a_backlog(tmp_path / "late.db"), "--since", "2022-06-25T14:00:00")
    assert said.out == "as of Sat 2022-06-25 14:00:00, 0 runners were something else by the 0 facts that came later\n"


def test_changes_tells_of_who_had_been_moved_to_a_shorter_race(tmp_path: Path, tracker: Tracker) -> None:
    """The desk's word came later than the moment: he was seen at the hut, which his race has not, and at the col, where it ends."""
    said = {"id": "r-1", "time": moment(8), "author": "race office", "reason": "turned off", "bib": "1", "race": "15k"}
    move = ("tracker/hill/desk/race", orjson.dumps(said))
    at_hut = next(message for message in TINY.messages if "/hut/" in message[0])
    journal = tmp_path / "moved.db"
    told = [(orjson.loads(message[1])["time"], message) for message in TINY.messages]
    received = [(at_ms, message) for at_ms, message in told if at_ms <= orjson.loads(at_hut[1])["time"]]
    write_received(journal, TWO_RACES, RaceClock(0, moment(9.1), 0.0), [*received, (moment(9.05), move)])
    found = tracker("changes", journal, "--since", "2022-06-25T09:01:00")
    assert found.code == 0
    assert "bib 1: racing, last seen at Hut no longer holds, it was finished" in found.out


AHEAD_MS = -120 * MINUTE_MS
"""What a device of the wrong zone is off: the hut's clock is two hours behind, and the col's as much ahead."""


def in_the_wrong_zone(path: Path, corrected_ms: int = moment(5)) -> Path:
    """The day of three runners, whose reads are received as they happen; the desk's words on the two clocks are received at a moment."""
    received: list[tuple[int, Message]] = []
    for topic, payload in TINY.messages:
        said = orjson.loads(payload)
        off_ms = {"col-1": -AHEAD_MS, "hut-1": AHEAD_MS}.get(said["device"], 0)
        received.append((said["time"], (topic, orjson.dumps(said | {"time": said["time"] + off_ms}))))
    for device, offset_s in (("col-1", 7200), ("hut-1", -7200)):
        word = {"id": device, "time": moment(5), "author": "race office", "reason": "wrong zone", "device": device, "offset_s": offset_s}
        received.append((corrected_ms, ("tracker/hill/desk/clock", orjson.dumps(word))))
    received.sort(key=lambda one: one[0])
    return write_received(path, TINY, RaceClock(0, moment(14), 0.0), received)


@pytest.mark.parametrize("corrected_ms", [moment(5), moment(13)], ids=["said before", "received after"])
@pytest.mark.parametrize(
    ("at", "facts", "told", "alerts"),
    [
        pytest.param("08:00:00", 8, "racing Col", ["unknown_device"], id="read at the col by a clock of ten o'clock"),
        pytest.param("08:59:00", 8, "racing Col", ["unknown_device"], id="not yet at the hut, whose clock is at seven"),
        pytest.param("09:05:00", 11, "racing Hut", [], id="at the hut"),
        pytest.param("11:00:00", 14, "racing Ridge", [], id="further on"),
    ],
)
def test_as_of_a_moment_what_counts_is_the_right_time_of_a_read(
    at: str, facts: int, told: str, alerts: list[str], corrected_ms: int, tmp_path: Path, tracker: Tracker
) -> None:
    path = in_the_wrong_zone(tmp_path / "zone.db", corrected_ms)
    found = orjson.loads(tracker("status", path, "--at", f"2022-06-25T{at}", "--json").out)
    names = {"col": "Col", "hut": "Hut", "ridge": "Ridge"}
    runners = found["races"]["40k"]["runners"]
    assert [f"{runner['status']} {names[runner['checkpoint']]}" for runner in runners] == [told] * 3
    assert [runner["flags"] for runner in runners] == [[]] * 3
    assert (found["facts"], [alert["kind"] for alert in found["alerts"]]) == (facts, alerts)


def test_whatif_as_of_a_moment_knows_who_was_read_by_a_clock_that_is_ahead(tmp_path: Path, tracker: Tracker) -> None:
    words = ("--at", "2022-06-25T08:30:00", "--cutoff", "40k/col=2h", "--from", "2022-06-25T06:00:00")
    lines = tracker("whatif", in_the_wrong_zone(tmp_path / "zone.db"), *words).out.splitlines()
    assert lines[1:] == ["cutoff 40k/col: Sat 10:00:00, would be Sat 08:00:00", "nobody changes now"]


@pytest.mark.parametrize(
    ("since", "told"),
    [
        pytest.param("08:30:00", [], id="what was read at nine was yet to come, though its clock said seven"),
        pytest.param(
            "09:35:00",
            [f"40k bib {bib}: racing, last seen at Col, suspect no longer holds, it was racing, last seen at Hut" for bib in "123"],
            id="the hut's reads seemed to be older than the col's",
        ),
    ],
)
def test_changes_of_a_moment_are_by_the_clocks_as_they_were_said_to_be_then_and_are_now(
    since: str, told: list[str], tmp_path: Path, tracker: Tracker
) -> None:
    path = in_the_wrong_zone(tmp_path / "zone.db", moment(13))
    *lines, last = tracker("changes", path, "--since", f"2022-06-25T{since}").out.splitlines()
    assert lines == told
    assert last == f"as of Sat 2022-06-25 {since}, {len(told)} runners were something else by the 2 facts that came later"


def test_changes_says_what_is_no_moment(tiny: Path, tracker: Tracker) -> None:
    said = tracker("changes", tiny, "--since", "yesterday")
    assert said.code == 1
    assert said.err.strip() == 'tracker: "yesterday" is no moment; write 2022-06-25T03:00:00 (local) or 2022-06-25T03:00:00+02:00'
