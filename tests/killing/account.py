"""The account of a race: what the scanners said and what they took for acknowledged, against what the journals hold."""

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import orjson

from tests.conftest import AFTERWARDS, RaceDay
from tracker.wire import WireError, message_of_line

Message = tuple[str, bytes]


class AccountError(Exception):
    """Something is not as it must be: what."""


class Totals(NamedTuple):
    """Of one race: facts said, how often one was acknowledged, the most that waited at once, and the digest that all share."""

    said: int
    most_owed: int
    digest: str


class Lines:
    """A file to which lines are added, read on from where it was left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def new(self) -> list[str]:
        """The lines that came since."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(end)
        return whole.decode().split("\n") if end else []


class Known:
    """What is on a journal's disk, read beside whoever writes it: numbers (device, seq) of facts, and how often each id."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        self.numbers: set[tuple[str, int]] = set()
        self.ids: Counter[str] = Counter()
        self.messages: Counter[Message] = Counter()
        self._last = 0

    def look(self) -> None:
        """Read what came since."""
        if not self.journal.exists():
            return
        db = sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True, timeout=30)
        try:
            rows = db.execute("SELECT no, topic, payload FROM fact WHERE no > ? ORDER BY no", (self._last,)).fetchall()
        finally:
            db.close()
        for no, topic, payload in rows:
            self._last = no
            if not topic.endswith("/heartbeat"):
                told = orjson.loads(payload)
                self.numbers.add((told["device"], told["seq"]))
                self.ids[told["id"]] += 1
                self.messages[topic, payload] += 1

    def quarantined(self) -> list[str]:
        """Why messages were put aside."""
        db = sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True, timeout=30)
        try:
            return [reason for (reason,) in db.execute("SELECT reason FROM quarantine")]
        finally:
            db.close()


class Account:
    """Kept during the race; `close` in the end. AccountError says what is not as it must be."""

    def __init__(self, folder: Path, journals: list[Path], scanners: list[Path]) -> None:
        self._folder = folder
        self._scanners = scanners
        self._said_lines = [Lines(one / "said") for one in scanners]
        self._acknowledged_lines = [Lines(one / "acknowledged") for one in scanners]
        self.known = [Known(journal) for journal in journals]
        self.said: set[str] = set()
        self.acknowledged: set[tuple[str, int]] = set()
        self.most_owed = 0

    def look(self) -> None:
        """At any moment: nothing counts as acknowledged that is on no tracker's disk."""
        for lines in self._acknowledged_lines:
            for line in lines.new():
                device, _, seq = line.rpartition(" ")
                self.acknowledged.add((device, int(seq)))
        for lines in self._said_lines:
            self.said.update(lines.new())
        for known in self.known:  # after the acknowledgements: what these name was on a disk before
            known.look()
        on_disk = set().union(*(known.numbers for known in self.known))
        if wrong := self.acknowledged - on_disk:
            raise AccountError(f"{len(wrong)} facts count as acknowledged and are on no disk: {sorted(wrong)[:5]}")
        self.most_owed = max(self.most_owed, len(self.said) - len(self.acknowledged))

    def close(self, day: RaceDay) -> Totals:
        """In the end: every fact that was said is in each journal once, nothing in quarantine, and all digests are equal."""
        self.look()
        outboxes = sorted(path for one in self._scanners for path in (*one.glob("*.outbox"), *one.glob("*.fresh")))
        whole = {line: message for path in outboxes for line in path.read_bytes().split(b"\n") if (message := _whole(line)) is not None}
        kept = Counter(whole.values())
        kept_ids = {orjson.loads(payload)["id"] for _, payload in kept}
        if lost := self.said - kept_ids:
            raise AccountError(f"{len(lost)} facts were said and are in no outbox")
        for known in self.known:
            if lost := self.said - set(known.ids):
                raise AccountError(f"{known.journal}: {len(lost)} facts lost of {len(self.said)}: {sorted(lost)[:5]}")
            if known.messages != kept:
                raise AccountError(f"{known.journal}: holds other messages than the outboxes, or one twice")
            if reasons := known.quarantined():
                raise AccountError(f"{known.journal}: {len(reasons)} in quarantine: {reasons[0]}")
        fed = self._folder / "fed.db"
        all_lines = self._folder / "all.jsonl"
        all_lines.write_bytes(b"".join(line + b"\n" for line in whole))
        command("feed", fed, all_lines, *day.files(self._folder))
        digests = {path.name: digest(path) for path in (fed, *(known.journal for known in self.known))}
        if len(set(digests.values())) > 1:
            raise AccountError(f"the digests differ: {digests}")
        return Totals(len(self.said), self.most_owed, digest=digests[fed.name])


def _whole(line: bytes) -> Message | None:
    """A line's message; None for one that was torn by a kill, and so never said."""
    try:
        return message_of_line(line)
    except WireError:
        return None


def command(*words: object) -> str:
    """What a command of the tracker prints. AccountError when it does not end well."""
    line = [sys.executable, "-m", "tracker", *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AccountError(f"tracker {words[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def digest(journal: Path) -> str:
    """The digest of the race after its end."""
    found: str = orjson.loads(command("status", journal, "--json", "--at", AFTERWARDS))["digest"]
    return found
