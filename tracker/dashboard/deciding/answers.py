"""What an answer means: the text that somebody typed for a question, as fields of the desk's payload, in words, or as an error in words.

Pure, without Textual. An id may be typed as far as it is the only one that begins so; a name does as well.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from tracker.core.course import Race
from tracker.core.facts import Void, WithdrawalReason
from tracker.core.race_state import Runner
from tracker.core.runner import Status
from tracker.dashboard.deciding.acts import Ask, Kind
from tracker.dashboard.facts_raw import as_told
from tracker.dashboard.find import fold as folded
from tracker.dashboard.format import full_state
from tracker.dashboard.scene import About
from tracker.files.times import MOMENT_FORMS, TimesError, format_local, parse_duration, parse_near
from tracker.fold import Fold
from tracker.text import clean_text
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


def first(ask: Ask, about: About, race: Race, entrants: Container[str]) -> str:
    """What stands in a question before anybody typed, from what the screen is about. `entrants`: the bibs of the roster."""
    entered = about.bib in entrants
    there = [point.id for point in race.checkpoints if point.station == about.station]
    known = {
        Kind.BIB: about.bib if entered else None,
        Kind.NO_ENTRANT: None if entered else about.bib,
        Kind.STATION: about.station,
        Kind.DEVICE: about.device,
        Kind.ALERT: about.alert,
        Kind.FACT: about.fact,
        Kind.RACE: race.id,
        Kind.CHECKPOINT: about.checkpoint or (there[0] if len(there) == 1 else None),
    }
    return known.get(ask.kind) or ""


def read(ask: Ask, text: str, so_far: Fields, fold: Fold) -> Answer:
    """The answer to a question, given those before it. AnswerError when it is none."""
    text = clean_text(text, ask.most + 1)
    if ask.of and ask.of not in so_far:
        if text:
            raise AnswerError(f"{ask.label} is only asked with a {ask.of}; write that too, or leave this empty")
        return Answer({})
    if ask.kind is Kind.VERDICT:
        return _verdict(so_far, fold)
    if len(text) > ask.most:
        raise AnswerError(f"{ask.label} is longer than {ask.most} characters; shorten it")
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
            picked = (_pick(ask, one, choices(ask, so_far, fold)) for one in text.replace(",", " ").split())
            found = {one.id: one.name for one in picked}
            return Answer({ask.field: list(found)}, ", ".join(found.values()))
        case Kind.MOMENT | Kind.LATER:
            at_ms = parse_near(text, fold.event.timezone, fold.field.now_ms)
            if ask.kind is Kind.LATER and at_ms <= fold.field.now_ms:
                raise AnswerError(f"{format_local(at_ms, fold.event.timezone)} is over; {_FORMS[ask.kind]}")
            return Answer({ask.field: at_ms}, format_local(at_ms, fold.event.timezone, date=True))
        case Kind.LIMIT:
            return _limit(ask, text, fold)
        case Kind.SECONDS:
            return _seconds(ask, text)
        case Kind.YES | Kind.FORCED:
            return _agreed(ask, text)
        case Kind.FACT:
            return _fact(ask, text, fold)
        case Kind.STATION_ON_THE_WAY:
            _see_who_wears_it(so_far, fold)
        case Kind.DEVICE if fold.field.store.identities.is_device(text):
            return Answer({ask.field: text})  # one that reads, and never sent a heartbeat
        case Kind.TEXT | Kind.NO_ENTRANT:
            return Answer({ask.field: text})
    found_one = _pick(ask, text, choices(ask, so_far, fold))
    return Answer({ask.field: found_one.id}, found_one.name)


def choices(ask: Ask, so_far: Fields, fold: Fold) -> Sequence[_Named]:
    """What there is to choose from; empty where anything may be written."""
    match ask.kind:
        case Kind.RACE:
            return [_Named(race.id, race.name) for race in fold.event.races]
        case Kind.OTHER_RACE:
            return [_Named(race.id, race.name) for race in fold.event.races if race is not _race_of(so_far, fold)]
        case Kind.CHECKPOINT | Kind.CHECKPOINTS:
            race = _race_of(so_far, fold)
            return [] if race is None else [_Named(point.id, point.name) for point in race.checkpoints]
        case Kind.WAVE:
            race = _race_of(so_far, fold)
            return [] if race is None else [_Named(wave.id, f"wave {wave.id}") for wave in race.waves]
        case Kind.CAUSE:
            return [_Named(cause.value, cause.value) for cause in WithdrawalReason]
        case Kind.STATION | Kind.STATION_ON_THE_WAY:
            runner = None if ask.kind is Kind.STATION else _runner(so_far.get("bib"), fold)
            races = fold.event.races if runner is None else (runner.race.race,)
            names = {point.station: point.name for race in reversed(races) for point in reversed(race.checkpoints)}
            return [_Named(station, names[station]) for station in fold.event.stations if station in names]
        case Kind.DEVICE:
            states = fold.field.devices.states(fold.field.store.right_moment, fold.field.now_ms)
            return [_Named(state.device, f"at {state.station}") for state in states]
        case Kind.ALERT:
            return [_Named(alert.id, alert.text) for alert in fold.alerts()]
    return []


def hint(ask: Ask, text: str, so_far: Fields, fold: Fold) -> str:
    """What the text means so far, or what may be written."""
    if ask.of and ask.of not in so_far and not text.strip():
        return f"only with a {ask.of}"
    if not text.strip() and not (ask.needed and ask.kind is Kind.VERDICT):
        return ("" if ask.needed else "may stay empty; ") + _choices_in_words(ask, so_far, fold)
    try:
        return read(ask, text, so_far, fold).words
    except AnswerError as error:
        return str(error)


_YES, _NO = frozenset(("y", "yes", "true", "1")), frozenset(("n", "no", "false", "0"))
_FORCED = "forced"
_FORMS = {
    Kind.BIB: "write a bib of the roster",
    Kind.MOMENT: f"write {MOMENT_FORMS}",
    Kind.LATER: "write a moment to come, such as +30m or Sat 03:30",
    Kind.LIMIT: "write +30m for later, -1h for sooner, 9h30 after the start, or a time such as Sat 03:30",
    Kind.SECONDS: "write seconds, such as 90 or -30, or 10m",
    Kind.YES: "y or n",
    Kind.FORCED: f"write the word {_FORCED}, or leave it empty",
    Kind.NO_ENTRANT: "write the bib that was read",
    Kind.FACT: "write the id of a fact, or how it begins",
    Kind.TEXT: "write a few words",
}
_FEW = 12


def _choices_in_words(ask: Ask, so_far: Fields, fold: Fold) -> str:
    if ask.kind in _FORMS:
        return _FORMS[ask.kind]
    known = choices(ask, so_far, fold)
    seen = _last_read(so_far, fold) if ask.kind is Kind.STATION_ON_THE_WAY else ""
    return f"{seen}one of {_listed(known)}" if known else "there is none to choose from"


def _see_who_wears_it(so_far: Fields, fold: Fold) -> None:
    """A station speaks of the bib that it reads, and so would who speaks for it: that must be the runner's own."""
    bib = str(so_far.get("bib", ""))
    if (owner := fold.field.store.owner(bib)) != bib:
        raise AnswerError(f"what a station says of bib {bib} is bib {owner}'s; leave the station empty, and name it in the reason")


def _last_read(so_far: Fields, fold: Fold) -> str:
    """Where the runner was read last: offered, and never taken for where he gave up."""
    runner = _runner(so_far.get("bib"), fold)
    if runner is None or not runner.verdict.started:
        return ""
    return f"last read at {runner.race.race.checkpoints[runner.verdict.furthest].station}; "


def _listed(known: Sequence[_Named]) -> str:
    """Their ids, as far as a person would read them."""
    more = f" and {len(known) - _FEW} more" if len(known) > _FEW else ""
    return ", ".join(one.id for one in known[:_FEW]) + more


def _pick(ask: Ask, text: str, known: Sequence[_Named]) -> _Named:
    """The one that is called so, or else the only one that begins so."""
    sought = folded(text)
    tries = (
        [one for one in known if one.id == text],
        [one for one in known if sought in (folded(one.id), folded(one.name))],
        [one for one in known if folded(one.id).startswith(sought) or folded(one.name).startswith(sought)],
    )
    found = next(filter(None, tries), [])
    if len(found) == 1:
        return found[0]
    if found:
        raise AnswerError(f"there are several that begin so; write one of {', '.join(f'{one.id} ({one.name})' for one in found[:_FEW])}")
    which = f"there is no {ask.kind.name.lower().replace('_', ' ')} {text!r}"
    raise AnswerError(f"{which}; write one of {_listed(known) or 'those that there are (none)'}")


def _bib(ask: Ask, text: str, fold: Fold) -> Answer:
    runner = _runner(text, fold) or _only(one for bib, one in fold.field.runners.items() if bib.casefold() == text.casefold())
    if runner is None:
        raise AnswerError(f"bib {text} is not on the roster; / on any screen finds a runner by name")
    entrant = runner.entrant
    return Answer({ask.field: entrant.bib}, f"{entrant.name or '?'}, {runner.race.race.name}, {full_state(runner.verdict)}")


def _agreed(ask: Ask, text: str) -> Answer:
    said = text.casefold()
    if ask.kind is Kind.FORCED:
        if said != _FORCED:  # a letter may be a key that was meant for something else
            raise AnswerError(f"{text!r} forces nothing; {_FORMS[ask.kind]}")
        return Answer({ask.field: True})
    if said not in _YES | _NO:
        raise AnswerError(f"{text!r} is neither yes nor no; write y or n")
    return Answer({ask.field: True}, "yes") if said in _YES else Answer({}, "no")


def _only(found: Iterable[Runner]) -> Runner | None:
    all_of = list(found)
    return all_of[0] if len(all_of) == 1 else None


def _fact(ask: Ask, text: str, fold: Fold) -> Answer:
    """A fact by its id, or by how that begins, and what it says; two that bear one id are voided together."""
    identities = fold.field.store.identities
    found = [text] if identities.facts(text) else identities.beginning(text)
    if not found:
        return Answer({ask.field: text}, "no fact with such an id is in the journal yet")
    if len(found) > 1:
        raise AnswerError(f"{len(found)} facts have an id that begins with {text}; write more of it")
    return Answer({ask.field: found[0]}, _told(found[0], fold))


def _told(fact_id: str, fold: Fold) -> str:
    """What the facts with an id say; of a void also what that voids."""
    zone, facts = fold.event.timezone, fold.field.store.identities.facts
    words = []
    for fact in facts(fact_id):
        undone = " AND ".join(as_told(one, zone) for one in facts(fact.fact)) if isinstance(fact, Void) else ""
        words.append(as_told(fact, zone) + (f": {undone}" if undone else ""))
    return " AND ".join(words)


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


def _limit(ask: Ask, text: str, fold: Fold) -> Answer:
    if text[0] in "+-":
        bare = text[1:].strip()
        parse_duration(bare)
        return Answer({"extend_by": bare if text[0] == "+" else f"-{bare}"}, f"{bare} {'later' if text[0] == '+' else 'sooner'}")
    if ":" not in text:
        parse_duration(text)
        return Answer({ask.field: text}, f"{text} after the start")
    at_ms = parse_near(text, fold.event.timezone, fold.field.now_ms)
    return Answer({ask.field: rfc3339(at_ms, fold.event.timezone)}, format_local(at_ms, fold.event.timezone, date=True))


def _seconds(ask: Ask, text: str) -> Answer:
    try:
        seconds = float(text)
    except ValueError:
        sign, bare = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
        seconds = sign * parse_duration(bare) / 1000
    if not abs(seconds) <= 1_000_000:  # nor is it no number
        raise AnswerError(f"{text} is more than eleven days; {_FORMS[Kind.SECONDS]}")
    more, less = ("ahead of the right time", "behind the right time") if ask.field == "offset_s" else ("more", "less")
    return Answer({ask.field: seconds}, f"{abs(seconds):g} s {more if seconds >= 0 else less}")
