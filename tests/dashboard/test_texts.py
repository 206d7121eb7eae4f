"""The texts of the screens, each alone: values in, words out, in exactly so many cells."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.dashboard.conftest import START_MS, Weekend
from tracker.clock import RaceClock
from tracker.core.alert import alert
from tracker.core.missing import Missing
from tracker.core.runner import Place, Status, Verdict, Where
from tracker.core.stations import Station, StationStatus
from tracker.dashboard import lines
from tracker.dashboard.columns import COLUMNS, VIEWS, columns_for, line_of, titles
from tracker.dashboard.format import changed_cells, full_state, heard, race_clock, short_state, span
from tracker.dashboard.sheet import cells, make_sheet
from tracker.text import fit

S, M, H = 1_000, 60_000, 3_600_000
NAMES = ["Ada", "日本太郎日本太郎", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "שרה לוי", "👩‍👩‍👧 fam", "[/nope]", "", "ｶﾞﾝﾊﾞﾚ"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [0, 1, 2, 5, 6, 20])
def test_a_name_takes_exactly_its_column(name: str, width: int) -> None:
    assert cell_len(fit(name, width)) == width
    assert cell_len(fit(name, width, right=True)) == width


def test_what_is_cropped_says_so() -> None:
    assert fit("Coll de la Botella", 10) == "Coll de l…"
    assert fit("日本太郎", 4) == "日 …"
    assert fit("42", 5, right=True) == "   42"


def cells_of(text: str) -> list[str]:
    """What stands in each cell; a wide character fills two, and what combines stands with its base."""
    found: list[str] = []
    for char in text:
        if cell_len(char):
            found += [char, f"{char}←"][: cell_len(char)]
        elif found:
            found[-1] += char
    return found


TEXTS = st.lists(st.sampled_from(["a", "b", " ", "é", "日", "本", "e\u0301", "a\u0301\u0302"]), max_size=8).map("".join)


@settings(max_examples=500, deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_cells_outside_those_that_changed_are_as_they_were(start: str, one: str, other: str, end: str) -> None:
    old, new = (fit(start + middle + end, 30) for middle in (one, other))
    first, after = changed_cells(old, new)
    was, now = cells_of(old), cells_of(new)
    assert (was[:first], was[after:]) == (now[:first], now[after:])
    for cells_now in (was, now):
        assert not any(cells_now[edge].endswith("←") for edge in (first, after) if edge < 30), "no wide character is cut"


def test_of_a_line_in_which_one_figure_changed_only_that_is_drawn_again() -> None:
    assert changed_cells("日本 1h59 x", "日本 1h58 x") == (8, 9)
    assert changed_cells("cafe x", "cafe\u0301 x") == (3, 4)


def test_the_races_clock_is_signed() -> None:
    assert race_clock(14 * H + 20 * M + 25 * S) == "+14:20:25"
    assert race_clock(-30 * M) == "-0:30:00"


def test_spans_are_short_at_every_size() -> None:
    assert [span(ms) for ms in (0, 59_999, M, 59 * M, H, 25 * H + 5 * M, -90 * M)] == ["0s", "59s", "1m", "59m", "1h00", "25h05", "-1h30"]


def test_silence_is_marked() -> None:
    assert heard(None) == "nothing heard yet"
    assert [heard(seconds * S) for seconds in (0, 9, 10, 42, 59)] == [f"heard {ago} ago" for ago in ("<10s", "<10s", "10s", "40s", "50s")]
    assert heard(61 * S) == "heard 1m ago"
    assert heard(12 * M) == "! heard 12m ago"
    assert heard(-5 * M) == "heard 5m ahead of the clock"


def test_a_state_has_a_sign_a_word_and_its_flags() -> None:
    verdict = Verdict(Status.OUT_OF_TIME, ("provisional", "conflict", "late:hut", "missed:pass", "missed:top"))
    assert short_state(verdict) == "! ~out of time conflict late missed 2"
    assert full_state(verdict) == "! out of time, provisional, conflict, late hut, missed pass, missed top"
    assert len({short_state(Verdict(status))[0] for status in Status}) == len(Status)


def test_who_went_on_when_the_race_was_shortened_is_out_there_by_a_word_that_fits_the_smallest_column() -> None:
    went_on = Verdict(Status.FINISHED, ("missed:pass",), place=Place(Where.OUT, 2))
    assert short_state(went_on) == "✓ finished, out missed"
    assert fit(short_state(went_on), next(column.least for column in COLUMNS if column.key == "state")) == "✓ finished, out…"
    assert full_state(went_on) == "✓ finished, out there, missed pass"
    assert short_state(Verdict(Status.FINISHED, place=Place(Where.FINISHED))) == "✓ finished"


def test_many_alerts_of_one_kind_and_race_are_a_few_lines_that_hide_no_other() -> None:
    out = [alert("unaccounted", f"{bib}", START_MS, f"bib {bib} is out", "ask", race="long", bib=f"{bib}") for bib in range(1, 10)]
    silent = alert("silent", "hut", START_MS, "Old Hut is silent", "reach it", station="hut")
    told = lines.alert_list([*out, silent], "Europe/Andorra", 120, 7).plain.splitlines()
    assert [line.partition(" is out")[0][-5:].strip() for line in told[:4]] == ["bib 1", "→ ask", "bib 2", "bib 3"]
    assert told[4].endswith("6 more in race long out of the race and not accounted for: bibs 4, 5, 6, 7, 8, 9")
    assert told[5].endswith("Old Hut is silent")
    assert told[6:] == ["   → reach it"]
    assert "→" not in lines.alert_list([*out, silent], "Europe/Andorra", 120, 5).plain, "an alert comes before any advice"
    assert lines.first_alert([*out, silent], "Europe/Andorra", 60).plain.startswith("!! 10 to act on; since ")


def test_in_one_line_the_alert_to_begin_with_is_the_oldest_of_those_to_act_on() -> None:
    out = [alert("unaccounted", f"{no}", START_MS + no * H, f"bib {no} is out", "ask", race="long", bib=f"{no}") for no in (3, 1, 2)]
    line = lines.first_alert([*out, *STRANGERS], "Europe/Andorra", 60).plain.rstrip()
    assert line == "!! 3 to act on, 9 to look at; since Sat 09:00 bib 1 is out"
    assert lines.first_alert([], "Europe/Andorra", 60).plain.rstrip() == "no alerts"


def test_who_is_missing_is_counted_first_and_named_as_far_as_there_is_room() -> None:
    who = Missing(tuple(str(bib) for bib in range(101, 109)), ("7", "8"))
    silent = replace(STATION, name="Old Hut", status=StationStatus.SILENT, heard_ms=H)
    told = {width: lines.missing_line(who, [STATION, silent], 2 * H + 840_000, width).plain for width in (120, 80, 62, 44, 20)}
    assert told[120].rstrip() == "!! unaccounted 8: 101, 102, 103, 104, 105, 106, 107, 108  overdue 2: 7, 8  silent 1: Old Hut 1h14"
    assert told[80].rstrip() == "!! unaccounted 8: 101, 102, 103, 104 …  overdue 2: 7, 8  silent 1: Old Hut 1h14"
    assert told[62].rstrip() == "!! unaccounted 8: 101, 102, 103 …  overdue 2: 7, 8  silent 1"
    assert told[44].rstrip() == "!! unaccounted 8: 101 …  overdue 2  silent 1"
    assert all(cell_len(line) == width for width, line in told.items())


def test_where_nobody_is_missing_that_is_said_without_a_mark() -> None:
    line = lines.missing_line(Missing((), ()), [STATION], H, 80)
    assert line.plain.rstrip() == "unaccounted 0  overdue 0  silent 0"
    assert "reverse" not in str(line.style)


def test_where_nothing_was_ever_heard_of_a_race_nobody_knows_how_many_are_missing() -> None:
    line = lines.missing_line(Missing((), (), ("long",)), [STATION], H, 80)
    assert line.plain.rstrip() == "!! unaccounted ?  overdue ?  silent ?  never heard: long"
    line = lines.missing_line(Missing(("7",), (), ("long", "short")), [STATION], H, 80)
    assert line.plain.rstrip() == "!! unaccounted 1+?: 7  overdue ?  silent ?  never heard: long, short"


def test_a_device_with_a_last_will_makes_its_open_station_stand_among_the_first_of_the_strip() -> None:
    hut, col = replace(STATION, behind=3, heard_ms=H), replace(STATION, id="col", name="Col", behind=4, heard_ms=H)
    inn = replace(STATION, id="inn", name="Inn", behind=5, status=StationStatus.SILENT, heard_ms=H)
    line = lines.station_strip([hut, col, inn], 2 * H, 80, {"col-1": "col", "inn-1": "inn"}).plain.rstrip()
    assert line == "to come:  !! Inn silent 1h00 5  ! Col offline 4  o Hut 3"


def test_the_strip_counts_who_has_still_to_come_and_leaves_out_whom_nobody_has_to_come_to() -> None:
    heard = replace(STATION, name="Hut", behind=3, to_start=4, heard_ms=H)
    unheard, idle = replace(STATION, name="Pass", behind=1), replace(STATION, name="Chapel", heard_ms=H)
    silent = replace(heard, name="Col", status=StationStatus.SILENT)
    closed = replace(idle, name="Inn", status=StationStatus.CLOSED)
    line = lines.station_strip([heard, unheard, idle, silent, closed], 2 * H, 80, {}).plain.rstrip()
    assert line == "to come:  !! Col silent 1h00 7  o Hut 7  ? Pass 1"


STATION = Station("hut", "Hut", StationStatus.OPEN, 0, 0, 0, 0, 0, None, None, (), (), (), None)
STRANGERS = [
    alert("unknown_bib", str(bib), START_MS, f"bib {bib} is not on the roster, and was read at Old Hut", "compare it with the paper list")
    for bib in range(1, 10)
]


@pytest.mark.parametrize("width", [20, 43, 90])
@pytest.mark.parametrize("height", range(1, 40))
def test_alerts_stand_whole_and_the_last_line_counts_those_that_found_no_room(width: int, height: int) -> None:
    told = lines.alert_list(STRANGERS, "Europe/Andorra", width, height).plain.split("\n")
    assert len(told) <= height
    assert all(cell_len(line) <= width for line in told)
    begun, whole = sum(line.startswith("!") for line in told), " ".join(" ".join(told).split()).count("read at Old Hut")
    if told[0].startswith("! 9 to look at; s"):
        assert height <= 2
    elif begun == 1 and "   …" in told:
        assert told[-1] == "and 8 more alerts"
    else:
        assert whole == begun
        assert told[-1] == f"and {9 - begun} more alert{'s' if begun < 8 else ''}" or begun == 9


def test_alerts_that_fit_to_the_line_need_no_last_line() -> None:
    assert [len(lines.alert_list(STRANGERS, "Europe/Andorra", 90, height).plain.splitlines()) for height in (9, 10)] == [9, 10]
    assert lines.alert_list(STRANGERS, "Europe/Andorra", 90, 8).plain.splitlines()[-1] == "and 2 more alerts"


def test_alerts_in_one_line_are_counted_each_when_it_finds_no_room() -> None:
    out = [alert("unaccounted", f"{bib}", START_MS, f"bib {bib} is out", "ask", race="long", bib=f"{bib}") for bib in range(1, 10)]
    assert lines.alert_list(out, "Europe/Andorra", 120, 3).plain.splitlines()[-1] == "and 7 more alerts"


@pytest.mark.parametrize("width", [10, 30, 60, 79, 115, 159, 240])
def test_columns_never_overflow_and_the_titles_stand_over_them(width: int) -> None:
    columns = columns_for(width)
    row = dict.fromkeys((column.key for column in columns), "日本 far too long for any column of the board, whichever it may be")
    assert cell_len(titles(columns)) == cell_len(line_of(columns, row)) <= width


def test_the_narrower_the_screen_the_fewer_columns_and_never_without_bib_and_state() -> None:
    assert [column.key for column in columns_for(159)] == [column.key for column in COLUMNS]
    assert [column.key for column in columns_for(78)] == ["place", "bib", "name", "state", "last", "time", "margin", "cutoff"]
    assert [column.key for column in columns_for(40)] == ["place", "bib", "name", "state"]
    assert [column.key for column in columns_for(33)] == ["bib", "name"]


def test_gaps_that_were_asked_for_are_on_the_smallest_screen() -> None:
    assert "gap" not in [column.key for column in columns_for(78)]
    assert "gap" in [column.key for column in columns_for(78, ("gap",))]
    assert [column.key for column in columns_for(33, ("gap",))] == ["bib", "name"]


@pytest.mark.parametrize("width", [78, 114])
def test_everything_that_the_widest_board_says_can_be_read_on_a_smaller_one(width: int) -> None:
    assert {column.key for view in VIEWS for column in columns_for(width, view)} == {column.key for column in COLUMNS}
    assert all(set(view) <= {column.key for column in columns_for(width, view)} for view in VIEWS)


async def test_a_lines_cells_leave_out_what_does_not_apply_and_mark_what_nobody_knows(noon: Weekend) -> None:
    await noon.reads("102", square="1h00m01")
    field = await noon.field()
    sheet = make_sheet(field, "long")
    of = {line.entrant.bib: cells(sheet, no, noon.at_ms) for no, line in enumerate(sheet.lines)}
    assert of["1"]["gap"] == of["1"]["cutoff"] == ""
    assert of["1"]["score"].startswith("~")
    assert of["4"] == {
        "place": "2",
        "move": "",
        "bib": "4",
        "name": "日本 山田",
        "class": "M O19 1",
        "state": "> racing missed",
        "last": "Old Hut",
        "time": "Sat 12:30",
        "age": "",
        "next": "~15:48 Square",
        "margin": "+2h11",
        "elapsed": "4:30:00",
        "gap": "+1:50:00",
        "cutoff": "5h00",
        "score": "~403",
    }
    assert of["5"]["gap"] == of["5"]["place"] == of["5"]["cutoff"] == ""
    assert of["6"]["last"] == "?"
    unknown = make_sheet(field, "short")
    assert cells(unknown, unknown.line_of["103"], noon.at_ms) | {"name": "?", "class": "? ?"} == cells(
        unknown, unknown.line_of["103"], noon.at_ms
    )


async def test_a_gap_is_unknown_where_the_leader_was_missed(weekend: Weekend) -> None:
    await weekend.reads("1", square="1s", hut="2h40")
    await weekend.reads("2", square="2s")
    await weekend.say("pass", "passage", "1h40", bib="2")
    await weekend.now("3h")
    sheet = make_sheet(await weekend.field(), "long")
    assert cells(sheet, sheet.line_of["2"], weekend.at_ms)["gap"] == "?"


async def test_time_that_stood_still_is_in_no_elapsed_time_and_in_no_gap(weekend: Weekend) -> None:
    """The first was through the pass before it stopped; the second was still on the way there."""
    await weekend.reads("1", square="0s", **{"pass": "1h30"}, hut="3h30")
    await weekend.reads("2", square="0s", **{"pass": "2h40"})
    still = {"from": START_MS + 2 * H, "until": START_MS + 2 * H + 30 * M}
    await weekend.say("desk", "neutralise", "2h", race="long", author="Dir. Ector", reason="lightning", **still)
    await weekend.now("3h40")
    sheet = make_sheet(await weekend.field(), "long")
    of = {line.entrant.bib: cells(sheet, no, weekend.at_ms) for no, line in enumerate(sheet.lines)}
    assert [of[bib]["elapsed"] for bib in "12"] == ["3:00:00", "2:10:00"]
    assert of["2"]["gap"] == "+0:40:00", "at the pass, where the first was after an hour and a half, nothing had stood still for him"


def test_before_the_start_nobody_is_unknown_yet_and_the_clock_counts_down() -> None:
    head = lines.head("Two Valleys", "Long Way", 10 * H, 9 * H, "UTC", RaceClock(), 80)
    assert "Long Way -1:00:00" in head.plain
    assert "SIMULATED" not in head.plain


def test_the_head_gives_its_room_to_the_clocks_first() -> None:
    clock = RaceClock(0, 5, 300.0)
    for width in (50, 80, 160):
        line = lines.head("An event with a name that goes on and on and on", "Ultra 105K", 0, H, "UTC", clock, width).plain
        assert cell_len(line) <= width
        assert "Ultra 105K +1:00:00" in line
        assert "SIMULATED x300" in line


def test_the_current_race_is_always_among_the_tabs() -> None:
    names = ["Echappée Belle", "Traversée Nord", "Ultra", "Courte", "Nuit"]
    for current in range(len(names)):
        for width in (20, 34, 80):
            shown = [no for _, _, no in lines.tab_spans(names, current, width)]
            assert current in shown
            assert f"[{names[current]}]" in lines.tabs(names, current, width).plain
    assert lines.tab_spans(["A", "B"], 0, 80) == [(0, 3, 0), (3, 6, 1)]


def test_the_ticker_has_as_many_words_as_fit() -> None:
    counts = dict.fromkeys(Status, 0) | {Status.RACING: 1312, Status.FINISHED: 88, Status.DNS: 46}
    wide, middle, tight = (lines.ticker(counts, width).plain.rstrip() for width in (90, 72, 40))
    assert wide == "> racing 1,312  ✓ finished 88  ✗ withdrawn 0  ! out of time 0  - dns 46  = 1,446"
    assert middle == "racing 1,312, finished 88, withdrawn 0, out of time 0, dns 46 = 1,446"
    assert tight == ">1,312 ✓88 ✗0 !0 -46 = 1,446"


def test_the_ledger_sums() -> None:
    """One of those who are `dns` was there all the same, and is out; one who finished is, too."""
    counts = dict.fromkeys(Status, 0) | {Status.RACING: 3, Status.FINISHED: 2, Status.WITHDRAWN: 1, Status.ENTERED: 3, Status.DNS: 2}
    places = {Place(Where.NOT_STARTED): 4, Place(Where.ON_LEG, 1): 2, Place(Where.ON_LEG, 2): 1, Place(Where.OUT, 1): 2}
    places |= {Place(Where.ACCOUNTED): 1, Place(Where.FINISHED): 1}
    rows = [line.rsplit(None, 1) for line in lines.ledger(counts, places).plain.splitlines()]
    assert [[words.strip(), number] for words, number in rows[-7:]] == [
        ["= entries", "11"],
        ["started", "7"],
        ["on a leg", "3"],
        ["in a station", "0"],
        ["out, where?", "2"],
        ["out, safe", "1"],
        ["at the finish", "1"],
    ]


def test_in_one_line_those_stand_first_of_whom_nobody_knows() -> None:
    places = {Place(Where.NOT_STARTED): 50, Place(Where.ON_LEG, 1): 290, Place(Where.ON_LEG, 2): 1000, Place(Where.OUT, 1): 6}
    places |= {Place(Where.IN_STATION, 2): 22, Place(Where.ACCOUNTED): 24, Place(Where.FINISHED): 88}
    line = lines.places_line(places, 80)
    assert line.plain.rstrip() == "out, where? 6  on a leg 1,290  in a station 22  out, safe 24  at the finish 88"
    assert lines.places_line(places, 20).plain == "out, where? 6  on a…"


def test_a_journal_that_nobody_writes_says_so_before_anything_else() -> None:
    assert lines.journal_state(8, 0, 1000, 0, 0, written=False).plain.startswith("NO INGEST · ")
    assert lines.journal_state(8, 0, 1000, 0, 0, written=True).plain.startswith("heard <10s ago")


def test_how_many_alerts_are_to_be_acted_on_stands_before_when_a_device_was_heard() -> None:
    assert lines.journal_state(8, 0, 1000, 0, 15, written=True).plain == "!! 15 · heard <10s ago · 8 facts · 0 in quarantine"
