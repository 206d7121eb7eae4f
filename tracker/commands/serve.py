"""`tracker run`: the ingest, alone (`--headless`) or behind its dashboard; and `tracker watch`: the dashboard alone."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tracker.backups import Backups
from tracker.clock import RaceClock
from tracker.commands.access import access_of, broker_of, environment, need_no_access, words_for
from tracker.commands.children import GRACE_S, last_line, start, stop
from tracker.commands.home import session_name, settle
from tracker.commands.opening import UsageError, differs, fold, open_or_create, read_sources
from tracker.commands.series_file import series_at, series_of, series_words
from tracker.commands.terminal import need_screen
from tracker.desk import Desk
from tracker.ingest import Ingest
from tracker.journal import Journal, JournalError, Sources, writer_pid
from tracker.mqtt.address import Broker
from tracker.mqtt.endpoint import Endpoint
from tracker.mqtt.inlet import Inlet
from tracker.mqtt.session import BrokerSession
from tracker.outbox import outbox_path
from tracker.wire import Wire

log = logging.getLogger(__name__)

DEFAULT_LISTEN = "127.0.0.1:1883"
BACKUP_EVERY_S = 300.0
_LOOK_EVERY_S = 0.1


async def run_headless(args: Namespace) -> int:
    """The ingest alone, until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    clock = RaceClock() if args.clock is None else args.clock
    if words := series_words(args):
        raise UsageError(f"{words[0]}: is for the dashboard, and with --headless there is none; leave it out")
    broker = _broker(args)
    parse_address(args.listen or DEFAULT_LISTEN)
    _refuse_leftovers(args.journal)
    _check_backups(args)
    journal = await open_or_create(args.journal, read_sources(args.event, args.roster, args.root))
    async with journal:
        await journal.set_ingest()
        await journal.set_clock(clock)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):  # before a big journal is read: whoever stops it meanwhile finds it well ended, too
            loop.add_signal_handler(number, stop.set)
        folded = await fold(journal)
        known = False
        if broker is not None:
            known = await settle(journal, broker, Wire(folded.event.id, args.root).topic("live", "status"))
        async with await _inlet(args, broker, journal, folded.event.id, known=known) as inlet:
            await journal.set_ingest(inlet.address)
            log.info("%s: %d facts in the journal, %s", args.journal, folded.counted, inlet.link)
            ingest = Ingest(inlet, journal, folded, clock, await journal.session())
            async with _backups(args, journal):
                await ingest.run(stop)
        counts = ingest.intake.counts
        log.info("stopped: %d new facts, %d known already, %d in quarantine", counts.facts, counts.repeats, counts.quarantined)
    return 0


def _broker(args: Namespace) -> Broker | None:
    if args.broker is None:
        need_no_access(args, "is for a broker; give --broker too, or leave it out")
    return broker_of(args)


async def _inlet(args: Namespace, broker: Broker | None, journal: Journal, event: str, *, known: bool = False) -> Inlet:
    if broker is not None:
        return BrokerSession(broker, root=args.root, event=event, identifier=await session_name(journal, event), known=known)
    return Endpoint(*parse_address(args.listen or DEFAULT_LISTEN), root=args.root, event=event)


@asynccontextmanager
async def _backups(args: Namespace, journal: Journal) -> AsyncIterator[None]:
    """Copies of the journal, if they are wanted, for as long as the block lasts."""
    if args.backup is None:
        yield
        return
    copying = asyncio.create_task(Backups(journal, await journal.session(), args.backup, args.backup_every or BACKUP_EVERY_S).run())
    try:
        yield
    finally:
        copying.cancel()
        with suppress(asyncio.CancelledError):
            await copying


def _check_backups(args: Namespace) -> None:
    """UsageError when copies are wanted that cannot be made: better now than in the night."""
    if args.backup is None and args.backup_every is not None:
        raise UsageError("--backup-every: says how often, but not where to; give --backup FOLDER too")
    if args.backup is not None and not args.backup.is_dir():
        raise UsageError(f"--backup {args.backup}: there is no such folder; make it, or put the disk in")


def _refuse_leftovers(journal: Path) -> None:
    """UsageError when a journal would be made beside the outbox of one that is gone: what the desk said there is not this race's."""
    outbox = outbox_path(journal)
    if not journal.exists() and outbox.exists() and outbox.stat().st_size:
        raise UsageError(
            f"{outbox}: the desk said this for a journal that is gone; to begin anew delete it or move it away, "
            f"to go on with it make the journal from it: tracker feed {journal} {outbox} --event EVENT.toml --roster R.csv"
        )


def parse_address(text: str, usual: int = 1883) -> tuple[str, int]:
    """Read `host:port`, `:port` or `[v6]:port`. UsageError says what to write, with the usual port."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--listen {text}: is no address; write 127.0.0.1:{usual}, or 0.0.0.0:{usual} for every device in the network")
    return host.strip("[]"), int(port)


def run_with_dashboard(args: Namespace) -> int:
    """The dashboard in front of an ingest that is a process of its own: started here, unless one runs on this journal already.

    The ingest outlives the dashboard, its crash and the end of its terminal, unless whoever leaves the dashboard wants it stopped.
    """
    from tracker.dashboard.app import run_dashboard  # noqa: PLC0415  Textual takes its time, and the ingest alone does not need it

    sources = read_sources(args.event, args.roster, args.root)
    series = series_of(args, sources)
    broker = _broker(args)
    _check_backups(args)
    running = asyncio.run(_find_ingest(args, sources, broker))
    _refuse_leftovers(args.journal)
    need_screen(f"give --headless for the ingest alone, and look with {_in_text(args.journal)}")  # before anything is begun
    if running is not None and args.backup is not None:
        _say(f"the copies are made as that ingest was told when it began; for others end it first: kill {running.pid}")
    if running is not None:
        _say(f"the ingest runs already (pid {running.pid}, messages at {running.address}); this is its dashboard")
    ingest = running or _start_ingest(args, broker)
    stop = False
    try:
        stop = run_dashboard(args.journal, Desk(args.journal, broker, access_of(args)), asks=True, series=series)
    finally:
        if not stop and ingest.runs:
            _say(f"the ingest goes on (pid {ingest.pid}); see it: tracker watch {args.journal}, end it: kill {ingest.pid}")
    ingest.check()
    if stop:
        ingest.stop()
    return 0


class _Ingest:
    """The ingest of a journal: our own child, or (`process` None) a process that ran before us, and takes its messages at `address`."""

    def __init__(self, journal: Path, pid: int, process: subprocess.Popen[bytes] | None, address: str = "") -> None:
        self.pid = pid
        self.address = address
        self._journal = journal
        self._process = process

    @property
    def runs(self) -> bool:
        """Whether it is still there."""
        return writer_pid(self._journal) == self.pid if self._process is None else self._process.poll() is None

    def stop(self) -> None:
        """Ask it to end, and see that it does. UsageError when it is not ours to end."""
        if self._process is not None:
            stop(self._process)
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.runs:
                return
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return
            except PermissionError:
                raise UsageError(f"the ingest (pid {self.pid}) is another user's, so it goes on; ask them, or root") from None
            deadline_s = time.monotonic() + GRACE_S
            while self.runs and time.monotonic() < deadline_s:
                time.sleep(_LOOK_EVERY_S)

    def check(self) -> None:
        """UsageError when our child has ended by itself, and not well."""
        if self._process is not None and self._process.poll() not in (None, 0):
            log_path = _log_path(self._journal)
            raise UsageError(f"the ingest ended by itself: {last_line(log_path)} (all of it is in {log_path})")


async def _find_ingest(args: Namespace, sources: Sources, broker: Broker | None) -> _Ingest | None:
    """The ingest that runs on this journal already. JournalError when it is not the one that is wanted."""
    pid = writer_pid(args.journal)
    if pid is None or not args.journal.exists():
        return None
    async with await Journal.open(args.journal) as journal:
        ingest = await journal.ingest()
        if ingest is None or ingest.pid != pid:
            return None  # something else writes it for a moment, a feed or a merge
        difference = differs(journal.sources, sources)
        address = None
        if broker is not None or args.listen is not None:
            address = (await _inlet(args, broker, journal, "")).address
        clock = await journal.clock()
    running = f"{args.journal}: an ingest runs on it already (pid {pid})"
    if difference is not None:
        raise JournalError(f"{running}, with another {difference}; give this race its own journal, or the files of that one")
    if None not in (address, ingest.address) and address != ingest.address:
        raise JournalError(f"{running} and takes messages at {ingest.address}, not {address}; leave that out, or end it: kill {pid}")
    if args.clock not in (None, clock):
        raise JournalError(f"{running}, by the clock {clock}; leave --clock out, or end it: kill {pid}")
    return _Ingest(args.journal, pid, None, ingest.address or "a place that it will say")


def _start_ingest(args: Namespace, broker: Broker | None) -> _Ingest:
    command = [sys.executable, "-m", "tracker", "run", str(args.event), "--roster", str(args.roster), "--journal", str(args.journal)]
    command += ["--headless", "--root", args.root]
    command += [] if args.listen is None else ["--listen", args.listen]
    command += [] if broker is None else words_for(broker.access, broker)
    command += [] if args.backup is None else ["--backup", str(args.backup)]
    command += [] if args.backup_every is None else ["--backup-every", f"{args.backup_every:.0f}s"]
    command += [] if args.clock is None else ["--clock", str(args.clock)]
    told = {} if broker is None else environment(broker.access)
    process = start(command, _log_path(args.journal), outlives=True, environment=told)
    return _Ingest(args.journal, process.pid, process)


def _log_path(journal: Path) -> Path:
    return journal.with_name(journal.name + ".log")


def _say(words: str) -> None:
    """A line on standard error, if there is still somebody to read it: a terminal that is gone takes no words."""
    with suppress(OSError):
        print(f"tracker: {words}", file=sys.stderr, flush=True)


def watch(args: Namespace) -> int:
    """The dashboard alone, on a journal that another process writes, and goes on writing."""
    from tracker.dashboard.app import run_dashboard  # noqa: PLC0415

    series = asyncio.run(series_at(args))
    need_screen(f"use {_in_text(args.journal)}")
    if args.read_only:
        need_no_access(args, "nothing is sent from here; leave it out, or leave --read-only out")
        run_dashboard(args.journal, None, series=series)
    else:
        run_dashboard(args.journal, Desk(args.journal, broker_of(args), access_of(args)), series=series)
    return 0


def _in_text(journal: Path) -> str:
    """The commands that say in plain text what the dashboard shows."""
    return f"tracker status {journal}, or tracker print {journal} unaccounted"
