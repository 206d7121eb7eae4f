"""The dashboard killed, resized, pressed all over and cut off from its terminal in the middle of a race: nothing is lost.

Neither what the devices say, nor what the desk decides while nobody takes it in. Real processes on real terminals, and the messages of
every device through a real broker or to the tracker itself.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from simulators.play import play
from simulators.scanners import Emission
from tests.conftest import GUN_MS, MINUTE_MS, Mosquitto, RaceDay, Tracker, digest, free_port, race_day, until, write_lines
from tests.ingest.running import holds, on_disk
from tests.terminal import Terminal
from tracker.clock import RaceClock
from tracker.core.facts import Fact
from tracker.journal import Journal, writer_pid
from tracker.outbox import Outbox, outbox_path
from tracker.wire import Wire

RUNNERS, SPEED = 400, 3600
SCREEN = "Hill 40K"
SCREENS = ("1", "2", "3", "4", "\t", "?\x1b", "f\x1b", "/7\r", "a\x1b", "u\x1b", "g", "t", "j", "k", "\x1b[6~", " ", "d", "s")
FORM, LOOK, OTHERWISE = "Withdraw (desk status)", "y SENDS this", "NOT SENT"


class Way(NamedTuple):
    """How messages come to the ingest, and how that way is lost and found again."""

    words: list[str]
    url: str
    lose: Callable[[Path], None]
    find: Callable[[Path], None]


@pytest.fixture(params=["through Mosquitto", "to the tracker itself"])
def way(request: pytest.FixtureRequest) -> Way:
    if request.param == "through Mosquitto":
        broker: Mosquitto = request.getfixturevalue("mosquitto")
        return Way(["--broker", broker.url], broker.url, lambda _: broker.stop(), lambda _: broker.start())
    address = f"127.0.0.1:{free_port()}"
    return Way(["--listen", address], f"mqtt://{address}", _halted(signal.SIGSTOP), _halted(signal.SIGCONT))


def _halted(number: signal.Signals) -> Callable[[Path], None]:
    def tell(journal: Path) -> None:
        pid = writer_pid(journal)
        assert pid is not None
        os.kill(pid, number)

    return tell


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "race.db"
    yield path
    if (pid := writer_pid(path)) is not None:
        os.kill(pid, signal.SIGKILL)


async def storm(terminal: Terminal, seed: int, gusts: int = 40) -> None:
    """Windows pulled about, from 20 by 5 to 240 by 70, and keys through all screens meanwhile."""
    chance = random.Random(seed)
    for _ in range(gusts):
        terminal.resize(chance.randint(20, 240), chance.randint(5, 70))
        terminal.press(chance.choice(SCREENS))
        await asyncio.sleep(0.02)
    terminal.resize(160, 50)


class Watch:
    """A race that is run, and what its desk has said so far. `terminals` are those in which it was shown."""

    def __init__(self, day: RaceDay, folder: Path, journal: Path, way: Way) -> None:
        _, event, _, roster = day.files(folder)
        self.day, self.journal, self.way = day, journal, way
        self.clock = RaceClock.starting_at(GUN_MS - 120 * MINUTE_MS, SPEED)
        self.words = ["run", event, "--roster", roster, "--journal", str(journal), *way.words, "--clock", str(self.clock)]
        self.log = folder / "race.db.log"
        self.said: list[tuple[str, bytes]] = []
        self.terminals: list[Terminal] = []
        self._outbox = Outbox(outbox_path(journal))

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[Terminal]:
        """The race on a terminal, from when it is there."""
        async with Terminal(*self.words) as terminal:
            self.terminals.append(terminal)
            await terminal.shows(SCREEN)
            yield terminal

    async def publishes(self, last_part: asyncio.Event) -> None:
        """Every device says all it has, each at its time, and the last third not before it may."""
        wire = Wire("hill")
        facts = [fact for fact in (wire.decode(*message) for message in self.day.messages) if isinstance(fact, Fact)]
        said = [
            Emission(fact.at_ms, topic.split("/")[2], topic, said) for fact, (topic, said) in zip(facts, self.day.messages, strict=True)
        ]
        later = len(said) * 2 // 3
        await play(said[:later], self.way.url, self.clock)
        await last_part.wait()
        await play(said[later:], self.way.url, self.clock)

    async def withdraws(self, terminal: Terminal, bib: str) -> None:
        """A decision as a person takes it after a storm: whom a filter hides is shown again, and the screen is read before the next key."""
        await terminal.step_out()
        await terminal.answers(f"1F/{bib}\raw", FORM)
        await terminal.answers("\rEctor\rfell\r", LOOK)  # at no station that anybody knows of
        count, looked = len(self.said) + 1, terminal.shown.count(OTHERWISE.encode())
        terminal.press("y")

        def kept() -> bool:
            nonlocal looked
            self.said += self._outbox.news()
            if (looks := terminal.shown.count(OTHERWISE.encode())) > looked:  # the race has gone on: what is shown now is sent
                looked = looks
                terminal.press("y")
            return len(self.said) >= count

        await until(kept, f"{count} decisions are on the disk")
        assert len(self.said) == count

    async def arrived(self) -> int:
        """How many of the desk's words are in the journal."""
        keys = [fact.key for fact in (Wire("hill").decode(*one) for one in self.said) if isinstance(fact, Fact)]
        async with await Journal.open(self.journal) as found:
            return len(await found.known(keys))

    async def has_arrived(self) -> None:
        """What was pending is in the journal."""

        async def all_of_it() -> bool:
            return await self.arrived() == len(self.said)

        await until(all_of_it, "what was pending has arrived")

    async def goes_wrong(self) -> None:
        """All that the tests' name says."""
        last_part = asyncio.Event()
        async with self.shown() as first, asyncio.TaskGroup() as group:
            await until(lambda: any(one in self.log.read_text() for one in ("connected to broker", "listening on")), "it takes messages")
            sending = group.create_task(self.publishes(last_part))
            await storm(first, 1)
            self.way.lose(self.journal)
            await storm(first, 4)
            await self.withdraws(first, "12")
            assert await self.arrived() == 0
            assert await first.end(signal.SIGKILL) == 128 + signal.SIGKILL
            self.way.find(self.journal)
            async with self.shown() as second:
                await self.has_arrived()
                await storm(second, 2)
                await self.withdraws(second, "34")
                second.hang_up()
                await second.end()
            async with self.shown() as third:
                last_part.set()
                await storm(third, 3)
                await sending
                await self.has_all()
                await third.step_out()
                await third.answers("q", "Leave the dashboard?")
                third.press("S")
                assert await third.end() == 0

    async def has_all(self) -> None:
        """Every message of the devices and of the desk, once."""
        said = [*self.day.messages, *self.said]
        async with await Journal.open(self.journal) as journal:
            await holds(journal, len(said))
            assert Counter(await on_disk(journal)) == Counter(said)
            assert await journal.quarantined() == []


def test_nothing_is_lost_whatever_becomes_of_the_dashboard_and_its_terminal(
    tmp_path: Path, way: Way, journal: Path, tracker: Tracker
) -> None:
    day = race_day(RUNNERS)
    watch = Watch(day, tmp_path, journal, way)
    asyncio.run(watch.goes_wrong())
    assert writer_pid(journal) is None
    assert "Traceback" not in watch.log.read_text()
    for terminal in watch.terminals:
        assert b"Traceback" not in terminal.shown
        assert b"failed (" not in terminal.shown
    undisturbed, lines = tmp_path / "undisturbed.db", write_lines(tmp_path / "all.jsonl", [*day.messages, *watch.said])
    assert tracker("feed", undisturbed, lines, *day.files(tmp_path)).code == 0
    assert digest(tracker, journal) == digest(tracker, undisturbed)
