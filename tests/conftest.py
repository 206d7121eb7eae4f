"""What tests of several rooms share: a small race with its messages, the commands as one types them, and a real Mosquitto.

Nothing here asserts anything about the tracker; a fixture that only one room needs stands in that room.
"""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import orjson
import pytest

from simulators.scanners import Emission
from tracker.cli import main
from tracker.clock import RaceClock
from tracker.journal import FactRow, Journal, Sources
from tracker.wire import Wire

for _size in ("COLUMNS", "LINES"):
    os.environ.pop(_size, None)  # pytest's workers are told of one terminal's, and those of the tests have sizes of their own

PATIENCE_S = 60.0
"""How long a test waits for what must happen, before it says that it did not: several run at once, on few processors."""

Message = tuple[str, bytes]

_RACE_TOML = """
[[race]]
id = "{race}"
name = "Hill {name}"
start = 2022-06-25T06:00:00
distance_km = {km}
gain_m = {gain_m}
"""
_CHECKPOINT_TOML = """
[[race.checkpoint]]
id = "{point}"
station = "{station}"
name = "{name}"
km = {km}
"""


def race_toml(race: str, gain_m: int, *checkpoints: tuple[str, str, float, str | None]) -> str:
    """A race on the hill, for an event file. A checkpoint is its id, its station (after which it is named), its km, its cutoff."""
    text = _RACE_TOML.format(race=race, name=race.upper(), km=checkpoints[-1][2], gain_m=gain_m)
    for point, station, km, cutoff in checkpoints:
        text += _CHECKPOINT_TOML.format(point=point, station=station, name=station.capitalize(), km=km)
        text += "" if cutoff is None else f'cutoff = "{cutoff}"\n'
    return text


EVENT_TOML = """\
[event]
id = "hill"
name = "Hill Race"
timezone = "Europe/Andorra"
""" + race_toml(
    "40k",
    2400,
    ("start", "village", 0.0, None),
    ("col", "col", 10.0, "4h"),
    ("hut", "hut", 20.0, "7h"),
    ("ridge", "ridge", 30.0, "10h"),
    ("finish", "village", 40.0, "13h"),
)
STATIONS = ("village", "col", "hut", "ridge", "village")
GUN_MS = 1_656_129_600_000
"""2022-06-25 06:00 in Andorra."""
AFTERWARDS = "2022-06-26T00:00:00+02:00"
MINUTE_MS = 60_000


class RaceDay(NamedTuple):
    """A race's files as text, and all that its devices publish, in order of time."""

    event_toml: str
    roster_csv: str
    messages: list[Message]

    @property
    def sources(self) -> Sources:
        """What a journal of this race is made from."""
        return Sources("hill.toml", self.event_toml, "roster.csv", self.roster_csv, "tracker")

    def files(self, folder: Path) -> list[str]:
        """Write the event file and the roster; returns the words with which a command is given both."""
        (folder / "hill.toml").write_text(self.event_toml)
        (folder / "roster.csv").write_text(self.roster_csv)
        return ["--event", str(folder / "hill.toml"), "--roster", str(folder / "roster.csv")]


def race_day(runners: int) -> RaceDay:
    """The hill race: a read of each runner at each of five checkpoints, except that every tenth gives up at the hut."""
    told: list[tuple[int, str, str, dict[str, str | int]]] = []
    for number in range(1, runners + 1):
        for index, station in enumerate(STATIONS):
            at_ms = GUN_MS + index * (90 * MINUTE_MS + number * 6_000) + number
            kind = "withdrawal" if index == 2 and number % 10 == 0 else "passage"
            name = str(uuid5(NAMESPACE_URL, f"{number} at {index}"))
            why = {"reason": "injury"} if kind == "withdrawal" else {}
            told.append((at_ms, station, kind, {"id": name, "bib": str(number), "time": at_ms, **why}))
            if kind == "withdrawal":
                break
    told.sort(key=lambda one: one[0])
    last = dict.fromkeys(STATIONS, 0)
    messages = []
    for _, station, kind, said in told:
        last[station] += 1
        messages.append((f"tracker/hill/{station}/{kind}", orjson.dumps(said | {"device": f"{station}-1", "seq": last[station]})))
    roster = "bib,race,name,sex\n" + "".join(f"{n},40k,Runner {n},{'MF'[n % 2]}\n" for n in range(1, runners + 1))
    return RaceDay(EVENT_TOML, roster, messages)


def passage(**said: object) -> Message:
    """A sound passage of runner 1 at the col, with something said differently (None: not said at all)."""
    whole: dict[str, object] = {"id": "7e6f2d1c-0001", "bib": "1", "time": "2022-06-25T08:00:00+02:00"}
    return "tracker/hill/col/passage", orjson.dumps({key: value for key, value in (whole | said).items() if value is not None})


def write_lines(path: Path, messages: Iterable[Message]) -> Path:
    """A messages file, as `tracker feed` reads it."""
    path.write_bytes(b"".join(b'{"topic":%s,"payload":%s}\n' % (orjson.dumps(topic), payload) for topic, payload in messages))
    return path


def emitted(messages: Iterable[Message]) -> list[Emission]:
    """The messages as their devices send them, a millisecond of the race after each other."""
    return [Emission(GUN_MS + n, orjson.loads(payload)["device"], topic, payload) for n, (topic, payload) in enumerate(messages)]


def write_received(path: Path, day: RaceDay, clock: RaceClock | None, received: Iterable[tuple[int, Message]]) -> Path:
    """A journal with facts that were received at these moments."""
    wire = Wire("hill")

    async def write() -> None:
        async with await Journal.create(path, day.sources) as journal:
            if clock is not None:
                await journal.set_clock(clock)
            rows = [FactRow(0, wire.decode(*message).key, at_ms, *message) for at_ms, message in received]  # type: ignore[union-attr]
            assert await journal.append(rows) == len(rows)

    asyncio.run(write())
    return path


async def until(happened: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for something that nobody announces; the test fails when it does not come."""
    deadline_s = monotonic() + patience_s
    while True:
        found = happened()
        if found if isinstance(found, bool) else await found:
            return
        if monotonic() > deadline_s:
            pytest.fail(f"waited {patience_s:g} s in vain until {what}")
        await asyncio.sleep(0.01)


def needs(program: str) -> str:
    """Where a program is; the test is skipped where it is not."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def free_port() -> int:
    """A port on which nobody listens, and which nobody but whoever is told of it is given while the tests run."""
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as every server has it, so that one can still listen there
    probe.bind(("127.0.0.1", 0))
    port: int = probe.getsockname()[1]
    probe.detach()  # it stays bound to the end, so that no other test has the port meanwhile
    return port


class Said(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Tracker = Callable[..., Said]


@pytest.fixture
def tracker(capsys: pytest.CaptureFixture[str]) -> Tracker:
    """A command of the tracker, in this process: `tracker("status", path, "--json")`."""

    def run(*words: object) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands in this process have somewhere to show a dashboard, as those behind a page do; else a test has no terminal."""
    monkeypatch.setenv("TEXTUAL_DRIVER", "tracker.web.driver:SessionDriver")


def digest(tracker: Tracker, journal: Path) -> str:
    """The digest of the race after its end, as a journal tells it."""
    said = tracker("status", journal, "--json", "--at", AFTERWARDS)
    assert said.code == 0, said.err
    found: str = orjson.loads(said.out)["digest"]
    return found


class Mosquitto:
    """A child process on a port of its own, configured as the tracker wants it; what is queued outlives it, unless it is killed."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.port = free_port()
        self._binary = binary
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\n"
            f"persistence true\npersistence_location {folder}/\nautosave_interval 1\n"
            "max_queued_messages 10000000\nmax_inflight_messages 1000\n"
            "log_dest stderr\nlog_type information\nlog_type error\n"
        )
        self._child: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Its address, as the commands take it."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return once it listens; what its predecessor saved is there again."""
        self._child = subprocess.Popen([self._binary, "-c", str(self._config)], stderr=subprocess.PIPE, text=True)
        assert self._child.stderr is not None
        said = []
        for line in self._child.stderr:
            said.append(line)
            if line.rstrip().endswith("running"):
                return
        pytest.fail("mosquitto did not start: " + "".join(said))

    def stop(self) -> None:
        """Ask it to end: it saves what it holds."""
        if self._child is not None:
            self._child.terminate()
            self._gone(self._child)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        if self._child is not None:
            self._child.kill()
            self._gone(self._child)

    def forget(self) -> None:
        """Kill it, and take all that it has kept: the next one is another broker at the same place."""
        self.kill()
        (self._config.parent / "mosquitto.db").unlink(missing_ok=True)

    def _gone(self, child: subprocess.Popen[str]) -> None:
        child.wait(PATIENCE_S)
        if child.stderr is not None:
            child.stderr.close()
        self._child = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(needs("mosquitto"), folder)
    broker.start()
    yield broker
    broker.kill()


class Way(NamedTuple):
    """How a tracker takes its messages: the words for its command, and the port at which devices and screens reach it."""

    words: list[str]
    port: int

    @property
    def url(self) -> str:
        """The address to which the devices send."""
        return f"mqtt://127.0.0.1:{self.port}"


@pytest.fixture(params=["through Mosquitto", "through the endpoint"])
def way(request: pytest.FixtureRequest) -> Way:
    """Both ways, one test each."""
    if request.param == "through Mosquitto":
        broker: Mosquitto = request.getfixturevalue("mosquitto")
        return Way(["--broker", broker.url], broker.port)
    port = free_port()
    return Way(["--listen", f"127.0.0.1:{port}"], port)
