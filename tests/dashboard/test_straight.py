"""Hostile names on every screen: each line has its width, and its columns begin where their titles do."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.dashboard.hostile import hostile_journal, unfit
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard
from tests.dashboard.test_texts import cells_of
from tracker.dashboard import behind_table, runner_lines, station_table
from tracker.dashboard.columns import Column, columns_for
from tracker.dashboard.panel import Panel
from tracker.dashboard.rows import Rows
from tracker.dashboard.station_words import NOT_MONITORED
from tracker.desk import Desk

SIZES = [(40, 10), SMALL, LARGE, (240, 70)]
_TIME = (Column("when", "", 9, 9), Column("words", "", 1, 1))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "race.db"
    asyncio.run(hostile_journal(path))
    return path


def straight(line: str, columns: Sequence[Column]) -> None:
    """Between two columns there is a space, in this line too."""
    cells, at = cells_of(line), -1
    for column in columns[:-1]:
        at += column.most + 1
        assert cells[at][0] == " ", f"{line!r} at {at}"


def all_straight(rows: Rows, columns: Sequence[Column], besides: str | None = None) -> None:
    """Every line of a list, and whole; in the one with these words they stand over several columns."""
    assert rows._table is not None
    lines = [rows.text_of(no) for no in range(len(rows._table.keys))]
    assert {cell_len(line) for line in lines} == {rows._width - 1}
    for line in lines:
        if besides is None or besides[:8] not in line:
            straight(line, columns)


def whole(eyes: Eyes) -> None:
    """The screen is as wide as the terminal in every line, and nothing on it does anything but be read."""
    strips = eyes.app.screen._compositor.render_strips()
    assert {sum(cell_len(segment.text) for segment in strip) for strip in strips} == {eyes.app.size.width}
    assert not unfit(eyes.text.replace("\n", ""))
    assert "failed (" not in eyes.text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
async def test_every_line_of_every_screen_keeps_its_columns(hostile: Path, size: tuple[int, int]) -> None:
    async with dashboard(hostile, size, None) as eyes:
        rows = eyes.app.screen.query_one("#board", Rows)
        all_straight(rows, columns_for(rows._width - 1))
        whole(eyes)
        await eyes.press("2")
        rows = eyes.app.screen.query_one("#triage", Rows)
        since = _TIME[:1] if "Since" in eyes.text else ()
        all_straight(rows, (Column("mark", "", 2, 2), *since, Column("age", "", 6, 6), Column("words", "", 1, 1)))
        whole(eyes)
        await eyes.press("3")
        rows = eyes.app.screen.query_one("#stations", Rows)
        all_straight(rows, station_table._columns(rows._width - 1), besides=NOT_MONITORED)
        whole(eyes)
        await eyes.press(*["down"] * 5, "enter")
        rows = eyes.app.screen.query_one("#behind", Rows)
        all_straight(rows, behind_table._columns(rows._width - 1))
        whole(eyes)
        await eyes.press("enter")
        panel = eyes.app.screen.query_one("#runner", Panel)
        columns = runner_lines._columns(panel.size.width)
        table = panel._text.plain.split("\n\n")[1].splitlines()
        assert len(table) == 10
        for line in table:
            straight(line.ljust(sum(column.most + 1 for column in columns)), columns)
        whole(eyes)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
async def test_what_the_desk_said_keeps_its_columns(hostile: Path, size: tuple[int, int]) -> None:
    async with dashboard(hostile, size, Desk(hostile)) as eyes:
        await eyes.press("u")
        rows = eyes.app.screen.query_one(Rows)
        all_straight(rows, _TIME)
        whole(eyes)
