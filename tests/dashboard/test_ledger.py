"""Who is where: every entrant in one group, on the screen and on paper."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.conftest import until
from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard, failing
from tracker.core.runner import Place, Where
from tracker.dashboard import ledger_table
from tracker.dashboard.ledger_table import Group, LedgerTable, groups, last_known, ledger_text, runner_key, sum_line
from tracker.dashboard.sheet import make_sheet
from tracker.desk import Desk
from tracker.fold import Fold

TITLES = [
    "OUT, WHERE? last known at Square km 0",
    "OUT, WHERE? last known at High Pass km 15",
    "on the way to Old Hut km 25",
    "on the way to Square km 40",
    "not started",
    "at the finish",
]
"""The groups of the long race at noon."""


async def ledger_of(weekend: Weekend, race: str = "long") -> tuple[Fold, list[Group], LedgerTable]:
    """A race's groups, and all of them open as a table."""
    fold = Fold(weekend.journal.sources)
    await fold.catch_up(weekend.journal)
    fold.field.advance(weekend.at_ms)
    sheet = make_sheet(fold.field, race)
    found = groups(sheet)
    return fold, found, LedgerTable(fold, sheet, found, {group.place for group in found})


def bibs(group: Group) -> list[str]:
    return [runner.entrant.bib for runner in group.runners]


async def test_those_of_whom_nobody_knows_stand_first_then_the_others_along_the_course(noon: Weekend) -> None:
    await noon.say("hut", "passage", "4h50", bib="2", way="in")
    await noon.say("desk", "accounted", "4h", bib="5", where="bus 2", author="Desk A", reason="seen")
    fold, found, _ = await ledger_of(noon)
    told = [(ledger_table.title(fold.event.by_id["long"], group.place), bibs(group)) for group in found]
    assert told == [
        ("OUT, WHERE? last known at High Pass km 15", ["3"]),
        ("in Old Hut km 25", ["2"]),
        ("on the way to Square km 40", ["4"]),
        ("not started", ["6", "12"]),
        ("out, in safe hands", ["5"]),
        ("at the finish", ["1"]),
    ]


async def test_in_a_group_who_is_overdue_stands_first_then_who_was_seen_longest_ago(weekend: Weekend) -> None:
    """One came to the pass before the other, and left it after him: the sooner he came, the sooner he is late."""
    await weekend.reads("6", square="1s")
    for way, at in (("in", "60m"), ("out", "85m")):
        await weekend.say("pass", "passage", at, bib="6", way=way)
    await weekend.reads("2", square="1s", **{"pass": "80m"})
    await weekend.now("2h")
    _, found, _ = await ledger_of(weekend)
    assert bibs(found[0]) == ["2", "6"]
    await weekend.now("2h55")
    _, found, _ = await ledger_of(weekend)
    assert [("overdue" in one.verdict.flags, one.entrant.bib) for one in found[0].runners] == [(True, "6"), (False, "2")]


async def test_the_ledger_of_a_race_that_does_not_add_up_says_so(noon: Weekend) -> None:
    _, found, _ = await ledger_of(noon)
    assert sum_line(found, 7, 160).endswith("= 7 entries")
    assert sum_line(found, 8, 160).endswith("= 7, BUT 8 ENTRIES!")
    assert sum_line(found, 7, 80) == "2 out? + 0 in + 2 on leg + 2 to start + 0 safe + 1 finish = 7 entries"
    assert sum_line(found, 7, 20) == sum_line(found, 7, 80)


async def test_who_gave_up_was_known_last_where_he_said_so(noon: Weekend) -> None:
    fold, _, _ = await ledger_of(noon)
    at, seen_ms = last_known(fold.field.verdict("5"))
    assert (at, seen_ms) == (0, noon.at_ms - (4 * 60 + 10) * 60_000)
    assert last_known(fold.field.verdict("6")) == (None, None)


@pytest.mark.parametrize("width", [38, 78, 118, 240])
async def test_every_line_of_the_ledger_takes_exactly_the_width(noon: Weekend, width: int) -> None:
    _, _, table = await ledger_of(noon)
    if width >= 76:
        assert {cell_len(table.text(no, width)) for no in range(len(table.keys))} == {width}
        assert cell_len(table.titles(width)) == width
    assert {cell_len(table.text(no, width)) for no, key in enumerate(table.keys) if table.place_of(key)} == {width}


async def test_a_runner_of_a_closed_group_stands_in_the_line_of_the_group(noon: Weekend) -> None:
    fold, found, _ = await ledger_of(noon)
    table = LedgerTable(fold, make_sheet(fold.field, "long"), found, ())
    assert len(table.keys) == len(found)
    assert table.number(runner_key("1")) == len(found) - 1
    assert table.place_of(table.keys[-1]) == Place(Where.FINISHED)
    assert table.number(runner_key("101")) is None


async def test_on_paper_every_race_stands_with_every_runner_in_eighty_columns(noon: Weekend) -> None:
    fold, _, _ = await ledger_of(noon)
    sheets = [make_sheet(fold.field, race.id) for race in fold.event.races]
    text = ledger_text(fold, sheets, live=True)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "Two Valleys: Long Way\nwho is where, Sat 2024-06-15 13:00:00 (Europe/Paris)\n2 out? +" in text
    assert "= 7 entries" in text
    assert "= 3 entries" in text
    for name in ("Ada Larch", "[/nope]", "שרה לוי", "日本 山田", "Vera", "Cleo Çedar"):
        assert name in text
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "REPLAY" not in text
    assert "REPLAY: as it was then, and NOT as it is now" in ledger_text(fold, sheets, live=False)


async def shows(eyes: Eyes, words: str) -> bool:
    """Whether they are on the screen, wherever its lines break."""
    await eyes.pilot.pause()
    return words.replace(" ", "") in "".join(eyes.text.split())


def titles(eyes: Eyes) -> list[str]:
    """The groups on the screen, without their signs and numbers."""
    words = [line.lstrip(" ▸").split() for line in eyes.lines[4:-1]]
    return [" ".join(parts[2:]) for parts in words if parts[:1] in (["+"], ["-"])]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_at_first_only_those_are_open_of_whom_nobody_knows(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        await eyes.press("5")
        assert titles(eyes) == TITLES
        assert eyes.lines[2].endswith("= 7 entries")
        eyes.line_with("שרה לוי", "Sat 08:50", "4h10", "✗ withdrawn")
        eyes.line_with("[/nope] [bold", "Sat 11:20", "1h40", "! ~out of time")
        assert "日本" not in eyes.text


async def test_enter_opens_a_group_and_closes_it(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "end", "enter")
        assert "-     1  at the finish" in eyes.under_cursor
        eyes.line_with("Ada Larch", "Sat 12:40", "✓ finished")
        await eyes.press("enter")
        assert "+     1  at the finish" in eyes.under_cursor
        assert "Ada Larch" not in eyes.text
        await eyes.press("home", "enter")
        assert "שרה לוי" not in eyes.text


async def test_enter_on_a_runner_opens_him_and_the_other_screens_speak_of_him(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "down", "enter")
        assert eyes.lines[2].startswith("5  שרה לוי")
        await eyes.press("escape", "down", "down", "4")
        assert eyes.lines[2].startswith("3  [/nope] [bold]Rowan")


async def test_o_opens_all_and_closes_all(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "o")
        for name in ("Ada Larch", "Bo Çédille", "日本 山田", "Vera"):
            eyes.line_with(name)
        assert "~Sat" in eyes.line_with("日本 山田")
        await eyes.press("o")
        assert titles(eyes) == TITLES
        assert "שרה לוי" not in eyes.text


async def test_the_cursor_stays_with_its_runner_who_moves_on_into_a_closed_group(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "down")
        assert "שרה לוי" in eyes.under_cursor
        await noon.say("desk", "accounted", "4h55", bib="5", where="bus 2", author="Desk A", reason="seen")
        await eyes.look()
        assert "out, in safe hands" in eyes.under_cursor
        await eyes.press("enter")
        assert "שרה לוי" in eyes.under_cursor


async def test_each_race_has_its_own_ledger_cursor_and_open_groups(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "end", "enter", "right")
        assert eyes.lines[2].endswith("= 3 entries")
        assert titles(eyes) == ["not started"]
        await eyes.press("o", "down", "left")
        assert "at the finish" in eyes.under_cursor
        eyes.line_with("Ada Larch")


async def test_who_is_found_is_under_the_cursor_in_an_opened_group(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "slash", *"vera", "enter")
        assert "Vera" in eyes.under_cursor
        assert eyes.app.screen.about().bib == "12"  # type: ignore[attr-defined]
        await eyes.press("slash", *"dag", "enter")
        assert "Dag Birch" in eyes.under_cursor
        assert "Short Way" in eyes.lines[0]


async def test_a_decision_on_a_group_is_about_its_checkpoint(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "down", "down")
        about = eyes.app.screen.about()  # type: ignore[attr-defined]
        assert (about.bib, about.station, about.checkpoint) == (None, "pass", "pass")
        await eyes.press("end")
        assert set(eyes.app.screen.about()) == {None}  # type: ignore[attr-defined]


async def test_p_writes_the_ledger_beside_the_journal_and_says_where(noon: Weekend) -> None:
    async with dashboard(noon.path, desk=Desk(noon.path)) as eyes:
        await eyes.press("5", "p")
        await until(lambda: shows(eyes, f"the ledger as it stood at Sat 13:00:00 is in the file {noon.path}.ledger.txt"), "it is printed")
        await eyes.press("left_square_bracket")
        assert "as it stood" not in eyes.text, "a replay is of another moment"
    text = Path(f"{noon.path}.ledger.txt").read_text(encoding="utf-8")
    fold, _, _ = await ledger_of(noon)
    assert text == ledger_text(fold, [make_sheet(fold.field, race.id) for race in fold.event.races], live=True)


async def test_where_it_was_printed_is_not_said_for_ever(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.dashboard.ledger_screen._SAID_S", 0.01)
    async with dashboard(noon.path, desk=Desk(noon.path)) as eyes:
        await eyes.press("5", "p")
        await until(Path(f"{noon.path}.ledger.txt").exists, "the ledger is printed")

        async def is_gone() -> bool:
            return not await shows(eyes, "as it stood")

        await until(is_gone, "the line is gone")
        assert titles(eyes) == TITLES


async def test_a_dashboard_for_looking_only_writes_no_file_and_says_why(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("5", "p")
        assert "nothing is written from here" in eyes.text
    assert not Path(f"{noon.path}.ledger.txt").exists()


async def test_a_ledger_that_cannot_be_written_is_said_in_words(noon: Weekend) -> None:
    Path(f"{noon.path}.ledger.txt").mkdir()
    async with dashboard(noon.path, desk=Desk(noon.path)) as eyes:
        await eyes.press("5", "p")
        await until(lambda: shows(eyes, "cannot be written (Is a directory)"), "it is said")
        assert titles(eyes) == TITLES


async def test_a_ledger_that_fails_says_so_and_the_rest_goes_on(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = failing("nobody is nowhere")
    monkeypatch.setattr(ledger_table, "_next", fails)
    async with dashboard(noon.path, desk=Desk(noon.path)) as eyes:
        await eyes.press("5", "o")
        assert eyes.text.count("! this line failed (ZeroDivisionError: nobody is nowhere)") == 2
        eyes.line_with("Ada Larch", "✓ finished")
        await eyes.press("p")
        assert "the ledger could not be printed: failed (ZeroDivisionError" in eyes.words
        monkeypatch.setattr("tracker.dashboard.ledger_screen.groups", fails)
        await eyes.press("right")
        assert "! the ledger failed (ZeroDivisionError: nobody is nowhere)" in eyes.words
        assert "Short Way" in eyes.lines[0]
