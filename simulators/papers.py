"""What the runners who never were have shown before the start: most of them everything, and of some one thing is still pending.

The chance here is its own: the same seed enters the same people whatever they show.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from simulators.names import given_name
from tracker.core.course import Race, Requirement
from tracker.core.roster import EntryStatus, Paper

PAPER_COLUMNS = (*(str(paper) for paper in Paper), "accompanied_by")
MISSING_SHARE = 0.02
"""Of the confirmed entries lack one thing all the same, or it ends before the race."""
LICENSED_SHARE = 0.35
"""Of the runners hold a federation's licence; the others take the organisation's insurance."""
ACCOMPANIED_SHARE = 0.9
"""Of the children have somebody to go along when the list is made."""


def show(race: Race, on: date, family: str, birth_year: int, status: EntryStatus, rng: random.Random) -> Sequence[str]:
    """The cells of `PAPER_COLUMNS` for one entrant of a race that is `on` that day."""
    cells = dict.fromkeys(PAPER_COLUMNS, "")
    if Requirement.MEDICAL_CERTIFICATE in race.requires:
        end = on + timedelta(days=rng.randint(1, 330))
        cells[Paper.MEDICAL_CERTIFICATE] = end.isoformat() if rng.random() < 0.8 else "yes"
    if Requirement.LICENCE_OR_INSURANCE in race.requires:
        licence = f"FAM-{rng.randint(100, 9999):04d}"
        if rng.random() < LICENSED_SHARE:
            cells[Paper.LICENCE] = licence
        else:
            cells[Paper.INSURANCE] = "yes"
    if race.accompanied_under_age is not None and race.year - birth_year < race.accompanied_under_age:
        parent = f"{given_name(rng, rng.choice('FM'))} {family}"
        cells["accompanied_by"] = parent if rng.random() < ACCOMPANIED_SHARE else ""
    lacking = {EntryStatus.CONFIRMED: MISSING_SHARE, EntryStatus.PENDING: 0.9, EntryStatus.DNS: 0.5}[status]
    if race.requires and rng.random() < lacking:
        _take_one_out(cells, on, rng)
    return tuple(cells.values())


def _take_one_out(cells: dict[str, str], on: date, rng: random.Random) -> None:
    shown = [paper for paper in Paper if cells[paper]]
    paper = rng.choice(shown)
    ended = paper is Paper.MEDICAL_CERTIFICATE and rng.random() < 0.25
    cells[paper] = (on - timedelta(days=rng.randint(1, 120))).isoformat() if ended else ""
