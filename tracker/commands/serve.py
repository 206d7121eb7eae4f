"""`tracker run`: the ingest, alone (`--headless`) or as a child of the dashboard; and `tracker watch`: the dashboard alone."""

import asyncio
import logging
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.clock import RaceClock
from tracker.commands.opening import UsageError, fold, open_or_create, read_sources
from tracker.ingest import Ingest
from tracker.journal import Journal
from tracker.mqtt.endpoint import Endpoint
from tracker.mqtt.inlet import Inlet
from tracker.mqtt.session import Broker, BrokerSession

log = logging.getLogger(__name__)

_CHILD_GRACE_S = 20
_CHILD_START_S = 0.5


async def run_headless(args: Namespace) -> int:
    """The ingest alone, until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    clock = RaceClock() if args.clock is None else args.clock
    broker = None if args.broker is None else Broker.parse(args.broker)
    address = parse_address(args.listen)
    journal = await open_or_create(args.journal, read_sources(args.event, args.roster, args.root))
    async with journal:
        await journal.set_clock(clock)
        folded = await fold(journal)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with await _inlet(broker, address, args.root, journal, folded.event.id) as inlet:
            log.info("%s: %d facts in the journal, %s", args.journal, folded.counted, inlet.link)
            ingest = Ingest(inlet, journal, folded, clock)
            await ingest.run(stop)
        counts = ingest.intake.counts
        log.info("stopped: %d new facts, %d known already, %d in quarantine", counts.facts, counts.repeats, counts.quarantined)
    return 0


async def _inlet(broker: Broker | None, address: tuple[str, int], root: str, journal: Journal, event: str) -> Inlet:
    if broker is not None:
        return BrokerSession(broker, root=root, event=event, identifier=f"tracker-{event}-{await journal.session()}")
    return Endpoint(*address, root=root, event=event)


def parse_address(text: str, usual: int = 1883) -> tuple[str, int]:
    """Read `host:port`, `:port` or `[v6]:port`. UsageError says what to write, with the usual port."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--listen {text}: is no address; write 127.0.0.1:{usual}, or 0.0.0.0:{usual} for every device in the network")
    return host.strip("[]"), int(port)


def run_with_dashboard(args: Namespace) -> int:
    """The ingest as a child process, the dashboard in front; when the dashboard is left, the ingest is stopped cleanly."""
    from tracker.dashboard.app import run_dashboard  # noqa: PLC0415  Textual takes its time, and the ingest alone does not need it

    read_sources(args.event, args.roster, args.root)
    log_path = args.journal.with_name(args.journal.name + ".log")
    command = [sys.executable, "-m", "tracker", "run", str(args.event), "--roster", str(args.roster), "--journal", str(args.journal)]
    command += ["--headless", "--root", args.root]
    command += ["--listen", args.listen] if args.broker is None else ["--broker", args.broker]
    command += [] if args.clock is None else ["--clock", str(args.clock)]
    with child(command, log_path) as ingest:
        run_dashboard(args.journal)
        if ingest.poll() not in (None, 0):
            raise UsageError(f"the ingest ended by itself: {last_line(log_path)} (all of it is in {log_path})")
    return 0


@contextmanager
def child(command: list[str], log_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child process with its words in a file, stopped with SIGTERM in the end. UsageError when it does not even start."""
    with log_path.open("ab") as log_file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log_file, stderr=log_file)  # noqa: S603  our own program
    try:
        try:
            process.wait(_CHILD_START_S)
        except subprocess.TimeoutExpired:
            yield process
        else:
            raise UsageError(f"{last_line(log_path)} (all of it is in {log_path})")
    finally:
        process.terminate()
        try:
            process.wait(_CHILD_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_line(path: Path) -> str:
    """The last thing a log says."""
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("tracker: ") if lines else f"{path} is empty"


def watch(args: Namespace) -> int:
    """The dashboard alone, on a journal that another process writes."""
    from tracker.dashboard.app import run_dashboard  # noqa: PLC0415

    run_dashboard(args.journal)
    return 0
