"""What an answer means: the text that somebody typed for a question, as fields of the desk's payload, in words, or as an error in words.

Pure, without Textual. An id may be typed as far as it is the only one that begins so; a name does as well.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracker.core.course import Race
from tracker.core.race_state import Runner
from tracker.core.runner import Status
from tracker.dashboard.deciding.acts import Ask, Kind
from tracker.dashboard.find import fold as folded
from tracker.dashboard.format import full_state
from tracker.dashboard.scene import About
from tracker.files.times import TimesError, format_local, parse_duration, parse_near
from tracker.fold import Fold
from tracker.views import rfc3339

Fields = Mapping[str, object]
"""The fields that were answered so far."""


class AnswerError(Exception):
    """A text that answers nothing: what it is and what to write, in one line."""


class Answer(NamedTuple):
    """The fields of an answer, and what it means in words."""

    fields: Fields
    words: str = ""


class _Named(NamedTuple):
    id: str
    name: str


def first(ask: Ask, about: About, race: Race) -> str:
    """What stands in a question before anybody typed, from what the screen is about."""
    known = {
        Kind.BIB: about.bib,
        Kind.STATION: about.station,
        Kind.DEVICE: about.device,
        Kind.ALERT: about.alert,
        Kind.FACT: about.fact,
        Kind.RACE: race.id,
        Kind.CHECKPOINT: about.checkpoint,
    }
    return known.get(ask.kind) or ""


def read(ask: Ask, text: str, so_far: Fields, fold: Fold) -> Answer:
    """The answer to a question, given those before it. AnswerError when it is none."""
    text = text.strip()
    if ask.kind is Kind.VERDICT:
        return _verdict(so_far, fold)
    if not text:
        if ask.needed:
            raise AnswerError(f"{ask.label} is missing; {_choices_in_words(ask, so_far, fold)}")
        return Answer({})
    try:
        return _read(ask, text, so_far, fold)
    except TimesError as error:
        raise AnswerError(str(error)) from None


def _read(ask: Ask, text: str, so_far: Fields, fold: Fold) -> Answer:
    match ask.kind:
        case Kind.BIB:
            return _bib(ask, text, fold)
        case Kind.CHECKPOINTS:
            found = [_pick(ask, one, choices(ask, so_far, fold)) for one in text.replace(",", " ").split()]
            return Answer({ask.field: [one.id for one in found]}, ", ".join(one.name for one in found))
        case Kind.MOMENT:
            at_ms = _moment(text, fold)
            return Answer({ask.field: at_ms}, format_local(at_ms, fold.event.timezone, date=True))
        case Kind.LIMIT:
            return _limit(ask, text, fold)
        case Kind.SECONDS:
            return _seconds(ask, text)
        case Kind.YES:
            if text.casefold() not in _YES | _NO:
                raise AnswerError(f"{text!r} is neither yes nor no; write y or n")
            return Answer({ask.field: True}, "yes") if text.casefold() in _YES else Answer({}, "no")
        case Kind.TEXT | Kind.FACT | Kind.ALERT:
            return Answer({ask.field: text})
    found_one = _pick(ask, text, choices(ask, so_far, fold))
    return Answer({ask.field: found_one.id}, found_one.name)


def choices(ask: Ask, so_far: Fields, fold: Fold) -> Sequence[_Named]:
    """What there is to choose from; empty where anything may be written."""
    match ask.kind:
        case Kind.RACE | Kind.OTHER_RACE:
            return [_Named(race.id, race.name) for race in fold.event.races]
        case Kind.CHECKPOINT | Kind.CHECKPOINTS:
            race = _race_of(so_far, fold)
            return [] if race is None else [_Named(point.id, point.name) for point in race.checkpoints]
        case Kind.WAVE:
            race = _race_of(so_far, fold)
            return [] if race is None else [_Named(wave.id, f"wave {wave.id}") for wave in race.waves]
        case Kind.STATION:
            names = {point.station: point.name for race in reversed(fold.event.races) for point in reversed(race.checkpoints)}
            return [_Named(station, names[station]) for station in fold.event.stations]
        case Kind.DEVICE:
            states = fold.field.devices.states(fold.field.store.right_moment, fold.field.now_ms)
            return [_Named(state.device, f"at {state.station}") for state in states]
    return []


def hint(ask: Ask, text: str, so_far: Fields, fold: Fold) -> str:
    """What the text means so far, or what may be written."""
    if not text.strip() and not (ask.needed and ask.kind is Kind.VERDICT):
        return _choices_in_words(ask, so_far, fold)
    try:
        return read(ask, text, so_far, fold).words
    except AnswerError as error:
        return str(error)


_YES, _NO = frozenset(("y", "yes", "true", "1")), frozenset(("n", "no", "false", "0"))
_FORMS = {
    Kind.BIB: "write a bib of the roster",
    Kind.MOMENT: "write 03:30, Sat 03:30, now, -10m or 2022-06-25T03:30:00",
    Kind.LIMIT: "write +30m, -1h, 9h30 from the start, or a time such as Sat 03:30",
    Kind.SECONDS: "write seconds, such as 90 or -30, or 10m",
    Kind.YES: "y or n",
    Kind.FACT: "write the id of a fact, as the log shows it",
    Kind.ALERT: "write the id of an alert, as the alerts show it",
    Kind.TEXT: "write a few words",
}


def _choices_in_words(ask: Ask, so_far: Fields, fold: Fold) -> str:
    if ask.kind in _FORMS:
        return _FORMS[ask.kind]
    known = choices(ask, so_far, fold)
    return f"one of {', '.join(one.id for one in known)}" if known else "there is none to choose from"


def _pick(ask: Ask, text: str, known: Sequence[_Named]) -> _Named:
    sought = folded(text)
    exact = [one for one in known if one.id == text]
    begins = exact or [one for one in known if folded(one.id).startswith(sought) or folded(one.name).startswith(sought)]
    if len(begins) == 1:
        return begins[0]
    which = "there are several that begin so" if begins else f"there is no {ask.kind.name.lower().replace('_', ' ')} {text!r}"
    raise AnswerError(f"{which}; write one of {', '.join(one.id for one in begins or known) or 'those that there are (none)'}")


def _bib(ask: Ask, text: str, fold: Fold) -> Answer:
    runner = _runner(text, fold)
    if runner is None:
        raise AnswerError(f"bib {text} is not on the roster; / on any screen finds a runner by name")
    entrant = runner.entrant
    return Answer({ask.field: text}, f"{entrant.name or '?'}, {runner.race.race.name}, {full_state(runner.verdict)}")


def _runner(bib: object, fold: Fold) -> Runner | None:
    fold.field.refresh()
    return None if bib is None else fold.field.runners.get(str(bib))


def _race_of(so_far: Fields, fold: Fold) -> Race | None:
    if (runner := _runner(so_far.get("bib"), fold)) is not None:
        return runner.race.race
    return fold.event.by_id.get(str(so_far.get("race")))


def _verdict(so_far: Fields, fold: Fold) -> Answer:
    runner = _runner(so_far.get("bib"), fold)
    if runner is None:
        raise AnswerError("say first of whom")
    verdict = runner.verdict
    if not verdict.provisional or verdict.status not in (Status.OUT_OF_TIME, Status.DNS):
        raise AnswerError(f"bib {runner.entrant.bib} is {full_state(verdict)}: there is no verdict that waits to be confirmed")
    return Answer({"status": verdict.status.value}, verdict.status.value.replace("_", " "))


def _moment(text: str, fold: Fold) -> int:
    return parse_near(text, fold.event.timezone, fold.field.now_ms)


def _limit(ask: Ask, text: str, fold: Fold) -> Answer:
    if text[0] in "+-":
        parse_duration(text[1:])
        return Answer({"extend_by": text.removeprefix("+")}, f"{text[1:]} {'later' if text[0] == '+' else 'sooner'}")
    if "h" in text or text.endswith("m"):
        parse_duration(text)
        return Answer({ask.field: text}, f"{text} after the start")
    at_ms = _moment(text, fold)
    return Answer({ask.field: rfc3339(at_ms, fold.event.timezone)}, format_local(at_ms, fold.event.timezone, date=True))


def _seconds(ask: Ask, text: str) -> Answer:
    try:
        seconds = float(text)
    except ValueError:
        sign, bare = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
        seconds = sign * parse_duration(bare) / 1000
    if not abs(seconds) <= 1_000_000:  # nor is it no number
        raise AnswerError(f"{text} is more than eleven days; {_FORMS[Kind.SECONDS]}")
    return Answer({ask.field: seconds}, f"{seconds:+g} s")
