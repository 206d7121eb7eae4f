"""`--format html` in a real browser: what is searched, sorted, filtered and drawn there, that no name does anything, and no network."""

import csv
import io
import re
import socket
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from tests.browser import asked, chromium
from tests.conftest import Tracker
from tests.core.builders import field_of, neutralises, race_with, reads
from tests.export.golden import hold, journal_of, race, results_of
from tracker.export import FORMATS
from tracker.export.results import Provenance, Results

HOSTILE = {
    "1": "</script><script>hit=1</script>",
    "2": "<!--<script>",
    "3": '"><img src=x onerror=hit=1>',
    "4": "${script} $data $$",
    "11": "'-hit=1-'\\u003c&lt;",
    "5": "x" * 10_000,
    "6": "a\u202eb\u2028c\x07",
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def page(browser: Chrome, golden: Results, tmp_path: Path) -> Chrome:
    """The golden race's page, open in the browser."""
    return opened(browser, FORMATS["html"](golden), tmp_path)


def opened(browser: Chrome, content: bytes, folder: Path) -> Chrome:
    path = folder / "results.html"
    path.write_bytes(content)
    asked(browser)
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    browser.get(path.as_uri())
    return browser


def listed(page: Chrome) -> list[list[str]]:
    """The cells of every line of the table."""
    script = "return [...document.querySelectorAll('#rows > tr:not(.detail)')].map(row => [...row.cells].map(cell => cell.innerText))"
    found: list[list[str]] = page.execute_script(script)
    return found


def bibs(page: Chrome) -> list[str]:
    return [row[1] for row in listed(page)]


def search(page: Chrome, text: str) -> list[str]:
    field = page.find_element(By.ID, "search")
    field.clear()
    field.send_keys(text)
    return bibs(page)


def choose(page: Chrome, name: str, value: str) -> list[str]:
    Select(page.find_element(By.ID, name)).select_by_value(value)
    return bibs(page)


def press(page: Chrome, name: str) -> None:
    page.find_element(By.XPATH, f"//tbody[@id='rows']//button[.='{name}']").click()


def as_csv(results: Results) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FORMATS["csv"](results).decode())))


def test_the_page_is_as_it_was(golden: Results) -> None:
    hold("page.html", FORMATS["html"](golden))


def test_the_page_lists_everybody_as_the_csv_does(page: Chrome, golden: Results) -> None:
    rows, listing = as_csv(golden), listed(page)
    assert [row[1] for row in listing] == [row["bib"] for row in rows]
    assert [row[0] for row in listing] == [row["rank"] or "–" for row in rows]
    assert [row[7].split(",")[0] for row in listing] == [row["status"].replace("_", " ").replace("dns", "did not start") for row in rows]
    times_s = {row["bib"]: int(float(row["elapsed_s"])) for row in rows if row["status"] == "finished"}
    shown = {row[1]: row[8] for row in listing if row[8]}
    assert shown == {bib: f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}" for bib, s in times_s.items()}
    names = {row[1]: row[2].split("\n")[0] for row in listing}
    assert names["2"] == "Алёна Примерская"
    assert names["3"] == "示例 李"
    assert names["5"] == "=1+1 @SUM(A1)"
    assert names["6"] == "bib 6"


def test_the_page_says_whether_it_is_provisional_of_which_state_when_and_by_which_version(page: Chrome, golden: Results) -> None:
    assert page.find_element(By.ID, "state").text == "PROVISIONAL results"
    made = page.find_element(By.ID, "made").text
    assert all(golden.made()[word] in made for word in ("digest", "made", "made_by"))
    told = {one.get_attribute("name"): one.get_attribute("content") for one in page.find_elements(By.CSS_SELECTOR, "meta[name]")}
    assert golden.made().items() <= told.items()
    assert "provisional" in page.title


def test_a_runner_is_found_by_bib_and_by_name_whatever_the_accents(page: Chrome) -> None:
    assert search(page, "zizkuvka elo") == ["1"]
    assert search(page, "примерск") == ["2"]
    assert search(page, "العداء") == ["4"]
    assert search(page, "1") == ["1", "11", "10", "5", "12"]  # 5 is called =1+1 @SUM(A1)
    assert search(page, "nobody") == []
    assert page.find_element(By.ID, "count").text == "0 of 12 runners"


def test_any_column_sorts_and_who_has_nothing_there_is_last_either_way(page: Chrome) -> None:
    def by(title: str) -> list[str]:
        page.find_element(By.XPATH, f"//tr[@id='titles']//button[.='{title}']").click()
        return bibs(page)

    assert by("Bib") == [str(bib) for bib in range(1, 13)]
    assert by("Bib") == [str(bib) for bib in range(12, 0, -1)]
    assert by("Time")[:5] == ["1", "2", "3", "11", "4"]
    assert by("Time")[:5] == ["4", "11", "2", "3", "1"]
    assert by("Name")[-1] == "6"
    assert by("Name")[-1] == "6"


def test_filters_narrow_the_list_together(page: Chrome) -> None:
    assert choose(page, "status", "finished") == ["1", "2", "3", "11", "4"]
    assert choose(page, "sex", "F") == ["1", "2"]
    assert choose(page, "category", "O35") == ["2"]
    assert choose(page, "status", "withdrawn") == []


def test_a_runner_opens_to_every_split_and_goes_into_the_plot(page: Chrome) -> None:
    press(page, "Late 🏃 Penalty-Smith")
    detail = page.find_element(By.CLASS_NAME, "detail")
    rows = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in detail.find_elements(By.CSS_SELECTOR, "td tbody tr")]
    assert rows[1] == ["10.0", "Col", "Sat 07:50:00", "", "1:50:00", "1:49:30", "4", "+0:20:00"]
    assert rows[3][:5] == ["30.0", "Village", "Sat 10:50:00", "", "4:50:00"]
    assert "penalty 0:10:00" in detail.text
    choose(page, "first", "0")
    assert page.find_elements(By.CSS_SELECTOR, "svg polyline") == []
    detail.find_element(By.CSS_SELECTOR, "input").click()
    assert [name.text for name in page.find_elements(By.CSS_SELECTOR, "svg text.name")] == ["11 Late 🏃 Penalty-Smith"]
    press(page, "Late 🏃 Penalty-Smith")
    assert page.find_elements(By.CLASS_NAME, "detail") == []


def test_the_plot_draws_the_first_that_are_listed(page: Chrome) -> None:
    def drawn() -> list[str]:
        return [name.text.split()[0] for name in page.find_elements(By.CSS_SELECTOR, "svg text.name")]

    assert set(drawn()) == {"1", "2", "3", "11", "4", "10"}
    choose(page, "sex", "F")
    assert set(drawn()) == {"1", "2", "10"}
    heights = {line.get_attribute("points") for line in page.find_elements(By.CSS_SELECTOR, "svg polyline")}
    choose(page, "measure", "gap")
    assert {line.get_attribute("points") for line in page.find_elements(By.CSS_SELECTOR, "svg polyline")} != heights


def test_no_name_is_more_than_text(browser: Chrome, tmp_path: Path) -> None:
    rows = io.StringIO()
    csv.writer(rows).writerows(
        [("bib", "race", "name", "club", "sex"), *((bib, "30k", name, name[:60], "F") for bib, name in HOSTILE.items())]
    )
    day = race()._replace(roster_csv=rows.getvalue())
    content = FORMATS["html"](results_of(journal_of(day, tmp_path / "hostile.db")))
    page = opened(browser, content, tmp_path)
    press(page, "<!--<script>")
    press(page, "$" + "{script} $data $$")
    names = {row[1]: row[2].split("\n")[0] for row in listed(page)}
    assert names == HOSTILE | {"5": "x" * 80, "6": "ab c"}
    assert page.execute_script("return typeof hit") == "undefined"
    assert len(page.find_elements(By.TAG_NAME, "script")) == 2
    assert page.find_elements(By.TAG_NAME, "img") == []
    assert page.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_the_page_asks_nobody_for_anything_and_forbids_it(page: Chrome) -> None:
    assert asked(page) == set()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        tries: dict[str, Any] = {
            "fetch": "fetch(url).then(() => done('went'), () => done('refused'))",
            "image": "const one = new Image(); one.onload = () => done('went'); one.onerror = () => done('refused'); one.src = url",
            "script": "const one = document.createElement('script'); one.onerror = () => done('refused');"
            "one.src = url; document.head.append(one)",
            "inline": "const one = document.createElement('script'); one.text = 'window.hit = 1'; document.head.append(one);"
            "done(window.hit ? 'went' : 'refused')",
        }
        for name, words in tries.items():
            said = page.execute_async_script(f"const url = {url!r}, done = arguments[0]; {words}")
            assert said == "refused", name
        with pytest.raises(BlockingIOError):
            server.accept()
    blocked = page.get_log("browser")  # type: ignore[no-untyped-call]
    assert sum("Content Security Policy" in line["message"] for line in blocked) >= len(tries)


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Chrome) -> None:
    press(page, "Late 🏃 Penalty-Smith")
    screen = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        wide = page.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0
        assert not page.find_element(By.XPATH, "//th[.='Club']").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_of_a_long_list_the_first_are_there_at_once_and_on_paper_is_everybody(browser: Chrome, tmp_path: Path) -> None:
    everybody = {f"Runner {bib:03}" for bib in range(1, 451)}
    rows = io.StringIO()
    csv.writer(rows).writerows([("bib", "race", "name"), *((name[-3:].lstrip("0"), "30k", name) for name in sorted(everybody))])
    content = FORMATS["html"](results_of(journal_of(race()._replace(roster_csv=rows.getvalue()), tmp_path / "long.db")))
    page = opened(browser, content, tmp_path)
    assert 200 <= len(listed(page)) < 450
    assert page.find_element(By.ID, "more").is_displayed()
    paper = PdfReader(io.BytesIO(b64decode(page.execute_cdp_cmd("Page.printToPDF", {})["data"])))
    printed = "\n".join(sheet.extract_text() for sheet in paper.pages)
    assert set(re.findall(r"Runner \d{3}", printed)) == everybody
    assert "PROVISIONAL results" in printed


def test_time_that_stood_still_and_a_start_of_ones_own_are_counted_as_the_results_count_them(browser: Chrome, tmp_path: Path) -> None:
    still = neutralises("4h", "5h")
    field = field_of(race_with(timing="chip"), [*reads(start="10m", botella="3h", illa="7h", finish="20h10m"), still], count=1)
    results = Results(field, field.now_ms, ["105k"], None, Provenance("final", "d1", field.now_ms, "0"))
    page = opened(browser, FORMATS["html"](results), tmp_path)
    assert page.find_element(By.ID, "state").text == "FINAL results"
    press(page, "bib 1")
    rows = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in page.find_elements(By.CSS_SELECTOR, ".detail tbody tr")]
    assert [row[4] for row in rows] == ["0:00:00", "2:50:00", "5:50:00", "19:00:00"]
    assert rows[3][2] == "Sat 15:10:00"
    assert listed(page)[0][8 - 1] == "19:00:00"  # no club, no column of clubs


def test_the_command_writes_it(tmp_path: Path, tracker: Tracker) -> None:
    out = tmp_path / "results.html"
    assert tracker("export", journal_of(race(), tmp_path / "race.db"), "--format", "html", "-o", out).code == 0
    assert out.read_bytes().startswith(b"<!DOCTYPE html>")
