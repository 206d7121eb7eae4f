"""Finding a runner: by bib first, by name whatever the accents, in any race."""

from tests.dashboard.conftest import EVENT, ROSTER, Weekend
from tests.dashboard.screen import dashboard
from tracker.dashboard.find import Index
from tracker.files.event import read_event
from tracker.files.roster import read_roster

INDEX = Index(read_roster(ROSTER, "runners.csv", read_event(EVENT, "two-valleys.toml")))


def found(query: str, race: str = "long") -> list[str]:
    return [entrant.bib for entrant in INDEX.matches(query, race)]


def test_the_bib_itself_comes_before_bibs_that_begin_so() -> None:
    assert found("1") == ["1", "12", "101", "102", "103"]


def test_the_race_that_is_shown_comes_first() -> None:
    assert found("10", "short") == ["101", "102", "103"]
    assert found("12", "short") == ["12"]
    assert found("ced", "long") == ["2", "101"]
    assert found("ced", "short") == ["101", "2"]


def test_case_and_accents_do_not_matter_in_either() -> None:
    assert found("CEDILLE") == ["2"]
    assert found("nuno avila") == ["6"]
    assert found("ÇÉDAR") == ["101"]


def test_words_may_come_in_any_order_and_stand_inside_a_name() -> None:
    assert found("larch ada") == ["1"]
    assert found("irch") == ["102"]


def test_names_of_every_script_are_found() -> None:
    assert found("山田") == ["4"]
    assert found("לוי") == ["5"]


def test_brackets_are_only_brackets() -> None:
    assert found("[/nope]") == ["3"]


def test_blank_and_nobody() -> None:
    assert found("  ") == []
    assert found("zzz") == []


async def test_typing_a_bib_moves_the_cursor_and_enter_gives_the_keys_back(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash")
        await eyes.type("12")
        assert "Vera" in eyes.under_cursor
        assert "1 of 1 match" in eyes.text
        await eyes.press("enter", "up")
        assert "Nüno" in eyes.under_cursor


async def test_a_name_is_found_in_another_race(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash")
        await eyes.type("birch")
        assert "[Short Way]" in eyes.text
        assert "Dag Birch" in eyes.under_cursor


async def test_n_goes_from_match_to_match_and_round(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash")
        await eyes.type("ced")
        assert "Bo Çédille" in eyes.under_cursor
        await eyes.press("enter", "n")
        assert "Cleo Çedar" in eyes.under_cursor
        await eyes.press("n")
        assert "Bo Çédille" in eyes.under_cursor


async def test_escape_leaves_the_search_and_letters_are_keys_again(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash")
        await eyes.type("q?n/")
        assert "q?n/" in eyes.text
        assert "nobody" in eyes.text
        await eyes.press("escape")
        assert "q?n/" not in eyes.text
        await eyes.press("down")
        assert "日本" in eyes.under_cursor


async def test_a_second_search_begins_with_an_empty_line(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash")
        await eyes.type("larch")
        await eyes.press("enter", "slash")
        await eyes.type("rowan")
        assert "[/nope]" in eyes.under_cursor
