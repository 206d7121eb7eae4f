"""The race that hostile messages are about: the three courses of the hill, with waves, categories and a start list of some hundred.

Small enough to be judged anew in a second, and with everything in it that a message can name.
"""

from tests.conftest import race_toml
from tracker.journal import Sources

EVENT = "hill"
RUNNERS = 300
STATIONS = ("village", "col", "hut", "ridge", "lake")
CHECKPOINTS = ("start", "col", "hut", "ridge", "lake", "finish")
RACES = ("40k", "20k")
DEVICES = tuple(f"{station}-{no}" for station in STATIONS for no in (1, 2, 3))
BIBS = tuple(str(number) for number in range(1, RUNNERS + 1))

EVENT_TOML = (
    '[event]\nid = "hill"\nname = "Hill Race"\ntimezone = "Europe/Andorra"\n'
    + race_toml(
        "40k",
        2400,
        ("start", "village", 0.0, None),
        ("col", "col", 10.0, "4h"),
        ("hut", "hut", 20.0, "7h"),
        ("ridge", "ridge", 30.0, "10h"),
        ("finish", "village", 40.0, "13h"),
    )
    + '[[race.wave]]\nid = "a"\nstart = 2022-06-25T06:00:00\n[[race.wave]]\nid = "b"\nstart = 2022-06-25T06:10:00\n'
    + '[[race.category]]\ncode = "O40"\nname = "Veteran"\nmin_age = 40\n[[race.category]]\ncode = "SEN"\nname = "Senior"\nmax_age = 39\n'
    + race_toml("20k", 900, ("start", "village", 0.0, None), ("lake", "lake", 9.0, "3h"), ("finish", "village", 20.0, "6h"))
)


def _line(number: int) -> str:
    race, wave = ("20k", "") if number % 3 == 0 else ("40k", "ab"[number % 2])
    return f"{number},{race},Runner {number},{'MF'[number % 2]},{1960 + number % 40},{wave}\n"


ROSTER_CSV = "bib,race,name,sex,birth_year,wave\n" + "".join(_line(number) for number in range(1, RUNNERS + 1))
SOURCES = Sources("hill.toml", EVENT_TOML, "roster.csv", ROSTER_CSV, "tracker")
