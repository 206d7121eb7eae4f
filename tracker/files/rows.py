"""What an organiser printed, against what the file says: every difference is a doubt, and so is what can be read in two ways.

Pure: a race in, findings out. The reading of the print is `printed`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tracker.core.course import CutoffFrom, Race
from tracker.files.finding import Finding, doubt
from tracker.files.printed import Printed, read_printed, read_printed_distance, weekday_and_date
from tracker.files.times import format_duration, local_datetime

_TELL = "The file's time counts: tell the organiser, or correct it"
_ROUNDED_KM = 1.0
_DAYS_NAMED = 3


def far(found: float, expected: float) -> bool:
    """Whether a length is another one, not the same measured again."""
    return abs(found - expected) > 0.02 * expected


def findings_in_distance(race: Race, where: str) -> Iterator[Finding]:
    """What is wrong in the printed length and climb of the race."""
    if race.printed_distance is None:
        return
    named = f'printed_distance "{race.printed_distance}"'
    length = read_printed_distance(race.printed_distance)
    wrong: list[str] = []
    if length.km is not None and far(length.km, race.distance_km):
        wrong.append(f"{length.km:g} km for {race.distance_km:g} km")
    if length.gain_m is not None and far(length.gain_m, race.gain_m):
        wrong.append(f"{length.gain_m:g} m of climb for {race.gain_m:g} m")
    if wrong:
        what = f"{named} does not fit distance_km and gain_m: {', '.join(wrong)}"
        yield doubt(where, what, "The file's figures count: tell the organiser, or correct them")
    if length.without_unit:
        yield doubt(where, f"{named} has {_quoted(length.without_unit)} without a unit", "Tell the organiser: km, or m of climb")
    elif length.km is None and length.gain_m is None:
        yield doubt(where, f"{named} has nothing to compare", 'Write it as printed, for example "50km / +3600m"')


def findings_in_row(race: Race, index: int, timezone: str, place: str) -> Iterator[Finding]:
    """What is wrong in the row printed for one checkpoint."""
    checkpoint = race.checkpoints[index]
    if checkpoint.printed is None:
        return
    named = f'printed "{checkpoint.printed}"'
    printed = read_printed(checkpoint.printed)
    if printed.says_nothing:
        what = f"{named} has no day, date, time or start + offset to compare"
        yield doubt(place, what, 'Write it as printed, for example "Saturday 3:00:00 25-jun"')
        return
    yield from _kilometres(printed, checkpoint.km, named, place)
    if printed.offset_without_unit is not None:
        yield doubt(place, f'{named} has "{printed.offset_without_unit}" without a unit', "Tell the organiser: hours, or minutes")
    if not printed.is_of_a_time:
        return
    if checkpoint.cutoff is None and index > 0:
        yield doubt(place, f'there is no cutoff, and "{checkpoint.printed}" is printed', "Write the cutoff from the start")
        return
    offset_ms = checkpoint.cutoff.offset_ms if checkpoint.cutoff else 0
    moments = _moments(race, offset_ms, timezone)
    if all(printed.contradictions(moment, offset_ms) for moment in moments):
        which = f"start + {format_duration(offset_ms)}" if offset_ms else "the start"
        wrong = ", ".join(printed.contradictions(moments[0], offset_ms))
        yield doubt(place, f"{named} does not fit {which}, {weekday_and_date(moments[0])}: {wrong}", _TELL)
    elif index > 0 and printed.is_without_day(offset_ms):
        yield from _days(race, moments[0], timezone, named, place)


def _moments(race: Race, offset_ms: int, timezone: str) -> list[datetime]:
    """The local times of a cutoff: one, or one for each wave where cutoffs run from the waves' or the runners' own starts."""
    starts_ms = [race.start_ms]
    if race.cutoff_from is not CutoffFrom.RACE:
        starts_ms += [wave.start_ms for wave in race.waves]
    return [local_datetime(start_ms + offset_ms, timezone) for start_ms in starts_ms]


def _days(race: Race, moment: datetime, timezone: str, named: str, place: str) -> Iterator[Finding]:
    """A time of day alone, in a race that sees it more than once."""
    start = local_datetime(race.start_ms, timezone).replace(tzinfo=None)
    last_ms = max((cutoff.limit_ms for cutoff in race.cutoffs.values()), default=0)
    end = local_datetime(race.start_ms + last_ms, timezone).replace(tzinfo=None)
    first = datetime.combine(start, moment.replace(tzinfo=None).time())
    days = [first + timedelta(days=number) for number in range(_DAYS_NAMED + 2)]
    could_be = [weekday_and_date(day) for day in days if start < day <= end]
    if len(could_be) > 1:
        named_days = " or ".join(could_be[:_DAYS_NAMED]) + (" or later" if len(could_be) > _DAYS_NAMED else "")
        do = "The file's time counts: tell the organiser to print the day"
        yield doubt(place, f"{named} has no day: it could be {named_days}", do)


def _kilometres(printed: Printed, km: float, named: str, place: str) -> Iterator[Finding]:
    """A row may print the leg's own length too: one that fits is enough."""
    if printed.kms and all(abs(found - km) > max(_ROUNDED_KM, 0.02 * km) for found in printed.kms):
        do = "The file's km counts: tell the organiser, or correct it"
        yield doubt(place, f"{named} does not fit km {km:g}: {' and '.join(f'{found:g} km' for found in printed.kms)}", do)
    if not printed.kms and km > 0:
        bare = [text for text in printed.bare if abs(float(text.replace(",", ".")) - km) < 0.05]
        if bare:
            yield doubt(place, f"{named} has {_quoted(bare[:1])} without a unit", "Tell the organiser: most likely it is km")


def _quoted(texts: list[str]) -> str:
    return " and ".join(f'"{text}"' for text in texts)
