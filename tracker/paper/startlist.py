"""The start list of each race, by bib, with a box to tick at check-in: beside each name CONFIRMED, or what is still pending.

Pure: a field in, sections out.
"""

from collections import Counter
from collections.abc import Sequence

from tracker import views
from tracker.core.field import Field
from tracker.core.race_state import RaceState, Runner
from tracker.core.runner import Status
from tracker.files.times import format_local
from tracker.paper.pages import WIDTH, Block, Section, title, wrapped
from tracker.paper.runners import CLASS_WIDTH, TICK, bib_width, natural
from tracker.sentences import UNKNOWN, class_of
from tracker.series.eligibility import Eligibility
from tracker.text import count, fit

_NAME, _COUNTRY, _STATUS = 24, 3, 15


def startlist(field: Field, races: Sequence[str]) -> list[Section]:
    """The start lists of some races, each from a new page on."""
    field.refresh()
    return [_race(field, field.races[race]) for race in races]


def _race(field: Field, state: RaceState) -> Section:
    width = bib_width(runner.entrant for runner in state.runners)
    runners = sorted(state.runners, key=lambda runner: natural(runner.entrant.bib))
    start = format_local(state.rules.starts.race_ms, field.event.timezone, date=True)
    heading = title(f"{state.race.name} ({state.race.id}), {count(len(runners), 'entrant')}, start {start}")
    rows, said = [], Counter[str]()
    for runner in runners:
        entry = views.entry(field, state.race.id, runner.entrant)
        status = _status(runner, entry)
        said[status] += 1
        rows.append((_row(width, TICK, *_cells(runner, status)), *_pending(entry, status, len(TICK) + width + 2)))
    total = f"{len(runners)} entrants = " + " + ".join(f"{number} {words}" for words, number in said.items())
    waves = ", wave" if state.race.waves else ""
    titles = _row(width, " " * len(TICK), "bib", "name", "class", "nat", "club", f"status{waves}")
    return Section((*heading, titles), [*rows, ("", *wrapped(total))], new_page=True)


def _cells(runner: Runner, status: str) -> tuple[str, ...]:
    entrant = runner.entrant
    return (
        entrant.bib,
        entrant.name or UNKNOWN,
        class_of(entrant),
        entrant.country or UNKNOWN,
        entrant.club or "",
        status if entrant.wave is None else f"{status}, {entrant.wave}",
    )


def _row(width: int, box: str, bib: str, name: str, runner_class: str, country: str, club: str, status: str) -> str:
    """One line; the titles stand over the columns, and the club takes what room is left."""
    cells = (
        box,
        fit(bib, width, right=True),
        fit(name, _NAME),
        fit(runner_class, CLASS_WIDTH),
        fit(country, _COUNTRY),
        fit(club, max(0, WIDTH - len(box) - width - _NAME - CLASS_WIDTH - _COUNTRY - _STATUS - 6)),
        fit(status, _STATUS),
    )
    return " ".join(cells).rstrip()


def _status(runner: Runner, entry: Eligibility) -> str:
    """What is to be done at check-in: how the entry stands, unless the runner has started, or is not to."""
    verdict = runner.verdict
    if verdict.status is Status.DNS:
        return "dns proposed" if verdict.provisional else "dns"
    return "started" if verdict.started else str(entry.entry)


def _pending(entry: Eligibility, status: str, indent: int) -> Block:
    """Under who is still to start, what is pending or why he may not."""
    words = entry.barred or "; ".join(entry.open)
    return wrapped(words, indent) if words and status == entry.entry else ()
