"""Alerts as people are shown them: of one kind and race a few in full, the others in one line that names the bibs.

A hundred runners who are out of the race must not hide the one station that is silent. What a program reads has every alert.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from tracker.core.alert import Alert, Severity, bibs

FEW = 3
"""So many alerts of one kind and race are shown in full."""
_NAMED = 20

_OF_MANY = {
    "overdue": "overdue",
    "out_of_time": "out of time, not yet confirmed",
    "conflict": "with a fact that speaks against their status",
    "unaccounted": "out of the race and not accounted for",
    "beyond": "seen beyond the finish, but not there",
    "inside": "gone into a station and not read going out",
    "suspect": "with a read that cannot be meant",
    "too_close": "who passed a cutoff by less than the clock there may be off",
    "late": "for whom a late read changed what they are",
}


class AlertLine(NamedTuple):
    """One line of a list for people: an alert, or the rest of those of one kind and race (`of`, the oldest first)."""

    kind: str
    severity: Severity
    at_ms: int
    text: str
    todo: str
    of: tuple[Alert, ...]


def alert_lines(found: Sequence[Alert]) -> list[AlertLine]:
    """The alerts in their order, those of one kind and race beyond a few in one line, where the first of them would stand."""
    groups: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for one in found:
        if (group := _group(one)) is not None:
            groups[group].append(one)
    folded = {group: tuple(all_of[FEW:]) for group, all_of in groups.items() if len(all_of) > FEW + 1}
    hidden = {one.id for rest in folded.values() for one in rest}
    lines: list[AlertLine] = []
    for one in found:
        group = _group(one)
        if one.id not in hidden:
            lines.append(AlertLine(one.kind, one.severity, one.at_ms, one.text, one.todo, (one,)))
        elif group is not None and (rest := folded.pop(group, None)) is not None:
            kind, race = group
            named = sorted({each.bib or "" for each in rest}, key=_as_people_count)
            text = f"{len(rest)} more in race {race} {_OF_MANY[kind]}: {bibs(named, _NAMED)}"
            lines.append(AlertLine(kind, one.severity, one.at_ms, text, one.todo, rest))
    return lines


def together(many: Sequence[Alert]) -> str:
    """All alerts of one kind about runners, in one line: how many, and who, in the order of the alerts."""
    return f"{len(many)} {_OF_MANY[many[0].kind]}: {bibs(dict.fromkeys(one.bib or '' for one in many), _NAMED)}"


def is_of_a_runner(one: Alert) -> bool:
    """Whether it is of a kind that many runners can have at once."""
    return _group(one) is not None


def first_of(found: Sequence[Alert], most: int) -> list[Alert]:
    """The first `most` alerts, in their order: of each severity a few of every kind and race come before the others of it."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    wanted: list[tuple[int, bool, int]] = []
    for no, one in enumerate(found):
        group = _group(one)
        wanted.append((-one.severity, group is not None and seen[group] >= FEW, no))
        if group is not None:
            seen[group] += 1
    return [found[no] for no in sorted(no for *_, no in sorted(wanted)[:most])]


def _as_people_count(bib: str) -> tuple[int, str]:
    return len(bib), bib


def _group(one: Alert) -> tuple[str, str] | None:
    return None if one.race is None or one.bib is None or one.kind not in _OF_MANY else (one.kind, one.race)
