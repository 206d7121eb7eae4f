"""Pages of one size, whatever stands on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tracker.paper.pages import LINES, WIDTH, Head, Section, pages_of, title, two_ends, wrapped

HEAD = Head("Two Valleys", "Unaccounted", ("as of Sat 2024-06-15 13:00:00 (Europe/Paris)",), 1234, "0123456789abcdef")
ROOM = LINES - 4 - 2


def body(page: list[str]) -> list[str]:
    """What stands between head and foot."""
    return page[4:-2]


def numbered(count: int, lines: int = 1) -> list[tuple[str, ...]]:
    return [tuple(f"{block} line {line}" for line in range(lines)) for block in range(count)]


def test_every_page_says_which_list_it_is_of_which_moment_and_which_page_of_how_many() -> None:
    pages = pages_of(HEAD, [Section(title("On the way"), numbered(100))])
    assert len(pages) == 2
    assert pages[1][:4] == [
        f"{'Two Valleys':<69}page 2 of 2",
        f"{'Unaccounted':<65}digest 01234567",
        f"{'as of Sat 2024-06-15 13:00:00 (Europe/Paris)':<69}1,234 facts",
        "-" * WIDTH,
    ]
    assert pages[1][-1].startswith("checked by ____")
    assert pages[1][-1].endswith("01234567, page 2 of 2")


def test_a_heading_goes_with_its_lines_overleaf_and_says_so() -> None:
    pages = pages_of(HEAD, [Section((*title("On the way"), "bib  name"), numbered(100))])
    assert [body(page)[:2] for page in pages] == [["=== On the way", "bib  name"], ["=== On the way (continued)", "bib  name"]]
    told = [line for page in pages for line in body(page) if line.endswith("line 0")]
    assert told == [f"{number} line 0" for number in range(100)]


def test_a_block_is_on_one_page() -> None:
    for page in pages_of(HEAD, [Section(title("On the way"), numbered(40, 4))]):
        blocks = [line.split(" line ") for line in body(page) if " line " in line]
        assert [line for _, line in blocks] == ["0", "1", "2", "3"] * (len(blocks) // 4)


@pytest.mark.parametrize("lines", range(ROOM - 4, ROOM + 1))
def test_a_heading_is_never_the_last_of_a_page(lines: int) -> None:
    pages = pages_of(HEAD, [Section((), numbered(lines)), Section(title("The sum"), [("4 = 4",)])])
    found = next(page for page in pages if "=== The sum" in page)
    assert found[found.index("=== The sum") + 1] == "4 = 4"


def test_a_block_that_no_page_has_room_for_goes_on_overleaf_and_loses_nothing() -> None:
    [block] = numbered(1, 150)
    pages = pages_of(HEAD, [Section(title("Long"), [block])])
    assert [line for page in pages for line in body(page) if " line " in line] == list(block)


def test_a_section_can_begin_a_page_of_its_own_and_never_leaves_an_empty_one() -> None:
    pages = pages_of(HEAD, [Section(title(name), new_page=True) for name in ("Hut", "Pass")])
    assert [body(page)[0] for page in pages] == ["=== Hut", "=== Pass"]


def test_nothing_to_tell_is_a_page_that_says_of_what() -> None:
    [page] = pages_of(HEAD, [])
    assert len(page) == LINES
    assert body(page) == [""] * ROOM


words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=120)


@given(st.lists(st.tuples(words, st.lists(st.lists(words, max_size=70).map(tuple), max_size=8), st.booleans()), max_size=6), words)
def test_no_page_is_longer_or_wider_than_the_paper(found: list[tuple[str, list[tuple[str, ...]], bool]], event: str) -> None:
    head = Head(event, event, (event, event), 10**9, "f" * 16)
    for page in pages_of(head, [Section(title(heading), blocks, new_page) for heading, blocks, new_page in found]):
        assert len(page) == LINES
        assert max(cell_len(line) for line in page) <= WIDTH


def test_what_has_no_room_is_cut_from_the_left_one() -> None:
    assert two_ends("x" * 100, "page 1 of 1") == "x" * 67 + "… page 1 of 1"


def test_a_text_takes_as_many_lines_as_it_needs_each_as_wide_as_the_paper() -> None:
    lines = wrapped("日本太郎 " * 20, 4)
    assert len(lines) == 3
    assert all(line.startswith("    日本太郎") and cell_len(line) <= WIDTH for line in lines)
