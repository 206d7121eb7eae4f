"""Of whom nobody knows where they are: who is out of the race and not accounted for, and who is overdue."""

from collections.abc import Iterable
from typing import NamedTuple

from tracker.core.field import Field
from tracker.core.runner import Where


class Missing(NamedTuple):
    """Their bibs: the `unaccounted` from who was read longest ago on, the `overdue` from who is so longest on."""

    unaccounted: tuple[str, ...]
    overdue: tuple[str, ...]


def missing(field: Field, races: Iterable[str]) -> Missing:
    """Those of some races, by their ids."""
    field.refresh()
    states = [field.races[race] for race in races]
    out = [(runner.verdict.last_read_ms, runner.entrant.bib) for state in states for runner in state.at(Where.OUT)]
    late = [
        (runner.overdue_ms or 0, runner.entrant.bib) for state in states for runner in state.flagged() if "overdue" in runner.verdict.flags
    ]
    return Missing(tuple(bib for _, bib in sorted(out)), tuple(bib for _, bib in sorted(late)))
