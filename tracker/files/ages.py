"""Categories by age and sex: who would never get a runner, which overlap, and which age has none.

The rule is the contract's: the first that fits is the runner's. So an exception may stand before the wide category it is taken from (19–20
before 19–39); the other way round it would stay empty.
"""

from collections.abc import Iterable, Iterator

from tracker.core.course import Category, Race
from tracker.files.finding import Finding, doubt, fault

AGES = range(121)
SEXES = {"M": "men", "F": "women"}

Who = frozenset[tuple[int, str]]


def findings_in_categories(race: Race, where: str) -> Iterator[Finding]:
    """What is wrong with a race's categories; `where` is the race's place in the file."""
    taken: set[tuple[int, str]] = set()
    for index, category in enumerate(race.categories):
        place = f'{where}, category "{category.code}"'
        earlier = race.categories[:index]
        own = _who(category)
        if any(other.code == category.code and (other.sex == category.sex or None in (other.sex, category.sex)) for other in earlier):
            yield fault(place, "the code stands twice", "Give each category a code of its own")
        elif own and own <= taken:
            takers = " and ".join(f'"{other.code}" ({_ages(other)})' for other in earlier if _who(other) & own)
            what = f"it never gets a runner of {_ages(category)}: all go to {takers} before it"
            yield fault(place, what, "Put it first, or take it out: the first category that fits is the runner's")
        else:
            yield from _overlaps(own, earlier, place)
        taken |= own
    if race.categories:
        yield from _left_out(race, taken, where)


def _who(category: Category) -> Who:
    return frozenset((age, sex) for age in AGES for sex in SEXES if category.fits(age, sex))


def _overlaps(own: Who, earlier: Iterable[Category], place: str) -> Iterator[Finding]:
    for other in earlier:
        others = _who(other)
        both = own & others
        if both and not others <= own:
            what = f'"{other.code}" ({_ages(other)}) before it holds {_spans({age for age, _ in both})} too, and takes them'
            yield doubt(place, what, "Let one end where the other begins")


def _left_out(race: Race, taken: set[tuple[int, str]], where: str) -> Iterator[Finding]:
    """Ages between two categories are a fault; those at the ends are a doubt where the race says who may start."""
    gaps: dict[str, list[str]] = {}
    ends: dict[str, list[str]] = {}
    youngest = _youngest(race)
    for sex, people in SEXES.items():
        held = {age for age, of in taken if of == sex}
        if not held:
            ends.setdefault("any age", []).append(people)
            continue
        missing = {age for age in AGES if min(held) < age < max(held) and age not in held}
        if missing:
            gaps.setdefault(_spans(missing), []).append(people)
        outside = {age for age in AGES if youngest is not None and age >= youngest and not min(held) <= age <= max(held)}
        if outside:
            ends.setdefault(_spans(outside), []).append(people)
    for ages, whose in gaps.items():
        yield fault(where, f"no category is for {' and '.join(whose)} of {ages}", "Let each category begin where the one before ends")
    for ages, whose in ends.items():
        yield doubt(where, f"no category is for {' and '.join(whose)} of {ages}", "Add one, if they may start")


def _youngest(race: Race) -> int | None:
    """The least age that may start, None when the race is open to every age."""
    limits = [race.min_age, None if race.max_birth_year is None else race.year - race.max_birth_year]
    return max((limit for limit in limits if limit is not None), default=None)


def _ages(category: Category) -> str:
    match category.min_age, category.max_age:
        case None, None:
            return "any age"
        case least, None:
            return f"{least} and over"
        case None, most:
            return f"up to {most}"
        case least, most:
            return f"{least}–{most}"


def _spans(ages: set[int]) -> str:
    """`35–39`, `40`, or `0–10 and 75 and over`."""
    spans: list[tuple[int, int]] = []
    for age in sorted(ages):
        if spans and spans[-1][1] == age - 1:
            spans[-1] = (spans[-1][0], age)
        else:
            spans.append((age, age))
    said = [_span(least, most) for least, most in spans]
    return " and ".join(said)


def _span(least: int, most: int) -> str:
    if most == AGES[-1]:
        return f"{least} and over"
    return str(least) if least == most else f"{least}–{most}"
