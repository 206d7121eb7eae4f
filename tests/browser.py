"""A real browser, for what is made to be looked at in one: a headless Chromium that asks nobody for anything by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.conftest import needs

QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --window-size=1200,800"
)


@contextmanager
def chromium(folder: Path) -> Iterator[Chrome]:
    """A Chromium that keeps what it keeps in a folder; the test is skipped where there is none."""
    options = ChromeOptions()
    options.binary_location = needs("chromium")
    for word in [*QUIET.split(), f"--user-data-dir={folder}"]:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = Chrome(options, Service(needs("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def asked(browser: Chrome) -> set[str]:
    """Every host that the browser has asked for something since this was last looked at."""
    said = [orjson.loads(line["message"])["message"] for line in browser.get_log("performance")]  # type: ignore[no-untyped-call]
    urls = [one["params"]["request"]["url"] for one in said if one["method"] == "Network.requestWillBeSent"]
    urls += [one["params"]["url"] for one in said if one["method"] == "Network.webSocketCreated"]
    return {urlsplit(url).netloc for url in urls if urlsplit(url).scheme in {"http", "https", "ws", "wss"}}
