"""Only what changes goes to a terminal, and it shows what it would if all did."""

from hypothesis import given
from hypothesis import strategies as st

from tests.glass import HALF, Glass
from tracker.dashboard.picture import Picture

WIDTH, HEIGHT = 20, 4
STYLES = ("", "1", "2", "1;2", "1;7", "38;5;254;48;5;233", "1;38;5;254;48;5;233", "4;31;48;2;1;2;3", "7;39;49", "97", "38;5;0")
SYNC = ("\x1b[?2026h", "\x1b[?2026l")
chars = st.sampled_from(["a", "b", " ", "é", "e\u0308", "龘", "숙", "▸"])


@st.composite
def drawings(draw: st.DrawFn) -> str:
    """A drawing as the library makes one: pieces of lines, each in a style of its own, and the cursor where it should be."""
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        x, y = draw(st.integers(0, WIDTH - 2)), draw(st.integers(0, HEIGHT - 1))
        text, room = "", WIDTH - x
        for char in draw(st.lists(chars, min_size=1, max_size=WIDTH)):
            room -= 2 if char in "龘숙" else 1
            text += char if room >= 0 else ""
        style = draw(st.sampled_from(STYLES))
        parts.append(f"\x1b[{y + 1};{x + 1}H" + (f"\x1b[{style}m{text}\x1b[0m" if style else text))
    return "\n".join(parts) + f"\x1b[{draw(st.integers(1, HEIGHT))};{draw(st.integers(1, WIDTH))}H"


@given(st.lists(drawings(), min_size=1, max_size=8))
def test_what_is_sent_shows_the_same_as_all_of_it_would(drawn: list[str]) -> None:
    picture, shown, plain = Picture(WIDTH, HEIGHT), Glass(WIDTH, HEIGHT), Glass(WIDTH, HEIGHT)
    for drawing in drawn:
        shown.write(picture.drawn(drawing))
        plain.write(drawing)
        known = [(y, x) for y in range(HEIGHT) for x in range(WIDTH) if plain.cells[y][x][0] != HALF]
        assert {at: shown.cells[at[0]][at[1]] for at in known} == {at: plain.cells[at[0]][at[1]] for at in known}
        assert (shown.x, shown.y) == (plain.x, plain.y)
        assert picture.drawn(drawing) == "" or len(known) < WIDTH * HEIGHT, "it stands there already"


def test_a_digit_is_sent_alone_and_its_neighbours_are_not() -> None:
    picture = Picture(80, 24)
    picture.drawn("\x1b[1;1H\x1b[1mTrail\x1b[0m \x1b[38;5;7m+17:00:00  Sat 12:00:00\x1b[0m\x1b[1;1H")
    sent = picture.drawn("\x1b[1;1H\x1b[1mTrail\x1b[0m \x1b[38;5;7m+17:00:01  Sat 12:00:01\x1b[0m\x1b[1;1H")
    assert sent == "\x1b[14C1\x1b[13C1\x1b[H", "in the style that the terminal has already"


def test_an_update_that_changes_nothing_does_not_even_begin() -> None:
    picture, update = Picture(80, 24), (SYNC[0], "\x1b[1;1Hab\x1b[1;1H", SYNC[1])
    assert [picture.drawn(words) for words in update] == ["", f"{SYNC[0]}\x1b[H\x1b[mab\x1b[H", SYNC[1]]
    assert [picture.drawn(words) for words in update] == ["", "", ""]


def test_what_draws_nothing_goes_to_the_terminal_as_it_is_and_in_no_style() -> None:
    picture = Picture(80, 24)
    picture.drawn("\x1b[1;1H\x1b[1mab\x1b[0m")
    assert picture.drawn("\x1b]22;text\x07") == "\x1b[m\x1b]22;text\x07"
    assert picture.drawn("\x1b[?25h") == "\x1b[?25h"


def test_nothing_is_known_of_another_screen() -> None:
    picture = Picture(80, 24)
    drawing = "\x1b[1;1Hab\x1b[1;1H"
    first = picture.drawn(drawing)
    assert picture.drawn(drawing) == ""
    picture.drawn("\x1b[?1049h")
    assert picture.drawn(drawing) == first.replace("\x1b[0m", ""), "all of it is sent again"


def test_what_follows_a_character_of_doubtful_width_is_told_where_to_stand() -> None:
    picture = Picture(80, 24)
    assert picture.drawn("\x1b[2;1Ha龘b\x1b[1;1H") == "\x1b[2H\x1b[ma龘\x1b[2;4Hb\x1b[H"


def test_what_is_beyond_the_edge_is_not_sent() -> None:
    glass = Glass(5, 2)
    sent = Picture(5, 2).drawn("\x1b[1;1Habcdefgh\n\x1b[2;1Hij\n\x1b[3;1Hkl\x1b[1;1H")
    glass.write(sent)
    assert glass.text == ["abcde", "ij###"]
    assert "f" not in sent
    assert "k" not in sent
