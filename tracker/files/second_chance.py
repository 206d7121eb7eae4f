"""Reading a "second chance" list: CSV in, places in the lists of the Finals out, or every fault at once.

How the series makes that list is not public: it is an input, a line for each runner of this event and each final.
"""

from tracker.core.roster import Roster
from tracker.files.cells import ListLine, list_lines
from tracker.files.finding import FileError, Finding, fault
from tracker.files.table import listed
from tracker.series.qualification import Chance
from tracker.series.rules import Rules

COLUMNS = ("bib", "final", "year", "place")


class SecondChanceError(FileError):
    """A second-chance list that cannot be used. `faults` is every fault of it; `str` is one line a fault."""


def read_second_chance(text: str, source: str, roster: Roster, rules: Rules) -> tuple[Chance, ...]:
    """The list of a CSV's `text`; `source` names the file in errors. SecondChanceError with every fault when it cannot be used."""
    found: list[Finding] = []
    line_of: dict[tuple[str, str, int], int] = {}
    chances = []
    for line in list_lines(text, source, COLUMNS, found):
        chance = _chance(line, roster, rules)
        first = line_of.setdefault((chance.bib, chance.final, chance.year), line.number)
        if first != line.number:
            what = f"bib {chance.bib} and the {chance.final} of {chance.year} stand in line {first} already"
            found.append(fault(line.where, what, "Take one out"))
        chances.append(chance)
    if found:
        raise SecondChanceError(tuple(found))
    return tuple(chances)


def _chance(line: ListLine, roster: Roster, rules: Rules) -> Chance:
    """The place of a line; where a cell is at fault, what is built here is thrown away."""
    bib, final = line.cells["bib"], line.cells["final"]
    if bib not in roster.by_bib:
        line.fault("bib", f'"{bib}" is no entrant' if bib else "it is empty", "Write the bib as in the roster")
    finals = [one.final for one in rules.categories if one.final is not None]
    if final not in finals:
        do = f"Write {listed(finals)}" if finals else "The series file has no final: add it to its [[category]]"
        line.fault("final", f'"{final}" is no final' if final else "it is empty", do)
    return Chance(bib, final, _number(line, "year", 1900, 2999), _number(line, "place", 1, 99_999))


def _number(line: ListLine, column: str, least: int, most: int) -> int:
    text = line.cells[column]
    if text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    line.fault(column, f'"{text}" is no {column}' if text else "it is empty", f"Write a number from {least} to {most}")
    return 0
