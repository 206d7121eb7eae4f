"""Of whom nobody knows where they are: who is out of the race and not accounted for, who is overdue, and everybody in a race of which
nothing was ever heard.
"""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from tracker.core.field import Field
from tracker.core.race_state import RaceState
from tracker.core.runner import Where

UNHEARD_AFTER_MS = 15 * 60_000
"""So long after the gun some device has been heard of any race that is heard at all."""


class Missing(NamedTuple):
    """Their bibs: the `unaccounted` from who was read longest ago on, the `overdue` from who is so longest on. `unheard` are races: of how
    many runners of those it is true, nobody knows.
    """

    unaccounted: tuple[str, ...]
    overdue: tuple[str, ...]
    unheard: tuple[str, ...] = ()


def missing(field: Field, races: Iterable[str]) -> Missing:
    """Those of some races, by their ids."""
    field.refresh()
    states = [field.races[race] for race in races]
    unheard = tuple(state.race.id for state in states if never_heard(field, state))
    out = [(runner.verdict.last_read_ms, runner.entrant.bib) for state in states for runner in state.at(Where.OUT)]
    late = [
        (runner.overdue_ms or 0, runner.entrant.bib) for state in states for runner in state.flagged() if "overdue" in runner.verdict.flags
    ]
    return Missing(tuple(bib for _, bib in sorted(out)), tuple(bib for _, bib in sorted(late)), unheard)


def never_heard(field: Field, state: RaceState) -> bool:
    """Whether the gun was a while ago, and no device has ever said anything at the race's stations: no heartbeat, no read of whomever, no
    withdrawal. What the desk says makes nobody heard.
    """
    if not state.runners or field.now_ms - state.rules.starts.race_ms < UNHEARD_AFTER_MS:
        return False
    passed = state.race.visits
    if any(field.devices.monitored(station) for station in passed):
        return False
    told = chain((runner.record for runner in chain(state.runners, field.runners.values())), map(field.store.raw, field.store.strangers()))
    return not any(
        any(read.station in passed for read in seen.passages) or any(one.station in passed for one in seen.withdrawals) for seen in told
    )
