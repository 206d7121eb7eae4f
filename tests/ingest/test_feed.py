"""Messages from a file: what is a fact goes in once, what is none goes to quarantine with a reason that says what to correct."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.conftest import AFTERWARDS, Message, Said, Tracker, digest, passage, race_day, write_lines
from tracker.journal import Journal, QuarantineRow

DAY = race_day(20)
COL = "tracker/hill/col/passage"


class Feeding:
    """A journal of the hill race, and a messages file beside it."""

    def __init__(self, folder: Path, tracker: Tracker) -> None:
        self.journal, self.lines = folder / "race.db", folder / "messages.jsonl"
        self._files, self._tracker = DAY.files(folder), tracker

    def feed(self, content: list[Message] | bytes) -> Said:
        """Write the file anew, and feed it."""
        if isinstance(content, bytes):
            self.lines.write_bytes(content)
        else:
            write_lines(self.lines, content)
        return self.again()

    def again(self) -> Said:
        """Feed the same file."""
        return self._tracker("feed", self.journal, self.lines, *self._files)

    def digest(self) -> str:
        return digest(self._tracker, self.journal)

    def quarantine(self) -> list[QuarantineRow]:
        async def read() -> list[QuarantineRow]:
            async with await Journal.open(self.journal) as journal:
                return await journal.quarantined(most=10_000)

        return asyncio.run(read())


@pytest.fixture
def feeding(tmp_path: Path, tracker: Tracker) -> Feeding:
    return Feeding(tmp_path, tracker)


def test_feeding_a_file_twice_adds_nothing(feeding: Feeding) -> None:
    said = feeding.feed(DAY.messages)
    assert said == Said(0, f"{len(DAY.messages)} messages: {len(DAY.messages)} new facts, 0 known already, 0 in quarantine\n", "")
    before = feeding.digest()
    assert feeding.again() == Said(
        0, f"{len(DAY.messages)} messages: 0 new facts, {len(DAY.messages)} known already, 0 in quarantine\n", ""
    )
    assert feeding.digest() == before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_messages_in_any_order_and_three_times_over_make_the_same_race(tmp_path: Path, tracker: Tracker, seed: int) -> None:
    for name in ("in order", "shuffled"):
        (tmp_path / name).mkdir()
    in_order, shuffled = (Feeding(tmp_path / name, tracker) for name in ("in order", "shuffled"))
    in_order.feed(DAY.messages)
    messages = DAY.messages * 3
    random.Random(seed).shuffle(messages)
    count = len(DAY.messages)
    said = shuffled.feed(messages)
    assert said.out == f"{3 * count} messages: {count} new facts, {2 * count} known already, 0 in quarantine\n"
    assert shuffled.digest() == in_order.digest()


def test_the_order_of_a_messages_keys_does_not_make_it_another_fact(feeding: Feeding) -> None:
    topic, payload = passage(device="col-1", seq=1)
    turned = orjson.dumps(dict(reversed(orjson.loads(payload).items())))
    assert turned != payload
    assert feeding.feed([(topic, payload), (topic, turned)]).out.startswith("2 messages: 1 new facts, 1 known already")


def test_the_same_id_with_another_content_is_a_second_fact(feeding: Feeding) -> None:
    said = feeding.feed([passage(), passage(bib="2")])
    assert said == Said(0, "2 messages: 2 new facts, 0 known already, 0 in quarantine\n", "")


def test_the_journal_goes_on_without_being_told_the_race_again(feeding: Feeding, tracker: Tracker) -> None:
    feeding.feed(DAY.messages[:50])
    write_lines(feeding.lines, DAY.messages)
    rest = len(DAY.messages) - 50
    said = tracker("feed", feeding.journal, feeding.lines)
    assert said == Said(0, f"{len(DAY.messages)} messages: {rest} new facts, 50 known already, 0 in quarantine\n", "")


def test_every_starter_is_accounted_for_after_the_race(feeding: Feeding, tracker: Tracker) -> None:
    feeding.feed(DAY.messages)
    state = orjson.loads(tracker("status", feeding.journal, "--json", "--at", AFTERWARDS).out)
    assert (state["facts"], state["quarantined"]) == (len(DAY.messages), 0)
    ledger = state["races"]["40k"]["ledger"]
    assert {status: count for status, count in ledger.items() if count} == {"finished": 18, "withdrawn": 2}


WHEN = "write 2022-06-25T03:00:00+02:00, or milliseconds since 1970"
WRONG: dict[str, tuple[Message, str]] = {
    "no id": (passage(id=None), 'passage message: field "id" is missing'),
    "no time": (passage(time=None), 'passage message: field "time" is missing'),
    "a number for a bib": (passage(bib=7), 'passage message: field "bib": expected str, got int'),
    "a way that is none": (passage(way="sideways"), "passage message: field \"way\": invalid enum value 'sideways'"),
    "a time for people": (passage(time="25/06/2022 08:00"), f"passage message: field \"time\" is '25/06/2022 08:00'; {WHEN}"),
    "a time without an offset": (
        passage(time="2022-06-25T08:00:00"),
        "passage message: field \"time\" is '2022-06-25T08:00:00', which has no offset; write 2022-06-25T03:00:00+02:00",
    ),
    "a time in another century": (
        passage(time=99_999_999_999_999),
        'passage message: field "time" is 99999999999999, which is not between the years 1970 and 2200; write milliseconds since 1970',
    ),
    "a kind that is none": (
        ("tracker/hill/col/pasage", passage()[1]),
        "topic 'tracker/hill/col/pasage' has the unknown kind 'pasage'; at col there can be passage, withdrawal, heartbeat",
    ),
    "another event": (
        ("tracker/mountain/col/passage", passage()[1]),
        "topic 'tracker/mountain/col/passage' is of event 'mountain'; this journal is of 'hill'",
    ),
    "another root": (("timing/hill/col/passage", passage()[1]), "topic 'timing/hill/col/passage' is not below 'tracker/'"),
    "no station": (("tracker/hill/passage", passage()[1]), "topic 'tracker/hill/passage' must read tracker/EVENT/STATION/KIND"),
    "text that is no UTF-8": (
        (COL, b'{"id":"a","bib":"\xff","time":1}'),
        "passage message is no JSON: str is not valid UTF-8: surrogates not allowed: line 1 column 1 (char 0)",
    ),
    "a bib of blanks": (passage(bib=" \u200b "), 'passage message: field "bib" is blank; a bib is text such as "0012" or "M7"'),
    "boxes in boxes": (
        (COL, b'{"id":"a","bib":"1","time":1,"box":' + b"[" * 300 + b"]" * 300 + b"}"),
        "passage message: too deeply nested: Recursion limit reached",
    ),
    "a sequence number out of range": (passage(seq=2**60), 'passage message: field "seq": expected int <= 9007199254740992'),
    "no object": ((COL, b'["bib",7]'), "passage message: Expected object, got array"),
    "a decision nobody signed": (
        ("tracker/hill/desk/status", orjson.dumps({"id": "a", "time": 1, "reason": "let through", "bib": "1", "status": "accepted"})),
        'status message: field "author" is missing',
    ),
}


@pytest.mark.parametrize(("message", "reason"), WRONG.values(), ids=WRONG)
def test_a_message_that_is_no_fact_goes_to_quarantine_with_what_to_correct(feeding: Feeding, message: Message, reason: str) -> None:
    said = feeding.feed([passage(), message])
    assert said == Said(1, "2 messages: 1 new facts, 0 known already, 1 in quarantine\n", f"{feeding.lines}: line 2: {reason}\n")
    assert [(row.topic, row.payload, row.reason) for row in feeding.quarantine()] == [(*message, reason)]


A_LINE = 'a line must read {"topic": "…", "payload": {…}}'
NO_MESSAGE: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"bib 7 at the col", "JSON is malformed: invalid character (byte 0)"),
    "half a line": (b'{"topic":"tracker/hill/col/pas', "Input data was truncated"),
    "no payload": (b'{"topic":"tracker/hill/col/passage"}', 'field "payload" is missing'),
    "a topic that is no text": (b'{"topic":7,"payload":{}}', 'field "topic": expected str, got int'),
    "a list": (b"[1,2]", "Expected object, got array"),
    "two on a line": (b'{"topic":"a","payload":{}} {}', "JSON is malformed: trailing characters (byte 28)"),
}


@pytest.mark.parametrize(("line", "reason"), NO_MESSAGE.values(), ids=NO_MESSAGE)
def test_a_line_that_is_no_message_is_kept_under_its_number_in_the_file(feeding: Feeding, line: bytes, reason: str) -> None:
    topic, payload = passage()
    said = feeding.feed(b'{"topic":"%s","payload":%s}\r\n\n%s\n' % (topic.encode(), payload, line))
    assert said == Said(1, "2 messages: 1 new facts, 0 known already, 1 in quarantine\n", f"{feeding.lines}: line 3: {reason}; {A_LINE}\n")
    assert [(row.topic, row.payload) for row in feeding.quarantine()] == [("messages.jsonl:3", line)]


def test_wrong_messages_that_are_fed_again_are_said_again_and_kept_once(feeding: Feeding) -> None:
    wrong = [message for message, _ in WRONG.values()]
    first = feeding.feed([*wrong, passage(), *wrong])
    assert first.out == f"{2 * len(wrong) + 1} messages: 1 new facts, 0 known already, {2 * len(wrong)} in quarantine\n"
    assert len(feeding.quarantine()) == len(wrong)
    again = feeding.again()
    assert (again.code, again.err) == (1, first.err)
    assert "0 new facts, 1 known already" in again.out
    assert len(feeding.quarantine()) == len(wrong)


def test_of_many_wrong_messages_the_first_twenty_are_said_in_the_order_of_the_file(feeding: Feeding) -> None:
    said = feeding.feed(b'no message\n{"topic":"tracker/hill/col/passage","payload":{}}\n' * 2_000)
    assert [line.split(": ")[1] for line in said.err.splitlines()[:-1]] == [f"line {n}" for n in range(1, 21)]
    assert said.err.splitlines()[-1] == f"{feeding.lines}: and 3980 more; all are kept in the journal's quarantine"
    assert len(feeding.quarantine()) == 2_000 + 1


def test_typed_at_a_prompt_a_wrong_message_is_said_in_one_line(feeding: Feeding) -> None:
    feeding.feed([passage(bib=7)])
    command = [sys.executable, "-m", "tracker", "feed", str(feeding.journal), str(feeding.lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == f'{feeding.lines}: line 1: passage message: field "bib": expected str, got int\n'
    assert done.returncode == 1


def test_what_cannot_be_fed_is_said_in_one_line(feeding: Feeding, tracker: Tracker, tmp_path: Path) -> None:
    feeding.feed([passage()])
    missing = tmp_path / "none.jsonl"
    said = tracker("feed", feeding.journal, missing)
    assert said == Said(1, "", f"tracker: {missing}: cannot be read (No such file or directory); check the name\n")
    said = tracker("feed", feeding.journal, feeding.lines, "--event", tmp_path / "hill.toml")
    assert said == Said(1, "", "tracker: --event and --roster go together: a journal is made from both\n")
    other = tmp_path / "other.db"
    said = tracker("feed", other, feeding.lines)
    assert said == Said(1, "", f"tracker: {other}: there is no such file; tracker run or tracker feed makes a journal\n")
