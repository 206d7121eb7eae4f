"""The words of `tracker import`: what others have timed, and whom they have entered."""

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from tracker.cli_command import command
from tracker.wire import DEFAULT_ROOT


def imports(commands: Any) -> None:
    """Add `tracker import`, with its parts."""

    def call(args: Namespace) -> int:
        from tracker.commands import importing, importing_roster  # noqa: PLC0415

        return asyncio.run(importing.run(args)) if args.what == "passages" else importing_roster.run(args)

    says = "take what others have: passages into a journal, entries into a roster"
    added = command(commands, "import", says, "tracker import passages race.db times.csv --preview", call)
    parts = added.add_subparsers(title="commands", metavar="WHAT", required=True, dest="what")
    _passages(parts, call)
    _roster(parts, call)


def _passages(parts: Any, call: Any) -> None:
    says = "take passages from splits-csv, OpenSplitTime, RACE RESULT or any table; what is there already changes nothing"
    example = 'tracker import passages race.db times.csv --map bib=Startnr,time="Zeit",checkpoint=Ort --date 2022-06-24'
    added = command(parts, "passages", says, example, call)
    added.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    added.add_argument("file", type=Path, metavar="FILE", help="a CSV, an .xlsx, or JSON; what it is, is found by what is in it")
    _reading(added)
    place = "what the file calls a checkpoint, as THEIRS=OURS; or OURS alone, for a file that names none; may be said more than once"
    added.add_argument("--place", action="append", default=[], metavar="PLACE", help=place)
    added.add_argument("--race", metavar="RACE", help="all of them are of one race (default: a column, or the roster, says of which)")
    added.add_argument("--date", metavar="DAY", help="times without a date are of this day, counted from its midnight")
    added.add_argument("--elapsed", action="store_true", help="times without a date are since the scheduled start of the race")
    added.add_argument("--digest", action="store_true", help="print the digest of the results then, as tracker status --json has it")
    added.add_argument("--event", type=Path, metavar="EVENT.toml", help="with --roster: make the journal when it is not there")
    added.add_argument("--roster", type=Path, metavar="R.csv", help="the start list")
    added.add_argument("--root", default=DEFAULT_ROOT, metavar="NAME", help=f"the first part of every topic (default: {DEFAULT_ROOT})")


def _roster(parts: Any, call: Any) -> None:
    says = "make a roster of a list of entries, CSV or .xlsx"
    example = "tracker import roster entries.xlsx -o roster.csv --event courses/andorra-2022.toml --race 105k"
    added = command(parts, "roster", says, example, call)
    added.add_argument("file", type=Path, metavar="FILE", help="a CSV or an .xlsx, its first sheet")
    added.add_argument("-o", "--output", type=Path, metavar="R.csv", help="the roster; without it, a preview")
    _reading(added)
    added.add_argument("--event", type=Path, metavar="EVENT.toml", help="the event file: what is wrong against it is said too")
    added.add_argument("--race", metavar="RACE", help="all of them are in one race (default: a column says in which)")
    order = "how a date such as 05/06/1985 is meant"
    added.add_argument("--dates", choices=("day-first", "month-first"), help=order)


def _reading(added: ArgumentParser) -> None:
    columns = "which column is which, as OURS=THEIRS,…; the others by their names; may be said more than once"
    added.add_argument("--map", action="append", default=[], metavar="MAP", help=columns)
    added.add_argument("--preview", action="store_true", help="say what would be taken and every fault, and write nothing")
