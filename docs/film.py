"""Films the dashboard as text: every screen of a simulated Andorra in a real terminal of 80 by 24, into the README. `python -m docs.film`.

The race's clock stands, so that the same program gives the same film; a test holds the README to it. Needs tmux, and Linux.
"""

import asyncio
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from docs.picture import MOMENT, journal_at
from docs.waiting import waits
from tracker.clock import RaceClock
from tracker.files.times import parse_moment

ROOT = Path(__file__).parents[1]
SIZE = (80, 24)
_PATIENCE_S = 30
_LOOK_S = 0.02
_LOOKS = 15
"""At so many, one after the other, the dashboard has nothing to do: longer than it waits for another key after an Esc."""
BLOCK = re.compile(r"(<!-- the film, made by python -m docs.film -->\n).*?(<!-- end of the film -->)", re.DOTALL)


class Shot(NamedTuple):
    """A screen: what it is, the keys (and words, with a space in them) that lead there from the one before, and a word that it shows."""

    title: str
    keys: tuple[str, ...]
    shows: str


SHOTS = (
    Shot(
        "Race (1): who is missing in any race, one race's standings, and below them its ledger, what to do first, and the stations",
        ("1",),
        "Last seen",
    ),
    Shot("Alerts (2): the oldest first, each with its evidence and what to do", ("2",), "to act on"),
    Shot("Stations (3): what is known of each, and below them one in full", ("3",), "Behind"),
    Shot(
        "Runner (4): every checkpoint, every read, what decided, and the pace beside the field's",
        ("1", "/", "84", "Enter", "Enter"),
        "because of",
    ),
    Shot("Ledger (5): who is where, and the proof that nobody is left out; p prints it", ("5",), "= 446 entries"),
    Shot("Log (6): what comes, as it comes, and the message under the cursor as it came", ("6", "Up"), "payload"),
    Shot("Replay ([ and ]): the race as it was known then, through the same screens", ("1", "{", "{"), "REPLAY Sat 10:00"),
    Shot("Act (a): what can be decided about whoever is looked at", ("Escape", "4", "a"), "Accounted for"),
    Shot("A decision is weighed before it is sent", ("q", "Dir. Ector", "Enter", "cut a switchback", "Enter"), "y SENDS"),
)


class Camera:
    """A terminal of its own, and what stands in it."""

    def __init__(self, socket: Path, command: list[str]) -> None:
        self._tmux = ["tmux", "-S", str(socket)]
        width, height = SIZE
        self._run("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), *command)
        self._pid = int(self._run("display-message", "-p", "#{pane_pid}"))

    def shoot(self, shot: Shot) -> str:
        """Press the keys, wait until the screen shows what it should and stands still, and return its text."""
        for key in shot.keys:
            self._run("send-keys", *(["-l"] if " " in key else []), key)
            self._rest()
        ends_s = time.monotonic() + _PATIENCE_S
        before = ""
        while time.monotonic() < ends_s:
            self._rest()
            text = self._run("capture-pane", "-p")
            if shot.shows in text and text == before:
                return "\n".join(line.rstrip() for line in text.rstrip("\n").splitlines())
            before = text
        raise SystemExit(f"{shot.title}: {shot.shows!r} did not come, or the screen did not come to rest:\n{before}")

    def end(self) -> None:
        """Close it."""
        self._run("kill-server")

    def _rest(self) -> None:
        quiet = 0
        while quiet < _LOOKS:
            time.sleep(_LOOK_S)
            quiet += waits(self._pid)

    def _run(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True).stdout


def film(folder: Path) -> dict[str, str]:
    """Every screen by its title."""
    path = folder / "race.db"
    journal = asyncio.run(journal_at(path, RaceClock(0, parse_moment(MOMENT, "Europe/Andorra"), 0)))
    camera = Camera(folder / "tmux", [sys.executable, "-m", "tracker", "watch", str(path)])
    try:
        return {shot.title: camera.shoot(shot) for shot in SHOTS}
    finally:
        camera.end()
        asyncio.run(journal.close())


def in_readme(shots: dict[str, str]) -> str:
    """The film as the README has it."""
    return "\n".join(f"<details><summary>{title}</summary>\n\n```text\n{text}\n```\n\n</details>\n" for title, text in shots.items())


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        told = in_readme(film(Path(made)))
    readme = ROOT / "README.md"
    readme.write_text(BLOCK.sub(lambda found: f"{found[1]}{told}{found[2]}", readme.read_text(encoding="utf-8")), encoding="utf-8")
