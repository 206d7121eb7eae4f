"""Every fault and doubt of a series file, alone and beside an event: what `tracker check --series` prints.

A fault keeps the two from being used together. A doubt is what the series file does not say of the event's races, so that nobody qualifies
by it and no figure is made up.
"""

from collections.abc import Iterator

from tracker.core.course import Event
from tracker.files.finding import Finding, doubt, fault
from tracker.files.series import SeriesError, read_series
from tracker.series.periods import counts_for, not_configured
from tracker.series.qualification import EventResults, RaceResults, doubt_of
from tracker.series.results import event_of
from tracker.series.rules import SEXES, Rules


def check_series(text: str, source: str, event: Event | None, event_source: str) -> list[Finding]:
    """Every fault of a series file's `text`; without faults, every fault and doubt of it and the event (None: it cannot be read)."""
    try:
        rules = read_series(text, source)
    except SeriesError as error:
        return list(error.faults)
    return [] if event is None else list(_together(rules, event, source, event_source))


def unknown_races(rules: Rules, event: Event) -> Iterator[tuple[str, str]]:
    """The qualifying races that the event does not have in that category: what is wrong, and what to do."""
    known = event_of(rules, event).races
    for category, race in rules.qualifying_races.get(event.id, {}).items():
        alike = [one.race for one in known if one.category == category]
        if race not in alike:
            do = f"write {', '.join(alike)}" if alike else "take it out"
            yield f'qualifying_races."{event.id}": {category} is "{race}", no race of the event in {category}', do


def _together(rules: Rules, event: Event, source: str, event_source: str) -> Iterator[Finding]:
    for what, do in unknown_races(rules, event):
        yield fault(source, what, f"{do[0].upper()}{do[1:]}")
    tier = rules.tiers.get(event.tier)
    if tier is None:
        what = f'the tier "{event.tier}" is not in the series file: its races qualify nobody and have no running stones'
        yield doubt(f"{event_source}: event", what, f"Correct the tier, or add [tier.{event.tier}] to {source}")
    if event.country is None and event.tier in rules.elite.tiers:
        what = "there is no country, and so the region of elite entries is not known"
        yield doubt(f"{event_source}: event", what, 'Add it, for example country = "AD"')
    known = event_of(rules, event)
    for race in known.races:
        where = f'{event_source}: race "{race.race}"'
        yield from _of_category(rules, race, where)
        if race.category is not None and tier is not None and race.category not in tier.stones:
            what = f'a race of the tier "{event.tier}" in {race.category} has no figure for running stones'
            yield doubt(where, what, f"Add {race.category} to stones of [tier.{event.tier}] in {source}")
        if tier is not None and tier.places is not None and race.category is not None and rules.final_of(race.category) is not None:
            yield from _of_finals(rules, race, where)
    if tier is not None and tier.places is not None:
        yield from _of_categories(rules, known, source)


def _of_category(rules: Rules, race: RaceResults, where: str) -> Iterator[Finding]:
    if race.category is None:
        what = "it is too short for any category of the series, so it qualifies nobody and has no running stones"
        yield doubt(where, what, "If it is in one, add its climb, or its series_category")
    elif rules.final_of(race.category) is None:
        what = f"its category {race.category} has no final, so it qualifies nobody"
        yield doubt(where, what, "If it has one, add final to the [[category]] of the series file, or correct series_category")


def _of_finals(rules: Rules, race: RaceResults, where: str) -> Iterator[Finding]:
    """The Finals for which a race does not count, though it might."""
    lacks = not_configured(rules, race.day)
    for lack in lacks:
        what, _, do = lack.partition(": ")
        yield doubt(where, what, f"{do[0].upper()}{do[1:]}")
    if not lacks and not counts_for(rules, race.day):
        what = f"on {race.day} it counts for no Finals that are configured, so it qualifies nobody"
        yield doubt(where, what, "Correct its start, or the [[period]] and [finals] of the series file")


def _of_categories(rules: Rules, event: EventResults, source: str) -> Iterator[Finding]:
    """What is not configured of each category of the event's races that leads to a final."""
    for category in dict.fromkeys(race.category for race in event.races):
        if category is None or rules.final_of(category) is None:
            continue
        alike = [race for race in event.races if race.category == category]
        unset = [those for sex, those in SEXES.items() if (sex, category) not in rules.thresholds]
        if unset and any(counted.how.score for race in alike for counted in counts_for(rules, race.day)):
            what = f"the threshold of the {' and of the '.join(unset)} in {category} is not configured, so no score qualifies or is refused"
            yield doubt(f"{source}: score_thresholds", what, f"Add {category}, if it is public")
        if doubt_of(rules, event, category) is not None:
            named = ", ".join(race.race for race in alike)
            what = f"of the races in {category} ({named}) only one qualifies, and which one is not configured"
            do = f'Write {category} = "{alike[0].race}", or another of them, under [qualifying_races.{event.event}]'
            yield doubt(f"{source}: qualifying_races", what, do)
