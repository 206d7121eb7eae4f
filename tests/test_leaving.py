"""How a race's processes end: what a lost terminal, a killed dashboard and a quit one leave running, and how one comes back to it.

Real terminals: SSH that breaks off takes one away in just this way.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiomqtt
import pytest

from tests.conftest import PATIENCE_S, Mosquitto, RaceDay, Tracker, free_port, passage, race_day, until
from tests.ingest.running import holds
from tests.terminal import Terminal
from tracker.desk import Desk
from tracker.journal import Journal, Sources, writer_pid
from tracker.outbox import Outbox, outbox_path

SCREEN = "Hill 40K"


class Race:
    """A race's files, and the words that run it."""

    def __init__(self, day: RaceDay, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.journal, self.log = folder / "race.db", folder / "race.db.log"
        _, event, _, roster = day.files(folder)
        self.files = [event, "--roster", roster, "--journal", str(self.journal)]
        self.words = ["run", *self.files, "--listen", f"127.0.0.1:{self.port}"]

    @property
    def pid(self) -> int | None:
        """Which process takes in its messages."""
        return writer_pid(self.journal)

    async def takes(self) -> None:
        """Wait until the ingest takes messages."""
        await until(lambda: self.log.exists() and "listening on" in self.log.read_text(), "the ingest takes messages")

    async def takes_a_passage(self, number: int) -> None:
        """A scanner is still served: the journal holds this passage, its so many-th."""
        async with aiomqtt.Client("127.0.0.1", self.port, timeout=PATIENCE_S) as scanner:
            await scanner.publish(*passage(id=f"p-{number}"), qos=1)
        async with await Journal.open(self.journal) as journal:
            assert await holds(journal, number) == number

    def goes_on(self, pid: int | None) -> str:
        """What is said when the dashboard is left and the ingest is not."""
        return f"tracker: the ingest goes on (pid {pid}); see it: tracker watch {self.journal}, end it: kill {pid}\n"


@pytest.fixture
def race(tmp_path: Path) -> Iterator[Race]:
    race = Race(race_day(3), tmp_path)
    yield race
    if (pid := race.pid) is not None and pid != os.getpid():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
async def running(race: Race) -> AsyncIterator[Terminal]:
    """The race is run in a terminal, and its dashboard is up."""
    async with Terminal(*race.words) as terminal:
        await terminal.shows(SCREEN)
        await race.takes()
        yield terminal


async def quit_and(terminal: Terminal, key: str) -> None:
    """Leave the dashboard, and answer what is to become of the ingest."""
    terminal.press("q")
    await terminal.shows("Leave the dashboard?")
    terminal.press(key)


async def test_the_ingest_outlives_a_terminal_that_is_gone_and_the_same_command_comes_back_to_it(race: Race, running: Terminal) -> None:
    ingest = race.pid
    assert ingest is not None
    running.hang_up()
    await running.end()  # with whatever code: who could read it is gone
    await race.takes_a_passage(1)
    assert race.pid == ingest
    async with Terminal(*race.words) as again:
        await again.shows(f"the ingest runs already (pid {ingest}, messages at mqtt://127.0.0.1:{race.port}); this is its dashboard")
        await again.shows(SCREEN)
        assert await again.end(signal.SIGTERM) == 0
        assert again.said == race.goes_on(ingest)
    await race.takes_a_passage(2)
    async with Terminal(*race.words) as last:
        await last.shows(SCREEN)
        await quit_and(last, "S")
        assert await last.end() == 0
        assert last.said == ""
    assert race.pid is None
    assert "stopped: 2 new facts, 0 known already, 0 in quarantine" in race.log.read_text()


async def test_the_ingest_outlives_a_dashboard_that_is_killed(race: Race, running: Terminal) -> None:
    ingest = race.pid
    assert await running.end(signal.SIGKILL) == 128 + signal.SIGKILL
    await race.takes_a_passage(1)
    assert race.pid == ingest is not None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_ends_the_dashboard_alone_and_leaves_the_terminal_as_it_was(
    race: Race, running: Terminal, number: signal.Signals
) -> None:
    ingest = race.pid
    assert not running.as_before
    assert await running.end(number) == 0
    await until(lambda: running.as_before, "the terminal is as it was")
    assert running.said == race.goes_on(ingest)
    await race.takes_a_passage(1)
    assert race.pid == ingest is not None


async def test_quitting_ends_the_ingest_too_when_that_is_said(race: Race, running: Terminal) -> None:
    await quit_and(running, "S")
    assert await running.end() == 0
    await until(lambda: running.as_before, "the terminal is as it was")
    assert (running.said, race.pid) == ("", None)


async def test_quitting_can_keep_the_ingest(race: Race, running: Terminal) -> None:
    ingest = race.pid
    await quit_and(running, "k")
    assert await running.end() == 0
    assert running.said == race.goes_on(ingest)
    await race.takes_a_passage(1)
    assert race.pid == ingest is not None


async def test_leaving_watch_leaves_the_ingest(race: Race, running: Terminal) -> None:
    ingest = race.pid
    async with Terminal("watch", race.journal) as other:
        await other.shows(SCREEN)
        other.press("q")
        assert await other.end() == 0
    assert race.pid == ingest is not None


@pytest.fixture
def headless(race: Race) -> Iterator[int]:
    """An ingest that runs without a dashboard; its number."""
    with race.log.open("ab") as log:
        words = [sys.executable, "-m", "tracker", *race.words, "--headless"]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    asyncio.run(race.takes())
    yield process.pid
    process.kill()
    process.wait(PATIENCE_S)


def test_an_ingest_of_another_race_is_not_joined(race: Race, headless: int, tracker: Tracker) -> None:
    (race.folder / "roster.csv").write_text(race_day(4).roster_csv)
    said = tracker(*race.words)
    why = "with another roster; give this race its own journal, or the files of that one"
    assert (said.code, said.err) == (1, f"tracker: {race.journal}: an ingest runs on it already (pid {headless}), {why}\n")


@pytest.mark.parametrize("way", [["--listen", "0.0.0.0:1"], ["--broker", "mqtt://127.0.0.1:1"]])
def test_an_ingest_that_takes_its_messages_elsewhere_is_not_joined(race: Race, headless: int, tracker: Tracker, way: list[str]) -> None:
    said = tracker("run", *race.files, *way)
    where = f"takes messages at mqtt://127.0.0.1:{race.port}, not mqtt://127.0.0.1:1; leave that out, or end it: kill {headless}"
    assert (said.code, said.err) == (1, f"tracker: {race.journal}: an ingest runs on it already (pid {headless}) and {where}\n")


def test_an_ingest_on_another_clock_is_not_joined(race: Race, headless: int, tracker: Tracker) -> None:
    said = tracker(*race.words, "--clock", "1000@2000*3")
    why = f"by the clock 0@0*1; leave --clock out, or end it: kill {headless}"
    assert (said.code, said.err) == (1, f"tracker: {race.journal}: an ingest runs on it already (pid {headless}), {why}\n")


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize("words", [["--listen", "0.0.0.0:{port}"], []], ids=["its own address in other words", "no address"])
def test_an_ingest_is_joined_and_ends_only_when_that_is_wanted(
    race: Race, headless: int, tracker: Tracker, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    for stop in (False, True):
        monkeypatch.setattr("tracker.dashboard.app.run_dashboard", lambda path, desk, *, asks, series, stop=stop: stop)
        said = tracker("run", *race.files, *(word.format(port=race.port) for word in words))
        joined = f"the ingest runs already (pid {headless}, messages at mqtt://127.0.0.1:{race.port}); this is its dashboard"
        assert (said.code, said.err) == (0, f"tracker: {joined}\n" + ("" if stop else race.goes_on(headless)))
        assert race.pid == (None if stop else headless)


FAIL = """
import sys
from textual.app import App
from tracker.cli import main
from tracker.dashboard import app

def fail(self):
    raise RuntimeError("a fault in the dashboard")

app.Dashboard.on_mount = fail
sys.exit(main(sys.argv[1:]))
"""


async def test_a_dashboard_that_fails_leaves_the_ingest_running_and_the_terminal_as_it_was(race: Race) -> None:
    async with Terminal(*race.words, program=["-c", FAIL]) as terminal:
        assert await terminal.end() == 1
        await until(lambda: terminal.said.endswith(race.goes_on(race.pid)), "it says that the ingest goes on")
        assert "a fault in the dashboard" in terminal.said
        assert terminal.as_before
    await race.takes()
    await race.takes_a_passage(1)


@pytest.mark.usefixtures("screen")
def test_who_feeds_a_journal_is_not_taken_for_its_ingest(race: Race, tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    turned_away = f"{race.journal}: another tracker is writing it; stop that one, or give this one a journal of its own"

    async def hold() -> None:
        sources = Sources("hill.toml", race_day(3).event_toml, "roster.csv", race_day(3).roster_csv, "tracker")
        async with await Journal.create(race.journal, sources):
            assert race.pid == os.getpid()
            said = await asyncio.to_thread(tracker, *race.words)
            assert said.code == 1
            assert turned_away in said.err

    def wait(path: Path, desk: Desk, *, asks: bool, series: None) -> bool:
        def gone() -> bool:
            if turned_away not in race.log.read_text() or processes_of(race.folder):
                return False
            return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None  # ended, and not only about to

        asyncio.run(until(gone, "the ingest is turned away"))
        return False

    monkeypatch.setattr("tracker.dashboard.app.run_dashboard", wait)
    asyncio.run(hold())


def test_what_the_desk_said_for_a_journal_that_is_gone_is_not_sent_into_a_new_one(race: Race, tracker: Tracker) -> None:
    Outbox(outbox_path(race.journal)).add("tracker/hill/desk/note", b"{}")
    for words in (race.words, [*race.words, "--headless"]):
        said = tracker(*words)
        assert said.code == 1
        why = "the desk said this for a journal that is gone; to begin anew delete it or move it away, to go on with it make the journal"
        assert said.err.startswith(f"tracker: {race.journal}.outbox: {why}")
    assert not race.journal.exists()


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize(
    ("words", "link"),
    [
        (["--read-only"], None),
        ([], "nobody has said yet where messages go: they wait until tracker run takes them in, or give --broker"),
        (["--broker", "mqtt://me:secret@10.0.0.1"], "nothing is sent to mqtt://10.0.0.1:1883 now"),
    ],
)
def test_who_watches_can_decide_unless_only_reading_is_wanted(
    race: Race, tracker: Tracker, monkeypatch: pytest.MonkeyPatch, words: list[str], link: str | None
) -> None:
    desks: list[Desk | None] = []
    monkeypatch.setattr("tracker.dashboard.app.run_dashboard", lambda path, desk, *, series: desks.append(desk))
    assert tracker("watch", race.journal, *words).code == 0
    assert [desk and desk.link for desk in desks] == [link]


def processes_of(folder: Path) -> list[str]:
    """The command lines in which a folder is named."""
    found = subprocess.run(["ps", "-eww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if str(folder) in line]


async def is_simulated(folder: Path) -> None:
    """Wait until a demo with all its processes is under way."""
    await until(lambda: any(" -m tracker simulate " in line for line in processes_of(folder)), "the devices run")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, "hang up"])
async def test_the_demo_leaves_nothing_running_however_its_dashboard_ends(tmp_path: Path, how: signal.Signals | str) -> None:
    async with Terminal("demo", "--folder", tmp_path / "demo") as terminal:
        await is_simulated(tmp_path)
        await terminal.shows("Ultra 105K")
        if isinstance(how, str):
            terminal.hang_up()
            await terminal.end()
        else:
            assert await terminal.end(how) == 0
        await until(lambda: not processes_of(tmp_path), "nothing is left running")


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (["run", "{files}", "--listen", "127.0.0.1:{port}"], "give --headless for the ingest alone, and look with"),
        (["watch", "{journal}"], "use"),
    ],
)
@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_where_no_dashboard_can_be_shown_it_is_said_in_a_line_what_to_use_and_nothing_is_begun(
    race: Race, words: list[str], instead: str, term: str
) -> None:
    asked = [each for word in words for each in (race.files if word == "{files}" else [word.format(journal=race.journal, port=race.port)])]
    command = [sys.executable, "-m", "tracker", *asked]
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, "TERM": term}, check=False)
    why = "TERM=dumb can draw nothing" if term == "dumb" else "standard input is no terminal"
    text = f"tracker status {race.journal}, or tracker print {race.journal} unaccounted"
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == f"tracker: the dashboard cannot be shown here ({why}); {instead} {text}\n"
    assert not race.journal.exists()


async def test_a_dumb_terminal_gets_words_and_no_control_characters(race: Race, headless: int) -> None:
    async with Terminal("watch", race.journal, term="dumb") as terminal:
        assert await terminal.end() == 2
        assert b"\x1b" not in terminal.shown
        await terminal.shows("TERM=dumb can draw nothing")
    assert race.pid == headless


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_demo_without_a_terminal_leaves_nothing_running_when_it_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    words = [sys.executable, "-m", "tracker", "demo", "--folder", str(tmp_path / "demo")]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True) as demo:
        asyncio.run(is_simulated(tmp_path))
        demo.send_signal(number)
        assert demo.wait(PATIENCE_S) == 128 + number
    asyncio.run(until(lambda: not processes_of(tmp_path), "nothing is left running"))


@pytest.mark.usefixtures("screen")
async def test_credentials_given_to_run_reach_the_desk_but_no_screen(
    race: Race, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch, tracker: Tracker
) -> None:
    links: list[str] = []

    def show(path: Path, desk: Desk, *, asks: bool, series: None) -> bool:
        links.append(desk.link)
        return True

    monkeypatch.setattr("tracker.dashboard.app.run_dashboard", show)
    words = ["run", *race.files, "--broker", mosquitto.url.replace("mqtt://", "mqtt://me:Sv3rig3@")]
    assert (await asyncio.to_thread(tracker, *words)).code == 0
    assert links == [f"nothing is sent to {mosquitto.url} now"]
