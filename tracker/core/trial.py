"""What the desk's next words would change, told before they are said: the field as it is beside the field as it would be.

Nothing is kept, and nothing is left out: who is changed by others' times, by a start mat, or by a station is told like who is named.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.core.alert import Alert, id_of
from tracker.core.alerts import alerts
from tracker.core.changes import News, Turn, matters
from tracker.core.clocks import ClockOffset
from tracker.core.facts import (
    Accounted,
    AlertWord,
    BibSwap,
    Decision,
    DeskWord,
    Fact,
    HandTime,
    Passage,
    Penalty,
    RaceMove,
    Void,
    Withdrawal,
)
from tracker.core.field import Field
from tracker.core.finals import Finality, finality
from tracker.core.oddities import Oddity, oddities
from tracker.core.overdue import expected
from tracker.core.race_state import RaceState, Runner
from tracker.core.rules import Rules
from tracker.core.runner import Conditions, Status, Verdict, Where, limits_of
from tracker.core.stations import Station, behind, stations


class Prospect(NamedTuple):
    """A runner on the way to a checkpoint whom the forecast puts on the other side of its cutoff: `in_time` as it would be."""

    race: str
    bib: str
    at: int
    expected_ms: int
    in_time: bool


class StationTurn(NamedTuple):
    """A station that would be something else, or heard by other devices, or of which something else would have been said; and the bibs
    of those who would then still be behind it.
    """

    before: Station
    after: Station
    behind: list[str]


class Refusal(NamedTuple):
    """A fact that would not do what it says, and why. `kind`: of the alert that it would become; None: it would be told by none."""

    fact: DeskWord
    kind: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What would be if the desk said something now.

    `changes`: who would be something else now, race by race in the roster's order; `unchanged`: the bibs of those who are meant and would
    be what they are; `meant`: what all who are meant are now. `prospects`: who else is expected to be, where a race's rules would be
    others.
    `stations`: those that would be something else. `gone`, `new`: the alerts that would be; `words`: those of which something else
    would have been said, as they are and as they would be. `rules`: of each race that would have others, as they are and as they would be;
    `finals`: likewise whether its results are final.
    """

    changes: list[Turn]
    unchanged: list[str]
    meant: dict[str, Status]
    prospects: list[Prospect]
    stations: list[StationTurn]
    gone: list[Alert]
    new: list[Alert]
    words: list[tuple[Alert, Alert]]
    refused: list[Refusal]
    rules: dict[str, tuple[Rules, Rules]]
    finals: dict[str, tuple[Finality, Finality]]

    @property
    def nothing(self) -> bool:
        """Whether everything would be as it is."""
        found = (self.changes, self.prospects, self.stations, self.gone, self.new, self.words, self.refused, self.rules, self.finals)
        return not any(found)

    @property
    def gist(self) -> tuple[object, ...]:
        """What nobody may find otherwise who has agreed to it: who would be decided upon, or in safe hands, and what is refused, of rules
        and of stations. Not in it is what moves by itself while a race goes on: places in the race, times, forecasts and alerts.
        """
        decided = {
            (one.bib, one.race_before, one.race, *(_decision(verdict) for verdict in (one.before, one.after)))
            for one in self.changes
            if one.decided or _decision(one.before) != _decision(one.after)
        }
        words = {(turn.before.id, turn.before.word, turn.after.word, tuple(heard_by(turn.after))) for turn in self.stations}
        return decided, self.meant, {refusal.text for refusal in self.refused}, self.rules, words


def trial(field: Field, said: Sequence[DeskWord], clocks: Mapping[str, ClockOffset] | None = None, news: Sequence[News] = ()) -> Trial:
    """What would be at the field's moment if the desk said this as well. The field is as it was.

    `clocks`, `news`: as for `alerts`. What those measure is taken as it is: a corrected clock would be doubted less, and that comes later.
    """
    then = field.supposing(said)
    before = {one.id: one for one in alerts(field, clocks, news)}
    after = {one.id: one for one in alerts(then, clocks, news)}
    changes = list(_turns(field, then))
    changed, meant = {change.bib for change in changes}, _meant(field, said)
    odd = _odd(then, said)
    told = {id_of(f"{oddity.kind}/{oddity.name}") for _, oddity in odd}
    unknown = [fact for fact in said if isinstance(fact, AlertWord) and fact.alert not in before.keys() | after.keys()]
    return Trial(
        changes,
        [bib for bib in meant if bib not in changed],
        {bib: field.runners[bib].verdict.status for bib in meant},
        list(_prospects(field, then, {one.bib for one in changes if one.race != one.race_before or matters(one.before, one.after)})),
        list(_stations(field, then)),
        [one for one in before.values() if one.id not in after],
        [one for one in after.values() if one.id not in before and one.id not in told],
        [(before[one.id], one) for one in after.values() if one.id in before and before[one.id].word != one.word],
        [Refusal(fact, oddity.kind, oddity.text) for fact, oddity in odd]
        + [Refusal(fact, None, f"there is no alert {fact.alert}") for fact in unknown],
        {race: rules for race, state in field.races.items() if (rules := (state.rules, then.races[race].rules))[0] != rules[1]},
        {race: finals for race in field.races if (finals := (finality(field, race), finality(then, race)))[0] != finals[1]},
    )


def _turns(field: Field, then: Field) -> Iterator[Turn]:
    """Everybody who would be in another race, or whose verdict would read otherwise."""
    for bib, runner in field.runners.items():
        other = then.runners[bib]
        if runner.verdict is other.verdict and runner.entrant is other.entrant:
            continue
        one, two = runner.race, other.race
        if one.race is not two.race or _seen(runner.verdict) != _seen(other.verdict):
            ranks = one.ranking.rank(runner.no), two.ranking.rank(other.no)
            yield Turn(two.race.id, bib, runner.verdict, other.verdict, one.race.id, *ranks)


def _decision(verdict: Verdict) -> tuple[object, ...]:
    return verdict.status, verdict.at_cutoff, verdict.place.where is Where.ACCOUNTED


def _seen(verdict: Verdict) -> tuple[object, ...]:
    """All of a verdict that a person is shown."""
    times = {at: (split.in_ms, split.out_ms) for at, split in enumerate(verdict.splits) if split is not None}
    unheard = verdict.unheard if "unconfirmed" in verdict.flags else None
    shown = (verdict.status, verdict.flags, verdict.at_cutoff, unheard, verdict.place, verdict.furthest, verdict.official_ms)
    return (*shown, times, len(verdict.suspects))


def _prospects(field: Field, then: Field, decided: Container[str]) -> Iterator[Prospect]:
    """Those who are expected on the other side of a cutoff, but for those who would be something else already."""
    for race, state in field.races.items():
        under = then.races[race].under
        if under.rules != state.rules:
            for runner in state.runners:
                if runner.entrant.bib not in decided:
                    yield from _prospect(state, runner, under)


def _prospect(state: RaceState, runner: Runner, under: Conditions) -> Iterator[Prospect]:
    verdict = runner.verdict
    if verdict.status is not Status.RACING:
        return
    forecast = expected(state.forecaster, state.rules, runner.no, runner.entrant.wave, verdict)
    at = state.rules.ahead[verdict.furthest]
    if forecast is None or at is None:
        return
    now, then = (
        next((limit.last_ms for limit in limits_of(each, runner.entrant, verdict.splits) if limit.at == at), None)
        for each in (state.under, under)
    )
    in_time_now, in_time_then = (last_ms is None or forecast.expected_ms <= last_ms for last_ms in (now, then))
    if in_time_now is not in_time_then:
        yield Prospect(state.race.id, runner.entrant.bib, at, forecast.expected_ms, in_time_then)


def _stations(field: Field, then: Field) -> Iterator[StationTurn]:
    for before, after in zip(stations(field), stations(then), strict=True):
        if (before.status, before.word, heard_by(before)) != (after.status, after.word, heard_by(after)):
            yield StationTurn(before, after, behind(then, after.id))


def heard_by(station: Station) -> list[str]:
    """The devices without which a station is not heard."""
    return [keeper.device for keeper in station.keepers]


def _odd(then: Field, said: Sequence[DeskWord]) -> list[tuple[DeskWord, Oddity]]:
    """Those of the facts that fit nothing, cannot be followed, or bear an id that is another's, each with why."""
    return [
        (fact, oddity)
        for oddity in oddities(then)
        for fact in said
        if oddity.fact.key == fact.key or (oddity.kind == "id_reused" and oddity.fact.id == fact.id)
    ]


def _meant(field: Field, said: Sequence[DeskWord]) -> list[str]:
    """The bibs of the runners whom facts are about, or about whom those are that they void."""
    facts: list[Fact] = list(said)
    bibs: dict[str, None] = {}
    for fact in facts:  # grows meanwhile
        match fact:
            case Void():
                facts += [one for one in field.store.identities.facts(fact.fact) if one not in facts]
            case BibSwap():
                bibs |= dict.fromkeys((fact.to_bib, fact.from_bib))
            case Passage() | Withdrawal():
                bibs[field.store.owner(fact.bib)] = None
            case Decision() | HandTime() | Penalty() | Accounted() | RaceMove():
                bibs[fact.bib] = None
    return [bib for bib in bibs if bib in field.runners]
