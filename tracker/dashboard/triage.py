"""The alerts in the order in which a director works them off, and as lines: those to act on first, of each the oldest first.

Pure, without Textual. The runners of one kind of alert are one line, which opens: a station that falls silent is in sight however many
runners are out. Nothing is out of reach.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from rich.style import Style

from tracker.core.alert import Alert, Severity, urgency
from tracker.core.alert_lines import alert_lines, is_of_a_runner, together
from tracker.core.facts import AlertState
from tracker.dashboard.format import span
from tracker.dashboard.lines import MARKS
from tracker.files.times import format_local
from tracker.text import count, fit

_FOLD = "+"
_WHEN_FROM = 90
"""Cells from which on there is room for the moment beside the age."""
_STYLES = {Severity.ACT: Style(bold=True), Severity.LOOK: Style.null()}
_DONE = Style(dim=True)


class State(StrEnum):
    """What became of an alert."""

    OPEN = "open"
    SEEN = "seen"
    SHELVED = "shelved"
    SETTLED = "settled"


class Held(NamedTuple):
    """The alert under the cursor as it was last known, and whether it was open when the cursor came there."""

    alert: Alert
    open: bool


class Line(NamedTuple):
    """One line: an alert and what became of it, or (`alert` None) those that it stands for, shown or not."""

    key: str
    alert: Alert | None
    state: State
    text: str
    of: tuple[Alert, ...]
    unfolded: bool = False


class Triage:
    """The lines at a moment, as a table."""

    def __init__(self, lines: Sequence[Line], now_ms: int, timezone: str) -> None:
        self.lines = lines
        self.now_ms = now_ms
        self.timezone = timezone
        self.keys = [line.key for line in lines]
        self._number = {key: no for no, key in enumerate(self.keys)}

    def number(self, key: str) -> int | None:
        """The line of an alert, by its id."""
        return self._number.get(key)

    def titles(self, width: int) -> str:
        """What stands in the columns."""
        when = f" {fit('Since', 9)}" if width >= _WHEN_FROM else ""
        return f"  {when} {fit('Age', 6, right=True)} Alert"

    def text(self, no: int, width: int) -> str:
        """A line: how soon somebody must act, since when, for how long, and what it is."""
        line = self.lines[no]
        first = line.of[0]
        when = f" {format_local(first.at_ms, self.timezone, seconds=False)}" if width >= _WHEN_FROM else ""
        age_ms = max(self.now_ms - first.at_ms, 0)  # what a device tells may be minutes ahead of the race's clock
        told = f"{MARKS[first.severity]}{when} {fit(span(age_ms), 6, right=True)} "
        if line.alert is None:
            return f"{told}{'-' if line.unfolded else _FOLD} {line.text}"
        return told + "".join(self._what_became(line)) + line.text

    def style(self, no: int) -> Style:
        """What is done stands back."""
        line = self.lines[no]
        return _STYLES[line.of[0].severity] if line.state is State.OPEN else _DONE

    def _what_became(self, line: Line) -> Iterator[str]:
        word = line.of[0].word
        if line.state is State.SETTLED:
            yield "settled: "
        elif line.state is State.SHELVED and word is not None and word.until_ms is not None:
            yield f"until {format_local(word.until_ms, self.timezone, seconds=False)}: "
        elif line.state is State.SEEN and word is not None:
            yield f"seen by {word.author}: "


def triage(found: Sequence[Alert], held: Held | None = None, unfolded: Collection[str] = (), *, handled: bool = False) -> list[Line]:
    """The lines of the alerts that were found. `unfolded`: the keys of the lines that show what they stand for.

    The one under the cursor (`held`) keeps its place whatever became of it, so that no other is chosen in silence. `handled`: what the
    desk has seen or shelved stands below, what is shelved first.
    """
    here = {one.id: one for one in found}
    opened = [one for one in found if one.word is None]
    done = [one for one in found if one.word is not None] if handled else []
    if held is not None:
        now = here.get(held.alert.id)
        if held.open and (now is None or now.word is not None):
            opened.append(now or held.alert)
            done = [one for one in done if one is not now]
        elif now is None and handled:
            done.append(held.alert)
    opened.sort(key=urgency)
    done.sort(key=lambda one: (_state(one) is not State.SHELVED, _until_ms(one), one.kind, one.id))
    return [*_folded(opened, here, held, unfolded), *(_line(one, here) for one in done)]


def written(found: Sequence[Alert]) -> list[Line]:
    """The lines for whoever can open none: of one kind and race a few in full, and who the others are; what the desk has handled last."""
    opened = sorted((one for one in found if one.word is None), key=urgency)
    told = (Line(each.of[0].id, each.of[0] if len(each.of) == 1 else None, State.OPEN, each.text, each.of) for each in alert_lines(opened))
    return [*told, *(line for line in triage(found, handled=True) if line.state is not State.OPEN)]


def _folded(opened: Sequence[Alert], here: Mapping[str, Alert], held: Held | None, unfolded: Collection[str]) -> Iterator[Line]:
    """A line an alert; but several of one kind about runners in one, where the oldest stands, with those that are shown below it."""
    kinds: dict[str, list[Alert]] = {}
    for one in opened:
        if is_of_a_runner(one) and one.word is None and one.id in here:  # what is done, and keeps its place, is not counted
            kinds.setdefault(one.kind, []).append(one)
    many = {kind: tuple(of) for kind, of in kinds.items() if len(of) > 1}
    told = set[str]()
    for one in opened:
        if one.kind not in many or not is_of_a_runner(one):
            yield _line(one, here)
        elif one.kind not in told:
            told.add(one.kind)
            key = fold_key(one)
            yield Line(key, None, State.OPEN, together(many[one.kind]), many[one.kind], key in unfolded)
            shown = (each for each in opened if each.kind == one.kind)
            yield from (_line(each, here) for each in shown if key in unfolded or (held is not None and each.id == held.alert.id))


def fold_key(one: Alert) -> str:
    """The key of the line that stands for the many of a kind."""
    return f"{_FOLD}{one.kind}"


def counts(found: Sequence[Alert], *, handled: bool) -> str:
    """How many alerts there are, and what of them is not in the list."""
    told = how_many(found)
    return told if all(one.word is None for one in found) else f"{told} (s {'hides' if handled else 'shows'} them)"


def how_many(found: Sequence[Alert]) -> str:
    """How many alerts there are to act on and to look at, and of how many the desk has said something."""
    states = [_state(one) for one in found]
    seen, shelved = states.count(State.SEEN), states.count(State.SHELVED)
    opened = [one for one in found if one.word is None]
    act = sum(one.severity is Severity.ACT for one in opened)
    told = f"{act} to act on, {len(opened) - act} to look at, the oldest first" if opened else "no alerts are open"
    return f"{told} · {count(seen, 'seen', 'seen')}, {count(shelved, 'shelved', 'shelved')}" if seen + shelved else told


def _line(one: Alert, here: Mapping[str, Alert]) -> Line:
    state = _state(one) if one.id in here else State.SETTLED
    return Line(one.id, one, state, one.text, (one,))


def _state(one: Alert) -> State:
    if one.word is None:
        return State.OPEN
    return State.SHELVED if one.word.state is AlertState.SHELVED else State.SEEN


def _until_ms(one: Alert) -> int:
    """Shelved ones by when they come back, seen ones by when they were seen, the newest first."""
    if one.word is None:
        return 0
    return -one.word.at_ms if one.word.until_ms is None else one.word.until_ms
