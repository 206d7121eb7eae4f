"""Elite entries, sentence by sentence of the series' page; each test's docstring quotes the sentence and its line."""

from itertools import product

import pytest

from tests.series.builders import RULES, enters

WOMEN = {"free": (710, 690, 650), "region 1": (650, 610, 560), "region 2": (560, 520, 450)}
MEN = {"free": (850, 820, 800), "region 1": (800, 770, 720), "region 2": (710, 660, 660)}
CATEGORIES = ("50K", "100K", "100M")
COUNTRY = {"free": "FR", "region 1": "FR", "region 2": "AR"}


@pytest.mark.parametrize(("tier", "granted"), [("event", True), ("major", True), ("finals", False), ("index", False)])
def test_elite_entries_are_for_events_and_majors(tier: str, granted: bool) -> None:
    """Seed 37: "Elite runners can obtain a free access or direct access to the UTMB World Series Events and UTMB World Series Majors"."""
    found = enters(900, tier=tier)
    assert found.granted is granted
    assert granted or found.reason == f'at a race of the tier "{tier}" elite runners have no access of their own'


def test_the_index_is_the_one_in_the_category_of_the_race() -> None:
    """Seed 39: "we grant acess to elites runners based on their UTMB Index in the category of the race they chose to compete."."""
    assert [enters(700, category=category).free for category in CATEGORIES] == [False, True, True]
    assert enters(None).reason == "no index in the category of the race, 50K"


@pytest.mark.parametrize(
    ("registered", "granted"), [("2024-01-09", False), ("2024-01-10", True), ("2024-03-31", True), ("2024-04-01", False)]
)
def test_who_registers_outside_the_period_gets_nothing(registered: str, granted: bool) -> None:
    """Seed 41: "Elite runners must register during the registration period, no registration will be accepted after the deadline."."""
    found = enters(900, registered=registered, closes="2024-03-31", lottery=False)
    assert found.granted is granted
    assert granted or found.reason == f"registered {registered}, and the registration period is 2024-01-10 to 2024-03-31"


def test_once_a_race_is_sold_out_the_organiser_may_refuse() -> None:
    """Seed 42: "Once a distance is sold out, the event organiser has the right to refuse an elite registration."."""
    assert [enters(900, sold_out=sold_out).may_refuse for sold_out in (False, True)] == [False, True]
    assert enters(900, sold_out=True).granted
    assert not enters(100, sold_out=True).may_refuse


@pytest.mark.parametrize(("registered", "granted"), [("2024-04-15", True), ("2024-04-16", False)])
def test_sixty_days_before_the_race_is_the_last_day(registered: str, granted: bool) -> None:
    """Seed 43: "All elites must register to a race at least 60 days before the race."."""
    found = enters(900, registered=registered, day="2024-06-14")
    assert found.granted is granted
    assert granted or found.reason == "registered 2024-04-16, 59 days before the race, and 60 are asked for"


def test_who_meets_the_table_needs_the_dates_too() -> None:
    """Seed 45: "Runners meeting the criteria below may benefit from the above registration conditions."."""
    assert enters(710).granted
    assert not enters(710, registered="2024-06-01").granted
    assert not enters(559, country="AR").granted


@pytest.mark.parametrize(
    ("sex", "row", "at"), [*product("F", WOMEN, range(3)), *product("M", MEN, range(3))], ids=lambda value: str(value).replace(" ", "-")
)
def test_each_figure_of_the_tables_is_the_least_index_for_its_benefit(sex: str, row: str, at: int) -> None:
    """Seed 48 to 51 and 54 to 57: the tables "Direct* and free entry", "Direct* and paid entry Region 1", "… Region 2"."""
    least = {"F": WOMEN, "M": MEN}[sex][row][at]
    enough, less = (enters(index, sex, CATEGORIES[at], COUNTRY[row]) for index in (least, least - 1))
    assert (enough.granted, enough.direct, enough.free) == (True, True, row == "free")
    assert (less.granted, less.free) == (row == "free", False)


def test_the_tables_have_women_and_men_and_three_categories() -> None:
    """Seed 48 and 54: "Distance Category 50K 100K 100M"."""
    assert {*RULES.elite.limits} == {*product("FM", CATEGORIES)}
    assert enters(900, "X").reason == "the tables are for women and men, and the sex is X"
    assert enters(900, None).reason == "the tables are for women and men, and the sex is not known"
    assert enters(900, category="20K").reason == "the tables have no 20K"
    assert enters(900, category=None).reason == "the tables have no race so short"


def test_access_is_direct_where_a_lottery_decides_for_others() -> None:
    """Seed 59: "*Direct access applies to races where there is a lottery for general access."."""
    assert [(enters(700, lottery=lottery).direct, enters(700, lottery=lottery).granted) for lottery in (True, False)] == [
        (True, True),
        (False, True),
    ]


def test_with_a_lottery_the_period_is_the_lotterys_own() -> None:
    """Seed 59: "All applications must be recieved during the lottery registration period."."""
    found = enters(900, registered="2024-02-01", closes="2024-01-31", lottery=True)
    assert found.reason == "registered 2024-02-01, and the lottery's registration period is 2024-01-10 to 2024-01-31"


@pytest.mark.parametrize("country", ["US", "FR", "AD", "GB", "UA", "CN", "AU", "NZ", "FJ"])
def test_region_1_is_the_usa_europe_china_and_oceania(country: str) -> None:
    """Seed 61: "Regions are base on the location of the race and not the nationality … Region 1: USA, Europe, China, Oceania"."""
    found = enters(600, country=country)
    assert found.reason == f"index 600, and 650 is asked of women in 50K in region 1 ({country})"
    assert not found.granted


@pytest.mark.parametrize("country", ["AR", "ZA", "TH", "MX", "CA", "TR", "JP"])
def test_region_2_is_every_other_country(country: str) -> None:
    """Seed 62: "Region 2: All other countries and regions."."""
    found = enters(600, country=country)
    assert found.reason == f"index 600, and 560 is asked of women in 50K in region 2 ({country})"
    assert found.granted


def test_where_the_country_is_not_known_only_free_entry_can_be_said() -> None:
    """Seed 61: "Regions are base on the location of the race": without one there is no region."""
    assert enters(710, country=None).free
    assert enters(559, country=None).reason == "index 559, and 560 is asked of women in 50K at least, in whatever region"
    assert enters(650, country=None).reason == "the country of the race is not known, and so not its region: add it to the event file"
