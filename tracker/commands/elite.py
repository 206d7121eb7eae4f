"""`tracker elite`: what every entrant with an index in the category of the race gets by the series' elite tables, or why nothing."""

from argparse import Namespace
from collections.abc import Iterator
from datetime import date

from rich.text import Text

from tracker.commands.opening import UsageError, read_text
from tracker.commands.series_file import read_rules
from tracker.commands.status import printer
from tracker.core.course import Event, Race
from tracker.core.roster import Entrant
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.files.times import local_datetime
from tracker.series.categories import category_of
from tracker.series.elite import Access, Entry, Opening, access
from tracker.series.rules import Rules
from tracker.text import count


async def run(args: Namespace) -> int:
    """Print a line for each of them, race by race."""
    if args.closes < args.opens:
        raise UsageError(f"--closes {args.closes} is before --opens {args.opens}; exchange or correct them")
    rules = read_rules(args.series)
    event = read_event(read_text(args.event), str(args.event))
    roster = read_roster(read_text(args.roster), str(args.roster), event)
    console = printer()
    for race in event.races:
        opening = _opening(rules, event, race, args)
        for line in _lines(rules, race, opening, roster.of_race(race.id), args.registered):
            console.print(Text(line), soft_wrap=True)
    return 0


def _opening(rules: Rules, event: Event, race: Race, args: Namespace) -> Opening:
    day = local_datetime(race.start_ms, event.timezone).date()
    category = category_of(rules, race)
    return Opening(event.tier, category, event.country, day, args.opens, args.closes, lottery=args.lottery, sold_out=args.sold_out)


def _lines(rules: Rules, race: Race, opening: Opening, entrants: tuple[Entrant, ...], registered: date) -> Iterator[str]:
    yield f"Race {race.id}, {opening.day}, {opening.category or 'no category'}"
    without = 0
    for entrant in entrants:
        index = entrant.category_index.get((opening.category or "").lower())
        if index is None:
            without += 1
            continue
        who = f"bib {entrant.bib} {entrant.name}".rstrip() + (f", {entrant.sex}" if entrant.sex else "")
        yield f"  {who}: {in_words(access(rules, opening, Entry(entrant.sex, index, registered)))}"
    if without:
        yield f"  {count(without, 'entrant')} without an index in the category of the race"


def in_words(found: Access) -> str:
    """What an entry gets, or that it gets nothing, and why."""
    if not found.granted:
        return f"no benefit: {found.reason}"
    entry = "free entry" if found.free else "paid entry"
    words = f"direct access, {entry}" if found.direct else f"{entry} (direct access is for races with a lottery)"
    refusal = "; sold out, so the organiser may refuse" if found.may_refuse else ""
    return f"{words}: {found.reason}{refusal}"
