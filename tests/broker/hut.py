"""A race's broker as its director has it: the folder of `tracker broker init`, and `tracker broker run` as a process of its own."""

import asyncio
import csv
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.conftest import EVENT_TOML, PATIENCE_S, free_port, needs
from tracker.cli import main
from tracker.mqtt.address import Access, Broker


def init(folder: Path, *words: object, event: Path | None = None) -> int:
    """`tracker broker init` for the hill race."""
    if event is None:
        event = folder.parent / "hill.toml"
        event.write_text(EVENT_TOML)
    return main(["broker", "init", str(folder), "--event", str(event), *map(str, words)])


def passwords_in(folder: Path) -> dict[str, str]:
    """Every account with its password, as it is handed out."""
    with (folder / "accounts.csv").open(newline="") as file:
        return {row["account"]: row["password"] for row in csv.DictReader(file)}


class Hut:
    """A broker's folder on a free port, whose broker runs between `start` and `end`."""

    def __init__(self, folder: Path, *words: object) -> None:
        self.folder, self.port = folder, free_port()
        assert init(folder, "--host", "127.0.0.1", "--port", self.port, *words) == 0
        self.log = folder.parent / "broker.log"
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where devices connect."""
        return f"mqtts://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        """What a device knows the broker by."""
        return self.folder / "ca.crt"

    @property
    def acl(self) -> Path:
        """Who may what."""
        return self.folder / "acl"

    @property
    def said(self) -> str:
        """What the command has said."""
        return self.log.read_text()

    def broker(self, account: str) -> Broker:
        """The broker, for one of its accounts."""
        return Broker.parse(self.url, Access(account, passwords_in(self.folder)[account], self.ca))

    def options(self, account: str) -> list[str]:
        """The options with which a command is one of the race office's accounts."""
        return ["--user", account, "--password-file", str(self.folder / f"{account}.password"), "--ca", str(self.ca)]

    def start(self) -> None:
        """Return once devices can connect."""
        needs("mosquitto")
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "tracker", "broker", "run", str(self.folder)]
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline_s = monotonic() + PATIENCE_S
        while "devices connect to" not in self.said:
            if self.child.poll() is not None or monotonic() > deadline_s:
                pytest.fail(f"the broker does not run: {self.said}")
            sleep(0.02)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; returns its exit code."""
        assert self.child is not None
        self.child.send_signal(number)
        code = self.child.wait(PATIENCE_S)
        self.child = None
        return code


@contextmanager
def running_hut(folder: Path, *words: object, before: Callable[[Hut], object] = str) -> Iterator[Hut]:
    """A broker that runs; `before` is called with it first."""
    hut = Hut(folder, *words)
    before(hut)
    hut.start()
    try:
        yield hut
    finally:
        if hut.child is not None:
            hut.end()


async def say(broker: Broker, topic: str, payload: bytes) -> None:
    """Publish, and wait until the broker has acknowledged it: Mosquitto acknowledges what it throws away, too."""
    async with asyncio.timeout(PATIENCE_S), broker.client("") as client:
        await client.publish(topic, payload, qos=1)
