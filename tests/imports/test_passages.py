"""Passages from the files of others: what each kind of file states, and what is wrong with it, line by line."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.conftest import GUN_MS, MINUTE_MS, RaceDay, Said, Tracker, race_day
from tests.imports.test_round_trips import facts_of

DAY = race_day(9)
COL = "2022-06-25T08:00:00+02:00"
COL_MS = GUN_MS + 120 * MINUTE_MS


@pytest.fixture
def taking(tmp_path: Path, tracker: Tracker) -> Any:
    """Import a file of this content; returns what was said, and what the journal says then, as (time, bib, station, way)."""

    def take(content: str | bytes, *words: object, name: str = "times.csv", day: RaceDay = DAY) -> tuple[Said, list[tuple[object, ...]]]:
        file, journal = tmp_path / name, tmp_path / "race.db"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        said = tracker("import", "passages", journal, file, *day.files(tmp_path), *words)
        found = {fact[1:5] for fact in facts_of(journal) if len(fact) == 8} if journal.exists() else set()
        return said, sorted(found, key=str)

    return take


@pytest.mark.parametrize(
    "header",
    [
        "bib,time,checkpoint",
        "Startnummer,Zeit,Ort",
        "Dossard,Heure de passage,Point de contrôle",
        "Dorsal,Hora,Punto de control",
        "Pettorale,Orario,Punto di controllo",
    ],
)
def test_columns_are_found_by_their_names_in_five_languages(header: str, taking: Any) -> None:
    said, found = taking(f"{header}\n7,{COL},col\n")
    assert said.code == 0, said.err
    assert found == [(COL_MS, "7", "col", None)]
    assert f'bib = "{header.split(",", maxsplit=1)[0]}"' in said.out


def test_the_organiser_says_which_column_is_which(taking: Any) -> None:
    said, found = taking(f'A;B;"C, D"\n7;{COL};Hütte\n', "--map", 'bib=A,time="B"', "--map", '"checkpoint=C, D"', "--place", "Hütte=hut")
    assert said.code == 0, said.err
    assert found == [(COL_MS, "7", "hut", None)]


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2022-06-25T08:00:00+02:00", ()),
        ("2022-06-25 06:00:00Z", ()),
        ("2022-06-25 00:00:00-6:00", ()),
        ("2022-06-25 08:00", ()),
        ("25.06.2022 08:00:00", ()),
        ("25/06/2022 8:00:00 AM", ()),
        ("6/25/2022 08:00:00", ()),
        (str(COL_MS), ()),
        ("Sat 08:00:00", ()),
        ("08:00:00", ("--date", "2022-06-25")),
        ("32:00:00", ("--date", "24.06.2022")),
        ("2:00:00", ("--elapsed",)),
    ],
)
def test_times_as_people_write_them_are_one_moment(time: str, words: tuple[str, ...], taking: Any) -> None:
    said, found = taking(f"bib;time;checkpoint\n7;{time};col\n", *words)
    assert said.code == 0, said.err
    assert found == [(COL_MS, "7", "col", None)]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (f",{COL},col", "the bib is empty. Write the bib, or take the line out"),
        ("7,,col", "the time is empty"),
        ("7,soon,col", '"soon" is no time. Write 2022-06-25T03:00:00+02:00'),
        ("7,2022-06-31 08:00,col", "is on no calendar or clock"),
        ("7,2022-06-25 25:00,col", "is on no calendar or clock"),
        ("7,08:00:00,col", '"08:00:00" has no date. Say --date'),
        ("7,1850-06-25 08:00:00,col", "1850 is no year of a race"),
        (f"7,{COL},summit", '"summit" is no checkpoint. Write one of start, col, hut, ridge, finish'),
        (f"7,{COL},", "the checkpoint is empty"),
        (f"7,{COL},col,more", "there are 4 cells, and the header has 3"),
        (f"{'7' * 30},{COL},col", "has 30 characters"),
        (f"\x1b,{COL},col", 'field "bib" is blank'),
    ],
)
def test_each_bad_line_is_named_with_what_to_do_and_kept_in_quarantine(
    row: str, says: str, taking: Any, tracker: Tracker, tmp_path: Path
) -> None:
    said, found = taking(f"bib,time,checkpoint\n1,{COL},col\n{row}\n2,{COL},col\n")
    assert said.code == 1
    assert f"times.csv: line 3: {says}" in said.err or ("times.csv: line 3" in said.err and says in said.err)
    assert [fact[1] for fact in found] == ["1", "2"]
    assert "2 new facts, 0 known already, 1 in quarantine" in said.out
    assert json.loads(tracker("status", tmp_path / "race.db", "--json").out)["quarantined"] == 1
    again, _ = taking(f"bib,time,checkpoint\n1,{COL},col\n{row}\n2,{COL},col\n")
    assert "0 new facts, 2 known already, 1 in quarantine" in again.out
    assert json.loads(tracker("status", tmp_path / "race.db", "--json").out)["quarantined"] == 1


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        ("runner,time,checkpoint\n", (), 'no column is the bib. Say which: --map bib="…"; the columns are runner, time, checkpoint'),
        ("bib,checkpoint\n7,col\n", (), "no column is the time"),
        ("bib,time\n7,08:00\n", (), "no column is the checkpoint"),
        ("bib,time,checkpoint\n", ("--map", "bip=x"), '--map names "bip". Write "bib"'),
        ("bib,time,checkpoint\n", ("--map", "bib=Nr"), 'there is no column "Nr" (--map bib=…)'),
        ("bib,time,checkpoint\n", ("--place", "Ziel=finnish"), 'there is no checkpoint "finnish"'),
        ("bib,time,checkpoint\n", ("--race", "100k"), '"100k" is no race of the event'),
        ('bib,time,checkpoint\n"7,x\n', (), "line 2: this is no CSV"),
        (b"bib,time\n\x81\x8d", (), "is no text (byte 9)"),
        (b"PK\x03\x04 no workbook", (), "is no workbook that can be read"),
        ("{", (), "is no JSON"),
        ('{"data": "x"}', (), "is JSON that states no passages"),
        ("bib,time,checkpoint\n7,08:00:00,col\n8,08:00:01,col\n", (), "no line states a passage, so nothing was written"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(content: str | bytes, words: tuple[str, ...], says: str, taking: Any) -> None:
    said, found = taking(content, *words)
    assert said.code == 1
    assert says in said.err
    assert found == []


def test_a_preview_says_what_would_be_taken_and_every_fault_and_writes_nothing(tmp_path: Path, tracker: Tracker) -> None:
    rows = "".join(f"{n},{COL},col\n" for n in (1, 2, 77)) + "".join(f"{n},never,col\n" for n in range(30))
    (tmp_path / "times.csv").write_text("bib,time,checkpoint\n" + rows)
    files = DAY.files(tmp_path)
    before = sorted(tmp_path.iterdir())
    said = tracker("import", "passages", tmp_path / "race.db", tmp_path / "times.csv", *files, "--preview")
    assert said.code == 1
    assert "3 new facts, 0 known already, 30 faults; nothing was written" in said.out
    assert "1 bib not on the roster, kept and shown as alerts: 77" in said.out
    assert said.err.count("is no time") == 30
    assert sorted(tmp_path.iterdir()) == before
    assert tracker("import", "passages", tmp_path / "race.db", tmp_path / "times.csv", *files).code == 1
    kept = facts_of(tmp_path / "race.db")
    said = tracker("import", "passages", tmp_path / "race.db", tmp_path / "times.csv", "--preview")
    assert "0 new facts, 3 known already, 30 faults" in said.out
    assert facts_of(tmp_path / "race.db") == kept


def test_a_spread_of_split_times_has_a_row_a_runner(taking: Any) -> None:
    spread = (
        "Overall rank,Gender rank,Bib number,First name,Last name,Start,Col In,Col Out,Hut,Finish\n"
        "1,1,7,Ada,Muster,00:00:00,02:00:00,02:05:00,--,06:00:00\n2,1,8,Bea,Muster,00:00:03,,,,\n"
    )
    said, found = taking(spread.replace("Start", "village").replace("Finish", "finish"), "--elapsed")
    assert said.code == 0, said.err
    assert found == sorted(
        [
            *((GUN_MS, "7", "village", None), (COL_MS, "7", "col", "in"), (COL_MS + 5 * MINUTE_MS, "7", "col", "out")),
            *((GUN_MS + 360 * MINUTE_MS, "7", "village", None), (GUN_MS + 3_000, "8", "village", None)),
        ],
        key=str,
    )


def test_who_stopped_at_a_checkpoint_gave_up_there_and_who_stopped_at_the_finish_did_not(
    taking: Any, tracker: Tracker, tmp_path: Path
) -> None:
    raw = [
        {"type": "raw_time", "attributes": {"source": "ost", "sub_split_kind": "in", "entered_time": f"2022-06-25 0{hour}:00:00+02:00"}}
        for hour in (6, 8, 6)
    ]
    for one, bib, name, stopped in zip(raw, ("7", "7", "8"), ("Village (start)", "Col", "finish"), ("false", "true", "true"), strict=True):
        one["attributes"] |= {"split_name": name, "bib_number": bib, "stopped_here": stopped}  # type: ignore[operator]
    said, _ = taking(json.dumps({"data": raw, "data_format": "jsonapi_batch"}), name="raw.json")
    assert said.code == 0, said.err
    assert "3 passages and 1 withdrawal of 2 bibs" in said.out
    status = json.loads(tracker("status", tmp_path / "race.db", "--json").out)
    assert {one["bib"]: one["status"] for one in status["races"]["40k"]["runners"]}["7"] == "withdrawn"


def test_raw_data_of_race_result_as_json(taking: Any) -> None:
    passing = {"Transponder": "ZTEST01", "DeviceID": "D-1", "UTCTime": "2022-06-25T06:00:00.000Z"}
    items = [
        {"ID": 1, "Bib": 7, "TimingPoint": "COL", "Time": 28800.0, "Invalid": False, "Passing": passing},
        {"ID": 2, "Bib": 8, "TimingPoint": "ZIEL", "Time": 28800.0, "Invalid": False},
        {"ID": 3, "Bib": 9, "TimingPoint": "COL", "Time": 1.0, "Invalid": True},
        {"ID": 4, "Bib": 0, "TimingPoint": "COL", "Time": 1.0},
    ]
    lines = "\n".join(map(json.dumps, items))
    said, found = taking(lines, "--place", "ZIEL=finish", "--date", "2022-06-25", name="raw.json")
    assert found == [(COL_MS, "7", "col", None), (COL_MS, "8", "village", None)]
    assert "raw.json: item 4: it has no bib" in said.err
    assert "1 line left out: marked invalid" in said.out


def test_passing_records_of_race_result_with_the_chips_of_the_roster(taking: Any) -> None:
    chips = DAY.roster_csv.replace("name,sex", "name,sex,Transponder").replace("Runner 7,F", "Runner 7,F,ZTEST07")
    chips = "\n".join(line if line.count(",") == 4 else f"{line}," for line in chips.splitlines()) + "\n"
    tail = "0;12;-70;;1;1;1;;5;3;17;;Col;4;;D-9"
    records = f"1;ZTEST07;2022-06-25;08:00:00.500;{tail}\n2;8;;08:00:01;{tail}\n3;9;;08:00;0\n"
    said, found = taking(records, "--date", "2022-06-25", day=RaceDay(DAY.event_toml, chips, []))
    assert found == [(COL_MS + 500, "7", "col", None), (COL_MS + 1000, "8", "col", None)], said.err
    assert "line 3: there are 5 fields, and a passing record has 19 or 20" in said.err


def test_a_workbook_is_a_table_too(taking: Any, tmp_path: Path) -> None:
    from datetime import datetime  # noqa: PLC0415

    book = Workbook()
    assert book.active is not None
    for row in (["Dossard", "Heure", "Lieu"], [7, datetime(2022, 6, 25, 8, 0), "Col"], ["007", "2022-06-25 08:00:00", "Col"]):
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    said, found = taking((tmp_path / "b.xlsx").read_bytes(), name="times.xlsx")
    assert said.code == 0, said.err
    assert [fact[:2] for fact in found] == [(COL_MS, "007"), (COL_MS, "7")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_any_encoding_that_spreadsheets_save(encoding: str, taking: Any) -> None:
    said, found = taking(f"Startnr\tZeit\tOrt\n7\t{COL}\tHütte\n".encode(encoding), "--place", "Hütte=hut")
    assert found == [(COL_MS, "7", "hut", None)], said.err
    assert ("was read as Windows-1252" in said.err) == (encoding == "cp1252")


def test_the_same_line_is_the_same_fact_in_whichever_file_it_comes(taking: Any) -> None:
    taking(f"bib,time,checkpoint\n7,{COL},col\n")
    said, found = taking("Ort;Zeit;Startnr\ncol;25.06.2022 08:00:00;7\ncol;25.06.2022 08:00:00;7\n", name="other.csv")
    assert "0 new facts, 2 known already" in said.out
    assert len(found) == 1


def test_hostile_cells_are_kept_as_text(taking: Any) -> None:
    said, found = taking(f"bib,time,checkpoint,device\n=1+1,{COL},col,\"=cmd|'/C calc'!A0\"\n🏃,{COL},col,x\n")
    assert [fact[1] for fact in found] == ["=1+1", "🏃"], said.err
