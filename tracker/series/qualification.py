"""Who of an event's results qualifies for which of the series' Finals, by which rule, or the exact reason why not.

Results, lists and dates come in as arguments. What is not configured or not known is called that, and never "not qualified".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.core.score import Score
from tracker.series.categories import finals_to_ask_for
from tracker.series.periods import Counted, counts_for, not_configured
from tracker.series.rules import SEXES, Rules


class Progress(StrEnum):
    """How far a runner has come."""

    FINISHED = "finished"
    ON_THE_WAY = "on the way"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Result:
    """One runner's result. `status` is the word for it; `rank_sex` the place among the runners' own sex; no score: `why` there is none."""

    bib: str
    sex: str | None
    progress: Progress
    status: str
    rank_sex: int | None
    score: Score | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class RaceResults:
    """One race's results: the day on which it was run, its category (None: too short for any), and its runners in order."""

    race: str
    day: date
    category: str | None
    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class EventResults:
    """The results of an event of a tier."""

    event: str
    tier: str
    races: Sequence[RaceResults]


@dataclass(frozen=True, slots=True)
class Chance:
    """A place in the "second chance" list of one final of one year."""

    bib: str
    final: str
    year: int
    place: int


class Verdict(StrEnum):
    """What is said of a runner and a final; of several that hold, the first here."""

    BY_RANK = "qualified by rank"
    BY_SCORE = "qualified by score"
    BY_SECOND_CHANCE = "qualified by second chance"
    IN_DOUBT = "in doubt"
    BORDERLINE = "borderline"
    NO_THRESHOLD = "threshold not configured"
    NOT_YET = "not finished yet"
    NO_LIST = "second-chance list not given"
    NO_RANKING = "no ranking"
    NOT_QUALIFIED = "not qualified"


_DOUBTED = (Verdict.BY_RANK, Verdict.BY_SCORE, Verdict.BORDERLINE)
"""What a race gives that may not be the one of its category; a place in the second-chance list is the runner's own."""
QUALIFIED = (Verdict.BY_RANK, Verdict.BY_SCORE, Verdict.BY_SECOND_CHANCE)
_ORDER = {verdict: order for order, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one runner's result means for one final. `said` is what each rule says that was asked, and why."""

    result: Result
    verdict: Verdict
    said: tuple[tuple[Verdict, str], ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every rule's reason."""
        return tuple(reason for _, reason in self.said)

    @property
    def deciding(self) -> tuple[str, ...]:
        """The reasons of the rules that make the verdict, and of each by which the runner qualifies as well."""
        return tuple(dict.fromkeys(reason for verdict, reason in self.said if verdict is self.verdict or verdict in QUALIFIED))


@dataclass(frozen=True, slots=True)
class FinalReport:
    """One race and one Finals for which it counts, and every runner. `doubt`: why whoever seems to qualify may not; `change`: the
    finals that may be asked for instead.
    """

    race: str
    day: date
    category: str
    final: str
    year: int
    rule: str
    doubt: str | None
    change: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Every race and Finals, and `notes`: which races qualify nobody and why, and what could not be said."""

    finals: tuple[FinalReport, ...]
    notes: tuple[str, ...]


def qualify(rules: Rules, event: EventResults, chances: Sequence[Chance] | None) -> Report:
    """Judge every result of an event. `chances` is the second-chance list; None: there is none to be had."""
    found: list[FinalReport] = []
    notes: list[str] = []
    for race in event.races:
        judges, said = judges_of(rules, event, race, chances)
        found += [judge.report(race) for judge in judges]
        notes += [f"race {race.race}: {note}" for note in said]
    return Report(tuple(found), (*notes, *_unused(chances or (), found)))


def judges_of(rules: Rules, event: EventResults, race: RaceResults, chances: Sequence[Chance] | None) -> tuple[list["Judge"], list[str]]:
    """A judge for each Finals for which a race of the event counts, and in words why it qualifies nobody, or what is not configured.

    Nothing here looks at results, nor costs anything by their number.
    """
    tier = rules.tiers.get(event.tier)
    places = None if tier is None else tier.places
    final = None if race.category is None else rules.final_of(race.category)
    if race.category is None:
        return [], ["too short for any category of the series; it qualifies nobody"]
    if final is None:
        return [], [f"the category {race.category} has no final; it qualifies nobody"]
    if places is None:
        return [], [f'a race of the tier "{event.tier}" qualifies nobody']
    if (other := _chosen(rules, event, race.category)) not in (None, race.race):
        return [], [f"of the races in {race.category} only one qualifies, and that is {other}; it qualifies nobody"]
    counted, notes = counts_for(rules, race.day), not_configured(rules, race.day)
    if not counted:
        notes.append(f"on {race.day} it counts for no Finals that are configured")
    doubt = doubt_of(rules, event, race.category)
    return [Judge(rules, event.tier, places, race.category, final, one, doubt, _listed(chances, final, one.year)) for one in counted], notes


def _listed(chances: Sequence[Chance] | None, final: str, year: int) -> Mapping[str, int] | None:
    """Bib → place in the second-chance list of one final; None: there is no list to be had."""
    return None if chances is None else {one.bib: one.place for one in chances if (one.final, one.year) == (final, year)}


def _chosen(rules: Rules, event: EventResults, category: str) -> str | None:
    """The race that is configured to be the one of its category; None where the event has one alone, or none is configured."""
    alone = sum(race.category == category for race in event.races) == 1
    return None if alone else rules.qualifying_races.get(event.event, {}).get(category)


def doubt_of(rules: Rules, event: EventResults, category: str) -> str | None:
    """Why whoever seems to qualify in a category may not; None: one race alone is in it, or it is configured which one counts."""
    alike = [race.race for race in event.races if race.category == category]
    if len(alike) == 1 or _chosen(rules, event, category) is not None:
        return None
    return f"of the races in {category} ({', '.join(alike)}) only one qualifies, and which one is not configured: set [qualifying_races]"


def _unused(chances: Sequence[Chance], finals: Sequence[FinalReport]) -> Iterator[str]:
    """Lines of the second-chance list that say something of nobody here."""
    known = {(one.final, one.year, outcome.result.bib) for one in finals for outcome in one.outcomes}
    for chance in chances:
        if (chance.final, chance.year, chance.bib) not in known:
            yield f"second-chance list: bib {chance.bib} has no result here that counts for the {chance.final} of {chance.year}"


@dataclass(frozen=True, slots=True)
class Judge:
    """One race's rules for one Finals. `listed` is bib → place in the second-chance list; None: there is no list to be had."""

    rules: Rules
    tier: str
    places: int
    category: str
    final: str
    counted: Counted
    doubt: str | None
    listed: Mapping[str, int] | None

    def report(self, race: RaceResults) -> FinalReport:
        """Every runner of the race."""
        return FinalReport(
            race=race.race,
            day=race.day,
            category=self.category,
            final=self.final,
            year=self.counted.year,
            rule=self.counted.rule,
            doubt=self.doubt,
            change=tuple(finals_to_ask_for(self.rules, self.category)),
            outcomes=tuple(map(self.outcome, race.results)),
        )

    def outcome(self, result: Result) -> Outcome:
        """One runner."""
        place = (self.listed or {}).get(result.bib)
        said = [self._by_rank(result)]
        if self.counted.how.score:
            said.append(self._by_score(result))
        if self.counted.how.second_chance or place is not None:
            said.append(self._by_second_chance(place))
        if self.doubt is not None:
            said = [
                (Verdict.IN_DOUBT, f"{reason}, but {self.doubt}") if verdict in _DOUBTED else (verdict, reason) for verdict, reason in said
            ]
        return Outcome(result, min((verdict for verdict, _ in said), key=_ORDER.__getitem__), tuple(said))

    def _by_rank(self, result: Result) -> tuple[Verdict, str]:
        if (other := _not_ranked(result)) is not None:
            return other
        those, tier = SEXES[result.sex or ""], f"{'an' if self.tier[0] in 'aeiou' else 'a'} {self.tier}"
        if result.rank_sex is None:
            return Verdict.NOT_QUALIFIED, f"has no place among the {those}"
        asked = f"and the first {self.places} of {tier} qualify"
        if result.progress is Progress.ON_THE_WAY:
            return Verdict.NOT_YET, f"place {result.rank_sex} of the {those} now, {asked}"
        verdict = Verdict.BY_RANK if result.rank_sex <= self.places else Verdict.NOT_QUALIFIED
        return verdict, f"place {result.rank_sex} of the {those}, {asked}"

    def _by_score(self, result: Result) -> tuple[Verdict, str]:
        if (other := _not_ranked(result)) is not None:
            return other
        those = SEXES[result.sex or ""]
        least = self.rules.thresholds.get((result.sex or "", self.category))
        asked = f"the threshold of the {those} in {self.category} is {'not configured' if least is None else f'{least:g}'}"
        if result.progress is Progress.ON_THE_WAY:
            return Verdict.NOT_YET, f"no score yet, and {asked}"
        if result.score is None:
            return Verdict.NOT_QUALIFIED, f"has no score: {result.why}"
        said = f"{_said(result.score)}, and {asked}"
        if least is None:
            return Verdict.NO_THRESHOLD, said
        if result.score.low >= least:
            return Verdict.BY_SCORE, said
        if result.score.high < least:
            return Verdict.NOT_QUALIFIED, said
        return Verdict.BORDERLINE, f"{said}, which lies in between"

    def _by_second_chance(self, place: int | None) -> tuple[Verdict, str]:
        most = self.rules.second_chance_places
        if not self.counted.how.second_chance:
            return (
                Verdict.NOT_QUALIFIED,
                f"place {place} of the second-chance list, which does not count for the Finals of {self.counted.year}",
            )
        if self.listed is None:
            return Verdict.NO_LIST, "the second-chance list is not given"
        if place is None:
            return Verdict.NOT_QUALIFIED, "is not in the second-chance list"
        rule = f"place {place} of the second-chance list, of which the first {most} get access"
        return (Verdict.BY_SECOND_CHANCE if place <= most else Verdict.NOT_QUALIFIED), rule


def _not_ranked(result: Result) -> tuple[Verdict, str] | None:
    """Why no ranking and no threshold can say anything of a result; None where they can."""
    if result.progress is Progress.ON_THE_WAY and (result.sex not in SEXES or result.rank_sex is None):
        return Verdict.NOT_YET, f"has not finished: {result.status}"
    if result.progress is Progress.OUT:
        return Verdict.NOT_QUALIFIED, f"did not finish: {result.status}"
    if result.sex not in SEXES:
        sex = "is not known" if result.sex is None else f"is {result.sex}"
        return Verdict.NO_RANKING, f"the series ranks women and men alone, and the sex {sex}"
    return None


def _said(score: Score) -> str:
    if score.low == score.high:
        return f"score {score.points:.0f}"
    return f"score estimated at {score.points:.0f}, between {score.low:.0f} and {score.high:.0f}"
