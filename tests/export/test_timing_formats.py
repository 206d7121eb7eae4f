"""What timing systems are given: the golden files, and what a reader of theirs finds in them."""

import csv
import io
import json
from pathlib import Path

import pytest
from lxml import etree

from tests.conftest import RaceDay
from tests.core.builders import field_of, neutralises, race_with, reads
from tests.export.golden import hold, journal_of, race, results_of
from tracker.export import FORMATS
from tracker.export.results import Provenance, Results

IOF = {"i": "http://www.orienteering.org/datastandard/3.0", "t": "urn:trail-tracker:results"}
RULES = etree.XMLSchema(etree.parse(str(Path(__file__).with_name("iof_rules.xsd"))))
FILES = {
    "splits-csv": "splits.csv",
    "opensplittime": "opensplittime.json",
    "iof-xml": "iof.xml",
    "livetrail-json": "livetrail.json",
}


def hostile(folder: Path, name: str) -> Results:
    """The golden race with one runner under another name."""
    day = race()
    quoted = '"' + name.replace('"', '""') + '"'
    return results_of(
        journal_of(RaceDay(day.event_toml, day.roster_csv.replace("Storm Halted", quoted), day.messages), folder / "hostile.db")
    )


def test_a_passing_is_told_in_the_race_s_time_as_the_official_time_is() -> None:
    still = neutralises("4h", "5h")
    field = field_of(race_with(timing="chip"), [*reads(start="10m", botella="3h", illa="7h", finish="20h10m"), still], count=1)
    results = Results(field, field.now_ms, ["105k"], None, Provenance("final", "d1", field.now_ms, "0"))
    run = etree.fromstring(FORMATS["iof-xml"](results)).find(".//i:Result", IOF)
    assert run is not None
    splits = {one.findtext("i:ControlCode", "", IOF): one.findtext("i:Time", "", IOF) for one in run.iterfind("i:SplitTime", IOF)}
    assert (splits["botella"], splits["illa"], run.findtext("i:Time", "", IOF)) == ("10200", "21000", "68400")
    (runner,) = json.loads(FORMATS["livetrail-json"](results))["courses"][0]["coureurs"]
    assert [one["tps"] for one in runner["pass"]] == ["0:00:00", "2:50:00", "5:50:00", "19:00:00"]
    assert runner["tps"] == "19:00:00"


@pytest.mark.parametrize("name", FILES)
def test_the_golden_race_is_written_as_it_was(name: str, golden: Results) -> None:
    hold(FILES[name], FORMATS[name](golden))


@pytest.mark.parametrize("name", FILES)
def test_each_says_of_which_state_it_is_when_it_was_made_and_by_what(name: str, golden: Results) -> None:
    written = FORMATS[name](golden).decode()
    assert all(value in written for value in golden.made().values())


def test_a_row_a_passage_and_a_row_a_withdrawal(golden: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["splits-csv"](golden).decode())))
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert [row["checkpoint"] for row in rows if row["bib"] == "1"] == ["start", "col", "hut", "finish"]
    (gave_up,) = [row for row in rows if row["kind"] == "withdrawal"]
    assert (gave_up["bib"], gave_up["station"], gave_up["reason"], gave_up["signed"]) == ("5", "col", "injury", "yes")


def test_open_split_time_is_given_raw_times_and_entrants_by_its_own_rules(golden: Results) -> None:
    body = json.loads(FORMATS["opensplittime"](golden))
    assert body["data_format"] == "jsonapi_batch"
    for raw in body["data"]:
        assert raw["type"] == "raw_time"
        said = raw["attributes"]
        assert set(said) == {"source", "sub_split_kind", "with_pacer", "entered_time", "split_name", "bib_number", "stopped_here"}
        assert all(isinstance(value, str) and value for value in said.values())
        assert said["sub_split_kind"] in ("in", "out")
    assert body["data"][0]["attributes"]["entered_time"] == "2022-06-25 06:00:10+02:00"
    stopped = [raw["attributes"] for raw in body["data"] if raw["attributes"]["stopped_here"] == "true"]
    assert [(said["bib_number"], said["split_name"]) for said in stopped] == [("5", "Col")]
    entrants = body["entrants"]["30k"]["data"]
    assert {one["type"] for one in entrants} == {"effort"}
    assert len(entrants) == 12
    assert entrants[0]["attributes"] == {
        "bib_number": "1",
        "first_name": "Élodie",
        "last_name": "Žižkůvka",
        "gender": "female",
        "birthdate": "1990-02-28",
        "country_code": "FR",
        "city": "Chaumièreville",
    }
    assert body["left_out"] == []


def test_what_open_split_time_would_refuse_is_left_out_and_named(tmp_path: Path) -> None:
    day = race()
    of_m7 = [(topic, payload.replace(b'"bib":"1"', b'"bib":"M7"')) for topic, payload in day.messages]
    other = RaceDay(day.event_toml, day.roster_csv.replace("\n1,", "\nM7,"), of_m7)
    body = json.loads(FORMATS["opensplittime"](results_of(journal_of(other, tmp_path / "m7.db"))))
    assert {(one["bib"], one["why"]) for one in body["left_out"]} == {("M7", "a bib there is one to six digits")}
    assert len(body["left_out"]) == 4 + 1
    assert not [one for one in body["data"] if one["attributes"]["bib_number"] == "M7"]


def test_the_iof_list_keeps_the_rules_of_the_published_schema(golden: Results) -> None:
    tree = etree.fromstring(FORMATS["iof-xml"](golden))
    RULES.assertValid(tree)
    for result in tree.iterfind(".//i:Result", IOF):
        assert [split.findtext("i:ControlCode", namespaces=IOF) for split in result.iterfind("i:SplitTime", IOF)] == ["col", "hut"]
        assert (result.find("i:Position", IOF) is None) or result.findtext("i:Status", namespaces=IOF) == "OK"
        for split in result.iterfind("i:SplitTime", IOF):
            assert (split.get("status") == "Missing") == (split.find("i:Time", IOF) is None)


def test_the_iof_list_has_every_status_a_tie_and_the_penalty(golden: Results) -> None:
    tree = etree.fromstring(FORMATS["iof-xml"](golden))
    found = {
        result.findtext("i:BibNumber", namespaces=IOF): (
            result.findtext("i:Status", namespaces=IOF),
            result.findtext("i:Position", namespaces=IOF),
            result.findtext("i:Time", namespaces=IOF),
        )
        for result in tree.iterfind(".//i:Result", IOF)
    }
    assert found == {
        "1": ("OK", "1", "16215"),
        "2": ("OK", "2", "17100"),
        "3": ("OK", "2", "17100"),
        "11": ("OK", "4", "18000"),
        "4": ("OK", "5", "21600"),
        "10": ("Active", None, None),
        "5": ("DidNotFinish", None, None),
        "6": ("OverTime", None, None),
        "8": ("Disqualified", None, None),
        "9": ("DidNotFinish", None, None),
        "7": ("DidNotStart", None, None),
        "12": ("DidNotStart", None, None),
    }


def test_the_rules_refuse_what_the_published_schema_refuses(golden: Results) -> None:
    for wrong, right in ((b"<Status>OK<", b"<Status>Won<"), (b"<Time>16215<", b"<Time>4:30:15<"), (b"<Family>", b"<Surname>")):
        text = FORMATS["iof-xml"](golden)
        assert wrong in text
        broken = text.replace(wrong, right).replace(b"</Family>", b"</Surname>" if right == b"<Surname>" else b"</Family>")
        assert not RULES.validate(etree.fromstring(broken))


def test_live_trail_is_given_courses_points_runners_and_passings(golden: Results) -> None:
    found = json.loads(FORMATS["livetrail-json"](golden))
    (course,) = found["courses"]
    assert [point["nc"] for point in course["points"]] == ["start", "col", "hut", "finish"]
    runners = {one["doss"]: one for one in course["coureurs"]}
    assert {bib: one["etat"] for bib, one in runners.items()} == {
        **dict.fromkeys(("1", "2", "3", "4", "11"), "arrive"),
        "5": "abandon",
        "6": "horsdelai",
        "7": "np",
        "8": "disqualifie",
        "9": "arrete",
        "10": "course",
        "12": "np",
    }
    assert runners["11"]["tps"] == "5:00:00"
    assert runners["1"]["pass"][1] == {"idpt": 1, "date": "2022-06-25", "ha": "07:30:00", "hd": "07:30:00", "tps": "1:30:00"}


NAMES = (
    *("=1+1", "<script>alert(1)</script>&amp;", 'a "quoted" name', "\u202eevil"),
    *("\x00\x1b[31mred\x07", "\ufffe\uffff odd", "🏃" * 40, "x" * 10_000),
)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_a_format(name: str, tmp_path: Path) -> None:
    results = hostile(tmp_path, name)
    RULES.assertValid(etree.fromstring(FORMATS["iof-xml"](results)))
    for each in ("opensplittime", "livetrail-json"):
        json.loads(FORMATS[each](results))
    for row in csv.reader(io.StringIO(FORMATS["splits-csv"](results).decode())):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
