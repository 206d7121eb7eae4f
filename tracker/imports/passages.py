"""Passages from a table: a row each (our own `splits-csv` and what others write), or a row a runner with a column a checkpoint.

What the columns are is found by their names; where a column says nothing, the roster may: whose bib it is, and so which race.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.core.course import Event, Race
from tracker.core.facts import Source, Way, WithdrawalReason
from tracker.core.roster import Roster
from tracker.export.splits_csv import COLUMNS
from tracker.files.cells import Row, trimmed
from tracker.files.formula import meant
from tracker.imports.columns import OF_PASSAGES, bare, columns_of, in_words
from tracker.imports.moments import Moments
from tracker.imports.places import Places, Races
from tracker.imports.table import Table
from tracker.imports.taking import Fault, Refused, Said, Taken, passage, withdrawal

_OWN = frozenset(COLUMNS)
_WAYS = {"in": Way.IN, "out": Way.OUT, "arrival": Way.IN, "departure": Way.OUT, "ein": Way.IN, "aus": Way.OUT, "": None}
_YES = frozenset({"yes", "true", "1", "x", "oui", "si", "ja"})
_CHIP_TITLES = frozenset({"chip", "transponder", "chip code", "transponder code", "puce"})


@dataclass(frozen=True, slots=True)
class Context:
    """What a file of passages is read against."""

    event: Event
    roster: Roster
    moments: Moments
    places: Places
    races: Races
    chips: dict[str, str]

    def race_of(self, bib: str, named: str = "") -> Race | None:
        """The race that a line names, or the organiser for the whole file, or the roster for the bib."""
        if named.strip():
            return self.races.find(named)
        if self.races.said is not None:
            return self.races.said
        entrant = self.roster.by_bib.get(bib)
        return self.races.only if entrant is None else self.event.by_id[entrant.race]

    def bib_of(self, text: str) -> str:
        """The bib of what was read: of a chip its wearer's, where the roster says that."""
        return text if text in self.roster.by_bib else self.chips.get(text.casefold(), text)


def context_of(event: Event, roster: Roster, moments: Moments, places: Places, races: Races) -> Context:
    """The same, with the chips that stand in a column of the roster."""
    pairs = ((title, code, entrant.bib) for entrant in roster.entrants for title, code in entrant.extra.items())
    chips = {code.strip().casefold(): bib for title, code, bib in pairs if bare(title) in _CHIP_TITLES and code.strip()}
    return Context(event, roster, moments, places, races, chips)


def read_rows(table: Table, context: Context, said_map: Mapping[str, str]) -> Taken:
    """What the table states. Fault when its columns do not say what a passage needs."""
    if not table.rows:
        return Taken()
    titles = [title.strip() for title in trimmed(table.rows[0].fields)]
    own = set(titles) >= _OWN
    columns = {title: at for at, title in enumerate(titles) if title in _OWN} if own else columns_of(titles, said_map, OF_PASSAGES)
    if "bib" not in columns:
        raise Fault("no column is the bib", f'Say which: --map bib="…"; the columns are {", ".join(filter(None, titles))}')
    wide = _wide(titles, columns, context)
    taken = Taken(
        columns="as splits-csv has them"
        if own
        else in_words(columns, titles) + "".join(f', {title} = "{titles[at]}"' for at, (title, _) in wide.items())
    )
    if not wide and "time" not in columns:
        raise Fault("no column is the time", f'Say which: --map time="…"; the columns are {", ".join(filter(None, titles))}')
    if not wide and not {"checkpoint", "station"} & columns.keys() and context.places.only is None:
        raise Fault("no column is the checkpoint", 'Say which: --map checkpoint="…", or with --place NAME that all are of one')
    for row in table.rows[1:]:
        line = _Line(table, row, columns, context, own)
        cells = len(trimmed(row.fields))
        if cells > len(titles):
            do = "Put texts with the separator in quotes"
            line.refuse(taken, Fault(f"there are {cells} cells, and the header has {len(titles)}", do))
        elif wide:
            _read_wide(line, wide, taken)
        else:
            _read_one(line, taken)
    return taken


def _wide(titles: list[str], columns: dict[str, int], context: Context) -> dict[int, tuple[str, str | None]]:
    """Of a table with a row a runner: the columns that are checkpoints. None where each row names its own."""
    if {"checkpoint", "station", "time"} & columns.keys():
        return {}
    taken = set(columns.values())
    found = {at: context.places.of_title(title) for at, title in enumerate(titles) if at not in taken}
    return {at: place for at, place in found.items() if place is not None}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as what its columns say."""

    table: Table
    row: Row
    columns: Mapping[str, int]
    context: Context
    own: bool

    def cell(self, name: str) -> str:
        at = self.columns.get(name)
        text = "" if at is None else self.at(at)
        return meant(text) if self.own else text

    def at(self, at: int) -> str:
        return self.row.fields[at].strip() if at < len(self.row.fields) else ""

    @property
    def where(self) -> str:
        return self.table.where(self.row)

    def refuse(self, taken: Taken, fault: Fault) -> None:
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(self.row.fields)
        taken.refused.append(Refused(self.where, out.getvalue().encode("utf-8", "replace"), fault.what, fault.do))

    def bib(self) -> str:
        bib = self.cell("bib")
        if not bib:
            raise Fault("the bib is empty", "Write the bib, or take the line out")
        if len(bib) > 20:
            raise Fault(f'the bib "{bib[:20]}…" has {len(bib)} characters', "Write the bib as it is on the runner's number")
        return bib


def _read_one(line: _Line, taken: Taken) -> None:
    """A row that is a passage, or with a reason a withdrawal, or with `stopped` both."""
    if line.cell("voided").casefold() == "yes":
        taken.leave_out("voided by the desk")
        return
    try:
        taken.said += _own_said(line) if line.own else _said(line)
    except Fault as fault:
        line.refuse(taken, fault)


def _own_said(line: _Line) -> list[Said]:
    context, bib, kind = line.context, line.bib(), line.cell("kind") or "passage"
    race = context.event.by_id.get(line.cell("race"))
    station = line.cell("station") or context.places.find(line.cell("checkpoint"), race).station
    at_ms = context.moments.read(line.cell("time"), race)
    common: dict[str, object] = {"id": line.cell("id"), "device": line.cell("device"), "seq": _seq(line.cell("seq"))}
    if kind == "passage":
        more: dict[str, object] = {"way": _one_of(Way, "way", line), "source": _one_of(Source, "source", line)}
        return [passage(context.event.id, line.where, station, bib, at_ms, common | more)]
    if kind != "withdrawal":
        raise Fault(f'the kind "{kind}" is not known', 'Write "passage" or "withdrawal"')
    signed = line.cell("signed").casefold()
    told: dict[str, object] = {name: line.cell(name) for name in ("by", "note", "transport")}
    more = {"reason": _one_of(WithdrawalReason, "reason", line), "signed": None if not signed else signed in _YES}
    return [withdrawal(context.event.id, line.where, station, bib, at_ms, common | told | more)]


def _said(line: _Line) -> list[Said]:
    context = line.context
    bib = context.bib_of(line.bib())
    race = context.race_of(bib, line.cell("race") if "race" in line.columns else "")
    place = context.places.find(line.cell("checkpoint") or line.cell("station"), race)
    at_ms = context.moments.read(line.cell("time"), race, line.cell("date"))
    way = _WAYS.get(bare(line.cell("way")))
    found = [passage(context.event.id, line.where, place.station, bib, at_ms, {"way": way, "device": line.cell("device")})]
    if line.cell("stopped").casefold() in _YES and not place.finish:
        found.append(withdrawal(context.event.id, line.where, place.station, bib, at_ms, {"note": "stopped here, as the import says"}))
    return found


def _read_wide(line: _Line, wide: Mapping[int, tuple[str, str | None]], taken: Taken) -> None:
    """A row that is a runner, with a time at each checkpoint."""
    context = line.context
    for at, (name, way) in wide.items():
        text = line.at(at)
        if not text.strip("-–— "):
            continue  # he was not read there
        try:
            bib = line.bib()
            race = context.race_of(bib, line.cell("race"))
            place = context.places.find(name, race)
            taken.said.append(passage(context.event.id, line.where, place.station, bib, context.moments.read(text, race), {"way": way}))
        except Fault as fault:
            line.refuse(taken, Fault(f'column "{name}": {fault.what}', fault.do))


def _one_of(words: type[Way] | type[Source] | type[WithdrawalReason], name: str, line: _Line) -> str | None:
    text = line.cell(name)
    if text and text not in list(words):
        raise Fault(f'the {name} "{text}" is not known', f"Write one of {', '.join(words)}, or leave it empty")
    return text or None


def _seq(text: str) -> int | None:
    if (text and not text.isascii()) or (text and not text.isdigit()):
        raise Fault(f'the seq "{text}" is no whole number', "Write it in digits, or leave it empty")
    return int(text) if text else None
