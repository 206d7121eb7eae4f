"""`tracker print`: lists on paper, for when the power goes."""

import sys
from argparse import Namespace

from tracker.commands.opening import UsageError
from tracker.commands.status import State, races_of, read_state
from tracker.core.soundness import digest
from tracker.core.stations import stations
from tracker.files.times import format_local, parse_moment
from tracker.paper.pages import Head, Section, pages_of
from tracker.paper.startlist import startlist
from tracker.paper.station import station
from tracker.paper.unaccounted import unaccounted
from tracker.text import count

_TITLES = {
    "unaccounted": "Unaccounted: who is out, and who is overdue",
    "station": "Station: who is still to come, and who is not",
    "startlist": "Start list",
}
_ALL_TITLE = "Unaccounted: started, not finished, not in safe hands"


async def run(args: Namespace) -> int:
    """Print the pages of a list; a form feed parts them, unless they go to a screen."""
    if args.station is not None and args.list != "station":
        raise UsageError(f"--station goes with the list station, not with {args.list}")
    if args.all and args.list != "unaccounted":
        raise UsageError(f"--all goes with the list unaccounted, not with {args.list}")
    state = await read_state(args.journal, args.at, args.known_at)
    pages = pages_of(_head(args, state), _sections(args, state))
    text = ("" if sys.stdout.isatty() else "\f").join("".join(f"{line}\n" for line in page) for page in pages)
    sys.stdout.buffer.write(text.encode())  # UTF-8 whatever the locale: a name that it lacks must not end the printing
    sys.stdout.buffer.flush()
    return 0


def _sections(args: Namespace, state: State) -> list[Section]:
    races = races_of(args.journal, args.race, state)
    match args.list:
        case "unaccounted":
            return unaccounted(state.field, races, everybody=args.all)
        case "startlist":
            return startlist(state.field, races)
        case _:
            return _stations(args, state, races)


def _stations(args: Namespace, state: State, races: list[str]) -> list[Section]:
    """The sheets of one station, or of all. UsageError where there is none such, or no race of those that were asked for passes it."""
    there = stations(state.field)
    known = [one.id for one in there]
    if args.station is not None and args.station not in known:
        raise UsageError(f"{args.journal}: has no station {args.station!r}; it has {', '.join(known)}")
    wanted = [one for one in there if args.station in (None, one.id)]
    sections = [section for one in wanted for section in station(state.field, one, races)]
    if not sections:
        raise UsageError(f"{args.journal}: race {args.race} does not pass station {args.station}; ask for another, or leave --race out")
    return sections


def _head(args: Namespace, state: State) -> Head:
    """What stands above every page."""
    event = state.folded.event
    title = (_ALL_TITLE if args.all else _TITLES[args.list]) + (f", race {args.race}" if args.race is not None else "")
    moment = [f"as {'of' if args.known_at is None or args.at else 'known at'} {_at(state.at_ms, event.timezone)}"]
    if args.at is not None and args.known_at is not None:
        moment.append(f"by what was received until {_at(parse_moment(args.known_at, event.timezone), event.timezone)}")
    if state.folded.unreadable:
        facts = count(len(state.folded.unreadable), "fact")
        moment.append(f"INCOMPLETE: {facts} of the journal cannot be read by this version of the tracker")
    return Head(event.name, title, moment, state.facts, digest(state.field))


def _at(at_ms: int, zone: str) -> str:
    return f"{format_local(at_ms, zone, date=True)} ({zone})"
