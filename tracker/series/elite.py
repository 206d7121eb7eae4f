"""What an elite runner gets on entering a race: free, paid or no access of its own, and the exact reason.

By the index in the category of the race that is entered, not the general one, and by the place of the race, not where the runner is from.
"""

from dataclasses import dataclass
from datetime import date

from tracker.series.rules import SEXES, Rules


@dataclass(frozen=True, slots=True)
class Entry:
    """An elite runner's entry: `index` in the category of the race (None: none), and the day on which it was made."""

    sex: str | None
    index: float | None
    registered: date


@dataclass(frozen=True, slots=True)
class Opening:
    """A race's entries: tier, category and country (ISO 3166-1 alpha-2), its day, from when to when entries are taken (both included; with
    a lottery, its registration period), and whether it is sold out.
    """

    tier: str
    category: str | None
    country: str | None
    day: date
    opens: date
    closes: date
    lottery: bool = False
    sold_out: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """What the entry gets. `granted` False: nothing, for the `reason`. `may_refuse`: the race is sold out, and the organiser decides."""

    granted: bool
    reason: str
    free: bool = False
    direct: bool = False
    may_refuse: bool = False


def access(rules: Rules, opening: Opening, entry: Entry) -> Access:
    """The benefit of one entry, or the reason against it."""
    elite = rules.elite
    if opening.tier not in elite.tiers:
        return Access(granted=False, reason=f'at a race of the tier "{opening.tier}" elite runners have no access of their own')
    if entry.sex not in SEXES:
        return Access(granted=False, reason=f"the tables are for women and men, and the sex is {entry.sex or 'not known'}")
    limits = elite.limits.get((entry.sex, opening.category or ""))
    if limits is None:
        return Access(granted=False, reason=f"the tables have no {opening.category or 'race so short'}")
    if entry.index is None:
        return Access(granted=False, reason=f"no index in the category of the race, {opening.category}")
    if (against := _not_in_time(rules, opening, entry.registered)) is not None:
        return Access(granted=False, reason=against)
    those = f"{SEXES[entry.sex]} in {opening.category}"
    if entry.index >= limits.free:
        return _granted(opening, f"index {entry.index:g}, and {limits.free:g} is asked of {those} for free entry", free=True)
    if opening.country is None and entry.index >= min(limits.paid_region_1, limits.paid_region_2):
        return Access(granted=False, reason="the country of the race is not known, and so not its region: add it to the event file")
    first = opening.country in elite.region_1
    least, region = (limits.paid_region_1, "region 1") if first else (limits.paid_region_2, "region 2")
    where = f"in {region} ({opening.country})" if opening.country else "at least, in whatever region"
    asked = f"index {entry.index:g}, and {least:g} is asked of {those} {where}"
    return _granted(opening, asked, free=False) if entry.index >= least else Access(granted=False, reason=asked)


def _not_in_time(rules: Rules, opening: Opening, registered: date) -> str | None:
    period = "lottery's registration period" if opening.lottery else "registration period"
    if not opening.opens <= registered <= opening.closes:
        return f"registered {registered}, and the {period} is {opening.opens} to {opening.closes}"
    days = (opening.day - registered).days
    if days < rules.elite.least_days:
        return f"registered {registered}, {days} days before the race, and {rules.elite.least_days} are asked for"
    return None


def _granted(opening: Opening, reason: str, *, free: bool) -> Access:
    return Access(granted=True, reason=reason, free=free, direct=opening.lottery, may_refuse=opening.sold_out)
