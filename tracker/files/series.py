"""Reading a series file: TOML in, `tracker.series.rules.Rules` out, or every fault at once.

Every key must be there and known. What the series does not publish may be left out: the thresholds, and which of two races qualifies.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from tracker.files.event import SERIES_CATEGORIES, TIERS
from tracker.files.finding import FileError, Finding, fault
from tracker.files.table import Table, listed, said
from tracker.series.periods import counted_twice
from tracker.series.rules import SEXES, Change, Counting, EliteRule, IndexRule, Limits, Period, Rules, SeriesCategory, Tier, Window
from tracker.text import clean_text

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_EXAMPLE = "{ 50K = 710, 100K = 690 }"
_LEAST_SHARE = 0.01
_MOST = 1000
"""No count and no figure of a series is higher: the scale of scores ends there."""


class SeriesError(FileError):
    """A series file that cannot be used. `faults` is every fault of it; `str` is one line a fault."""


def read_series(text: str, source: str) -> Rules:
    """The rules of a file's `text`; `source` names the file in errors. SeriesError with every fault when it cannot be used."""
    try:
        values = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError
        what = f"this is no TOML: {error}"
        raise SeriesError((fault(source, what, "Correct it there; courses/series-2024.toml is an example"),)) from None
    found: list[Finding] = []
    file = Table(values, source, found)
    rules = _read(file)
    file.close()
    if not found:
        found.extend(fault(source, what, "Narrow one of its counts with finals, or take it out") for what in counted_twice(rules))
    if found:
        raise SeriesError(tuple(found))
    return rules


def _read(file: Table) -> Rules:
    head = _part(file, "series")
    name = head.text("name", '"UTMB World Series"')
    head.close()
    chances = _part(file, "second_chance")
    places = _whole(chances, "places", "50")
    chances.close()
    categories = tuple(_categories(file))
    finals = [one.final for one in categories if one.final is not None]
    return Rules(
        name=name,
        categories=categories,
        tiers=_tiers(file),
        finals=_finals(file),
        periods=_periods(file),
        second_chance_places=places,
        thresholds=_thresholds(file, [one.name for one in categories if one.final is not None]),
        qualifying_races=_qualifying_races(file),
        change=_change(file, finals),
        index=_index(_part(file, "index")),
        elite=_elite(_part(file, "elite")),
    )


def _part(table: Table, key: str, inside: str = "") -> Table:
    """A table that must be there, `inside` another. Where it is not, that is the fault, and nothing more is said of what it lacks."""
    values = table.raw(key)
    if isinstance(values, dict):
        return table.child(values, f"{table.where}: {clean_text(key)}")
    header = f"[{inside}{clean_text(key)}]"
    what = f"the table {header} is missing" if values is None else f"{clean_text(key)} is {said(values)}"
    table.fault(what, f"Write it as a table, under {header}")
    return Table({}, table.where, [])


def _whole(table: Table, key: str, example: str, least: int = 1) -> int:
    table.required(key, example)
    return table.maybe_whole(key, example, least, _MOST) or 0


def _flag(table: Table, key: str) -> bool:
    value = table.required(key, "true")
    if value is not None and not isinstance(value, bool):
        table.fault(f"{key} is {said(value)}", "Write true or false, without quotes")
    return value is True


def _word(table: Table, key: str, words: tuple[str, ...], example: str) -> str:
    table.required(key, example)
    return table.maybe_word(key, words) or ""


def _day(table: Table, key: str) -> date | None:
    value = table.raw(key)
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime) and 1900 <= value.year <= 2999:
        return value
    name = clean_text(key)
    table.fault(f"{name} is {said(value)}", f"Write a day without quotes and without a time, for example {name} = 2023-08-31")
    return None


def _figures(
    table: Table, key: str, example: str = _EXAMPLE, categories: Sequence[str] = SERIES_CATEGORIES, least: float = 1.0
) -> dict[str, float]:
    """A figure for each category that is named, in an inline table."""
    values = table.required(key, example)
    if not isinstance(values, dict):
        if values is not None:
            table.fault(f"{key} is {said(values)}", f"Write a figure for each category, for example {key} = {example}")
        return {}
    part = table.child(values, f"{table.where}, {key}")
    found = {name: part.maybe_number(name, "710", least) for name in categories}
    for name in [name for name, figure in found.items() if figure is not None and figure > _MOST]:
        part.fault(f"{name} is {said(values[name])}", f"Write a number from {least:g} to {_MOST}, for example {name} = 710")
    part.close()
    return {name: figure for name, figure in found.items() if figure is not None}


def _list(table: Table, key: str, example: str) -> list[object]:
    values = table.required(key, example)
    if isinstance(values, list):
        return values
    if values is not None:
        table.fault(f"{key} is {said(values)}", f"Write a list, for example {key} = {example}")
    return []


def _shares(table: Table, key: str, count: int) -> tuple[float, ...]:
    """So many shares."""
    values = table.required(key, "[1.0, 0.9]")
    if values is None:
        return ()
    if not isinstance(values, list) or not all(_is_share(one) for one in values):
        table.fault(f"{key} is {said(values)}", f"Write a list of numbers from {_LEAST_SHARE} to 1, the best score's first")
        return ()
    if count and len(values) != count:
        table.fault(f"{key} has {len(values)} numbers, and best is {count}", "Write one for each score that counts")
    return tuple(float(one) for one in values)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and _LEAST_SHARE <= value <= 1


def _share(table: Table, key: str) -> float:
    share = table.number(key, "0.98")
    if key in table.values and not _LEAST_SHARE <= share <= 1:
        table.fault(f"{key} is {said(table.values[key])}", f"Write a number from {_LEAST_SHARE} to 1, for example {key} = 0.98")
    return share


def _categories(file: Table) -> Iterator[SeriesCategory]:
    before = 0.0
    tables = file.tables("category", "category")
    if not tables:
        file.fault("there is no category", "Add a [[category]] with its name and from_effort_km")
    names: set[str] = set()
    finals: set[str | None] = set()
    for number, values in enumerate(tables, 1):
        table = file.child(values, f"{file.where}: category {number}")
        name = _word(table, "name", SERIES_CATEGORIES, '"50K"')
        from_km = table.number("from_effort_km", "50")
        final = table.maybe_text("final", '"OCC"')
        table.close()
        if name and name in names:
            table.fault(f'the category "{name}" stands twice', "Take one out")
        if final in finals - {None}:
            table.fault(f'the final "{final}" stands twice', "Write the final of this category, or take it out")
        if table.sound and from_km <= before:
            table.fault(f"from_effort_km {from_km:g} is not above {before:g} of the one before", "Write the categories in order")
        names.add(name)
        finals.add(final)
        before = from_km
        yield SeriesCategory(name, from_km, final)


def _tiers(file: Table) -> dict[str, Tier]:
    part = _part(file, "tier")
    found = {}
    for name in TIERS:
        if part.raw(name) is None:
            continue
        table = _part(part, name, "tier.")
        places = table.maybe_whole("places", "3", 1, _MOST)
        stones = _figures(table, "stones", "{ 50K = 2 }", least=0.0)
        for category, figure in stones.items():
            if figure % 1:
                table.fault(f"stones of {category} is {said(figure)}", "Write a whole number")
        table.close()
        found[name] = Tier(places, {category: int(figure) for category, figure in stones.items()})
    part.close()
    return found


def _finals(file: Table) -> dict[int, date]:
    table = _part(file, "finals")
    found = {}
    for key in table.values:
        day = _day(table, key)
        if day is not None and key != str(day.year):
            table.fault(f"{clean_text(key)} is {said(day)}", f"Write the year of the Finals, {day.year}, or correct the day")
        elif day is not None:
            found[day.year] = day
    return found


def _periods(file: Table) -> tuple[Period, ...]:
    periods: list[Period] = []
    for number, values in enumerate(file.tables("period", "period"), 1):
        table = file.child(values, f"{file.where}: period {number}")
        parts = [table.child(each, f"{table.where}, counts {no}") for no, each in enumerate(table.tables("counts", "period.counts"), 1)]
        if not parts:
            table.fault("it says of no Finals that its races count for them", "Add a [[period.counts]]")
        period = Period(_day(table, "first"), _day(table, "last"), tuple(_counting(part) for part in parts))
        table.close()
        if table.sound and period.first is not None and period.last is not None and period.last < period.first:
            table.fault(f"it ends {period.last}, before it begins {period.first}", "Exchange or correct them")
        elif periods and table.sound:
            _follows(table, periods[-1], period)
        periods.append(period)
    if not periods:
        file.fault("there is no period", "Add a [[period]] with its [[period.counts]]")
    return tuple(periods)


def _follows(table: Table, before: Period, period: Period) -> None:
    """Every race's day is of one period."""
    if before.last is None:
        table.fault("the one before has no last day", "Write its last, or take this one out")
    elif period.first != before.last + timedelta(days=1):
        begins = "has no first day" if period.first is None else f"begins {period.first}"
        table.fault(f"it {begins}, and the one before ends {before.last}", f"Write first = {before.last + timedelta(days=1)}")


def _counting(table: Table) -> Counting:
    window = _word(table, "window", tuple(Window), '"calendar_year"')
    months = table.maybe_whole("months", "15", 1, 120)
    counting = Counting(
        Window(window or Window.CALENDAR_YEAR),
        _flag(table, "score"),
        _flag(table, "second_chance"),
        months,
        table.maybe_whole("finals", "2023", 1900, 2999),
    )
    if window == Window.MONTHS and months is None and table.sound:
        table.fault("window is months, and there is no months", "Write how many before the Finals, for example months = 15")
    if window == Window.CALENDAR_YEAR and months is not None:
        table.fault(f"months is {months}, and window is calendar_year", 'Take months out, or write window = "months"')
    table.close()
    return counting


def _thresholds(file: Table, categories: list[str]) -> dict[tuple[str, str], float]:
    """By sex and category, of the categories that have a final."""
    table = _part(file, "score_thresholds")
    found = {
        (sex, category): figure
        for sex in SEXES
        if table.raw(sex) is not None
        for category, figure in _figures(table, sex, categories=categories).items()
    }
    table.close()
    return found


def _qualifying_races(file: Table) -> dict[str, Mapping[str, str]]:
    if file.raw("qualifying_races") is None:
        return {}
    part = _part(file, "qualifying_races")
    found: dict[str, Mapping[str, str]] = {}
    for event in part.values:
        table = _part(part, event, "qualifying_races.")
        races = {name: table.maybe_text(name, '"50k"') for name in SERIES_CATEGORIES}
        found[event] = {name: race for name, race in races.items() if race is not None}
        table.close()
    return found


def _change(file: Table, finals: list[str]) -> Change:
    table = _part(file, "change_of_category")
    steps = _whole(table, "steps", "1", 0)
    never = set()
    for number, values in enumerate(table.tables("never", "change_of_category.never"), 1):
        part = table.child(values, f"{table.where}, never {number}")
        never.add((_word(part, "from", SERIES_CATEGORIES, '"20K"'), part.text("final", '"OCC"')))
        part.close()
        if part.sound and (final := part.values["final"]) not in finals:
            part.fault(f"final is {said(final)}", f"Write {listed(finals)}" if finals else "Take it out: no category has a final")
    table.close()
    return Change(steps, frozenset(never))


def _index(table: Table) -> IndexRule:
    best = _whole(table, "best", "5")
    rule = IndexRule(
        best=best,
        months=_whole(table, "months", "36"),
        valid_months=_whole(table, "valid_months", "24"),
        old_months=_whole(table, "old_months", "12"),
        weights=_shares(table, "weights", best),
        month_weight=_share(table, "month_weight"),
        old_factor=_share(table, "old_factor"),
        penalties=_shares(table, "penalties", best),
    )
    if list(rule.weights) != sorted(rule.weights, reverse=True):
        table.fault("weights rise", "Write the best score's first, and none higher than the one before")
    if list(rule.penalties) != sorted(rule.penalties):
        table.fault("penalties fall", "Write that of one score first, and none lower than the one before")
    if rule.valid_months > rule.months:
        table.fault(f"valid_months is {rule.valid_months}, and no score counts for more than {rule.months} months", "Correct one of them")
    table.close()
    return rule


def _elite(table: Table) -> EliteRule:
    days = _whole(table, "least_days", "60", 0)
    limits = {key: found for sex in SEXES for key, found in _limits(_part(table, sex, "elite."), sex)}
    tiers = _list(table, "tiers", '["event", "major"]')
    for tier in [tier for tier in tiers if tier not in TIERS]:
        table.fault(f"tiers has {said(tier)}", f"Write {listed(TIERS)}")
    region_1 = _list(table, "region_1", '["US", "CN"]')
    for code in [code for code in region_1 if not isinstance(code, str) or not _COUNTRY.fullmatch(code)]:
        table.fault(f"region_1 has {said(code)}, which is no ISO 3166-1 alpha-2 code", 'Write two capitals, for example "US"')
    table.close()
    return EliteRule(frozenset(map(str, tiers)), days, frozenset(map(str, region_1)), limits)


def _limits(table: Table, sex: str) -> Iterator[tuple[tuple[str, str], Limits]]:
    """One sex's table, turned: the limits of each category."""
    rows = [_figures(table, key) for key in ("free", "paid_region_1", "paid_region_2")]
    table.close()
    named = {category for row in rows for category in row}
    for category in SERIES_CATEGORIES:
        if category not in named:
            continue
        missing = [key for key, row in zip(("free", "paid_region_1", "paid_region_2"), rows, strict=True) if category not in row]
        if missing:
            table.fault(f"{category} is not in {listed(missing)}", "Write it in all three rows, or in none")
            continue
        free, first, second = (row[category] for row in rows)
        if not free >= first >= second:
            table.fault(f"{category} has {free:g}, {first:g} and {second:g}, which do not fall", "Write the free entry's first")
        yield (sex, category), Limits(free, first, second)
