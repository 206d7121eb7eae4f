"""`tracker demo`: the whole thing with nothing installed.

Simulated Andorra races, whose scanners connect to the tracker's own endpoint; ingest, devices and dashboard are processes of their own.
"""

import asyncio
import socket
import subprocess
import sys
import tempfile
from argparse import Namespace
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path

import orjson

from simulators.field import simulate_roster
from tracker.clock import RaceClock
from tracker.commands.children import child, last_line, unwound_by_signals
from tracker.commands.opening import UsageError, read_text
from tracker.commands.series_file import read_rules
from tracker.commands.status import print_result, read_state
from tracker.commands.terminal import why_no_screen
from tracker.core.course import Event
from tracker.desk import Desk
from tracker.files.event import read_event
from tracker.journal import Journal
from tracker.series.of_runner import Series

DASHBOARD_SPEED, HEADLESS_SPEED = 600.0, 3000.0
_JOURNAL = "demo.db"
_SHOWN = 10
_LEAD_MS = 20 * 60_000  # of race time before the first start, so that the gun is seen
_READY_S = 3.0  # of the machine's time until both children listen


def run(args: Namespace) -> int:
    """Simulate the Andorra races of 2022 from the first gun to the last cutoff; whatever ends it, nothing is left running."""
    headless = args.headless or not _is_seen()
    with ExitStack() as stack:
        stack.enter_context(unwound_by_signals())
        folder = Path(args.folder or stack.enter_context(tempfile.TemporaryDirectory(prefix="tracker-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / _JOURNAL).exists():
            raise UsageError(f"{folder / _JOURNAL}: is there already, from another demo; delete it, or choose another folder")
        event_path = stack.enter_context(as_file(files("courses") / "andorra-2022.toml"))
        event = read_event(read_text(event_path), str(event_path))
        roster_path, journal_path = folder / "roster.csv", folder / _JOURNAL
        roster_path.write_text(simulate_roster(event, args.seed), encoding="utf-8")
        speed = args.speed or (HEADLESS_SPEED if headless else DASHBOARD_SPEED)
        clock = RaceClock.starting_at(event.first_start_ms - _LEAD_MS - round(_READY_S * 1000 * speed), speed)
        address = f"127.0.0.1:{_free_port()}"
        common = [str(event_path), "--roster", str(roster_path), "--clock", str(clock)]
        ingest = [sys.executable, "-m", "tracker", "run", *common, "--journal", str(journal_path), "--listen", address, "--headless"]
        devices = [
            sys.executable,
            "-m",
            "tracker",
            "simulate",
            *common,
            "--broker",
            f"mqtt://{address}",
            "--seed",
            str(args.seed),
            "--json",
        ]
        with child(ingest, folder / "ingest.log"):
            if headless:
                said = _play_out(devices, folder / "simulate.log", event, clock)
            else:
                series_path = stack.enter_context(as_file(files("courses") / "series-2024.toml"))
                _show(devices, folder / "simulate.log", journal_path, Series(read_rules(series_path)))
        return asyncio.run(_account(journal_path, event, said)) if headless else 0


def _is_seen() -> bool:
    """Whether there is a terminal for the dashboard; else it is said how the demo goes on."""
    if why := why_no_screen():
        print(f"tracker: the dashboard cannot be shown here ({why}); this goes on as with --headless", file=sys.stderr)
    return not why


def _show(devices: list[str], log_path: Path, journal_path: Path, series: Series) -> None:
    from tracker.dashboard.app import run_dashboard  # noqa: PLC0415  Textual takes its time, and headless does not need it

    with child(devices, log_path):
        run_dashboard(journal_path, Desk(journal_path), series=series)


def _play_out(devices: list[str], log_path: Path, event: Event, clock: RaceClock) -> dict[str, int]:
    """Let the race run to its end, and return what the devices said they published."""
    whole_s = clock.seconds_until(event.last_limit_ms)
    print(f"{event.name}: {whole_s:.0f} seconds at {clock.speed:g} times the race's speed", flush=True)
    with log_path.open("wb") as log:
        done = subprocess.run(devices, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, check=False)  # noqa: S603  our own program
    if done.returncode != 0:
        raise UsageError(f"the simulated devices gave up: {last_line(log_path)}")
    said: dict[str, int] = orjson.loads(done.stdout.splitlines()[-1])
    return said


async def _account(journal_path: Path, event: Event, said: dict[str, int]) -> int:
    """Print the final standings and prove that nothing was lost; exit code 1 if anything was."""
    async with await Journal.open(journal_path, writable=True) as journal:
        clock = await journal.clock()
        end_ms = max(clock.now_ms(), event.last_limit_ms + 1)
        await journal.set_clock(RaceClock(clock.wall_ms, end_ms, 0))
        journalled, quarantined = await journal.counts()
    state = await read_state(journal_path)
    print_result(state, [race.id for race in event.races], most=_SHOWN)
    print(f"\n{said['facts']} facts published, {journalled} facts in the journal, {quarantined} in quarantine")
    if said["facts"] != journalled:
        raise UsageError(
            f"{said['facts'] - journalled} published facts are not in {journal_path}: this must never happen, please report it"
        )
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
