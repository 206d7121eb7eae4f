"""What a fact says, in a few words for one line: the log's own sentences, of devices and of the desk.

Pure, without Textual.
"""

from tracker.core import facts as f
from tracker.dashboard.format import race_clock, span
from tracker.files.times import format_duration, format_local


def words_of(fact: f.Fact, timezone: str) -> str:
    """What happened, or was said; without who it was about and who said it."""
    match fact:
        case f.Passage() | f.Withdrawal() | f.Heartbeat():
            return _of_device(fact)
        case f.Decision() | f.HandTime() | f.Penalty() | f.Accounted() | f.RaceMove() | f.BibSwap():
            return _of_runner(fact, timezone)
        case f.Start() | f.CutoffMove() | f.Neutralise() | f.Reroute():
            return _of_race(fact, timezone)
        case f.StationChange():
            return f"station {fact.station} {fact.state.value}{' by force' if fact.forced else ''}"
        case f.DeviceWord():
            return f"device {fact.device} {fact.use.value.replace('_', ' ')}"
        case f.ClockCorrection():
            ahead = f"{span(abs(fact.offset_ms))} {'ahead' if fact.offset_ms >= 0 else 'behind'}"
            return f"clock of {fact.device} {ahead}{_stretch(fact.from_ms, fact.until_ms, timezone)}"
        case f.AlertWord():
            until = "" if fact.until_ms is None else f" until {_at(fact.until_ms, timezone)}"
            return f"alert {fact.alert} {fact.state.value}{until}"
        case f.Final():
            return f"results of {fact.race} final, {fact.results[:12]}"
        case f.Void():
            return f"voids {fact.fact}"
        case f.Note():
            return f"note: {fact.text or ''}".rstrip()


def _of_device(fact: f.Passage | f.Withdrawal | f.Heartbeat) -> str:
    match fact:
        case f.Passage():
            return " ".join(["read", *([fact.way.value] if fact.way else []), *(["by hand"] if fact.source is f.Source.MANUAL else [])])
        case f.Withdrawal():
            return withdrew(fact)
        case f.Heartbeat():
            known = {"seq": fact.seq, "queued": fact.queued, "battery": None if fact.battery is None else f"{fact.battery:g}%"}
            return ", ".join(["heartbeat", *(f"{name} {value}" for name, value in known.items() if value is not None)])


def withdrew(fact: f.Withdrawal, where: str = "") -> str:
    """`withdrew at incles: injury, signed, by Dr X, transport car, left knee`; `where` is what follows the first word."""
    said = [f"withdrew{where}: {fact.reason.value}", *(["signed"] if fact.signed else []), *([f"by {fact.by}"] if fact.by else [])]
    return ", ".join([*said, *([f"transport {fact.transport}"] if fact.transport else []), *([fact.note] if fact.note else [])])


def _of_runner(fact: f.Decision | f.HandTime | f.Penalty | f.Accounted | f.RaceMove | f.BibSwap, timezone: str) -> str:
    match fact:
        case f.Decision():
            return fact.status.value.replace("_", " ")
        case f.HandTime():
            return f"hand time at {fact.checkpoint} {_at(fact.passed_ms, timezone)}"
        case f.Penalty():
            return f"penalty {race_clock(fact.penalty_ms)}"
        case f.Accounted():
            return f"accounted for{f', {fact.where}' if fact.where else ''}"
        case f.RaceMove():
            return f"moved to race {fact.race}"
        case f.BibSwap():
            return f"was read as bib {fact.from_bib}"


def _of_race(fact: f.Start | f.CutoffMove | f.Neutralise | f.Reroute, timezone: str) -> str:
    match fact:
        case f.Start():
            return f"start of {fact.race}{f' wave {fact.wave}' if fact.wave else ''} {_at(fact.start_ms, timezone)}"
        case f.CutoffMove():
            onward = " and later ones" if fact.onward else ""
            return f"cutoff {fact.race}/{fact.checkpoint}{onward} {_moved(fact, timezone)}{_stretch(fact.from_ms, None, timezone)}"
        case f.Neutralise():
            where = "" if fact.checkpoints is None else f" at {', '.join(fact.checkpoints)}"
            return f"{fact.race} stood still{where}{_stretch(fact.from_ms, fact.until_ms, timezone)}"
        case f.Reroute():
            skips = [f"skips {', '.join(fact.skip)}"] if fact.skip else []
            return ", ".join([fact.race, *skips, *([f"ends at {fact.finish}"] if fact.finish else [])])


def _moved(fact: f.CutoffMove, timezone: str) -> str:
    if fact.extend_ms is not None:
        return f"{'+' if fact.extend_ms >= 0 else ''}{format_duration(fact.extend_ms)}"
    if fact.limit_at_ms is not None:
        return f"to {_at(fact.limit_at_ms, timezone)}"
    return f"to start + {format_duration(fact.offset_ms or 0)}"


def _stretch(from_ms: int | None, until_ms: int | None, timezone: str) -> str:
    since = "" if from_ms is None else f" from {_at(from_ms, timezone)}"
    return f"{since}{'' if until_ms is None else f' until {_at(until_ms, timezone)}'}"


def _at(at_ms: int, timezone: str) -> str:
    return format_local(at_ms, timezone)
