"""Event files for tests, made in a line: a sound one, and the same with something changed."""

from tracker.core.course import Event, Race
from tracker.files.check import check_event
from tracker.files.event import CourseError, read_event
from tracker.files.finding import Severity

HEAD = """\
[event]
id = "trail"
name = "Trail"
timezone = "Europe/Andorra"
"""

RACE = """
[[race]]
id = "50k"
name = "Trail 50K"
start = 2022-06-25T08:00:00
distance_km = 50.0
gain_m = 3000
"""

START = """
[[race.checkpoint]]
id = "start"
station = "ordino"
name = "Ordino"
km = 0.0
"""

MIDDLE = """
[[race.checkpoint]]
id = "refuge"
station = "refuge"
name = "Refuge"
km = 20.0
cutoff = "6h"
"""

FINISH = """
[[race.checkpoint]]
id = "finish"
station = "ordino"
name = "Ordino"
km = 50.0
cutoff = "14h"
"""

SOUND = HEAD + RACE + START + MIDDLE + FINISH


def changed(old: str, new: str, text: str = SOUND) -> str:
    """The text with one thing replaced, which must be there once."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def with_race_keys(keys: str) -> str:
    """The sound file with more keys in its race."""
    return changed("gain_m = 3000\n", f"gain_m = 3000\n{keys}\n")


def at_refuge(keys: str) -> str:
    """The sound file with more keys at the refuge."""
    return changed('cutoff = "6h"\n', f'cutoff = "6h"\n{keys}\n')


def refuge_cutoff(toml: str) -> str:
    """The sound file with another cutoff at the refuge, as TOML writes it."""
    return changed('cutoff = "6h"', f"cutoff = {toml}")


def with_categories(*categories: str) -> str:
    """The sound file with categories: `O40 40-49`, `Master 60-`, `Open`, `35-39M 35-39 M`."""
    text = SOUND
    for category in categories:
        code, ages, sex, *_ = [*category.split(" "), "", ""]
        least, _, most = ages.partition("-")
        text += f'\n[[race.category]]\ncode = "{code}"\nname = "{code}"\n'
        text += f"min_age = {least}\n" * bool(least) + f"max_age = {most}\n" * bool(most) + f'sex = "{sex}"\n' * bool(sex)
    return text


def race_of(text: str) -> Race:
    """The first race of a file that reads without faults."""
    return event_of(text).races[0]


def event_of(text: str) -> Event:
    """The event of a file that reads without faults."""
    return read_event(text, "trail.toml")


def error_of(text: str) -> str:
    """The whole error of a file that cannot be used."""
    try:
        read_event(text, "trail.toml")
    except CourseError as error:
        return str(error)
    raise AssertionError("the file was read without a fault")


def doubts_of(text: str) -> list[str]:
    """The doubts about a file that can be used."""
    event_of(text)
    findings = check_event(text, "trail.toml")
    assert all(finding.severity is Severity.DOUBT for finding in findings)
    return [str(finding) for finding in findings]
