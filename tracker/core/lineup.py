"""The standings of one race of which only the order is made at once: a runner's line, and his places, when somebody looks at them.

The same lines as `RaceState.standings`, for a screen that shows forty of ten thousand and is drawn again at every change.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

from tracker.core.race_state import RaceState, Runner, Standing
from tracker.core.ranking import Ranking, least_packed, no_of


class Lineup(Sequence[Standing]):
    """Every entrant of a race: those with a place in order, then the others, the furthest first.

    The order is that of the moment when this was made. Verdicts are always the newest: make another when the race's version has changed.
    """

    def __init__(self, state: RaceState) -> None:
        self.state = state
        self._placed = state.ranking.settled()
        self._others = state.others.settled()
        self._made: dict[int, Standing] = {}

    def __len__(self) -> int:
        return len(self._placed) + len(self._others)

    @overload
    def __getitem__(self, line: int) -> Standing: ...

    @overload
    def __getitem__(self, line: slice) -> list[Standing]: ...

    def __getitem__(self, line: int | slice) -> Standing | list[Standing]:
        if isinstance(line, slice):
            return [self[each] for each in range(len(self))[line]]
        line = range(len(self))[line]
        found = self._made.get(line)
        if found is None:
            found = self._made[line] = self._make(line)
        return found

    def no(self, line: int) -> int:
        """The number of the runner on a line."""
        placed = len(self._placed)
        return no_of(self._placed[line] if line < placed else self._others[line - placed])

    def line_of_no(self, no: int) -> int:
        """The line of a runner, by his number in the race. IndexError when there is none."""
        for kept, ranking, first in ((self._placed, self.state.ranking, 0), (self._others, self.state.others, len(self._placed))):
            found = _place_in(kept, ranking, no)
            if found is not None:
                return first + found
        nos = map(no_of, (*self._placed, *self._others))  # the runner has moved on since
        line = next((line for line, each in enumerate(nos) if each == no), None)
        if line is None:
            raise IndexError(f"there is no runner {no} in race {self.state.race.id}")
        return line

    def among(self, nos: set[int]) -> list[int]:
        """The lines of these runners, in order."""
        return [line for line, no in enumerate(self._nos) if no in nos]

    @cached_property
    def _nos(self) -> list[int]:
        return [no_of(packed) for packed in (*self._placed, *self._others)]

    @cached_property
    def line_of(self) -> Mapping[str, int]:
        """Bib → line."""
        return _Lines(self)

    @cached_property
    def _sexes(self) -> str:
        return self._lettered(self.state.sex_letters)

    @cached_property
    def _categories(self) -> str:
        return self._lettered(self.state.category_letters)

    def _lettered(self, letters: str) -> str:
        """A letter a group, in the order of places: counting in a text costs next to nothing."""
        return "".join([letters[no_of(packed)] for packed in self._placed])

    def runner(self, line: int) -> Runner:
        """Who stands on a line."""
        return self.state.runners[self.no(line)]

    def rank(self, line: int) -> int | None:
        """The place of who stands on a line; None for who has none."""
        return self._before(line) + 1 if line < len(self._placed) else None

    def rank_sex(self, line: int) -> int | None:
        """The place among those of the same sex."""
        return self._rank_among(line, self.state.sexes, self.state.sex_letters, lambda: self._sexes)

    def rank_category(self, line: int) -> int | None:
        """The place in the category."""
        return self._rank_among(line, self.state.categories, self.state.category_letters, lambda: self._categories)

    def _rank_among(self, line: int, groups: Sequence[str | None], letters: str, order: Callable[[], str]) -> int | None:
        no = self.no(line)
        if line >= len(self._placed) or groups[no] is None:
            return None
        return order().count(letters[no], 0, self._before(line)) + 1

    def _before(self, line: int) -> int:
        """How many are strictly before a line with a place."""
        return bisect_left(self._placed, least_packed(self._placed[line]))

    def _make(self, line: int) -> Standing:
        runner = self.runner(line)
        return Standing(runner.entrant, runner.verdict, self.rank(line), self.rank_sex(line), self.rank_category(line))


class _Lines(Mapping[str, int]):
    """Bib → line, found when it is asked for."""

    def __init__(self, lineup: Lineup) -> None:
        self._lineup = lineup

    def __getitem__(self, bib: str) -> int:
        return self._lineup.line_of_no(self._lineup.state.no_of[bib])

    def __iter__(self) -> Iterator[str]:
        return iter(self._lineup.state.no_of)

    def __len__(self) -> int:
        return len(self._lineup)


def _place_in(kept: list[int], ranking: Ranking, no: int) -> int | None:
    """Where a runner stands in an order; None where he does not, or no longer as the ranking has him now."""
    packed = ranking.packed(no)
    if packed is None:
        return None
    found = bisect_left(kept, packed)
    return found if found < len(kept) and kept[found] == packed else None
