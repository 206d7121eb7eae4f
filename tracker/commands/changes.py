"""`tracker changes`: what was said of a moment, and is known to have been otherwise by the facts of it that came later."""

from argparse import Namespace

from rich.text import Text

from tracker.commands.opening import fold
from tracker.commands.status import printer
from tracker.core.changes import changed, in_words, known
from tracker.files.event import read_event
from tracker.files.times import format_local, parse_moment
from tracker.journal import Journal
from tracker.text import count


async def run(args: Namespace) -> int:
    """List every runner of whom something else is known by now: as of that moment, by what was received then and by what was since."""
    async with await Journal.open(args.journal) as journal:
        zone = read_event(journal.sources.event_toml, journal.sources.event_name).timezone
        since_ms = parse_moment(args.since, zone)
        now = await fold(journal, since_ms)
        then = await fold(journal, since_ms, since_ms)
    for each in (then, now):
        each.field.advance(since_ms)
    found = changed(now.field, known(then.field, then.field.runners))
    console, races = printer(), now.event.by_id
    for change in found:
        before, after = in_words(races[change.race_before], change.before), in_words(races[change.race], change.after)
        console.print(Text(f"{change.race} bib {change.bib}: {before} no longer holds, it was {after}"))
    who = count(len(found), "runner was something else", "runners were something else")
    since = format_local(since_ms, zone, date=True)
    console.print(Text(f"as of {since}, {who} by the {count(now.came_after(since_ms), 'fact')} that came later"))
    return 0
