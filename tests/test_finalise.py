"""`tracker finalise` on real journals: what it refuses, what a late fact does to what was final, and who agrees on it."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from pypdf import PdfReader

from tests.conftest import EVENT_TOML, PATIENCE_S, Message, Mosquitto, RaceDay, Said, Tracker, Way, race_day, race_toml, until, write_lines
from tests.desk.test_desk import office
from tests.ingest.running import Running, holds, running
from tests.ingest.test_live_topics import told
from tracker.commands import finalise as finalise_
from tracker.journal import Journal
from tracker.mqtt.address import Broker
from tracker.mqtt.sender import Sender
from tracker.outbox import outbox_path
from tracker.wire.desk import DESK_KINDS

WHO = ("--author", "R. Jury", "--reason", "no protests")
EVENING = "2022-06-25T20:00:00+02:00"
ENDED = race_day(12)
"""All but bib 10, who gave up at the hut."""


def desk(kind: str, name: str, **fields: object) -> Message:
    said = {"id": name, "time": EVENING, "author": "Office", "reason": "seen", **fields}
    return f"tracker/hill/desk/{kind}", orjson.dumps(said)


def finish_of(bib: str) -> Message:
    return [one for one in ENDED.messages if "/village/passage" in one[0] and orjson.loads(one[1])["bib"] == bib][-1]


LATE = finish_of("3")
SETTLED = [
    desk("accounted", "safe-3", bib="3"),
    desk("accounted", "safe-10", bib="10", where="bus"),
    desk("status", "out-3", bib="3", status="out_of_time"),
]
"""The desk's words after which nothing is open; what the finish read of bib 3 has not come."""
BACK = desk("void", "back-3", fact="out-3")


def fed(path: Path, tracker: Tracker, *messages: Message, day: RaceDay = ENDED) -> Path:
    files = () if path.exists() else day.files(path.parent)
    assert tracker("feed", path, write_lines(path.with_suffix(".jsonl"), messages), *files).code == 0
    return path


@pytest.fixture
def ended(tmp_path: Path, tracker: Tracker) -> Path:
    """The race after its end, in which three things are open."""
    return fed(tmp_path / "race.db", tracker, *(one for one in ENDED.messages if one != LATE))


def results(tracker: Tracker, journal: Path, race: str = "40k") -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(tracker("status", journal, "--json").out)["races"][race]["results"]
    return found


def finalised(tracker: Tracker, journal: Path, *words: str) -> Said:
    said = tracker("finalise", journal, *WHO, *words)
    assert said.code == 0, said.err
    return said


def test_what_is_open_is_listed_a_line_each_and_nothing_is_written(ended: Path, tracker: Tracker) -> None:
    before = tracker("status", ended).out.splitlines()[1].split(";")[0]
    said = tracker("finalise", ended, *WHO)
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        "40k bib 3 is out of time at Village, not confirmed; confirm with a desk status out_of_time, or let him go on with accepted",
        "40k bib 3 is out and not accounted for, last known at Ridge; find him, and say desk accounted when he is in safe hands",
        "40k bib 10 is out and not accounted for, last known at Hut; find him, and say desk accounted when he is in safe hands",
        "40k is not final: 3 things to settle",
    ]
    assert tracker("status", ended).out.splitlines()[1].split(";")[0] == before
    assert not outbox_path(ended).exists()


def test_once_they_are_settled_the_results_are_final_everywhere(ended: Path, tmp_path: Path, tracker: Tracker) -> None:
    assert results(tracker, ended) == {"state": "provisional", "final": None}
    fed(ended, tracker, *SETTLED)
    said = finalised(tracker, ended)
    assert said.out.startswith("40k: results final, by R. Jury: 12 runners, digest ")
    found = results(tracker, ended)
    assert (found["state"], found["final"]["by"], found["final"]["reason"]) == ("final", "R. Jury", "no protests")
    assert "changes" not in found
    assert any(
        line.startswith("results final since ") and line.endswith(" by R. Jury: no protests")
        for line in tracker("status", ended).out.splitlines()
    )
    exported = orjson.loads(tracker("export", ended, "--format", "json").out)
    assert (exported["results"], exported["races"]["40k"]["results"]) == ("final", found)
    assert tracker("export", ended, "--format", "csv").out.splitlines()[1].split(",")[-4] == "final"


def test_a_late_fact_that_changes_no_result_leaves_it_final(ended: Path, tracker: Tracker) -> None:
    fed(ended, tracker, *SETTLED)
    finalised(tracker, ended)
    again = {**orjson.loads(finish_of("4")[1]), "id": "another device", "device": "village-2", "seq": 1}
    beat = {"device": "col-1", "time": EVENING, "seq": 12}
    fed(
        ended,
        tracker,
        ("tracker/hill/village/passage", orjson.dumps(again)),
        ("tracker/hill/col/heartbeat", orjson.dumps(beat)),
        desk("note", "n-1"),
    )
    assert results(tracker, ended)["state"] == "final"


def test_a_late_fact_shows_that_they_are_no_longer_final_and_who_is_what_now(ended: Path, tracker: Tracker) -> None:
    fed(ended, tracker, *SETTLED)
    finalised(tracker, ended)
    fed(ended, tracker, BACK, LATE)
    found = results(tracker, ended)
    assert (found["state"], found["final"]["by"]) == ("provisional", "R. Jury")
    assert [one["bib"] for one in found["changes"]] == ["3", "4", "5", "6", "7", "8", "9", "11", "12"]
    assert found["changes"][0] == {
        "bib": "3",
        "was": {"race": "40k", "status": "out_of_time", "elapsed_s": None, "rank": None},
        "is": {"race": "40k", "status": "finished", "elapsed_s": 21672.003, "rank": 3},
    }
    lines = tracker("status", ended).out.splitlines()
    at = next(no for no, line in enumerate(lines) if line.startswith("results provisional: NO LONGER FINAL, as they were since "))
    assert lines[at + 1 : at + 3] == [
        "  bib 3: out of time, in safe hands -> finished, rank 3; official time none -> 6:01:12; at Village none -> Sat 12:01:12",
        "  8 other runners only in the place: bibs 4, 5, 6, 7, 8, 9 and 2 more",
    ]
    assert "no_longer_final" in [one["kind"] for one in orjson.loads(tracker("status", ended, "--json").out)["alerts"]]
    reason = "provisional: 40k was declared final by R. Jury; a fact that came later changed it"
    assert orjson.loads(tracker("export", ended, "--format", "json").out)["results"] == reason
    assert tracker("export", ended, "--format", "csv").out.splitlines()[1].split(",")[-4] == reason


def test_certificates_are_of_final_results_for_as_long_as_they_are_final(ended: Path, tmp_path: Path, tracker: Tracker) -> None:
    words, out = ("certificate", ended, "4", "-o", tmp_path / "four.pdf"), tmp_path / "four.pdf"
    fed(ended, tracker, *SETTLED)
    said = tracker(*words)
    assert (said.code, out.exists()) == (1, False)
    assert "the results of 40k are provisional; certificates are of final results, or --draft" in said.err
    finalised(tracker, ended)
    assert tracker(*words).code == 0
    assert "DRAFT" not in PdfReader(out).pages[0].extract_text()
    fed(ended, tracker, BACK, LATE)
    lost = "the results of 40k are provisional (40k was declared final by R. Jury; a fact that came later changed it)"
    assert lost in tracker(*words).err


def test_finalising_again_says_what_has_changed_and_replaces_it_and_a_void_takes_it_back(ended: Path, tracker: Tracker) -> None:
    fed(ended, tracker, *SETTLED)
    finalised(tracker, ended)
    fed(ended, tracker, BACK, LATE)
    said = tracker("finalise", ended, "--author", "R. Jury II", "--reason", "bib 3 had finished")
    assert said.out.splitlines()[:2] == [
        "40k since it was declared final by R. Jury:",
        "  bib 3: out of time, in safe hands -> finished, rank 3; official time none -> 6:01:12; at Village none -> Sat 12:01:12",
    ]
    assert results(tracker, ended)["final"]["by"] == "R. Jury II"
    assert results(tracker, ended)["state"] == "final"
    for by, state in (("R. Jury", "provisional"), (None, "provisional")):
        fed(ended, tracker, desk("void", f"v-{by}", fact=asyncio.run(newest_final(ended, by)), time="2199-01-01T00:00:00Z"))
        found = results(tracker, ended)
        assert (found["state"], found["final"] and found["final"]["by"]) == (state, by)


async def newest_final(path: Path, but_for: str | None) -> str:
    """The id of the last word that declared results final; of those that are not voided yet."""
    finals = await finals_of(path)
    return str(finals[-1 if but_for else 0]["id"])


async def finals_of(path: Path) -> list[dict[str, Any]]:
    async with await Journal.open(path) as journal:
        rows = [row async for some in journal.facts() for row in some]
    return [orjson.loads(row.payload) for row in rows if row.topic.endswith("/desk/final")]


def test_one_race_can_be_final_while_another_is_still_run(tmp_path: Path, tracker: Tracker) -> None:
    day = ENDED._replace(
        event_toml=EVENT_TOML + race_toml("15k", 900, ("start", "village", 0.0, None), ("finish", "col", 15.0, None)),
        roster_csv=f"{ENDED.roster_csv}901,15k,Runner 901,F\n",
    )
    journal = fed(tmp_path / "two.db", tracker, *ENDED.messages, *SETTLED, BACK, day=day)
    said = tracker("finalise", journal, *WHO)
    assert said.code == 1
    assert said.err.splitlines()[-1] == "15k is not final: 1 thing to settle"
    assert asyncio.run(finals_of(journal)) == [], "all or none"
    finalised(tracker, journal, "--race", "40k")
    assert [results(tracker, journal, race)["state"] for race in ("40k", "15k")] == ["final", "provisional"]
    assert orjson.loads(tracker("export", journal, "--format", "json").out)["results"] == "provisional"
    assert orjson.loads(tracker("export", journal, "--format", "json", "--race", "40k").out)["results"] == "final"
    fed(journal, tracker, desk("status", "dns-901", bib="901", status="dns"))
    finalised(tracker, journal)
    assert orjson.loads(tracker("export", journal, "--format", "json").out)["results"] == "final"


async def test_while_an_ingest_runs_it_goes_through_the_outbox_and_shows_on_the_live_topic(
    tmp_path: Path, way: Way, tracker: Tracker
) -> None:
    with running(ENDED, tmp_path, *way.words) as ingest:
        await ingest.up()
        await says(ingest, way.url, *(one for one in ENDED.messages if one != LATE))
        refused = await finalise(ingest)
        assert (refused.code, refused.err.splitlines()[-1]) == (1, "40k is not final: 3 things to settle")
        await says(ingest, way.url, *SETTLED)
        assert (await finalise(ingest)).code == 0
        assert outbox_path(ingest.journal).read_bytes().count(b"/desk/final") == 1
        await live(way, "final")
        await says(ingest, way.url, BACK, LATE)
        await live(way, "provisional")
        found = await asyncio.to_thread(results, tracker, ingest.journal)
        assert [one["bib"] for one in found["changes"]][:2] == ["3", "4"]
        assert (await finalise(ingest)).code == 0
        await live(way, "final")
        assert ingest.stop() == 0


async def says(ingest: Running, url: str, *messages: Message) -> None:
    """Publish messages, and wait until they are in the journal."""
    stop = asyncio.Event()
    sender = Sender(Broker.parse(url), f"teller-{len(messages)}-{messages[0][0][-4:]}")
    for no, message in enumerate(messages):
        sender.add(no, *message)
    async with await Journal.open(ingest.journal) as journal:
        before, _ = await journal.counts()
        sending = asyncio.create_task(sender.run(stop))
        await holds(journal, before + len(messages))
    sending.cancel()
    await asyncio.wait({sending})


async def finalise(ingest: Running) -> Said:
    """The command as a process of its own."""
    words = [sys.executable, "-m", "tracker", "finalise", str(ingest.journal), *WHO]
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    return Said(done.returncode, done.stdout, done.stderr)


async def live(way: Way, state: str) -> None:
    """Wait until the live topic of the standings says so."""

    async def is_told() -> bool:
        found = await asyncio.to_thread(told, way.port, 4)
        return "40k/standings" in found and found["40k/standings"].said["results"]["state"] == state

    await until(is_told, f"the results are {state} on the live topic")


async def test_two_trackers_and_a_merge_agree(tmp_path: Path, mosquitto: Mosquitto, tracker: Tracker) -> None:
    (tmp_path / "second").mkdir()
    url = mosquitto.url
    with running(ENDED, tmp_path, "--broker", url) as first, running(ENDED, tmp_path / "second", "--broker", url) as second:
        await first.up()
        await second.up()
        both = [first.journal, second.journal]
        await says(first, url, *(one for one in ENDED.messages if one != LATE), *SETTLED)
        count = len(ENDED.messages) - 1 + len(SETTLED)
        async with await Journal.open(second.journal) as other:
            await holds(other, count)
            assert (await finalise(first)).code == 0
            await holds(other, count + 1)
            states = [await asyncio.to_thread(results, tracker, path) for path in both]
            assert states[0] == states[1]
            assert states[0]["state"] == "final"
            second.kill()
            await says(first, url, BACK, LATE)
            assert (first.stop(), await asyncio.to_thread(results, tracker, second.journal)) == (0, states[1])
    assert (await asyncio.to_thread(tracker, "merge", *reversed(both))).code == 0
    one, other_ = [await asyncio.to_thread(results, tracker, path) for path in both]
    assert one == other_
    assert (one["state"], [turn["bib"] for turn in one["changes"]][:2]) == ("provisional", ["3", "4"])


async def test_while_the_broker_is_away_it_is_kept_and_said_to_wait_and_counts_once_it_is_back(
    tmp_path: Path, mosquitto: Mosquitto, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(ENDED, tmp_path, "--broker", mosquitto.url) as ingest:
        await ingest.up()
        await says(ingest, mosquitto.url, *ENDED.messages, *SETTLED, BACK)
        mosquitto.stop()
        monkeypatch.setattr(finalise_, "_PATIENCE_S", 0.5)
        said = await asyncio.to_thread(tracker, "finalise", ingest.journal, *WHO)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith(f"tracker: {ingest.journal}: said, and not in the journal yet (")
        again = await asyncio.to_thread(tracker, "finalise", ingest.journal, *WHO)
        assert again.err == "1 decision of the desk not in the journal yet; wait, or run the tracker until they are\n"
        mosquitto.start()
        async with office(ingest.journal) as desk:
            await until(lambda: not desk.pending, "what waited has arrived")
        assert (await asyncio.to_thread(results, tracker, ingest.journal))["state"] == "final"
        assert ingest.stop() == 0


def test_what_waits_in_the_outbox_stands_in_the_way(ended: Path, tracker: Tracker) -> None:
    fed(ended, tracker, *SETTLED)
    write_lines(outbox_path(ended), [desk("penalty", "p-1", bib="1", seconds=60)])
    said = tracker("finalise", ended, *WHO)
    assert said.code == 1
    assert said.err == "1 decision of the desk not in the journal yet; wait, or run the tracker until they are\n"


def test_results_that_this_journal_never_held_are_said_to_be_so(ended: Path, tracker: Tracker) -> None:
    fed(ended, tracker, *SETTLED, desk("final", "f-1", race="40k", results="0f" * 32))
    found = results(tracker, ended)
    assert (found["state"], found["changes"]) == ("provisional", None)
    assert "  what was declared is not what this journal held by then: the tracker where it was said can list what changed" in (
        tracker("status", ended).out.splitlines()
    )


def test_an_older_tracker_keeps_the_word_in_quarantine_and_its_digest_is_as_it_was(
    ended: Path, tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = desk("final", "f-1", race="40k", results="0f" * 32)
    digest = orjson.loads(tracker("status", ended, "--json").out)["digest"]
    monkeypatch.delitem(DESK_KINDS, "final")
    assert tracker("feed", ended, write_lines(tmp_path / "new.jsonl", [word])).code == 1
    found = orjson.loads(tracker("status", ended, "--json").out)
    assert (found["quarantined"], found["digest"]) == (1, digest)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--author", " ", "--reason", "ok"], "tracker: --author: is blank; write who declares the results final, and why"),
        (["--author", "R. Jury", "--reason", "\u202e"], "tracker: --reason: is blank; write who declares the results final, and why"),
        ([*WHO, "--race", "100k"], "tracker: {}: has no race '100k'; it has 40k"),
        ([*WHO, "--password-file", "nowhere"], "tracker: nowhere: cannot be read (No such file or directory); check the name"),
    ],
)
def test_wrong_words_are_one_clear_line(words: list[str], said: str, ended: Path, tracker: Tracker) -> None:
    found = tracker("finalise", ended, *words)
    assert (found.code, found.out, found.err) == (1, "", f"{said.format(ended)}\n")


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path, tracker: Tracker) -> None:
    said = tracker("finalise", tmp_path / "none.db", *WHO)
    assert (said.code, said.err) == (
        1,
        f"tracker: {tmp_path / 'none.db'}: there is no such file; tracker run or tracker feed makes a journal\n",
    )
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"race": "40k"}, 'final message: field "results" is missing'),
        ({"race": "40k", "results": "0F" * 32}, 'final message: field "results": '),
        ({"race": "", "results": "0f" * 32}, 'final message: field "race": '),
    ],
)
def test_a_word_that_is_none_goes_to_quarantine_with_why(
    fields: dict[str, str], reason: str, ended: Path, tmp_path: Path, tracker: Tracker
) -> None:
    said = tracker("feed", ended, write_lines(tmp_path / "bad.jsonl", [desk("final", "f-1", **fields)]))
    assert said.code == 1
    assert reason in said.err
