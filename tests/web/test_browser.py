"""`tracker web` in a real browser: the board on the page, a key pressed, and what the page says when its link is gone."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from tests.browser import asked, chromium
from tests.web.serving import Serving, lives, serving, wait


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


def text(browser: Chrome) -> str:
    """What the terminal on the page shows: everything from corner to corner is selected with the mouse, as a person does to copy it."""
    screen = browser.find_element(By.CSS_SELECTOR, ".xterm-screen")
    right, down = screen.size["width"] // 2 - 2, screen.size["height"] // 2 - 2
    drag = ActionChains(browser, duration=10).key_down(Keys.SHIFT)
    drag = drag.move_to_element_with_offset(screen, -right, -down).click_and_hold().move_to_element_with_offset(screen, right, down)
    drag.release().key_up(Keys.SHIFT).perform()
    return str(browser.find_element(By.CSS_SELECTOR, ".xterm-helper-textarea").get_property("value"))


def shows(browser: Chrome, *words: str) -> bool:
    """Whether all the words stand on the terminal."""
    seen = text(browser)
    return all(word in seen for word in words)


def open_board(browser: Chrome, server: Serving) -> int:
    """Open the page; returns the process of its session once the board is there."""
    browser.get(server.url)
    wait(lambda: "xterm-helper-textarea" in str(browser.switch_to.active_element.get_attribute("class")), "keys go to the terminal")
    wait(lambda: shows(browser, "Hill Race", "Runner 1 ", "Runner 12"), "the board is on the page")
    (session,) = server.sessions
    return session


def test_the_board_is_on_the_page_and_a_key_is_answered_there(browser: Chrome, journal: Path) -> None:
    with serving(journal) as server:
        asked(browser)
        session = open_board(browser, server)
        assert "Page down" not in text(browser)
        browser.switch_to.active_element.send_keys("?")
        wait(lambda: shows(browser, "Page down", "a machine's word: an estimated score"), "the help is on the page")
        assert asked(browser) == {urlsplit(server.url).netloc}
        browser.get("about:blank")
        wait(lambda: not lives(session), "the session's process is gone")
        assert server.end() == 0


def test_a_page_says_that_its_link_is_gone_and_comes_back_by_itself(browser: Chrome, journal: Path) -> None:
    with serving(journal) as server:
        open_board(browser, server)
        assert not browser.find_element(By.ID, "ended").is_displayed()
        server.end()
    wait(lambda: "NO LINK" in browser.find_element(By.ID, "ended").text, "the page says that what it shows is old")
    with serving(journal, "--listen", urlsplit(server.url).netloc) as server:
        wait(lambda: len(server.sessions) == 1, "the page has opened a session by itself")
        wait(lambda: shows(browser, "Runner 12"), "the board is on the page again")
        assert not browser.find_element(By.ID, "ended").is_displayed()


def test_a_page_says_why_a_session_has_ended(browser: Chrome, journal: Path) -> None:
    with serving(journal) as server:
        open_board(browser, server)
        browser.switch_to.active_element.send_keys("q")
        wait(lambda: "was left, or has ended" in browser.find_element(By.ID, "ended").text, "the page says that the dashboard was left")
        browser.switch_to.active_element.send_keys(Keys.ENTER)
        wait(lambda: shows(browser, "Runner 12"), "the board is on the page again")
        browser.get("about:blank")
