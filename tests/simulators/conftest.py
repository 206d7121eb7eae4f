"""The simulated Andorra weekend, and a real Mosquitto of the tests' own."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.field import Journey, simulate_field, simulate_roster
from tracker.core.course import Event
from tracker.core.roster import Roster
from tracker.files.event import read_event
from tracker.files.roster import read_roster

COURSES = Path(__file__).parents[2] / "courses"
RACES_THAT_WERE_RUN = Path(__file__).parents[3] / "shared" / "data"


def course(name: str) -> Event:
    """An event file that ships with the tracker."""
    path = COURSES / f"{name}.toml"
    return read_event(path.read_text(encoding="utf-8"), path.name)


def roster_of(event: Event, seed: int) -> Roster:
    """The simulated start list, read as any other."""
    return read_roster(simulate_roster(event, seed), f"seed {seed}", event)


@pytest.fixture(scope="session")
def andorra() -> Event:
    return course("andorra-2022")


@pytest.fixture(scope="session")
def roster(andorra: Event) -> Roster:
    return roster_of(andorra, 7)


@pytest.fixture(scope="session")
def journeys(andorra: Event, roster: Roster) -> list[Journey]:
    return simulate_field(andorra, roster, 7)


class Mosquitto:
    """A child process on a port of its own; `stop` kills it, `start` brings it back on the same port with nothing remembered."""

    def __init__(self, binary: str, directory: Path) -> None:
        self.binary, self.config = binary, directory / "mosquitto.conf"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
            "max_queued_messages 1000000\nmax_inflight_messages 1000\nlog_dest stderr\nlog_type information\nlog_type error\n"
        )
        self.child: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return once it listens."""
        self.child = subprocess.Popen([self.binary, "-c", str(self.config)], stderr=subprocess.PIPE, text=True)
        assert self.child.stderr is not None
        said = []
        for line in self.child.stderr:
            said.append(line)
            if line.rstrip().endswith("running"):
                return
        pytest.fail("mosquitto did not start: " + "".join(said))

    def stop(self) -> None:
        """Kill it, as a power cut would."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            if self.child.stderr is not None:
                self.child.stderr.close()
            self.child = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    binary = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        pytest.skip("mosquitto is not installed")
    broker = Mosquitto(binary, tmp_path)
    broker.start()
    yield broker
    broker.stop()
