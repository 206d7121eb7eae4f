"""The README's film of every screen is what the program shows now, in a real terminal."""

import shutil
from pathlib import Path

import pytest

from docs.film import BLOCK, ROOT, SHOTS, film, in_readme


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_every_screen_in_the_readme_is_what_a_terminal_shows_now(tmp_path: Path) -> None:
    told = BLOCK.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert told is not None
    assert _titles(told[0]) == [shot.title for shot in SHOTS]
    now = in_readme(film(tmp_path))
    assert _without_footers(told[0]) == _without_footers(f"{told[1]}{now}{told[2]}"), "python -m docs.film makes it anew"


def _titles(text: str) -> list[str]:
    return [line.split("<summary>")[1].split("</summary>")[0] for line in text.splitlines() if "<summary>" in line]


def _without_footers(text: str) -> list[str]:
    """The footer is drawn by the library, whose next version may part its words otherwise."""
    lines = text.splitlines()
    return [line for line, after in zip(lines, [*lines[1:], ""], strict=True) if after != "```"]
