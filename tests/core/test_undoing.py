"""What the desk has said, and what takes it back."""

from hypothesis import given, settings

from tests.core.builders import accounts_for, decides, entrant, field_of, race_with, reads, void, withdraws
from tests.core.random_races import RaceDay, made, race_days
from tests.core.test_properties import NOWS
from tracker.core.facts import DeskFact, Void
from tracker.core.trial import trial
from tracker.core.undoing import Said, undoable

OUT = decides("withdrawn", "5h")
BACK = void(OUT, when="6h", name="back")


def test_the_desks_words_and_the_stations_withdrawals_are_listed_the_newest_first_each_once_and_no_others() -> None:
    safe, gave_up = accounts_for(when="7h"), withdraws(when="4h")
    field = field_of(race_with(), [safe, OUT, *reads(start=0), gave_up, OUT])
    assert undoable(field) == [Said(safe, False, (safe.id,)), Said(OUT, False, (OUT.id,)), Said(gave_up, False, (gave_up.id,))]


def test_what_was_taken_back_counts_again_when_its_void_is_voided() -> None:
    field = field_of(race_with(), [*reads(start=0), OUT, BACK], now="8h")
    assert undoable(field) == [Said(BACK, False, ("back",)), Said(OUT, True, ("back",))]
    again = void("back", when="7h", name="again")
    field.add(again)
    assert undoable(field) == [Said(again, False, ("again",)), Said(BACK, True, ("again",)), Said(OUT, False, (OUT.id,))]


def test_what_two_have_taken_back_counts_again_only_when_both_are_voided() -> None:
    twice = void(OUT, when="7h", name="twice")
    field = field_of(race_with(), [*reads(start=0), OUT, BACK, twice], now="8h")
    assert undoable(field)[-1] == Said(OUT, True, ("twice", "back"))
    assert [one.bib for one in trial(field, [void("back", when="8h")]).changes] == []
    assert [one.bib for one in trial(field, [void("back", when="8h"), void("twice", when="8h")]).changes] == ["1"]


def test_a_void_acts_on_no_later_void() -> None:
    early = void("back", when="5h30", name="early")
    field = field_of(race_with(), [*reads(start=0), OUT, BACK, early], entrants=[entrant("1")], now="8h")
    assert [(one.fact.id, one.voided) for one in undoable(field)] == [("back", False), ("early", False), (OUT.id, True)]


@settings(max_examples=150, deadline=None)
@given(race_days(), NOWS)
def test_voiding_the_ids_turns_over_whether_a_word_counts(day: RaceDay, now_ms: int) -> None:
    """Said later than all else, as the desk says it."""
    field = day.field(now_ms=now_ms)
    later_ms = max([now_ms, *(fact.at_ms for fact in day.facts)]) + 1
    for one in undoable(field):
        if one.fact.id in one.void and one.voided:
            continue  # its void bears its own id: a void of that id voids both, so nothing can bring it back
        voids: list[DeskFact] = [made(Void, f"undo {name}", later_ms, "director", "wrong", fact=name) for name in one.void]
        assert voids
        then = {said.fact.key: said.voided for said in undoable(field.supposing(voids))}
        assert then[one.fact.key] is not one.voided
