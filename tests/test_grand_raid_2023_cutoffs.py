"""Grand Raid 2023 with its cutoffs, told by its stations alone, against the official status of everybody.

Needs the data beside the checkout, which is not part of it.
"""

import pytest

from tests.recorded import LET_THROUGH, NOT_RANKED, RecordedRace, told_by_stations
from tracker.core.soundness import check

DIFFERS = {
    "1132": (
        (
            "marla Sat 00:40:59 (limit Sat 00:40), roche-plate Sat 15:04:49 (limit Sat 14:40), deux-bras Sat 21:56:00 (limit Sat 21:10), "
            "ratinaud Sun 02:45:42 (limit Sun 01:40), la-possession Sun 05:47:45 (limit Sun 04:40), "
            "grande-chaloupe Sun 08:28:27 (limit Sun 07:40), finish Sun 16:22:32 (limit Sun 15:40)"
        ),
        LET_THROUGH,
    ),
    "2390": ("marla Sat 00:41:15 (limit Sat 00:40), finish Sun 17:05:04 (limit Sun 15:40)", NOT_RANKED),
}
"""Out of time, provisionally, by what the stations told. Each with the passages that say so, and why the organisers say otherwise."""


@pytest.fixture(scope="module")
def told() -> RecordedRace:
    return told_by_stations("grand-raid-2023")


def test_nobody_differs_from_the_official_status_but_those_listed_with_their_passages_and_the_reason(told: RecordedRace) -> None:
    differing = told.differing(told.field)
    assert differing == {"1132": ("finished", "out_of_time"), "2390": ("UNRANKED", "out_of_time")}
    assert all(told.field.verdict(bib).provisional for bib in differing)
    assert told.explained(told.field) == DIFFERS
    assert told.table.with_a_reason() == DIFFERS.keys()


def test_everybody_bears_the_late_flags_that_the_table_gives_and_no_read_is_suspect(told: RecordedRace) -> None:
    assert len(told.table.late_finishers()) == 7
    assert told.differently_late(told.field) == {}
    assert told.suspects(told.field) == []
    check(told.field)


def test_once_the_director_accepts_the_finisher_only_the_unranked_differs_and_the_flags_stay(told: RecordedRace) -> None:
    field = told.field_after([told.accepted("1132")])
    assert told.differing(field).keys() == {"2390"}
    assert told.differently_late(field) == {}
