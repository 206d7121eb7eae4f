"""What a director must look at: derived from the field, so an alert is gone as soon as its cause is.

One alert a cause, with what was found and what to do: a silent station speaks for the runners who cannot be judged without it. The desk's
words on an alert (seen, or not now) are facts, and stand beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tracker.core.alert import Alert, Severity, alert, hours, urgency
from tracker.core.alerts_of_runners import of_race, of_runners
from tracker.core.alerts_of_stations import of_clocks, of_stations
from tracker.core.changes import News, in_words
from tracker.core.clocks import ClockOffset
from tracker.core.facts import AlertState, AlertWord, Passage, Withdrawal
from tracker.core.field import Field
from tracker.core.finals import finality, results_digest
from tracker.core.missing import UNHEARD_AFTER_MS, never_heard
from tracker.core.news import told
from tracker.core.oddities import Oddity, oddities
from tracker.core.race_state import RaceState
from tracker.core.stations import stations
from tracker.core.words import newest

__all__ = ["Alert", "Severity", "alerts"]

_ODDITIES = {
    "unknown_bib": "compare the bib with the roster; say whose bib it is (desk bib), or void {id}",
    "unknown_checkpoint": "send the hand time again with a checkpoint of the race, and void {id}",
    "unknown_device": "send it again with the name that the device itself gives, and void {id}",
    "unknown_fact": "send it again with the id of a fact, and void {id}",
    "unknown_race": "send it again with a race of the event, and void {id}",
    "unknown_station": "send it again with a station of the event, and void {id}",
    "cannot_apply": "send it again as it is meant, and void {id}",
    "id_reused": "find out which of the two is right, and void the id if it is neither",
}

_ONE_CAUSE = frozenset((*_ODDITIES, "clock", "missing", "no_longer_final", "reused"))
"""What such an alert is about is all in its id, so nothing newer can come under it: who has seen it has seen it."""


def alerts(field: Field, clocks: Mapping[str, ClockOffset] | None = None, news: Sequence[News] = ()) -> list[Alert]:
    """Everything there is to look at now: what somebody must act on before the rest, of each the oldest first.

    What the desk has seen or shelved comes after everything of which it has said nothing.

    `clocks`: how far devices are off, where that was measured. `news`: what late facts have changed, the newest last.
    """
    field.refresh()
    now = stations(field)
    found = [_of_oddity(oddity) for oddity in oddities(field)]
    for state in field.races.values():
        if never_heard(field, state):
            found.append(_never_heard(field, state))
        found.extend(_not_final(field, state))
        found.extend(of_race(state))
        found.extend(of_runners(field, state))
    found.extend(of_stations(field, now))
    found.extend(of_clocks(field, now, clocks or {}))
    listed, not_listed = told(field, news)
    found.extend(_of_news(field, one) for one in listed)
    found.extend(not_listed)
    return sorted(_with_words(field, found), key=lambda one: (one.word is not None, *urgency(one)))


def _with_words(field: Field, found: list[Alert]) -> list[Alert]:
    """The alerts with the desk's words. Seen: what began after that is new again. Shelved: until the moment that was said."""
    if not field.alert_words:
        return found
    said: dict[str, list[AlertWord]] = {}
    for word in field.alert_words:
        said.setdefault(word.alert, []).append(word)
    out: list[Alert] = []
    for one in found:
        standing = newest(said.get(one.id, ()), field.store.voided)
        holds = standing is not None and _holds(standing, one, field.now_ms)
        out.append(replace(one, word=standing) if holds else one)
    return out


def _holds(word: AlertWord, one: Alert, now_ms: int) -> bool:
    if word.state is AlertState.ACKNOWLEDGED:
        return one.kind in _ONE_CAUSE or one.at_ms <= word.at_ms
    return word.until_ms is not None and now_ms < word.until_ms


def _never_heard(field: Field, state: RaceState) -> Alert:
    race, gun_ms = state.race.id, state.rules.starts.race_ms
    text = f"nothing was ever heard of race {race}; the gun was {hours(field.now_ms - gun_ms)} ago"
    todo = "call the start; see whether the ingest has its broker (tracker status), and where the devices publish to"
    return alert("never_heard", race, gun_ms + UNHEARD_AFTER_MS, text, todo, race=race)


def _not_final(field: Field, state: RaceState) -> Iterator[Alert]:
    """Results that were declared final and are others now, and again when they change once more."""
    race = state.race.id
    final, holds = finality(field, race)
    if final is not None and not holds:
        text = f"the results of race {race}, final by {final.author}, no longer hold: a fact that came after it changed them"
        todo = "see what changed (tracker status), tell who has the list, and finalise again (tracker finalise)"
        of = f"{race}/{final.key.hex()[:12]}/{results_digest(field, race)[:12]}"
        yield alert("no_longer_final", of, final.at_ms, text, todo, race=race)


def _of_oddity(oddity: Oddity) -> Alert:
    fact = oddity.fact
    todo = _ODDITIES[oddity.kind].format(id=fact.id)
    if oddity.kind == "unknown_bib" and not isinstance(fact, Passage | Withdrawal):
        todo = f"send it again with a bib of the roster, and void {fact.id}"
    return alert(oddity.kind, oddity.name, fact.at_ms, oddity.text, todo, bib=getattr(fact, "bib", None), fact=fact.id)


def _of_news(field: Field, news: News) -> Alert:
    change, fact = news.change, news.fact
    race = field.event.by_id[change.race]
    before = in_words(field.event.by_id[change.race_before], change.before)
    text = f"bib {change.bib}: {before} no longer holds, now {in_words(race, change.after)}"
    where = next((point.name for point in race.checkpoints if point.station == fact.station), fact.station)
    seen = "gave up at" if isinstance(fact, Withdrawal) else "read at"
    todo = f"{seen} {where}, and arrived here {hours(news.received_ms - fact.at_ms)} later: tell who was told otherwise"
    of = f"{change.bib}/{fact.key.hex()[:12]}"
    return alert("late", of, news.received_ms, text, todo, race=race.id, bib=change.bib, fact=fact.id)
