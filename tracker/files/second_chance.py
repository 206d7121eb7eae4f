"""Reading a "second chance" list: CSV in, places in the lists of the Finals out, or every fault at once.

How the series makes that list is not public: it is an input, a line for each runner of this event and each final.
"""

from tracker.core.roster import Roster
from tracker.files.finding import FileError, Finding, fault
from tracker.files.roster import column_name, csv_rows, header_faults, trimmed
from tracker.files.table import listed
from tracker.series.qualification import Chance
from tracker.series.rules import Rules
from tracker.text import clean_text

COLUMNS = ("bib", "final", "year", "place")


class SecondChanceError(FileError):
    """A second-chance list that cannot be used. `faults` is every fault of it; `str` is one line a fault."""


def read_second_chance(text: str, source: str, roster: Roster, rules: Rules) -> tuple[Chance, ...]:
    """The list of a CSV's `text`; `source` names the file in errors. SecondChanceError with every fault when it cannot be used."""
    found: list[Finding] = []
    rows = list(csv_rows(text.removeprefix("\ufeff"), source, found))
    titles = trimmed(rows[0].fields) if rows else []
    if not found:
        found.extend(header_faults(titles, source, COLUMNS, COLUMNS, ",".join(COLUMNS)))
    if found:
        raise SecondChanceError(tuple(found))
    names = [column_name(title) for title in titles]
    line_of: dict[tuple[str, str, int], int] = {}
    chances = []
    for row in rows[1:]:
        fields = trimmed(row.fields)
        if not fields:
            continue
        where = f"{source}: line {row.line}"
        fields += [""] * (len(names) - len(fields))
        if len(fields) > len(names):
            found.append(fault(where, f"there are {len(fields)} cells, and the header has {len(names)}", "Take out what is too much"))
            continue
        chance = _chance(dict(zip(names, fields, strict=True)), where, found, roster, rules)
        first = line_of.setdefault((chance.bib, chance.final, chance.year), row.line)
        if first != row.line:
            what = f"bib {chance.bib} and the {chance.final} of {chance.year} stand in line {first} already"
            found.append(fault(where, what, "Take one out"))
        chances.append(chance)
    if found:
        raise SecondChanceError(tuple(found))
    return tuple(chances)


def _chance(cells: dict[str, str], where: str, found: list[Finding], roster: Roster, rules: Rules) -> Chance:
    """The place of a line; where a cell is at fault, what is built here is thrown away."""
    bib, final = clean_text(cells["bib"]), clean_text(cells["final"])
    if bib not in roster.by_bib:
        found.append(fault(f'{where}, column "bib"', f'"{bib}" is no entrant' if bib else "it is empty", "Write the bib as in the roster"))
    finals = [one.final for one in rules.categories if one.final is not None]
    if final not in finals:
        found.append(fault(f'{where}, column "final"', f'"{final}" is no final' if final else "it is empty", f"Write {listed(finals)}"))
    return Chance(bib, final, _number(cells, "year", 1900, 2999, where, found), _number(cells, "place", 1, 99_999, where, found))


def _number(cells: dict[str, str], column: str, least: int, most: int, where: str, found: list[Finding]) -> int:
    text = clean_text(cells[column])
    if text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    what = f'"{text}" is no {column}' if text else "it is empty"
    found.append(fault(f'{where}, column "{column}"', what, f"Write a number from {least} to {most}"))
    return 0
