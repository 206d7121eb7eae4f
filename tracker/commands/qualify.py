"""`tracker qualify`: who of a journal's results qualifies for which of the series' Finals, and why."""

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
from rich.text import Text

from tracker import views
from tracker.commands.opening import read_text
from tracker.commands.series_file import need_races, read_rules
from tracker.commands.status import State, printer, races_of, read_state
from tracker.core.field import Field
from tracker.files.second_chance import read_second_chance
from tracker.files.times import format_local
from tracker.series.qualification import (
    QUALIFIED,
    EventResults,
    FinalReport,
    Outcome,
    Progress,
    RaceResults,
    Report,
    Verdict,
    qualify,
)
from tracker.series.results import results_of, unsettled
from tracker.series.rules import Rules
from tracker.series.stones import stones_of
from tracker.text import count

_NAMED = (*QUALIFIED, Verdict.IN_DOUBT, Verdict.BORDERLINE)
_TO_DO = {
    Verdict.NO_THRESHOLD: "set [score_thresholds] in the series file",
    Verdict.NO_LIST: "give it with --second-chance",
}


async def run(args: Namespace) -> int:
    """Print the report of a journal's results, as text or as JSON."""
    rules = read_rules(args.series)
    state = await read_state(args.journal, args.at, args.known_at)
    races = races_of(args.journal, args.race, state)
    event = results_of(rules, state.field)
    need_races(rules, state.folded.event, args.series)
    chances = None
    if args.second_chance is not None:
        chances = read_second_chance(read_text(args.second_chance), str(args.second_chance), state.field.roster, rules)
    event, report = _of_races(races, event, qualify(rules, event, chances))
    if args.json:
        print(orjson.dumps(_as_json(rules, event, state, report), option=orjson.OPT_INDENT_2).decode())
    else:
        console = printer()
        for line in _lines(rules, event, state, report):
            console.print(Text(line), soft_wrap=True)
    return 0


def _of_races(races: list[str], event: EventResults, report: Report) -> tuple[EventResults, Report]:
    """Of what was judged the part that is shown: other races of a category are judged with it, shown or not."""
    kept = [one for one in event.races if one.race in races]
    others = tuple(f"race {one.race}: " for one in event.races if one not in kept)
    notes = tuple(note for note in report.notes if not note.startswith(others))
    return replace(event, races=kept), Report(tuple(one for one in report.finals if one.race in races), notes)


def _lines(rules: Rules, event: EventResults, state: State, report: Report) -> Iterator[str]:
    field, zone = state.field, state.folded.event.timezone
    yield f"{state.folded.event.name}: qualification for the Finals of the {rules.name}, by the results as of"
    yield f"{format_local(state.at_ms, zone, date=True)} ({zone}). Scores are estimates; the series decides. Every runner: --json."
    for race in event.races:
        yield ""
        yield _race_line(rules, event.tier, race)
        if (waiting := unsettled(field, race.race)) is not None:
            yield f"  {waiting}"
        for final in report.finals:
            if final.race == race.race:
                yield from _final_lines(field, final)
        yield from (f"  {note.partition(': ')[2]}" for note in report.notes if note.startswith(f"race {race.race}: "))
    others = [note for note in report.notes if not note.startswith("race ")]
    yield from ["", *others] if others else []


def _race_line(rules: Rules, tier: str, race: RaceResults) -> str:
    finishers = sum(result.progress is Progress.FINISHED for result in race.results)
    stones = stones_of(rules, tier, race.category)
    told = "" if stones is None else f", running stones: {stones} for each"
    return f"Race {race.race}, {race.day}, {race.category or 'no category'}: {count(finishers, 'finisher')}{told}"


def _final_lines(field: Field, final: FinalReport) -> Iterator[str]:
    yield f"  {final.final} {final.year}: {final.rule}"
    for verdict in _NAMED:
        for outcome in final.outcomes:
            if outcome.verdict is verdict:
                yield f"    {_outcome_line(field, outcome)}"
    counted = Counter(outcome.verdict for outcome in final.outcomes if outcome.verdict not in _NAMED)
    for verdict in Verdict:
        if counted[verdict]:
            to_do = f" ({_TO_DO[verdict]})" if verdict in _TO_DO else ""
            yield f"    {verdict}: {count(counted[verdict], 'runner')}{to_do}"
    if any(outcome.verdict in QUALIFIED for outcome in final.outcomes):
        others = " or ".join(final.change)
        yield f"    change of category: {f'{others}, on request; a committee decides' if others else 'to no other final'}"


def _outcome_line(field: Field, outcome: Outcome) -> str:
    entrant = field.runners[outcome.result.bib].entrant
    who = f"bib {entrant.bib} {entrant.name}".rstrip() + (f", {entrant.sex}" if entrant.sex else "")
    flags = field.verdict(entrant.bib).flags
    flagged = f" [{' '.join(flags)}]" if flags else ""
    return f"{outcome.verdict}: {who}{flagged}: {'; '.join(outcome.deciding)}"


def _as_json(rules: Rules, event: EventResults, state: State, report: Report) -> dict[str, Any]:
    return {
        "event": event.event,
        "tier": event.tier,
        "series": rules.name,
        "at": views.rfc3339(state.at_ms, state.folded.event.timezone),
        "facts": state.facts,
        "races": [_race_as_json(rules, event.tier, state.field, race) for race in event.races],
        "finals": [_final_as_json(state.field, final) for final in report.finals],
        "notes": list(report.notes),
    }


def _race_as_json(rules: Rules, tier: str, field: Field, race: RaceResults) -> dict[str, Any]:
    stones = stones_of(rules, tier, race.category)
    said = {"race": race.race, "date": race.day.isoformat(), "category": race.category, "stones": stones}
    return said | {"unsettled": unsettled(field, race.race)}


def _final_as_json(field: Field, final: FinalReport) -> dict[str, Any]:
    return {
        "race": final.race,
        "category": final.category,
        "final": final.final,
        "year": final.year,
        "rule": final.rule,
        "doubt": final.doubt,
        "change_on_request": list(final.change),
        "runners": [_outcome_as_json(field, outcome) for outcome in final.outcomes],
    }


def _outcome_as_json(field: Field, outcome: Outcome) -> dict[str, Any]:
    result, score = outcome.result, outcome.result.score
    return {
        "bib": result.bib,
        "name": field.runners[result.bib].entrant.name,
        "sex": result.sex,
        "status": result.status,
        "flags": list(field.verdict(result.bib).flags),
        "rank_sex": result.rank_sex,
        "score": None if score is None else {"estimate": True, "points": score.points, "low": round(score.low), "high": round(score.high)},
        "result": outcome.verdict.value,
        "qualified": outcome.verdict in QUALIFIED,
        "reasons": list(outcome.reasons),
    }
