"""`tracker changes`: what the facts received since a moment have changed of what was known then."""

from argparse import Namespace

from rich.console import Console
from rich.text import Text

from tracker.commands.opening import fold
from tracker.core.changes import changed, in_words
from tracker.files.times import format_local, parse_moment
from tracker.journal import Journal


async def run(args: Namespace) -> int:
    """List every runner who is something else by what has been received since, at one and the same moment of the race."""
    async with await Journal.open(args.journal) as journal:
        clock = await journal.clock()
        now = await fold(journal)
        zone = now.event.timezone
        since_ms = parse_moment(args.since, zone)
        then = await fold(journal, known_ms=since_ms)
    at_ms = clock.now_ms()
    for each in (then, now):
        each.field.advance(at_ms)
    found = changed(now.field, {bib: then.field.verdict(bib) for bib in then.field.runners})
    console = Console(highlight=False, soft_wrap=True)
    for change in found:
        race = now.event.by_id[change.race]
        console.print(
            Text(f"{race.id} bib {change.bib}: {in_words(race, change.before)} no longer holds, now {in_words(race, change.after)}")
        )
    since = format_local(since_ms, zone, date=True)
    console.print(Text(f"{len(found)} runners are something else by the {now.counted - then.counted} facts received since {since}"))
    return 0
