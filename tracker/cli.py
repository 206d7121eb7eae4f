"""The commands' words: what can be typed, what it means, and how an error reads. What a command does is in `tracker/commands`."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simulators.field import SimulationError
from tracker import cli_import, cli_results, cli_series
from tracker.broker.accounts import BrokerError
from tracker.cli_command import access as _access
from tracker.cli_command import command as _command
from tracker.cli_command import of_a_moment as _of_a_moment
from tracker.cli_command import series as _series
from tracker.commands.opening import UsageError
from tracker.commands.options import clock_of, devices, port, seconds_between, speed, speed_or_max
from tracker.commands.terminal import NoTerminalError
from tracker.files.finding import FileError
from tracker.files.times import TimesError
from tracker.journal import JournalError
from tracker.mqtt.inlet import MqttFault
from tracker.wire import DEFAULT_ROOT

DONE, NOT_AS_IT_SHOULD_BE, WRONG_USAGE = 0, 1, 2  # argparse itself exits with 2 too
_SAID = (UsageError, FileError, TimesError, JournalError, MqttFault, SimulationError, BrokerError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 the input or the state is not as it should be, 2 wrong usage."""
    args = parser().parse_args(argv)
    try:
        code: int = args.call(args)
    except _SAID as error:
        print(f"tracker: {error}", file=sys.stderr)
        return NOT_AS_IT_SHOULD_BE
    except NoTerminalError as error:
        print(f"tracker: {error}", file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has enough of it
        return DONE
    return code


def parser() -> ArgumentParser:
    """Every command and option."""
    top = ArgumentParser(prog="tracker", description="Race-day timing and cutoff tracker for trail and ultra races.")
    top.add_argument("--version", action="version", version=f"%(prog)s {version('trail-tracker')}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _demo,
        _run,
        _watch,
        _web,
        _status,
        _print,
        _whatif,
        _changes,
        _feed,
        cli_import.imports,
        _merge,
        _backup,
        _recover,
        _check,
        cli_results.finalise,
        cli_results.export,
        cli_results.certificate,
        _simulate,
        _broker,
        _doctor,
        cli_series.qualify,
        cli_series.elite,
        cli_series.index,
    ):
        add(commands)
    return top


def _demo(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import demo  # noqa: PLC0415  each command loads only what it needs

        return demo.run(args)

    command = _command(commands, "demo", "simulate the Andorra races of 2022, and show them", "tracker demo --headless", call)
    command.add_argument("--headless", action="store_true", help="no dashboard: run to the end and print the result")
    command.add_argument("--speed", type=speed, help="how many times faster than the race (default: 600, headless 3000)")
    command.add_argument("--seed", type=int, default=1, help="the same seed gives the same race (default: 1)")
    command.add_argument("--folder", type=Path, help="where to keep journal, roster and logs (default: nowhere)")


def _run(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import serve  # noqa: PLC0415

        return asyncio.run(serve.run_headless(args)) if args.headless else serve.run_with_dashboard(args)

    example = "tracker run courses/andorra-2022.toml --roster roster.csv --journal race.db --listen 0.0.0.0:1883"
    command = _command(commands, "run", "take in a race's messages and show it", example, call)
    command.add_argument("event", type=Path, metavar="EVENT.toml", help="the event file")
    command.add_argument("--roster", type=Path, required=True, metavar="R.csv", help="the start list")
    command.add_argument("--journal", type=Path, required=True, metavar="J.db", help="the journal; made when it is not there")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--broker", metavar="URL", help="take messages from a broker: mqtt://host[:port] or mqtts://…")
    way.add_argument("--listen", metavar="ADDRESS", help="listen for devices here (default: 127.0.0.1:1883)")
    command.add_argument("--headless", action="store_true", help="the ingest alone, without the dashboard")
    _series(command, "what it says of a runner, on the Runner screen")
    _access(command)
    command.add_argument(
        "--backup", type=Path, metavar="FOLDER", help="copy the journal there again and again; the last 12 copies are kept"
    )
    command.add_argument("--backup-every", type=seconds_between, metavar="TIME", help="with --backup: how often (default: 5m)")
    _root(command)
    _clock(command)


def _watch(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import serve  # noqa: PLC0415

        return serve.watch(args)

    command = _command(commands, "watch", "show a journal that is being written", "tracker watch race.db", call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    _series(command, "what it says of a runner, on the Runner screen")
    desk = command.add_mutually_exclusive_group()
    where = "where the desk's decisions go (default: where the ingest takes messages): mqtt://host[:port] or mqtts://…"
    desk.add_argument("--broker", metavar="URL", help=where)
    desk.add_argument("--read-only", action="store_true", help="nothing can be decided here, and no file written")
    _access(command)


def _web(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import web  # noqa: PLC0415

        return asyncio.run(web.run(args))

    example = "tracker web race.db --listen 0.0.0.0:8080"
    command = _command(commands, "web", "show a journal that is being written in a browser", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    command.add_argument("--listen", default="127.0.0.1:8080", metavar="ADDRESS", help="serve here (default: 127.0.0.1:8080, this machine)")
    _series(command, "what it says of a runner, on the Runner screen")
    command.add_argument("--url", metavar="URL", help="where others find it, if under a name (a proxy, or laptop.local)")
    command.add_argument("--write", action="store_true", help="decisions can be sent from the browser (default: nothing can)")
    command.add_argument("--broker", metavar="URL", help="with --write: where they go, as of tracker watch")
    _access(command)


def _status(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import status  # noqa: PLC0415

        return asyncio.run(status.run(args))

    example = "tracker status race.db --at 2022-06-25T03:00:00 --json"
    command = _command(commands, "status", "print the state: now, as of a moment, or as known at a moment", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    _of_a_moment(command)
    shown = command.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="one JSON object")
    shown.add_argument("--runner", metavar="BIB", help="everything about one runner (text)")
    command.add_argument("--most", type=int, metavar="N", help="only the first N lines of each race (text)")
    _series(command, "what it says of each race and runner")


def _print(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import printing  # noqa: PLC0415

        return asyncio.run(printing.run(args))

    example = "tracker print race.db station --station botella --race 105k"
    command = _command(commands, "print", "print a list on paper, for when the power goes: A4, 80 columns, plain text", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    lists = "who is out, and who is overdue; a captain's sheets of who is still to come; the start list"
    command.add_argument("list", choices=("unaccounted", "station", "startlist"), help=lists)
    command.add_argument("--station", metavar="STATION", help="one station only (default: all, each on a page of its own)")
    command.add_argument("--all", action="store_true", help="of the unaccounted: everybody else on the course too")
    _of_a_moment(command)


def _whatif(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import whatif  # noqa: PLC0415

        return asyncio.run(whatif.run(args))

    example = "tracker whatif race.db --cutoff 105k/botella=+30m --onward"
    command = _command(commands, "whatif", "list who changes if a cutoff moves, without writing anything", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    move = "RACE/CHECKPOINT=VALUE: 9h30 from the start, +30m, -1h, or a local date-time; may be said more than once"
    command.add_argument("--cutoff", action="append", required=True, metavar="MOVE", help=move)
    command.add_argument("--onward", action="store_true", help="every later cutoff of the race moves as much")
    command.add_argument("--from", dest="from_", metavar="TIME", help="in force from then on (default: from the moment that is looked at)")
    command.add_argument("--at", metavar="TIME", help="as of a moment (default: now)")
    command.add_argument("--json", action="store_true", help="one JSON object")


def _changes(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import changes  # noqa: PLC0415

        return asyncio.run(changes.run(args))

    example = "tracker changes race.db --since 2022-06-25T03:00:00"
    command = _command(commands, "changes", "list who was something else at a moment than was known then", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    command.add_argument(
        "--since", required=True, metavar="TIME", help="the moment: what was known of it then, and what is known of it now"
    )


def _feed(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import feed  # noqa: PLC0415

        return asyncio.run(feed.run(args))

    example = "tracker feed race.db messages.jsonl --event courses/andorra-2022.toml --roster roster.csv"
    command = _command(commands, "feed", "append messages from a file", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    command.add_argument("messages", type=Path, metavar="MESSAGES.jsonl", help='a line a message: {"topic": …, "payload": {…}}')
    command.add_argument("--event", type=Path, metavar="EVENT.toml", help="with --roster: make the journal when it is not there")
    command.add_argument("--roster", type=Path, metavar="R.csv", help="the start list")
    _root(command)


def _merge(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import merge  # noqa: PLC0415

        return asyncio.run(merge.run(args))

    command = _command(commands, "merge", "unite the facts of several journals of one race", "tracker merge race.db standby.db", call)
    command.add_argument("into", type=Path, metavar="INTO.db", help="the journal that gets the facts")
    command.add_argument("sources", type=Path, nargs="+", metavar="FROM.db", help="the journals that have them")


def _backup(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import backup  # noqa: PLC0415

        return asyncio.run(backup.run(args))

    example = "tracker backup race.db /media/stick/race.db"
    command = _command(commands, "backup", "copy a journal, also while it is written, whole or not at all", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    command.add_argument("to", type=Path, metavar="TO.db", help="the copy; an older copy of the same journal may be there")


def _recover(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import recover  # noqa: PLC0415

        return asyncio.run(recover.run(args))

    example = "tracker recover race.db saved.db"
    command = _command(commands, "recover", "save what a damaged journal still holds into a new one", example, call)
    command.add_argument("damaged", type=Path, metavar="DAMAGED.db", help="the damaged journal; it is only read, and so is its log")
    command.add_argument("new", type=Path, metavar="NEW.db", help="the journal that is made of it")
    command.add_argument("--event", type=Path, metavar="EVENT.toml", help="with --roster: where those in the journal cannot be read")
    command.add_argument("--roster", type=Path, metavar="R.csv", help="the start list")
    _root(command)


def _check(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import check  # noqa: PLC0415

        return asyncio.run(check.run(args))

    example = "tracker check courses/andorra-2022.toml --roster roster.csv --series courses/series-2024.toml"
    says = "say every fault and every doubt of an event file, a roster and a series file"
    command = _command(commands, "check", says, example, call)
    command.add_argument("event", type=Path, metavar="EVENT.toml", help="the event file")
    command.add_argument("--roster", type=Path, metavar="R.csv", help="the start list")
    command.add_argument("--series", type=Path, metavar="SERIES.toml", help="the series file, as courses/series-2024.toml")
    command.add_argument("--strict", action="store_true", help="exit with 1 for doubts too")


def _simulate(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import simulate  # noqa: PLC0415

        return asyncio.run(simulate.run(args))

    example = "tracker simulate courses/andorra-2022.toml --broker mqtt://127.0.0.1:1883 --speed 600"
    command = _command(commands, "simulate", "publish what runners and scanners would, with faults", example, call)
    command.add_argument("event", type=Path, metavar="EVENT.toml", help="the event file")
    command.add_argument("--broker", metavar="URL", help="where to publish: a broker, or a tracker that listens")
    command.add_argument("--roster", type=Path, metavar="R.csv", help="the start list (default: a simulated one)")
    command.add_argument("--replay", type=Path, metavar="DIR", help="a recorded race instead (checkpoints.csv, entrants.csv, passages.csv)")
    command.add_argument("--seed", type=int, default=1, help="the same seed gives the same messages (default: 1)")
    command.add_argument("--faults", default="realistic", help="none, realistic (default), or rates: double_read=0.2,offline=0.1")
    command.add_argument("--speed", type=speed_or_max, default="max", help="how many times faster than the race, or max (default)")
    command.add_argument("--out", type=Path, metavar="FILE", help="write the messages, as tracker feed reads them")
    command.add_argument("--roster-out", type=Path, metavar="FILE", help="write the start list")
    command.add_argument("--json", action="store_true", help="print the counts as JSON")
    _access(command)
    _root(command)
    _clock(command)


def _broker(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import broker  # noqa: PLC0415

        return broker.init(args) if args.do == "init" else broker.run(args)

    example = "tracker broker init hut --event courses/andorra-2022.toml --host timing.example"
    command = _command(commands, "broker", "set up a Mosquitto for a race, and run it", example, call)
    parts = command.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="do")
    says = "make a folder with configuration, certificates and accounts; again: add what is missing, and keep the rest"
    make = _command(parts, "init", says, example, call)
    make.add_argument("folder", type=Path, metavar="DIR", help="the broker's folder")
    make.add_argument("--event", type=Path, required=True, metavar="EVENT.toml", help="the event file")
    host = "a name or address under which devices find the broker, the first on their cards; may be said more than once"
    make.add_argument("--host", action="append", default=[], metavar="NAME", help=f"{host} (default: this machine's name)")
    make.add_argument("--port", type=port, metavar="PORT", help="where it listens (default: 8883)")
    make.add_argument("--devices", type=devices, metavar="N", help="scanners a station: STATION-1, STATION-2, … (default: 2)")
    make.add_argument("--device", action="append", default=[], metavar="NAME", help="one more: STATION-NAME; may be said more than once")
    make.add_argument("--root", metavar="NAME", help=f"the first part of every topic (default: {DEFAULT_ROOT})")
    start = _command(parts, "run", "run Mosquitto with such a folder, in the foreground", "tracker broker run hut", call)
    start.add_argument("folder", type=Path, metavar="DIR", help="the broker's folder")


def _doctor(commands: Any) -> None:
    def call(args: Namespace) -> int:
        from tracker.commands import doctor  # noqa: PLC0415

        return asyncio.run(doctor.run(args))

    example = "tracker doctor race.db --broker mqtts://timing.example --user tracker --password-file hut/tracker.password --ca hut/ca.crt"
    command = _command(commands, "doctor", "say what is not as it should be: machine, disk, journal, clock, files, broker", example, call)
    command.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    command.add_argument("--broker", metavar="URL", help="the broker (default: where the ingest takes messages)")
    _access(command)


def _root(command: ArgumentParser) -> None:
    command.add_argument("--root", default=DEFAULT_ROOT, metavar="NAME", help=f"the first part of every topic (default: {DEFAULT_ROOT})")


def _clock(command: ArgumentParser) -> None:
    command.add_argument("--clock", type=clock_of, metavar="CLOCK", help="a simulated clock: RACE_MS@WALL_MS*SPEED")
